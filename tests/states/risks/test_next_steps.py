"""What settles a deadline: the declared commands that nothing of the request forbids, the likeliest first."""

from __future__ import annotations

from typing import Any

import pytest
from histories import Step, held, planned_step, received, story, tiered
from pure import at, lab

from states.declaration.tables import ACTIVITY, KINDS_OF_MEETING
from states.risks.next_steps import RECORDING, Awaited, Typist, recording

NOON = "01-12 12:00"
VALIDATED: Step = ("validate", "01-12 09:30", {"basis": "delegation"})
REF = "2026-0001"
WORKED = [*tiered("01-12 09:00"), *held("work", "01-12 09:30", "01-12 10:00")]
SESSION = planned_step("plan_session", "01-12 10:30", "01-12 11:00")
HELD: Step = ("hold_session", "01-12 11:00", {"meeting": "session-1", "started_at": at("01-12 11:00")})


@pytest.mark.parametrize(
    ("steps", "kind", "commands"),
    [
        (
            [received(collaborative_share=60, outcome_predefined=False, family="menj_mesr_msjop")],
            "received",
            [f"coop prequalify {REF}", "coop triage"],
        ),
        ([received(), ("prequalify", "01-12 09:10", {})], "prequalified", [f"coop interview plan {REF} --slot first"]),
        (
            [received(kind="autonomous"), ("prequalify", "01-12 09:10", {})],
            "prequalified",
            [f"coop host {REF}"],
        ),
        (tiered("01-12 09:00"), "tier_assigned", [f"coop meeting plan {REF} --slot first"]),
        (tiered("01-12 09:00", "50_50"), "tier_assigned", [f"coop validate {REF}"]),
        ([*tiered("01-12 09:00", "50_50"), VALIDATED], "tier_assigned", [f"coop meeting plan {REF} --slot first"]),
        (
            [*tiered("01-12 09:00"), planned_step("plan_meeting", "01-12 09:30", "01-12 10:00")],
            "working",
            [f"coop meeting plan {REF} --slot first", f"coop session plan {REF} --slot first"],
        ),
        (
            [*tiered("01-12 09:00", "coup_de_pouce"), *held("work", "01-12 09:30", "01-12 10:00")],
            "working",
            [f"coop session plan {REF} --slot first"],  # the one meeting is held
        ),
        (
            [*tiered("01-12 09:00"), *held("work", "01-12 09:30", "01-12 10:00"), SESSION],
            "working",
            [f"coop meeting plan {REF} --slot first", f"coop session done {REF}"],
        ),
        ([*WORKED, SESSION, HELD], "session_held", [f"coop debrief plan {REF} --slot first"]),
        ([received(), ("prequalify", "01-12 09:10", {})], "unheard_of", [f"coop next {REF}"]),
        ([received(), ("withdraw", "01-12 09:10", {})], "received", ["coop triage"]),
        ([received(), ("withdraw", "01-12 09:10", {})], "qualified", [f"coop next {REF}"]),
    ],
)
def test_only_what_is_possible_is_proposed(steps: list[Any], kind: str, commands: list[str]) -> None:
    request = story(REF, *steps).request
    assert list(Awaited(lab(), request, kind, "1", at(NOON)).commands()) == commands


@pytest.mark.parametrize(
    ("role", "register", "typed"),
    [
        ("pilot", {"pilot": "agnes"}, "coop validate 1"),
        ("coordinator", {"coordinator": "camille", "pilot": "agnes"}, "coop --as agnes validate 1"),
        ("coordinator", {"committee": "marc"}, "coop --as marc validate 1"),
        ("coordinator", {"coordinator": "camille"}, "coop validate 1"),  # nobody to name
        ("", {"pilot": "agnes"}, "coop validate 1"),  # nobody reads
    ],
)
def test_a_command_is_typed_as_somebody_who_may(role: str, register: dict[str, str], typed: str) -> None:
    assert Typist(role, register).typed("coop validate 1", ("pilot", "committee")) == typed


def test_a_meeting_to_record_is_recorded_whatever_else_could_be_done() -> None:
    request = story(REF, *WORKED, SESSION).request
    assert list(Awaited(lab(), request, "meeting", "session-1", at(NOON)).commands()) == [f"coop session done {REF}"]


@pytest.mark.parametrize(
    ("meeting", "command"),
    [
        ("interview-1", f"coop interview done {REF}"),
        ("work-2", f"coop meeting done {REF}/work-2"),
        ("session-1", f"coop session done {REF}"),
        ("debrief-1", f"coop debrief done {REF}"),
        ("activity-1", f"coop activity done {REF} --attended …"),
    ],
)
def test_what_records_a_meeting(meeting: str, command: str) -> None:
    assert recording(REF, meeting) == command
    assert set(RECORDING) == {*KINDS_OF_MEETING, ACTIVITY}
