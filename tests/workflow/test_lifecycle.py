"""The lifecycle of domain.md as the store lives it: each rule told once, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from february import TUESDAY, WEDNESDAY, plan, statuses

from states.declaration.documents import shipped
from states.errors import Invalid, Refused
from workflow.testing import COMMITTEE, NOTE, PILOT, Lab, problems

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
