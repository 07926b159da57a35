"""Dates as people write them: ISO, `10/03 14h30`, `mar 14h`, `demain 9h`, `le 10 mars à 14 h`, in French or English.

What is said without a year, a month or a date is looked for in one direction: the coming one for what is planned,
the past one for what is recorded. What could be two days is refused with both, and a day more than nine months away
needs its year; nothing is guessed.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from states.declaration.types import Malformed, from_local, instant, local, moment
from states.declaration.written import YEAR, simplified
from states.language import DAY_NAMES, MONTH_NAMES, _, long_date

Toward = Literal["coming", "past", "near"]
FAR = timedelta(days=274)  # nine months
SLIP = timedelta(days=31)  # a day that has just gone is a slip to be told, not the same day of another year

_NEAR = {
    "avant-hier": -2, "the day before yesterday": -2, "hier": -1, "yesterday": -1, "aujourd'hui": 0, "auj": 0,
    "today": 0, "demain": 1, "tomorrow": 1, "apres-demain": 2, "apres demain": 2, "the day after tomorrow": 2,
}  # fmt: skip
_NOW = ("maintenant", "now")
_ARTICLE = r"^(?:(?:pour|on|of|du|le|the|ce|cet|this)\s+)+"
_ISO = r"(\d{4}-\d{2}-\d{2})[t ](\d{2}(?::?\d{2}(?::?\d{2}(?:[.,]\d+)?)?)?)(?: ?(z|[+-]\d{2}(?::?\d{2})?))?"
_CLOCK = r"(?P<hour>\d{1,2})(?:%sh(?:eures?|rs?)?%s(?P<minute>\d{2})?|:(?P<past>\d{2})(?::(?P<second>\d{2}))?)"
_HALF = r"(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?\s*(?P<half>am|pm)"
# The time of day ends what is said, or begins it; then nothing is written between the hours and the minutes.
_LAST = [(rf"(?:^|(?<=[\s,]))(?:(?:a|at)\s+)?(?:{clock})$") for clock in (_HALF, _CLOCK % (r"\s*", r"\s*"))]
_FIRST = [(rf"^(?:(?:a|at)\s+)?(?:{clock})[\s,]+(?=\S)") for clock in (_HALF, _CLOCK % ("", ""))]
_LENGTH = r"(\d{1,4})\s*(?:(h|heures?|hours?)(?:\s*(\d{2}))?|(?:min|mn|minutes?))"
_AHEAD = rf"(?:dans|in)\s+{_LENGTH}"
_AGO = rf"(?:il y a\s+{_LENGTH}|{_LENGTH}\s+ago)"
_COUNTED = r"(?:dans|in) (?P<ahead>.+)|il y a (?P<gone>.+)|(?P<past>.+) ago"
_UNITS = {
    "jour": (1, 0), "j": (1, 0), "day": (1, 0), "semaine": (7, 0), "sem": (7, 0), "week": (7, 0), "fortnight": (14, 0),
    "quinzaine": (15, 0), "mois": (0, 1), "month": (0, 1), "an": (0, 12), "year": (0, 12),
}  # fmt: skip
_NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "un une a an one", "deux two", "trois three", "quatre four", "cinq five", "six", "sept seven",
            "huit eight", "neuf nine", "dix ten", "onze eleven", "douze twelve", "treize thirteen",
            "quatorze fourteen", "quinze fifteen", "seize sixteen", "dix-sept seventeen", "dix-huit eighteen",
            "dix-neuf nineteen", "vingt twenty", "vingt-et-un twenty-one",
        ),
        1,
    )
    for word in words.split()
}  # fmt: skip
_COUNT = rf"(\d{{1,4}}|{'|'.join(_NUMBERS)}) ?({'|'.join(_UNITS)})s?(?: (?:et|and) |$)"
_NUMERIC = r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?|(\d{1,2})([.-])(\d{1,2})\5(\d{4})"
_NAMED = r"(\d{1,2})(?:er|st|nd|rd|th)? (?:of )?([a-z]+)\.?(?: (\d{4}))?"
_ENGLISH = r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?"
_OF_MONTH = r"(\d{1,2})(?:er|st|nd|rd|th)?"
_WEEKDAY = r"([a-z]+)\.?,?(?: (.+))?"


def _numbered(names: Mapping[str, tuple[Sequence[str], Sequence[str]]], first: int, **others: int) -> dict[str, int]:
    """The names of both languages as people type them, whole or short, with their numbers from `first`."""
    each = (enumerate(names_of, first) for both in names.values() for names_of in both)
    return {simplified(name).rstrip("."): number for numbers in each for number, name in numbers} | others


@cache
def _days() -> Mapping[str, int]:
    return _numbered(DAY_NAMES, 0, tues=1, thur=3, thurs=3)


@cache
def _months() -> Mapping[str, int]:
    return _numbered(MONTH_NAMES, 1, fev=2, sep=9)


def understood(text: str, now: str, zone: ZoneInfo, toward: Toward = "coming", *, day_ends: bool = False) -> str:
    """The instant people mean, seen from `now`; Malformed when it is not clear, or needs a time and has none.

    `day_ends`: a day alone is enough, and means its end.
    """
    words = simplified(text)
    said = _Said(text, local(now, zone), toward, None, timed=True)
    if words in _NOW:
        return now
    try:
        if length := _length(words):
            return instant(moment(now) + length)
        if iso := re.fullmatch(_ISO, words):
            return _iso(iso, said, zone)
        clock, rest = _clock(words, text)
        said = said._replace(clock=clock)
        day = said.meant(said.day(rest))
        if clock is None and not day_ends:
            raise said.without_time(day)
        return instant(from_local(datetime.combine(day, clock or time(23, 59, 59)), zone))
    except OverflowError:
        raise said.not_a_date() from None


def day_understood(text: str, now: str, zone: ZoneInfo, toward: Toward = "coming") -> date:
    """The day people mean: ISO, `10/03`, `10/03/2026`, `mar`, `demain`, `10 mars`, `dans 3 jours`."""
    said = _Said(text, local(now, zone), toward, None)
    try:
        return said.meant(said.day(simplified(text)))
    except OverflowError:
        raise said.not_a_date() from None


class _Said(NamedTuple):
    """What was said, when, and which way to look for what it leaves out."""

    text: str
    now: datetime  # in the lab's zone
    toward: Toward
    clock: time | None
    timed: bool = False  # a moment is wanted, not a day

    @property
    def today(self) -> date:
        return self.now.date()

    def meant(self, day: date) -> date:
        """A day that somebody may mean; Malformed for one that is centuries away."""
        if not re.match(YEAR, day.isoformat()):
            raise Malformed(_("a date out of range: {given}", given=day.isoformat()))
        return day

    def day(self, words: str) -> date:
        """The day that some words mean; Malformed when they mean none, or two."""
        if words in _NEAR:
            return self.today + timedelta(days=_NEAR[words])
        bare = re.sub(_ARTICLE, "", words).strip(" ,")
        if not bare:
            if words or self.clock is None:
                raise self.not_a_date()
            return self.today
        for read in (self._on_calendar, self._by_weekday, self._counted):
            if found := read(bare):
                return found
        if (alone := re.fullmatch(_OF_MONTH, bare)) and bare != words:
            return self._of_month(int(alone[1]))
        raise self.not_a_date()

    # --- A date of the calendar ---

    def _on_calendar(self, words: str) -> date | None:
        try:
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", words):
                return date.fromisoformat(words)
            if numbers := re.fullmatch(_NUMERIC, words):
                day, month, year = numbers[1] or numbers[4], numbers[2] or numbers[6], numbers[3] or numbers[7]
                return self._in_year(int(day), int(month), year)
            if (named := re.fullmatch(_NAMED, words)) and named[2] in _months():
                return self._in_year(int(named[1]), _months()[named[2]], named[3])
            if (named := re.fullmatch(_ENGLISH, words)) and named[1] in _months():
                return self._month_first(named)
        except ValueError as problem:
            if isinstance(problem, Malformed):
                raise
            raise Malformed(_("“{given}” is not a day of the calendar", given=self.text)) from None
        return None

    def _month_first(self, named: re.Match[str]) -> date:
        """`March 10`; but `mar 10` could be a Tuesday in French."""
        found = self._in_year(int(named[2]), _months()[named[1]], named[3])
        if named[1] in _days() and not named[3]:
            for other in self._of_months(int(named[2])):
                if other.weekday() == _days()[named[1]] and other != found:
                    raise self._unclear(found, other)
        return found

    def _in_year(self, day: int, month: int, year: str | None) -> date:
        if year:
            return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
        found = self._nearest(day, month)
        if abs(found - self.today) > FAR:
            raise self._far(found)
        return found

    def _nearest(self, day: int, month: int) -> date:
        """That day of the year that is looked for in the direction; ValueError where there is none."""
        near = []
        for offset in (-1, 0, 1):
            try:
                near.append(date(self.today.year + offset, month, day))
            except ValueError:
                continue
        if self.toward == "coming":
            near = [found for found in near if found >= self.today - SLIP][:1]
        elif self.toward == "past":
            near = [found for found in near if found <= self.today + SLIP][-1:]
        if not near:
            raise ValueError(day)
        return min(near, key=lambda found: abs((found - self.today).days))

    # --- A day of the month ---

    def _of_months(self, day: int) -> Iterator[date]:
        """That day of this month and those around it, in the order of the direction looked in."""
        first = self.today.replace(day=1)
        months = [first, (first + timedelta(days=31)).replace(day=1), (first + timedelta(days=62)).replace(day=1)]
        if self.toward == "past":
            before = (first - timedelta(days=1)).replace(day=1)
            months = [first, before, (before - timedelta(days=1)).replace(day=1)]
        for month in months:
            try:
                found = month.replace(day=day)
            except ValueError:
                continue
            if found == self.today or (found < self.today) == (self.toward == "past"):
                yield found

    def _of_month(self, day: int) -> date:
        found = next(self._of_months(day), None)
        if found is None:
            raise Malformed(_("“{given}” is not a day of the calendar", given=self.text))
        return found

    # --- A day of the week ---

    def _by_weekday(self, words: str) -> date | None:
        if (ranked := re.fullmatch(r"(next|last) ([a-z]+)", words)) and ranked[2] in _days():
            return self._ranked(_days()[ranked[2]], ranked[1])
        named = re.fullmatch(_WEEKDAY, words)
        if named is None or named[1] not in _days():
            return None
        weekday, rest = _days()[named[1]], named[2]
        if rest is None:
            return self._weekday(weekday)
        if rest in ("prochain", "dernier"):
            return self._ranked(weekday, "next" if rest == "prochain" else "last")
        if rest in ("en huit", "en quinze"):
            return self._weekday(weekday) + timedelta(days=7 if rest == "en huit" else 14)
        number = re.fullmatch(_OF_MONTH, rest)
        found = self._of_month(int(number[1])) if number else self._on_calendar(rest)
        if found is not None and found.weekday() != weekday:
            raise Malformed(_("“{given}”: {date} is another day of the week", given=self.text, date=long_date(found)))
        return found

    def _weekday(self, weekday: int) -> date:
        """The nearest one in the direction looked in; a coming one that is today, or in a week, could be either."""
        ahead = self.today + timedelta(days=(weekday - self.today.weekday()) % 7)
        gone = self.clock is not None and datetime.combine(self.today, self.clock) <= self.now.replace(tzinfo=None)
        if self.toward == "past":
            return ahead if ahead == self.today and (gone or self.clock is None) else ahead - timedelta(days=7)
        if ahead != self.today or self.toward == "near":
            return ahead
        if gone:
            return ahead + timedelta(days=7)
        raise self._unclear(ahead, ahead + timedelta(days=7))

    def _ranked(self, weekday: int, rank: str) -> date:
        """`next Tuesday`: to some the coming one, to others that of next week; where they differ, neither."""
        monday, week = self.today - timedelta(days=self.today.weekday()), timedelta(days=7)
        here = monday + timedelta(days=weekday)
        if rank == "next" and here > self.today:
            raise self._unclear(here, here + week)
        if rank == "last" and here < self.today:
            raise self._unclear(here, here - week)
        return here + week if rank == "next" else here - week

    # --- A length of time ---

    def _counted(self, words: str) -> date | None:
        """`dans trois jours`, `il y a un mois et deux jours`, `2 weeks ago`; a month is a calendar month."""
        counted = re.fullmatch(_COUNTED, words)
        length = counted and (counted["ahead"] or counted["gone"] or counted["past"])
        if not counted or not length or not re.fullmatch(f"(?:{_COUNT})+", length):
            return None
        days = months = 0
        for number, unit in re.findall(_COUNT, length):
            times = _NUMBERS.get(number) or int(number)
            days, months = days + times * _UNITS[unit][0], months + times * _UNITS[unit][1]
        sign = 1 if counted["ahead"] else -1
        year, month = divmod(self.today.year * 12 + self.today.month - 1 + sign * months, 12)
        try:
            last = monthrange(year, month + 1)[1]
            return date(year, month + 1, min(self.today.day, last)) + timedelta(days=sign * days)
        except ValueError:
            raise self.not_a_date() from None

    # --- What is not understood ---

    def example(self, day: date) -> str:
        """A day as it could be typed here: with its year if it needs one, and with a time if a moment is wanted."""
        alone = abs(day - self.today) <= FAR and self._nearest(day.day, day.month) == day
        typed = f"{day:%d/%m}" if alone else f"{day:%d/%m/%Y}"
        clock = self.clock or time(14)
        return f"{typed} {clock.hour}h{f'{clock.minute:02}' if clock.minute else ''}" if self.timed else typed

    def without_time(self, day: date) -> Malformed:
        return Malformed(
            _("“{given}” has no time of day: write for example “{example}”", given=self.text, example=self.example(day))
        )

    def not_a_date(self) -> Malformed:
        day = self.today + timedelta(days=-7 if self.toward == "past" else 7)
        iso = f"{day.isoformat()}T14:00" if self.timed else day.isoformat()
        return Malformed(
            _(
                "“{given}” is not a date: write for example “{example}” or “{iso}”",
                given=self.text,
                example=self.example(day),
                iso=iso,
            )
        )

    def _far(self, day: date) -> Malformed:
        return Malformed(
            _(
                "“{given}” would be {date}, more than nine months away: write its year, like “{example}”",
                given=self.text,
                date=long_date(day),
                example=self.example(day),
            )
        )

    def _unclear(self, *days: date) -> Malformed:
        one, other = sorted(days)
        return Malformed(
            _(
                "“{given}” could be {one} or {other}: write which, like “{example}”",
                given=self.text,
                one=long_date(one),
                other=long_date(other),
                example=self.example(one),
            )
        )


def _clock(words: str, text: str) -> tuple[time | None, str]:
    """The time of day said at the end, or at the beginning, and the words that are left."""
    words = re.sub(r"(?<!-)\b(?:midi|noon)$", "12h", words)
    for pattern in (*_LAST, *_FIRST):
        if found := re.search(pattern, words):
            return _time(found, text), f"{words[: found.start()]} {words[found.end() :]}".strip(" ,")
    return None, words


def _time(found: re.Match[str], text: str) -> time:
    said = found.groupdict()
    hour, half = int(said["hour"]), said.get("half")
    try:
        if half:
            hour = time(hour % 12 if 1 <= hour <= 12 else 24).hour + (12 if half == "pm" else 0)
        return time(hour, int(said["minute"] or said.get("past") or 0), int(said.get("second") or 0))
    except ValueError:
        raise Malformed(_("“{given}” is not a time of day", given=text)) from None


def _length(words: str) -> timedelta | None:
    """`dans 2h`, `il y a 30 min`, `2 hours ago`."""
    for pattern, sign in ((_AHEAD, 1), (_AGO, -1)):
        if found := re.fullmatch(pattern, words):
            number, hours, minutes = found.groups()[:3] if found[1] else found.groups()[3:]
            spent = timedelta(hours=int(number), minutes=int(minutes or 0)) if hours else timedelta(minutes=int(number))
            return spent * sign
    return None


def _iso(found: re.Match[str], said: _Said, zone: ZoneInfo) -> str:
    day, clock, offset = found.groups()
    try:
        at = datetime.fromisoformat(f"{day}T{clock.replace(',', '.')}{(offset or '').upper()}")
    except ValueError:
        raise said.not_a_date() from None
    said.meant(at)
    return instant(at if at.tzinfo else from_local(at, zone))
