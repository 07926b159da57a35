"""Autonomous sessions, slots across requests and what settles deadlines, on both databases."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from february import FRIDAY, SATURDAY, THURSDAY, TUESDAY, WEDNESDAY, plan

from states.errors import Invalid, Refused
from workflow.lab.calendar import record_absence
from workflow.testing import NOTE, Lab, problems

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
