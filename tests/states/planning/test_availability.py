"""The next valid slots: at most one a half-day, the usual hours first, never in the past, some notice ahead."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from pure import at, away, day, lab, planned, surrounded, when

from states.calendar.working_days import Closure
from states.planning.availability import HALF_DAYS, HORIZON, next_slots, soonest
from states.planning.meeting import Planned, Slot


def slots(
    after: str, *meetings: Planned, place: str = "montpellier", minutes: int = 60, count: int = 3, **how: Any
) -> list[str]:
    staff = how.pop("staff", ("camille",))
    around = surrounded(*meetings, **how)
    found = next_slots(lab(), around, Slot(at(after), minutes, place, tuple(staff), at(after)), count)
    return [when(slot) for slot in found]


@pytest.mark.parametrize(
    ("after", "how", "expected"),
    [
        pytest.param("03-09 07:00", {}, ["03-09 09:00", "03-09 14:00", "03-10 09:00"], id="the usual hours"),
        pytest.param("03-09 09:00", {"count": 2}, ["03-09 09:00", "03-09 14:00"], id="at that very moment"),
        pytest.param("03-09 12:01", {"count": 1}, ["03-09 14:00"], id="the morning is over"),
        pytest.param("03-09 17:01", {"count": 1}, ["03-10 09:00"], id="so is the day"),
        pytest.param(
            "03-11 15:00",
            {"count": 4},
            ["03-11 15:00", "03-13 09:00", "03-13 14:00", "03-16 09:00"],
            id="neither a Thursday nor a weekend",
        ),
        pytest.param("03-12 07:00", {"place": "toulouse", "count": 1}, ["03-12 09:00"], id="a Thursday in Toulouse"),
        pytest.param(
            "03-13 17:30",
            {"place": "hors_les_murs", "count": 1},
            ["03-16 09:00"],
            id="no weekend off site either",
        ),
        pytest.param(
            "05-13 17:30",
            {"place": "hors_les_murs", "count": 1},
            ["05-15 09:00"],
            id="nor a public holiday",
        ),
        pytest.param("03-09 07:00", {"minutes": 360, "count": 2}, ["03-09 09:00", "03-09 13:00"], id="six hours"),
        pytest.param(
            "03-09 07:00", {"minutes": 11 * 60, "count": 2}, ["03-09 08:00", "03-10 08:00"], id="the whole day"
        ),
        pytest.param("03-09 07:00", {"minutes": 11 * 60 + 1}, [], id="more than a day"),
        pytest.param(
            "03-09 07:00",
            {"absences": [away("camille", "03-09", "03-10")], "count": 1},
            ["03-11 09:00"],
            id="once they are back",
        ),
        pytest.param(
            "03-09 07:00",
            {"absences": [away("camille", "03-09", "03-10")], "count": 1, "staff": ("awa",)},
            ["03-09 09:00"],
            id="someone else away",
        ),
        pytest.param(
            "03-09 07:00",
            {"closures": [Closure(None, day("03-09"), day("03-10"))], "count": 1},
            ["03-11 09:00"],
            id="once the lab opens",
        ),
    ],
)
def test_the_next_slots(after: str, how: dict[str, Any], expected: list[str]) -> None:
    assert slots(after, **how) == expected


def test_what_is_taken_is_stepped_around() -> None:
    morning = planned("0001", "03-09 09:00", minutes=150)
    assert slots("03-09 07:00", morning, count=1) == ["03-09 11:30"]
    everywhere = planned("0001", "03-09 08:00", minutes=300)
    assert slots("03-09 07:00", everywhere, count=1) == ["03-09 14:00"]
    elsewhere = planned("0001", "03-09 08:00", "camille", minutes=300, place="toulouse")
    assert slots("03-09 07:00", elsewhere, count=1) == ["03-09 14:00"]
    assert slots("03-09 07:00", elsewhere, count=1, staff=()) == ["03-09 09:00"]


def test_the_hour_a_clock_change_doubles_is_passed_over() -> None:
    """No half-day has one, in France: a lab that opened at night on a Monday of another zone would."""
    night = evolve(lab(), lab=evolve(lab().lab, zone="America/Santiago"))
    found = next_slots(night, surrounded(), Slot(at("03-09 07:00"), 60, "hors_les_murs", (), at("03-09 07:00")))
    assert len(found) == 3


def test_what_is_far_is_not_looked_for() -> None:
    closed = Closure("montpellier", day("03-09"), day("2027-12-31"))
    assert slots("03-09 07:00", closures=[closed]) == []
    until = Closure("montpellier", day("03-09"), day("07-03"))  # a Friday, 116 days later; the horizon is 120
    assert slots("03-09 07:00", closures=[until], count=9) == ["07-06 09:00", "07-06 14:00"]
    assert HORIZON == 120


def test_each_half_day_keeps_to_its_hours() -> None:
    morning, afternoon = HALF_DAYS
    assert all(8 <= start.hour < 13 for start in morning)
    assert all(13 <= start.hour < 19 for start in afternoon)


CLOSED_TUESDAY = {"closures": [Closure(None, day("03-10"), day("03-10"))]}


@pytest.mark.parametrize(
    ("now", "how", "expected"),
    [
        pytest.param("03-09 08:30", {}, "03-09 12:30", id="four hours of the day"),
        pytest.param("03-09 06:00", {}, "03-09 12:00", id="before the lab opens"),
        pytest.param("03-09 15:00", {}, "03-09 19:00", id="up to its end"),
        pytest.param("03-09 16:00", {}, "03-10 09:00", id="the rest on the next day"),
        pytest.param("03-09 20:00", {}, "03-10 12:00", id="after the lab closes"),
        pytest.param("03-13 18:00", {}, "03-16 11:00", id="over a weekend"),
        pytest.param("03-14 10:00", {}, "03-16 12:00", id="on a Saturday"),
        pytest.param("05-13 18:30", {}, "05-15 11:30", id="over a public holiday"),
        pytest.param("03-09 18:00", CLOSED_TUESDAY, "03-11 11:00", id="over a day the lab is closed"),
        pytest.param(
            "03-09 18:00",
            {"closures": [Closure("montpellier", day("03-10"), day("03-10"))]},
            "03-10 11:00",
            id="a place that closes keeps nobody from working",
        ),
    ],
)
def test_what_is_proposed_is_the_notice_ahead(now: str, how: dict[str, Any], expected: str) -> None:
    assert when(soonest(lab(), surrounded(**how), at(now))) == expected


def test_the_notice_is_declared() -> None:
    for minutes, expected in ((0, "03-09 08:30"), (60, "03-09 09:30"), (22 * 60, "03-11 08:30")):
        other = evolve(lab(), slots=evolve(lab().slots, notice=minutes))
        assert when(soonest(other, surrounded(), at("03-09 08:30"))) == expected


def test_where_no_day_comes_any_more_it_is_now() -> None:
    closed = [Closure(None, day("03-09"), day("12-31"))]
    assert when(soonest(lab(), surrounded(closures=closed), at("03-09 08:30"))) == "03-09 08:30"
