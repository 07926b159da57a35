"""What histories add up to: each entry folded in, what was undone left out, and what an undo would say."""

from __future__ import annotations

from typing import Any

import pytest
from attempts import activity, meeting, request
from attrs import evolve
from histories import Step, entries, held, planned_step, received, tiered
from pure import at, lab

from states.declaration.model import Declaration
from states.errors import CapPassed
from states.language import spoken
from states.lifecycle.landmarks import awaits, landmarks
from states.lifecycle.replay import check_cap, replay, without
from states.lifecycle.undoing import undoing
from states.requests.entry import effective, last_to_undo, struck
from states.requests.request import CANCELLED, HELD, PLANNED, Request

REF = "2026-0001"
WORKING = [*tiered("01-12 09:00"), *held("work", "01-13 09:00", "01-20 09:00")]  # entries 1 to 7


def made(*steps: Step) -> Request:
    return replay(lab().of(REF), entries(REF, *steps))


def undo(moment: str, seq: int, to: str, **what: Any) -> Step:
    return "correct", moment, {"corrects": seq, "to": to, **what}


def test_a_history_is_its_entries_one_after_the_other() -> None:
    found = made(*WORKING)
    assert (found.ref, found.state, found.tier, found.accepted) == (REF, "working", "tuto", True)
    assert (found.submitted_at, found.last_at, found.last_seq, found.seq) == (
        at("01-12 09:00"), at("01-20 09:00"), 7, 7,
    )  # fmt: skip
    assert (found.head, found.recorded_at) == (f"{REF}/7", at("01-20 09:00"))
    assert [(m.id, m.status) for m in found.meetings] == [("interview-1", HELD), ("work-1", HELD)]
    assert found.numbers == {"interview": 1, "work": 1}
    assert [(s.state, s.seq, s.days, s.left_to) for s in found.stays] == [
        ("received", 1, 5, "prequalified"),
        ("prequalified", 2, 5, "interview_planned"),
        ("interview_planned", 3, 1, "qualified"),
        ("qualified", 4, 5, "tier_assigned"),
        ("tier_assigned", 5, 10, "working"),
        ("working", 6, 20, None),
    ]
    assert [s.until for s in found.stays] == [*[at("01-12 09:00")] * 4, at("01-13 09:00"), None]
    assert found.stays[-1].marks == [[at("01-13 09:00"), at("01-20 09:00")], [at("01-20 09:00"), None]]
    assert found.stays[0].marks == []


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        # A comment moves no step, but marks what it finds: the deadline of work waits from it on.
        ([("comment", "01-21 09:00", {})], {"state": "working", "last_seq": 7, "seq": 8, "last_at": at("01-20 09:00")}),
        # What was waived is kept with its entry.
        ([planned_step("plan_meeting", "01-21 09:00", "01-26 09:00", 2, waived=["outside_hours"])],
         {"waivers": [{"seq": 8, "rule": "outside_hours"}], "numbers": {"interview": 1, "work": 2}}),
        ([("withdraw", "01-21 09:00", {})], {"state": "withdrawn", "before": {"withdrawn": "working"}}),
        ([("suspend", "01-21 09:00", {})], {"state": "suspended", "before": {"suspended": "working"}}),
        # Reopened to its suspension, it goes back to where it was first suspended from.
        ([("suspend", "01-21 09:00", {}), ("withdraw", "01-22 09:00", {}),
          ("reopen", "01-23 09:00", {"restored": [], "to": "suspended"})],
         {"state": "suspended", "before": {"suspended": "working", "withdrawn": "suspended"}}),
        # An entry undone leaves nothing but the numbers it used; so does its correction.
        ([planned_step("plan_meeting", "01-21 09:00", "01-26 09:00", 2), undo("01-22 09:00", 8, "working")],
         {"numbers": {"interview": 1, "work": 2}, "seq": 9, "last_seq": 7, "last_at": at("01-20 09:00")}),
        ([("amend", "01-21 09:00", {"participants": 3}), undo("01-22 09:00", 8, "working")], {"last_seq": 7}),
    ],
)  # fmt: skip
def test_what_an_entry_more_leaves(steps: list[Step], expected: dict[str, Any]) -> None:
    found = made(*WORKING, *steps)
    assert {name: getattr(found, name) for name in expected} == expected


