"""Which semester a day belongs to, and when its review is to be prepared.

A semester begins on its declared day and ends the day before the next begins; its code is the year it begins in and
its own: `2026-S1`. Source: domain.md "Time".
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import TYPE_CHECKING

from attrs import frozen

from states.worktime import WorkingCalendar

if TYPE_CHECKING:
    from states.declaration import Declaration

BEFORE = 14  # days before a semester ends in which its review is announced
AFTER = 15  # working days after it ended in which it is still called for
_DAY = timedelta(days=1)


@frozen
class Term:
    """One semester of one year, both days included."""

    code: str
    first: date
    last: date


def term_of(declaration: Declaration, day: date) -> Term:
    """The semester a day belongs to."""
    starts = sorted(
        (date(year, semester.month, semester.day), code)
        for year in (day.year - 1, day.year, day.year + 1)
        for code, semester in declaration.semesters.items()
    )
    first, code = max(start for start in starts if start[0] <= day)
    following = min(start for start, _code in starts if start > day)
    return Term(f"{first.year}-{code}", first, following - _DAY)


def review_due(declaration: Declaration, calendar: WorkingCalendar, day: date, sealed: Collection[str]) -> Term | None:
    """The semester whose review is to be prepared on a day: one that has just ended, else one about to; None if sealed.

    From two weeks before a semester ends until 15 working days after.
    """
    present = term_of(declaration, day)
    before = term_of(declaration, present.first - _DAY)
    if before.code not in sealed and calendar.working_days_between(before.last, day) <= AFTER:
        return before
    if present.code not in sealed and (present.last - day).days < BEFORE:
        return present
    return None
