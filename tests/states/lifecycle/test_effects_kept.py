"""What an entry keeps so that it can be told, undone and brought back, and where the events that choose lead."""

from __future__ import annotations

from typing import Any

import pytest
from attempts import LATER, NOW, OUTSIDE, SECRET, activity, attempt, entry, meeting, request
from pure import at, lab

from states.declaration.model import Edge
from states.lifecycle.effects import EFFECTS, effect_of
from states.requests.request import HELD, Request

# --- What an entry keeps ---

GOING = request("working", meeting("work-1", "03-11 14:00"), meeting("work-2", "03-10 14:00", minutes=90))
GRANTED = request("working", *(meeting(f"work-{n}") for n in range(1, 9)), tier="50_50", extra=3)


@pytest.mark.parametrize(
    ("event", "of", "inputs", "expected"),
    [
        ("withdraw", request(), {}, {}),
        ("decline", request(), {"reason": "other"}, {"reason": "other"}),
        (
            "plan_meeting", request(), {"at": LATER},
            {"meeting": "work-1", "duration": 60, "place": "montpellier", "staff": [], "at": LATER},
        ),
        (
            "plan_interview", request(form={"place": "toulouse"}), {"at": LATER, "duration": 30, "staff": ["awa"]},
            {"meeting": "interview-1", "duration": 30, "place": "toulouse", "staff": ["awa"], "at": LATER},
        ),
        (
            "plan_debrief", request(numbers={"debrief": 4}), {"at": LATER, "place": "toulouse"},
            {"meeting": "debrief-5", "duration": 60, "place": "toulouse", "staff": [], "at": LATER},
        ),
        (
            "plan_session", request(tier="50_50"), {"at": LATER},
            {"meeting": "session-1", "duration": 180, "place": "montpellier", "staff": [], "at": LATER,
             "facilitation": "both"},
        ),
        (
            "plan_session", request(), {"at": LATER, "facilitation": "lab"},
            {"meeting": "session-1", "duration": 180, "place": "montpellier", "staff": [], "at": LATER,
             "facilitation": "lab"},
        ),
        (
            "plan_session", request(), {},
            {"meeting": "session-1", "duration": 180, "place": "montpellier", "staff": [], "facilitation": "requester"},
        ),
        ("hold_meeting", GOING, {}, {"meeting": "work-2", "started_at": at("03-10 14:00"), "duration": 90}),
        (
            "hold_meeting", GOING, {"meeting": "work-1", "started_at": LATER, "duration": 5, "attended": 2},
            {"meeting": "work-1", "started_at": LATER, "duration": 5, "attended": 2},
        ),
        ("hold_meeting", request(), {}, {}),
        ("cancel_meeting", GOING, {}, {}),  # about no kind: which one must be said
        ("cancel_meeting", GOING, {"meeting": "work-1"}, {"meeting": "work-1"}),
        (
            "move_activity", activity("open", meeting("activity-1")), {"at": at("03-11 14:00")},
            {"meeting": "activity-1", "at": at("03-11 14:00")},
        ),
        (
            "move_meeting", request("working", meeting("work-1")),
            {"meeting": "work-1", "at": LATER, "agreed": True},
            {"meeting": "work-1", "agreed": True},  # where it is already is not said again
        ),
        # Elsewhere, where it was to be says nothing more.
        (
            "move_meeting", request("working", OUTSIDE),
            {"meeting": "work-1", "place": "montpellier"},
            {"meeting": "work-1", "place": "montpellier", "left": ["address", "department"]},
        ),
        (
            "move_meeting", request("working", OUTSIDE),
            {"meeting": "work-1", "department": "30"}, {"meeting": "work-1", "department": "30"},
        ),
        (
            "move_meeting", request("working", meeting("work-1", address=SECRET)),
            {"meeting": "work-1", "place": "hors_les_murs", "department": "30"},
            {"meeting": "work-1", "place": "hors_les_murs", "department": "30", "left": ["address"]},
        ),
        (
            "amend_meeting", request("working", meeting("work-1", status=HELD, attended=2)),
            {"meeting": "work-1", "attended": 3, "expected": 4},
            {"meeting": "work-1", "attended": 3, "expected": 4, "was": {"attended": 2, "expected": None}},
        ),
        ("amend_meeting", request(), {"meeting": "work-1", "attended": 3}, {"meeting": "work-1", "attended": 3}),
        # Another tier: a validation falls that only the new one needs; derogations that are not used lapse.
        ("change_tier", request(tier="tuto"), {}, {}),
        ("change_tier", request(), {"tier": "tuto"}, {"tier": "tuto"}),
        (
            "change_tier", request(tier="tuto"), {"tier": "50_50"},
            {"tier": "50_50", "from_tier": "tuto", "validation_cleared": True, "extra": 0},
        ),
        (
            "change_tier", request(tier="tuto"), {"tier": "coup_de_pouce"},
            {"tier": "coup_de_pouce", "from_tier": "tuto", "validation_cleared": False, "extra": 0},
        ),
        (
            "change_tier", GRANTED, {"tier": "tuto"},
            {"tier": "tuto", "from_tier": "50_50", "validation_cleared": False, "extra": 0},
        ),
        (
            "change_tier", GRANTED, {"tier": "50_50"},
            {"tier": "50_50", "from_tier": "50_50", "validation_cleared": False, "extra": 2},
        ),
        (
            "change_tier", request(tier="50_50", extra=3), {"tier": "50_50"},
            {"tier": "50_50", "from_tier": "50_50", "validation_cleared": False, "extra": 0},
        ),
        ("ratify", request(), {"decision": "ratify"}, {"decision": "ratify"}),
        ("ratify", request(), {"decision": "refuse"}, {"decision": "refuse", "ends_validation": True}),
    ],
)  # fmt: skip
def test_what_an_entry_keeps(event: str, of: Request, inputs: dict[str, Any], expected: dict[str, Any]) -> None:
    assert attempt(event, of, **inputs).data == expected


