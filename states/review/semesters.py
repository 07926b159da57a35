"""Semesters: the halves of a year a review looks back over, and when their review is to be prepared.

A semester begins on its declared day and ends the day before the next begins; its code is the year it begins in and
its own: `2026-S1`. Source: domain.md "Time".
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from states.calendar.working_days import WorkingCalendar
from states.declaration.types import instant, local

if TYPE_CHECKING:
    from states.declaration.model import Declaration

BEFORE = 14  # days before a semester ends in which its review is announced
AFTER = 15  # working days after it ended in which it is still called for
_DAY = timedelta(days=1)


class Period(NamedTuple):
    """Days a figure is about, both included, and the same as instants: from `start`, up to `end` without it."""

    code: str  # "2026-S1"
    first: date
    last: date
    start: str
    end: str

    def holds(self, at: str) -> bool:
        """Whether an instant lies in it."""
        return self.start <= at < self.end


def semester(declaration: Declaration, code: str) -> Period:
    """The semester of a code like `2026-S1`, already checked: the year is the one it starts in."""
    year, _dash, name = code.partition("-")
    first = _starts(declaration, int(year), name)
    following = min(start for start, _name in _around(declaration, first.year) if start > first)
    return _period(declaration, code, first, following - _DAY)


def semester_of(declaration: Declaration, day: date) -> Period:
    """The semester a day falls in."""
    first, name = max((start, name) for start, name in _around(declaration, day.year) if start <= day)
    return semester(declaration, f"{first.year:04}-{name}")


def before(declaration: Declaration, period: Period) -> Period:
    """The semester before."""
    return semester_of(declaration, period.first - _DAY)


def same_share(declaration: Declaration, earlier: Period, period: Period, limit: str) -> Period:
    """The part of a semester that has as many days and hours as one that runs has had up to an instant."""
    zone = declaration.lab.tz
    passed = local(limit, zone).replace(tzinfo=None) - datetime.combine(period.first, time(0))
    until = (datetime.combine(earlier.first, time(0)) + passed).replace(tzinfo=zone)
    end = min(earlier.end, instant(until))
    last = (local(end, zone) - timedelta(seconds=1)).date()
    return Period(earlier.code, earlier.first, last, earlier.start, end)


def year_so_far(declaration: Declaration, period: Period) -> Period:
    """From 1 January of the year a period ends in, to its end."""
    return _period(declaration, str(period.last.year), date(period.last.year, 1, 1), period.last)


def _starts(declaration: Declaration, year: int, name: str) -> date:
    found = declaration.semesters[name]
    return date(year, found.month, found.day)


def _around(declaration: Declaration, year: int) -> list[tuple[date, str]]:
    """The semesters that start in a year, the one before or the one after."""
    return [(_starts(declaration, y, name), name) for y in (year - 1, year, year + 1) for name in declaration.semesters]


def _period(declaration: Declaration, code: str, first: date, last: date) -> Period:
    return Period(code, first, last, midnight(declaration, first), midnight(declaration, last + _DAY))


def midnight(declaration: Declaration, day: date) -> str:
    """The instant a day begins in the lab's zone."""
    return instant(datetime.combine(day, time(0), declaration.lab.tz))


def review_due(
    declaration: Declaration, calendar: WorkingCalendar, day: date, sealed: Collection[str]
) -> Period | None:
    """The semester whose review is to be prepared on a day: one that has just ended, else one about to; None if sealed.

    From two weeks before a semester ends until 15 working days after.
    """
    present = semester_of(declaration, day)
    last = before(declaration, present)
    if last.code not in sealed and calendar.working_days_between(last.last, day) <= AFTER:
        return last
    if present.code not in sealed and (present.last - day).days < BEFORE:
        return present
    return None
