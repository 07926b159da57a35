"""`export`: the lab's data for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import json_option, print_json, with_session
from cli.output.terminal import document, echo, fill_out, printable, progress, write_out
from cli.session import Session
from states.errors import FieldError, Invalid, WrongUsage
from states.language import _, _n

if TYPE_CHECKING:
    from handlers.exchange.event_logs.ocel import Ocel
    from handlers.exchange.event_logs.xes import Xes
    from handlers.exchange.open_data import Gathered
    from states.declaration.model import Declaration


@click.group(help=_("The lab’s data for others: open data, event logs, calendars."))
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

    _for_a_file(out, as_json)
    with session.reader() as reader, progress(_("The log")) as advance:
        log = Xes(reader, whole=whole)
        if out is None:
            for piece in log.pieces(advance):
                document(piece)
            return
        write_out(out, log.pieces(advance))
        _finish("xes", out, log, as_json)


@export.command(
    help=_(
        "The same with its objects (OCEL 2.0): requests, meetings, activities, services, places. A file in .sqlite or "
        ".db is a database, any other is JSON."
    )
)
@_all
@_out
@click.option("--format", "form", type=click.Choice(("json", "sqlite")), help=_("Whatever the name of the file."))
@json_option
@with_session
def ocel(session: Session, whole: bool, out: Path | None, form: str | None, as_json: bool) -> None:
    from handlers.exchange.event_logs import ocel_json, ocel_sqlite
    from handlers.exchange.event_logs.ocel import Ocel

    form = form or ("sqlite" if out and out.suffix in (".sqlite", ".sqlite3", ".db") else "json")
    _for_a_file(out, as_json)
    if form == "sqlite" and out is None:
        raise WrongUsage(_("A database is a file: --out FILE."))
    with session.reader() as reader, progress(_("The log")) as advance:
        log = Ocel(reader, whole=whole)
        if out is None:
            for piece in ocel_json.pieces(log, advance):
                document(piece)
            return
        if form == "sqlite":
            fill_out(out, lambda file: ocel_sqlite.write(log, file, advance))
        else:
            write_out(out, ocel_json.pieces(log, advance))
        _finish(f"ocel-{form}", out, log, as_json)


@export.command(
    help=_(
        "The figures of the lab as open data, a line for each figure of each semester that has ended: what public "
        "reviews tell, few persons masked; they are kept as published."
    )
)
@click.argument("semesters", nargs=-1, metavar="[SEMESTER…]")
@_out
@click.option("--machine", is_flag=True, help=_("CSV for programs: a dot, ISO dates, figures not rounded."))
@click.option("--again", is_flag=True, help=_("Without what it would reveal with earlier public editions."))
@json_option
@with_session
def csv(
    session: Session, semesters: tuple[str, ...], out: Path | None, machine: bool, again: bool, as_json: bool
) -> None:
    from handlers.exchange.open_data import for_people, for_programs, gathered
    from workflow.reviews.book import ended, period_of
    from workflow.reviews.editions import publish_all

    _for_a_file(out, as_json)
    declaration = session.declaration
    with session.reader() as reader, progress(_("The figures")) as advance:
        asked = sorted({period_of(declaration, one) for one in semesters}, key=lambda period: period.first)
        found = gathered(reader, asked or ended(reader), advance, again=again)
    if not found.semesters:
        raise Invalid([FieldError("semesters", _("no semester has ended yet"))], _("Name one, for example 2026-S1."))
    content = (for_programs if machine else for_people)(declaration, found.figures)
    if found.going_out:
        publish_all(session.engine, session.actor, found.going_out)
    if out is None:
        document(content)
        return
    _deliver(out, content, found, declaration, as_json)


def _deliver(out: Path, content: bytes, found: Gathered, declaration: Declaration, as_json: bool) -> None:
    from handlers.exchange.event_logs.dictionary import beside
    from handlers.exchange.open_data import dictionary

    page, codes = beside(out), found.codes
    try:
        write_out(out, content)
        write_out(page, dictionary(declaration.lab.text, out.name, codes).encode())
    except WrongUsage as problem:
        said = _("These figures are kept as published: the same command writes them elsewhere, with another --out.")
        raise WrongUsage(problem.message, hint=said) from None
    masked = sum(one.masked for one in found.figures)
    if as_json:
        told = {"format": "csv", "out": str(out), "dictionary": str(page), "semesters": codes}
        print_json({**told, "figures": len(found.figures), "masked": masked})
        return
    for file in (out, page):
        echo(_("Written: {file}", file=printable(file)))
    counts = [", ".join(codes), _n("{n} figure", "{n} figures", len(found.figures))]
    if masked:
        counts.append(_n("{n} of them masked", "{n} of them masked", masked))
    echo(", ".join(counts) + ".")


def _for_a_file(out: Path | None, as_json: bool) -> None:
    """Refuses two documents on one output. Raises WrongUsage."""
    if as_json and out is None:
        raise WrongUsage(_("--json says what was written to a file: --out FILE."))


def _finish(form: str, out: Path, log: Xes | Ocel, as_json: bool) -> None:
    """Writes the dictionary of a log beside it, once it is written, and says what it holds."""
    from handlers.exchange.event_logs.dictionary import beside, dictionary

    page = beside(out)
    write_out(page, dictionary(log, form, out.name).encode())
    if as_json:
        print_json(
            {
                "format": form,
                "out": str(out),
                "dictionary": str(page),
                "cases": log.counted.cases,
                "events": log.counted.events,
                "left_out": log.counted.left_out,
                "head": log.head,
            }
        )
        return
    for file in (out, page):
        echo(_("Written: {file}", file=printable(file)))
    counts = [_n("{n} history", "{n} histories", log.counted.cases)]
    counts.append(_n("{n} event", "{n} events", log.counted.events))
    if log.counted.left_out:
        counts.append(_n("{n} corrected entry left out", "{n} corrected entries left out", log.counted.left_out))
    echo(", ".join(counts) + ".")
