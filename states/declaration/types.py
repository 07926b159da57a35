"""The types of what people give: form fields and event keys, from text or JSON to checked values, and back to text.

A checked value is a JSON value with no float: text, whole number, true/false, or a list. Instants are ISO 8601 in
UTC (`2026-03-10T13:00:00Z`), decimals are text, durations are minutes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from states.declaration.headcounts import joined, pairs
from states.declaration.marks import is_scientific, visible
from states.declaration.written import YEAR, iso_day, iso_time, one_code, whole
from states.errors import did_you_mean
from states.language import _

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from states.declaration.tables import Field, Key


class Malformed(ValueError):
    """A value that cannot be read; its text says what was expected and what was given."""


def instant(moment: datetime) -> str:
    """An aware moment as stored: whole seconds, UTC."""
    if moment.tzinfo is None:
        raise Malformed(_("a date and time without its offset: {given}", given=moment.isoformat()))
    if not 1000 < moment.year < 9000:
        raise Malformed(_("a date out of range: {given}", given=moment.isoformat()))
    return moment.astimezone(UTC).isoformat()[:19] + "Z"


def moment(text: str) -> datetime:
    """The stored instant as an aware datetime in UTC."""
    return datetime.fromisoformat(text)


def local(text: str, zone: ZoneInfo) -> datetime:
    """The stored instant in the lab's zone."""
    return datetime.fromisoformat(text).astimezone(zone)


def offset_time(text: str | None, zone: ZoneInfo) -> str | None:
    """The stored instant as contract.md prints it: ISO 8601 with the lab's offset."""
    return None if text is None else local(text, zone).isoformat()


class Reading(NamedTuple):
    """What is needed to read a value: the declaration, and whether a local time may stand without its offset."""

    declaration: Declaration
    local_times: bool = True

    @property
    def zone(self) -> ZoneInfo:
        return self.declaration.lab.tz


def _text(value: Any, spec: Field | Key, _reading: Reading) -> str:
    if not isinstance(value, str):
        raise Malformed(_expected(_("a text"), value))
    found = value.strip(" \t\r\n\u00a0")
    if why := unstorable(found):
        raise Malformed(why)
    return _sized(found, spec)


def unstorable(text: str) -> str | None:
    """Why no database keeps a text; None when they all do."""
    if "\x00" in text:
        return _("a NUL character cannot be stored")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return _("this is not valid Unicode text")
    return None


def _line(value: Any, spec: Field | Key, reading: Reading) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return _text(value, spec, reading)


def _identifier_elsewhere(value: Any, spec: Field | Key, reading: Reading) -> str:
    """An id or a number that another system gave: a text, whatever it looks like."""
    found = _line(value, spec, reading)
    if is_scientific(found):
        raise Malformed(
            _("{given} is a number that a spreadsheet has cut: format the column as text there", given=shown(found))
        )
    return found


def _sized(found: str, spec: Field | Key) -> str:
    if spec.min and not found:
        raise Malformed(_("this cannot be empty"))
    if spec.max and len(found) > spec.max:
        raise Malformed(_("{n} characters, at most {max} fit", n=len(found), max=spec.max))
    return found


# A local part and a domain with a dot, no spaces or controls; non-ASCII names are valid (RFC 6531).
_EMAIL = (
    r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]+@[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]+\.[^\s@<>()\[\],;:\\\".\x00-\x1f\x7f]+"
)


def _email(value: Any, spec: Field | Key, reading: Reading) -> str:
    found = _text(value, spec, reading)
    if len(found) > 254 or ".." in found or not re.fullmatch(_EMAIL, found):
        raise Malformed(_("expected an e-mail address, like name@example.org, got {given}", given=shown(found)))
    return found


_YES = {"oui", "true", "yes", "vrai", "on", "o", "y", "1"}
_NO = {"non", "false", "no", "faux", "off", "n", "0"}


