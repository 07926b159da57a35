"""Working time: which days count, when so many of them have passed, and why a day did not count.

Pure arithmetic on calendar days. Days are those of the lab's zone; instants are stored text (see
`states.declaration.types`), which compares in the order of time. Nothing here knows what a request is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from attrs import field, frozen

from states.declaration.types import instant, local
from states.language import _

WEEKEND, HOLIDAY, CLOSURE, LATE_CLOSURE, PAUSE = "weekend", "holiday", "closure", "late_closure", "pause"
_DAY = timedelta(days=1)


class Closure(NamedTuple):
    """Days, both included, on which a place is closed; if none is named the lab is, Montpellier and Toulouse too."""

    place: str | None
    first: date
    last: date
    recorded_at: str = ""  # instant; empty: known from the start
    note: str = ""


class Cause(NamedTuple):
    """Why a day is not counted."""

    kind: str  # one of those above
    name: str = ""  # the holiday's name, the closure's note, the state that pauses

    @property
    def text(self) -> str:
        """The cause in people's words."""
        if self.kind == HOLIDAY:
            return _("public holiday: {name}", name=self.name)
        if self.kind == CLOSURE:
            return _("the lab is closed: {note}", note=self.name) if self.name else _("the lab is closed")
        if self.kind == LATE_CLOSURE:
            return _("the lab is closed, but this was recorded after the deadline had fallen due")
        return _("paused: {state}", state=self.name) if self.kind == PAUSE else _("weekend")


class Step(NamedTuple):
    """A day of a count: its rank, or None when it is skipped; 0 for a day that is due without being counted."""

    day: date
    number: int | None
    cause: Cause | None = None  # why it is skipped
    remark: Cause | None = None  # why it counts all the same

    @property
    def counted(self) -> bool:
        return self.number is not None


class Pause(NamedTuple):
    """A count stops at an instant, and goes on at another (None: not yet). `state` is the code of what stops it."""

    at: str
    until: str | None
    state: str


@frozen(eq=False, repr=False)
class WorkingCalendar:
    """The days the lab works. Keep one object as long as nothing is added: it remembers what it has computed.

    Wherever `known_at` is asked for, closures recorded after that instant do not exist; None knows them all.
    """

    holidays: Mapping[date, str]  # with their names
    closures: tuple[Closure, ...]
    zone: ZoneInfo
    due_hour: time
    _off: dict[int, list[int]] = field(factory=dict, init=False, repr=False, eq=False)
    _added: dict[tuple[date, int, str | None], date] = field(factory=dict, init=False, repr=False, eq=False)
    _instants: dict[date, str] = field(factory=dict, init=False, repr=False, eq=False)
    _dues: dict[tuple[date, int], Due] = field(factory=dict, init=False, repr=False, eq=False)

    @cached_property
    def lab_closures(self) -> tuple[Closure, ...]:
        """The closures of the lab, in the order they were recorded. Those of a place move no deadline."""
        return tuple(sorted((c for c in self.closures if c.place is None), key=lambda c: c.recorded_at))

    @cached_property
    def _recorded(self) -> list[str]:
        return [closure.recorded_at for closure in self.lab_closures]

    def _known(self, known_at: str | None) -> int:
        return len(self._recorded) if known_at is None else bisect_right(self._recorded, known_at)

    def cause(self, day: date, known_at: str | None = None) -> Cause | None:
        """Why a day is not a working day; None when it is one."""
        if day.weekday() >= 5:
            return Cause(WEEKEND)
        name = self.holidays.get(day)
        if name is not None:
            return Cause(HOLIDAY, name)
        for closure in self.lab_closures[: self._known(known_at)]:
            if closure.first <= day <= closure.last:
                return Cause(CLOSURE, closure.note)
        return None

    def is_working(self, day: date, known_at: str | None = None) -> bool:
        return self.cause(day, known_at) is None

    def add(self, day: date, n: int, known_at: str | None = None) -> date:
        """The n-th working day after a day, or before it if n is negative; for 0 that day or the next working one."""
        key = (day, n, known_at)
        found = self._added.get(key)
        if found is None:
            off, ordinal = self._off_days(known_at), day.toordinal()
            rank = _rank(off, ordinal) + n if n > 0 else _rank(off, ordinal - 1) + 1 + n
            found = self._added[key] = date.fromordinal(_of_rank(off, rank))
        return found

    def working_days_between(self, after: date, upto: date, known_at: str | None = None) -> int:
        """How many working days follow `after`, up to and including `upto`; 0 when there is none."""
        off = self._off_days(known_at)
        return max(0, _rank(off, upto.toordinal()) - _rank(off, after.toordinal()))

    def walk(self, after: date, upto: date, known_at: str | None = None, number: int = 0) -> Iterator[Step]:
        """Each day that follows `after`, up to and including `upto`, counted on from `number`, or skipped."""
        day = after
        while day < upto:
            day += _DAY
            cause = self.cause(day, known_at)
            if cause is None:
                number += 1
                yield Step(day, number, remark=self._remark(day))
            else:
                yield Step(day, None, cause)

    def _remark(self, day: date) -> Cause | None:
        closed = self.cause(day)
        return Cause(LATE_CLOSURE, closed.name) if closed else None

    def at_due_hour(self, day: date) -> str:
        """The instant at which deadlines of that day fall, whatever the clocks do."""
        found = self._instants.get(day)
        if found is None:
            found = self._instants[day] = instant(datetime.combine(day, self.due_hour, self.zone))
        return found

    def local_day(self, at: str) -> date:
        """The day of an instant in the lab's zone."""
        return _local_day(at, self.zone)

    def _off_days(self, known_at: str | None) -> list[int]:
        # Ordinals of the days from Monday to Friday that are not worked, in order.
        known = self._known(known_at)
        found = self._off.get(known)
        if found is None:
            days = {day.toordinal() for day in self.holidays}
            for closure in self.lab_closures[:known]:
                days.update(range(closure.first.toordinal(), closure.last.toordinal() + 1))
            found = self._off[known] = sorted(day for day in days if (day - 1) % 7 < 5)
        return found