def test_what_an_ending_cancels_is_settled_then() -> None:
    plan = planned_step("plan_meeting", "01-21 09:00", "01-26 09:00", 2)
    found = made(*WORKING, plan, ("withdraw", "01-22 09:00", {"cancelled": ["work-2"]}))
    assert [(m.id, m.status, m.settled_at) for m in found.meetings[1:]] == [
        ("work-1", HELD, at("01-20 09:00")),
        ("work-2", CANCELLED, at("01-22 09:00")),
    ]
    back = made(
        *WORKING, plan, ("withdraw", "01-22 09:00", {"cancelled": ["work-2"]}),
        ("reopen", "01-23 09:00", {"restored": ["work-2"], "to": "working"}),
    )  # fmt: skip
    assert (back.meetings[2].status, back.meetings[2].settled_at, back.state) == (PLANNED, None, "working")


def test_what_a_correction_releases_stays_cancelled() -> None:
    steps: list[Step] = [
        received(), ("prequalify", "01-12 09:00", {}), planned_step("plan_interview", "01-12 09:00", "01-26 09:00"),
        ("withdraw", "01-13 09:00", {"cancelled": ["interview-1"]}),
    ]  # fmt: skip
    back = made(*steps, undo("01-14 09:00", 4, "interview_planned"))
    assert (back.state, back.meetings[0].status, back.meetings[0].settled_at) == ("interview_planned", PLANNED, None)
    freed = made(*steps, undo("01-14 09:00", 4, "prequalified", released=["interview-1"]))
    assert (freed.state, freed.stays[-1].state) == ("prequalified", "prequalified")
    assert (freed.meetings[0].status, freed.meetings[0].settled_at) == (CANCELLED, at("01-14 09:00"))


def test_a_history_has_a_first_entry() -> None:
    with pytest.raises(ValueError, match="without its first entry"):
        replay(lab(), [])


# --- What is undone ---

