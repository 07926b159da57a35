"""What is undone, and what changes of a form once it is received, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from february import FRIDAY, TUESDAY, WEDNESDAY, plan, statuses

from states.errors import Invalid
from workflow.testing import COMMITTEE, NOTE, PILOT, Lab, problems

# --- Corrections ---


def test_corrections_go_back_in_turn_and_never_past_the_reception(lab: Lab) -> None:
    ref = lab.request("working")
    for state in ("tier_assigned", "qualified", "interview_planned", "prequalified", "received"):
        lab.apply(ref, "correct", note=NOTE)
        assert lab.now(ref).state == state
    assert lab.refused(ref, "correct", note=NOTE) == {"nothing_to_correct"}
    history = lab.history(ref)
    assert [entry["corrected_by"] for entry in history] == [None, 11, 10, 9, 8, 7, None, None, None, None, None]
    assert [entry["seq"] for entry in history] == list(range(1, 12))


def test_every_event_that_is_undone_in_turn_returns_to_exactly_the_state_before(lab: Lab) -> None:
    ref = lab.request("working", tier="50_50")
    plan(lab, ref, f"{TUESDAY}T10:00", place="montpellier", staff="camille")
    plan(lab, ref, f"{FRIDAY}T10:00", "plan_session")
    lab.apply(ref, "comment", note=NOTE)
    events: list[tuple[str, dict[str, Any], str]] = [
        ("move_meeting", {"meeting": "work-2", "at": f"{WEDNESDAY}T10:00", "staff": "rene"}, "camille"),
        ("assign_staff", {"meeting": "work-2", "staff": "rene,sacha"}, "camille"),
        ("cancel_meeting", {"meeting": "work-2"}, "camille"),
        ("grant_derogation", {"extra": 2}, PILOT),
        ("change_tier", {"tier": "tuto"}, "camille"),
        ("hold_meeting", {}, "camille"),
        ("suspend", {}, "camille"),
        ("withdraw", {}, "camille"),
    ]
    lab.clock.to("2026-01-20T09:00:00+01:00")
    for event, given, actor in events:
        if event == "suspend":
            lab.apply(ref, "hold_meeting")
        before = lab.now(ref).document()
        applied = lab.apply(ref, event, given, actor=actor, note=NOTE)
        assert applied.request.document() != before
        lab.apply(ref, "correct", note=NOTE, actor=PILOT)
        after = lab.now(ref).document()
        assert {k for k, v in after.items() if before[k] != v} - {"recorded_at"} == {"seq", "head"}
    assert problems(lab) == []


def test_a_coordinator_undoes_their_own_a_pilot_any(lab: Lab) -> None:
    ref = lab.request("prequalified")
    assert lab.refused(ref, "correct", note=NOTE, actor="rene") == {"role"}
    assert lab.refused(ref, "correct", note=NOTE, actor=COMMITTEE) == {"role"}
    assert lab.refused(ref, "correct", note=NOTE, actor=PILOT) == set()


def test_what_is_only_recorded_is_undone_by_its_number_at_any_time(lab: Lab) -> None:
    recorded: list[tuple[str, dict[str, Any]]] = [
        ("comment", {}),
        ("record_effort", {"hours": "2.5"}),
        ("complete_task", {"task": "organise"}),
        ("amend", {"title": "Autrement", "participants": 9}),
    ]
    for event, given in recorded:
        ref = lab.request("tier_assigned")
        before = lab.now(ref).document()
        entry = lab.apply(ref, event, given, note=NOTE).entry
        lab.apply(ref, "withdraw", note=NOTE)
        lab.apply(ref, "correct", {"seq": entry.seq}, note=NOTE)
        lab.apply(ref, "correct", note=NOTE)
        after = lab.now(ref).document()
        assert {name for name in after if before[name] != after[name]} - {"recorded_at"} == {"seq", "head"}, event
        assert lab.refused(ref, "correct", {"seq": entry.seq}, note=NOTE) == {"nothing_to_correct"}


def test_not_every_entry_can_be_undone_by_its_number(lab: Lab) -> None:
    ref = lab.request("working")
    lab.apply(ref, "correct", note=NOTE)
    for seq in (1, 2, 3, 4, 6, 7):
        assert "nothing_to_correct" in lab.refused(ref, "correct", {"seq": seq}, note=NOTE), seq
    assert lab.refused(ref, "correct", {"seq": 5}, note=NOTE) == set()
    assert lab.now(ref).state == "qualified"


def test_numbers_of_meetings_are_never_used_again(lab: Lab) -> None:
    ref = lab.request("working")
    lab.apply(ref, "correct", note=NOTE)
    lab.step(ref, "plan_meeting")
    assert statuses(lab, ref) == {"interview-1": "held", "work-2": "planned"}


def test_a_correction_does_not_take_a_slot_back_from_someone(lab: Lab) -> None:
    other, ref = lab.request("tier_assigned"), lab.request("working")
    slot = f"{TUESDAY}T10:00"
    plan(lab, ref, slot, place="montpellier", staff="camille")
    lab.apply(ref, "suspend", note=NOTE)
    assert plan(lab, other, slot, place="montpellier", staff="camille") == set()
    assert lab.refused(ref, "correct", note=NOTE) == {"place_taken", "staff_busy"}
    entry = lab.apply(ref, "correct", {"release": True}, note=NOTE).entry
    assert entry.data["released"] == ["work-2"]
    assert lab.now(ref).state == "working"
    assert statuses(lab, ref) == {"interview-1": "held", "work-1": "planned", "work-2": "cancelled"}
    assert problems(lab) == []


def test_a_correction_does_not_take_someone_back_either(lab: Lab) -> None:
    """Who was replaced at a meeting may since have been planned elsewhere."""
    ref, other = lab.request("tier_assigned"), lab.request("tier_assigned")
    plan(lab, ref, f"{TUESDAY}T10:00", staff="camille")
    lab.apply(ref, "assign_staff", {"meeting": "work-1", "staff": "rene"})
    assert plan(lab, other, f"{TUESDAY}T10:30", staff="camille") == set()
    assert lab.refused(ref, "correct", note=NOTE) == {"staff_busy"}
    lab.apply(other, "correct", note=NOTE)
    assert lab.refused(ref, "correct", note=NOTE) == set()
    assert lab.now(ref).of_kind("work", "planned")[0].staff == ["camille"]


def test_a_slot_taken_back_is_judged_as_of_its_planning(lab: Lab) -> None:
    """Meanwhile it lies in the past, and it was planned outside the hours with a waiver: neither is held against it."""
    ref = lab.request("tier_assigned")
    slot = {"at": f"{TUESDAY}T20:00"}
    assert lab.refused(ref, "plan_meeting", slot) == {"outside_hours"}
    lab.apply(ref, "plan_meeting", slot, waive=("outside_hours",), note=NOTE)
    lab.apply(ref, "suspend", note=NOTE)
    lab.clock.to(f"{FRIDAY}T09:00:00+01:00")
    assert lab.refused(ref, "correct", note=NOTE) == set()
    assert statuses(lab, ref)["work-1"] == "planned"


def test_an_entry_that_leaves_the_state_never_sets_it(lab: Lab) -> None:
    ref = lab.request("prequalified")
    lab.apply(ref, "comment", note=NOTE)
    lab.apply(ref, "amend", {"participants": 7})
    lab.apply(ref, "correct", {"seq": 2}, note=NOTE)
    request = lab.now(ref)
    assert (request.state, request.form["participants"]) == ("received", 7)
    assert problems(lab) == []


def test_a_correction_is_never_corrected(lab: Lab) -> None:
    ref = lab.request("prequalified")
    seq = lab.apply(ref, "correct", note=NOTE).entry.seq
    assert lab.refused(ref, "correct", {"seq": seq}, note=NOTE) == {"nothing_to_correct"}


# --- The form, once received ---


def test_what_eligibility_rests_on_is_fixed_by_the_prequalification(lab: Lab) -> None:
    ref = lab.request(collaborative_share=40)
    lab.apply(ref, "amend", {"collaborative_share": 55, "axis": "management"})
    lab.apply(ref, "prequalify")
    for given in ({"collaborative_share": 60}, {"kind": "autonomous"}, {"service": "drane"}, {"axis": "incubation"}):
        assert lab.refused(ref, "amend", given) == {"state"}
    assert lab.refused(ref, "amend", {"place": "toulouse", "department": "31"}) == set()
    lab.apply(ref, "correct", note=NOTE)  # what was typed last: the place
    lab.apply(ref, "correct", note=NOTE)  # then the prequalification
    assert lab.refused(ref, "amend", {"collaborative_share": 60}) == set()


def test_undoing_an_amendment_does_not_unfix_it(lab: Lab) -> None:
    ref = lab.request(collaborative_share=40)
    seq = lab.apply(ref, "amend", {"collaborative_share": 55}).entry.seq
    lab.apply(ref, "prequalify")
    assert lab.refused(ref, "correct", {"seq": seq}, note=NOTE) == {"form_inconsistent"}
    lab.apply(ref, "correct", note=NOTE)
    assert lab.refused(ref, "correct", {"seq": seq}, note=NOTE) == set()
    assert lab.now(ref).form["collaborative_share"] == 40


def test_an_answer_changes_the_form_and_brings_the_request_back(lab: Lab) -> None:
    ref = lab.request("info_requested", participants=4)
    lab.apply(ref, "provide_info", {"participants": None, "requester": {"phone": "05"}, "title": "Mieux dit"})
    shown = lab.show(ref)
    assert (shown["state"], shown["title"]) == ("received", "Mieux dit")
    assert shown["form"]["requester"]["phone"] == "05"
    assert "participants" not in shown["form"]


def test_a_project_is_a_chain_that_never_closes_on_itself(lab: Lab) -> None:
    first = lab.request()
    second = lab.request(follows=first)
    third = lab.request(follows=second)
    assert [lab.show(ref)["project"] for ref in (first, second, third)] == [first] * 3
    for follows in (first, second, third):
        with pytest.raises(Invalid):
            lab.apply(first, "amend", {"follows": follows})
    lab.apply(second, "amend", {"follows": None})
    lab.apply(first, "amend", {"follows": third})
    assert lab.show(first)["project"] == second


def test_undoing_an_amendment_closes_no_chain(lab: Lab) -> None:
    first = lab.request()
    second = lab.request(follows=first)
    seq = lab.apply(second, "amend", {"follows": None}).entry.seq
    lab.apply(first, "amend", {"follows": second})
    assert lab.refused(second, "correct", {"seq": seq}, note=NOTE) == {"form_inconsistent"}
    assert [lab.show(ref)["project"] for ref in (first, second)] == [second, second]
