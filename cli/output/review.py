"""The review in a terminal: page one, the entries behind a figure, what has changed since a seal."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from cli.output.layout import in_column
from cli.output.terminal import echo, heading, printable, table, width
from handlers.review.cells import Telling
from handlers.review.contents import dates, evidence, notice
from handlers.review.front import HEADLINES, front
from handlers.review.pack import Cell
from handlers.review.text import written
from handlers.review.words import event_name, figure_kind, figure_name, list_name
from states.declaration.model import Declaration
from states.declaration.types import local
from states.language import _, _n, long_time, short_time
from states.lifecycle.effects import Ratify, effect_of
from states.requests.entry import Entry
from states.review.figures import Figure
from workflow.reviews.book import Change, Sealed, unlike


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
    rows = [
        [h.label, f"{written(h.cell)} {h.difference}".strip(), _of(told.figures[name]), _short(h.cell.evidence)]
        for h, (name, _kind) in zip(page.headlines, HEADLINES, strict=True)
    ]
    table([_("Figure"), page.headings[0], _("Rests on"), _("To follow it")], rows)
    echo()
    echo(_("What is behind a figure: coop review explain {semester} …", semester=code))
    echo(_("For the committee: coop review {semester} --format html", semester=code))


def _of(figure: Figure) -> str:
    """On how many of how many a figure rests."""
    return "" if figure.coverage is None else _("{n} of {all}", n=figure.coverage[0], all=figure.coverage[1])


def _short(name: str | None) -> str:
    """The name to type: what indicators and the flow are called needs no group."""
    return (name or "").removeprefix("indicators.").removeprefix("flow.")


def items_screen(told: Telling, name: str) -> None:
    """The entries behind a figure, by its full name, in the words of the pack."""
    listed = evidence(told, name, told.figures[name])
    value = written(Cell(told.figures[name].value, figure_kind(name)))
    heading(_("{figure}: {value}", figure=listed.title, value=value))
    if listed.table.rows:
        # The title says which request it is: with its service too, a line would not fit a usual screen.
        kept = [n for n, name in enumerate(listed.table.columns) if name != _("Service")]
        rows = [[printable(written(row[n])) for n in kept] for row in listed.table.rows]
        table([listed.table.columns[n] for n in kept], rows)
    else:
        echo(_("No entry is behind it."))


def sealed_screen(declaration: Declaration, seal: Sealed, changed: Sequence[Change], why: Sequence[Entry]) -> None:
    """A seal; the figures that are others now; the entries that made them so."""
    zone = declaration.lab.tz
    moment = long_time(local(seal.known_at, zone))
    heading(_("Governance review {semester}, sealed on {moment}", semester=seal.semester, moment=moment))
    echo(_("Digest: {digest}", digest=seal.digest))
    echo(_("Head: {head}", head=seal.head))
    echo()
    if not changed and not why:
        echo(_("Nothing has changed since."))
        return
    if changed:
        table([_("Figure"), _("Sealed"), _("Now")], [_changed(declaration, change) for change in changed])
    else:
        echo(_("No figure has changed since."))
    echo()
    if not why:
        echo(_("Nothing was recorded since that tells of this semester: only time has passed."))
        return
    echo(_recorded_since(declaration, why))
    rows = []
    for entry in why:
        moments = (short_time(local(at, zone)) for at in (entry.occurred_at, entry.recorded_at))
        rows.append([entry.stream, str(entry.seq), event_name(declaration, entry.stream, entry.event), *moments])
    table([_("Request"), _("Entry"), _("Event"), _("Occurred"), _("Recorded")], rows)


def _recorded_since(declaration: Declaration, why: Sequence[Entry]) -> str:
    """How much was recorded, by its name where all of it is the committee's."""
    decisions = [entry for entry in why if _is_decision(declaration, entry)]
    if len(decisions) == len(why):
        return _n("{n} decision recorded since:", "{n} decisions recorded since:", len(why))
    return _n("{n} entry recorded since:", "{n} entries recorded since:", len(why))


def _is_decision(declaration: Declaration, entry: Entry) -> bool:
    event = declaration.of(entry.stream).events.get(entry.event)
    return event is not None and isinstance(effect_of(event), Ratify)


def _changed(declaration: Declaration, change: Change) -> list[str]:
    """A row: what changed, as it was sealed, as it is now; of a list, only what is not in both."""
    name = change.name.removeprefix("previous.")
    if isinstance(change.sealed, list) or isinstance(change.now, list):
        gone, come = unlike(change.sealed or [], change.now or [])
        return [list_name(name), _listed(gone), _listed(come)]
    try:
        title = figure_name(declaration, name)
    except KeyError:  # of another version of the program
        title = name
    if change.name != name:
        title = _("{figure}, semester before", figure=title)
    return [title, *(_value(name, value) for value in (change.sealed, change.now))]


def _listed(found: Sequence[Any]) -> str:
    return ", ".join(str(v.get("ref", v.get("rule"))) if isinstance(v, dict) else str(v) for v in found) or "—"


def _value(name: str, value: Any) -> str:
    """A figure of the document in words; anything else as it stands."""
    if value is None or isinstance(value, int | float):
        return written(Cell(None if value is None else Fraction(value), figure_kind(name)))
    return "…" if isinstance(value, dict) else str(value)
