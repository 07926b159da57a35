"""What the lab's stream says of its days and people, whole. Read once for each last entry of the stream."""

from __future__ import annotations

import json
from datetime import date
from functools import cached_property

from attrs import define, field

from states.calendar.working_days import Closure, WorkingCalendar
from states.declaration.model import Declaration
from states.planning.slots import Surroundings, Swap
from states.risks.remedies import Person
from workflow.store import statements as q
from workflow.store.transaction import Transaction


@define(slots=False)
class ReferenceData:
    """The lab's days as its stream says at the entry of digest `head`; closures with the note that is told of them.

    The people are read when they are first asked for.
    """

    head: str
    holidays: dict[date, str]
    closures: tuple[Closure, ...]
    swaps: list[Swap]
    people: list[Person] | None = None
    _calendars: dict[str, WorkingCalendar] = field(factory=dict)

    @classmethod
    def read(cls, tx: Transaction, head: str) -> ReferenceData:
        day = date.fromisoformat
        return cls(
            head,
            {day(row.day): row.name for row in tx.all(q.holidays)},
            tuple(
                Closure(row.place, day(row.first), day(row.last), row.recorded_at, json.loads(row.note or '""'))
                for row in tx.all(q.closures)
            ),
            [Swap(row.place, day(row.gained), day(row.given)) for row in tx.all(q.swaps)],
        )

    def calendar(self, declaration: Declaration) -> WorkingCalendar:
        """The working calendar: holidays as copied, and the lab's closures."""
        calendar = self._calendars.get(declaration.digest)
        if calendar is None:
            lab = declaration.lab
            calendar = WorkingCalendar(self.holidays, self.closures, lab.tz, lab.due_hour)
            self._calendars[declaration.digest] = calendar
        return calendar

    @cached_property
    def days_off(self) -> Surroundings:
        """What closes or changes places, whatever the day."""
        return Surroundings(holidays=self.holidays, closures=self.closures, swaps=self.swaps)
