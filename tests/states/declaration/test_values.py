"""Each type of value: what is read of it, and the words in which the rest is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pure import PARIS, lab

from states.declaration.marks import harmless, invisible, is_scientific
from states.declaration.tables import Key
from states.declaration.types import (
    FORM_TYPES,
    TYPES,
    Malformed,
    Reading,
    end_of,
    from_local,
    instant,
    local,
    moment,
    offset_time,
    parse_minutes,
    read,
    semester_code,
    shown,
)  # fmt: skip
from states.declaration.written import iso_day, iso_time, one_code, simplified, whole
from states.language import spoken

LENGTH = "expected a length, like 90m, 2h or 1h30, got"
MOMENT = "expected a date and time, like 10/03/2026 14:00 or 2026-03-10T14:00+01:00, got"
YES_NO = "expected yes or no (oui, non, true, false), got"


def spec(type: str, **how: Any) -> Key:
    return Key({"en": "x"}, type, **how)


NUMBER = spec("integer", min=1, max=6)
SCORE = spec("decimal", min=1, max=5)


@pytest.mark.parametrize(
    ("what", "given", "expected"),
    [
        (spec("text"), "  a \n b\u00a0\r\n", "a \n b"),
        (spec("text", max=3), "abc", "abc"),
        (spec("text"), "", ""),
        (spec("line"), 34, "34"),
        (spec("email"), " noa@example.org ", "noa@example.org"),
        (spec("email"), "é.à@exämple.fr", "é.à@exämple.fr"),
        (spec("email"), "a" * 242 + "@example.org", "a" * 242 + "@example.org"),
        *[(spec("bool"), word, True) for word in (True, "oui", " OUI ", "true", "yes", "vrai", "on", "o", "y", "1")],
        *[(spec("bool"), word, False) for word in (False, "non", "false", "no", "faux", "off", "n", "0")],
        (NUMBER, 1, 1), (NUMBER, "6", 6), (spec("integer"), "-3", -3), (spec("integer"), 2**59, 2**59),
        (spec("percent", min=0, max=100), " 80 % ", 80), (spec("percent", min=0, max=100), 0, 0),
        (SCORE, "4,50", "4.5"), (SCORE, 5, "5"), (SCORE, "1", "1"), (spec("decimal"), "1 234,5 €", "1234.5"),
        (spec("decimal"), "+3", "3"), (spec("decimal"), "100", "100"), (spec("decimal"), "-0.123456", "-0.123456"),
        (spec("date"), "2026-03-10", "2026-03-10"), (spec("date"), date(2026, 3, 10), "2026-03-10"),
        (spec("date"), " 10/3/2026 ", "2026-03-10"),
        (spec("datetime"), "2026-03-10T14:00", "2026-03-10T13:00:00Z"),
        (spec("datetime"), "2026-03-10 14", "2026-03-10T13:00:00Z"),
        (spec("datetime"), "2026-03-10T14:00:00.7Z", "2026-03-10T14:00:00Z"),
        (spec("datetime"), datetime(2026, 3, 10, 14, tzinfo=UTC), "2026-03-10T14:00:00Z"),
        (spec("duration", min=5, max=1440), "5m", 5), (spec("duration", min=5, max=1440), "24h", 1440),
        (spec("duration"), "1h30", 90), (spec("duration"), 45, 45), (spec("duration"), " 2 H 5 ", 125),
        (spec("duration"), "90 min", 90), (spec("duration"), "7mn", 7),
        (spec("code", codes="tiers"), "Le Tuto", "tuto"), (spec("code", codes="tiers"), " tuto ", "tuto"),
        (spec("code", codes="tiers", many=True), "tuto, 50_50,,tuto", ["tuto", "50_50"]),
        (spec("code", codes="tiers", many=True), ["50/50", " "], ["50_50"]),
        (spec("code", codes="departments"), 9, "09"),
        (spec("reference"), " 2026-0012 ", "2026-0012"), (spec("reference"), "2026-1234567", "2026-1234567"),
        (spec("semester"), " 2026-s1 ", "2026-S1"),
        (spec("staff"), "noa.b@x-1+2", "noa.b@x-1+2"),
        (spec("staff", many=True), "awa, camille,awa", ["awa", "camille"]), (spec("staff", many=True), "none", []),
        (spec("staff", many=True), ["awa", ""], ["awa"]), (spec("staff", many=True), "awa,none", ["awa", "none"]),
        (spec("meeting"), "work-1", "work-1"), (spec("task"), "organise", "organise"), (spec("entry"), "7", 7),
        (spec("staff", many=True), ["a\u200bwa"], ["awa"]),
    ],
)  # fmt: skip
def test_what_is_read(what: Key, given: Any, expected: Any) -> None:
    found = read(given, what, Reading(lab()))
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("what", "given", "why"),
    [
        (spec("text"), 3, "expected a text, got “3”"),
        (spec("text", min=1), " \n", "this cannot be empty"),
        (spec("text", max=3), "abcd", "4 characters, at most 3 fit"),
        (spec("text"), "a\x00", "a NUL character cannot be stored"),
        (spec("text"), "\ud800", "this is not valid Unicode text"),
        (spec("line"), True, "expected a text, got “true”"),
        (spec("identifier"), "1,2E+12", "1,2E+12” is a number that a spreadsheet has cut: format the column as text"),
        (spec("email"), "noa", "expected an e-mail address, like name@example.org, got “noa”"),
        (spec("email"), "noa@example", "got “noa@example”"),
        (spec("email"), "no a@example.org", "got “no a@example.org”"),
        (spec("email"), "noa@exa..mple.org", "got “noa@exa..mple.org”"),
        (spec("email"), "a" * 243 + "@example.org", "got “" + "a" * 57 + "…”"),
        (spec("bool"), "maybe", f"{YES_NO} “maybe”"), (spec("bool"), 1, f"{YES_NO} “1”"),
        (NUMBER, 0, "expected a number from 1 to 6, got 0"), (NUMBER, 7, "expected a number from 1 to 6, got 7"),
        (spec("integer", min=2, max=100_000), 1, "expected a number of 2 or more, got 1"),
        (spec("integer", min=2), 1, "expected a number of 2 or more, got 1"),
        (spec("integer", min=2, max=99_999), 1, "expected a number from 2 to 99999, got 1"),
        (NUMBER, "six", "expected a whole number, got “six”"), (NUMBER, None, "expected a whole number, got “None”"),
        (NUMBER, False, "expected a whole number, got “false”"), (spec("integer"), 2**60, "expected a whole number"),
        (spec("integer"), 10**100, "expected a whole number, got …"),
        (spec("percent", min=0, max=100), "0,8", "expected a whole number of percent, got 0,8: write 80 %"),
        (spec("percent", min=0, max=100), 101, "expected a number from 0 to 100, got 101"),
        (SCORE, "0,9", "expected a number from 1 to 5, got “0,9”"), (SCORE, "5.01", "from 1 to 5, got “5.01”"),
        (SCORE, True, "expected a number, got “true”"), (SCORE, "4,1234567", "expected a number, got “4,1234567”"),
        (SCORE, "four", "expected a number, got “four”"), (spec("decimal"), "1" * 13, "expected a number, got"),
        (spec("date"), "2026-02-30", "expected a date, like 2026-03-10 or 10/03/2026, got “2026-02-30”"),
        (spec("date"), 5, "expected a date, like 2026-03-10 or 10/03/2026, got “5”"),
        (spec("date"), datetime(2026, 3, 10), "expected a date, like"),
        (spec("datetime"), "2026-03-10", f"{MOMENT} “2026-03-10”"), (spec("datetime"), 5, f"{MOMENT} “5”"),
        (spec("datetime"), "0001-01-01T00:00+14:00", f"{MOMENT} “0001-01-01T00:00+14:00”"),
        (spec("datetime"), "2026-13-10T14:00", f"{MOMENT} “2026-13-10T14:00”"),
        (spec("datetime"), "2026-03-29T02:30", "2026-03-29T02:30:00 does not exist: clocks go forward that night"),
        (spec("datetime"), "29/03/2026 02:30", "29/03/2026 02:30 does not exist: clocks go forward that night"),
        (spec("datetime"), "2026-10-25T02:30",
         "2026-10-25T02:30:00 happens twice that day: write 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00"),
        (spec("datetime"), "25/10/2026 02:30", "25/10/2026 02:30 happens twice that day: write 25/10/2026 02:30 +02:00 "
         "or 25/10/2026 02:30 +01:00"),
        (spec("datetime"), "1899-12-31T23:00Z", f"{MOMENT} “1899-12-31T23:00Z”"),
        (spec("datetime"), "3000-01-01T00:00Z", f"{MOMENT} “3000-01-01T00:00Z”"),
        (spec("date"), "1899-12-31", "expected a date, like"),
        (spec("date"), date(3000, 1, 1), "expected a date, like"),
        (spec("duration"), "long", f"{LENGTH} “long”"), (spec("duration"), True, f"{LENGTH} “true”"),
        (spec("duration"), None, f"{LENGTH} “None”"),
        (spec("duration", min=5, max=60), "4m", "expected a length 5–60 min, got 4m"),
        (spec("duration", min=5, max=60), 61, "expected a length 5–60 min, got 61"),
        (
            spec("code", codes="tiers"), "tuti",
            "expected one of coup_de_pouce, tuto, 50_50; got “tuti”. Did you mean “tuto”?",
        ),
        (spec("code", codes="tiers"), True, "expected a code, got “true”"),
        (spec("code", codes="services"), "xyz", "this code is not declared; got “xyz”."),
        (spec("code", codes="services"), "drajs", "this code is not declared; got “drajs”. Did you mean “drajes”?"),
        (
            spec("code", codes="departments"), "09 – Aude",
            "“09 – Aude” says two things: 09 is “Ariège”; keep the right one",
        ),
        (spec("code", codes="tiers", many=True), 3, "expected codes separated by commas, got “3”"),
        (spec("reference"), "12", "expected a reference, like 2026-0012, got “12”"),
        (spec("reference"), "2026-12345678", "expected a reference"), (spec("reference"), 12, "expected a reference"),
        (spec("semester"), "2026-S3", "expected a semester, like 2026-S1, got “2026-S3”"),
        (spec("semester"), "26-S1", "expected a semester"), (spec("semester"), 2026, "expected a semester"),
        (spec("staff"), "no a", "expected an identifier, got “no a”"),
        (spec("staff"), 3, "expected an identifier, got"),
        (spec("staff"), "a" * 101, "expected an identifier"),
        (spec("staff", many=True), 3, "expected identifiers separated by commas, got “3”"),
    ],
)  # fmt: skip
def test_what_is_refused_and_why(what: Key, given: Any, why: str) -> None:
    with spoken("en"), pytest.raises(Malformed) as caught:
        read(given, what, Reading(lab()))
    assert why in str(caught.value)


def test_where_a_local_time_may_not_stand_its_offset_is_asked_for() -> None:
    strict = Reading(lab(), local_times=False)
    assert strict.zone == PARIS
    assert read("2026-03-10T14:00+01:00", spec("datetime"), strict) == "2026-03-10T13:00:00Z"
    for given, why in (
        ("2026-03-10T14:00", "2026-03-10T14:00 has no offset: write 2026-03-10T14:00:00+01:00"),
        ("noon", "expected a date and time, like 2026-03-10T14:00+01:00, got “noon”"),
    ):
        with spoken("en"), pytest.raises(Malformed) as caught:
            read(given, spec("datetime"), strict)
        assert str(caught.value) == why


def test_every_type_is_known() -> None:
    assert set(FORM_TYPES) < set(TYPES)
    assert semester_code("2027-S2", Reading(lab())) == "2027-S2"


# --- Instants ---


def test_an_instant_is_stored_in_utc_to_the_second() -> None:
    assert instant(datetime(2026, 3, 10, 14, 0, 59, 999999, tzinfo=PARIS)) == "2026-03-10T13:00:59Z"
    assert moment("2026-03-10T13:00:59Z") == datetime(2026, 3, 10, 13, 0, 59, tzinfo=UTC)
    assert local("2026-07-10T13:00:00Z", PARIS).isoformat() == "2026-07-10T15:00:00+02:00"
    assert offset_time("2026-07-10T13:00:00Z", PARIS) == "2026-07-10T15:00:00+02:00"
    assert offset_time(None, PARIS) is None
    assert end_of("2026-03-29T00:30:00Z", 60) == "2026-03-29T01:30:00Z"
    with spoken("en"), pytest.raises(Malformed, match="a date and time without its offset: 2026-03-10T00:00:00"):
        instant(datetime(2026, 3, 10))


@pytest.mark.parametrize(("year", "fits"), [(1000, False), (1001, True), (8999, True), (9000, False)])
def test_a_date_in_range(year: int, fits: bool) -> None:
    if fits:
        assert instant(datetime(year, 6, 1, tzinfo=UTC)).startswith(str(year))
    else:
        with pytest.raises(Malformed):
            instant(datetime(year, 6, 1, tzinfo=UTC))


def test_a_wall_clock_is_read_in_its_zone() -> None:
    assert from_local(datetime(2026, 3, 10, 14), PARIS).isoformat() == "2026-03-10T14:00:00+01:00"
    assert from_local(datetime(2026, 3, 10, 14), ZoneInfo("America/Martinique")).utcoffset() != UTC.utcoffset(None)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("90m", 90), ("2h", 120), ("1h30", 90), ("90", 90), ("1 h 5", 65), (" 2H ", 120), ("999h", 59940), ("9999", 9999)],
)
def test_a_length(text: str, minutes: int) -> None:
    assert parse_minutes(text) == minutes


@pytest.mark.parametrize("text", ["", "h", "1h 2m", "1h300", "12345", "1000h", "-5", "1.5h"])
def test_no_length(text: str) -> None:
    with pytest.raises(Malformed):
        parse_minutes(text)


# --- As written, as shown ---


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "“a”"), (True, "“true”"), (False, "“false”"), (None, "“None”"), (12, "“12”"),
        ("a\x1bb\n", "“a\ufffdb\ufffd”"),
        ("x" * 60, "“" + "x" * 60 + "”"), ("x" * 61, "“" + "x" * 57 + "…”"), (2**200, "…"),
        (2**199, f"“{2**199}”"),
    ],
)  # fmt: skip
def test_what_was_given_is_shown(value: Any, expected: str) -> None:
    with spoken("en"):
        assert shown(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1 234", 1234), ("12,0", 12), ("12,00", 12), ("12,000", "12,000"), ("12,0000", 12), (12.0, 12), (12.5, 12.5),
        ("-1\u202f234", -1234), ("+7", 7), ("1 23", "1 23"), ("", ""), (None, None), (" 5 ", 5), ("１２", "１２"),
    ],
)  # fmt: skip
def test_whole_numbers(value: Any, expected: Any) -> None:
    assert whole(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10/03/2026", "2026-03-10"), ("1.3.2026 00:00:00", "2026-03-01"), ("2026-03-10T00:00", "2026-03-10"),
        ("2026-03-10", "2026-03-10"), ("10/03.2026", "10/03.2026"), ("2026-03-10 01:00", "2026-03-10 01:00"),
    ],
)  # fmt: skip
def test_days_as_written(text: str, expected: str) -> None:
    assert iso_day(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10/03/2026 8h05", "2026-03-10T08:05:00"), ("10/3/2026 à 14:00:30", "2026-03-10T14:00:30"),
        ("10/03/2026 14:00 UTC", "2026-03-10T14:00:00Z"), ("10/03/2026 14:00+0100", "2026-03-10T14:00:00+0100"),
        ("2026-03-10T14:00 UTC", "2026-03-10T14:00Z"), ("noon", "noon"),
    ],
)  # fmt: skip
def test_moments_as_written(text: str, expected: str) -> None:
    assert iso_time(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [(" L’École\u00a0 d\u202fété ", "l'ecole d ete"), ("ÉTÉ", "ete"), ("a  b\tc", "a b c")],
)
def test_labels_are_compared_without_case_accents_or_spaces(text: str, expected: str) -> None:
    assert simplified(text) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("09", "09"),
        ("9", "09"),
        ("9,0", "09"),
        ("9.00", "09"),
        ("ariege", "09"),
        ("Aude", "11"),
        ("9,5", None),
        ("99", None),
    ],
)
def test_one_code_in_many_ways(given: str, expected: str | None) -> None:
    assert one_code(given, lab().departments) == expected


# --- What a terminal would obey, and what nobody sees ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb", "a\nb"), ("a\x1b[31mb", "a\ufffd[31mb"), ("a\tb\r", "a\ufffdb\ufffd"), ("a\u202eb", "a\ufffdb"),
        ("a\u2028b\u2029", "a\ufffdb\ufffd"), ("\ue000", "\ufffd"), ("\ud800", "\ufffd"),
        ("é’—👩\u200d🏫", "é’—👩\u200d🏫"),
    ],
)  # fmt: skip
def test_what_a_terminal_would_obey_is_replaced(text: str, expected: str) -> None:
    assert harmless(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\u200bb\u200b", ["U+200B, zero width space"]), ("\u202e", ["U+202E, direction mark"]),
        ("\ufe0f", ["U+FE0F, variation selector-16"]), ("\U000e0100", ["U+E0100, variation selector-17"]),
        ("\u3164", ["U+3164, hangul filler"]), ("abc", []),
        ("\u00ad\ufeff", ["U+00AD, soft hyphen", "U+FEFF, byte order mark"]),
    ],
)  # fmt: skip
def test_what_nobody_sees_is_named(text: str, expected: list[str]) -> None:
    with spoken("en"):
        assert invisible(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("1,23E+12", True), (" 1e+5 ", True), ("1E5", False), ("12E+5", False), ("1.2E+1234", False)]
)
def test_a_number_that_a_spreadsheet_has_cut(text: str, expected: bool) -> None:
    assert is_scientific(text) is expected