UNDONE = [
    *WORKING, ("comment", "01-21 09:00", {}), undo("01-22 09:00", 8, "working"),
    ("amend", "01-23 09:00", {"axis": "x"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("seq", "possible"),
    [
        (7, True), (10, True), (6, True),
        (1, False),  # how it began
        (8, False),  # undone already
        (9, False),  # a correction
        (11, False),  # no such entry
        (0, False),
    ],
)  # fmt: skip
def test_what_can_be_taken_away(seq: int, possible: bool) -> None:
    assert (without(lab(), entries(REF, *UNDONE), seq) is not None) is possible


def test_what_stands_and_what_is_typed_last() -> None:
    told = entries(REF, *UNDONE)
    assert struck(told) == {8: 9}
    assert [entry.seq for entry in effective(told)] == [1, 2, 3, 4, 5, 6, 7, 10]
    assert last_to_undo(lab(), told) == 10
    assert last_to_undo(lab(), told[:9]) == 7
    assert last_to_undo(lab(), told[:1]) == 0
    assert last_to_undo(lab(), []) == 0


@pytest.mark.parametrize(
    ("steps", "seq", "named", "weighs", "put_back"),
    [
        ([("comment", "01-21 09:00", {})], None, "Comment, entry 8", False, []),
        ([], None, "Meeting held, entry 7", False, ["work-1 is planned again, on Tuesday 20 January 2026 at 09:00"]),
        ([planned_step("plan_meeting", "01-21 09:00", "01-26 09:00", 2)], None, "Meeting planned, entry 8", True,
         ["work-2 is no longer planned"]),
        ([planned_step("plan_session", "01-21 09:00", "01-26 09:00"),
          ("move_meeting", "01-22 09:00", {"meeting": "session-1", "at": at("01-27 09:00")})], None,
         "Meeting moved, entry 9", False, ["session-1 is again as it was: Monday 26 January 2026 at 09:00"]),
        ([planned_step("plan_meeting", "01-21 09:00", "01-26 09:00", 2),
          ("withdraw", "01-22 09:00", {"cancelled": ["work-2"]})], None, "Withdrawn, entry 9", True,
         ["State: Withdrawn → Working", "work-2 is planned again, on Monday 26 January 2026 at 09:00"]),
        ([("suspend", "01-22 09:00", {})], None, "Suspended, entry 8", False, ["State: Suspended → Working"]),
        *(
            ([planned_step("plan_session", "01-21 09:00", "01-26 09:00"),
              ("move_meeting", "01-22 09:00", {"meeting": "session-1", **moved})], None, f"{named}, entry 9", False,
             ["session-1 is again as it was: Monday 26 January 2026 at 09:00"])
            for moved, named in (
                ({"agreed": True}, "Agreement recorded"),
                ({"agreed": False}, "Agreement withdrawn"),
                ({"agreed": True, "staff": ["awa"]}, "Meeting moved"),
            )
        ),
        ([("change_tier", "01-22 09:00", {"tier": "50_50", "extra": 0, "validation_cleared": False})], None,
         "Tier changed, entry 8", False, ["Tier: 50/50 → Le Tuto"]),
        ([("amend", "01-22 09:00", {
            "participants": 3, "sponsor": {"vault": "x"}, "outcome_predefined": True, "department": "31",
        })], 8, "Form amended, entry 8", False,
         ["Is the outcome already defined?: yes → —", "Department: Haute-Garonne → Hérault", "Participants: 3 → —",
          "Sponsor: … → —"]),
        (
            [
                ("amend", "01-22 09:00", {"outcome_predefined": True}),
                ("amend", "01-23 09:00", {"outcome_predefined": False},
            ),
        ],
         None, "Form amended, entry 9", False, ["Is the outcome already defined?: no → yes"]),
        ([("amend_meeting", "01-22 09:00", {"meeting": "work-1", "attended": 3})], None, "Meeting put right, entry 8",
         False, ["work-1: its figures are again as they were"]),
        ([("cancel_meeting", "01-22 09:00", {"meeting": "work-1"})], None, "Meeting cancelled, entry 8", False,
         ["work-1: its figures are again as they were"]),
    ],
)  # fmt: skip
def test_what_an_undo_says(steps: list[Step], seq: int | None, named: str, weighs: bool, put_back: list[str]) -> None:
    found = undoing(lab(), entries(REF, *WORKING, *steps), seq)
    assert found is not None
    with spoken("en"):
        assert (found.named, found.weighs, list(found.put_back())) == (named, weighs, put_back)


def test_a_tier_assigned_is_undone_to_none() -> None:
    found = undoing(lab(), entries(REF, *tiered("01-12 09:00")))
    assert found is not None
    with spoken("en"):
        assert list(found.put_back()) == ["State: Tier assigned → Qualified", "Tier: Le Tuto → —"]
    assert undoing(lab(), entries(REF, received())) is None
    assert undoing(lab(), entries(REF, *WORKING), 1) is None


# --- The cap ---


@pytest.mark.parametrize(
    ("planned", "extra", "excess", "passes"), [(3, 0, 0, False), (4, 0, 0, True), (4, 1, 0, False), (4, 0, 1, False)]
)
def test_no_entry_leaves_more_meetings_beyond_the_cap(planned: int, extra: int, excess: int, passes: bool) -> None:
    subject = request("working", *(meeting(f"work-{n}") for n in range(planned)), tier="tuto", extra=extra)
    assert subject.excess(lab()) == max(0, planned - 3 - extra)
    if not passes:
        check_cap(lab(), subject, excess)
        return
    with spoken("en"), pytest.raises(CapPassed) as caught:
        check_cap(lab(), subject, excess)
    assert caught.value.message == (
        "2026-0001 would have 4 work meetings planned or held in “Le Tuto”: at most 3. Nothing was stored."
    )
    assert caught.value.hint == "coop lifecycle check"


def test_without_a_tier_there_is_no_cap() -> None:
    subject = request("qualified", *(meeting(f"work-{n}") for n in range(9)))
    assert (subject.cap(lab()), subject.excess(lab())) == (None, 0)
    check_cap(lab(), subject, 0)


# --- The states that have a part ---


def test_the_states_that_effects_give_a_part() -> None:
    marks = landmarks(evolve(lab()))  # looked for anew
    assert (marks.suspension, marks.interviewing, marks.fallback) == ("suspended", "interview_planned", "prequalified")
    assert marks.ratifying == {"tier_assigned", "working", "session_held", "debriefed", "suspended", "closed"}
    assert landmarks(lab()) is landmarks(lab())
    none = landmarks(evolve(lab().activities))
    assert (none.suspension, none.interviewing, none.fallback, none.ratifying) == ("", "", "", frozenset())


@pytest.mark.parametrize(
    ("state", "interview", "expected"),
    [
        ("interview_planned", True, "interview_planned"),
        ("interview_planned", False, "prequalified"),
        ("working", False, "working"),
        ("working", True, "working"),
    ],
)
def test_no_state_waits_for_an_interview_that_is_not_planned(state: str, interview: bool, expected: str) -> None:
    assert landmarks(lab()).standing(state, interview=interview) == expected


def without_validation() -> Declaration:
    tiers = {code: evolve(tier, validation="none") for code, tier in lab().tiers.items()}
    return evolve(lab(), tiers=tiers)


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (request("qualified"), None),
        (request("working", tier="tuto"), None),
        (request("working", tier="50_50"), "validate"),
        (request("withdrawn", tier="50_50"), None),
        (request("working", tier="50_50", validated="delegation"), "ratify"),
        (request("closed", tier="50_50", validated="delegation"), "ratify"),
        (request("withdrawn", tier="50_50", validated="delegation"), None),
        (request("working", tier="50_50", validated="delegation", ratified=True), None),
        (request("working", tier="50_50", validated="committee"), None),
    ],
)
def test_the_decision_a_project_waits_for(of: Request, expected: str | None) -> None:
    assert awaits(lab(), of) == expected
    assert awaits(without_validation(), of) is None


