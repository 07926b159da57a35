"""Days as people give them to a command, and as they are told back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from cli.input.dates import Toward, day_understood, understood
from states.declaration.types import Malformed, instant, local, moment
from states.errors import FieldError, Invalid
from states.language import DAY_NAMES, _, current, long_date, short_time

if TYPE_CHECKING:
    from cli.session import Session
    from states.calendar.day_ranges import Days
    from states.declaration.model import Declaration


TOWARDS: tuple[Toward, ...] = ("coming", "past", "near")


def today(session: Session) -> date:
    return local(session.now, session.declaration.lab.tz).date()


def day_given(session: Session, text: str, name: str, since: date | None = None, toward: Toward = "coming") -> date:
    """The day people mean, the coming one unless told otherwise; Invalid names the option.

    What would come before `since` is looked for from there on: the 5th of January that follows a 20th of December.
    """
    zone = session.declaration.lab.tz
    found = session.day(text, name, toward)
    if since and found < since:
        try:
            found = day_understood(text, instant(datetime.combine(since, time(0), zone)), zone)
        except Malformed as problem:
            raise Invalid([FieldError(name, str(problem))], _("The date was not understood.")) from None
    return found


def range_given(session: Session, start: str, end: str | None, toward: Toward = "coming") -> Days:
    """The days from one to another, both included; one day when no end is given."""
    first = day_given(session, start, "--from", toward=toward)
    last = day_given(session, end, "--to", since=first, toward=toward) if end else first
    if last < first:
        said = _("{last} is before {first}", last=long_date(last), first=long_date(first))
        raise Invalid([FieldError("--to", said)], _("The last day comes before the first."))
    return first, last


def range_recorded(session: Session, start: str, end: str | None, recorded: Iterable[Days]) -> Days:
    """The days people take back: without a year, those that were recorded, be they past; else the coming ones."""
    known = list(recorded)
    for toward in TOWARDS:
        try:
            days = range_given(session, start, end, toward)
        except Invalid:
            continue
        if any(days[0] <= last and first <= days[1] for first, last in known):
            return days
    return range_given(session, start, end)


def moment_given(session: Session, text: str | None, name: str) -> str:
    """The moment to look from: now, the day people mean from its first minute, or the very time they say."""
    if not text:
        return session.now
    zone = session.declaration.lab.tz
    try:
        found = understood(text, session.now, zone)
    except Malformed:
        found = instant(datetime.combine(day_given(session, text, name), time(0), zone))
    return max(session.now, instant(moment(found) - timedelta(seconds=1)))


def range_told(days: Days) -> str:
    """`from Monday 9 March 2026 to Friday 13 March 2026`."""
    first, last = days
    if first == last:
        return _("on {day}", day=long_date(first))
    return _("from {first} to {last}", first=long_date(first), last=long_date(last))


def slot_told(declaration: Declaration, at: str) -> str:
    """A proposed slot: `Mon 20 Apr 9:00`, and whether it lies in the school holidays."""
    here = local(at, declaration.lab.tz)
    known = declaration.school_holidays_on(here.date())
    return short_time(here) + (" " + _("(school holidays)") if known else "")


def weekdays(*, short: bool = False) -> list[str]:
    """The names of the days, Monday first."""
    return [name.rstrip(".") for name in DAY_NAMES[current()][short]]
