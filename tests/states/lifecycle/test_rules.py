"""The rules that every event obeys: whose it is, what may be waived, when; and how all of them are asked."""

from __future__ import annotations

from typing import Any

import pytest
from attempts import activity, attempt, entry, meeting, request
from pure import at, lab

from states.errors import Refusal, Refused
from states.language import spoken
from states.lifecycle.attempt import Attempt
from states.lifecycle.decision import Asking, decide, facts_read, of_several, options
from states.lifecycle.guards.meetings import next_for, not_held, returning
from states.lifecycle.rules import common, unmet
from states.requests.request import CANCELLED, HELD, Meeting, Record, Request

RECEIVED = request("received", last_at=at("03-02 09:00"))


def told(refusals: list[Refusal]) -> list[str]:
    assert all(refusal.message and refusal.remedy for refusal in refusals)
    return [f"{refusal.rule}: {refusal.message} {refusal.remedy}" for refusal in refusals]


@pytest.mark.parametrize(
    ("event", "how", "expected"),
    [
        ("withdraw", {}, []),
        ("withdraw", {"role": "pilot"}, []),  # who may all that a coordinator may
        ("withdraw", {"role": "referent"}, []),
        (
            "withdraw", {"role": "specialist"},
            ["role: “Withdraw” is not for the role Specialist. It is for: Coordinator."],
        ),
        ("reopen", {}, ["role: “Reopen” is not for the role Coordinator. It is for: Operational pilot."]),
        ("comment", {"role": "requester"}, [
            "role: “Comment” is not for the role Requester. It is for: Coordinator, Liaison committee and Specialist.",
        ]),
        ("close", {"waive": ("deliverable",)}, []),
        ("prequalify", {"waive": ("scope",), "role": "pilot"}, []),
        ("prequalify", {"waive": ("scope",)}, [
            "waiver_not_allowed: “scope” cannot be waived by you here. It may be waived by: Operational pilot.",
        ]),
        ("prequalify", {"waive": ("slot", "deliverable"), "role": "pilot"}, [
            "waiver_not_allowed: “deliverable” cannot be waived by you here. What may be waived here: "
            "collaborative_share, outcome_predefined, scope.",
            "waiver_not_allowed: “slot” cannot be waived by you here. What may be waived here: "
            "collaborative_share, outcome_predefined, scope.",
        ]),
        ("withdraw", {"waive": ("scope",), "role": "pilot"}, [
            "waiver_not_allowed: “scope” cannot be waived by you here. Nothing may be waived here.",
        ]),
        ("withdraw", {"moment": "03-09 09:01"}, [
            "at_in_future: Monday 9 March 2026 at 09:01 is in the future. Enter it once it has happened.",
        ]),
        ("withdraw", {"moment": "03-02 09:00"}, []),
        ("withdraw", {"moment": "03-02 08:59"}, [
            "at_before_previous: Monday 2 March 2026 at 08:59 is before the previous entry, of Monday 2 March 2026 at "
            "09:00. Give a later --at, or undo the later entry first: coop undo 2026-0001",
        ]),
        ("comment", {"moment": "01-12 09:00"}, []),  # as far back as the reception
        ("comment", {"moment": "01-12 08:59"}, [
            "at_before_previous: Monday 12 January 2026 at 08:59 is before the previous entry, of Monday 12 January "
            "2026 at 09:00. Give a later --at, or undo the later entry first: coop undo 2026-0001",
        ]),
        ("correct", {"moment": "01-05 09:00"}, []),  # is given no moment
        ("withdraw", {"role": "specialist", "waive": ("scope",), "moment": "03-10 09:00"}, [
            "role: “Withdraw” is not for the role Specialist. It is for: Coordinator.",
            "waiver_not_allowed: “scope” cannot be waived by you here. Nothing may be waived here.",
            "at_in_future: Tuesday 10 March 2026 at 09:00 is in the future. Enter it once it has happened.",
        ]),
    ],
)  # fmt: skip
def test_what_every_event_obeys(event: str, how: dict[str, Any], expected: list[str]) -> None:
    with spoken("en"):
        assert told(list(common(attempt(event, RECEIVED, **how)))) == expected


@pytest.mark.parametrize(
    ("how", "rules", "needs"),
    [
        ({}, ["deliverable", "not_recorded"], []),
        ({"role": "specialist"}, ["role", "deliverable", "not_recorded"], []),
        ({"asking": True}, ["deliverable", "not_recorded"], []),
    ],
)
def test_every_rule_not_met_is_told(how: dict[str, Any], rules: list[str], needs: list[str]) -> None:
    tried = attempt("close", request("debriefed", meeting("work-1", "03-02 14:00")), **how)
    assert ([refusal.rule for refusal in unmet(tried)], tried.needs) == (rules, needs)


