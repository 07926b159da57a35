"""`advance`: any event by its name; `apply`: many of them from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.failures import error_lines
from cli.input.events import command_of, typed
from cli.options import json_option, print_json, with_session
from cli.output.lines import tell_skipped
from cli.output.terminal import echo, printable, progress, stderr
from cli.session import Session
from states.language import _, _n

if TYPE_CHECKING:
    from handlers.batch import Outcome
    from states.declaration.model import Declaration


@click.command(
    help=_("Apply any event of the lifecycle by its name; “coop next REF” and “coop lifecycle show” list them.")
)
@click.argument("ref")
@click.argument("event")
@click.option("--set", "given", multiple=True, metavar="K=V", help=_("What the event takes (repeat for several)."))
@click.option("--note", "-n", help=_("A word for the history; some events require it."))
@click.option("--at", "when", metavar="TIME", help=_("When it happened; default: now."))
@click.option("--waive", multiple=True, metavar="RULE", help=_("Waive a rule, with a --note."))
@click.option("--on-behalf", is_flag=True, help=_("The requester said it; you record it."))
@click.option("--expect-seq", type=int, metavar="N", help=_("Only if the request is still at entry N."))
@click.option("--key", help=_("Makes it safe to repeat: the same key again changes nothing."))
@json_option
@with_session
def advance(session: Session, ref: str, event: str, given: tuple[str, ...], as_json: bool, **options: Any) -> None:
    from cli.commands.lead.applying import present
    from workflow.preconditions import find_event

    ref = session.ref(ref)
    declaration = session.lifecycle(ref)
    declared = find_event(declaration, event)
    command = command_of(session, ref, event, typed(declaration, declared, given), options)
    present(session, [session.engine.apply(command)], as_json)


@click.command("apply", help=_("Apply many events from a file of JSON lines, or “-”: each line is all or nothing."))
@click.argument("file", type=click.Path(allow_dash=True))
@click.option("--stop-on-error", is_flag=True, help=_("Stop at the first line that is not applied."))
@json_option
@with_session
def apply(session: Session, file: str, stop_on_error: bool, as_json: bool) -> int:
    from handlers.batch import apply_file

    with progress(_("Applying")) as advance_bar:
        found = apply_file(
            session.engine, file, session.actor, whole=session.ref, stop_on_error=stop_on_error, advance=advance_bar
        )
    if touched := [result.ref for result in found.results if result.ref and not result.error]:
        session.touch(touched[-1])
    if found.problem and not found.results:
        raise found.problem
    if as_json:
        print_json(found.document())
    else:
        _tell(found, session.declaration)
    if found.problem:
        raise found.problem
    return found.exit


def _tell(found: Outcome, declaration: Declaration) -> None:
    """Each line that was not applied, or not as it was given, then the counts."""
    for result in found.results:
        for notice in result.notices:
            stderr(printable(_("line {n}: {problem}", n=result.line, problem=notice)))
        if result.error:
            first, *others = error_lines(result.error)
            stderr(printable("\n".join([_("line {n}: {problem}", n=result.line, problem=first), *others])))
        if result.skipped:
            tell_skipped(result.skipped, declaration)
    counts = [_n("{n} applied", "{n} applied", found.applied)]
    for n, text in (
        (found.replayed, _n("{n} already done", "{n} already done", found.replayed)),
        (found.refused, _n("{n} refused", "{n} refused", found.refused)),
        (found.invalid, _n("{n} invalid", "{n} invalid", found.invalid)),
    ):
        if n:
            counts.append(text)
    echo(", ".join(counts) + ".")
