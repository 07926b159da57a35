"""`export`: the lab's data for other programs."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click

from cli.options import json_option, print_json, with_session
from cli.output.terminal import document, echo, printable
from cli.session import Session
from states.causes import cause
from states.errors import WrongUsage
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
        _replace(out, content)
    if as_json:
        print_json({"events": count, "out": str(out) if out else None})
    elif out is not None:
        echo(_n("{n} event written to {path}.", "{n} events written to {path}.", count, path=printable(out)))
    else:
        document(content)


def _replace(path: Path, content: bytes) -> None:
    """Writes the whole file beside the old one, then in its place: a subscriber never reads half of it."""
    try:
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".export-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(beside, path.stat().st_mode & 0o777 if path.exists() else 0o640)
            os.replace(beside, path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise WrongUsage(
            _("{path} cannot be written: {problem}.", path=printable(path), problem=cause(problem))
        ) from None
