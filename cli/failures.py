"""Whatever goes wrong, as contract.md has it: one sentence for people, one line of JSON for programs, one exit code."""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from cli.output.terminal import echo, failed_to_print, printable, stderr
from states.causes import cause, quoted
from states.errors import CoopError, FieldError, Unprintable
from states.language import _

if TYPE_CHECKING:
    from workflow.store.database import Stored


def report(problem: BaseException, words: Sequence[str], stored: Stored | None = None) -> int:
    """Prints what went wrong on standard error, and what was stored all the same; the exit code."""
    as_json, debug = "--json" in words, "--debug" in words
    if isinstance(problem, click.exceptions.Exit):
        return problem.exit_code
    if isinstance(problem, click.exceptions.NoArgsIsHelpError):  # a group alone, which has nothing to list
        echo(problem.message)
        return 0
    if isinstance(problem, (click.Abort, EOFError, KeyboardInterrupt)):
        stderr(_("Interrupted: nothing more was stored."))
        if stored and stored.transactions:
            stderr(_("Stored all the same: {what}.", what=_what(stored)))
        return 130
    broken = problem if isinstance(problem, OSError) and failed_to_print(problem) else None
    if isinstance(broken, BrokenPipeError):
        return 0
    if isinstance(problem, SystemExit):
        return problem.code if isinstance(problem.code, int) else 0
    if debug:
        traceback.print_exception(problem)
    if broken is not None and stored and stored.transactions:
        return _unprinted(broken, stored, as_json)
    if isinstance(problem, click.ClickException):
        return _usage(problem, as_json)
    if not isinstance(problem, CoopError):
        problem = Unprintable(reason=cause(broken)) if broken is not None else _fault(problem, stored)
    if as_json:
        kept = {"stored": _document(stored)} if stored and stored.transactions else {}
        stderr(json.dumps({"error": problem.document() | kept}, ensure_ascii=False))
    else:
        tell(problem)
        if stored and stored.transactions:
            stderr(_("Stored all the same: {what}.", what=_what(stored)))
    return problem.exit


def _unprinted(broken: OSError, stored: Stored, as_json: bool) -> int:
    """What was done is done, though nobody was told: to say otherwise would have it done twice."""
    message = _("Stored ({what}), but not printed: {reason}.", what=_what(stored), reason=cause(broken))
    stderr(json.dumps({"stored": _document(stored), "message": message}, ensure_ascii=False) if as_json else message)
    return 0


def _document(stored: Stored) -> dict[str, object]:
    stream, seq = stored.last or (None, None)
    return {"entries": stored.entries, "ref": stream, "seq": seq}


def _what(stored: Stored) -> str:
    """What was stored, for people."""
    if stored.last is None:
        return _("a change that is no entry of the history")
    ref, seq = stored.last
    if stored.entries == 1:
        return _("{ref}, entry {seq}", ref=ref, seq=seq)
    return _("{n} entries, the last one {ref}, entry {seq}", n=stored.entries, ref=ref, seq=seq)


def tell(problem: CoopError) -> None:
    """The error, for people."""
    stderr(printable("\n".join(error_lines(problem.document()))))


def error_lines(error: Mapping[str, Any]) -> list[str]:
    """The `error` of contract.md, for people: what is wrong, each rule or field, and what would help."""
    lines = [_("Refused:") if "refusals" in error else error["message"]]
    for refusal in error.get("refusals", ()):
        lines += [f"  · {refusal['message']}", f"    → {refusal['remedy']}"]
    fields = [FieldError(**field) for field in error.get("fields", ())]
    lines += [f"  · {field_line(field)}" for field in fields if field.message != error["message"]]
    if "faster" in error:
        lines.append(f"  {error['faster']['message']}")
    if "hint" in error:
        lines.append(f"  → {error['hint']}")
    return lines


# Names of no field, for what is wrong with the whole of what was given.
WHOLE = ("file", "line", "declaration", "-")


def field_line(error: FieldError) -> str:
    """What is wrong with a field, after its place in a file."""
    place = [error.file] if error.file else []
    if error.row is not None:
        place.append(_("row {n}", n=error.row))
    if error.line is not None:
        place.append(_("line {n}", n=error.line))
    sentence = error.message
    if error.field not in WHOLE:
        sentence = _("{field}: {message}", field=error.field, message=error.message)
    return f"{', '.join(place) + ' — ' if place else ''}{sentence}"


def _usage(problem: click.ClickException, as_json: bool) -> int:
    code = 2 if isinstance(problem, click.UsageError) else problem.exit_code
    message = re.sub(r"\s*\n\t\s*", " ", problem.format_message())  # click lists choices one a line
    message = re.sub(r"'\{([^']*)\}'", lambda found: found[1].replace("|", ", "), message)
    message = re.sub(r"(\S+)<=x<=(\S+)", lambda found: _("from {low} to {high}", low=found[1], high=found[2]), message)
    message = re.sub(r"'([^']+)'", lambda found: quoted(found[1], most=200), message)
    if as_json:
        stderr(json.dumps({"error": {"code": "usage", "message": message, "exit": code}}, ensure_ascii=False))
        return code
    context = getattr(problem, "ctx", None)
    stderr(printable(message))
    if context is not None:
        stderr(_("See: {command} --help", command=context.command_path))
    return code


def _fault(problem: BaseException, stored: Stored | None) -> CoopError:
    if stored and stored.transactions:
        found = CoopError(_("A fault of the program: {kind}.", kind=type(problem).__name__))
    else:
        found = CoopError(_("A fault of the program: {kind}. Nothing was stored.", kind=type(problem).__name__))
    found.hint = _("Run the same command with --debug and send what it prints to whoever maintains it.")
    return found
