"""`coop calendar`, and the help of the commands that keep people, places and days."""

from __future__ import annotations

import pytest
from desk import Desk

# --- The calendar ---


def test_the_calendar_tells_why_a_day_is_not_like_the_others(desk: Desk) -> None:
    desk.coop("calendar", "close", "--from", "15/05", "--note", "Pont")
    desk.coop("place", "close", "montpellier", "--from", "18/05", "--to", "19/05", "--note", "Travaux")
    desk.coop("place", "swap", "montpellier", "--gained", "21/05", "--given", "20/05")
    days = {day["day"][8:]: day for day in desk.json("calendar", "show", "--month", "2026-05")["days"]}
    assert len(days) == 31
    assert (days["14"]["holiday"], days["14"]["school_holidays"]) == ("Ascension", "Pont de l’Ascension")
    assert (days["14"]["working"], days["13"]["working"], days["15"]["working"]) == (False, True, False)
    assert days["15"]["closures"] == [{"place": None, "note": "Pont"}]
    assert (days["18"]["closures"], days["18"]["working"]) == ([{"place": "montpellier", "note": "Travaux"}], True)
    assert (days["21"]["gained"], days["20"]["given"]) == (["montpellier"], ["montpellier"])
    assert (days["28"]["other_lab"], days["21"]["other_lab"]) == (["montpellier"], [])
    printed = desk.coop("calendar", "show", "--month", "mai").out
    for word in ("14*L~", "15X~", "18x", "20-", "21+", "28L", "Ascension", "Pont", "Travaux"):
        assert word in printed
    assert all(len(line) <= 80 for line in printed.splitlines()[:7])


@pytest.mark.parametrize(
    ("month", "first"),
    [("2026-03", "2026-03-01"), ("03/2027", "2027-03-01"), ("mars", "2026-03-01"), ("August", "2026-08-01"),
     ("Décembre 2025", "2025-12-01"), ("février", "2026-02-01"), ("1", "2026-01-01")],
)  # fmt: skip
def test_months_are_written_as_people_do(desk: Desk, month: str, first: str) -> None:
    assert desk.json("calendar", "show", "--month", month)["from"] == first


def test_the_calendar_shows_any_range(desk: Desk) -> None:
    found = desk.json("calendar", "show", "--from", "20/12/2026", "--to", "05/01/2027")
    assert (found["from"], found["to"], len(found["days"])) == ("2026-12-20", "2027-01-05", 17)
    assert desk.json("calendar", "show")["from"] == "2026-01-01"
    assert desk.coop("calendar", "show", "--from", "20/12/2026", "--to", "05/01/2027").exit == 0
    for month in ("13", "2026-13", "brumaire", "mars 99999"):
        assert desk.fails(6, "calendar", "show", "--month", month)["fields"][0]["field"] == "month"
    assert desk.fails(2, "calendar", "show", "--month", "mars", "--from", "9/3")
    assert desk.fails(2, "calendar", "show", "--to", "9/3")
    assert desk.fails(6, "calendar", "show", "--from", "2026-01-01", "--to", "2029-01-01")


@pytest.mark.parametrize(
    "words",
    [("staff", "absence"), ("staff", "what-if"), ("staff", "load"), ("place",), ("place", "list"), ("place", "close"),
     ("place", "swap"), ("place", "free"), ("calendar",), ("calendar", "show"), ("calendar", "close")],
)  # fmt: skip
def test_help_is_worth_reading(desk: Desk, words: tuple[str, ...]) -> None:
    printed = desk.coop(*words, "--help")
    assert printed.exit == 0
    assert len(printed.out) > 150


def test_what_a_terminal_would_obey_is_not_printed_of_a_person(desk: Desk) -> None:
    name = "A\x1b]0;pwned\x07\x1b[31m\u202eB"
    desk.coop("staff", "add", "spec", "--name", name, "--email", "spec@example.org", "--role", "specialist")
    for words in (("show", "spec"), ("list",)):
        printed = desk.coop("staff", *words)
        assert printed.exit == 0
        assert not set("\x1b\x07\u202e") & set(printed.out)
