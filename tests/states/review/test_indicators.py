"""The impact indicators and the flow of a period, counted from what was recorded in it and from nothing else."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from histories import Step, activity, half, held, received, scope, story, tiered
from pure import at, day, lab, surrounded

from states.calendar.working_days import Closure
from states.declaration.vocabulary import OUTCOMES
from states.planning.slots import Swap
from states.review.dataset import AFTERNOON, MORNING, Scope, Story
from states.review.indicators import flow, indicators, lead_times, open_half_days, participations, used_half_days
from states.review.semesters import Period


def value(name: str, *stories: Story, **how: Any) -> Any:
    return indicators(scope(*stories, **how))[name].value


def worked(ref: str, *steps: Step, **form: Any) -> Story:
    return story(ref, *tiered("2025-11-03 09:00", **form), *steps)


MEETING = held("work", "02-02 09:00", "02-10 09:00")
SESSION = held("session", "02-02 09:00", "03-10 09:00")


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


# --- Flow and lead times ---


def flown(*stories: Story, **how: Any) -> dict[str, Any]:
    found = flow(scope(*stories, **how))
    return {n: {k: f.value for k, f in v.items()} if isinstance(v, dict) else v.value for n, v in found.items()}


def test_the_flow_of_a_period() -> None:
    stories = [
        story("2026-0001", received("03-02 09:00")),
        story("2026-0002", received("03-02 09:00"), ("decline", "03-03 09:00", {"reason": "duplicate"})),
        story("2026-0003", *tiered("03-02 09:00"), *held("work", "03-03 09:00", "03-10 09:00")),
        story("2026-0004", *tiered("03-02 09:00", "50_50", department="31", axis="management"), *SESSION[:0]),
        story("2026-0005", received("2025-12-01 09:00"), ("withdraw", "03-03 09:00", {})),
        story("2026-0006", received("2025-11-03 09:00"), ("decline", "2025-12-03 09:00", {"reason": "other"})),
        story("2026-0007", received("07-01 00:00")),
    ]
    found = flown(*stories)
    assert (found["received"], found["accepted"], found["open"]) == (4, 2, 3)
    assert [found[state] for state in ("declined", "withdrawn", "cancelled", "closed")] == [1, 1, 0, 0]
    assert found["open_by_state"] == {"received": 1, "tier_assigned": 1, "working": 1}
    assert found["decline_reasons"] == {"duplicate": 1}
    assert (found["by_tier"], found["by_axis"], found["by_department"]) == (
        {"tuto": 1},
        {"incubation": 1},
        {"34": 1},
    )


WORK = held("work", "02-03 09:00", "03-10 09:00")


@pytest.mark.parametrize(
    ("form", "family", "academy"),
    [
        ({"service": "drajes", "department": "34"}, "menj_mesr_msjop", "montpellier"),
        ({"service": "autre_etat", "department": "31"}, "state", "toulouse"),  # as its service is declared
        ({"service": "autre_etat", "family": "partner", "department": "82"}, "partner", "toulouse"),  # as the form says
        ({"service": "gone", "department": "99"}, "", None),  # of a declaration of before
    ],
)
def test_a_request_is_of_a_family_of_services_and_of_an_academy(
    form: dict[str, Any], family: str, academy: str | None
) -> None:
    found = flown(worked("2026-0001", *WORK, **form), story("2026-0002", received(**form)))
    assert (found["by_family"], found["by_academy"]) == ({family: 1}, {academy: 1} if academy else {})


OUTSIDE: dict[str, Any] = {"place": "hors_les_murs"}


@pytest.mark.parametrize(
    ("stories", "reached"),
    [
        ([], {}),
        ([worked("2026-0001", *held("work", "02-03 09:00", "03-10 09:00"))], {}),  # in Montpellier
        ([worked("2026-0001", *held("work", "02-03 09:00", "03-10 09:00", **OUTSIDE))], {"unsaid": 1}),
        (
            [
                worked(
                    "2026-0001",
                    *held("work", "02-03 09:00", "03-10 09:00", **OUTSIDE, department="48"),
                    *held("session", "02-03 09:00", "06-30 23:00", **OUTSIDE, department="48"),
                    department="34",
                ),
                activity("2026-A001", "03-11 09:00", **OUTSIDE, department="09"),
            ],
            {"09": 1, "48": 2},
        ),
        ([activity("2026-A001", "07-01 09:00", **OUTSIDE, department="09")], {}),  # of the next semester
    ],
)
def test_departments_reached_off_site_count_what_was_held_there(stories: list[Story], reached: dict[str, int]) -> None:
    assert flown(*stories)["off_site_by_department"] == reached


def test_what_is_known_later_does_not_count_yet() -> None:
    one = story("2026-0001", received("03-02 09:00"), ("prequalify", "03-05 09:00", {}))
    found = flown(one, now="03-04 09:00")
    assert found["open_by_state"] == {"received": 1}
    assert flown(one, now="03-02 08:59")["open"] == 0
    assert flown(one, now="03-02 09:00")["open"] == 1


@pytest.mark.parametrize(
    ("left", "days"), [("03-03 09:00", 1), ("03-02 21:00", Fraction(1, 2)), ("03-30 09:00", Fraction(28 * 24 - 1, 24))]
)
def test_a_stay_lasts_calendar_days(left: str, days: Fraction) -> None:
    one = story("2026-0001", received("03-02 09:00"), ("prequalify", left, {}))
    found = lead_times(scope(one))
    assert {state: {n: f.value for n, f in of.items()} for state, of in found.items()} == {
        "received": {"n": 1, "median_days": days, "p90_days": days}
    }
    (item,) = found["received"]["n"].items
    assert (item.seq, item.said["days"], item.said["until"]) == (1, days, at(left))


def test_a_stay_counts_in_the_period_it_ended_in() -> None:
    ended = [("2025-12-31 23:59", False), ("01-01 00:00", True), ("06-30 23:59", True), ("07-01 00:00", False)]
    for left, counted in ended:
        one = story("2026-0001", received("2025-12-01 09:00"), ("prequalify", left, {}))
        assert bool(lead_times(scope(one, now="08-01 09:00"))) == counted


def test_a_scope_is_the_period_its_year_and_the_semester_before() -> None:
    subject: Scope = scope(first_at=at("2024-01-08 09:00"))
    assert subject.previous.period.code == "2025-S2"
    assert subject.year is subject  # it begins in January
    assert (subject.previous.year.period.first, subject.previous.year.period.last) == (
        day("2025-01-01"),
        day("2025-12-31"),
    )
    assert subject.limit == half().end
    assert scope(now="03-04 09:00").limit == at("03-04 09:00").replace(":00Z", ":01Z")


def test_an_ending_counts_once_whatever_is_told_after_it() -> None:
    ended = story(
        "2026-0001",
        received(),
        ("withdraw", "01-20 09:00", {}),
        ("comment", "01-21 09:00", {}),
        ("amend", "01-22 09:00", {}),
    )
    assert [ended.ending(entry) for entry in ended.effective] == ["", "withdrawn", "", ""]
    assert flown(ended)["withdrawn"] == 1


BACK: Step = ("reopen", "03-04 09:00", {"to": "received", "restored": []})
REOPENED: list[Step] = [("withdraw", "03-03 09:00", {}), BACK]


@pytest.mark.parametrize(
    ("steps", "counted"),
    [
        ([received("03-02 09:00")], {"received": 1, "open": 1}),
        ([received("2025-12-01 09:00")], {"open_at_start": 1, "open": 1}),
        ([received("2025-12-01 09:00"), ("withdraw", "01-03 09:00", {})], {"open_at_start": 1, "withdrawn": 1}),
        ([received("2025-12-01 09:00"), ("withdraw", "2025-12-03 09:00", {})], {}),
        ([received("03-02 09:00"), *REOPENED], {"received": 1, "reopened": 1, "withdrawn": 1, "open": 1}),
        (
            [received("03-02 09:00"), *REOPENED, ("withdraw", "03-05 09:00", {})],
            {"received": 1, "reopened": 1, "withdrawn": 2},
        ),
        (
            [
                received("2025-12-01 09:00"),
                ("withdraw", "2025-12-03 09:00", {}),
                BACK,
            ],
            {"reopened": 1, "open": 1},
        ),
    ],
)
def test_what_came_is_what_ended_and_what_is_still_there(steps: list[Step], counted: dict[str, int]) -> None:
    found = flown(story("2026-0001", *steps))
    names = ("open_at_start", "received", "reopened", "open", *OUTCOMES)
    assert {name: found[name] for name in names if found[name]} == counted
    came = found["open_at_start"] + found["received"] + found["reopened"]
    assert came == sum(found[outcome] for outcome in OUTCOMES) + found["open"]


def test_an_ending_after_a_reopening_is_known() -> None:
    one = story("2026-0001", received("03-02 09:00"), *REOPENED, ("withdraw", "03-05 09:00", {}))
    assert [(e.seq, one.ended_before(e), one.begins_again(e)) for e in one.effective] == [
        (1, False, False), (2, False, False), (3, True, True), (4, True, False),
    ]  # fmt: skip


def test_a_request_is_one_participation_however_often_it_was_worked_on() -> None:
    twice = worked("2026-0001", *MEETING, *held("session", "02-02 09:00", "03-12 09:00"))
    came = activity("2026-A001", "03-05 14:00", attended=9, services=["drajes", "drajes"])
    found = [(service, item.ref, item.event) for service, item in participations(scope(twice, came))]
    assert found == [("drajes", "2026-0001", "hold_meeting"), ("drajes", "2026-A001", "hold_activity")]
