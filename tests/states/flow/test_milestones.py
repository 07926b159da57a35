"""What lies ahead of a request, and what is still owed: read in the declaration, by no name of the code."""

from __future__ import annotations

import pytest
from histories import Step, held, received, story, tiered
from pure import edited, lab

from states.flow.journeys import journey
from states.flow.milestones import ahead, owed, road
from states.verification.loading import load

MEETINGS = ["hold_interview", "hold_meeting", "hold_session", "hold_debrief", "close"]


@pytest.mark.parametrize(
    ("state", "accompanied", "alone"),
    [
        ("received", MEETINGS, ["hold_session", "close"]),
        ("info_requested", MEETINGS, ["hold_session", "close"]),
        ("interview_planned", MEETINGS, None),
        ("qualified", MEETINGS[1:], None),
        ("working", MEETINGS[1:], None),
        ("hosted", None, ["hold_session", "close"]),
        ("session_held", MEETINGS[1:], ["close"]),  # another cycle: until one of each was held, below
        ("debriefed", ["close"], None),
        ("closed", [], []),
        ("declined", [], []),
    ],
)
def test_what_lies_between_a_state_and_the_closing(
    state: str, accompanied: list[str] | None, alone: list[str] | None
) -> None:
    for is_accompanied, expected in ((True, accompanied), (False, alone)):
        if expected is not None:
            found = ahead(lab(), state, is_accompanied)
            assert [milestone.event for milestone, _needed in found] == expected


WORKED = (*tiered("03-02 09:00"), *held("work", "03-03 09:00", "03-10 09:00"))
SESSION = (*WORKED, *held("session", "03-11 09:00", "03-12 09:00"))


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((received(),), MEETINGS),
        (tiered("03-02 09:00"), MEETINGS[1:]),
        (WORKED, MEETINGS[2:]),  # the first meeting is held, there is no other to wait for
        (SESSION, MEETINGS[3:]),
        ((*SESSION, ("resume_work", "03-13 09:00", {})), MEETINGS[2:]),  # another session must be
        ((received(), ("suspend", "03-02 09:00", {})), MEETINGS),  # of the state it goes back to
        ((received(), ("withdraw", "03-02 09:00", {})), []),
        ((received(kind="autonomous"),), ["hold_session", "close"]),
    ],
)
def test_what_a_request_waits_for(steps: tuple[Step, ...], expected: list[str]) -> None:
    found = journey(lab(), story("2026-0001", *steps).request)
    assert [milestone.event for milestone in found.awaits()] == expected
    assert found.is_suspended == (steps[-1][0] == "suspend")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((received(),), ["interview", "work", "session", "debrief", None]),
        (tiered("03-02 09:00", "50_50"), ["work", "session", "debrief", None]),
        (WORKED, ["session", "debrief", None]),
        ((received(kind="autonomous"),), ["session", None]),
    ],
)
def test_what_is_owed_is_the_least_there_is(steps: tuple[Step, ...], expected: list[str | None]) -> None:
    request = story("2026-0001", *steps).request
    found = owed(lab(), request, journey(lab(), request).awaits())
    assert [step.kind for step in found] == expected


def test_the_least_of_a_tier_is_owed_whatever_was_held() -> None:
    three = load(edited(("work = { min = 1, max = 3 }", "work = { min = 3, max = 3 }")))
    for steps, expected in (
        (tiered("03-02 09:00"), [("work", "work"), ("work", None), ("work", None)]),
        (WORKED, [("work", None), ("work", None)]),
    ):
        request = story("2026-0001", *steps).request
        found = owed(three, request, journey(three, request).awaits())
        assert [(step.kind, step.of) for step in found if step.kind == "work"] == expected


@pytest.mark.parametrize(
    ("edit", "same"),
    [
        (('fr = "Reçue"', 'fr = "Arrivée"'), True),
        (("work = { min = 1, max = 3 }", "work = { min = 1, max = 4 }"), False),
        (('guards = ["validated", "one_at_most", "slot"]', 'guards = ["one_at_most", "slot"]'), False),
    ],
)
def test_requests_are_comparable_where_the_same_rules_led_them(edit: tuple[str, str], same: bool) -> None:
    assert (road(load(edited(edit))) == road(lab())) is same