def _bool(value: Any, _spec: Field | Key, _reading: Reading) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().casefold() if isinstance(value, str) else None
    if word in _YES or word in _NO:
        return word in _YES
    raise Malformed(_expected(_("yes or no (oui, non, true, false)"), value))


def _integer(value: Any, spec: Field | Key, _reading: Reading) -> int:
    number = whole(value)
    if not isinstance(number, int) or isinstance(number, bool) or number.bit_length() > 60:
        raise Malformed(_expected(_("a whole number"), value))
    if (spec.min is not None and number < spec.min) or (spec.max is not None and number > spec.max):
        raise Malformed(_("expected a number {range}, got {given}", range=_range(spec), given=number))
    return number


def _range(spec: Field | Key) -> str:
    if spec.max is None or spec.max >= 100_000:
        return _("of {min} or more", min=spec.min)
    return _("from {min} to {max}", min=spec.min, max=spec.max)


def _percent(value: Any, spec: Field | Key, reading: Reading) -> int:
    if isinstance(value, str):
        value = value.strip().removesuffix("%").rstrip()
    if re.fullmatch(r"0[.,]\d{1,2}", str(value)) and whole(value) is value:
        share = int(Decimal(str(value).replace(",", ".")) * 100)
        raise Malformed(_("expected a whole number of percent, got {given}: write {share} %", given=value, share=share))
    return _integer(value, spec, reading)


def _decimal(value: Any, spec: Field | Key, _reading: Reading) -> str:
    text = re.sub(r"[ \u00a0\u202f€]", "", str(value)).replace(",", ".")
    if isinstance(value, bool) or not re.fullmatch(r"[+-]?\d{1,12}(\.\d{1,6})?", text):
        raise Malformed(_expected(_("a number"), value))
    try:
        found = Decimal(text)
    except InvalidOperation:  # pragma: no cover - the pattern admits only decimals
        raise Malformed(_expected(_("a number"), value)) from None
    if (spec.min is not None and found < spec.min) or (spec.max is not None and found > spec.max):
        raise Malformed(_("expected a number {range}, got {given}", range=_range(spec), given=shown(value)))
    return format(found.normalize(), "f")


def _date(value: Any, _spec: Field | Key, _reading: Reading) -> str:
    written = value.isoformat() if isinstance(value, date) else value.strip() if isinstance(value, str) else ""
    day = "" if isinstance(value, datetime) else iso_day(written)
    if re.fullmatch(rf"{YEAR}-\d{{2}}-\d{{2}}", day):
        try:
            return date.fromisoformat(day).isoformat()
        except ValueError:
            pass
    raise Malformed(_expected(_("a date, like 2026-03-10 or 10/03/2026"), value))


def _datetime(value: Any, _spec: Field | Key, reading: Reading) -> str:
    given = value.isoformat() if isinstance(value, datetime) else value.strip() if isinstance(value, str) else ""
    text = iso_time(given)
    try:
        if not re.match(rf"{YEAR}-\d{{2}}-\d{{2}}[T ]\d{{2}}", text):
            raise ValueError
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Malformed(_expected(_time_expected(reading), value)) from None
    if found.tzinfo is None:
        if not reading.local_times:
            example = from_local(found, reading.zone).isoformat()
            raise Malformed(_("{given} has no offset: write {example}", given=text, example=example))
        found = from_local(found, reading.zone, given if given != text else None)
    try:
        return instant(found)
    except OverflowError:
        raise Malformed(_expected(_time_expected(reading), value)) from None


def _time_expected(reading: Reading) -> str:
    if reading.local_times:
        return _("a date and time, like 10/03/2026 14:00 or 2026-03-10T14:00+01:00")
    return _("a date and time, like 2026-03-10T14:00+01:00")


