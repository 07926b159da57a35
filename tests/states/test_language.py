"""People's words: dates, times, numbers and lists as they are written in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from babel.dates import get_day_names, get_month_names
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from states import language as said
from states.language import _, _n, spoken

NB = "\u00a0"
MEETINGS = (
    "{tier} asks for at least {n} work meeting before the session; {held} held so far.",
    "{tier} asks for at least {n} work meetings before the session; {held} held so far.",
)
TUESDAY, FIRST = date(2026, 3, 10), date(2027, 5, 1)


@pytest.fixture(autouse=True)
def _no_year() -> Iterator[None]:
    yield
    said.in_year(None)


@pytest.mark.parametrize(
    ("how", "given", "french", "english"),
    [
        (said.clock_time, time(14, 30), f"14{NB}h{NB}30", "14:30"),
        (said.clock_time, time(8), f"8{NB}h", "08:00"),
        (said.clock_time, datetime(2026, 3, 10, 9, 5), f"9{NB}h{NB}05", "09:05"),
        (said.long_date, TUESDAY, "mardi 10 mars 2026", "Tuesday 10 March 2026"),
        (said.long_date, FIRST, "samedi 1er mai 2027", "Saturday 1 May 2027"),
        (said.long_date, date(2026, 3, 11), "mercredi 11 mars 2026", "Wednesday 11 March 2026"),
        (said.short_date, TUESDAY, "mar. 10 mars", "Tue 10 Mar"),
        (said.short_date, FIRST, "sam. 1er mai", "Sat 1 May"),
        (said.month_name, TUESDAY, "mars 2026", "March 2026"),
        (said.numeric_date, date(2026, 3, 1), "01/03/2026", "01/03/2026"),
        (said.numeric_date, date(2026, 12, 25), "25/12/2026", "25/12/2026"),
        (
            said.long_time, datetime(2026, 3, 10, 14, 30), f"mardi 10 mars 2026 à 14{NB}h{NB}30",
            "Tuesday 10 March 2026 at 14:30",
        ),
        (said.short_time, datetime(2026, 3, 10, 14), f"mar. 10 mars 14{NB}h", "Tue 10 Mar 14:00"),
        (said.number, 1234567, f"1{NB}234{NB}567", "1,234,567"),
        (said.number, Decimal("1234.5"), f"1{NB}234,5", "1,234.5"),
        (said.duration, 45, f"45{NB}min", f"45{NB}min"),
        (said.duration, 60, f"1{NB}h", f"1{NB}h"),
        (said.duration, 125, f"2{NB}h{NB}05", f"2{NB}h{NB}05"),
        (said.duration, 0, f"0{NB}min", f"0{NB}min"),
        (said.enumeration, [], "", ""),
        (said.enumeration, ["a"], "a", "a"),
        (said.enumeration, ["a", "b"], "a et b", "a and b"),
        (said.enumeration, ["a", "b", "c"], "a, b et c", "a, b and c"),
        (said.enumeration, ["a, b", "c"], "a, b et c", "a, b and c"),
        (said.enumeration, ["a, b", "c", "d"], f"a, b{NB}; c et d", "a, b; c and d"),
        (said.listing, ["a", "b", "c"], "a, b, c", "a, b, c"),
        (said.listing, ["a, b", "c"], f"a, b{NB}; c", "a, b; c"),
    ],
)  # fmt: skip
def test_as_it_is_written(how: Any, given: Any, french: str, english: str) -> None:
    with spoken("fr"):
        assert how(given) == french
    with spoken("en"):
        assert how(given) == english


@pytest.mark.parametrize(
    ("label", "french", "english"),
    [("Lieu", f"Lieu{NB}: oui", "Lieu: oui"), (f"Déjà{NB}?", f"Déjà{NB}?{NB}oui", f"Déjà{NB}?{NB}oui")],
)
def test_a_label_that_asks_is_answered(label: str, french: str, english: str) -> None:
    with spoken("fr"):
        assert said.labelled(label, "oui") == french
    with spoken("en"):
        assert said.labelled(label, "oui") == english


def test_a_list_may_be_a_choice() -> None:
    assert said.enumeration(["a", "b", "c"], "ou") == "a, b ou c"


@pytest.mark.parametrize(
    ("year", "expected"), [(2026, "mar. 10 mars"), (2027, "mar. 10 mars 2026"), (None, "mar. 10 mars")]
)
def test_a_short_date_leaves_out_the_year_people_are_in(year: int | None, expected: str) -> None:
    said.in_year(year)
    with spoken("fr"):
        assert said.short_date(TUESDAY) == expected


def test_the_language_is_that_of_the_moment() -> None:
    assert said.current() == "fr"
    with spoken("en"):
        assert said.current() == "en"
        with spoken("fr"):
            assert said.current() == "fr"
        assert said.current() == "en"
        said.use("fr")
        assert said.current() == "fr"
        said.use("en")
        assert said.current() == "en"
        said.use("de")
        assert said.current() == "fr"
    assert said.current() == "fr"


def test_a_message_is_filled_in() -> None:
    with spoken("en"):
        assert _("{ref} has no deliverable yet.", ref="2026-0001") == "2026-0001 has no deliverable yet."
        assert _("") == ""
        assert _n(*MEETINGS, 1, tier="T", held=0).startswith("T asks for at least 1 work meeting before")
        assert _n(*MEETINGS, 2, tier="T", held=0).startswith("T asks for at least 2 work meetings before")
    with spoken("fr"):
        assert _("yes") == "oui"
        assert "2 réunions" in _n(*MEETINGS, 2, tier="T", held=0)


@pytest.mark.parametrize(
    ("labels", "french", "english"),
    [
        ({"fr": "Oui", "en": "Yes"}, "Oui", "Yes"),
        ({"fr": "Oui"}, "Oui", "Oui"),
        ({"en": "Yes"}, "rien", "Yes"),
        ({}, "rien", "rien"),
    ],
)
def test_a_label_is_in_the_language_else_in_french(labels: dict[str, str], french: str, english: str) -> None:
    with spoken("fr"):
        assert said.label_of(labels, "rien") == french
    with spoken("en"):
        assert said.label_of(labels, "rien") == english
    assert said.label_of({}) == ""


@pytest.mark.parametrize(("language", "locale"), [("fr", "fr_FR"), ("en", "en_GB")])
def test_days_and_months_are_named_as_the_unicode_tables_name_them(language: str, locale: str) -> None:
    for short, width in enumerate(("wide", "abbreviated")):
        days, months = get_day_names(width, locale=locale), get_month_names(width, locale=locale)
        assert list(said.DAY_NAMES[language][short]) == [days[n] for n in range(7)]
        assert list(said.MONTH_NAMES[language][short]) == [months[n] for n in range(1, 13)]


@given(
    st.integers(-(10**12), 10**12) | st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=5),
    st.sampled_from([("fr", "fr_FR"), ("en", "en_GB")]),
)
def test_numbers_are_written_as_the_unicode_tables_write_them(value: int | Decimal, where: tuple[str, str]) -> None:
    language, locale = where
    with spoken(language):
        assert said.number(value) == format_decimal(value, locale=locale).replace("\u202f", NB)
