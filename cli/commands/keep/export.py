"""`export`: the lab's data for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from cli.options import json_option, print_json, with_session
from cli.output.terminal import document, echo, printable, write_out
from cli.session import Session
from states.language import _, _n


@click.group(help=_("The lab’s data for other programs: calendars."))
def export() -> None:
    pass


@export.command(
    help=_("The meetings as a calendar to subscribe to: of the lab, of one person, or only when it is busy.")
)
@click.option("--staff", metavar="ID", help=_("Only the meetings this person is assigned to."))
@click.option("--busy", is_flag=True, help=_("Only when the shared places are taken: no name, no title, no reference."))
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="PATH", help=_("Write this file, all at once.")
)
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