# --- The request itself ---


def test_a_request_is_read_again_as_it_was_kept() -> None:
    found = made(*WORKING, ("record_effort", "01-21 09:00", {"hours": "2"}))
    assert Request.from_document(found.document()) == found
    assert "refused" not in found.document()
    found.refused = True
    assert Request.from_document(found.document()) == found
    copy = found.copy()
    copy.meetings[0].staff.append("awa")
    assert found.meetings[0].staff == []


def test_what_is_asked_of_its_meetings() -> None:
    subject = request(
        "working", meeting("work-1", "03-12 14:00"), meeting("work-2", "03-11 14:00"), meeting("work-3", status=HELD),
        meeting("session-1"), meeting("work-4", status=CANCELLED),
    )  # fmt: skip
    assert [m.id for m in subject.planned()] == ["work-1", "work-2", "session-1"]
    assert [m.id for m in subject.of_kind("work", PLANNED, CANCELLED)] == ["work-1", "work-2", "work-4"]
    nearest = subject.next_planned("work")
    assert nearest is not None
    assert nearest.id == "work-2"
    assert (subject.next_planned("debrief"), subject.meeting("work-9"), subject.meeting(None)) == (None, None, None)
    assert subject.counted() == 3
    subject.settle("work-1", HELD, at("03-12 16:00"))
    subject.settle("work-9", HELD, at("03-12 16:00"))
    assert (subject.meetings[0].status, subject.meetings[0].settled_at) == (HELD, at("03-12 16:00"))
    assert subject.meetings[3].slot() == (at("03-10 14:00"), 60, "montpellier")
    assert (subject.kind, subject.accompanied, activity(kind="autonomous").accompanied) == ("accompanied", True, False)
