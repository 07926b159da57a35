"""The review in a terminal: page one, the entries behind a figure, what has changed since a seal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from cli.output.layout import in_column
from cli.output.terminal import echo, heading, printable, table, width
from handlers.review.cells import Telling
from handlers.review.chapters.summary import summary
from handlers.review.contents import evidence
from handlers.review.pack import Cell
from handlers.review.text import written
from handlers.review.words import event_name, figure_kind, figure_name, list_name
from states.declaration.model import Declaration
from states.declaration.types import local
from states.language import _, _n, long_date, long_time, short_time
from states.lifecycle.effects import Ratify, effect_of
from states.requests.entry import Entry
from states.review.document import Review
from workflow.reviews.book import Change, Sealed, unlike


def page_one(found: Review, content: Mapping[str, Any], *, public: bool) -> None:
    """Each figure, the semester before, and how to follow it."""
    chapter = summary(_telling(found, public=public))
    code = found.period.code
    heading(_("Governance review {semester}", semester=code))
    echo(_("From {first} to {last}", first=long_date(found.period.first), last=long_date(found.period.last)))
    echo()
    for paragraph in chapter.paragraphs:
        echo("\n".join(in_column(printable(paragraph), min(width(), 80))))
    echo()
    rows = [[h.label, written(h.cell), written(h.previous), _short(h.cell.evidence)] for h in chapter.headlines]
    table([_("Figure"), _("This semester"), _("Before"), _("To follow it")], rows)
    if refs := content["to_validate"]:
        echo(_("To validate: {refs}", refs=", ".join(refs)))
    if refs := content["to_ratify"]:
        echo(_("To ratify: {refs}", refs=", ".join(refs)))
    echo()
    echo(_("What is behind a figure: coop review explain {semester} …", semester=code))
    echo(_("For the committee: coop review {semester} --format html", semester=code))


def _telling(found: Review, *, public: bool = False) -> Telling:
    """Told without the texts of the vault: neither page one nor the entries behind a figure quote any."""
    return Telling.of(found, lambda _ref, _seq, _field: None, public=public)


def _short(name: str | None) -> str:
    """The name to type: what indicators and the flow are called needs no group."""
    return (name or "").removeprefix("indicators.").removeprefix("flow.")


def items_screen(found: Review, name: str) -> None:
    """The entries behind a figure, by its full name, in the words of the pack."""
    told = _telling(found)
    listed = evidence(told, name, told.figures[name])
    value = written(Cell(told.figures[name].value, figure_kind(name)))
    heading(_("{figure}: {value}", figure=listed.title, value=value))
    if listed.table.rows:
        table(list(listed.table.columns), [[printable(written(cell)) for cell in row] for row in listed.table.rows])
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
