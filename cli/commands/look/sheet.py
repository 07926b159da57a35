"""`sheet`: a request on two pages, or the attendance sheet of one of its meetings, to print or to keep."""

from __future__ import annotations

from pathlib import Path

import click

from cli.options import json_option, print_json, with_session
from cli.output.terminal import document, echo, printable, write_out
from cli.session import Session
from states.declaration.types import local
from states.language import _


@click.command(help=_("A request on two pages; of REF/session-1, the attendance sheet: A4, to print or to keep."))
@click.argument("ref", metavar="REF[/MEETING]")
@click.option(
    "--format", "form", type=click.Choice(["pdf", "html"]), default="pdf", show_default=True, help=_("What to write.")
)
@click.option("--out", metavar="PATH", help=_("Where to write it; - is the standard output."))
@json_option
@with_session
def sheet(session: Session, ref: str, form: str, out: str | None, as_json: bool) -> None:
    from handlers.documents import sheet as sheets
    from handlers.documents.attendance import attendance
    from handlers.documents.dossier import dossier

    ref, meeting = session.ref_and_meeting(ref)
    with session.reader() as reader:
        found = attendance(reader, ref, meeting) if meeting else dossier(reader, ref)
        moment = local(reader.now, reader.declaration.lab.tz)
    written = sheets.html(found).encode() if form == "html" else sheets.pdf(found, moment)
    name = f"{ref}-{meeting}" if meeting else ref
    if out == "-":
        document(written)
        return
    path = Path(out or f"sheet-{name}.{form}")
    write_out(path, written)
    if as_json:
        print_json({"ref": ref, "meeting_id": meeting, "format": form, "out": str(path)})
    else:
        echo(_("Written: {file}", file=printable(path)))
