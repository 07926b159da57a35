"""A meeting as the lab sees it: all that is known of it, and nothing else."""

from __future__ import annotations

import attrs
from attempts import meeting, request
from attrs import evolve
from pure import at

from states.planning.meeting import planned
from states.requests.request import HELD


def test_a_meeting_is_planned_with_what_it_needs() -> None:
    one = meeting("session-1", "03-10 14:00", "planned", "awa", "camille")
    one = evolve(
        one, duration=90, place="toulouse", skill="design", facilitation="both", agreed=True, waived=["outside_hours"]
    )
    found = attrs.asdict(planned(evolve(request("working", one, tier="tuto"), declaration="d1"), one))
    assert {name: value for name, value in found.items() if value not in (None, (), frozenset())} == {
        "ref": "2026-0001", "id": "session-1", "kind": "session", "at": at("03-10 14:00"), "duration": 90,
        "place": "toulouse", "staff": ("awa", "camille"), "planned_at": one.planned_at,
        "waived": frozenset({"outside_hours"}), "skill": "design", "tier": "tuto", "declaration": "d1",
        "facilitation": "both", "agreed": True,
    }  # fmt: skip


def test_one_held_is_when_it_began() -> None:
    one = evolve(meeting("work-1", "03-10 14:00", HELD), started_at=at("03-10 14:30"))
    assert planned(request("working", one), one).at == at("03-10 14:30")
