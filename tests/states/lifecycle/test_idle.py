"""What an event would change nothing with is refused as input, before any rule is asked."""

from __future__ import annotations

from typing import Any

import pytest
from attempts import NOW, activity, meeting, request
from pure import at, lab

from states.language import spoken
from states.lifecycle.effects import effect_of
from states.requests.request import HELD, PLANNED, Record, Request

LATER = at("03-10 14:00")
SAID = "nothing would change: entry 5 says so already"


def decided(*decisions: str, **how: Any) -> Request:
    """A request on which the committee decided so, from entry 5 on."""
    told = [Record(5 + n, "ratify", at(NOW), {"decision": d, "review": "2026-S1"}) for n, d in enumerate(decisions)]
    return request(records=told, **how)


SAME = "nothing would change: this is what stands already"
HAD = request("working", meeting("work-1", status=HELD, expected=12, attended=10, managers=3))
GATHERED = activity("held", meeting("activity-1", status=HELD, attended=10, managers=3))
THERE = request("working", meeting("work-1", "03-10 14:00", PLANNED, "awa", "camille"))


@pytest.mark.parametrize(
    ("event", "of", "inputs", "note", "expected"),
    [
        ("withdraw", request(), {}, None, []),
        ("amend", request(), {"place": "toulouse"}, None, []),
        ("amend", request(), {"place": "montpellier"}, "n", [("place", SAME)]),
        ("amend", request(), {"place": "montpellier", "axis": "incubation"}, None, []),
        ("amend", request(), {}, "n", [("set", "nothing was given: say what changes")]),
        ("provide_info", request("info_requested"), {}, None, [("set", "nothing was given: say what changes")]),
        ("provide_info", request("info_requested"), {}, "An answer.", []),
        ("provide_info", request("info_requested"), {"place": "montpellier"}, "An answer.", []),
        ("change_tier", request(tier="tuto"), {"tier": "50_50"}, None, []),
        (
            "change_tier", request(tier="tuto"), {"tier": "tuto"}, "n",
            [("tier", "expected another tier: this is the present one")],
        ),
        ("change_tier", request(), {}, None, []),
        ("record_effort", request(), {"hours": "2"}, None, []),
        ("record_effort", request(), {}, "n", [("set", "nothing was given: an empty entry records nothing")]),
        ("ratify", request(), {"decision": "ratify"}, None, []),
        ("ratify", request(), {"decision": "refuse"}, "n", []),
        ("ratify", decided("ratify", ratified=True), {"decision": "ratify"}, None, [("decision", SAID)]),
        ("ratify", decided("ratify", "postpone", ratified=True), {"decision": "ratify"}, None, [("decision", SAID)]),
        ("ratify", decided("ratify"), {"decision": "ratify"}, None, []),  # validated again since
        ("ratify", decided("ratify", ratified=True), {"decision": "refuse"}, "n", []),
        ("ratify", decided("postpone"), {"decision": "postpone", "review": "2026-S1"}, None, [("decision", SAID)]),
        ("ratify", decided("postpone"), {"decision": "postpone", "review": "2026-S2"}, None, []),
        ("ratify", decided("postpone"), {"decision": "postpone"}, None, []),
        ("ratify", decided("postpone", "ratify"), {"decision": "postpone", "review": "2026-S1"}, None, []),
        ("ratify", decided("refuse", refused=True), {"decision": "refuse"}, "n", [("decision", SAID)]),
        ("ratify", decided("refuse"), {"decision": "refuse"}, "n", []),  # taken up again since
        (
            "ratify", request(), {"decision": "refuse"}, None,
            [("note", "a note is required here: say why, with --note")],
        ),
        (
            "amend_meeting", HAD, {"meeting": "work-1"}, "n",
            [("set", "nothing was given: say which figure is to be put right")],
        ),
        ("amend_meeting", HAD, {"meeting": "work-1", "attended": 9}, "n", []),
        ("amend_meeting", HAD, {"meeting": "work-1", "attended": 10}, "n", [("attended", SAME)]),
        ("amend_meeting", HAD, {"meeting": "work-1", "expected": 12, "attended": 10}, "n", [("expected", SAME)]),
        ("amend_meeting", HAD, {"meeting": "work-1", "expected": 12, "attended": 11}, "n", []),
        ("amend_meeting", HAD, {"meeting": "work-1", "attended": 3}, "n", []),
        (
            "amend_meeting", HAD, {"meeting": "work-1", "attended": 2}, "n",
            [("managers", "at most as many managers as people attending, 2")],
        ),
        (
            "amend_meeting", HAD, {"meeting": "work-1", "managers": 11}, "n",
            [("managers", "at most as many managers as people attending, 10")],
        ),
        ("amend_meeting", HAD, {"meeting": "work-1", "managers": 11, "attended": 11}, "n", []),
        (
            "amend_meeting", request("working", meeting("work-1", status=HELD)), {"meeting": "work-1", "managers": 3},
            "n", [],
        ),
        (
            "amend_meeting", request("working", meeting("work-1", status=HELD)), {"meeting": "work-1", "attended": 3},
            "n", [],
        ),
        # not held
        (
            "amend_meeting", request("working", meeting("work-1", attended=3)), {"meeting": "work-1", "attended": 3},
            "n", [],
        ),
        (
            "move_meeting", THERE, {"meeting": "work-1", "at": LATER}, None,
            [("at", "nothing would change: the meeting is there already")],
        ),
        ("move_meeting", THERE, {"meeting": "work-1", "at": at("03-11 14:00")}, None, []),
        ("move_meeting", THERE, {"meeting": "work-1", "at": LATER, "duration": 90}, None, []),
        (
            "move_meeting", THERE, {"meeting": "work-1", "staff": ["camille", "awa"]}, None,
            [("at", "nothing would change: the meeting is there already")],
        ),
        ("move_meeting", THERE, {"meeting": "work-1", "staff": ["camille"]}, None, []),
        ("move_meeting", HAD, {"meeting": "work-1", "at": LATER}, None, []),
        ("move_meeting", THERE, {"at": LATER}, None, []),
        (
            "move_activity", activity("open", meeting("activity-1")), {"at": LATER}, None,
            [("at", "nothing would change: the meeting is there already")],
        ),
        ("move_activity", activity("open", meeting("activity-1")), {"at": at("03-11 14:00")}, None, []),
        ("amend_activity", GATHERED, {}, "n", [("set", "nothing was given: say what changes")]),
        ("amend_activity", GATHERED, {"place": "montpellier"}, "n", [("place", SAME)]),
        ("amend_activity", GATHERED, {"attended": 10}, "n", [("attended", SAME)]),
        ("amend_activity", GATHERED, {"attended": 10, "place": "montpellier"}, "n", [("attended", SAME)]),
        ("amend_activity", GATHERED, {"attended": 10, "place": "toulouse"}, "n", []),
        ("amend_activity", GATHERED, {"attended": 9, "place": "montpellier"}, "n", []),
        (
            "amend_activity", GATHERED, {"attended": 2}, "n",
            [("managers", "at most as many managers as people attending, 2")],
        ),
        ("amend_activity", activity("open", meeting("activity-1", attended=9, managers=3)), {"attended": 2}, "n", []),
        ("amend_activity", activity("open", meeting("activity-1")), {"place": "montpellier"}, "n", [("place", SAME)]),
        ("amend_activity", activity("open", meeting("activity-1")), {"place": "toulouse"}, "n", []),
        (
            "assign_staff", THERE, {"meeting": "work-1", "staff": ["camille", "awa"]}, None,
            [("staff", "nothing would change: they take the meeting already")],
        ),
        ("assign_staff", THERE, {"meeting": "work-1", "staff": ["awa"]}, None, []),
        ("assign_staff", THERE, {"meeting": "work-9", "staff": ["awa"]}, None, []),
        (
            "assign_staff", request("working", meeting("work-1", "03-02 14:00", HELD, "awa")),
            {"meeting": "work-1", "staff": ["awa"]}, None, [],
        ),
    ],
)  # fmt: skip
def test_what_would_change_nothing_is_refused_as_input(
    event: str, of: Request, inputs: dict[str, Any], note: str | None, expected: list[tuple[str, str]]
) -> None:
    declared = lab().of(of.ref).events[event]
    with spoken("en"):
        found = list(effect_of(declared).idle(of, declared, inputs, note))
    assert [(error.field, error.message) for error in found] == expected
