"""Gathers what a review is computed from: the histories that count for some months, as they were known at a moment.

Few of a lab's histories matter to a semester: those still going on, and those that ended not long before it began.
Both are found through indexes, so that a hundred years of requests cost little more than the last two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time
from functools import partial
from itertools import groupby, takewhile
from typing import Any

from attrs import evolve, frozen
from sqlalchemy import ColumnElement, Table, func, literal, or_, select, union, union_all

from states.calendar.working_days import WorkingCalendar
from states.deadlines import months_after
from states.declaration.model import Declaration
from states.declaration.types import instant, local
from states.errors import NotFound, StoreDamaged
from states.language import _
from states.planning.slots import Surroundings, Swap
from states.references import LAB
from states.requests.entry import Entry
from states.review.dataset import Raised, Sources, Story
from states.review.semesters import Period, before, year_so_far
from workflow.history.days_log import SWAPPED, RememberedDays, fold_days, swap_of
from workflow.history.entries import from_row
from workflow.history.lab_log import RAISED, SETTLED
from workflow.history.readable import NOT_READ
from workflow.history.reference_data import ReferenceData
from workflow.reviews.spare import READ, entry_of, spare, spared
from workflow.store import schema as s
from workflow.store.heartbeat import last_round
from workflow.views.reader import Reader

_AT_ONCE = 500  # histories a query reads


@frozen
class Known:
    """What was known at an instant, under which declaration; None for the one in force.

    `last`: of each stream written to in that very second, the last entry that was known; without it, all of them.
    `watched_at`: when the watch had last gone round, empty if never; None where that was not kept.
    """

    at: str
    last: Mapping[str, int] | None = None
    declaration: Declaration | None = None
    watched_at: str | None = None

    def holds(self, entry: Entry) -> bool:
        if entry.recorded_at != self.at or self.last is None:
            return entry.recorded_at <= self.at
        return entry.seq <= self.last.get(entry.stream, 0)


def sources(reader: Reader, period: Period, known: Known | None = None, semesters: int = 2) -> Sources:
    """What the review of a semester is computed from: the histories of its year and of so many `semesters`.

    The one before is always read: half of what a review says is a comparison with it.
    """
    declaration = (known and known.declaration) or reader.declaration
    first = period
    for _earlier in range(max(semesters, 2) - 1):
        first = before(declaration, first)
    since = min(first.start, year_so_far(declaration, period).start)
    found = _Histories(reader, declaration, known)
    # What ended earlier counts for deadlines that fell due since, and for projects of the first semester’s year.
    ended = min(found.faded(since), year_so_far(declaration, first).start)
    requests = list(found.stories(s.requests, since, ended, s.requests.c.submitted_at < period.end))
    calendar, around = found.calendar()
    return Sources(
        declaration=declaration,
        now=found.now,
        requests=requests,
        activities=list(found.stories(s.activities, since, since)),
        calendar=calendar,
        around=around,
        alerts=found.alerts(since, period.end),
        first_at=found.first_at(),
        since=since,
        watched_at=found.watched_at(),
        swaps=found.swaps(),
        follows=found.follows(requests),
    )


def first_at(reader: Reader) -> str | None:
    """When the oldest entry of a lab occurred; None before there is any."""
    return _Histories(reader, reader.declaration, None).first_at()


class _Histories:
    """A lab's histories at the moment of a reader, or as they were known at another."""

    def __init__(self, reader: Reader, declaration: Declaration, known: Known | None) -> None:
        self.reader, self.connection, self.declaration = reader, reader.connection, declaration
        # What is known by now is what the tables say.
        self.known = known if known is not None and (known.at < reader.now or known.last is not None) else None
        self.now = self.known.at if self.known else reader.now

    # --- Requests and activities ---

    def stories(self, table: Table, since: str, ended: str, *conditions: ColumnElement[bool]) -> Iterator[Story]:
        """The histories of a table that may count: those that go on, or were last told of after `ended`.

        The entries of those told of `since` are read at once.
        """
        t = table.c
        lifecycle = self.declaration if table is s.requests else self.declaration.activities
        going_on = [code for code, state in lifecycle.states.items() if not state.final]
        # Two questions, each answered by an index: together they would be a walk through all there is.
        late, open_ = (
            select(t.ref).where(counts, *conditions) for counts in (t.recorded_at >= ended, t.state.in_(going_on))
        )
        refs = sorted(self.connection.execute(union(late, open_)).scalars())
        for n in range(0, len(refs), _AT_ONCE):
            yield from self._some(table, refs[n : n + _AT_ONCE], since)

    def _some(self, table: Table, refs: Sequence[str], since: str) -> Iterator[Story]:
        if self.known:
            for ref, entries in self._entries(refs, s.entries.c, partial(from_row, loads=spare)):
                yield from self._replayed(ref, entries)
            return
        t = table.c
        rows = self.connection.execute(select(t.ref, t.document).where(t.ref.in_(refs)).order_by(t.ref))
        requests = {request.ref: request for request in self.reader.readable(rows, spare)}
        # What ended before is read entry by entry only if a figure points to it.
        told = [ref for ref, request in requests.items() if request.recorded_at >= since]
        read = dict(self._entries(told, READ, entry_of))
        for ref, request in requests.items():
            yield Story(self._declaration(ref, request.declaration), request, partial(self._reread, ref, read))

    def _replayed(self, ref: str, entries: list[Entry]) -> Iterator[Story]:
        try:
            declaration = self._declaration(ref, entries[-1].declaration)
            request = self.reader.replayed(entries)
        except (StoreDamaged, NotFound) as problem:
            self.reader.leave_out(ref, problem)
        except NOT_READ:
            self.reader.odd[ref] = _(
                "{ref} cannot be read: its history is not one that its declaration makes.", ref=ref
            )
        else:
            yield Story(declaration, request, partial(list, [spared(entry) for entry in entries]))

    def _reread(self, ref: str, read: Mapping[str, list[Entry]]) -> Sequence[Entry]:
        return read[ref] if ref in read else self.reader.entries(ref)

    def _entries(
        self, refs: Sequence[str], columns: Iterable[ColumnElement[Any]], made: Callable[[Any], Entry]
    ) -> Iterator[tuple[str, list[Entry]]]:
        """The entries known of some histories, made of these columns."""
        e = s.entries.c
        query = select(*columns).where(e.stream.in_(refs)).order_by(e.stream, e.seq)
        entries = map(made, self.connection.execute(query))
        for ref, history in groupby(entries, lambda entry: entry.stream):
            if known := list(takewhile(self._holds, history)):  # in their order, whatever the clock said
                yield ref, known

    def _holds(self, entry: Entry) -> bool:
        return self.known is None or self.known.holds(entry)

    def _declaration(self, ref: str, digest: str) -> Declaration:
        return self.reader.declaration_of(digest).of(ref)

    def faded(self, since: str) -> str:
        """When a history must have ended for nothing of it to fall due after an instant."""
        months = max((d.months or 0 for d in self.declaration.deadlines.values()), default=0) + 1
        zone = self.declaration.lab.tz
        return instant(datetime.combine(months_after(local(since, zone).date(), -months), time(0), zone))

    def follows(self, stories: Iterable[Story]) -> dict[str, str]:
        """Every request that follows another."""
        r = s.requests.c
        found = {
            row.ref: row.follows for row in self.connection.execute(select(r.ref, r.follows).where(r.follows > ""))
        }
        for story in stories:
            found.pop(story.ref, None)
            if before := story.request.form.get("follows"):
                found[story.ref] = before
        return found

    def first_at(self) -> str | None:
        """When the oldest entry known occurred."""
        e, r = s.entries.c, s.requests
        oldest = select(func.min(e.occurred_at)).where(e.seq == 1, e.recorded_at <= self.now)
        others = oldest.where(e.stream.in_(union_all(select(literal(LAB)), select(s.activities.c.ref))))
        if self.known:
            first = oldest.join_from(r, s.entries, e.stream == r.c.ref)  # a form may be dated long before it came in
        else:
            first = select(func.min(r.c.submitted_at))
        found = self.connection.execute(union_all(first, others)).scalars()
        return min((at for at in found if at is not None), default=None)

    # --- The lab's own ---

    def alerts(self, since: str, until: str) -> list[Raised]:
        """The alerts that stood between two instants, or at the moment known at if that is earlier."""
        a = s.alerts.c
        stood = or_(a.raised_at >= since, a.settled_at.is_(None), a.settled_at >= min(until, self.now))
        query = select(a.id, a.rule, a.level, a.ref, a.raised_at, a.settled_at).where(
            a.raised_at < until, a.raised_at <= self.now, stood
        )
        raised, settled = self._unknown_of_alerts()
        found = [Raised(*row) for row in self.connection.execute(query.order_by(a.id)) if row.id not in raised]
        return [evolve(alert, settled_at=None) if alert.id in settled else alert for alert in found]

    def _unknown_of_alerts(self) -> tuple[set[int], set[int]]:
        """The alerts raised, and those settled, in the very second known at and after what was known."""
        known, e = self.known, s.entries.c
        if known is None or known.last is None:
            return set(), set()
        query = select(s.entries).where(e.stream == LAB, e.recorded_at == known.at, e.event.in_((RAISED, SETTLED)))
        since = [entry for entry in map(from_row, self.connection.execute(query)) if not known.holds(entry)]
        raised, settled = ({entry.data["id"] for entry in since if entry.event == event} for event in (RAISED, SETTLED))
        return raised, settled

    def watched_at(self) -> str | None:
        """When the watch last went round: its mark, which a copy of the store is without, or the last alert raised."""
        if self.known is not None and self.known.watched_at is not None:
            return self.known.watched_at or None
        a = s.alerts.c
        raised = self.connection.execute(select(func.max(a.raised_at)).where(a.raised_at <= self.now)).scalar()
        return max((at for at in (raised, last_round(self.connection)) if at), default=None)

    def calendar(self) -> tuple[WorkingCalendar, Surroundings]:
        """The working calendar, and what closes the lab's places."""
        return self._reference.calendar(self.declaration), self._reference.days_off

    def swaps(self) -> list[tuple[Swap, Entry]]:
        """The swaps that stand, each with the last entry that recorded it."""
        e = s.entries.c
        query = select(s.entries).where(e.stream == LAB, e.event == SWAPPED, e.recorded_at <= self.now)
        entries = map(from_row, self.connection.execute(query.order_by(e.seq)))
        recorded = {swap_of(entry.data): entry for entry in entries}
        return [(swap, recorded[swap]) for swap in self._reference.swaps]

    @property
    def _reference(self) -> ReferenceData:
        if self.known is None:
            return self.reader.reference
        days = RememberedDays()
        for entry in self.reader.entries_of(LAB):
            if self.known.holds(entry):
                fold_days(days, entry)
        return days.reference
