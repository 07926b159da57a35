"""Every guard, by a table of cases: what is tried on a request → what it refuses, and what it says to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from attempts import activity, attempt, entry, meeting, request
from attrs import evolve
from pure import at, away, day, lab, planned, surrounded

from states.calendar.working_days import Closure
from states.deadlines import Deadline
from states.declaration.model import Declaration
from states.errors import Refusal
from states.language import spoken
from states.lifecycle.guards import GUARDS
from states.requests.request import CANCELLED, HELD, Record, Request

AUTONOMOUS = {"kind": "autonomous"}
FIT = {
    "collaborative_share": 50, "outcome_predefined": False, "axis": "incubation", "service": "drajes",
    "family": "menj_mesr_msjop",
}  # fmt: skip
WORK = [meeting(f"work-{n}", f"03-{9 + n} 14:00") for n in range(1, 8)]
DONE = [meeting(f"work-{n}", f"02-{9 + n} 14:00", HELD) for n in range(1, 8)]


def prior() -> Declaration:
    """The lab, where the committee validates a 50/50 first."""
    return evolve(lab(), tiers={**lab().tiers, "50_50": evolve(lab().tiers["50_50"], validation="prior")})


def late(kind: str, due: str, status: str = "open") -> Deadline:
    return Deadline(kind, 1, 0, None, at(due), day(due[:5]), 1, None, at(due), status, "due", None, None, None)


Case = tuple[str, str, Request, dict[str, Any], list[str]]  # what is special, event, request, how, what is refused

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
            ["scope: The axis “Project incubation and acceleration” is not open as of right to: Other State service."],
        ),
        (
            "partner", "prequalify", request(form=FIT | {"family": "partner", "axis": "management"}), {},
            ["scope: is not open as of right to: Partner."],
        ),
        (
            "no family told", "prequalify", request(form={k: v for k, v in FIT.items() if k != "family"}), {},
            ["scope: is not open as of right to: ."],
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
        ("not", "ratify", request(), {}, ["not_validated: Only what is validated is ratified."]),
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
            {"role": "pilot", "basis": "delegation"}, ["validation_not_needed: 2026-0001 is already validated."],
        ),
        (
            "as if the committee", "validate", request(tier="50_50"), {"role": "pilot", "basis": "committee"},
            ["role: A validation “By the committee” is not for the role Operational pilot. The pilot validates by"],
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
            ["cap_reached: Hold the session (coop session plan 2026-0001 --slot …) or ask the pilot for a derogation "
             "(coop --as … derogation 2026-0001 --extra 1 --note …)."],
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
            {"kind": "working", "facts": {"deadlines": [evolve(late("working", "03-06 18:00"), due_at=None)]}},
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
    "recorded": [
        ("nothing planned", "withdraw", request("working", DONE[0]), {}, []),
        ("later", "withdraw", request("working", meeting("work-1", "03-09 09:01")), {}, []),
        (
            "just begun", "withdraw", request("working", meeting("work-1", "03-09 09:00")), {},
            ["not_recorded: work-1 began on Monday 9 March 2026 at 09:00 and is neither held nor cancelled."],
        ),
        (
            "each of them", "withdraw",
            request("working", meeting("work-1", "03-02 14:00"), meeting("work-2", "03-03 14:00"), WORK[3]), {},
            ["not_recorded: coop meeting cancel 2026-0001/work-1", "not_recorded: work-2 began"],
        ),
    ],
    "planned": [
        ("the earliest", "hold_meeting", request("working", WORK[0]), {}, []),
        ("the one named", "hold_meeting", request("working", WORK[0]), {"meeting": "work-1"}, []),
        (
            "none of the kind", "hold_meeting", request("working", meeting("session-1")), {},
            ["none_planned: No work meeting is planned. First plan it: coop meeting plan 2026-0001 --slot …"],
        ),
        (
            "not planned from here", "hold_debrief", request("debriefed"), {},
            ["none_planned: No debrief is planned. See what can be done with: coop next 2026-0001"],
        ),
        (
            "a session", "hold_session", request(), {},
            ["none_planned: No session is planned. First plan it: coop session plan 2026-0001 --slot …"],
        ),
        (
            "an interview", "hold_interview", request("prequalified"), {},
            ["none_planned: No interview is planned. First plan it: coop interview plan 2026-0001 --slot …"],
        ),
        (
            "the last one is held", "hold_meeting",
            request(
                "working",
                meeting("work-1", "02-10 14:00", HELD, started_at=at("02-10 14:10")),
                meeting("work-2", "02-11 14:00", HELD, started_at=at("02-11 14:10")),
            ),
            {},
            ["none_planned: work-2 is already held: it began on Wednesday 11 February 2026 at 14:10. See what can be "
             "done now with: coop next 2026-0001"],
        ),
        (
            "another kind is held", "hold_meeting",
            request("working", meeting("session-1", "02-10 14:00", HELD, started_at=at("02-10 14:10"))), {},
            ["none_planned: No work meeting is planned."],
        ),
        (
            "none at all", "cancel_meeting", request("working", DONE[0]), {},
            ["none_planned: No meeting is planned. See what can be done with: coop next 2026-0001"],
        ),
        ("some, none named", "cancel_meeting", request("working", DONE[0], WORK[1]), {}, []),
        (
            "held", "cancel_meeting", request("working", DONE[0]), {"meeting": "work-1"},
            [
                "none_planned: work-1 is not planned: it is already held. See the calendar of the request with: coop",
            ],
        ),
        (
            "cancelled", "move_meeting", request("working", meeting("work-1", status=CANCELLED)), {"meeting": "work-1"},
            ["none_planned: work-1 is not planned: it is cancelled."],
        ),
        (
            "of another kind", "hold_meeting", request("working", meeting("session-1")), {"meeting": "session-1"},
            ["none_planned: session-1 is not planned: it is of another kind."],
        ),
        (
            "an activity", "hold_activity", activity("open"), {},
            ["none_planned: The activity is not planned any more. See what can be done with: coop next 2026-A001"],
        ),
        (
            "an activity to move", "move_activity",
            activity("open", meeting("activity-1", "02-10 14:00", HELD, started_at=at("02-10 14:10"))), {},
            ["none_planned: The activity is not planned any more."],
        ),
    ],
    "held": [
        ("held", "amend_meeting", request("working", DONE[0]), {"meeting": "work-1", "attended": 3}, []),
        (
            "planned", "amend_meeting", request("working", WORK[0]), {"meeting": "work-1"},
            ["not_recorded: work-1 is not recorded as held: it has no figures yet. See the calendar of the request "
             "with: coop show 2026-0001"],
        ),
        (
            "asked, none held", "amend_meeting", request("working", WORK[0]), {"asking": True},
            ["not_recorded: No meeting of 2026-0001 is recorded as held: there are no figures yet."],
        ),
        ("asked, one held", "amend_meeting", request("working", WORK[0], DONE[1]), {"asking": True}, []),
    ],
    "begun": [
        ("before", "hold_meeting", request("working", meeting("work-1", "03-09 08:59")), {}, []),
        ("as it begins", "hold_meeting", request("working", meeting("work-1", "03-09 09:00")), {}, []),
        (
            "a minute early", "hold_meeting", request("working", meeting("work-1", "03-09 09:01")), {},
            ["not_yet: work-1 starts on Monday 9 March 2026 at 09:01, after the moment of this entry."],
        ),
        (
            "earlier than planned", "hold_meeting", request("working", WORK[0]),
            {"started_at": at("03-09 08:00")}, [],
        ),
        ("no meeting", "hold_meeting", request(), {"started_at": at("03-10 14:00")}, []),
        ("no start", "amend_meeting", request("working", DONE[0]), {"meeting": "work-1", "attended": 3}, []),
    ],
    "one_at_most": [
        ("none", "plan_session", request("working", WORK[0]), {"at": at("03-11 14:00")}, []),
        ("held", "plan_session", request("working", meeting("session-1", status=HELD)), {}, []),
        (
            "one", "plan_session", request("working", meeting("session-1"), meeting("session-2", "03-11 14:00")), {},
            ["already_planned: session-1 is already planned, on Tuesday 10 March 2026 at 14:00. Move it (coop meeting "
             "move 2026-0001/session-1 --slot …), hold it, or cancel it first."],
        ),
    ],
    "slot": [
        ("free", "plan_meeting", request(), {"at": at("03-10 14:00")}, []),
        ("not said when", "plan_meeting", request(), {}, []),
        (
            "a Thursday", "plan_meeting", request(), {"at": at("03-12 14:00")}, ["place_closed: weekday is the other"],
        ),
        (
            "a Thursday in Toulouse", "plan_meeting", request(form={"place": "toulouse"}), {"at": at("03-12 14:00")},
            [],
        ),
        (
            "a Thursday, the place given", "plan_meeting", request(), {"at": at("03-12 14:00"), "place": "toulouse"},
            [],
        ),
        ("too late", "plan_meeting", request(), {"at": at("03-10 18:30")}, ["outside_hours: 18:30 to"]),
        (
            "too late for a longer one", "plan_meeting", request(), {"at": at("03-10 16:30"), "duration": 151},
            ["outside_hours: 19:01"],
        ),
        ("waived", "plan_meeting", request(), {"at": at("03-10 18:30"), "waive": ("outside_hours",)}, []),
        ("past", "plan_meeting", request(), {"at": at("03-09 08:59")}, ["slot_in_past: Choose a later slot"]),
        (
            "past then", "plan_meeting", request(), {"at": at("03-06 14:00"), "moment": "03-06 13:00"}, [],
        ),
        (
            "closed", "plan_meeting", request(),
            {
                "at": at("03-10 14:00"),
                "facts": {"surroundings": surrounded(closures=[Closure(None, day("03-10"), day("03-10"))])},
            },
            ["place_closed: Tuesday 10 March"],
        ),
        (
            "moved, the rest stays", "move_meeting", request("working", meeting("work-1", minutes=300)),
            {"meeting": "work-1", "at": at("03-10 14:30")}, ["outside_hours: 19:30"],
        ),
        (
            "moved, its people too", "move_meeting",
            request("working", meeting("work-1", "03-10 14:00", "planned", "camille")),
            {
                "meeting": "work-1", "at": at("03-11 14:00"),
                "facts": {"surroundings": surrounded(absences=[away("camille", "03-11")])},
            },
            ["staff_absent: camille is away"],
        ),
        (
            "an agreement noted, whatever the hour or the day", "move_meeting",
            request("working", meeting("work-1", "03-14 07:00", place="toulouse", waived=["outside_hours"])),
            {"meeting": "work-1", "at": at("03-14 07:00"), "agreed": True, "moment": "03-20 09:00"}, [],
        ),
        (
            "other people where it is", "move_meeting",
            request("working", meeting("work-1", "03-14 07:00", "planned", "camille", place="toulouse")),
            {
                "meeting": "work-1", "at": at("03-14 07:00"), "staff": ["awa"],
                "facts": {"surroundings": surrounded(absences=[away("awa", "03-14"), away("camille", "03-14")])},
            },
            ["staff_absent: awa is away"],
        ),
        (
            "a day off", "plan_meeting", request(),
            {"at": at("03-14 14:00"), "place": "hors_les_murs"},
            ["day_off: The lab does not work on Saturday 14 March 2026 (weekend). Choose another day, or add --waive "
             "day_off with a --note."],
        ),
        (
            "a day off that is meant", "plan_meeting", request(),
            {"at": at("03-14 14:00"), "place": "hors_les_murs", "waive": ("day_off",), "note": "n"}, [],
        ),
        (
            "moved to another place", "move_meeting", request("working", meeting("work-1", place="toulouse")),
            {"meeting": "work-1", "at": at("03-12 14:00")}, [],
        ),
        (
            "a session again, where it is", "plan_session", request("working", meeting("session-1")),
            {
                "at": at("03-10 14:00"),
                "facts": {"surroundings": surrounded(planned("0001", "03-10 14:00", kind="session"))},
            },
            [],
        ),
        (
            "another request’s session", "plan_session", request("working", meeting("session-1")),
            {
                "at": at("03-10 14:00"),
                "facts": {"surroundings": surrounded(planned("0002", "03-10 14:00", kind="session"))},
            },
            ["place_taken: 2026-0002/session-1"],
        ),
        (
            "a session where a meeting is", "plan_session", request("working", meeting("work-1")),
            {"at": at("03-10 14:00"), "facts": {"surroundings": surrounded(planned("0001", "03-10 14:00"))}},
            ["place_taken: 2026-0001/work-1"],
        ),
        (
            "a meeting where one is", "plan_meeting", request("working", meeting("work-1")),
            {"at": at("03-10 14:00"), "facts": {"surroundings": surrounded(planned("0001", "03-10 14:00"))}},
            ["place_taken: 2026-0001/work-1"],
        ),
    ],
    "staff_free": [
        ("free", "assign_staff", request("working", WORK[0]), {"meeting": "work-1", "staff": ["camille"]}, []),
        ("no meeting", "assign_staff", request(), {"staff": ["camille"]}, []),
        (
            "away", "assign_staff", request("working", WORK[0]),
            {
                "meeting": "work-1", "staff": ["camille", "awa"],
                "facts": {"surroundings": surrounded(absences=[away("camille", "03-10")])},
            },
            ["staff_absent: camille"],
        ),
        (
            "busy", "assign_staff", request("working", WORK[0]),
            {
                "meeting": "work-1", "staff": ["camille"],
                "facts": {"surroundings": surrounded(planned("0002", "03-10 13:30", "camille"))},
            },
            ["staff_busy: 2026-0002/work-1"],
        ),
        (
            "somebody else is busy", "assign_staff",
            request("working", meeting("work-1", "03-10 14:00", "planned", "awa")),
            {
                "meeting": "work-1", "staff": ["camille"],
                "facts": {"surroundings": surrounded(planned("0002", "03-10 13:30", "awa"))},
            },
            [],
        ),
    ],
    "within_capacity": [
        ("room", "register", activity(capacity=20), {"registered": 20}, []),
        (
            "one too many", "register", activity(capacity=20), {"registered": 21},
            [
                "over_capacity: 21 people registered, 20 fit. Find more room first: coop activity amend",
            ],
        ),
        ("no limit", "register", activity(), {"registered": 500}, []),
        ("nobody yet", "amend_activity", activity(), {"capacity": 5}, []),
        ("less room", "amend_activity", activity(registered=6), {"capacity": 5}, ["over_capacity: 6 people"]),
        ("the last word", "register", activity(registered=6, capacity=5), {"registered": 5}, []),
    ],
    "type_settled": [
        ("before", "amend_activity", activity("open", meeting("activity-1")), {"type": "training"}, []),
        (
            "held", "amend_activity", activity("held", meeting("activity-1", status=HELD)), {"type": "training"},
            ["state: 2026-A001 has been held: its type and its axis stay. Undo back to before it was held: coop "
             "activity undo 2026-A001 --note …"],
        ),
        (
            "held, the axis", "amend_activity", activity("held", meeting("activity-1", status=HELD)),
            {"axis": "management"}, ["state: has been held"],
        ),
        (
            "held, the same", "amend_activity", activity("held", meeting("activity-1", status=HELD)),
            {"type": "visit", "capacity": 5}, [],
        ),
    ],
    "keeps_no_minutes": [
        ("a visit", "comment", activity(), {"note": "Riche."}, []),
        ("no type yet known", "comment", activity(type="gone"), {"note": "Riche."}, []),
        (
            "a peer group", "comment", activity(type="peer_group"), {"note": "Riche."},
            ["peer_group_keeps_no_minutes: Of “Peer group” no minutes are kept: no description, comment or note."],
        ),
        (
            "a description", "amend_activity", activity(type="peer_group"), {"description": "Riche."},
            ["peer_group_keeps_no_minutes: Record it without the text"],
        ),
        ("neither", "amend_activity", activity(type="peer_group"), {"capacity": 5}, []),
        ("what corrects is explained", "correct", activity(type="peer_group"), {"note": "n"}, []),
        (
            "what waives is explained", "move_activity", activity(type="peer_group"),
            {"note": "n", "waive": ("outside_hours",)}, [],
        ),
        (
            "a note that nothing asks for", "open_activity", activity(type="peer_group"), {"note": "n"},
            ["peer_group_keeps_no_minutes: no description"],
        ),
        (
            "it had minutes", "amend_activity", activity(), {"type": "peer_group"},
            ["peer_group_keeps_no_minutes: 2026-A001 may hold texts: it does not become “Peer group”, of which none is "
             "kept. Cancel it and plan another: coop activity plan"],
        ),
        ("it is another kind now", "amend_activity", activity(type="peer_group"), {"type": "visit"}, []),
    ],
}  # fmt: skip

# --- What is undone: entry 4 is taken, entry 5 is the last step ---

STEP = entry("hold_meeting", 4, meeting="work-1")
RECORDED = entry("record_deliverable", 4)
AMENDED = entry("amend", 4, participants=3)
SOUND = {**FIT, "department": "34"}


def undoing(
    *taken: Any, of: Request | None = None, undone: Request | None = None, slots: Any = (), **how: Any
) -> tuple[str, Request, dict[str, Any]]:
    """Entry 4 of a request whose last step is entry 5 is undone."""
    before = of or request(last_seq=5, form=SOUND)
    facts = {"entries": taken, "undone": undone or before, "invalid_slots": slots, **how.pop("facts", {})}
    return "correct", before, {"seq": 4, "note": "n", "facts": facts, **how}


def closed(**how: Any) -> Request:
    return request("closed", last_seq=5, form=SOUND, **how)


TAKEN = Refusal("place_taken", "Montpellier is taken.", "See elsewhere.")
KEPT = [Record(3, "record_deliverable", at("03-02 09:00"), {})]

CASES["correctable"] = [
    ("a recording", *undoing(RECORDED), []),
    (
        "nothing left", "correct", request(), {"facts": {"entries": [], "undone": None}},
        ["nothing_to_correct: Nothing of 2026-0001 is left to undo. See the history with: coop history 2026-0001"],
    ),
    (
        "not that one", *undoing(RECORDED, facts={"undone": None}),
        ["nothing_to_correct: Entry 4 of 2026-0001 cannot be undone."],
    ),
    ("no such entry", *undoing(entry("comment", 3)), ["nothing_to_correct: Entry 4 of 2026-0001 cannot be undone."]),
    ("the last step", *undoing(STEP, of=request(last_seq=4, form=SOUND)), []),
    (
        "a step followed by another", *undoing(entry("validate", 4)),
        ["nothing_to_correct: Entry 4 is followed by another step, entry 5. Undo entry 5 first: coop undo 2026-0001 "
         "--seq 5 --note …"],
    ),
    (
        "a meeting held, followed", *undoing(STEP),
        ["nothing_to_correct: Put its figures right without undoing it: coop meeting amend 2026-0001/work-1 --attended "
         "… --note …; or undo entry 5 first: coop undo 2026-0001 --seq 5 --note …"],
    ),
    (
        "someone else’s", *undoing(entry("comment", 4, actor="awa")),
        ["role: Entry 4 was made by awa: a coordinator undoes only their own. Ask awa, or the pilot"],
    ),
    ("someone else’s, by the pilot", *undoing(entry("comment", 4, actor="awa"), role="pilot"), []),
    ("an amendment", *undoing(AMENDED), []),
    (
        "of a field that is settled",
        *undoing(entry("amend", 4, axis="management"), undone=request(last_seq=5, form=SOUND, accepted=True)),
        ["form_inconsistent: 2026-0001 was prequalified with what entry 4 says: it stays. First undo back to "
         "“received”: coop undo 2026-0001 --note …"],
    ),
    (
        "of a free field, once accepted",
        *undoing(AMENDED, undone=request(last_seq=5, form=SOUND, accepted=True)), [],
    ),
    ("of a settled field, before", *undoing(entry("amend", 4, axis="management")), []),
    (
        "a step that says an axis too",
        *undoing(entry("comment", 4, axis="management"), undone=request(last_seq=5, form=SOUND, accepted=True)), [],
    ),
    (
        "the form would not hold",
        *undoing(AMENDED, undone=request(last_seq=5, form=SOUND | {"participants": 3, "managers": 4})),
        ["form_inconsistent: Without entry 4, the form of 2026-0001 would not hold together: "],
    ),
    (
        "what to amend instead",
        *undoing(AMENDED, undone=request(last_seq=5, form=SOUND | {"participants": 3, "managers": 4})),
        ["form_inconsistent: Amend the fields as they should be instead: coop amend 2026-0001 --set managers=…"],
    ),
    (
        "it did not hold before either",
        *undoing(
            RECORDED,
            of=request(last_seq=5, form=SOUND | {"participants": 3, "managers": 4}),
        ),
        [],
    ),
    (
        "it would follow itself", *undoing(AMENDED, facts={"circle": True}),
        ["form_inconsistent: Without entry 4, 2026-0001 would follow itself. First change what the later requests of "
         "the project follow: coop amend REF --set follows=…"],
    ),
    (
        "the deliverable of a closing", *undoing(RECORDED, entry("close", 5), of=closed(records=KEPT), undone=closed()),
        ["deliverable: 2026-0001 was closed with what entry 4 records: it stays. Record the right one first (coop "
         "deliverable 2026-0001 --title … --type …), then undo this one: coop undo 2026-0001 --seq 4 --note …"],
    ),
    (
        "another is left", *undoing(RECORDED, entry("close", 5), of=closed(records=KEPT), undone=closed(records=KEPT)),
        [],
    ),
    (
        "it was waived",
        *undoing(RECORDED, entry("close", 5, waived=["deliverable"]), of=closed(records=KEPT), undone=closed()), [],
    ),
    (
        "the closing goes too",
        *undoing(
            RECORDED, entry("close", 5), of=closed(records=KEPT),
            undone=request("debriefed", last_seq=5, form=SOUND),
        ),
        [],
    ),
    (
        "it ended otherwise",
        *undoing(
            RECORDED, entry("withdraw", 5), of=request("withdrawn", last_seq=5, form=SOUND),
            undone=request("withdrawn", last_seq=5, form=SOUND),
        ),
        [],
    ),
    ("it is still open", *undoing(RECORDED, entry("plan_meeting", 5)), []),
    (
        "a slot that is taken now", *undoing(RECORDED, slots=[("work-1", [TAKEN])]),
        ["place_taken: work-1 cannot come back: Montpellier is taken. Leave it cancelled with --release"],
    ),
    ("released", *undoing(RECORDED, slots=[("work-1", [TAKEN])], release=True), []),
    (
        "cancelled, taken now",
        *undoing(
            RECORDED, of=request("working", meeting("work-1", status=CANCELLED), last_seq=5, form=SOUND),
            slots=[("work-1", [TAKEN])],
        ),
        ["place_taken: work-1 cannot come back"],
    ),
    (
        "moved, where it was is taken",
        *undoing(
            RECORDED, of=request("working", meeting("work-1"), last_seq=5, form=SOUND),
            slots=[("work-1", [TAKEN])], release=True,
        ),
        ["place_taken: work-1 stays as it is, on Tuesday 10 March 2026 at 14:00: it cannot go back to what it was. "
         "Montpellier is taken. Move it elsewhere: coop meeting move 2026-0001/work-1 --slot …"],
    ),
    (
        "each meeting and reason", *undoing(RECORDED, slots=[("work-1", [TAKEN, TAKEN]), ("work-2", [TAKEN])]),
        ["place_taken: work-1", "place_taken: work-1", "place_taken: work-2"],
    ),
]  # fmt: skip


def said(refusals: list[Refusal], expected: list[str]) -> None:
    """Each refusal is of the rule expected, and says so."""
    assert [refusal.rule for refusal in refusals] == [text.partition(": ")[0] for text in expected]
    for refusal, text in zip(refusals, expected, strict=True):
        assert refusal.message
        assert refusal.remedy
        assert text.partition(": ")[2] in f"{refusal.message} {refusal.remedy}"


def rows() -> Iterator[Any]:
    for name, cases in CASES.items():
        for special, *case in cases:
            yield pytest.param(name, *case, id=f"{name}: {special}")


@pytest.mark.parametrize(("name", "event", "of", "how", "expected"), list(rows()))
def test_a_guard_refuses_what_it_should_and_nothing_else(
    name: str, event: str, of: Request, how: dict[str, Any], expected: list[str]
) -> None:
    with spoken("en"):
        said(list(GUARDS[name].check(attempt(event, of, **how))), expected)


def test_every_guard_has_its_table() -> None:
    assert set(CASES) == set(GUARDS)
    for name, cases in CASES.items():
        assert {bool(case[-1]) for case in cases} == {True, False}, name
