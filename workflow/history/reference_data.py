"""What everything is judged against: holidays, closures, swaps, absences, the meetings planned around a slot."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property

from attrs import define, evolve, field

from states.calendar.working_days import Closure, WorkingCalendar
from states.declaration.model import Declaration
from states.declaration.types import end_of, instant, local, moment
from states.planning.slots import Absence, Booking, PlaceClosure, Slot, Surroundings, Swap
from workflow.store import statements as q
from workflow.store.database import Transaction

LONGEST = 1440  # minutes: no meeting is longer than a day, so clashes begin at most that long before


@define
class ReferenceData:
    """The lab's calendar as its stream now says, read once for each length of it."""

    seq: int
    holidays: dict[date, str]
    closures: list[tuple[str | None, date, date, str]]
    swaps: list[Swap]
    _calendars: dict[str, WorkingCalendar] = field(factory=dict)

    @classmethod
    def read(cls, tx: Transaction, seq: int) -> ReferenceData:
        day = date.fromisoformat
        return cls(
            seq,
            {day(row.day): row.name for row in tx.all(q.holidays)},
            [(row.place, day(row.first), day(row.last), row.recorded_at) for row in tx.all(q.closures)],
            [Swap(row.place, day(row.gained), day(row.given)) for row in tx.all(q.swaps)],
        )

    def calendar(self, declaration: Declaration) -> WorkingCalendar:
        """The working calendar: holidays as copied, and the lab's closures."""
        found = self._calendars.get(declaration.digest)
        if found is None:
            lab = declaration.lab
            closed = tuple(Closure(place, first, last, at, None) for place, first, last, at in self.closures)
            found = WorkingCalendar(self.holidays, closed, lab.tz, lab.due_hour)
            self._calendars[declaration.digest] = found
        return found

    @cached_property
    def _around(self) -> Surroundings:
        closures = [PlaceClosure(place, first, last) for place, first, last, _at in self.closures]
        return Surroundings(holidays=self.holidays, closures=closures, swaps=self.swaps)

    def around(self) -> Surroundings:
        """The calendar's part of what a slot is judged against."""
        return self._around

    def absences_between(self, tx: Transaction, first: date, last: date) -> list[Absence]:
        day = date.fromisoformat
        rows = tx.all(q.absences, first=first.isoformat(), last_day=last.isoformat())
        return [Absence(row.staff, day(row.first), day(row.last)) for row in rows]


def bookings(tx: Transaction, first: str, last: str) -> list[Booking]:
    """The meetings planned between two instants, those begun before that may still last included."""
    earliest = instant(moment(first) - timedelta(minutes=LONGEST))
    return [
        Booking(row.stream, row.id, row.at, row.end_at, row.place, tuple(filter(None, row.staff.split(","))))
        for row in tx.all(q.bookings, first=earliest, last=last)
    ]


def surroundings(tx: Transaction, declaration: Declaration, reference: ReferenceData, slot: Slot) -> Surroundings:
    """What a slot is judged against: the calendar, and the meetings and absences around it."""
    zone = declaration.lab.tz
    day, last = local(slot.at, zone).date(), local(slot.end, zone).date()
    return evolve(
        reference.around(),
        bookings=bookings(tx, slot.at, end_of(slot.at, slot.duration)),
        absences=reference.absences_between(tx, day, last),
    )
