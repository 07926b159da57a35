"""Dates as people write them: ISO, `10/03 14h30`, `mar 14h`, `demain 9h`. What is ambiguous is refused, not guessed."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from states.language import _
from states.values import Malformed, from_local, instant, local

_DAYS = {
    "lun": 0, "lundi": 0, "mon": 0, "monday": 0, "mar": 1, "mardi": 1, "tue": 1, "tuesday": 1,
    "mer": 2, "mercredi": 2, "wed": 2, "wednesday": 2, "jeu": 3, "jeudi": 3, "thu": 3, "thursday": 3,
    "ven": 4, "vendredi": 4, "fri": 4, "friday": 4, "sam": 5, "samedi": 5, "sat": 5, "saturday": 5,
    "dim": 6, "dimanche": 6, "sun": 6, "sunday": 6,
}  # fmt: skip
_NEAR = {
    "hier": -1,
    "yesterday": -1,
    "aujourd'hui": 0,
    "auj": 0,
    "today": 0,
    "demain": 1,
    "tomorrow": 1,
    "apres-demain": 2,
}
_NOW = ("maintenant", "now")
_HOUR = re.compile(r"(?<![\d/-])(\d{1,2})\s*(?:[h:]\s*(\d{2})?)(?::(\d{2}))?\s*$")


def understood(text: str, now: str, zone: ZoneInfo) -> str:
    """The instant people mean, seen from `now`; Malformed when it is not clear, or needs a time and has none."""
    words = _plain(text)
    if words in _NOW:
        return now
    if re.match(r"\d{4}-\d{2}-\d{2}[t ]\d{2}", words):
        return _iso(text.strip(), zone)
    clock = _HOUR.search(words)
    if clock is None:
        raise Malformed(
            _("“{given}” has no time of day: write for example “10/03 14h” or “2026-03-10T14:00”", given=text)
        )
    day = day_understood(words[: clock.start()].strip(" à,atT") or "today", now, zone)
    try:
        moment = time(int(clock[1]), int(clock[2] or 0), int(clock[3] or 0))
    except ValueError:
        raise Malformed(_("“{given}” is not a time of day", given=text)) from None
    return instant(from_local(datetime.combine(day, moment), zone))


def day_understood(text: str, now: str, zone: ZoneInfo) -> date:
    """The day people mean: ISO, `10/03`, `10/03/2026`, `mar`, `demain`, `10 mars`; the next one of that name."""
    words, today = _plain(text), local(now, zone).date()
    if words in _NEAR:
        return today + timedelta(days=_NEAR[words])
    if words.rstrip(".") in _DAYS:
        return today + timedelta(days=(_DAYS[words.rstrip(".")] - today.weekday()) % 7 or 7)
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", words):
            return date.fromisoformat(words)
        if numbers := re.fullmatch(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?", words):
            return _in_year(int(numbers[1]), int(numbers[2]), numbers[3], today)
    except ValueError:
        raise Malformed(_("“{given}” is not a day of the calendar", given=text)) from None
    return _in_words(text, today)


def _in_year(day: int, month: int, year: str | None, today: date) -> date:
    """Without a year, the one that brings the day nearest: in December, 05/01 is next month."""
    if year:
        return date(int(year), month, day)
    near = []
    for offset in (-1, 0, 1):
        try:
            near.append(date(today.year + offset, month, day))
        except ValueError:
            continue
    if not near:
        raise ValueError(day)
    return min(near, key=lambda d: abs((d - today).days))


def _in_words(text: str, today: date) -> date:
    import dateparser

    settings = {
        "RELATIVE_BASE": datetime.combine(today, time(12)),
        "DATE_ORDER": "DMY",
        "PREFER_DATES_FROM": "future",
        "REQUIRE_PARTS": ["day", "month"],
    }
    found = dateparser.parse(text, languages=["fr", "en"], settings=settings)
    if found is None:
        raise Malformed(_("“{given}” is not a date: write for example “10/03 14h” or “2026-03-10T14:00”", given=text))
    return found.date()


def _iso(text: str, zone: ZoneInfo) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Malformed(
            _("“{given}” is not a date: write for example “10/03 14h” or “2026-03-10T14:00”", given=text)
        ) from None
    return instant(found if found.tzinfo else from_local(found, zone))


def _plain(text: str) -> str:
    text = text.replace("\u2019", "'").replace("\u00a0", " ").replace("\u202f", " ").strip().casefold()
    decomposed = unicodedata.normalize("NFD", text)
    return re.sub(r"\s+", " ", "".join(c for c in decomposed if not unicodedata.combining(c)))
