"""The flow of requests through a semester, and how long they stay: each figure with its table of cases."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from histories import MEETING, SESSION, Step, activity, half, held, received, scope, story, tiered, worked
from pure import at, day

from states.declaration.vocabulary import OUTCOMES
from states.review.dataset import Scope, Story
from states.review.indicators import flow, lead_times, participations

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