def from_local(naive: datetime, zone: ZoneInfo, written: str | None = None) -> datetime:
    """A local wall-clock time, made aware. The hour that a clock change skips or doubles is refused.

    `written` is how it was given, when not in ISO 8601: the advice is written so too.
    """
    early, late = naive.replace(tzinfo=zone, fold=0), naive.replace(tzinfo=zone, fold=1)
    if early.utcoffset() == late.utcoffset():
        return early
    given = written or naive.isoformat()
    if early.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != naive:
        raise Malformed(_("{given} does not exist: clocks go forward that night", given=given))
    ways = [f"{written} {aware.isoformat()[-6:]}" if written else aware.isoformat() for aware in (early, late)]
    raise Malformed(
        _("{given} happens twice that day: write {first} or {second}", given=given, first=ways[0], second=ways[1])
    )


def parse_minutes(text: str) -> int:
    """`90m`, `2h`, `1h30`, `90` → minutes."""
    found = re.fullmatch(r"(?:(\d{1,3})\s*h\s*(\d{1,2})?|(\d{1,4})\s*(?:m|min|mn)?)", text.strip().lower())
    if not found:
        raise Malformed(_expected(_("a length, like 90m, 2h or 1h30"), text))
    return int(found[3]) if found[3] else int(found[1]) * 60 + int(found[2] or 0)


def _duration(value: Any, spec: Field | Key, _reading: Reading) -> int:
    value = whole(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise Malformed(_expected(_("a length, like 90m, 2h or 1h30"), value))
    found = parse_minutes(value)
    if (spec.min is not None and found < spec.min) or (spec.max is not None and found > spec.max):
        raise Malformed(_("expected a length {range}, got {given}", range=f"{spec.min}–{spec.max} min", given=value))
    return found


def _codes(value: Any, spec: Field | Key, reading: Reading) -> str | list[str]:
    if not getattr(spec, "many", False):
        return _code(value, spec, reading)
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list):
        raise Malformed(_expected(_("codes separated by commas"), value))
    found = [_code(part, spec, reading) for part in parts if not isinstance(part, str) or part.strip()]
    return list(dict.fromkeys(found))


def _code(value: Any, spec: Field | Key, reading: Reading) -> str:
    vocabulary = reading.declaration.vocabulary(spec.codes or "")
    if isinstance(number := whole(value), int) and not isinstance(value, str | bool):
        value = f"{number:02d}"
    if not isinstance(value, str):
        raise Malformed(_expected(_("a code"), value))
    given = value.strip()
    if (code := one_code(given, vocabulary) or _code_and_name(given, vocabulary)) is not None:
        return code
    close = did_you_mean(given, [*vocabulary, *(item.text for item in vocabulary.values())])
    few = len(vocabulary) <= 15
    expected = _("expected one of {codes}", codes=", ".join(vocabulary)) if few else _("this code is not declared")
    raise Malformed(_("{expected}; got {given}.", expected=expected, given=shown(given)) + close)


def _code_and_name(given: str, vocabulary: Mapping[str, Any]) -> str | None:
    """The code of `09 – Ariège`, `Ariège (09)`: both must say the same. Malformed when they contradict each other."""
    if len(given) > 500:  # no label is; each gap is looked at with all that stands on both sides of it
        return None
    for gap in re.finditer(r"\s*[-–—:(/]\s*|\s+", given):
        first = one_code(given[: gap.start()], vocabulary)
        second = one_code(given[gap.end() :].removesuffix(")"), vocabulary)
        if first and second and first != second:
            raise Malformed(
                _(
                    "{given} says two things: {first} is “{label}”; keep the right one",
                    given=shown(given),
                    first=first,
                    label=vocabulary[first].text,
                )
            )
        if first and second:
            return first
    return None


