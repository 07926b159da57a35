"""`export`: the lab's data for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import json_option, print_json, with_session
from cli.output.terminal import document, echo, printable, progress, write_out
from cli.session import Session
from states.language import _, _n

if TYPE_CHECKING:
    from handlers.exchange.event_logs.xes import Counted


@click.group(help=_("The lab’s data for other programs: event logs, calendars."))
def export() -> None:
    pass


_out = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="PATH", help=_("Write this file, all at once.")
)
_all = click.option("--all", "whole", is_flag=True, help=_("With the entries that were corrected, marked as such."))


@export.command(
    help=_("The meetings as a calendar to subscribe to: of the lab, of one person, or only when it is busy.")
)
@click.option("--staff", metavar="ID", help=_("Only the meetings this person is assigned to."))
@click.option("--busy", is_flag=True, help=_("Only when the shared places are taken: no name, no title, no reference."))
@_out
@json_option
@with_session
def ics(session: Session, staff: str | None, busy: bool, out: Path | None, as_json: bool) -> None:
    from handlers.calendars.export import calendar_of

    with session.reader() as reader:
        content, count = calendar_of(reader, staff=staff, busy=busy)
    if out is not None:
        write_out(out, content)
    if as_json:
        print_json({"events": count, "out": str(out) if out else None})
    elif out is not None:
        echo(_n("{n} event written to {path}.", "{n} events written to {path}.", count, path=printable(out)))
    else:
        document(content)


@export.command(help=_("What happened to each request, as an event log in XES (IEEE 1849): roles, no person, no text."))
@_all
@_out
@json_option
@with_session
def xes(session: Session, whole: bool, out: Path | None, as_json: bool) -> None:
    from handlers.exchange.event_logs.xes import Xes

    with session.reader() as reader, progress(_("The log")) as advance:
        log = Xes(reader, whole=whole)
        if out is None:
            for piece in log.pieces(advance):
                document(piece)
            return
        write_out(out, log.pieces(advance))
    told = {"cases": log.counted.cases, "events": log.counted.events, "left_out": log.counted.left_out}
    if as_json:
        print_json({"format": "xes", "out": str(out), **told, "head": log.head})
    else:
        echo(_("Written: {file}", file=printable(out)))
        echo(_counts(log.counted))


def _counts(counted: Counted) -> str:
    requests = _n("{n} request", "{n} requests", counted.cases)
    events = _n("{n} event", "{n} events", counted.events)
    return f"{requests}, {events}."
