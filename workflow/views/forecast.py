"""What lies ahead, read from one moment of a store: the meetings planned, the people, the days off.

The pure parts are `states.risks.impact` (what falls) and `states.risks.workload` (how many hours each week asks).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property

from attrs import define, evolve, field
from sqlalchemy import select

from states.calendar.day_ranges import Days, merged
from states.declaration.model import Declaration
from states.declaration.types import instant, moment
from states.errors import NotFound, did_you_mean
from states.language import _
from states.planning.availability import HORIZON
from states.planning.meeting import Planned
from states.planning.slots import Absence, Surroundings
from states.risks.impact import Cause, Fallen, what_falls
from states.risks.remedies import Forecast, Person
from states.risks.workload import Load, loads
from workflow.store import schema as s
from workflow.views.reader import Reader

AHEAD = 400 + HORIZON  # days looked at: absences that last a year still have slots after them


@define
class Outlook:
    """What one `Reader` sees ahead of its `now`."""

    reader: Reader
    declaration: Declaration = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.declaration = self.reader.declaration

    @property
    def people(self) -> list[Person]:
        """Everyone registered, those who left included."""
        return self.reader.people

    @property
    def _until(self) -> str:
        return instant(moment(self.reader.now) + timedelta(days=AHEAD))

    @cached_property
    def days_off(self) -> Surroundings:
        """What is closed, swapped, and who is away, from now on."""
        return self.reader.days_off(self.reader.now, self._until)

    @cached_property
    def around(self) -> Surroundings:
        """What slots are judged against, from now on."""
        return evolve(self.days_off, bookings=self.reader.bookings(self.reader.now, self._until))

    @cached_property
    def ahead(self) -> Forecast:
        """The lab as it is to be seen from now on."""
        return Forecast(self.declaration, self.around, self.people, self.reader.now)

    @cached_property
    def meetings(self) -> list[Planned]:
        """The meetings planned from now on."""
        return self.reader.planned(self.reader.now)

    def titles(self, refs: Sequence[str]) -> dict[str, str | None]:
        """The title of each of these requests and activities; None once it is erased."""
        found: dict[str, str | None] = {}
        for table in (s.requests, s.activities):
            t, v = table.c, s.vault.c
            joined = table.outerjoin(s.vault, (v.stream == t.ref) & (v.seq == t.title_seq) & (v.field == "title"))
            rows = self.reader.connection.execute(select(t.ref, v.value).select_from(joined).where(t.ref.in_(refs)))
            found |= {ref: json.loads(value) if value else None for ref, value in rows}
        return found

    def absences(self, staff: str, since: date | None = None) -> list[Days]:
        """The days someone is away, from a day on."""
        days = self.reader.absences_of(staff)
        return merged((first, last) for first, last in days if since is None or last >= since)

    def person(self, id: str) -> Person:
        """Someone registered; NotFound if nobody bears that id."""
        known = {person.id: person for person in self.people}
        if id not in known:
            raise NotFound(
                _("“{id}” is not registered in this lab.", id=id) + did_you_mean(id, known), hint="coop staff list"
            )
        return known[id]

    # --- What falls ---

    def falls(self, cause: Cause | None = None) -> list[Fallen]:
        """What falls as things are recorded; with a cause, only because of it."""
        return what_falls(self.meetings, self.ahead, cause)

    def if_absent(self, staff: str, days: Sequence[Days]) -> tuple[Cause, list[Fallen]]:
        """What would fall if someone were away on those days, recorded or not."""
        cause = Cause(tuple(merged(days)), staff=staff)
        known = [(a.first, a.last) for a in self.around.absences if a.staff == staff]
        away = [Absence(staff, first, last) for first, last in merged([*known, *cause.days])]
        others = [a for a in self.around.absences if a.staff != staff]
        around = evolve(self.around, absences=[*others, *away])
        return cause, what_falls(self.meetings, evolve(self.ahead, around=around), cause)

    # --- Load ---

    def load(self, first: date, weeks: int) -> list[Load]:
        """The load of everyone by week, from the Monday `first` on."""
        start, end = self.reader.midnight(first), self.reader.midnight(first + timedelta(days=7 * weeks))
        ahead = evolve(self.ahead, around=self.reader.surroundings(start, end))
        return loads(self.reader.lived(start, end), ahead, self.reader.declaration_of, first, weeks)
