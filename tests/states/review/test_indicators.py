"""The impact indicators and the flow of a period, counted from what was recorded in it and from nothing else."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from histories import MEETING, SESSION, Step, activity, held, scope, worked
from pure import at, day, lab, surrounded

from states.calendar.working_days import Closure
from states.planning.slots import Swap
from states.review.dataset import AFTERNOON, MORNING, Story
from states.review.indicators import indicators, open_half_days, used_half_days
from states.review.semesters import Period


def value(name: str, *stories: Story, **how: Any) -> Any:
    return indicators(scope(*stories, **how))[name].value


# --- Projects ---


@pytest.mark.parametrize(
    ("steps", "count"),
    [
        pytest.param([], 0, id="only a tier"),
        pytest.param(MEETING, 1, id="a work meeting"),
        pytest.param(SESSION, 1, id="a session"),
        pytest.param([*MEETING, *SESSION], 1, id="both"),
        pytest.param(MEETING[:1], 0, id="planned only"),
        pytest.param(held("work", "2025-12-01 09:00", "2025-12-31 09:00"), 0, id="the semester before"),
        pytest.param(held("work", "06-01 09:00", "07-01 09:00"), 0, id="the semester after"),
    ],
)
@pytest.mark.parametrize("explained", [True, False])
def test_a_project_is_accompanied_once_something_of_it_is_held(steps: list[Step], count: int, explained: bool) -> None:
    assert value("projects_accompanied", worked("2026-0001", *steps), explained=explained) == count


@pytest.mark.parametrize("explained", [True, False])
def test_requests_that_follow_one_another_are_one_project(explained: bool) -> None:
    three = [worked(f"2026-000{n}", *MEETING) for n in (1, 2, 3)]
    chain = {"2026-0002": "2026-0001", "2026-0003": "2026-0002"}
    assert value("projects_accompanied", *three, explained=explained) == 3
    assert value("projects_accompanied", *three, explained=explained, follows=chain) == 1
    autonomous = worked("2026-0004", *SESSION, kind="autonomous")
    assert value("projects_accompanied", autonomous, explained=explained) == 0


def test_the_year_reaches_back_to_january() -> None:
    autumn = Period("2026-S2", day("07-01"), day("12-31"), at("07-01 00:00"), at("2027-01-01 00:00"))
    one = worked("2026-0001", *MEETING)
    found = indicators(scope(one, period=autumn, now="2027-01-04 09:00"))
    assert (found["projects_accompanied"].value, found["projects_accompanied_year"].value) == (0, 1)
    (item,) = indicators(scope(one))["projects_accompanied"].items
    assert (item.ref, item.event, item.said) == (
        "2026-0001",
        "hold_meeting",
        {"project": "2026-0001", "meeting": "work-1"},
    )


# --- People and services ---


def came(axis: str = "management", **what: Any) -> Story:
    return worked("2026-0001", *held("session", "02-02 09:00", "03-10 09:00", **what), axis=axis)


@pytest.mark.parametrize(
    ("stories", "managers"),
    [
        pytest.param([], 0, id="nothing held"),
        pytest.param([came()], None, id="held, nobody said"),
        pytest.param([came(managers=3)], 3, id="said"),
        pytest.param([came(managers=0)], 0, id="none"),
        pytest.param([came("incubation", managers=3)], 0, id="another axis"),
        pytest.param(
            [came(managers=3), activity("2026-A001", "03-05 14:00", axis="management", attended=9, managers=4)],
            7,
            id="with an activity",
        ),
    ],
)
def test_participations_of_managers(stories: list[Story], managers: int | None) -> None:
    assert value("managers_participating", *stories) == managers


@pytest.mark.parametrize(
    ("stories", "on_axis", "everywhere"),
    [
        ([], None, None),
        ([came("acculturation", attended=8)], None, None),
        ([came("acculturation", expected=10)], None, None),
        ([came("acculturation", attended=8, expected=10)], Fraction(4, 5), Fraction(4, 5)),
        ([came(attended=8, expected=10)], None, Fraction(4, 5)),
        (
            [
                came("incubation", attended=8, expected=10),
                activity("2026-A001", "03-05 14:00", attended=15, registered=30),
            ],
            Fraction(1, 2),
            Fraction(23, 40),
        ),
    ],
)
def test_attendance_is_what_came_over_what_was_expected(
    stories: list[Story], on_axis: Fraction | None, everywhere: Fraction | None
) -> None:
    assert value("attendance_rate", *stories) == on_axis
    assert value("attendance_rate_all", *stories) == everywhere


def test_services_that_took_part_are_the_regional_ones() -> None:
    stories = [
        worked("2026-0001", *MEETING, service="drajes"),
        worked("2026-0002", *MEETING, service="drajes"),
        worked("2026-0003", *MEETING, service="rectorat_toulouse"),
        activity("2026-A001", "03-05 14:00", attended=9, services=["drane", "partenaire"]),
    ]
    assert value("services_participating", *stories) == 2
    assert value("services_declared") == 10
    services = [i.said["service"] for i in indicators(scope(*stories))["services_participating"].items]
    assert services == ["drajes", "drajes", "drane"]


@pytest.mark.parametrize(
    ("scores", "mean"),
    [([], None), ([(4, None)], 4), ([(5, 3), (1, 1)], 4), ([(5, None), (2, 2)], 3), ([(3, 1), (4, 1)], Fraction(7, 2))],
)
def test_satisfaction_is_weighted_by_how_many_answered(
    scores: list[tuple[int, int | None]], mean: Fraction | None
) -> None:
    recorded: list[Step] = []
    for score, n in scores:
        recorded.append(("record_satisfaction", "04-01 09:00", {"score": score} | ({"respondents": n} if n else {})))
    assert value("satisfaction", worked("2026-0001", *SESSION, *recorded)) == mean


def test_deliverables_are_counted_with_their_type() -> None:
    made: Step = ("record_deliverable", "04-01 09:00", {"type": "method", "title": {"vault": "x"}})
    later: Step = ("record_deliverable", "07-01 09:00", {"type": "report", "title": {"vault": "x"}})
    figure = indicators(scope(worked("2026-0001", *SESSION, made, later)))["deliverables"]
    assert (figure.value, [i.said for i in figure.items]) == (1, [{"type": "method"}])


@pytest.mark.parametrize(
    ("records", "rate"),
    [
        ([], None),
        ([("record_effort", {"gain": 100})], None),
        ([("record_effort", {"hours": 10, "gain": 600})], Fraction(1, 2)),
        ([("record_effort", {"hours": 5, "cost": 200}), ("record_follow_up", {"gain": 1200})], 2),
        ([("record_effort", {"cost": 400})], None),
    ],
)
def test_the_return_is_what_is_gained_less_the_costs_over_the_costs(
    records: list[tuple[str, dict[str, Any]]], rate: Fraction | None
) -> None:
    steps: list[Step] = [(event, "04-01 09:00", data) for event, data in records]
    assert lab().lab.hourly_cost == 40
    assert value("return_on_investment", worked("2026-0001", *SESSION, *steps)) == rate


def test_the_return_says_what_each_entry_brought() -> None:
    steps: list[Step] = [
        ("record_effort", "04-01 09:00", {"hours": 5, "cost": 200}),
        ("record_effort", "04-02 09:00", {"staff": "camille"}),
        ("record_effort", "04-03 09:00", {"gain": 10}),
        ("record_follow_up", "04-04 09:00", {"gain": 1200}),
    ]
    found = indicators(scope(worked("2026-0001", *SESSION, *steps)))["return_on_investment"]
    assert [item.said for item in found.items] == [
        {"gain": None, "cost": 400},
        {"gain": 10, "cost": None},
        {"gain": 1200, "cost": None},
    ]


# --- Space ---


@pytest.mark.parametrize(
    ("start", "minutes", "place", "expected"),
    [
        ("03-10 09:00", 60, "montpellier", [(day("03-10"), MORNING)]),
        ("03-10 12:00", 60, "montpellier", [(day("03-10"), MORNING)]),
        ("03-10 12:00", 61, "montpellier", [(day("03-10"), MORNING), (day("03-10"), AFTERNOON)]),
        ("03-10 13:00", 60, "montpellier", [(day("03-10"), AFTERNOON)]),
        ("03-10 09:00", 60, "toulouse", []),
        ("03-10 09:00", 60, "hors_les_murs", []),
    ],
)
def test_half_days_used_are_those_of_the_labs_own_place(
    start: str, minutes: int, place: str, expected: list[Any]
) -> None:
    steps = held("work", "02-02 09:00", start, place=place, duration=minutes)
    steps[1][2]["duration"] = minutes
    assert list(used_half_days(scope(worked("2026-0001", *steps)))) == expected


def test_two_meetings_of_a_morning_use_it_once() -> None:
    subject = scope(
        worked("2026-0001", *held("work", "02-02 09:00", "03-10 09:00")),
        activity("2026-A001", "03-10 10:00", attended=3),
    )
    assert {half_day: len(used) for half_day, used in used_half_days(subject).items()} == {(day("03-10"), MORNING): 2}
    assert indicators(subject)["space_usage_rate"].value == Fraction(1, len(open_half_days(subject)))


def test_half_days_open_leave_out_what_is_closed_or_the_other_labs() -> None:
    def one_week(**around: Any) -> set[tuple[Any, str]]:
        week = Period("", day("03-09"), day("03-15"), at("03-09 00:00"), at("03-16 00:00"))
        return open_half_days(scope(period=week, around=surrounded(**around)))

    assert len(one_week()) == 8  # neither Thursday nor the weekend
    assert len(one_week(closures=[Closure("montpellier", day("03-10"), day("03-11"))])) == 4
    swapped = one_week(swaps=[Swap("montpellier", day("03-12"), day("03-10"))])
    assert {d for d, _half in swapped} == {day("03-09"), day("03-11"), day("03-12"), day("03-13")}
