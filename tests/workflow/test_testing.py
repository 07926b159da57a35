"""The helpers themselves: they must be right before anything they are used for is."""

from __future__ import annotations

import pytest

from states.errors import Conflict, NotFound
from workflow.testing import Lab, SimulatedClock, form, problems

ACCOMPANIED = (
    "received", "info_requested", "prequalified", "interview_planned", "qualified", "tier_assigned", "working",
    "session_held", "debriefed", "closed", "suspended", "declined", "withdrawn", "cancelled",
)  # fmt: skip
AUTONOMOUS = ("received", "prequalified", "hosted", "session_held", "closed", "suspended", "cancelled")


def test_the_clock_only_goes_forward() -> None:
    clock = SimulatedClock("2026-03-28T09:00:00+01:00")
    clock.forward(days=1)
    assert clock.to("2026-03-29T10:00:00+02:00") == "2026-03-29T08:00:00Z"
    with pytest.raises(ValueError, match="back"):
        clock.to("2026-03-29T09:59:59+02:00")
    with pytest.raises(ValueError, match="back"):
        clock.forward(minutes=-1)
    assert clock.now == "2026-03-29T08:00:00Z"


def test_a_clock_needs_an_offset() -> None:
    with pytest.raises(ValueError, match="2026"):
        SimulatedClock("2026-03-28T09:00:00")


def test_none_takes_a_field_of_the_form_away() -> None:
    assert "need" not in form(need=None)
    assert form(place="toulouse")["place"] == "toulouse"


@pytest.mark.parametrize("tier", ["coup_de_pouce", "tuto", "50_50"])
def test_a_request_is_led_to_every_state(sqlite_lab: Lab, tier: str) -> None:
    for state in ACCOMPANIED:
        assert sqlite_lab.now(sqlite_lab.request(state, tier=tier)).state == state
    for state in AUTONOMOUS:
        assert sqlite_lab.now(sqlite_lab.request(state, kind="autonomous")).state == state
    assert problems(sqlite_lab) == []


def test_a_request_is_suspended_from_a_state_that_is_named(sqlite_lab: Lab) -> None:
    ref = sqlite_lab.request("suspended", after="working")
    assert sqlite_lab.now(ref).before == {"suspended": "working"}


def test_a_race_gives_what_each_gave_or_raised(lab: Lab) -> None:
    ref = lab.request()
    right, wrong = lab.race(
        lambda other: other.apply(ref, "comment", note="un mot").entry.event,
        lambda other: other.apply("2026-0099", "comment", note="un mot"),
    )
    assert right == "comment"
    assert isinstance(wrong, NotFound)


def test_two_that_meet_share_no_transaction(lab: Lab) -> None:
    ref = lab.request()
    first, second = lab.meet(
        lab.command(ref, "comment", note="un"), lab.command(ref, "comment", note="deux", expect_seq=1)
    )
    assert first.entry.seq == 2
    assert isinstance(second, Conflict)


def test_a_program_that_was_not_killed_is_an_error(sqlite_lab: Lab) -> None:
    with pytest.raises(RuntimeError, match="by itself"):
        sqlite_lab.killed("after_commit", sqlite_lab.command("2026-0099", "comment", note="un mot"))
