"""Whatever goes wrong, as contract.md has it: one sentence for people, one line of JSON for programs, one exit code."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Sequence

import click

from cli.output.terminal import printable, stderr
from states.errors import CoopError, Invalid, Refused
from states.language import _


def report(problem: BaseException, words: Sequence[str]) -> int:
    """Prints what went wrong on standard error; the exit code."""
    as_json, debug = "--json" in words, "--debug" in words
    if isinstance(problem, click.exceptions.Exit):
        return problem.exit_code
    if isinstance(problem, (click.Abort, KeyboardInterrupt)):
        stderr(_("Interrupted: nothing more was stored."))
        return 130
    if isinstance(problem, SystemExit):
        return problem.code if isinstance(problem.code, int) else 0
    if isinstance(problem, BrokenPipeError):
        sys.stderr.close()
        return 0
    if debug:
        traceback.print_exception(problem)
    if isinstance(problem, click.ClickException):
        return _usage(problem, as_json)
    if not isinstance(problem, CoopError):
        problem = _fault(problem)
    if as_json:
        stderr(json.dumps({"error": problem.document()}, ensure_ascii=False))
    else:
        tell(problem)
    return problem.exit


def tell(problem: CoopError) -> None:
    """The error, for people."""
    lines = [problem.message] if not isinstance(problem, Refused) else []
    if isinstance(problem, Refused):
        lines.append(_("Refused:"))
        for refusal in problem.refusals:
            lines += [f"  · {refusal.message}", f"    → {refusal.remedy}"]
    if isinstance(problem, Invalid):
        for field in problem.fields:
            place = ", ".join(_place(field.file, field.row, field.line))
            told = _("{field}: {message}", field=field.field, message=field.message)
            lines.append(f"  · {place + ' — ' if place else ''}{told}")
    if problem.hint:
        lines.append(f"  → {problem.hint}")
    stderr(printable("\n".join(lines)))


def _place(file: str | None, row: int | None, line: int | None) -> list[str]:
    found = [file] if file else []
    if row is not None:
        found.append(_("row {n}", n=row))
    if line is not None:
        found.append(_("line {n}", n=line))
    return found


def _usage(problem: click.ClickException, as_json: bool) -> int:
    code = 2 if isinstance(problem, click.UsageError) else problem.exit_code
    message = problem.format_message()
    if as_json:
        stderr(json.dumps({"error": {"code": "usage", "message": message, "exit": code}}, ensure_ascii=False))
        return code
    context = getattr(problem, "ctx", None)
    stderr(printable(message))
    if context is not None:
        stderr(_("See: {command} --help", command=context.command_path))
    return code


def _fault(problem: BaseException) -> CoopError:
    found = CoopError(_("A fault of the program: {kind}. Nothing was stored.", kind=type(problem).__name__))
    found.hint = _("Run the same command with --debug and send what it prints to whoever maintains it.")
    return found
