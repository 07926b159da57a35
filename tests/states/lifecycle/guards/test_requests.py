"""The guards about a request: what is tried on it → what is refused, and what is said to do."""

from __future__ import annotations

import pytest
from attempts import AUTONOMOUS, DONE, FIT, WORK, Case, entry, every_guard_of, meeting, refuses, request, rows
from attrs import evolve
from pure import at, day, lab

from states.deadlines import Deadline
from states.declaration.model import Declaration
from states.lifecycle.guards import requests
from states.requests.request import CANCELLED, Record


def prior() -> Declaration:
    """The lab, where the committee validates a 50/50 first."""
    return evolve(lab(), tiers={**lab().tiers, "50_50": evolve(lab().tiers["50_50"], validation="prior")})


def unvalidated() -> Declaration:
    """The lab, without the event that validates."""
    return evolve(lab(), events={code: event for code, event in lab().events.items() if code != "validate"})


def late(kind: str, due: str, status: str = "open") -> Deadline:
    return Deadline(kind, 1, 0, None, at(due), day(due[:5]), 1, None, at(due), status, "due", None, None, None)


CASES: dict[str, list[Case]] = {
    "accompanied": [
        ("accompanied", "resume_work", request(), {}, []),
        (
            "autonomous", "plan_interview", request("prequalified", form=AUTONOMOUS), {},
            ["kind: Accept it with: coop host 2026-0001"],
        ),
        (
            "accepted already", "resume_work", request("session_held", form=AUTONOMOUS), {},
            ["kind: See what can be done with: coop next 2026-0001"],
        ),
    ],
    "autonomous": [
        ("autonomous", "accept_autonomous", request(form=AUTONOMOUS), {}, []),
        ("accompanied", "accept_autonomous", request(), {}, ["kind: 2026-0001 is an accompanied request"]),
    ],
    "accepted": [
        ("accepted", "cancel", request(accepted=True), {}, []),
        ("not yet", "cancel", request(), {}, ["state: Use “coop withdraw 2026-0001”"]),
    ],
    "eligible": [
        ("just enough", "prequalify", request(form=FIT), {}, []),
        (
            "one per cent too little", "prequalify", request(form=FIT | {"collaborative_share": 49}), {},
            ["collaborative_share: Collaborative work is 49% of the session; the charter asks for at least 50%."],
        ),
        (
            "waived", "prequalify", request(form=FIT | {"collaborative_share": 49}),
            {"waive": ("collaborative_share",)}, [],
        ),
        (
            "something else waived", "prequalify", request(form=FIT | {"collaborative_share": 49}),
            {"waive": ("scope",)}, ["collaborative_share: ask the pilot to waive"],
        ),
        (
            "predefined", "prequalify", request(form=FIT | {"outcome_predefined": True}), {},
            ["outcome_predefined: The expected outcome is already defined"],
        ),
        (
            "State, management", "prequalify", request(form=FIT | {"family": "state", "axis": "management"}), {}, [],
        ),
        (
            "State, acculturation", "prequalify", request(form=FIT | {"family": "state", "axis": "acculturation"}),
            {}, [],
        ),
        (
            "State, incubation", "prequalify", request(form=FIT | {"family": "state"}), {},
            ["scope: The axis “Project incubation and acceleration” is not open as of right to “Other State service”."],
        ),
        (
            "partner", "prequalify", request(form=FIT | {"family": "partner", "axis": "management"}), {},
            ["scope: is not open as of right to “Partner”."],
        ),
        (
            "no family told", "prequalify", request(form={k: v for k, v in FIT.items() if k != "family"}), {},
            ["scope: is not open as of right to “”."],
        ),
        (
            "nothing fits", "prequalify",
            request(form={"collaborative_share": 0, "outcome_predefined": True, "axis": "", "family": "partner"}), {},
            ["collaborative_share: is 0%", "outcome_predefined: already defined", "scope: Partner"],
        ),
    ],
    "minimum_held": [
        ("held", "hold_session", request("working", DONE[0], tier="tuto"), {}, []),
        ("autonomous", "hold_session", request(form=AUTONOMOUS), {}, []),
        ("no tier yet", "hold_session", request(), {}, []),
        (
            "none", "hold_session", request(tier="tuto"), {},
            ["below_minimum: Le Tuto asks for at least 1 work meeting before the session; 0 held so far."],
        ),
        (
            "none, none planned", "hold_session", request(tier="tuto"), {},
            ["below_minimum: First plan it: coop meeting plan 2026-0001"],
        ),
        (
            "only planned", "hold_session", request("working", WORK[0], tier="tuto"), {},
            ["below_minimum: Record the work meeting as held: coop meeting done 2026-0001"],
        ),
        (
            "cancelled", "hold_session", request("working", meeting("work-1", status=CANCELLED), tier="tuto"), {},
            ["below_minimum: 0 held so far"],
        ),
    ],
    "validated": [
        ("needs none", "plan_meeting", request(tier="tuto"), {}, []),
        ("no tier", "plan_session", request(form=AUTONOMOUS), {}, []),
        ("validated", "plan_meeting", request(tier="50_50", validated="delegation"), {}, []),
        (
            "not yet", "plan_meeting", request(tier="50_50"), {"facts": {"people": {"pilot": "paule"}}},
            ["not_validated: It is validated by delegation: coop --as paule validate 2026-0001"],
        ),
        (
            "nobody known", "plan_meeting", request(tier="50_50"), {},
            [
                "not_validated: 50/50 is validated before anything is planned. It is validated by delegation: coop",
            ],
        ),
        (
            "no event validates", "plan_meeting", request(tier="50_50"),
            {"declaration": unvalidated(), "facts": {"people": {"pilot": "paule"}}}, ["not_validated: coop --as …"],
        ),
        (
            "the committee first", "plan_meeting", request(tier="50_50"),
            {"declaration": prior(), "facts": {"people": {"pilot": "paule", "committee": "comite"}}},
            ["not_validated: The committee validates it: coop --as comite validate 2026-0001"],
        ),
        (
            "refused", "plan_meeting", request(tier="tuto", refused=True), {},
            ["refused_by_committee: coop cancel 2026-0001"],
        ),
    ],
    "not_refused": [
        ("not refused", "plan_debrief", request("session_held", tier="tuto"), {}, []),
        (
            "refused", "plan_debrief", request("session_held", tier="tuto", refused=True), {},
            ["refused_by_committee: (coop --as … validate 2026-0001)"],
        ),
        (
            "somebody of the committee known", "plan_debrief", request("session_held", tier="tuto", refused=True),
            {"facts": {"people": {"pilot": "paule", "committee": "comite"}}},
            ["refused_by_committee: (coop --as comite validate 2026-0001)"],
        ),
    ],
    "is_validated": [
        ("validated", "ratify", request(validated="delegation"), {}, []),
        (
            "not", "ratify", request(), {},
            ["not_validated: Only what is validated is ratified. See: coop next 2026-0001"],
        ),
        (
            "not yet", "ratify", request(tier="50_50"), {"facts": {"people": {"pilot": "lou"}}},
            ["not_validated: It is validated first: coop --as lou validate 2026-0001"],
        ),
    ],
    "to_validate": [
        ("by the pilot", "validate", request(tier="50_50"), {"role": "pilot", "basis": "delegation"}, []),
        ("by the committee", "validate", request(tier="50_50"), {"role": "committee", "basis": "committee"}, []),
        ("asked only", "validate", request(tier="50_50"), {"role": "pilot"}, []),
        (
            "needs none", "validate", request(tier="tuto"), {"role": "pilot", "basis": "delegation"},
            ["validation_not_needed: Le Tuto needs no validation"],
        ),
        (
            "no tier", "validate", request(), {"role": "pilot", "basis": "delegation"},
            ["validation_not_needed: No tier needs no validation"],
        ),
        (
            "twice", "validate", request(tier="50_50", validated="delegation"),
            {"role": "pilot", "basis": "delegation", "facts": {"done_by": entry("validate", 6)}},
            ["validation_not_needed: 2026-0001 is already validated (entry 6)."],
        ),
        (
            "as if the committee", "validate", request(tier="50_50"), {"role": "pilot", "basis": "committee"},
            ["role: A validation “By the committee” is not for the role Operational pilot. The role Operational pilot"],
        ),
        (
            "as if the pilot", "validate", request(tier="50_50"), {"role": "committee", "basis": "delegation"},
            ["role: A validation “By delegation” is not for the role Liaison committee."],
        ),
        (
            "the committee first", "validate", request(tier="50_50"),
            {"declaration": prior(), "role": "pilot", "basis": "delegation"},
            ["role: This tier is validated by the committee."],
        ),
        (
            "the committee first, by it", "validate", request(tier="50_50"),
            {"declaration": prior(), "role": "committee", "basis": "committee"}, [],
        ),
        (
            "refused, by the pilot", "validate", request(tier="50_50", refused=True),
            {"role": "pilot", "basis": "delegation"}, ["refused_by_committee: until it validates it itself"],
        ),
        (
            "refused, by the committee", "validate", request(tier="50_50", refused=True),
            {"role": "committee", "basis": "committee"}, [],
        ),
        (
            "refused, asked by the committee", "validate", request(tier="50_50", refused=True),
            {"role": "committee"}, [],
        ),
        (
            "refused, the basis alone", "validate", request(tier="50_50", refused=True),
            {"role": "pilot", "basis": "committee"}, ["role: A validation “By the committee”"],
        ),
        (
            "refused, whatever the tier then is", "validate", request(tier="tuto", refused=True),
            {"role": "committee", "basis": "committee"}, [],
        ),
    ],
    "below_cap": [
        ("no tier", "plan_meeting", request(), {}, []),
        ("one below", "plan_meeting", request("working", *WORK[:2], tier="tuto"), {}, []),
        (
            "planned and held", "plan_meeting", request("working", *DONE[:1], *WORK[:2], tier="tuto"), {},
            ["cap_reached: Le Tuto has at most 3 work meetings: 1 held, 2 planned."],
        ),
        (
            "cancelled do not count", "plan_meeting",
            request("working", *WORK[:2], meeting("work-3", status=CANCELLED), tier="tuto"), {}, [],
        ),
        (
            "nor do other kinds", "plan_meeting",
            request("working", *WORK[:2], meeting("session-1"), tier="tuto"), {}, [],
        ),
        ("granted", "plan_meeting", request("working", *WORK[:6], tier="50_50", extra=1), {}, []),
        (
            "all granted used", "plan_meeting", request("working", *WORK[:7], tier="50_50", extra=1), {},
            ["cap_reached: 50/50 has at most 7 work meetings: 0 held, 7 planned."],
        ),
        (
            "one only", "plan_meeting", request("working", *DONE[:1], tier="coup_de_pouce"), {},
            ["cap_reached: at most 1 work meeting: 1 held, 0 planned. Hold the session (coop session plan 2026-0001 "
             "--slot …) or move to a wider tier (coop tier change 2026-0001 tuto)."],
        ),
        (
            "all held, a derogation", "plan_meeting", request("working", *DONE[:6], tier="50_50"), {},
            ["cap_reached: Hold the session (coop session plan 2026-0001 --slot …) or ask for a derogation "
             "(coop --as … derogation 2026-0001 --extra 1 --note …)."],
        ),
        (
            "all held, a derogation of one's own to grant", "plan_meeting",
            request("working", *DONE[:6], tier="50_50"), {"role": "pilot", "facts": {"people": {"pilot": "lou"}}},
            ["cap_reached: or ask for a derogation (coop derogation 2026-0001 --extra 1 --note …)."],
        ),
        (
            "all held, a derogation of somebody's", "plan_meeting", request("working", *DONE[:6], tier="50_50"),
            {"facts": {"people": {"pilot": "lou"}}}, ["cap_reached: (coop --as lou derogation 2026-0001 --extra 1"],
        ),
        (
            "planned ones could go", "plan_meeting", request("working", *DONE[:2], WORK[2], tier="tuto"), {},
            ["cap_reached: cancel a planned meeting (coop meeting cancel 2026-0001/work-3 --note …) or move to "
             "a wider tier (coop tier change "
             "2026-0001 50_50)."],
        ),
        (
            "no wider tier", "plan_meeting", request("working", *DONE[:6], tier="tuto", extra=3), {},
            ["cap_reached: Hold the session (coop session plan 2026-0001 --slot …)."],
        ),
    ],
    "new_cap": [
        ("room for all", "change_tier", request("working", *WORK[:3], tier="50_50"), {"tier": "tuto"}, []),
        (
            "one too many", "change_tier", request("working", *DONE[:1], *WORK[:3], tier="50_50"), {"tier": "tuto"},
            ["cap_reached: Le Tuto has at most 3 work meetings; 4 are already held or planned."],
        ),
        (
            "one at most", "change_tier", request("working", *WORK[:2], tier="tuto"), {"tier": "coup_de_pouce"},
            ["cap_reached: Coup de pouce has at most 1 work meeting; 2 are already held or planned."],
        ),
        (
            "what is granted and used stays", "change_tier",
            request("working", *WORK[:7], tier="50_50", extra=2), {"tier": "50_50"}, [],
        ),
        (
            "what is granted lapses", "change_tier",
            request("working", *WORK[:4], tier="50_50", extra=2), {"tier": "tuto"}, ["cap_reached: 4 are already"],
        ),
    ],
    "derogation": [
        ("allowed", "grant_derogation", request(tier="50_50"), {"extra": 1}, []),
        ("no tier", "grant_derogation", request(), {"extra": 1}, []),
        (
            "not", "grant_derogation", request(tier="tuto"), {"extra": 1},
            ["derogation_not_allowed: Le Tuto allows no derogation. Only 50/50 allows one: change the tier with coop "
             "tier change 2026-0001."],
        ),
    ],
    "recommended": [
        ("as advised", "assign_tier", request(form={"experience": "some"}), {"tier": "tuto"}, []),
        (
            "another", "assign_tier", request(form={"experience": "some"}), {"tier": "50_50"},
            ["note_required: The recommended tier is Le Tuto ("],
        ),
        ("another, told why", "assign_tier", request(form={"experience": "some"}), {"tier": "50_50", "note": "n"}, []),
        ("nothing is advised", "assign_tier", request(), {"tier": "50_50"}, []),
    ],
    "deliverable_recorded": [
        ("none", "close", request("debriefed"), {}, ["deliverable: 2026-0001 has no deliverable yet."]),
        (
            "one", "close", request("debriefed", records=[Record(4, "record_deliverable", at("03-02 09:00"), {})]),
            {}, [],
        ),
        (
            "something else", "close",
            request("debriefed", records=[Record(4, "record_effort", at("03-02 09:00"), {})]), {},
            ["deliverable: coop deliverable 2026-0001 --title"],
        ),
        ("waived", "close", request("debriefed"), {"waive": ("deliverable",)}, []),
        ("something else waived", "close", request("debriefed"), {"waive": ("slot",)}, ["deliverable: no deliverable"]),
        ("autonomous", "close", request("session_held", form=AUTONOMOUS), {}, []),
    ],
    "not_frozen": [
        ("before", "amend", request("received"), {"axis": "management"}, []),
        ("after, a free field", "amend", request(accepted=True), {"participants": 3}, []),
        (
            "after", "amend", request(accepted=True), {"axis": "management", "participants": 3, "service": "drari"},
            ["state: After prequalification these fields no longer change: Axis and Service."],
        ),
        (
            "how to", "amend", request(accepted=True), {"axis": "management"},
            ["state: First undo back to “received”: coop undo 2026-0001 --note …"],
        ),
    ],
    "past_due": [
        (
            "past", "explain_deadline", request(),
            {"kind": "working", "facts": {"deadlines": [late("working", "03-06 18:00")]}}, [],
        ),
        (
            "at its moment", "explain_deadline", request(),
            {"kind": "working", "facts": {"deadlines": [late("working", "03-09 09:00")]}}, [],
        ),
        (
            "missed", "explain_deadline", request(),
            {"kind": "working", "facts": {"deadlines": [late("working", "03-06 18:00", "missed")]}}, [],
        ),
        (
            "met", "explain_deadline", request(),
            {"kind": "working", "facts": {"deadlines": [late("working", "03-06 18:00", "met")]}},
            ["no_missed_deadline: No deadline “Move the work forward” is past its moment. See the deadlines with: coop "
             "deadlines 2026-0001"],
        ),
        (
            "not yet", "explain_deadline", request(),
            {"kind": "working", "facts": {"deadlines": [late("working", "03-09 09:01")]}},
            ["no_missed_deadline: “Move"],
        ),
        (
            "no moment", "explain_deadline", request(),
            {"kind": "working", "facts": {"deadlines": [late("working", "03-06 18:00")._replace(due_at=None)]}},
            ["no_missed_deadline: “Move"],
        ),
        (
            "another kind", "explain_deadline", request(),
            {"kind": "working", "facts": {"deadlines": [late("received", "03-06 18:00")]}},
            ["no_missed_deadline: “Move"],
        ),
        (
            "of that day", "explain_deadline", request(),
            {
                "kind": "working", "due": "2026-03-06",
                "facts": {"deadlines": [late("working", "02-02 18:00", "missed"), late("working", "03-06 23:30")]},
            },
            [],
        ),
        (
            "of another day", "explain_deadline", request(),
            {"kind": "working", "due": "2026-03-05", "facts": {"deadlines": [late("working", "03-06 18:00")]}},
            ["no_missed_deadline: “Move"],
        ),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "case"), rows(CASES))
def test_a_guard_refuses_what_it_should_and_nothing_else(name: str, case: Case) -> None:
    refuses(name, *case[1:])


def test_every_guard_has_its_table() -> None:
    every_guard_of(requests, CASES)
