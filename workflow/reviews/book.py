"""The reviews a lab keeps: computed from its histories, sealed, and compared with what is known since."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen
from sqlalchemy import and_, func, or_, select

from states.declaration.model import Declaration
from states.declaration.types import Malformed, Reading, local, offset_time, semester_code
from states.errors import FieldError, Invalid, NotFound, Refusal, Refused
from states.language import _, long_date
from states.references import LAB
from states.requests.entry import Entry
from states.review.dataset import Story
from states.review.document import COURSE, Review, document, review
from states.review.semesters import Period, before, semester, semester_of
from workflow.clock import now_of
from workflow.engine import Engine
from workflow.history.days_log import FOLDS
from workflow.history.entries import from_row, head
from workflow.history.registered import acting
from workflow.lab.service import changing, keeping, work_of
from workflow.reviews.dataset import Known, first_at, sources
from workflow.store import schema as s
from workflow.views.reader import Reader

SEALED, ORIENTED, PUBLISHED = "review_sealed", "orientation_recorded", "review_published"


def period_of(declaration: Declaration, code: str) -> Period:
    """The semester someone named; Invalid when the declaration has none of that name."""
    try:
        return semester(declaration, semester_code(code, Reading(declaration)))
    except Malformed as problem:
        raise Invalid([FieldError("semester", str(problem))], _("There is no such semester.")) from None


def ended(reader: Reader) -> list[Period]:
    """The semesters of a lab that have ended, the oldest first."""
    declaration, oldest = reader.declaration, first_at(reader)
    periods, zone = list[Period](), declaration.lab.tz
    period = before(declaration, semester_of(declaration, local(reader.now, zone).date()))
    while oldest is not None and oldest < period.end:
        periods.insert(0, period)
        period = before(declaration, period)
    return periods


def review_of(reader: Reader, period: Period, known_at: str | None = None, semesters: int = 2) -> Review:
    """The review of a semester as known now, or at an instant; the course of its figures over so many semesters.

    Invalid (exit 6) where the semester has not begun by then.
    """
    if min(reader.now, known_at or reader.now) < period.start:
        begins = _("{semester} begins on {day}", semester=period.code, day=long_date(period.first))
        raise Invalid([FieldError("semester", begins)], _("This semester has not begun."))
    return review(sources(reader, period, Known(known_at) if known_at else None, semesters), period)


def head_at(reader: Reader, known_at: str) -> str:
    """One digest over every history, as they stood at an instant: before what was published then of them."""
    e = s.entries.c
    known = or_(e.recorded_at < known_at, and_(e.recorded_at == known_at, e.event != PUBLISHED))
    last = select(e.stream, func.max(e.seq).label("seq")).where(known).group_by(e.stream).subquery()
    query = select(e.stream, e.seq, e.digest).join_from(
        last, s.entries, (e.stream == last.c.stream) & (e.seq == last.c.seq)
    )
    return head((row.stream, row.seq, row.digest) for row in reader.connection.execute(query))


@frozen
class Sealed:
    """A review as it was sealed, and by what it can be told from any other."""

    semester: str
    digest: str
    head: str
    document: Mapping[str, Any]
    seq: int
    known: Known  # what it was computed from
    joins: Sealed | None = None  # the seal before it, of the same semester

    @property
    def known_at(self) -> str:
        return self.known.at

    def before(self, entry: Entry) -> bool:
        """Whether an entry was recorded after the seal, be it in the same second."""
        return not self.known.holds(entry)


def sealed(reader: Reader, code: str) -> Sealed:
    """The last seal of a semester's review; NotFound when there is none."""
    found = _seal(reader, code)
    if found is None:
        raise NotFound(_("The review of {semester} is not sealed.", semester=code), hint=f"coop review seal {code}")
    return found


def _seal(reader: Reader, code: str) -> Sealed | None:
    found = None
    for entry in _of_semester(reader, SEALED, code):
        data = entry.data
        declaration = reader.declaration_of(entry.declaration)
        known = Known(data["known_at"], data.get("known"), declaration, data.get("watched_at"))
        found = Sealed(code, data["digest"], data["head"], json.loads(data["document"]), entry.seq, known, found)
    return found


def sealed_review(reader: Reader, seal: Sealed) -> Review | None:
    """The review of a seal, computed again from what it knew; None when that no longer gives what was sealed."""
    period = period_of(seal.known.declaration or reader.declaration, seal.semester)
    found = review(sources(reader, period, seal.known, COURSE), period)
    return found if document(found)["digest"] == seal.digest else None


def orientations(reader: Reader, code: str, known: Known | None = None) -> list[str]:
    """What the committee said of a semester's review, oldest first; what was erased is left out."""
    texts = reader.texts(LAB)
    entries = (entry for entry in _of_semester(reader, ORIENTED, code) if known is None or known.holds(entry))
    found = (texts.get(entry.seq, "text") for entry in entries)
    return [text for text in found if text]


def _of_semester(reader: Reader, event: str, code: str) -> Iterator[Entry]:
    e = s.entries.c
    query = select(s.entries).where(e.stream == LAB, e.event == event).order_by(e.seq)
    for entry in map(from_row, reader.connection.execute(query)):
        if entry.data["semester"] == code:
            yield entry


