"""What lies ahead, read from one moment of a store: the meetings planned, the people, the days off.

The pure parts are `states.risks.impact` (what falls) and `states.risks.workload` (how many hours each week asks).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property

from attrs import define, evolve, field
from sqlalchemy import ColumnElement, func, select

from states.calendar.day_ranges import Days, merged
from states.declaration.model import Declaration
from states.declaration.types import instant, local, moment
from states.errors import NotFound, did_you_mean
from states.language import _
from states.planning.availability import HORIZON
from states.planning.slots import Absence, Surroundings
from states.requests.request import PLANNED, Request
from states.risks.impact import Cause, Fallen, what_falls
from states.risks.remedies import Person, Planned, planned
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

    @cached_property
    def people(self) -> list[Person]:
        """Everyone registered, those who left included."""
        c = s.staff.c
        rows = self.reader.connection.execute(select(c.id, c.role, c.skills, c.hours, c.active, c.site).order_by(c.id))
        return [
            Person(r.id, r.role, tuple(filter(None, r.skills.split(","))), r.hours, bool(r.active), r.site)
            for r in rows
        ]

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

    def around_only(self, meetings: Sequence[Planned]) -> Surroundings:
        """What these meetings are judged against: besides the days off, only what is planned on their days."""
        zone = self.declaration.lab.tz
        days = merged((local(m.at, zone).date(), local(m.slot.end, zone).date()) for m in meetings)
        bookings = [
            booking
            for first, last in days
            for booking in self.reader.bookings(
                _midnight(first, self.declaration), _midnight(last + timedelta(days=1), self.declaration)
            )
        ]
        return evolve(self.days_off, bookings=list(dict.fromkeys(bookings)))

    @cached_property
    def meetings(self) -> list[Planned]:
        """The meetings planned from now on."""
        return self.between(self.reader.now, "9999", (PLANNED,))

    def between(self, first: str, last: str, statuses: Sequence[str]) -> list[Planned]:
        """The meetings that begin from one instant to before another, with one of these statuses."""
        m = s.meetings.c
        return self._planned(m.status.in_(statuses), m.at >= first, m.at < last)

    def hit(self, days: Days, *, staff: str | None = None, place: str | None = None) -> list[Planned]:
        """The meetings planned from now on that begin on some days: of someone, at a place, or anywhere."""
        m = s.meetings.c
        first = max(_midnight(days[0] - timedelta(days=1), self.declaration), self.reader.now)
        whose = [] if staff is None else [("," + m.staff + ",").contains(f",{staff},", autoescape=True)]
        where = [] if place is None else [m.place == place]
        last = _midnight(days[1] + timedelta(days=1), self.declaration)
        return self._planned(m.status == PLANNED, m.at >= first, m.at < last, *whose, *where)

    def skilled(self) -> list[Planned]:
        """The sessions planned from now on that ask for a skill."""
        m = s.meetings.c
        return self._planned(m.status == PLANNED, m.skill.is_not(None), m.at >= self.reader.now)

    def _planned(self, *conditions: ColumnElement[bool]) -> list[Planned]:
        m, r, a = s.meetings.c, s.requests.c, s.activities.c
        subjects = s.meetings.outerjoin(s.requests, m.stream == r.ref).outerjoin(s.activities, m.stream == a.ref)
        query = (
            select(m.stream, func.coalesce(r.document, a.document), m.id)
            .select_from(subjects)
            .where(*conditions)
            .order_by(m.at, m.stream, m.id)
        )
        requests: dict[str, Request] = {}
        found = []
        for ref, document, id in self.reader.connection.execute(query):
            request = requests.get(ref)
            if request is None:
                request = requests[ref] = Request.from_document(json.loads(document))
            meeting = request.meeting(id)
            if meeting is not None:
                found.append(planned(request, meeting))
        return found

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
        c, day = s.absences.c, date.fromisoformat
        rows = self.reader.connection.execute(select(c.first, c.last).where(c.staff == staff))
        return merged((day(r.first), day(r.last)) for r in rows if since is None or r.last >= since.isoformat())

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
        return what_falls(self.declaration, self.meetings, self.around, self.people, now=self.reader.now, cause=cause)

    def if_absent(self, staff: str, days: Sequence[Days]) -> tuple[Cause, list[Fallen]]:
        """What would fall if someone were away on those days, recorded or not."""
        cause = Cause(tuple(merged(days)), staff=staff)
        known = [(a.first, a.last) for a in self.around.absences if a.staff == staff]
        away = [Absence(staff, first, last) for first, last in merged([*known, *cause.days])]
        others = [a for a in self.around.absences if a.staff != staff]
        around = evolve(self.around, absences=[*others, *away])
        return cause, what_falls(self.declaration, self.meetings, around, self.people, now=self.reader.now, cause=cause)

    # --- Load ---

    def load(self, first: date, weeks: int) -> list[Load]:
        """The load of everyone by week, from the Monday `first` on."""
        start = _midnight(first, self.declaration)
        end = _midnight(first + timedelta(days=7 * weeks), self.declaration)
        around = self.reader.surroundings(start, end)
        meetings = self.between(start, end, (PLANNED, "held"))
        return loads(self.declaration, meetings, around, self.people, first=first, weeks=weeks)


def _midnight(day: date, declaration: Declaration) -> str:
    return instant(datetime.combine(day, time(0), declaration.lab.tz))