@lru_cache(maxsize=8192)
def _local_day(at: str, zone: ZoneInfo) -> date:
    # The same instants are asked for again at every event of a request.
    return local(at, zone).date()


# Ordinal 1, the first of January of year 1, was a Monday: weekdays are counted from there, and the days off taken away.


def _rank(off: list[int], ordinal: int) -> int:
    """How many working days there are up to and including a day."""
    weeks, rest = divmod(ordinal, 7)
    return weeks * 5 + min(rest, 5) - bisect_right(off, ordinal)


def _of_rank(off: list[int], rank: int) -> int:
    """The working day that has this rank."""
    skipped = 0
    while True:
        weeks, rest = divmod(rank + skipped - 1, 5)
        ordinal = weeks * 7 + rest + 1
        found = bisect_right(off, ordinal)
        if found == skipped:
            return ordinal
        # Each turn starts too early, never too late: the days off before the answer are at least those found.
        skipped = found


class Due(NamedTuple):
    """When a count of working days ends, and what is needed to tell it day by day."""

    at: str  # instant; the last one known, while paused
    day: date
    start: date
    days: int
    pauses: tuple[Pause, ...]  # those that stopped it: one that came too late did not
    known_at: str  # closures recorded later do not count

    @property
    def paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1].until is None

    def walk(self, calendar: WorkingCalendar) -> list[Step]:
        """Each day from the start to the due day, or to the pause that still lasts."""
        found: list[Step] = []
        here, left = self.start, self.days
        for pause in self.pauses:
            stop = calendar.local_day(pause.at)
            end = calendar.add(here, left, self.known_at)
            found += self._run(calendar, here, min(stop, end), left, found)
            left = calendar.working_days_between(stop, end, self.known_at)
            if pause.until is None:
                return found
            here = calendar.local_day(pause.until)
            last = here if left else here - _DAY
            found += [Step(day, None, Cause(PAUSE, pause.state)) for day in _days(stop, last) if _follows(found, day)]
        return found + self._run(calendar, here, self.day, left, found)

    def _run(self, calendar: WorkingCalendar, after: date, upto: date, left: int, before: list[Step]) -> list[Step]:
        if left:
            number = max((step.number or 0 for step in before), default=0)
            return list(calendar.walk(after, upto, self.known_at, number))
        steps = [step for step in calendar.walk(after - _DAY, upto, self.known_at) if _follows(before, step.day)]
        return [step._replace(number=0) if step.counted else step for step in steps]


def _days(after: date, upto: date) -> list[date]:
    return [after + _DAY * n for n in range(1, (upto - after).days + 1)]


def _follows(steps: list[Step], day: date) -> bool:
    return not steps or steps[-1].day < day


def due_after(calendar: WorkingCalendar, day: date, days: int, pauses: tuple[Pause, ...] = ()) -> Due:
    """When `days` working days after a day have passed; for 0, on that day or the next working one.

    A pause, given in order of time, stops the count at the end of its local day: the working days left then are
    counted again from the local day of the return. One that begins after the due moment changes nothing.

    A closure counts only if it was recorded before the due moment: closures are taken in the order they were
    recorded, each compared with the moment found without it and without later ones. While the count is paused it
    has no due moment, and all of them count.
    """
    if not pauses and (found := calendar._dues.get((day, days))):
        return found
    due = _count(calendar, day, days, pauses, "")
    if calendar.lab_closures:
        due = _moved(calendar, due, pauses)
    if not pauses:
        calendar._dues[day, days] = due
    return due


def _moved(calendar: WorkingCalendar, due: Due, pauses: tuple[Pause, ...]) -> Due:
    since = min([due.start, *(calendar.local_day(pause.at) for pause in pauses[:1])])
    known_at = ""
    for closure in calendar.lab_closures:
        if closure.recorded_at >= due.at and not due.paused:
            break
        known_at = closure.recorded_at
        if closure.last >= since and closure.first <= due.day:
            due = _count(calendar, due.start, due.days, pauses, known_at)
    return due._replace(known_at=known_at)


def _count(calendar: WorkingCalendar, day: date, days: int, pauses: tuple[Pause, ...], known_at: str) -> Due:
    end, taken = calendar.add(day, days, known_at), 0
    for pause in pauses:
        if pause.at > calendar.at_due_hour(end):
            break
        taken += 1
        if pause.until is not None:
            left = calendar.working_days_between(calendar.local_day(pause.at), end, known_at)
            end = calendar.add(calendar.local_day(pause.until), left, known_at)
    return Due(calendar.at_due_hour(end), end, day, days, pauses[:taken], known_at)