@frozen
class Change:
    """A figure that is no longer what it was when the review was sealed."""

    name: str
    sealed: Any
    now: Any


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """The figures of two documents that differ, by their full names."""
    return list(_changes(before, now, ""))


_NO_FIGURES = ("known_at", "digest", "running", "compared_with")


def _changes(before: Mapping[str, Any], now: Mapping[str, Any], under: str) -> Iterator[Change]:
    for name in dict.fromkeys([*before, *now]):
        old, new = before.get(name), now.get(name)
        if name in _NO_FIGURES or old == new:
            continue
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _changes(old, new, f"{under}{name}.")
        else:
            yield Change(under + name, old, new)


def reasons(found: Review, seal: Sealed) -> list[Entry]:
    """Why figures changed: the entries recorded since the seal that tell of the period, or correct what did.

    And, whenever they occurred, those of the requests that a list of the review no longer tells of as it did: a
    committee decides on a semester after its end.
    """
    stories = (*found.scope.sources.requests, *found.scope.sources.activities)
    moved = {ref for change in changes(seal.document, document(found)) for ref in _moved(change)}
    since = [
        entry
        for story in stories
        if story.told_since(seal.known_at)
        for entry in story.entries
        if seal.before(entry)
        and (story.ref in moved or _told_of(story, entry) < found.period.end or _corrects(story, entry, found.period))
    ]
    return sorted(since, key=lambda e: (e.recorded_at, e.stream, e.seq))


def closures(reader: Reader, seal: Sealed) -> list[Entry]:
    """What closed the lab or its places since the seal: it moves deadlines, and what was open."""
    e = s.entries.c
    query = select(s.entries).where(e.stream == LAB, e.event.in_(FOLDS), e.recorded_at >= seal.known_at)
    return [entry for entry in map(from_row, reader.connection.execute(query)) if seal.before(entry)]


def _moved(change: Change) -> Iterator[str]:
    """The requests that only one of two lists tells of, or tells of otherwise."""
    gone, come = unlike(change.sealed, change.now)
    for one in (*gone, *come):
        yield one.get("ref", "") if isinstance(one, Mapping) else str(one)


def unlike(before: Any, now: Any) -> tuple[list[Any], list[Any]]:
    """What one list alone holds, and the other alone; nothing of what is no list."""
    if not (isinstance(before, list) and isinstance(now, list)):
        return [], []
    return [one for one in before if one not in now], [one for one in now if one not in before]


def _told_of(story: Story, entry: Entry) -> str:
    """The earliest moment an entry tells of: of a meeting held, its start, before and after it was put right."""
    held = story.request.meeting(entry.data.get("meeting"))
    starts = (held and held.started_at, entry.data.get("was", {}).get("started_at"))
    return min([entry.occurred_at, *(start for start in starts if start)])


def _corrects(story: Story, entry: Entry, period: Period) -> bool:
    struck = story.by_seq.get(entry.data.get("corrects", 0))
    return struck is not None and _told_of(story, struck) < period.end


def seal_review(engine: Engine, actor: str, code: str) -> Sealed:
    """Keeps the review of a semester as it is now: its document, its digest, the head of the history."""
    now = now_of(engine.clock)
    with engine.store.looking() as tx:
        reader = Reader(tx, now)
        found = review_of(reader, period_of(reader.declaration, code))
        content, watched_at = document(found), found.scope.sources.watched_at or ""
        head_now = head_at(reader, now)
        e = s.entries.c
        of_now = select(e.stream, func.max(e.seq).label("seq")).where(e.recorded_at == now).group_by(e.stream)
        last = {row.stream: row.seq for row in reader.connection.execute(of_now)}
        joins = _seal(reader, content["semester"])
    with keeping(engine, actor) as work:
        data = {
            "semester": content["semester"],
            "digest": content["digest"],
            "head": head_now,
            "known_at": now,
            "document": json.dumps(content, ensure_ascii=False, sort_keys=True),
            "known": last,
            "watched_at": watched_at,
        }
        entry = work.write(SEALED, data)
    known = Known(now, last, work.declaration, watched_at)
    return Sealed(content["semester"], content["digest"], head_now, content, entry.seq, known, joins)


def record_orientation(engine: Engine, actor: str, code: str, text: str) -> Entry:
    """Keeps an orientation of the committee, as a text of the review of a semester."""
    with changing(engine) as tx:
        declaration = engine.in_force(tx)
        period = period_of(declaration, code)
        if not text.strip():
            raise Invalid([FieldError("note", _("this text is required"))], _("An orientation says something."))
        role = acting(tx, actor)
        if not (declaration.decides(role) or declaration.keeps(role)):
            label = declaration.label("roles", role)
            message = _("The orientations are the committee’s, not of the role {role}.", role=label)
            asked = declaration.label("roles", declaration.keeper)
            raise Refused([Refusal("role", message, _("Ask who has the role {role}.", role=asked))])
        return work_of(engine, tx, actor, role).write(ORIENTED, {"semester": period.code, "text": text.strip()})


def sealed_document(declaration: Declaration, seal: Sealed) -> dict[str, Any]:
    """A seal, as JSON."""
    return {
        "semester": seal.semester,
        "digest": seal.digest,
        "head": seal.head,
        "sealed_at": offset_time(seal.known_at, declaration.lab.tz),
        "seq": seal.seq,
        "joins": None if seal.joins is None else seal.joins.seq,
    }
