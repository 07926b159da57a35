"""The review as a pack: its chapters in the committee's order, the entries behind each figure, the method."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from itertools import chain

from attrs import evolve, frozen

from handlers.review.cells import Telling, Texts, table, words
from handlers.review.chapters.committee import committee
from handlers.review.chapters.demand import answers, demand
from handlers.review.chapters.means import means, risks
from handlers.review.chapters.projects import projects
from handlers.review.chapters.results import culture, deadlines, deliverables, satisfaction
from handlers.review.chapters.support import support
from handlers.review.evidence import Listing
from handlers.review.evidence import evidence as evidence_of
from handlers.review.front import front
from handlers.review.lists import lists
from handlers.review.pack import Chapter, Evidence, Front, Pack
from handlers.review.words import definitions
from states.declaration.types import local
from states.language import _, current, long_date, long_time
from states.review.document import Review
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
    told = Telling.of(review, texts, orientations, edition=edition)
    listings: tuple[Listing, ...] = ()
    if told.scope.has_history:
        told = told.in_full()
        # Published, the entries would tell of persons.
        listings = lists(told) if evidence and not told.public else ()
        told = evolve(told, proofs=dict(chain.from_iterable(listing.names() for listing in listings)))
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
        evidence=tuple(_evidence(told, listings, {code for code in _wanted(page_one, chapters) if code})),
        notice=notice() if told.public else (),
    )


def _wanted(page_one: Front, chapters: Iterable[Chapter]) -> Iterator[str | None]:
    """The evidence some cell points to."""
    yield from (headline.cell.evidence for headline in page_one.headlines)
    for chapter in chapters:
        for shown in (*chapter.tables, *(chart.table for chart in chapter.charts)):
            yield from (cell.evidence for row in shown.rows for cell in row)


def _evidence(told: Telling, listings: Iterable[Listing], wanted: Container[str]) -> Iterator[Evidence]:
    """The lists that some cell leads to, or to a part of."""
    for listing in listings:
        if any(code in wanted for _name, code in listing.names()):
            yield evidence_of(told, listing)


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
