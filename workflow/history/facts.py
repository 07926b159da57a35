"""The one reader: what is known of a lab at one moment of its store, through a read or a write transaction alike.

What the engine, the guards, the sweep, the views and the review must know (the declaration in force, the calendar, who
is away, what is planned, a request, the people) is asked here and nowhere else, so that none says otherwise than
another.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any

from attrs import define, evolve, field

from states.calendar.day_ranges import Days
from states.calendar.working_days import WorkingCalendar
from states.declaration.model import Declaration
from states.declaration.stored import stored
from states.declaration.types import instant, local, moment
from states.errors import CoopError, NotFound, StoreDamaged
from states.language import _
from states.lifecycle.replay import Versions, replay
from states.planning.meeting import Planned, Slot, planned
from states.planning.slots import Absence, Surroundings, Swap
from states.references import is_activity
from states.requests.entry import Entry
from states.requests.request import Request
from states.risks.remedies import Person
from workflow.history.entries import from_row
from workflow.history.in_force import declaration_document, newest_of_lab, versions_obeyed
from workflow.history.readable import NOT_READ, Row, damaged_version, leave_out, readable, request_of
from workflow.history.reference_data import ReferenceData
from workflow.history.vault import Texts
from workflow.store import statements as q
from workflow.store.transaction import Asking, Transaction

LONGEST = timedelta(days=1)  # no meeting is longer, so those that clash begin at most that long before
KEPT = 50  # requests that are kept as they were last written
FOR_EVER = "9999"  # after every instant


@define
class Known:
    """What a process keeps of its store from one transaction to the next: what never changes, and what is checked.

    The lab's days and people are those of one entry of its stream; a request is that of its head: the digest of its
    last entry, which binds all those before. Where the store has another, they are read again.
    """

    declarations: dict[str, Declaration] = field(factory=dict)
    reference: ReferenceData | None = None
    requests: dict[str, Request] = field(factory=dict)  # those last written, by reference

    def keep(self, request: Request) -> None:
        """Keeps a request as it was just written."""
        self.requests[request.ref] = request
        if len(self.requests) > KEPT:
            del self.requests[next(iter(self.requests))]


class Facts:
    """What a store says at one moment; made for one transaction and one `now`.

    `odd`: the requests that a list, the watch or a review had to leave out, and why.
    """

    odd: dict[str, str]

    def __init__(self, tx: Transaction, now: str, known: Known | None = None, newest: Any = None) -> None:
        """`newest`: the last entry of the lab's stream, where it has just been read."""
        self.tx, self.now, self._known = tx, now, known or Known()
        self.odd = {}
        if newest is not None:
            self._newest = newest

    # --- The lab ---

    @cached_property
    def _newest(self) -> Any:
        return newest_of_lab(self.tx)

    @property
    def declaration(self) -> Declaration:
        """The declaration in force, which new requests get."""
        return self.declaration_of(self._newest.declaration)

    def declaration_of(self, digest: str) -> Declaration:
        """A version of the declaration, by digest."""
        declaration = self._known.declarations.get(digest)
        if declaration is None:
            try:
                declaration = stored(declaration_document(self.tx, digest), digest)
            except NOT_READ as problem:
                raise damaged_version(digest) from problem
            self._known.declarations[digest] = declaration
        return declaration

    @cached_property
    def versions(self) -> dict[str, Declaration]:
        """The declaration in force, then the others that requests and activities obey, by digest."""
        versions = {self._newest.declaration: self.declaration}
        for digest in versions_obeyed(self.tx):
            with suppress(StoreDamaged, NotFound):  # said of the requests that obey it, not here
                versions[digest] = self.declaration_of(digest)
        return versions

    def document_in_force(self) -> dict[str, Any]:
        """The declaration in force, as the store keeps it."""
        return declaration_document(self.tx, self._newest.declaration)

    @cached_property
    def reference(self) -> ReferenceData:
        """The lab's days: holidays, closures, swaps."""
        reference, head = self._known.reference, self._newest.digest
        if reference is None or reference.head != head:  # not its number: a write rolled back had it too
            reference = self._known.reference = ReferenceData.read(self.tx, head)
        return reference

    def calendar(self, declaration: Declaration) -> WorkingCalendar:
        """The working calendar: the holidays copied in the store, and the closures recorded."""
        return self.reference.calendar(declaration)

    def swaps(self) -> list[Swap]:
        return self.reference.swaps

    @cached_property
    def people(self) -> list[Person]:
        """Everyone registered, those who left included."""
        reference = self.reference
        if reference.people is None:
            reference.people = [
                Person(p.id, p.role, tuple(filter(None, p.skills.split(","))), p.hours, bool(p.active), p.site)
                for p in self.tx.all(q.people)
            ]
        return reference.people

    @cached_property
    def active(self) -> frozenset[str]:
        """The people of the lab, those who left excepted."""
        return frozenset(person.id for person in self.people if person.active)

    @cached_property
    def of_each_role(self) -> dict[str, str]:
        """Someone of each role that the register has: whom a remedy names."""
        return {person.role: person.id for person in reversed(self.people) if person.active}

    # --- What slots are judged against ---

    def days_off(self, first: str, last: str) -> Surroundings:
        """What is closed, swapped, and who is away between two instants; no meeting."""
        (rows,) = self.tx.each(self._away(first, last))
        return evolve(self.reference.days_off, absences=_absences(rows))

    def bookings(self, first: str, last: str) -> list[Planned]:
        """The meetings planned between two instants, those begun before that may still last included."""
        (rows,) = self.tx.each(_booked(first, last))
        return _meetings(rows)

    def surroundings(self, first: str, last: str) -> Surroundings:
        """What slots between two instants are judged against: closures, swaps, absences, planned meetings."""
        away, booked = self.tx.each(self._away(first, last), _booked(first, last))
        return evolve(self.reference.days_off, absences=_absences(away), bookings=_meetings(booked))

    def _away(self, first: str, last: str) -> Asking:
        zone = self.declaration.lab.tz
        span = {"first": local(first, zone).date().isoformat(), "last_day": local(last, zone).date().isoformat()}
        return q.absences, span

    def around(self, slot: Slot) -> Surroundings:
        """What one slot is judged against."""
        return self.surroundings(slot.at, slot.end)

    def absences_of(self, staff: str) -> list[Days]:
        """The days someone is away, as they were recorded."""
        day = date.fromisoformat
        return [(day(row.first), day(row.last)) for row in self.tx.all(q.absences_of, id=staff)]

    # --- Meetings ---

    def planned(self, first: str, last: str = FOR_EVER) -> list[Planned]:
        """The meetings planned that begin from one instant to before another."""
        return self._planned(self.tx.all(q.planned_meetings, first=first, last=last))

    def planned_on(self, days: Days, *, staff: str | None = None, place: str | None = None) -> list[Planned]:
        """The meetings planned from now on that begin on some days: of someone, at a place, or anywhere."""
        first, last = (days[0] - timedelta(days=1), days[1] + timedelta(days=1))
        span = {"first": max(self.midnight(first), self.now), "last": self.midnight(last)}
        if staff is not None:
            return self._planned(self.tx.all(q.planned_meetings_of, person=staff, **span))
        if place is not None:
            return self._planned(self.tx.all(q.planned_meetings_at, where=place, **span))
        return self.planned(**span)

    def planned_with_skill(self) -> list[Planned]:
        """The sessions planned from now on that ask for a skill."""
        return self._planned(self.tx.all(q.planned_meetings_skilled, first=self.now))

    def lived(self, first: str, last: str) -> list[Planned]:
        """The meetings, planned or held, that begin from one instant to before another."""
        return self._planned(self.tx.all(q.lived_meetings, first=first, last=last))

    def midnight(self, day: date) -> str:
        """The instant at which a day of the lab begins."""
        return instant(datetime.combine(day, time(0), self.declaration.lab.tz))

    def _planned(self, rows: Iterable[Any]) -> list[Planned]:
        rows = list(rows)
        documents = {row.stream: Row(row.stream, row.document) for row in rows}
        requests = {request.ref: request for request in self.readable(documents.values())}
        pairs = [(request, request.meeting(row.id)) for row in rows if (request := requests.get(row.stream))]
        return [planned(request, meeting) for request, meeting in pairs if meeting is not None]

    # --- One request ---

    def find(self, ref: str) -> Request | None:
        """A request or an activity as it is now."""
        return request_of(self.tx.one(q.activity if is_activity(ref) else q.request, ref=ref))

    def readable(self, rows: Iterable[Any], loads: Callable[[str], Any] = json.loads) -> Iterator[Request]:
        """The requests of rows of `ref` and `document`. One that cannot be read stops no other: it is in `odd`."""
        return readable(rows, self._states_of, self.odd, loads)

    def _states_of(self, digest: str, of_activities: bool) -> Collection[str]:
        declaration = self.declaration_of(digest)
        return (declaration.activities if of_activities else declaration).states

    def leave_out(self, ref: str, problem: CoopError) -> None:
        """Notes a request that cannot be read, and why."""
        leave_out(self.odd, ref, problem)

    def told(self, ref: str) -> Request | None:
        """A request as it is now; None, and noted in `odd`, when it cannot be read or is not there."""
        activity = is_activity(ref)
        row = self.tx.one(q.activity if activity else q.request, ref=ref)
        return next(self.readable([Row(ref, row.document)]), None) if row else None

    def entries_of(self, stream: str) -> list[Entry]:
        """A stream's entries, oldest first."""
        return [from_row(row) for row in self.tx.all(q.entries, stream=stream)]

    def replayed(self, entries: Sequence[Entry]) -> Request:
        """The request or the activity that a history makes, each entry under the version it was written with."""
        versions = self.versions_of(entries[0].stream)
        return replay(versions(entries[-1].declaration), entries, versions)

    def versions_of(self, ref: str) -> Versions:
        """What a request or an activity obeys in a version of the declaration, by its digest."""
        return lambda digest: self.declaration_of(digest).of(ref)

    def texts(self, stream: str) -> Texts:
        """What the vault still holds of a stream."""
        rows = self.tx.all(q.vault_of, stream=stream)
        return Texts({(row.seq, row.field): json.loads(row.value) for row in rows})


def _absences(rows: Iterable[Any]) -> list[Absence]:
    day = date.fromisoformat
    return [Absence(row.staff, day(row.first), day(row.last)) for row in rows]


def _booked(first: str, last: str) -> Asking:
    return q.bookings, {"first": instant(moment(first) - LONGEST), "last": last}


def _meetings(rows: Iterable[Any]) -> list[Planned]:
    return [_meeting(list(of_one)) for _key, of_one in groupby(rows, attrgetter("stream", "id"))]


def _meeting(rows: Sequence[Any]) -> Planned:
    """A meeting of its rows, one for each of the people expected."""
    one = rows[0]
    minutes = (moment(one.end_at) - moment(one.at)) // timedelta(minutes=1)
    staff = tuple(row.staff for row in rows if row.staff)
    return Planned(one.stream, one.id, one.kind, one.at, minutes, one.place, staff)


def unknown_request(ref: str) -> NotFound:
    """The error (exit 4) for a reference that names nothing."""
    if is_activity(ref):
        return NotFound(_("There is no activity {ref}.", ref=ref), hint="coop activity list")
    return NotFound(_("There is no request {ref}.", ref=ref), hint="coop list")