ENDED = {"cancelled_by_end": ["work-1", "work-2"]}
INVALID = {"invalid_slots": [("work-2", [])]}
TYPED = {"entries": [entry("submit", 1), entry("comment", 2), entry("correct", 3, corrects=2), entry("validate", 4)]}


@pytest.mark.parametrize(
    ("event", "of", "facts", "inputs", "expected"),
    [
        ("reopen", request("closed"), {}, {}, {"restored": []}),
        ("reopen", request("closed"), ENDED, {}, {"restored": ["work-1", "work-2"]}),
        ("reopen", request("closed"), ENDED | INVALID, {}, {"restored": ["work-1"], "left_cancelled": ["work-2"]}),
        ("correct", request(), TYPED, {}, {"corrects": 4}),
        ("correct", request(), TYPED, {"seq": 2}, {"corrects": 2}),
        ("correct", request(), {}, {}, {"corrects": 0}),
        ("correct", request(), TYPED | INVALID, {"release": True}, {"corrects": 4, "released": ["work-2"]}),
        (
            "correct", request("working", meeting("work-2")), TYPED | INVALID, {"release": True},
            {"corrects": 4, "released": []},
        ),
        ("correct", request(), TYPED, {"release": True}, {"corrects": 4, "released": []}),
        ("correct", request(), TYPED | INVALID, {"release": False}, {"corrects": 4}),
    ],
)  # fmt: skip
def test_what_goes_back_keeps_what_it_brings_back(
    event: str, of: Request, facts: dict[str, Any], inputs: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert attempt(event, of, facts=facts, **inputs).data == expected


# --- Where those that choose lead, and whether an interview is then planned ---

INTERVIEW, OTHER = meeting("interview-1"), meeting("interview-2", "03-11 14:00")


@pytest.mark.parametrize(
    ("event", "of", "how", "to", "interview"),
    [
        ("withdraw", request(), {}, "withdrawn", True),
        ("resume", request("suspended", before={"suspended": "qualified"}), {}, "qualified", False),
        ("resume", request("suspended"), {}, "", False),
        (
            "resume", request("suspended", INTERVIEW, before={"suspended": "interview_planned"}), {},
            "interview_planned", True,
        ),
        (
            "reopen", request("declined", before={"declined": "interview_planned"}),
            {"facts": {"cancelled_by_end": ["interview-1"]}}, "interview_planned", True,
        ),
        (
            "reopen", request("declined", before={"declined": "working"}), {"facts": {"cancelled_by_end": ["work-1"]}},
            "working", False,
        ),
        (
            "cancel_meeting", request("interview_planned", INTERVIEW), {"meeting": "interview-1"}, "interview_planned",
            False,
        ),
        (
            "cancel_meeting", request("interview_planned", INTERVIEW, OTHER), {"meeting": "interview-1"},
            "interview_planned", True,
        ),
        (
            "cancel_meeting", request("interview_planned", INTERVIEW, meeting("work-1")), {"meeting": "interview-1"},
            "interview_planned", False,
        ),
        (
            "cancel_meeting", request("interview_planned", INTERVIEW, meeting("work-1")), {"meeting": "work-1"},
            "interview_planned", True,
        ),
        (
            "correct", request("qualified"), {"facts": {"undone": request("interview_planned", INTERVIEW)}},
            "interview_planned", True,
        ),
        (
            "correct", request("qualified"),
            {
                "facts": {"undone": request("interview_planned", INTERVIEW), "invalid_slots": [("interview-1", [])]},
                "release": True,
            },
            "interview_planned", False,
        ),
        ("correct", request("qualified"), {"facts": {"undone": request("received")}}, "received", False),
        ("correct", request("qualified", INTERVIEW), {}, "interview_planned", True),
        ("correct", request("qualified", meeting("work-1")), {}, "interview_planned", False),
    ],
)  # fmt: skip
def test_where_what_chooses_leads(event: str, of: Request, how: dict[str, Any], to: str, interview: bool) -> None:
    tried = attempt(event, of, **how)
    effect = effect_of(tried.event)
    ways = tried.event.transitions[0].to if event == "withdraw" else ("interview_planned",)
    edge = Edge("interview_planned" if event in ("cancel_meeting", "correct") else "somewhere", ways, ())
    assert (effect.target(tried, edge), effect.interview_after(tried)) == (to, interview)
    assert effect.chooses is (event != "withdraw")


def test_what_would_be_told_after() -> None:
    told = activity(capacity=5)
    assert effect_of(lab().activities.events["register"]).form_after(attempt("register", told, registered=3)) == {
        **told.form, "registered": 3,
    }  # fmt: skip
    undone = activity(capacity=4)
    for facts, form in (({"undone": undone}, undone.form), ({}, told.form)):
        tried = attempt("correct", told, facts=facts)
        assert effect_of(tried.event).form_after(tried) == form


def test_a_history_begins_with_a_creation() -> None:
    begun = EFFECTS["create"].begin(entry("submit", 1, title=SECRET, axis="incubation"))
    assert (begun.ref, begun.state, begun.submitted_at) == ("2026-0001", "working", at(NOW))
    assert begun.form == {"title": {"vault": "d1", "seq": 1}, "axis": "incubation"}
    slot = {
        "meeting": "activity-1",
        "at": LATER,
        "duration": 60,
        "address": SECRET,
        "agreed": True,
        "staff": [],
        "waived": [],
    }
    begun = EFFECTS["convene"].begin(entry("plan_activity", 1, "2026-A001", title=SECRET, place="toulouse", **slot))
    assert (begun.ref, begun.state, begun.submitted_at) == ("2026-A001", "working", at(NOW))
    assert begun.form == {"title": {"vault": "d1", "seq": 1}, "place": "toulouse"}
    with pytest.raises(ValueError, match="not with comment"):
        EFFECTS["comment"].begin(entry("comment", 1))
