"""The lifecycle of domain.md as the store lives it: each rule told once, on both databases."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from states.declaration.documents import shipped
from states.errors import Invalid, Refused
from workflow.lab.calendar import record_absence
from workflow.testing import COMMITTEE, NOTE, PILOT, Lab, problems

# Days of February 2026, a month without a public holiday. The 5th, 12th, 19th and 26th are Thursdays.
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY = (f"2026-02-{day:02}" for day in (3, 4, 5, 6, 7))


def plan(lab: Lab, ref: str, at: str, event: str = "plan_meeting", **given: Any) -> set[str]:
    return lab.refused(ref, event, {"at": at, **given})


def statuses(lab: Lab, ref: str) -> dict[str, str]:
    return {meeting.id: meeting.status for meeting in lab.now(ref).meetings}


# --- Tiers and caps ---


def test_planned_and_held_meetings_count_against_the_cap(lab: Lab) -> None:
    for tier, cap in (("coup_de_pouce", 1), ("tuto", 3), ("50_50", 6)):
        ref = lab.request("working", tier=tier)
        lab.step(ref, "hold_meeting")
        for day in range(2, cap + 1):
            assert plan(lab, ref, f"2026-02-{day:02}T10:00") == set()
        assert plan(lab, ref, "2026-02-20T10:00") == {"cap_reached"}
        assert lab.show(ref)["meetings"]["work"] == {"planned": cap - 1, "held": 1, "cap": cap, "min": 1}
        if cap > 1:
            lab.apply(ref, "cancel_meeting", {"meeting": "work-2"}, note=NOTE)
            assert plan(lab, ref, "2026-02-20T10:00") == set()


def test_only_a_pilot_grants_more_and_only_where_the_tier_allows_it(lab: Lab) -> None:
    ref = lab.request("working", tier="50_50")
    for day in range(2, 7):
        plan(lab, ref, f"2026-02-{day:02}T10:00")
    assert lab.refused(ref, "grant_derogation", {"extra": 1}, note=NOTE) == {"role"}
    assert lab.refused(ref, "grant_derogation", {"extra": 2}, note=NOTE, actor=PILOT) == set()
    assert plan(lab, ref, "2026-02-19T10:00") == set()
    assert plan(lab, ref, "2026-02-20T10:00") == set()
    assert plan(lab, ref, "2026-02-23T10:00") == {"cap_reached"}
    other = lab.request("working", tier="tuto")
    assert lab.refused(other, "grant_derogation", {"extra": 1}, note=NOTE, actor=PILOT) == {"derogation_not_allowed"}


def test_a_derogation_not_used_lapses_with_the_tier(lab: Lab) -> None:
    ref = lab.request("working", tier="50_50")
    lab.apply(ref, "grant_derogation", {"extra": 3}, note=NOTE, actor=PILOT)
    lab.apply(ref, "change_tier", {"tier": "tuto"})
    assert lab.show(ref)["meetings"]["work"]["cap"] == 3
    lab.apply(ref, "change_tier", {"tier": "50_50"})
    assert lab.show(ref)["meetings"]["work"]["cap"] == 6


def test_a_narrower_tier_must_hold_what_is_counted(lab: Lab) -> None:
    ref = lab.request("working", tier="tuto")
    plan(lab, ref, f"{TUESDAY}T10:00")
    assert lab.refused(ref, "change_tier", {"tier": "coup_de_pouce"}) == {"cap_reached"}
    lab.apply(ref, "cancel_meeting", {"meeting": "work-2"}, note=NOTE)
    assert lab.refused(ref, "change_tier", {"tier": "coup_de_pouce"}) == set()


def test_a_tier_other_than_the_recommended_one_is_explained(lab: Lab) -> None:
    ref = lab.request("qualified", experience="some", complexity="simple")
    assert lab.show(ref)["recommended_tier"] == "tuto"
    assert lab.refused(ref, "assign_tier", {"tier": "50_50"}) == {"note_required"}
    assert lab.refused(ref, "assign_tier", {"tier": "50_50"}, note=NOTE) == set()


def test_a_session_comes_after_the_minimum_of_meetings(lab: Lab) -> None:
    ref = lab.request("working")
    assert plan(lab, ref, f"{TUESDAY}T10:00", "plan_session") == set()
    lab.clock.to(f"{TUESDAY}T14:00+01:00")
    assert lab.refused(ref, "hold_session") == {"below_minimum"}
    lab.apply(ref, "hold_meeting")
    assert lab.refused(ref, "hold_session") == set()


# --- Validation ---


def test_the_widest_tier_is_validated_before_anything_is_planned(lab: Lab) -> None:
    ref = lab.request("tier_assigned", tier="50_50")
    assert plan(lab, ref, f"{TUESDAY}T10:00") == {"not_validated"}
    assert lab.refused(ref, "validate", {"basis": "delegation"}) == {"role"}
    assert lab.refused(ref, "validate", {"basis": "committee"}, actor=PILOT) == {"role"}
    assert lab.refused(ref, "validate", {"basis": "delegation"}, actor=COMMITTEE) == {"role"}
    assert lab.refused(ref, "validate", {"basis": "committee"}, actor=COMMITTEE) == set()
    assert lab.refused(ref, "validate", {"basis": "delegation"}, actor=PILOT) == {"validation_not_needed"}
    assert plan(lab, ref, f"{TUESDAY}T10:00") == set()
    assert lab.show(ref)["validated"] is True


def test_who_waits_for_a_validation_is_told_whom_to_ask(lab: Lab) -> None:
    ref = lab.request("tier_assigned", tier="50_50")
    with pytest.raises(Refused) as unvalidated:
        lab.apply(ref, "plan_meeting", {"at": f"{TUESDAY}T10:00"})
    assert f"coop --as {PILOT} validate {ref}" in unvalidated.value.refusals[0].remedy
    lab.step(ref, "validate")
    lab.apply(ref, "ratify", {"decision": "refuse"}, note=NOTE, actor=COMMITTEE)
    for event, given, actor in (
        ("plan_meeting", {"at": f"{TUESDAY}T10:00"}, lab.coordinator),
        ("validate", {"basis": "delegation"}, PILOT),
    ):
        with pytest.raises(Refused) as refused:
            lab.apply(ref, event, given, actor=actor)
        assert f"coop --as {COMMITTEE} validate {ref}" in refused.value.refusals[0].remedy


def test_the_lighter_tiers_are_not_validated(lab: Lab) -> None:
    ref = lab.request("tier_assigned", tier="tuto")
    assert lab.refused(ref, "validate", {"basis": "delegation"}, actor=PILOT) == {"validation_not_needed"}


def test_a_tier_that_newly_needs_it_is_validated_again(lab: Lab) -> None:
    ref = lab.request("working", tier="50_50")
    lab.apply(ref, "change_tier", {"tier": "tuto"})
    assert plan(lab, ref, f"{TUESDAY}T10:00") == set()
    lab.apply(ref, "change_tier", {"tier": "50_50"})
    assert lab.show(ref)["validated"] is False
    assert plan(lab, ref, f"{WEDNESDAY}T10:00") == {"not_validated"}
    lab.apply(ref, "validate", {"basis": "delegation"}, actor=PILOT)
    assert plan(lab, ref, f"{WEDNESDAY}T10:00") == set()


def test_the_committee_ratifies_postpones_or_ends_a_validation(lab: Lab) -> None:
    ref = lab.request("tier_assigned", tier="50_50")
    assert lab.refused(ref, "ratify", {"decision": "ratify"}, actor=COMMITTEE) == {"not_validated"}
    lab.step(ref, "validate")
    assert lab.refused(ref, "ratify", {"decision": "ratify"}, actor=PILOT) == {"role"}
    lab.apply(ref, "ratify", {"decision": "ratify", "review": "2026-S1"}, actor=COMMITTEE)
    lab.apply(ref, "ratify", {"decision": "postpone"}, actor=COMMITTEE)
    assert lab.show(ref)["validated"] is True
    lab.step(ref, "plan_meeting")
    with pytest.raises(Invalid, match="Ratifier"):
        lab.apply(ref, "ratify", {"decision": "refuse"}, actor=COMMITTEE)
    refusal = lab.apply(ref, "ratify", {"decision": "refuse"}, note=NOTE, actor=COMMITTEE).entry
    assert lab.show(ref)["validated"] is False
    assert lab.now(ref).state == "working"
    assert plan(lab, ref, f"{TUESDAY}T10:00") == {"refused_by_committee"}
    assert plan(lab, ref, f"{TUESDAY}T10:00", "plan_session") == {"refused_by_committee"}
    assert lab.refused(ref, "validate", {"basis": "delegation"}, actor=PILOT) == {"refused_by_committee"}
    changed = lab.apply(ref, "change_tier", {"tier": "tuto"}).entry
    assert plan(lab, ref, f"{TUESDAY}T10:00") == {"refused_by_committee"}
    lab.apply(ref, "correct", {"seq": changed.seq}, note=NOTE)
    assert lab.refused(ref, "validate", {"basis": "committee"}, actor=COMMITTEE) == set()
    lab.apply(ref, "correct", note=NOTE, actor=PILOT)
    assert plan(lab, ref, f"{TUESDAY}T10:00") == {"refused_by_committee"}
    lab.apply(ref, "correct", {"seq": refusal.seq}, note=NOTE, actor=PILOT)
    assert plan(lab, ref, f"{TUESDAY}T10:00") == set()


def test_a_lab_may_want_its_committee_first(empty_url: str, tmp_path: Path) -> None:
    """Another lab changes a word of the declaration, and no code."""
    file = tmp_path / "lab.toml"
    file.write_text(shipped().replace('validation = "delegated"', 'validation = "prior"'), "utf-8")
    lab = Lab.open(empty_url, declaration=file)
    ref = lab.request("tier_assigned", tier="50_50")
    assert lab.refused(ref, "validate", {"basis": "delegation"}, actor=PILOT) == {"role"}
    assert lab.refused(ref, "validate", {"basis": "committee"}, actor=COMMITTEE) == set()
    assert lab.now(lab.request("closed", tier="50_50")).validated == "committee"
    assert problems(lab) == []
    lab.close()


# --- Endings, pauses, and coming back ---


def test_an_ending_cancels_what_is_planned_in_the_same_entry(lab: Lab) -> None:
    for event, given in (("withdraw", {}), ("cancel", {"reason": "no_space"}), ("suspend", {})):
        ref = lab.request("working")
        plan(lab, ref, f"{TUESDAY}T10:00", "plan_session")
        entry = lab.apply(ref, event, given, note=NOTE).entry
        assert entry.data["cancelled"] == ["work-1", "session-1"]
        assert set(statuses(lab, ref).values()) == {"held", "cancelled"}
        lab.clock.forward(days=2)


def test_what_has_begun_is_told_before_an_ending(lab: Lab) -> None:
    ref = lab.request("working")
    lab.clock.forward(days=3)
    assert lab.refused(ref, "suspend", note=NOTE) == {"not_recorded"}
    lab.apply(ref, "hold_meeting")
    assert lab.refused(ref, "suspend", note=NOTE) == set()


def test_resuming_returns_to_the_state_and_leaves_meetings_cancelled(lab: Lab) -> None:
    ref = lab.request("suspended", after="working")
    lab.apply(ref, "resume", note=NOTE)
    assert lab.now(ref).state == "working"
    assert statuses(lab, ref)["work-1"] == "cancelled"


def test_resuming_without_an_interview_plans_it_again(lab: Lab) -> None:
    ref = lab.request("suspended", after="interview_planned")
    lab.apply(ref, "resume", note=NOTE)
    assert lab.now(ref).state == "prequalified"
    assert plan(lab, ref, f"{TUESDAY}T10:00", "plan_interview") == set()
    assert statuses(lab, ref) == {"interview-1": "cancelled", "interview-2": "planned"}


def test_a_suspension_may_end_in_a_withdrawal_and_be_reopened(lab: Lab) -> None:
    ref = lab.request("suspended", after="working")
    lab.apply(ref, "withdraw", note=NOTE)
    lab.apply(ref, "reopen", note=NOTE, actor=PILOT)
    assert lab.now(ref).state == "suspended"
    lab.apply(ref, "resume", note=NOTE)
    assert lab.now(ref).state == "working"


def test_only_a_pilot_reopens(lab: Lab) -> None:
    ref = lab.request("closed")
    assert lab.refused(ref, "reopen", note=NOTE) == {"role"}
    assert lab.refused(ref, "reopen", note=NOTE, actor=PILOT) == set()
    assert lab.now(ref).state == "debriefed"
    kinds = {d["kind"]: d["status"] for d in lab.show(ref)["deadlines"]}
    assert (kinds["follow_up_3"], kinds["follow_up_6"]) == ("dropped", "dropped")


def test_reopening_brings_meetings_back_where_their_slot_is_free(lab: Lab) -> None:
    taken, free = f"{TUESDAY}T10:00", f"{WEDNESDAY}T10:00"
    ref, other = lab.request("working"), lab.request("working")
    plan(lab, ref, taken, place="montpellier")
    plan(lab, ref, free, place="montpellier")
    lab.apply(ref, "cancel_meeting", {"meeting": "work-1"}, note=NOTE)
    lab.apply(ref, "withdraw", note=NOTE)
    assert plan(lab, other, taken, place="montpellier") == set()
    entry = lab.apply(ref, "reopen", note=NOTE, actor=PILOT).entry
    assert entry.data["restored"] == ["work-3"]
    assert lab.now(ref).state == "working"
    assert {k: v for k, v in statuses(lab, ref).items() if k.startswith("work")} == {
        "work-1": "cancelled",
        "work-2": "cancelled",
        "work-3": "planned",
    }


def test_reopening_a_declined_interview(lab: Lab) -> None:
    kept, lost = lab.request("prequalified"), lab.request("prequalified")
    for ref, hour in ((kept, 10), (lost, 14)):
        plan(lab, ref, f"{TUESDAY}T{hour}:00", "plan_interview", place="montpellier")
        lab.apply(ref, "decline", {"reason": "other", "orientation": "Ailleurs"}, note=NOTE)
    plan(lab, lab.request("prequalified"), f"{TUESDAY}T14:30", "plan_interview", place="montpellier")
    for ref, state in ((kept, "interview_planned"), (lost, "prequalified")):
        lab.apply(ref, "reopen", note=NOTE, actor=PILOT)
        assert lab.now(ref).state == state


def test_cancelling_an_interview_returns_to_prequalified(lab: Lab) -> None:
    ref = lab.request("interview_planned")
    entry = lab.apply(ref, "cancel_meeting", {"meeting": "interview-1"}, note=NOTE).entry
    assert (entry.source, entry.to) == ("interview_planned", "prequalified")
    ref = lab.request("working")
    entry = lab.apply(ref, "cancel_meeting", {"meeting": "work-1"}, note=NOTE).entry
    assert (entry.source, entry.to) == ("working", "working")


def test_only_what_was_accepted_is_cancelled(lab: Lab) -> None:
    for ref in (lab.request(), lab.request("info_requested"), lab.request("suspended")):
        assert lab.refused(ref, "cancel", {"reason": "other"}, note=NOTE) == {"state"}
    assert lab.refused(lab.request("prequalified"), "cancel", {"reason": "other"}, note=NOTE) == set()


def test_nothing_moves_what_is_finished(lab: Lab) -> None:
    for state in ("closed", "declined", "withdrawn", "cancelled"):
        ref = lab.request(state)
        for event, given in (("withdraw", {}), ("suspend", {}), ("cancel", {"reason": "other"}), ("prequalify", {})):
            assert "state" in lab.refused(ref, event, given, note=NOTE)
        assert lab.refused(ref, "comment", note=NOTE) == set()
        assert lab.refused(ref, "amend", {"participants": 5}) == set()
        assert lab.now(ref).state == state


def test_another_cycle_leads_to_another_session(lab: Lab) -> None:
    ref = lab.request("session_held")
    lab.apply(ref, "resume_work")
    lab.step(ref, "plan_session")
    assert lab.step(ref, "hold_session").state == "session_held"
    assert statuses(lab, ref) == dict.fromkeys(["interview-1", "work-1", "session-1", "session-2"], "held")


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


# --- An autonomous session ---


def test_an_autonomous_session_has_a_way_of_its_own(lab: Lab) -> None:
    ref = lab.request("prequalified", kind="autonomous")
    assert plan(lab, ref, f"{TUESDAY}T10:00", "plan_interview") == {"kind"}
    lab.apply(ref, "accept_autonomous")
    assert lab.now(ref).state == "hosted"
    assert "state" in plan(lab, ref, f"{TUESDAY}T10:00")
    lab.step(ref, "plan_session")
    lab.step(ref, "hold_session")
    for event, given in (
        ("plan_debrief", {"at": f"{TUESDAY}T10:00"}),
        ("resume_work", {}),
        ("change_tier", {"tier": "tuto"}),
    ):
        assert lab.refused(ref, event, given) == {"kind"}
    assert lab.refused(ref, "close") == set()
    assert lab.show(ref)["tier"] is None


def test_an_accompanied_request_is_not_hosted(lab: Lab) -> None:
    assert lab.refused(lab.request("prequalified"), "accept_autonomous") == {"kind"}
    assert "state" in lab.refused(lab.request("session_held"), "close")  # the debrief is not held


def test_a_request_closes_with_a_deliverable_or_a_reason(lab: Lab) -> None:
    ref, other = lab.request("debriefed"), lab.request("debriefed")
    assert lab.refused(ref, "close") == {"deliverable"}
    seq = lab.apply(ref, "record_deliverable", {"title": "Un guide", "type": "report"}).entry.seq
    lab.apply(ref, "correct", {"seq": seq}, note=NOTE)
    assert lab.refused(ref, "close") == {"deliverable"}
    assert lab.refused(other, "close", waive=("deliverable",), note=NOTE) == set()
    assert lab.now(other).waivers == [{"seq": lab.now(other).seq, "rule": "deliverable"}]


# --- Slots, across requests ---


def test_a_place_and_a_person_are_taken_once(lab: Lab) -> None:
    ref, other = lab.request("working"), lab.request("working")
    first = {"place": "montpellier", "duration": "2h", "staff": "camille"}
    assert plan(lab, ref, f"{TUESDAY}T10:00", **first) == set()
    assert plan(lab, other, f"{TUESDAY}T11:59", **first) == {"place_taken", "staff_busy"}
    assert plan(lab, other, f"{TUESDAY}T11:59", place="toulouse", staff="camille,rene") == {"staff_busy"}
    assert plan(lab, other, f"{TUESDAY}T09:00", place="montpellier", duration="61m") == {"place_taken"}
    assert plan(lab, other, f"{TUESDAY}T12:00", **first) == set()
    assert plan(lab, other, f"{TUESDAY}T10:00", staff="sacha") == set()  # off site: never taken
    lab.apply(ref, "cancel_meeting", {"meeting": "work-2"}, note=NOTE)
    assert lab.refused(other, "move_meeting", {"meeting": "work-2", "at": f"{TUESDAY}T11:00"}) == set()


def test_a_meeting_does_not_stand_in_its_own_way(lab: Lab) -> None:
    ref = lab.request("tier_assigned")
    plan(lab, ref, f"{TUESDAY}T10:00", place="montpellier", duration="2h", staff="camille")
    assert lab.refused(ref, "move_meeting", {"meeting": "work-1", "at": f"{TUESDAY}T11:00"}) == set()
    assert lab.refused(ref, "assign_staff", {"meeting": "work-1", "staff": "camille,rene"}) == set()
    assert plan(lab, ref, f"{TUESDAY}T12:00", staff="rene") == {"staff_busy"}


SLOTS: list[tuple[str, str, set[str]]] = [
    (f"{THURSDAY}T10:00", "montpellier", {"place_closed"}),
    (f"{THURSDAY}T10:00", "toulouse", set()),
    (f"{SATURDAY}T10:00", "toulouse", {"place_closed"}),
    (f"{SATURDAY}T10:00", "hors_les_murs", {"day_off"}),
    (f"{THURSDAY}T10:00", "hors_les_murs", set()),
    ("2026-05-01T10:00", "montpellier", {"place_closed"}),
    ("2026-05-01T10:00", "hors_les_murs", {"day_off"}),
    (f"{TUESDAY}T07:59", "montpellier", {"outside_hours"}),
    (f"{TUESDAY}T18:00", "montpellier", set()),
    (f"{TUESDAY}T18:01", "montpellier", {"outside_hours"}),
    ("2026-01-12T08:30", "hors_les_murs", {"slot_in_past"}),
    (f"{FRIDAY}T23:30", "montpellier", {"outside_hours", "place_closed"}),
]


def test_a_slot_is_open_free_and_ahead(lab: Lab) -> None:
    for at, place, found in SLOTS:
        ref = lab.request("prequalified")
        assert plan(lab, ref, at, "plan_interview", place=place) == found, (at, place)
        if not found:
            lab.apply(ref, "correct", note=NOTE)


def test_a_day_off_is_waived_with_a_note_by_whoever_plans(lab: Lab) -> None:
    ref = lab.request("prequalified")
    saturday = {"at": f"{SATURDAY}T10:00", "place": "hors_les_murs"}
    with pytest.raises(Invalid):
        lab.apply(ref, "plan_interview", saturday, waive=("day_off",))
    lab.apply(ref, "plan_interview", saturday, waive=("day_off",), note=NOTE)
    assert lab.now(ref).waivers == [{"seq": 3, "rule": "day_off"}]
    # Moved to another day off, it is asked again; undone, it goes back to the day it was waived for.
    sunday = {"meeting": "interview-1", "at": "2026-02-08T10:00"}
    assert lab.refused(ref, "move_meeting", sunday) == {"day_off"}
    lab.apply(ref, "move_meeting", {"meeting": "interview-1", "at": f"{FRIDAY}T10:00"})
    lab.apply(ref, "correct", note=NOTE)
    assert lab.now(ref).meetings[0].at == "2026-02-07T09:00:00Z"
    # A waiver that was not needed leaves no trace.
    other = lab.request("prequalified")
    weekday = {"at": f"{FRIDAY}T14:00", "place": "hors_les_murs"}
    lab.apply(other, "plan_interview", weekday, waive=("day_off",), note=NOTE)
    assert lab.now(other).waivers == []


def test_nobody_is_planned_while_away(lab: Lab) -> None:
    ref = lab.request("tier_assigned")
    record_absence(lab.engine, "camille", "rene", [(date(2026, 2, 3), date(2026, 2, 4))])
    assert plan(lab, ref, f"{TUESDAY}T10:00", staff="rene,camille") == {"staff_absent"}
    assert plan(lab, ref, f"{TUESDAY}T10:00") == set()
    assert lab.refused(ref, "assign_staff", {"meeting": "work-1", "staff": "rene"}) == {"staff_absent"}
    assert plan(lab, ref, f"{FRIDAY}T10:00", staff="rene") == set()


def test_a_meeting_is_held_once_it_has_begun(lab: Lab) -> None:
    ref = lab.request("interview_planned")
    assert lab.refused(ref, "hold_interview") == {"not_yet"}
    lab.clock.to("2026-01-12T09:40:00+01:00")
    given = {"started_at": "2026-01-12T09:30+01:00", "duration": "45m", "attended": 3, "managers": 1, "expected": 4}
    lab.apply(ref, "hold_interview", given)
    shown = lab.show(ref)["calendar"][0]
    assert {name: shown[name] for name in ("status", "started_at", "duration_minutes", "attended")} == {
        "status": "held",
        "started_at": "2026-01-12T09:30:00+01:00",
        "duration_minutes": 45,
        "attended": 3,
    }


def test_there_is_one_session_and_one_debrief_ahead_at_most(lab: Lab) -> None:
    ref = lab.request("working")
    assert lab.refused(ref, "hold_session") == {"none_planned", "below_minimum"}
    plan(lab, ref, f"{TUESDAY}T10:00", "plan_session")
    assert plan(lab, ref, f"{WEDNESDAY}T10:00", "plan_session") == {"already_planned"}
    ref = lab.request("session_held")
    plan(lab, ref, f"{TUESDAY}T10:00", "plan_debrief")
    assert plan(lab, ref, f"{WEDNESDAY}T10:00", "plan_debrief") == {"already_planned"}
    assert lab.refused(ref, "hold_meeting", {"meeting": "debrief-1"}) >= {"none_planned"}


# --- Deadlines ---


def test_only_a_deadline_past_its_moment_is_explained(lab: Lab) -> None:
    ref = lab.request()
    assert lab.refused(ref, "explain_deadline", {"kind": "received"}, note=NOTE) == {"no_missed_deadline"}
    lab.clock.to("2026-01-19T18:00:00+01:00")
    assert lab.refused(ref, "explain_deadline", {"kind": "received"}, note=NOTE) == set()
    assert lab.refused(ref, "explain_deadline", {"kind": "qualified"}, note=NOTE) == {"no_missed_deadline"}
    assert lab.refused(ref, "prequalify") == set()  # late refuses nothing


def test_follow_ups_are_settled_the_earliest_first(lab: Lab) -> None:
    ref = lab.request("closed")
    lab.clock.forward(days=80)
    lab.apply(ref, "record_follow_up", {"done": "Un déploiement", "gain": "1200,50", "reused_by": "drane"})
    found = {d["kind"]: d["status"] for d in lab.show(ref)["deadlines"] if d["kind"].startswith("follow_up")}
    assert found == {"follow_up_3": "met", "follow_up_6": "open"}


@pytest.mark.parametrize("given", [{}, {"meeting": "work-1"}], ids=["the last one", "by its name"])
def test_what_is_held_a_second_time_names_the_entry_that_holds_it(lab: Lab, given: dict[str, Any]) -> None:
    ref = lab.request("working")
    lab.clock.to("2026-03-02T09:00:00+01:00")
    mistaken = lab.apply(ref, "hold_meeting").entry
    lab.apply(ref, "correct", {"seq": mistaken.seq}, note=NOTE)
    holding = lab.apply(ref, "hold_meeting").entry
    lab.apply(ref, "comment", note=NOTE)
    with pytest.raises(Refused, match=f"entrée.{holding.seq}"):
        lab.apply(ref, "hold_meeting", given)


def test_what_was_put_right_goes_with_the_holding_it_was_about(lab: Lab) -> None:
    ref = lab.request("working")
    lab.step(ref, "hold_meeting")
    lab.apply(ref, "amend_meeting", {"meeting": "work-1", "attended": 9}, note=NOTE)
    assert lab.now(ref).meetings[1].attended == 9
    lab.apply(ref, "correct", {"seq": lab.now(ref).last_seq}, note="Ce n’était pas ce jour-là")
    meeting = lab.now(ref).meetings[1]
    assert (meeting.status, meeting.started_at, meeting.attended) == ("planned", None, None)
    assert problems(lab) == []
