"""Dates as people write them, seen from one Monday morning and from the days around the changes of the clocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from cli.input.dates import Toward, day_understood, understood
from states.declaration.types import Malformed, from_local, instant, local
from states.language import clock_time, long_date, long_time, numeric_date, short_time, spoken, use

ZONE = ZoneInfo("Europe/Paris")
MONDAY = "2026-01-12T08:00:00Z"  # 9:00 in Paris
TUESDAY = "2026-01-13T15:00:00Z"  # 16:00


@pytest.fixture(autouse=True)
def french() -> Iterator[None]:
    with spoken("fr"):
        yield


def said(text: str, now: str = MONDAY, toward: Toward = "coming") -> str:
    """The local wall-clock time understood."""
    return local(understood(text, now, ZONE, toward), ZONE).strftime("%Y-%m-%d %H:%M")


COMING = {
    # ISO
    "2026-03-10T14:00": "2026-03-10 14:00",
    "2026-03-10 14:30": "2026-03-10 14:30",
    "2026-03-10T14": "2026-03-10 14:00",
    "2026-03-10T14:00+02:00": "2026-03-10 13:00",
    "2026-03-10T13:00Z": "2026-03-10 14:00",
    "2026-03-10 14:00 +0100": "2026-03-10 14:00",
    "2026-03-10 14h30": "2026-03-10 14:30",
    # Numbers
    "10/03 14h30": "2026-03-10 14:30",
    "10/3 9h": "2026-03-10 09:00",
    "10/03/2027 9h": "2027-03-10 09:00",
    "10/03/27 9h": "2027-03-10 09:00",
    "10.03.2026 9h": "2026-03-10 09:00",
    "10-03-2026 9:05": "2026-03-10 09:05",
    "03/04 9h": "2026-04-03 09:00",
    "9h 10/03": "2026-03-10 09:00",
    # Near
    "14h": "2026-01-12 14:00",
    "5h": "2026-01-12 05:00",
    "14 h 30": "2026-01-12 14:30",
    "14:05": "2026-01-12 14:05",
    "14\u00a0h\u00a030": "2026-01-12 14:30",
    "midi": "2026-01-12 12:00",
    "demain 9h": "2026-01-13 09:00",
    "demain à 9 h": "2026-01-13 09:00",
    "9h demain": "2026-01-13 09:00",
    "après-demain 9h": "2026-01-14 09:00",
    "aujourd’hui 18h": "2026-01-12 18:00",
    "hier 9h": "2026-01-11 09:00",
    "tomorrow 2pm": "2026-01-13 14:00",
    "2:30 pm tomorrow": "2026-01-13 14:30",
    "tomorrow at 12 am": "2026-01-13 00:00",
    # Weekdays
    "mar 14h": "2026-01-13 14:00",
    "mar. 14 h": "2026-01-13 14:00",
    "Mardi 14H30": "2026-01-13 14:30",
    "jeu. 15:00": "2026-01-15 15:00",
    "14h mardi": "2026-01-13 14:00",
    "Thu 3pm": "2026-01-15 15:00",
    "lun 8h": "2026-01-19 08:00",  # already past today
    "mardi en huit 9h": "2026-01-20 09:00",
    "mardi en quinze 9h": "2026-01-27 09:00",
    "lundi prochain 9h": "2026-01-19 09:00",
    "next monday 9h": "2026-01-19 09:00",
    # Words
    "le 10 mars à 14 h": "2026-03-10 14:00",
    "10 mars 14h": "2026-03-10 14:00",
    "10 mar 14h": "2026-03-10 14:00",
    "mar 10 mars 14h": "2026-03-10 14:00",
    "1er avril 9h": "2026-04-01 09:00",
    "3 févr. 9h": "2026-02-03 09:00",
    "15 août 2026 9h": "2026-08-15 09:00",
    "mardi 10 mars 2026 à 14 h 30": "2026-03-10 14:30",
    "Tuesday 10 March 2026 at 14:30": "2026-03-10 14:30",
    "March 10th, 2026 at 2pm": "2026-03-10 14:00",
    "10th of March 14:00": "2026-03-10 14:00",
    "mardi 13 14h": "2026-01-13 14:00",
    "le 10 à 9h": "2026-02-10 09:00",
    "le 12 à 18h": "2026-01-12 18:00",
    # Counted
    "dans 3 jours 9h": "2026-01-15 09:00",
    "dans deux semaines à 9 h": "2026-01-26 09:00",
    "in three days 9:00": "2026-01-15 09:00",
    "dans quinze jours 9h": "2026-01-27 09:00",
    "dans une semaine 9h": "2026-01-19 09:00",
    "dans 3j 9h": "2026-01-15 09:00",
    "dans vingt-et-un jours 9h": "2026-02-02 09:00",
    "dans un mois 9h": "2026-02-12 09:00",
    "dans 1 mois et 3 jours 9h": "2026-02-15 09:00",
    "in a fortnight 9:00": "2026-01-26 09:00",
    "in a year 9:00": "2027-01-12 09:00",
    "dans 2h": "2026-01-12 11:00",
    "dans 1h30": "2026-01-12 10:30",
    "in 45 minutes": "2026-01-12 09:45",
    # A day just gone is a slip, which the engine refuses: never the same day of another year.
    "05/01 9h": "2026-01-05 09:00",
    "20/12 9h": "2025-12-20 09:00",
    "01/10 9h": "2026-10-01 09:00",
    "maintenant": "2026-01-12 09:00",
}


@pytest.mark.parametrize(("text", "expected"), COMING.items())
def test_what_is_planned_is_looked_for_ahead(text: str, expected: str) -> None:
    assert said(text) == expected


PAST = {
    "mar 14h": "2026-01-13 14:00",
    "mar 17h": "2026-01-06 17:00",  # later today: not yet
    "lun 9h": "2026-01-12 09:00",
    "jeu 14h": "2026-01-08 14:00",
    "14h": "2026-01-13 14:00",
    "18h": "2026-01-13 18:00",  # the engine says that it is in the future
    "hier 14h": "2026-01-12 14:00",
    "il y a 3 jours 9h": "2026-01-10 09:00",
    "three days ago 9h": "2026-01-10 09:00",
    "il y a deux semaines 9h": "2025-12-30 09:00",
    "il y a deux mois 9h": "2025-11-13 09:00",
    "a month ago 9h": "2025-12-13 09:00",
    "il y a 2h": "2026-01-13 14:00",
    "30 minutes ago": "2026-01-13 15:30",
    "20/12 9h": "2025-12-20 09:00",
    "10/05 9h": "2025-05-10 09:00",
    "15/01 9h": "2026-01-15 09:00",  # a slip
    "10 mai 9h": "2025-05-10 09:00",
    "le 10 à 9h": "2026-01-10 09:00",
    "le 31 à 9h": "2025-12-31 09:00",
    "mardi dernier 9h": "2026-01-06 09:00",
    "last friday 9h": "2026-01-09 09:00",
    "mardi 6 9h": "2026-01-06 09:00",
}


@pytest.mark.parametrize(("text", "expected"), PAST.items())
def test_what_is_recorded_is_looked_for_behind(text: str, expected: str) -> None:
    assert said(text, TUESDAY, "past") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("dans un mois", "2026-02-28"), ("dans 13 mois", "2027-02-28"), ("il y a 2 mois", "2025-11-30")],
)
def test_a_month_counted_from_its_end_ends_with_the_shorter_one(text: str, expected: str) -> None:
    assert day_understood(text, "2026-01-31T08:00:00Z", ZONE).isoformat() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("lundi", "2026-01-12"), ("mardi", "2026-01-13"), ("05/01", "2026-01-05"), ("10/12", "2025-12-10")],
)
def test_a_day_to_look_at_is_the_nearest(text: str, expected: str) -> None:
    assert day_understood(text, MONDAY, ZONE, "near").isoformat() == expected


UNCLEAR = {
    "lun 14h": ("12 janvier 2026", "19 janvier 2026"),
    "mardi prochain 9h": ("13 janvier 2026", "20 janvier 2026"),
    "next tuesday 9h": ("13 janvier 2026", "20 janvier 2026"),
    "mar 13 14h": ("mardi 13 janvier 2026", "vendredi 13 mars 2026"),
    "mar 10 14h": ("mardi 10 février 2026", "mardi 10 mars 2026"),
}


@pytest.mark.parametrize(("text", "both"), UNCLEAR.items())
def test_what_could_be_two_days_is_refused_with_both(text: str, both: tuple[str, str]) -> None:
    with pytest.raises(Malformed) as refused:
        understood(text, MONDAY, ZONE)
    for day in both:
        assert day in str(refused.value)


FAR = {
    ("01/12 9h", "coming"): "01/12/2026 9h",
    ("1er décembre 9h30", "coming"): "01/12/2026 9h30",
    ("10/03 9h", "past"): "10/03/2025 9h",
    ("march 10th 9h", "past"): "10/03/2025 9h",
}


@pytest.mark.parametrize(("said", "example"), FAR.items())
def test_a_day_more_than_nine_months_away_needs_its_year(said: tuple[str, Toward], example: str) -> None:
    with pytest.raises(Malformed, match=example):
        understood(said[0], MONDAY, ZONE, said[1])


WRONG = [
    *("foo", "foo 14h", "10/03", "lundi", "demain", "lun 14h30", "mardi prochain 9h", "mar 10 14h", "1/12 9h", "1/2"),
    *("10/3/2028", "20/12", "31/12 9h", "le 12", "hier", "last monday", "2026-12-01"),
]


@pytest.mark.parametrize("text", WRONG)
@pytest.mark.parametrize("toward", ["coming", "past", "near"])
@pytest.mark.parametrize("now", [MONDAY, TUESDAY, "2026-05-01T08:00:00Z", "2026-12-31T22:30:00Z"])
def test_every_example_of_an_error_is_itself_understood(text: str, toward: Toward, now: str) -> None:
    for read in (understood, day_understood):
        try:
            read(text, now, ZONE, toward)
        except Malformed as refused:
            for example in re.findall("« ([^»]+) »", str(refused))[1:]:
                assert read(example.strip(), now, ZONE, toward)


@pytest.mark.parametrize(
    ("text", "end"),
    [("15/1", "2026-01-15 23:59"), ("hier", "2026-01-11 23:59"), ("15/1 9h", "2026-01-15 09:00")],
)
def test_a_day_is_enough_looking_back(text: str, end: str) -> None:
    assert local(understood(text, MONDAY, ZONE, "past", day_ends=True), ZONE).strftime("%Y-%m-%d %H:%M") == end


def test_last_tuesday_is_refused_when_it_could_be_either() -> None:
    with pytest.raises(Malformed, match=r"6 janvier 2026.*13 janvier 2026"):
        understood("last tuesday 9h", "2026-01-16T08:00:00Z", ZONE, "past")


@pytest.mark.parametrize("text", ["10/03", "mardi", "demain", "2026-03-10", "dans 3 jours", "10 mars"])
def test_a_moment_without_its_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Malformed, match="14h") as refused:
        understood(text, MONDAY, ZONE)
    assert text in str(refused.value)
    assert day_understood(text, MONDAY, ZONE)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "h", "foo", "foo 14h", "10 9h", "10-03 9h", "10.03 9h", "mars 9h", "mars 2026 9h", "2026 9h", "le 9h",
        "14h5", "25h", "9h75", "13pm", "0am", "10 mars prochain 9h", "la semaine prochaine 9h", "fin mars 9h",
        "31/02 9h", "29/02 9h", "31 avril 9h", "2026-02-30 9h", "2026-13-01T09:00", "99/99/9999 9h", "le 32 à 9h",
        "mercredi 10 mars 14h", "mardi 14 14h", "apres-midi", "dans 9999999999 jours 9h", "dans 99999999 jours 9h",
        "dans 9999 ans 9h", "dans trois 9h", "dans jours 9h", "dans 3 jours et 9h",
        "10/03 11/03 9h", "demain hier 9h", "lundi mardi 9h", "9h 10h", "14h 14h", "0001-01-01T00:00", "\x00",
    ],
)  # fmt: skip
def test_what_is_not_clear_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        understood(text, MONDAY, ZONE)


# --- The changes of the clocks: 29 March and 25 October 2026 ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("29/03 1h59", "2026-03-29T00:59:00Z"),
        ("29/03 3h", "2026-03-29T01:00:00Z"),
        ("dim 9h", "2026-03-29T07:00:00Z"),
        ("lun 9h", "2026-03-30T07:00:00Z"),
        ("2026-03-29T02:30+01:00", "2026-03-29T01:30:00Z"),
        ("dans 24h", "2026-03-29T08:00:00Z"),
        ("dans 1 jour 9h", "2026-03-29T07:00:00Z"),
    ],
)
def test_around_the_hour_that_is_skipped(text: str, expected: str) -> None:
    assert understood(text, "2026-03-28T08:00:00Z", ZONE) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("25/10 1h30", "2026-10-24T23:30:00Z"),
        ("25/10 3h", "2026-10-25T02:00:00Z"),
        ("2026-10-25T02:30+02:00", "2026-10-25T00:30:00Z"),
        ("2026-10-25T02:30+01:00", "2026-10-25T01:30:00Z"),
        ("lun 9h", "2026-10-26T08:00:00Z"),
    ],
)
def test_around_the_hour_that_comes_twice(text: str, expected: str) -> None:
    assert understood(text, "2026-10-24T08:00:00Z", ZONE) == expected


@pytest.mark.parametrize("text", ["29/03 2h", "29/03 2h30", "2026-03-29T02:30", "25/10 2h", "25/10 2h59"])
def test_an_hour_that_is_not_there_or_twice_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        understood(text, MONDAY, ZONE)


# --- Properties ---

MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)).map(
    lambda found: found.replace(second=0, microsecond=0)
)


@given(MOMENTS, st.integers(-270, 270), st.integers(0, 1439), st.sampled_from(["fr", "en"]))
@example(datetime(2026, 3, 9, 8, tzinfo=UTC), 1, 870, "fr")
def test_what_the_program_writes_it_understands(now: datetime, days: int, minutes: int, language: str) -> None:
    """A date copied from a screen: long, short, numeric and ISO."""
    use(language)
    moment = now.astimezone(ZONE).replace(hour=minutes // 60, minute=minutes % 60, tzinfo=None) + timedelta(days=days)
    try:
        aware = from_local(moment, ZONE)
    except Malformed:
        assume(False)
    wanted, here = instant(aware), instant(now)
    for text in (
        long_time(aware),
        f"{long_date(aware.date())} {clock_time(aware)}",
        f"{numeric_date(aware.date())} {clock_time(aware)}",
        aware.isoformat(),
        moment.isoformat(),
        wanted,
    ):
        assert understood(text, here, ZONE) == wanted, text
    toward: Toward = "coming" if days > 0 else "past"
    assert understood(short_time(aware), here, ZONE, toward) == wanted


@given(st.text(max_size=30), st.sampled_from(["coming", "past", "near"]))
@example("dans", "coming")
@example("in the park", "coming")
@example("il y a", "past")
@example("9999-12-31T23:59:59-14:00", "coming")
def test_any_text_is_understood_or_refused(text: str, toward: Toward) -> None:
    for read in (understood, day_understood):
        try:
            found = read(text, MONDAY, ZONE, toward)
        except Malformed:
            continue
        assert isinstance(found, (str, date))


WORDS = [
    *("mar", "mardi", "lun", "10", "10/03", "mars", "14h", "9h30", "demain", "hier", "le", "à", "dans", "il y a"),
    *("3", "jours", "prochain", "next", "2026", "2026-03-10", "ago", "pm", ",", "."),
]


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join), st.sampled_from(["coming", "past"]))
def test_any_words_of_dates_are_understood_or_refused(text: str, toward: Toward) -> None:
    try:
        found = understood(text, MONDAY, ZONE, toward)
    except Malformed:
        return
    assert abs((local(found, ZONE).date() - date(2026, 1, 12)).days) < 3650


@given(MOMENTS, st.sampled_from(["lun", "mardi", "wed", "jeu.", "vendredi", "sat", "dim"]), st.integers(0, 23))
def test_a_weekday_is_within_a_week_in_its_direction(now: datetime, day: str, hour: int) -> None:
    here = instant(now)
    for toward, sign in (("coming", 1), ("past", -1)):
        try:
            found = understood(f"{day} {hour}h", here, ZONE, toward)  # type: ignore[arg-type]
        except Malformed:
            continue
        apart = (datetime.fromisoformat(found) - now) * sign
        assert timedelta(0) <= apart <= timedelta(days=7, hours=1)