def _headcount(value: Any, spec: Field | Key, reading: Reading) -> str:
    given = list(pairs(value)) if isinstance(value, str) else []
    if not given or not all(number.isascii() and number.isdigit() for _word, number in given):
        example = joined(dict.fromkeys(list(reading.declaration.vocabulary(spec.codes or ""))[:2], 1))
        raise Malformed(_expected(_("roles or functions and how many, like {example}", example=example), value))
    found: dict[str, int] = {}
    for word, number in given:
        try:
            code = _code(word, spec, reading)
        except Malformed as problem:
            raise Malformed(_("{problem} A role or a function, never a name.", problem=problem)) from None
        if code in found:
            raise Malformed(_("{given} is said twice", given=shown(word)))
        found[code] = _integer(number, spec, reading)
    return joined(found)


def _reference(value: Any, _spec: Field | Key, _reading: Reading) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{4,7}", text):
        raise Malformed(_expected(_("a reference, like 2026-0012"), value))
    return text


def semester_code(value: Any, reading: Reading) -> str:
    """The code of a semester someone named, like `2026-S1`; Malformed when the declaration has none of that name."""
    year, _dash, name = value.strip().partition("-") if isinstance(value, str) else ("", "", "")
    semesters = reading.declaration.semesters
    code = next((code for code in semesters if code.upper() == name.upper()), None)
    if not re.fullmatch(YEAR, year, re.ASCII) or code is None:
        raise Malformed(_expected(_("a semester, like {code}", code=f"2026-{next(iter(semesters))}"), value))
    return f"{year}-{code}"


def _identifier(value: Any, _spec: Field | Key, _reading: Reading) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not re.fullmatch(r"[\w.@+-]{1,100}", text):
        raise Malformed(_expected(_("an identifier"), value))
    return text


def _staff(value: Any, spec: Field | Key, reading: Reading) -> str | list[str]:
    if not getattr(spec, "many", False):
        return _identifier(value, spec, reading)
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list):
        raise Malformed(_expected(_("identifiers separated by commas"), value))
    found = [_identifier(part, spec, reading) for part in parts if not isinstance(part, str) or part.strip()]
    return [] if found == ["none"] else list(dict.fromkeys(found))


_READERS: dict[str, Callable[[Any, Any, Reading], Any]] = {
    "text": _text,
    "line": _line,
    "identifier": _identifier_elsewhere,
    "link": _line,
    "email": _email,
    "bool": _bool,
    "integer": _integer,
    "percent": _percent,
    "decimal": _decimal,
    "date": _date,
    "datetime": _datetime,
    "duration": _duration,
    "code": _codes,
    "headcount": _headcount,
    "reference": _reference,
    "semester": lambda value, _spec, reading: semester_code(value, reading),
    "staff": _staff,
    "meeting": _identifier,
    "task": _identifier,
    "entry": _integer,
}
TYPES = tuple(_READERS)
FORM_TYPES = (
    "text", "line", "identifier", "link", "email", "bool", "integer", "percent", "decimal", "date", "datetime", "code",
    "reference",
)  # fmt: skip
PROSE = ("text", "line")  # what only people read, kept as given; machines use all the rest


def read(value: Any, spec: Field | Key, reading: Reading) -> Any:
    """The checked value of a field or key. Raises Malformed, saying what was expected and what was given."""
    return _READERS[spec.type](value if spec.type in PROSE else _seen(value), spec, reading)


def _seen(value: Any) -> Any:
    """A value for machines, without the characters that nobody can see."""
    if isinstance(value, str):
        return visible(value)
    return [_seen(part) for part in value] if isinstance(value, list) else value


def _expected(what: str, given: Any) -> str:
    return _("expected {what}, got {given}", what=what, given=shown(given))


def shown(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 200:
        return "…"  # Python refuses to write very long numbers down
    text = value if isinstance(value, str) else "true" if value is True else "false" if value is False else repr(value)
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return _("“{text}”", text=text if len(text) <= 60 else f"{text[:57]}…")


def end_of(start: str, minutes: int) -> str:
    """The instant `minutes` after a stored instant."""
    return instant(moment(start) + timedelta(minutes=minutes))
