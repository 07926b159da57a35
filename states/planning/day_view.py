"""Each day of a calendar as people look at it: why it is not like the others."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from attrs import frozen

from states.calendar.working_days import Closure
from states.declaration.tables import WEEKDAYS
from states.planning.slots import Surroundings

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from states.declaration.tables import SchoolHolidays


@frozen
class DayView:
    """One day: what closes it, whose the places are, and whether teams are hard to gather."""

    day: date
    holiday: str | None
    closures: tuple[Closure, ...]
    gained: tuple[str, ...]  # places that are the lab's that day only
    given: tuple[str, ...]  # places that are the other lab's that day only
    lent: tuple[str, ...]  # places that are the other lab's every week
    school: SchoolHolidays | None

    @property
    def working(self) -> bool:
        """Whether the day counts in deadlines. School holidays do not matter."""
        return self.day.weekday() < 5 and not self.holiday and all(c.place is not None for c in self.closures)

    def document(self) -> dict[str, Any]:
        return {
            "day": self.day.isoformat(),
            "working": self.working,
            "holiday": self.holiday,
            "closures": [{"place": c.place, "note": c.note or None} for c in self.closures],
            "gained": list(self.gained),
            "given": list(self.given),
            "other_lab": list(self.lent),
            "school_holidays": self.school.text if self.school else None,
            "low_availability": self.school is not None,
        }


def lent_days(declaration: Declaration, place: str) -> tuple[str, ...]:
    """The working weekdays on which a place is another lab's; none for what is nobody's to open."""
    declared = declaration.places[place]
    return () if declared.anywhere else tuple(day for day in WEEKDAYS[:5] if day not in declared.open_days)


def day_views(declaration: Declaration, around: Surroundings, first: date, last: date) -> list[DayView]:
    """Every day from the first to the last, both included."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [_view(declaration, around, day) for day in days]


def _view(declaration: Declaration, around: Surroundings, day: date) -> DayView:
    gained = tuple(swap.place for swap in around.swaps if swap.gained == day)
    weekday = WEEKDAYS[day.weekday()]
    return DayView(
        day,
        around.holidays.get(day),
        tuple(c for c in around.closures if c.first <= day <= c.last),
        gained,
        tuple(swap.place for swap in around.swaps if swap.given == day),
        tuple(p for p in declaration.places if p not in gained and weekday in lent_days(declaration, p)),
        declaration.school_holidays_on(day),
    )