@pytest.mark.parametrize(
    ("event", "how", "rules", "needs"),
    [
        # Asked only, a guard without its input says what it needs; those that need nothing answer.
        ("plan_meeting", {"asking": True}, ["not_validated"], ["at"]),
        ("plan_meeting", {"asking": True, "at": at("03-12 14:00")}, ["not_validated", "place_closed"], []),
        ("change_tier", {"asking": True}, [], ["tier"]),
        ("explain_deadline", {"asking": True}, [], ["kind"]),
        # Tried, every guard answers.
        ("plan_meeting", {"at": at("03-12 14:00")}, ["not_validated", "place_closed"], []),
    ],
)
def test_a_guard_without_its_input_says_so_to_who_asks(
    event: str, how: dict[str, Any], rules: list[str], needs: list[str]
) -> None:
    tried = attempt(event, request(tier="50_50"), **how)
    assert ([refusal.rule for refusal in unmet(tried)], tried.needs) == (rules, needs)


# --- Deciding ---


@pytest.mark.parametrize(
    ("event", "of", "how", "to", "data"),
    [
        ("withdraw", request("received"), {}, "withdrawn", {}),
        # What is still planned is cancelled by what ends or suspends, but for the meeting the entry is about.
        ("withdraw", request("working", meeting("work-1"), meeting("work-2", status=HELD), meeting("session-1")), {},
         "withdrawn", {"cancelled": ["work-1", "session-1"]}),
        ("suspend", request("working", meeting("work-1")), {}, "suspended", {"cancelled": ["work-1"]}),
        ("hold_meeting", request("working", meeting("work-1", "03-02 14:00"), meeting("work-2")), {}, "working",
         {"meeting": "work-1", "started_at": at("03-02 14:00"), "duration": 60}),
        ("resume_work", request("session_held", meeting("work-1")), {}, "working", {}),
        # Only what was really waived is kept.
        ("close", request("debriefed"), {"waive": ("deliverable",)}, "closed", {"waived": ["deliverable"]}),
        ("close", request("debriefed", records=[Record(4, "record_deliverable", at("03-02 09:00"), {})]),
         {"waive": ("deliverable",)}, "closed", {}),
        ("plan_meeting", request(tier="tuto"), {"at": at("03-10 19:00"), "waive": ("outside_hours",)}, "working",
         {"meeting": "work-1", "duration": 60, "place": "montpellier", "staff": [], "at": at("03-10 19:00"),
          "waived": ["outside_hours"]}),
        ("cancel_meeting", request("interview_planned", meeting("interview-1")), {"meeting": "interview-1"},
         "prequalified", {"meeting": "interview-1"}),
        ("hold_activity", activity("open", meeting("activity-1", "03-02 14:00")), {"attended": 9}, "held",
         {"meeting": "activity-1", "attended": 9, "started_at": at("03-02 14:00"), "duration": 60}),
        ("cancel_activity", activity("open", meeting("activity-1")), {}, "cancelled", {"cancelled": ["activity-1"]}),
    ],
)  # fmt: skip
def test_where_it_leads_and_what_its_entry_keeps(
    event: str, of: Request, how: dict[str, Any], to: str, data: dict[str, Any]
) -> None:
    decision = decide(attempt(event, of, note="n", **how))
    assert (decision.to, decision.data) == (to, data)


def test_a_refusal_carries_every_rule_once() -> None:
    with pytest.raises(Refused) as caught:
        decide(attempt("plan_debrief", request("qualified", meeting("debrief-1")), at=at("03-10 14:00")))
    assert [refusal.rule for refusal in caught.value.refusals] == ["already_planned"]


def test_the_facts_that_an_event_reads_are_its_effects_and_its_guards() -> None:
    read = {code: facts_read(event) for code, event in lab().events.items()}
    assert read["withdraw"] == {"done_by"}  # as every event
    assert read["reopen"] == {"entries", "cancelled_by_end", "invalid_slots", "done_by"}
    assert read["plan_meeting"] == {"people", "surroundings", "done_by"}
    assert read["correct"] == {"entries", "undone", "invalid_slots", "circle", "done_by"}
    assert read["explain_deadline"] == {"deadlines", "done_by"}


FULL = Refusal("cap_reached", "Full.", "Hold it.")


