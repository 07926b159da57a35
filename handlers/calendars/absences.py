"""Absences from a calendar file (iCalendar, RFC 5545): the whole days its events touch, repetitions included.

Only days come out of here. What the events are called, where and with whom, is read past and kept nowhere: an absence
has no reason.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from math import prod
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from attrs import frozen

from handlers.forms.raw import unreadable
from handlers.forms.text import content, name_of
from states.calendar.day_ranges import Days, common, merged
from states.causes import in_its_words
from states.language import _

if TYPE_CHECKING:
    from icalendar import Calendar

YEARS = 2  # how far ahead repetitions are followed
OFTEN = 24  # times a day: what repeats more often is no absence, and would never end
MOST = 50_000  # times that an event may repeat: each day for a century is less
CROWD = 5000  # events, from which on they say something: each takes a hundred times the memory of its lines
_TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
_DAY, _INSTANT = timedelta(days=1), timedelta(microseconds=1)


@frozen
class CalendarFile:
    """What a calendar file says: the days away from today on, and how many events it holds."""

    days: tuple[Days, ...]
    events: int
    until: date  # the last day looked at


def read_calendar(path: str | os.PathLike[str], zone: ZoneInfo, today: date) -> CalendarFile:
    """The days that the events of a file touch, in the lab's zone, from today to two years ahead.

    Events said to be cancelled are left out; every other one counts, whether or not it is shown as busy: calendars
    show a whole day away as free more often than not. Raises Invalid for a file that is no calendar or is damaged.
    """
    file = name_of(path)
    calendars = _parsed(content(path), file)
    until = _years_later(today, YEARS)
    days, events = [], 0
    for calendar in calendars:
        events += _check_events(calendar, file, until)
        days += list(_days(calendar, file, zone, today, until))
    return CalendarFile(tuple(common(merged(days), [(today, until)])), events, until)


def _years_later(day: date, years: int) -> date:
    return date(day.year + years, day.month, min(day.day, 28) if day.month == 2 else day.day)


def _parsed(data: bytes, file: str) -> list[Calendar]:
    from icalendar import Calendar

    events = data.count(b"BEGIN:")
    if events > CROWD and events * 150 > len(data):
        raise unreadable(file, _("there are too many events for the text that is in them."))
    try:
        found = [c for c in Calendar.from_ical(data, multiple=True) if c.name == "VCALENDAR"]
    except Exception:  # the library quotes the line it stumbles on, which may say what an event is: it is not repeated
        raise unreadable(file, _("this is no calendar (ICS) file, or it is damaged: export it again.")) from None
    if not found:
        raise unreadable(file, _("there is no calendar in this file; an ICS file (iCalendar) is expected."))
    return list(found)


def _check_events(calendar: Calendar, file: str, until: date) -> int:
    """How many events there are. Invalid when one has no beginning, or repeats as no absence does."""
    events = calendar.walk("VEVENT")
    for number, event in enumerate(events, 1):
        errors = [(name, str(problem)) for name, problem in event.errors if name in ("DTSTART", "DTEND", "RRULE")]
        wrong = [f"{name} {in_its_words(words)}" for name, words in errors]
        if wrong:
            message = _("event {n} cannot be read: {problem}", n=number, problem="; ".join(wrong))
            raise unreadable(file, message)
        if not isinstance(getattr(event.get("DTSTART"), "dt", None), date):  # none, no date, or two
            raise unreadable(file, _("event {n} does not say when it begins (DTSTART).", n=number))
        if any(_never_advances(rule) for rule in _rules(event)):
            raise unreadable(file, _("event {n} repeats at an interval of nothing, and would never end.", n=number))
        if any(_too_often(rule) for rule in _rules(event)):
            raise unreadable(file, _("event {n} repeats within the day: this is no absence.", n=number))
        if _too_many(event, until):
            raise unreadable(file, _("event {n} has repeated for too long: give it a later beginning.", n=number))
    return len(events)


def _rules(event: Any) -> list[Any]:
    """What an event repeats by, and what it leaves out by."""
    properties = (event.get(name, []) for name in ("RRULE", "EXRULE"))
    return [rule for given in properties for rule in (given if isinstance(given, list) else [given])]


def _never_advances(rule: Any) -> bool:
    return any(int(interval) < 1 for interval in rule.get("INTERVAL", ()))


def _within_the_day(rule: Any) -> int:
    return prod(len(rule.get(part, ())) or 1 for part in ("BYHOUR", "BYMINUTE", "BYSECOND"))


def _too_often(rule: Any) -> bool:
    return _within_the_day(rule) > OFTEN or any(str(word).upper() in _TOO_OFTEN for word in rule.get("FREQ", ()))


def _too_many(event: Any, until: date) -> bool:
    """Whether an event repeats more often, up to the last day looked at, than anyone is away: since the year 1, say."""
    start = event["DTSTART"].dt
    long = (until - (start.date() if isinstance(start, datetime) else start)).days
    return bool(_rules(event)) and long * max(map(_within_the_day, _rules(event))) > MOST


def _days(calendar: Calendar, file: str, zone: ZoneInfo, today: date, until: date) -> Iterator[Days]:
    import recurring_ical_events  # type: ignore[import-untyped]

    try:
        # A day more on each side: an event of another zone may touch here a day that it does not touch there.
        found = recurring_ical_events.of(calendar).between(today - _DAY, until + 2 * _DAY)
    except Exception:
        raise unreadable(file, _("the repetitions of an event cannot be followed: export it again.")) from None
    for event in found:
        if str(event.get("STATUS", "")).upper() != "CANCELLED":
            yield _touched(event["DTSTART"].dt, event["DTEND"].dt if "DTEND" in event else None, zone)


def _touched(start: date | datetime, end: date | datetime | None, zone: ZoneInfo) -> Days:
    """The local days of an event, whose end is not part of it: midnight does not touch the day that begins."""
    first, last = _day(start, zone), _day(start, zone)
    if isinstance(end, datetime):
        # Never before the start: some programs end an instant, or a whole day, where it begins.
        last = max(first, _day(_aware(end, zone) - _INSTANT, zone))
    elif end is not None:
        last = max(first, end - _DAY)
    return first, last


def _aware(moment: datetime, zone: ZoneInfo) -> datetime:
    """A time without a zone is everyone's local time (RFC 5545, 3.3.5)."""
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _day(moment: date | datetime, zone: ZoneInfo) -> date:
    return _aware(moment, zone).astimezone(zone).date() if isinstance(moment, datetime) else moment
