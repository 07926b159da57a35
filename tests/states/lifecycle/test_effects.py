"""Every effect, by tables of cases: what an entry keeps, what it changes of the request, what would change nothing."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from attempts import LATER, NOW, OUTSIDE, SECRET, activity, entry, meeting, request
from pure import at, lab

from states.lifecycle.effects import EFFECTS
from states.requests.request import CANCELLED, HELD, PLANNED, Record, Request

ENDED_TOO = meeting("work-2", status=CANCELLED)
CROWD = {"expected": 12, "attended": 10, "managers": 3}


def changed(before: Request, after: Request) -> dict[str, Any]:
    """What is no longer as it was; of a meeting, under its id."""
    found = {
        name: value
        for name, value in attrs.asdict(after, recurse=False).items()
        if name != "meetings" and value != getattr(before, name)
    }
    for one in after.meetings:
        was = before.meeting(one.id)
        now = attrs.asdict(one)
        different = {k: v for k, v in now.items() if was is None or v != getattr(was, k)}
        if different:
            found[one.id] = different if was else now
    return found


APPLIED: dict[str, list[tuple[str, Request, dict[str, Any], dict[str, Any]]]] = {
    "move": [("withdraw", request("working", meeting("work-1")), {"reason": "other"}, {})],
    "comment": [("comment", request(), {"committee": True}, {})],
    "resume": [("resume", request("suspended", before={"suspended": "working"}), {}, {})],
    "correct": [("correct", request(), {"corrects": 3}, {})],
    "create": [("submit", request("received"), {"title": SECRET}, {})],
    "convene": [
        (
            "plan_activity", activity(),
            {
                "meeting": "activity-1", "at": LATER, "duration": 120, "place": "toulouse", "staff": ["awa"],
                "agreed": True,
            },
            {
                "numbers": {"activity": 1},
                "activity-1": {
                    "id": "activity-1", "kind": "activity", "status": PLANNED, "at": LATER, "duration": 120,
                    "place": "toulouse", "staff": ["awa"], "planned_at": at(NOW), "waived": [], "agreed": True,
                    "address": None, "department": None, "facilitation": None, "skill": None, "started_at": None,
                    "settled_at": None,
                    "expected": None, "attended": None, "managers": None,
                },
            },
        ),
    ],
    "accept": [("prequalify", request("received"), {}, {"accepted": True})],
    "amend": [
        ("amend", request(form={"axis": "incubation"}), {"axis": "management"},
         {"form": {"kind": "accompanied", "place": "montpellier", "axis": "management"}}),
        ("amend", request(), {"title": SECRET},
         {"form": {"kind": "accompanied", "place": "montpellier", "title": {"vault": "d1", "seq": 5}}}),
        ("register", activity(), {"registered": 7},
         {
             "form": {
                 "kind": "accompanied", "place": "montpellier", "type": "visit", "axis": "acculturation",
                 "registered": 7},
             },
         ),
    ],
    "plan": [
        (
            "plan_session", request("working", meeting("work-1", status=HELD)),
            {
                "meeting": "session-3", "at": LATER, "duration": 240, "place": "hors_les_murs",
                "staff": ["awa", "camille"],
                "address": SECRET, "department": "48", "facilitation": "both", "skill": "design",
                "waived": ["outside_hours"],
            },
            {
                "numbers": {"work": 1, "session": 3},
                "session-3": {
                    "id": "session-3", "kind": "session", "status": PLANNED, "at": LATER, "duration": 240,
                    "place": "hors_les_murs", "staff": ["awa", "camille"], "planned_at": at(NOW),
                    "waived": ["outside_hours"], "agreed": None, "address": {"vault": "d1", "seq": 5},
                    "department": "48",
                    "facilitation": "both", "skill": "design", "started_at": None, "settled_at": None,
                    "expected": None, "attended": None, "managers": None,
                },
            },
        ),
    ],
    "hold": [
        ("hold_meeting", request("working", meeting("work-1"), meeting("work-2")),
         {"meeting": "work-1", "started_at": LATER, "duration": 90, **CROWD},
         {"work-1": {"status": HELD, "settled_at": at(NOW), "started_at": LATER, "duration": 90, **CROWD}}),
        ("hold_meeting", request("working", meeting("work-1")), {"meeting": "work-1"},
         {"work-1": {"status": HELD, "settled_at": at(NOW)}}),
        ("hold_meeting", request(), {"meeting": "work-1", "attended": 3}, {}),
    ],
    "hold_activity": [
        ("hold_activity", activity("open", meeting("activity-1")),
         {"meeting": "activity-1", "attended": 10, "registered": 12, "services": ["drari"], "started_at": LATER},
         {
             "form": {"kind": "accompanied", "place": "montpellier", "type": "visit", "axis": "acculturation",
                      "registered": 12, "services": ["drari"]},
             "activity-1": {"status": HELD, "settled_at": at(NOW), "attended": 10, "started_at": LATER},
         }),
        ("hold_activity", activity("open", meeting("activity-1")), {"meeting": "activity-1", "attended": 10},
         {"activity-1": {"status": HELD, "settled_at": at(NOW), "attended": 10}}),
    ],
    "amend_activity": [
        ("amend_activity", activity(), {"title": SECRET, "capacity": 5},
         {"form": {"kind": "accompanied", "place": "montpellier", "type": "visit", "axis": "acculturation",
                   "title": {"vault": "d1", "seq": 5}, "capacity": 5}}),
        ("amend_activity", activity("held", meeting("activity-1", status=HELD)),
         {"meeting": "activity-1", "was": {"attended": None}, "attended": 10, "registered": 12},
         {
             "form": {"kind": "accompanied", "place": "montpellier", "type": "visit", "axis": "acculturation",
                      "registered": 12},
             "activity-1": {"attended": 10},
         }),
    ],
    "move_meeting": [
        ("move_meeting", request("working", meeting("work-1", waived=["outside_hours"]), meeting("work-2")),
         {"meeting": "work-1", "at": LATER, "duration": 90, "place": "toulouse", "agreed": False, "staff": ["awa"]},
         {
             "work-1": {
                 "duration": 90, "place": "toulouse", "agreed": False, "staff": ["awa"], "planned_at": at(NOW),
                 "waived": []},
             },
         ),
        ("move_meeting", request("working", meeting("work-1")),
         {"meeting": "work-1", "at": at("03-11 19:00"), "waived": ["outside_hours"]},
         {"work-1": {"at": at("03-11 19:00"), "planned_at": at(NOW), "waived": ["outside_hours"]}}),
        ("move_meeting", request("working", OUTSIDE),
         {"meeting": "work-1", "place": "montpellier", "left": ["address", "department"]},
         {"work-1": {"place": "montpellier", "address": None, "department": None, "planned_at": at(NOW)}}),
        ("move_meeting", request("working", meeting("work-1", place="hors_les_murs")),
         {"meeting": "work-1", "address": SECRET, "department": "48"},
         {"work-1": {"address": {"vault": "d1", "seq": 5}, "department": "48"}}),
        ("move_meeting", request("working", meeting("work-1", waived=["outside_hours"])),
         {"meeting": "work-1", "agreed": True, "staff": ["awa"]}, {"work-1": {"agreed": True, "staff": ["awa"]}}),
        ("move_meeting", request(), {"meeting": "work-1", "at": LATER}, {}),
    ],
    "assign_staff": [
        ("assign_staff", request("working", meeting("work-1", "03-10 14:00", PLANNED, "awa")),
         {"meeting": "work-1", "staff": ["camille"]}, {"work-1": {"staff": ["camille"]}}),
        ("assign_staff", request(), {"meeting": "work-1", "staff": ["camille"]}, {}),
    ],
    "amend_meeting": [
        ("amend_meeting", request("closed", meeting("work-1", status=HELD, attended=2)),
         {"meeting": "work-1", "attended": 3, "duration": 45, "was": {"attended": 2, "duration": 60}},
         {"work-1": {"attended": 3, "duration": 45}}),
        ("amend_meeting", request(), {"meeting": "work-1", "attended": 3}, {}),
    ],
    "cancel_meeting": [
        ("cancel_meeting", request("working", meeting("work-1"), meeting("work-2")), {"meeting": "work-2"},
         {"work-2": {"status": CANCELLED, "settled_at": at(NOW)}}),
        ("cancel_meeting", request(), {"meeting": "work-1"}, {}),
    ],
    "assign_tier": [("assign_tier", request("qualified"), {"tier": "tuto"}, {"tier": "tuto"})],
    "change_tier": [
        ("change_tier", request(tier="50_50", extra=2, validated="delegation", ratified=True),
         {"tier": "tuto", "extra": 0, "validation_cleared": False}, {"tier": "tuto", "extra": 0}),
        ("change_tier", request(tier="tuto", validated="delegation", ratified=True),
         {"tier": "50_50", "extra": 0, "validation_cleared": True},
         {"tier": "50_50", "validated": None, "ratified": False}),
    ],
    "derogate": [("grant_derogation", request(extra=1), {"extra": 2}, {"extra": 3})],
    "validate": [
        ("validate", request(refused=True, ratified=True), {"basis": "committee"},
         {"validated": "committee", "refused": False, "ratified": False}),
    ],
    "ratify": [
        ("ratify", request(validated="delegation"), {"decision": "ratify"},
         {"ratified": True, "records": [Record(5, "ratify", at(NOW), {"decision": "ratify"})]}),
        ("ratify", request(validated="delegation"), {"decision": "postpone"},
         {"records": [Record(5, "ratify", at(NOW), {"decision": "postpone"})]}),
        ("ratify", request(validated="delegation", ratified=True), {"decision": "postpone"},
         {"records": [Record(5, "ratify", at(NOW), {"decision": "postpone"})]}),
        ("ratify", request(validated="delegation", ratified=True), {"decision": "refuse", "ends_validation": True},
         {"validated": None, "ratified": False, "refused": True,
          "records": [Record(5, "ratify", at(NOW), {"decision": "refuse", "ends_validation": True})]}),
        # An entry of before that rule ends nothing more.
        ("ratify", request(validated="delegation"), {"decision": "refuse"},
         {"validated": None, "records": [Record(5, "ratify", at(NOW), {"decision": "refuse"})]}),
    ],
    "record": [
        ("record_effort", request(), {"hours": "2"},
         {"records": [Record(5, "record_effort", at(NOW), {"hours": "2"})]}),
    ],
    "explain": [
        ("explain_deadline", request(), {"kind": "working"},
         {"records": [Record(5, "explain_deadline", at(NOW), {"kind": "working"})]}),
    ],
    "task": [
        ("complete_task", request(tasks={"organise": False}), {"task": "organise", "done": True},
         {"tasks": {"organise": True}}),
        ("complete_task", request(), {"task": "organise", "done": False}, {"tasks": {"organise": False}}),
    ],
    "reopen": [
        (
            "reopen", request("closed", meeting("work-1", status=CANCELLED, settled_at=LATER), ENDED_TOO),
            {"restored": ["work-1", "work-9"]}, {"work-1": {"status": PLANNED, "settled_at": None}},
        ),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("effect", "event", "before", "data", "expected"),
    [pytest.param(name, *case, id=f"{name}-{n}") for name, cases in APPLIED.items() for n, case in enumerate(cases)],
)
def test_an_entry_changes_what_its_effect_says_and_nothing_else(
    effect: str, event: str, before: Request, data: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert lab().of(before.ref).events[event].effect == effect
    after = before.copy()
    EFFECTS[effect].apply(after, entry(event, 5, before.ref, **data))
    assert changed(before, after) == expected


def test_every_effect_has_its_table() -> None:
    assert set(APPLIED) == set(EFFECTS)