@pytest.mark.parametrize(
    ("refusals", "done", "expected"),
    [
        ([FULL], 2, ["cap_reached: 4 asked for, 2 possible: nothing was stored. Ask for the first 2 only."]),
        ([FULL], 0, ["cap_reached: Full. Hold it."]),
        ([Refusal("role", "No.", "Ask.")], 2, ["role: No. Ask."]),
    ],
)
def test_the_cap_of_several_counts_those_asked_for(refusals: list[Refusal], done: int, expected: list[str]) -> None:
    with spoken("en"):
        assert told(list(of_several(Refused(refusals), done, 4).refusals)) == expected


# --- Asking ---


def test_what_can_be_done_is_asked_of_every_event_but_the_first() -> None:
    asked: list[str] = []

    def inform(tried: Attempt) -> None:
        asked.append(tried.code)
        tried.facts = {
            "people": {"pilot": "paule"},
            "deadlines": [],
            "entries": [],
            "undone": None,
            "invalid_slots": (),
        }

    going = request("tier_assigned", tier="50_50")
    with spoken("en"):
        found = {o.event: o for o in options(Asking(lab(), going, "camille", "coordinator", at("03-09 09:00")), inform)}
    assert list(found) == [code for code in lab().events if code != "submit"]
    assert asked == list(found)

    suspend, plan, close, comment = (found[code] for code in ("suspend", "plan_meeting", "close", "comment"))
    assert (suspend.to, suspend.allowed, suspend.roles, suspend.needs, suspend.refusals) == (
        "suspended", True, ("coordinator",), ("note",), (),
    )  # fmt: skip
    assert (plan.to, plan.allowed, plan.needs) == ("working", False, ("at",))
    assert told(list(plan.refusals)) == [
        "not_validated: 50/50 is validated before anything is planned. It is validated by delegation: coop --as paule "
        "validate 2026-0001",
    ]
    assert (close.to, close.allowed, [refusal.rule for refusal in close.refusals]) == (
        "closed", False, ["state", "deliverable"],
    )  # fmt: skip
    assert (comment.to, comment.allowed) == ("tier_assigned", True)
    assert (found["validate"].to, [r.rule for r in found["validate"].refusals]) == ("tier_assigned", ["role"])
    assert (found["hold_meeting"].to, found["hold_meeting"].allowed) == ("tier_assigned", False)


# --- What the machine says of meetings ---


@pytest.mark.parametrize(
    ("kind", "still", "planned", "first"),
    [
        ("interview", "The interview is not held yet.", "coop interview done 2026-0001", "coop next 2026-0001"),
        ("work", "No work meeting is held yet.", "coop meeting done 2026-0001", "coop meeting plan 2026-0001 --slot …"),
        (
            "session", "The session is not held yet.", "coop session done 2026-0001",
            "coop session plan 2026-0001 --slot …",
        ),
        ("debrief", "The debrief is not held yet.", "coop debrief done 2026-0001", "coop next 2026-0001"),
        ("activity", "The activity is not held yet.", "coop activity done 2026-0001", "coop next 2026-0001"),
    ],
)  # fmt: skip
def test_a_meeting_still_to_be_held_says_what_to_type(kind: str, still: str, planned: str, first: str) -> None:
    with spoken("en"):
        assert not_held(kind) == still
        assert next_for(attempt("comment", request("working", meeting(f"{kind}-1"))), kind).endswith(f": {planned}")
        assert next_for(attempt("comment", request("working")), kind).endswith(f": {first}")


BEFORE = [meeting("work-1", "03-10 14:00", "planned", "awa", "camille"), meeting("work-2", status=CANCELLED)]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ([], []),
        (BEFORE, []),
        ([meeting("work-1", "03-10 14:00", "planned", "camille")], []),  # fewer people
        ([meeting("work-1", "03-10 14:00", "planned", "rene")], ["work-1"]),
        ([meeting("work-1", "03-10 14:30", "planned", "awa")], ["work-1"]),
        ([meeting("work-1", minutes=90)], ["work-1"]),
        ([meeting("work-1", place="toulouse")], ["work-1"]),
        ([meeting("work-2")], ["work-2"]),  # it was cancelled
        ([meeting("work-3")], ["work-3"]),
        ([meeting("work-3", status=CANCELLED), meeting("work-4", status=HELD)], []),
    ],
)
def test_the_slots_that_come_back_must_be_valid(after: list[Meeting], expected: list[str]) -> None:
    assert [one.id for one in returning(BEFORE, after)] == expected


def test_the_meeting_named_is_the_one_of_the_entry() -> None:
    going = request("working", meeting("work-1"), meeting("work-2", "03-11 14:00"))
    assert attempt("hold_meeting", going, meeting="work-2").named_meeting is going.meetings[1]
    assert attempt("hold_meeting", going).named_meeting is going.meetings[0]
    assert attempt("comment", going).named_meeting is None
    assert entry("comment").seq == 5
