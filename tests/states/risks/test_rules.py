"""Each risk the brochure names: when it fires, how gravely, and what it is known by."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from attrs import evolve
from pure import PEOPLE, at, away, calendar, lab, planned, surrounded

from states.calendar.working_days import Closure
from states.planning.meeting import Planned
from states.requests.request import Request
from states.risks.remedies import Person
from states.risks.rules import LEVELS, Risk, Watch, deadline_risk, open_tasks, overload_risk, rank, risks_of
from states.risks.workload import Commitment, WeekLoad

FRIDAY = "03-20 14:00"  # of the meetings below
HOST = PEOPLE[1]._replace(skills=("facilitation",))  # camille, with a skill


def risks(
    meeting: Planned, now: str, people: tuple[Person, ...] = PEOPLE, organising: tuple[str, ...] = (), **around: Any
) -> list[Risk]:
    todo = {meeting.ref: list(organising)} if organising else {}
    return risks_of(meeting, Watch(lab(), surrounded(meeting, **around), people, at(now), calendar(), todo))


def fired(meeting: Planned, now: str, **given: Any) -> list[str]:
    return [f"{risk.rule} {risk.level}" for risk in risks(meeting, now, **given)]


STAFFED = planned("0001", FRIDAY, "camille")
NOBODY = planned("0001", FRIDAY)
SESSION = planned("0001", FRIDAY, "camille", kind="session", facilitation="requester")
TOULOUSE = planned("0001", FRIDAY, "camille", place="toulouse")
ALONE = PEOPLE[1:3]  # camille, and a committee that takes no meeting


@pytest.mark.parametrize(
    ("meeting", "now", "given", "expected"),
    [
        pytest.param(STAFFED, "03-19 09:00", {}, [], id="nothing"),
        # Working days before: Friday is 5 after the Friday before, 2 after Wednesday.
        pytest.param(NOBODY, "03-12 18:00", {}, [], id="nobody in 6 working days"),
        pytest.param(NOBODY, "03-13 08:00", {}, ["unstaffed warning"], id="nobody in 5"),
        pytest.param(NOBODY, "03-17 23:00", {}, ["unstaffed warning"], id="nobody in 3"),
        pytest.param(NOBODY, "03-18 00:01", {}, ["unstaffed critical"], id="nobody in 2"),
        pytest.param(NOBODY, "03-20 13:59", {}, ["unstaffed critical"], id="nobody, today"),
        pytest.param(NOBODY, FRIDAY, {}, [], id="begun"),
        pytest.param(STAFFED, "03-05 18:00", {"people": ALONE}, [], id="alone in 11"),
        pytest.param(STAFFED, "03-06 08:00", {"people": ALONE}, ["single_point_of_failure info"], id="alone in 10"),
        pytest.param(NOBODY, "03-12 08:00", {"people": ALONE}, [], id="nobody is not a single point"),
        pytest.param(SESSION, "03-06 08:00", {"people": ALONE}, ["single_point_of_failure info"], id="a session"),
        *[
            pytest.param(
                evolve(SESSION, facilitation=led),
                "03-06 08:00",
                {"people": ALONE},
                ["single_point_of_failure warning"],
                id=f"a session led by {led}",
            )
            for led in ("both", "lab")
        ],
        pytest.param(
            evolve(STAFFED, facilitation="lab"),
            "03-06 08:00",
            {"people": ALONE},
            ["single_point_of_failure info"],
            id="a work meeting that the lab leads",
        ),
        pytest.param(evolve(SESSION, skill="design"), "01-12 09:00", {}, ["skill_gap warning"], id="nobody skilled"),
        pytest.param(
            evolve(SESSION, skill="design", staff=("camille", "awa")), "01-12 09:00", {}, [], id="one is skilled"
        ),
        pytest.param(evolve(STAFFED, skill="design"), "01-12 09:00", {}, [], id="a skill is for sessions"),
        pytest.param(SESSION, "03-12 18:00", {"organising": ("organise",)}, [], id="to organise in 6"),
        pytest.param(
            SESSION, "03-13 08:00", {"organising": ("organise",)}, ["material_not_ready warning"], id="to organise in 5"
        ),
        pytest.param(STAFFED, "03-19 08:00", {"organising": ("organise",)}, [], id="to organise is for sessions"),
        pytest.param(TOULOUSE, "03-12 18:00", {}, [], id="not agreed in 6"),
        pytest.param(TOULOUSE, "03-13 08:00", {}, ["agreement_missing warning"], id="not agreed in 5"),
        pytest.param(evolve(TOULOUSE, agreed=False), "03-13 08:00", {}, ["agreement_missing warning"], id="refused"),
        pytest.param(evolve(TOULOUSE, agreed=True), "03-13 08:00", {}, [], id="agreed"),
        pytest.param(
            STAFFED,
            "01-12 09:00",
            {"absences": [away("camille", "03-20")]},
            ["staff_absence critical"],
            id="away, however far",
        ),
        pytest.param(STAFFED, "03-12 09:00", {"absences": [away("camille", "03-19")]}, [], id="away the day before"),
        pytest.param(
            STAFFED,
            "01-12 09:00",
            {"closures": [Closure("montpellier", date(2026, 3, 20), date(2026, 3, 20), note="travaux")]},
            ["place_closed critical"],
            id="closed",
        ),
        pytest.param(
            planned("0001", "03-19 14:00", "camille"), "01-12 09:00", {}, ["place_closed critical"], id="a Thursday"
        ),
    ],
)
def test_when_a_meeting_is_at_risk(meeting: Planned, now: str, given: dict[str, Any], expected: list[str]) -> None:
    assert fired(meeting, now, **given) == expected


def test_someone_skilled_and_free_spares_the_only_one_there() -> None:
    skilled = evolve(SESSION, skill="facilitation", staff=("camille",))
    assert fired(skilled, "03-10 09:00", people=(HOST, *PEOPLE[1:2])) == ["single_point_of_failure info"]
    assert fired(skilled, "03-10 09:00", people=(HOST, PEOPLE[0])) == []
    other = planned("0002", FRIDAY, "awa", place="hors_les_murs")
    busy = risks_of(skilled, Watch(lab(), surrounded(skilled, other), (HOST, PEOPLE[0]), at("03-10 09:00"), calendar()))
    assert [risk.rule for risk in busy] == ["single_point_of_failure"]


def test_a_risk_is_known_by_its_cause_and_says_what_it_is_about() -> None:
    gone = (PEOPLE[0], PEOPLE[1]._replace(active=False), PEOPLE[4]._replace(active=False))
    both = evolve(STAFFED, staff=("camille", "paule"))
    first, second = risks(both, "01-12 09:00", people=gone)
    start = at(FRIDAY)
    assert (first.cause, second.cause) == (
        f"staff_absence/2026-0001/work-1/{start}/camille",
        f"staff_absence/2026-0001/work-1/{start}/paule",
    )
    assert (first.staff, first.ref, first.meeting, first.due_at) == ("camille", "2026-0001", "work-1", start)
    assert (first.addressed_to, first.kind, first.stage) == ("", None, None)  # whoever keeps the registers
    (nobody,) = risks(NOBODY, "03-18 09:00")
    assert nobody.cause == f"unstaffed/2026-0001/work-1/{start}"
    (closed,) = risks(planned("0001", "03-19 14:00", "camille"), "01-12 09:00")
    assert closed.facts == {"place": "montpellier", "why": "ce jour de la semaine revient à l’autre laboratoire"}
    (skill,) = risks(evolve(SESSION, skill="design"), "01-12 09:00")
    assert (skill.facts, skill.cause.rpartition("/")[2]) == ({"skill": "design"}, "design")
    (tasks,) = risks(SESSION, "03-13 08:00", organising=("organise", "invitations"))
    assert tasks.facts == {"tasks": ["organise", "invitations"]}
    (asked,) = risks(TOULOUSE, "03-13 08:00")
    assert asked.facts == {"place": "toulouse"}


@pytest.mark.parametrize(
    ("stage", "level", "addressed"),
    [("reminder", "info", "coordinator"), ("due", "warning", "coordinator"), ("escalated", "critical", "pilot")],
)
def test_a_deadline_grows_more_pressing_at_each_stage(stage: str, level: str, addressed: str) -> None:
    due = at("03-20 18:00")
    risk = deadline_risk(lab(), "2026-0001", "qualified", "4", due, stage)
    assert (risk.rule, risk.level, risk.addressed_to) == ("deadline", level, addressed)
    assert (risk.ref, risk.kind, risk.stage, risk.due_at, risk.meeting) == ("2026-0001", "qualified", stage, due, None)
    assert risk.cause == f"deadline/2026-0001/qualified/4/{due}"
    assert risk.facts == {"anchor": "4"}
    assert deadline_risk(lab(), "2026-0001", "meeting", "work-2", due, stage).meeting == "work-2"


@pytest.mark.parametrize(
    ("committed", "hours", "level"),
    [(0, 0, None), (2100, 2100, None), (2101, 2100, "warning"), (2520, 2100, "warning"), (2521, 2100, "critical")],
)
def test_a_week_is_overloaded_from_the_first_minute_over(committed: int, hours: int, level: str | None) -> None:
    week = WeekLoad(date(2026, 3, 16), (Commitment("2026-0001", "work-1", committed),), hours)
    risk = overload_risk("camille", week)
    assert (risk.level if risk else None) == level
    if risk:
        assert (risk.rule, risk.staff, risk.cause) == ("overload", "camille", "overload/camille/2026-03-16")
        assert risk.facts == {"monday": "2026-03-16", "committed": committed, "there": hours}


def test_levels_are_in_order() -> None:
    assert [rank(level) for level in LEVELS] == [0, 1, 2]
    assert LEVELS == ("info", "warning", "critical")


@pytest.mark.parametrize(
    ("tier", "done", "expected"),
    [
        (None, {}, []),
        ("tuto", {}, ["organise"]),
        ("tuto", {"organise": False}, ["organise"]),
        ("tuto", {"organise": True}, []),
        ("tuto", {"run_sheet_build": True}, ["organise"]),
        ("50_50", {"mission_orders": True}, ["invitations", "attendance_sheets"]),
    ],
)
def test_what_is_left_to_organise(tier: str | None, done: dict[str, bool], expected: list[str]) -> None:
    request = Request("2026-0001", "", "working", at("01-12 09:00"), {"kind": "accompanied"}, tier=tier, tasks=done)
    assert open_tasks(request, lab()) == expected
    optional = evolve(lab().tiers["tuto"].tasks["organise"], optional=True)
    eased = evolve(lab(), tiers={"tuto": evolve(lab().tiers["tuto"], tasks={"organise": optional})})
    if tier == "tuto":
        assert open_tasks(request, eased) == []
