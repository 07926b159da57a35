"""The review as a pack: its chapters in the committee's order, the entries behind each figure, the method."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any

from attrs import evolve, frozen

from handlers.review.cells import Telling, Texts, count, number, ref, table, words
from handlers.review.chapters.committee import committee
from handlers.review.chapters.demand import answers, demand
from handlers.review.chapters.means import means, risks
from handlers.review.chapters.projects import projects
from handlers.review.chapters.results import culture, deadlines, deliverables, satisfaction
from handlers.review.chapters.support import support
from handlers.review.front import front
from handlers.review.pack import Cell, Chapter, Evidence, Front, Listed, Pack, Table
from handlers.review.words import code_name, definitions, event_name, figure_name, rule_name, said_name
from states.declaration.types import local
from states.language import _, current, long_date, long_time, spoken
from states.references import LAB
from states.review.document import Review
from states.review.figures import Figure, Item
from states.review.publishing import Edition

CHAPTERS: tuple[Callable[[Telling], Chapter], ...] = (
    committee, demand, answers, support, culture, deliverables, satisfaction, deadlines, means, risks,
)  # fmt: skip


@frozen
class Provenance:
    """Where a review comes from: the version of the declaration in force, the head of the history, its own digest."""

    head: str
    digest: str


def pack(
    review: Review, provenance: Provenance, texts: Texts, orientations: Iterable[str] = (), *,
    edition: Edition | None = None, evidence: bool = True,
) -> Pack:  # fmt: skip
    """The pack in the language of the moment, with the entries behind its figures if `evidence`.

    `texts` gives what the vault still holds. A published one, as its `edition` says, reads none and lists no request.
    """
    told = Telling.of(review, texts, orientations, edition=edition, evidence=evidence)
    lab, period = told.declaration.lab, review.period
    page_one = front(told)
    chapters = _chapters(told) if told.scope.has_history else ()
    return Pack(
        language=current(),
        lab=lab.text,
        title=_("Governance review"),
        semester=period.code,
        period=dates(told),
        known_at=long_time(local(told.scope.sources.now, lab.tz)),
        digest=provenance.digest,
        front=page_one,
        chapters=(*chapters, _method(told, provenance)),
        evidence=tuple(_evidence(told, {code for code in _wanted(page_one, chapters) if code})),
        notice=notice() if told.public else (),
    )


def _wanted(page_one: Front, chapters: Iterable[Chapter]) -> Iterator[str | None]:
    """The evidence some cell points to."""
    yield from (headline.cell.evidence for headline in page_one.headlines)
    for chapter in chapters:
        for shown in (*chapter.tables, *(chart.table for chart in chapter.charts)):
            yield from (cell.evidence for row in shown.rows for cell in row)


def notice() -> tuple[str, ...]:
    """What a published edition says of itself, and what its marks mean."""
    return (
        _("Public edition: it tells nothing of a group of fewer than five persons, and lists no request."),
        _("“masked”: a number of persons that is too small, or that would give one away."),
        _("“no data”: nobody recorded it."),
    )


def _chapters(told: Telling) -> tuple[Chapter, ...]:
    if told.public:
        return tuple(_published(chapter(told)) for chapter in CHAPTERS)
    return tuple(chapter(told) for chapter in (projects, *CHAPTERS))


def _published(chapter: Chapter) -> Chapter:
    """A chapter without its lists of requests: a row of them is somebody."""
    return evolve(chapter, tables=tuple(one for one in chapter.tables if _("Request") not in one.columns))


def dates(told: Telling) -> str:
    """The days of the period in full, and how far it is counted if it runs."""
    period = told.review.period
    days = _("From {first} to {last}", first=long_date(period.first), last=long_date(period.last))
    if not told.scope.running:
        return days
    moment = long_time(local(told.scope.sources.now, told.declaration.lab.tz))
    return _("{days}: the semester is running, counted up to {moment}", days=days, moment=moment)


def _method(told: Telling, provenance: Provenance) -> Chapter:
    """How all of it was counted, and how to do it again."""
    lab, code = told.declaration.lab, told.review.period.code
    known_at = local(told.scope.sources.now, lab.tz).isoformat()
    again = f"coop review {code} --known-at {known_at}{' --public' if told.public else ''}"
    facts = [
        (_("Period"), dates(told)),
        (_("As known on"), long_time(local(told.scope.sources.now, lab.tz))),
        (_("Declaration"), f"{lab.name} {lab.version}"),
        (_("Digest of the declaration"), told.declaration.digest),
        (_("Head of the history"), provenance.head),
        (_("Digest of the figures"), provenance.digest),
        (_("To compute it again"), f"{again} --json"),
    ]
    if not told.public:
        facts.append((_("To follow a figure"), f"coop review explain {code} …"))
    return Chapter(
        "method",
        _("Method"),
        (_("Every figure is computed from the history alone; none was typed in."),),
        tables=(
            table(
                "provenance",
                _("Where it comes from"),
                (_("What"), _("Value")),
                ((words(a), words(b)) for a, b in facts),
            ),
            table(
                "definitions",
                _("How each figure is counted"),
                (_("Figure"), _("Definition")),
                ((words(a), words(b)) for a, b in definitions()),
            ),
        ),
    )


# --- Evidence ---


def _evidence(told: Telling, wanted: Container[str]) -> Iterator[Evidence]:
    """The entries behind each figure that points to them."""
    return (evidence(told, name, told.figures[name]) for name in told.figures if name in wanted)


def evidence(told: Telling, name: str, figure: Figure) -> Evidence:
    """The entries behind one figure."""
    title = figure_name(told.declaration, name.removesuffix(".n"))
    listed = Table(f"evidence-{name}", title, _headings(figure), Listed(partial(_rows, told, figure, current())))
    return Evidence(name, title, listed, together=(len(_request()), len(_entry())))


def _said(figure: Figure) -> list[str]:
    """What the entries say; the service they are of has its own column."""
    return [name for name in dict.fromkeys(name for item in figure.items for name in item.said) if name != "service"]


def _headings(figure: Figure) -> tuple[str, ...]:
    return (*_request(), *_entry(), *(said_name(n).capitalize() for n in _said(figure)))


def _request() -> tuple[str, ...]:
    """What says which request an entry is of."""
    return _("Request"), _("Title"), _("Service")


def _entry() -> tuple[str, ...]:
    """What says which of its entries."""
    return _("Entry"), _("Event"), _("Date")


def _rows(told: Telling, figure: Figure, language: str) -> Iterator[tuple[Cell, ...]]:
    """Its entries in the language that the pack was made in, whenever they are asked for."""
    names = _said(figure)
    for item in figure.items:
        with spoken(language):
            row = _row(told, names, item)
        yield row


def _row(told: Telling, names: list[str], item: Item) -> tuple[Cell, ...]:
    service = told.label("services", item.said.get("service")) or told.service(item.ref)
    return (
        ref("" if item.ref == LAB else item.ref),
        words(told.title(item.ref) or "—"),
        words(service or "—"),
        count(item.seq),
        words(event_name(told.declaration, item.ref, item.event)),
        told.day(item.occurred_at),
        *(_cell(told, name, item.said[name], item.ref) if name in item.said else words("—") for name in names),
    )


_VOCABULARIES = {
    "state": "states",
    "type": "deliverable_types",
    "decision": "decisions",
}
_INSTANTS = ("due_at", "settled_at", "until")


def _cell(told: Telling, name: str, value: Any, ref: str) -> Cell:
    if name == "kind":
        return words(told.deadline(ref, value))
    if name in _INSTANTS:
        return Cell(None, "date") if value is None else told.day(value)
    if (name, value) == ("decision", "validate"):
        return words(_("to validate"))
    if name in _VOCABULARIES:
        return words(told.label(_VOCABULARIES[name], value))
    if name == "score":
        return number(Fraction(value), "number")
    if name == "day":
        return Cell(date.fromisoformat(value), "date")
    if name == "rule":
        return words(rule_name(told.declaration, value))
    if name in ("half_day", "level", "cause"):
        return words(code_name(value))
    if isinstance(value, Fraction):
        return Cell(value, "days" if name == "days" else "euros")
    return count(value) if isinstance(value, int) else words(value)
