"""The load of each week: the hours that meetings ask of someone, against the hours they are there.

Source: domain.md "Lab effort" (assumed: the brochure gives no figures). Everything is in whole minutes; weeks are ISO
weeks, named by their Monday.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from states.calendar.day_ranges import monday
from states.declaration.tables import ACTIVITY
from states.declaration.types import local
from states.declaration.vocabulary import LED_BY_LAB
from states.planning.meeting import Planned
from states.planning.slots import Surroundings
from states.risks.remedies import Forecast, Person

if TYPE_CHECKING:
    from states.declaration.model import Declaration

TALK = 90  # an interview or a debrief, with what comes before and after
WORKED_DAYS = 5  # of a week: the weekly hours are spread over them
CRITICAL = 120  # per cent
_WEEK, _DAY = timedelta(days=7), timedelta(days=1)


class Commitment(NamedTuple):
    """What one meeting asks of each person assigned, preparation included, in the week it takes place."""

    ref: str
    meeting: str
    minutes: int


class WeekLoad(NamedTuple):
    """A week of someone; `there` is what is left of their hours once absences and closed days are taken away."""

    monday: date
    commitments: tuple[Commitment, ...]
    there: int  # minutes

    @property
    def committed(self) -> int:
        return sum(one.minutes for one in self.commitments)

    @property
    def percent(self) -> int | None:
        """The share of the hours there that is committed, never rounded across 100; None when there are none."""
        if not self.there:
            return None
        return -(-self.committed * 100 // self.there) if self.over else self.committed * 100 // self.there

    @property
    def over(self) -> bool:
        """Whether more is committed than there are hours."""
        return self.committed > self.there

    @property
    def critical(self) -> bool:
        """Whether it is far over: more than 120 %."""
        return self.committed * 100 > self.there * CRITICAL


class Load(NamedTuple):
    """The weeks of a person; of nobody (None): what is planned and not yet assigned."""

    person: Person | None
    weeks: tuple[WeekLoad, ...]


def effort(declaration: Declaration, meeting: Planned) -> int:
    """The minutes a meeting asks of the lab: preparation by tier, and its length where the lab takes part.

    The declaration is the one that its request obeys.
    """
    tier = declaration.tiers.get(meeting.tier or "")
    if meeting.kind == "work":
        return meeting.duration + (tier.preparation if tier else 0)
    if meeting.kind == "session":
        facilitates = meeting.facilitation in LED_BY_LAB
        return (tier.session_preparation if tier else 0) + (meeting.duration if facilitates else 0)
    return meeting.duration if meeting.kind == ACTIVITY else TALK


def there(person: Person, week: date, around: Surroundings) -> int:
    """The minutes someone is there in the week that begins on a Monday: their hours, less a fifth a day off."""
    days = [week + _DAY * n for n in range(WORKED_DAYS)]
    off = sum(_is_off(person, day, around) for day in days)
    return person.hours * 60 * (WORKED_DAYS - off) // WORKED_DAYS


def _is_off(person: Person, day: date, around: Surroundings) -> bool:
    # A place that closes keeps nobody from working: only a closure of the whole lab does.
    return (
        day in around.holidays
        or any(c.place is None and c.first <= day <= c.last for c in around.closures)
        or any(a.staff == person.id and a.first <= day <= a.last for a in around.absences)
    )


def loads(
    meetings: Iterable[Planned], ahead: Forecast, version_of: Callable[[str], Declaration], first: date, weeks: int
) -> list[Load]:
    """The load of each person by week, from the week of `first` on; then that of nobody, if any.

    `meetings` are those planned and those held: what was done this week took its hours too. Those who take no
    meetings are left out, unless something is asked of them. `version_of`: the declaration of a digest.
    """
    declaration = ahead.declaration
    mondays = [monday(first) + _WEEK * n for n in range(weeks)]
    asked: dict[tuple[str | None, date], list[Commitment]] = {}
    for meeting in sorted(meetings, key=lambda m: (m.at, m.ref, m.id)):
        week = monday(local(meeting.at, declaration.lab.tz).date())
        one = Commitment(meeting.ref, meeting.id, effort(version_of(meeting.declaration), meeting))
        for id in meeting.staff or (None,):
            asked.setdefault((id, week), []).append(one)
    found = []
    for person in [*ahead.people, None]:
        id = person.id if person else None
        mine = tuple(
            WeekLoad(week, tuple(asked.get((id, week), ())), there(person, week, ahead.around) if person else 0)
            for week in mondays
        )
        if any(week.commitments for week in mine) or (
            person and person.active and declaration.takes_meetings(person.role)
        ):
            found.append(Load(person, mine))
    return found
