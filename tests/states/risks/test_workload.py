"""The hours each week asks of each person, against the hours they are there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pure import lab, planned

from states.calendar.working_days import Closure
from states.planning.meeting import Planned
from states.planning.slots import Absence, Surroundings
from states.risks.remedies import Forecast, Person
from states.risks.workload import Load, WeekLoad, effort, loads, there

CAMILLE, RENE = Person("camille", "coordinator"), Person("rene", "referent", hours=28)
COMMITTEE = Person("comite", "committee")
MONDAY = date(2026, 3, 9)


def meeting(kind: str, start: str = "03-10 09:00", minutes: int = 120, *staff: str, **how: Any) -> Planned:
    return planned("0001", start, *(staff or ("camille",)), kind=kind, minutes=minutes, **how)


@pytest.mark.parametrize(
    ("kind", "tier", "facilitation", "hours"),
    [
        ("interview", None, None, 1.5),
        ("work", "coup_de_pouce", None, 3),
        ("work", "tuto", None, 4),
        ("work", "50_50", None, 6),
        ("session", "coup_de_pouce", "requester", 0),
        ("session", "tuto", "requester", 1),
        ("session", "tuto", "both", 3),
        ("session", "50_50", "both", 9),
        ("session", "50_50", "lab", 9),
        ("session", "50_50", "requester", 7),
        ("session", None, "requester", 0),  # autonomous
        ("session", None, "lab", 2),
        ("debrief", "tuto", None, 1.5),
    ],
)
def test_effort_is_that_of_the_domain(kind: str, tier: str | None, facilitation: str | None, hours: float) -> None:
    assert effort(lab(), meeting(kind, tier=tier, facilitation=facilitation)) == hours * 60


# --- Hours there ---


def hours(person: Person = CAMILLE, week: date = MONDAY, **around: Any) -> float:
    return there(person, week, Surroundings(**around)) / 60


def test_a_day_off_is_a_fifth_of_the_week() -> None:
    day = timedelta(days=1)
    assert hours() == 35
    assert hours(RENE) == 28
    assert hours(absences=[Absence("camille", MONDAY, MONDAY + day)]) == 21
    assert hours(absences=[Absence("rene", MONDAY, MONDAY + day)]) == 35
    assert hours(absences=[Absence("camille", MONDAY - 30 * day, MONDAY + 30 * day)]) == 0
    assert hours(absences=[Absence("camille", MONDAY + 5 * day, MONDAY + 6 * day)]) == 35  # a weekend
    assert hours(holidays={date(2026, 5, 14): "Ascension"}, week=date(2026, 5, 11)) == 28
    assert hours(closures=[Closure(None, MONDAY, MONDAY)]) == 28
    assert hours(closures=[Closure("montpellier", MONDAY, MONDAY + 6 * day)]) == 35
    both = {"closures": [Closure(None, MONDAY, MONDAY)], "absences": [Absence("camille", MONDAY, MONDAY)]}
    assert hours(**both) == 28  # the same day is off once


# --- Weeks ---


def found(*meetings: Planned, people: tuple[Person, ...] = (CAMILLE, RENE, COMMITTEE), **how: Any) -> list[Load]:
    around = Surroundings(**how)
    return loads(meetings, Forecast(lab(), around, people, ""), lambda _digest: lab(), date(2026, 3, 11), 2)


def test_a_meeting_counts_whole_in_its_week_for_each_person_assigned() -> None:
    camille, rene = found(
        meeting("work", "03-09 09:00", 120, "camille", "rene", tier="tuto"),
        meeting("work", "03-16 09:00", 60, "camille", tier="50_50"),
        meeting("debrief", "03-22 23:30", 60, "camille"),  # still Sunday in the lab's zone
    )
    assert [week.monday for week in camille.weeks] == [MONDAY, MONDAY + timedelta(days=7)]
    assert [week.committed / 60 for week in camille.weeks] == [4, 6.5]
    assert [week.committed / 60 for week in rene.weeks] == [4, 0]
    assert [one.meeting for one in camille.weeks[1].commitments] == ["work-1", "debrief-1"]


def test_who_takes_no_meetings_is_left_out_unless_asked_to() -> None:
    assert [one.person for one in found()] == [CAMILLE, RENE]
    assert [one.person for one in found(meeting("work", "03-10 09:00", 60, "comite"))] == [CAMILLE, RENE, COMMITTEE]
    left = Person("yann", "specialist", active=False)
    assert found(people=(left,)) == []
    assert [one.person for one in found(meeting("work", "03-10 09:00", 60, "yann"), people=(left,))] == [left]


def test_what_nobody_is_assigned_to_comes_last() -> None:
    one = Planned("2026-0002", "work-1", "work", "2026-03-10T08:00:00Z", 60, "montpellier", tier="tuto")
    last = found(one)[-1]
    assert last.person is None
    assert [week.committed / 60 for week in last.weeks] == [3, 0]


@pytest.mark.parametrize(
    ("committed", "there_", "percent", "over", "critical"),
    [
        (0, 600, 0, False, False),
        (300, 600, 50, False, False),
        (599, 600, 99, False, False),
        (600, 600, 100, False, False),
        (601, 600, 101, True, False),
        (720, 600, 120, True, False),
        (721, 600, 121, True, True),
        (60, 0, None, True, True),
        (0, 0, None, False, False),
    ],
)
def test_a_share_is_never_rounded_across_a_limit(
    committed: int, there_: int, percent: int | None, over: bool, critical: bool
) -> None:
    from states.risks.workload import Commitment

    week = WeekLoad(MONDAY, (Commitment("2026-0001", "work-1", committed),), there_)
    assert (week.percent, week.over, week.critical) == (percent, over, critical)
