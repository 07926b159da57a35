"""What an entry tells in a few words, and what it leaves to be said."""

from __future__ import annotations

from typing import Any

import pytest
from attempts import LATER, entry, meeting, request
from pure import lab

from states.language import spoken
from states.lifecycle.effects import effect_of
from states.lifecycle.notices import unsaid
from states.requests.request import HELD

ELSEWHERE = {"place": "hors_les_murs"}


@pytest.mark.parametrize(
    ("event", "data", "told"),
    [
        ("move_meeting", {"at": LATER}, "Meeting moved"),
        ("move_meeting", {"at": LATER, "address": "12 rue des Fleurs"}, "Meeting moved"),
        ("move_meeting", {"staff": ["awa"], "address": "12 rue des Fleurs"}, "Meeting moved"),
        ("move_meeting", {"address": "12 rue des Fleurs"}, "Where the meeting is, recorded"),
        ("move_meeting", {"department": "34"}, "Where the meeting is, recorded"),
        ("move_meeting", {"agreed": True}, "Agreement recorded"),
        ("move_meeting", {"agreed": False}, "Agreement withdrawn"),
        ("move_meeting", {"agreed": True, "place": "toulouse"}, "Meeting moved"),
        ("move_meeting", {}, "Meeting moved"),
        ("hold_session", {}, "Session held"),
    ],
)
def test_what_an_entry_tells(event: str, data: dict[str, Any], told: str) -> None:
    declared = lab().events[event]
    with spoken("en"):
        assert effect_of(declared).done(declared, data) == told


@pytest.mark.parametrize(
    ("event", "subject", "said"),
    [
        ("plan_meeting", request("working", meeting("work-1", **ELSEWHERE)), True),
        ("move_meeting", request("working", meeting("work-1", **ELSEWHERE)), True),
        ("plan_meeting", request("working", meeting("work-1", **ELSEWHERE, address="12 rue des Fleurs")), False),
        ("plan_meeting", request("working", meeting("work-1")), False),
        ("plan_meeting", request("working", meeting("work-1", **ELSEWHERE, status=HELD)), False),
        ("assign_staff", request("working", meeting("work-1", **ELSEWHERE)), False),
        ("plan_meeting", request("working", meeting("work-2", **ELSEWHERE)), False),
    ],
)
def test_a_meeting_elsewhere_without_an_address_is_told_of(event: str, subject: Any, said: bool) -> None:
    found = unsaid(lab(), subject, entry(event, meeting="work-1"))
    assert ["coop meeting move 2026-0001/work-1 --address" in line for line in found] == [True] * said
