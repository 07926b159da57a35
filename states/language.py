"""People's words: the catalogue, the language of the moment, dates and numbers as they are written.

Source strings are English; `locale/<language>/LC_MESSAGES/coop.po` holds the others. The language is a
context variable, so one process can write to two people in two languages.
"""

from __future__ import annotations

import gettext
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from states.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

DOMAIN = "coop"
LOCALES = Path(__file__).parent / "locale"
LANGUAGES = ("fr", "en")
DEFAULT = "fr"

# Monday and January first, whole and short, as Unicode's CLDR has them in France and Britain. The tests ask Babel; a
# command does not, because reading the tables of the whole world is a twentieth of its time.
DAY_NAMES: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "fr": (
        ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
        ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."),
    ),
    "en": (
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    ),
}
MONTH_NAMES: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "fr": (
        (
            "janvier", "février", "mars", "avril", "mai", "juin",
            "juillet", "août", "septembre", "octobre", "novembre", "décembre",
        ),
        ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
    ),
    "en": (
        (
            "January", "February", "March", "April", "May", "June",
            "July", "August", "September", "October", "November", "December",
        ),
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"),
    ),
}  # fmt: skip

_language: ContextVar[str] = ContextVar("language", default=DEFAULT)


_year: ContextVar[int | None] = ContextVar("year", default=None)  # the one people are in


def in_year(year: int | None) -> None:
    """Make `year` the one that short dates of this context leave out."""
    _year.set(year)


def current() -> str:
    """The code of the language people read now: `fr` or `en`."""
    return _language.get()


def use(language: str) -> None:
    """Make `language` the one of this context from here on."""
    _language.set(language if language in LANGUAGES else DEFAULT)


@contextmanager
def spoken(language: str) -> Iterator[None]:
    """Write in `language` inside the block, e.g. for one recipient of a mail."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    file = LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    return Catalogue(file) if file.is_file() else gettext.NullTranslations()


def said(message: str, many: str | None = None, n: int = 1) -> str:
    """The message in the current language, as it stands in the catalogue; of two forms, that for `n` things."""
    found = _catalogue(current())
    return found.gettext(message) if many is None else found.ngettext(message, many, n)


def _(message: str, /, **values: Any) -> str:
    """The message in the current language, with its `{names}` filled in."""
    found = said(message) if message else ""
    return found.format(**values) if values else found


def _n(one: str, many: str, n: int, /, **values: Any) -> str:
    """The message for `n` things; `{n}` is available in both forms."""
    return said(one, many, n).format(n=n, **values)


def N_(message: str) -> str:
    """Marks a message for the catalogue; it is translated where it is shown."""
    return message


def label_of(labels: Mapping[str, str], fallback: str = "") -> str:
    """The label of the declaration in the current language, else in French, else `fallback`."""
    return labels.get(current()) or labels.get(DEFAULT) or fallback


def clock_time(moment: time | datetime) -> str:
    """`14 h 30` in French, `14:30` in English."""
    if current() == "fr":
        return f"{moment.hour}\u00a0h\u00a0{moment.minute:02d}" if moment.minute else f"{moment.hour}\u00a0h"
    return f"{moment.hour:02d}:{moment.minute:02d}"


def long_date(day: date) -> str:
    """`mardi 10 mars 2026`."""
    return f"{_day_and_month(day, short=False)} {day.year}"


def short_date(day: date) -> str:
    """`mar. 10 mars`; with its year when that is not the one people are in."""
    text = _day_and_month(day, short=True)
    return text if _year.get() in (None, day.year) else f"{text} {day.year}"


def _day_and_month(day: date, *, short: bool) -> str:
    names, months = DAY_NAMES[current()][short], MONTH_NAMES[current()][short]
    number = "1er" if current() == "fr" and day.day == 1 else day.day
    return f"{names[day.weekday()]} {number} {months[day.month - 1]}"


def month_name(day: date) -> str:
    """`mars 2026`."""
    return f"{MONTH_NAMES[current()][0][day.month - 1]} {day.year}"


def numeric_date(day: date) -> str:
    """`10/03/2026` in both languages: the lab is in France."""
    return f"{day.day:02d}/{day.month:02d}/{day.year}"


def long_time(moment: datetime) -> str:
    """`mardi 10 mars 2026 à 14 h 30`; `moment` is already in the lab's zone."""
    return _("{date} at {time}", date=long_date(moment.date()), time=clock_time(moment))


def short_time(moment: datetime) -> str:
    """`mar. 10 mars 14 h 30`; `moment` is already in the lab's zone."""
    return f"{short_date(moment.date())} {clock_time(moment)}"


def number(value: int | Decimal) -> str:
    """A number with the separators of the language, to three decimals at most: `1 234,5`, `1,234.5`."""
    whole, _point, decimals = f"{round(value, 3):,}".partition(".")
    decimals = decimals.rstrip("0")
    if current() == "fr":
        return whole.replace(",", "\u00a0") + ("," + decimals if decimals else "")
    return whole + ("." + decimals if decimals else "")


def duration(minutes: int) -> str:
    """`1 h 30`, `45 min`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}\u00a0min"
    return f"{hours}\u00a0h\u00a0{rest:02d}" if rest else f"{hours}\u00a0h"


def enumeration(words: Sequence[str], last: str | None = None) -> str:
    """`a, b et c`; `a, b ; c et d` where an item has a comma of its own."""
    if len(words) < 2:
        return "".join(words)
    joined = last or _("and")
    return f"{listing(words[:-1])} {joined} {words[-1]}"


def listing(words: Sequence[str]) -> str:
    """`a, b, c`; `a, b ; c` where an item has a comma of its own."""
    return (_("; ") if any(", " in word for word in words) else ", ").join(words)


def labelled(label: str, value: str) -> str:
    """`Service : DRAJES`; a label that asks is answered as it stands: `Le résultat est-il déjà défini ? non`."""
    return f"{label}\u00a0{value}" if label.endswith("?") else _("{label}: {value}", label=label, value=value)
