"""The review in a terminal: page one, the entries behind a figure, what has changed since a seal; and in a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from cli.output.layout import in_column
from cli.output.terminal import echo, heading, printable, table, width
from handlers.review.cells import Telling
from handlers.review.contents import dates, notice
from handlers.review.evidence import of_figure
from handlers.review.front import front
from handlers.review.pack import Cell, Pack, Table
from handlers.review.since import Since, cannot_be_printed, entries_table, figures_table, rows_table
from handlers.review.text import written
from handlers.review.words import figure_kind
from states.causes import cause
from states.declaration.model import Declaration
from states.declaration.types import local
from states.errors import FieldError, Invalid
from states.language import _, _n, long_time
from states.lifecycle.effects import Ratify, effect_of
from states.requests.entry import Entry
from states.review.figures import Figure
from workflow.reviews.book import Sealed

LABEL = 31  # columns of the name of a figure: beside its value and what to type, it fits a usual screen


def page_one(told: Telling) -> None:
    """What a committee reads in a minute, and how to follow each figure."""
    page, code = front(told), told.review.period.code
    heading(_("Governance review {semester}", semester=code))
    echo("\n".join(in_column(dates(told), min(width(), 80))))
    echo()
    for paragraph in (*(notice() if told.public else ()), *page.reading, *page.standing):
        echo("\n".join(in_column(printable(paragraph), min(width(), 80))))
    echo()
    for request, title, *rest, needs in ([printable(written(cell)) for cell in row] for row in page.asked.rows):
        said = _("{project} ({about}): {needs}", project=title, about=", ".join(rest), needs=needs)
        echo("\n           ".join(in_column(f"{request}  {said}", min(width(), 80) - 11)))
    if page.asked.rows:
        echo()
    rows = []
    for headline in page.headlines:
        label, *more = in_column(headline.label, LABEL)
        value = f"{written(headline.cell)} {headline.difference}".strip()
        followed = "" if told.public else _short(headline.name, told.figures[headline.name])
        rows.append([label, value, _of(told.figures[headline.name]), followed])
        rows += [[line, "", "", ""] for line in more]
    table([_("Figure"), page.headings[0], _("Rests on"), _("To follow it")], rows)
    echo()
    echo(_("What is behind a figure: coop review explain {semester} …", semester=code))
    echo(_("For the committee: coop review {semester} --format html", semester=code))


def _of(figure: Figure) -> str:
    """On how many of how many a figure rests."""
    return "" if figure.coverage is None else _("{n} of {all}", n=figure.coverage[0], all=figure.coverage[1])


def _short(name: str, figure: Figure) -> str:
    """The name to type where there is something to follow: what indicators and the flow are called needs no group."""
    return name.removeprefix("indicators.").removeprefix("flow.") if figure.items else ""


def items_screen(told: Telling, name: str, figure: Figure) -> None:
    """The entries behind a figure, a group of them or a list, by its full name, in the words of the pack."""
    listed = of_figure(told, name, figure)
    if isinstance(figure.value, dict):
        heading(listed.title)
    else:
        value = written(Cell(figure.value, figure_kind(name)))
        heading(_("{figure}: {value}", figure=listed.title, value=value))
    if listed.table.rows:
        # The title says which request it is: with its service too, a line would not fit a usual screen.
        kept = [n for n, name in enumerate(listed.table.columns) if name != _("Service")]
        rows = [[printable(written(row[n])) for n in kept] for row in listed.table.rows]
        table([listed.table.columns[n] for n in kept], rows)
    else:
        echo(_("No entry is behind it."))


def sealed_screen(declaration: Declaration, since: Since) -> None:
    """A seal; the figures and the rows that are others now; the entries that made them so."""
    seal = since.seal
    moment = long_time(local(seal.known_at, declaration.lab.tz))
    heading(_("Governance review {semester}, sealed on {moment}", semester=seal.semester, moment=moment))
    echo(_("Digest: {digest}", digest=seal.digest))
    echo(_("Head: {head}", head=seal.head))
    if seal.joins:
        echo(joined(declaration, seal))
    echo()
    if since.rows is None:
        echo(str(cannot_be_printed(seal)))
        echo()
    if since.nothing:
        echo(_("Nothing has changed since."))
        return
    if since.figures:
        _printed(figures_table(declaration, since.figures))
    else:
        echo(_("No figure has changed since."))
    if since.rows:
        echo()
        _printed(rows_table(since.rows))
    echo()
    if not since.entries:
        echo(_("Nothing was recorded since that tells of this semester: only time has passed."))
        return
    echo(_recorded_since(declaration, since.entries))
    _printed(entries_table(declaration, since.entries))


def joined(declaration: Declaration, seal: Sealed) -> str:
    """Which seal another one joins."""
    assert seal.joins is not None
    moment = long_time(local(seal.joins.known_at, declaration.lab.tz))
    return _("It joins the seal of {moment}, digest {digest}.", moment=moment, digest=seal.joins.digest)


def _printed(shown: Table) -> None:
    table(shown.columns, [[printable(written(cell)) for cell in row] for row in shown.rows])


def _recorded_since(declaration: Declaration, why: Sequence[Entry]) -> str:
    """How much was recorded, by its name where all of it is the committee's."""
    decisions = [entry for entry in why if _is_decision(declaration, entry)]
    if len(decisions) == len(why):
        return _n("{n} decision recorded since:", "{n} decisions recorded since:", len(why))
    return _n("{n} entry recorded since:", "{n} entries recorded since:", len(why))


def _is_decision(declaration: Declaration, entry: Entry) -> bool:
    event = declaration.of(entry.stream).events.get(entry.event)
    return event is not None and isinstance(effect_of(event), Ratify)


# --- Files ---


def rendered(told: Pack, form: str, moment: datetime, css: str | None, machine: bool) -> Iterable[bytes]:
    """The pack in a format; `moment` (the one it is known at) dates files that bear a date."""
    if form == "html":
        from handlers.review.formats.html import html_in_pieces

        return map(str.encode, html_in_pieces(told, _style(css)))
    if form == "pdf":
        from handlers.review.formats.pdf import pdf

        return (pdf(told, moment),)
    if form == "ods":
        from handlers.review.formats.ods import ods

        return (ods(told, moment),)
    from handlers.review.formats.csv import csv_in_pieces

    return csv_in_pieces(told, machine)


def _style(css: str | None) -> str | None:
    try:
        return Path(css).read_text("utf-8") if css else None
    except (OSError, UnicodeDecodeError) as problem:
        message = _("{file} cannot be read: {reason}.", file=css, reason=cause(problem))
        raise Invalid([FieldError("css", message)], message) from None
