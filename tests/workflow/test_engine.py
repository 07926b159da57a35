"""What the engine checks, in the order of contract.md, and that a command that fails leaves nothing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest

from states.errors import AlreadyReceived, Conflict, CoopError, Invalid, NotFound, Refused, UnknownEvent
from workflow.engine import Command
from workflow.lab.staff import change_staff
from workflow.store.schema import DERIVED, PRIMARY
from workflow.testing import COMMITTEE, NOTE, PILOT, Lab, form, tables, undone


def failure(lab: Lab, ref: str, event: str, given: Mapping[str, Any] | None = None, **how: Any) -> CoopError:
    """What applying an event raises. It must leave every table as it was."""
    before = tables(lab.store, (*PRIMARY, *DERIVED))
    with pytest.raises(CoopError) as caught:
        lab.apply(ref, event, given, **how)
    assert tables(lab.store, (*PRIMARY, *DERIVED)) == before
    return caught.value


def fields(problem: CoopError) -> set[str]:
    assert isinstance(problem, Invalid)
    return {field.field for field in problem.fields}


def rules(problem: CoopError) -> set[str]:
    assert isinstance(problem, Refused)
    assert all(refusal.message and refusal.remedy for refusal in problem.refusals)
    return {refusal.rule for refusal in problem.refusals}


def test_checks_come_in_the_order_of_the_contract(lab: Lab) -> None:
    ref = lab.request("working")
    wrong: dict[str, Any] = {"actor": "inconnu", "expect_seq": 1, "at": "2026-01-12T09:30+01:00"}
    given = {"meeting": "work-9", "attended": "beaucoup", "bogus": 1}

    assert failure(lab, "2026-0099", "hold_metting", given, **wrong).exit == 2
    assert failure(lab, "2026-0099", "hold_meeting", given, **wrong).exit == 4
    assert failure(lab, ref, "hold_meeting", given, **wrong).exit == 4
    del wrong["actor"]
    assert failure(lab, ref, "hold_meeting", given, **wrong).exit == 4
    given["meeting"] = "work-1"
    assert failure(lab, ref, "hold_meeting", given, **wrong).exit == 5
    del wrong["expect_seq"]
    assert fields(failure(lab, ref, "hold_meeting", given, **wrong)) == {"attended", "bogus"}
    del given["attended"], given["bogus"]
    assert rules(failure(lab, ref, "hold_meeting", given, **wrong)) == {"not_yet", "at_before_previous"}
    lab.clock.forward(days=5)
    assert lab.apply(ref, "hold_meeting", given).entry.event == "hold_meeting"


def test_an_unknown_event_is_not_an_impossible_one(lab: Lab) -> None:
    ref = lab.request()
    assert isinstance(failure(lab, ref, "prequalifi"), UnknownEvent)
    assert isinstance(failure(lab, ref, "submit"), UnknownEvent)
    assert rules(failure(lab, ref, "hold_interview")) >= {"state"}


UNKNOWN: list[tuple[str, str, dict[str, Any]]] = [
    ("working", "hold_meeting", {"meeting": "work-2"}),
    ("working", "assign_staff", {"meeting": "work-1", "staff": "camille,inconnue"}),
    ("working", "plan_meeting", {"at": "2026-02-03T10:00", "staff": ["inconnue"]}),
    ("working", "record_effort", {"hours": "2", "staff": "inconnue"}),
    ("working", "complete_task", {"task": "repeindre"}),
    ("received", "complete_task", {"task": "organise"}),
    ("received", "correct", {"seq": 7}),
    ("received", "amend", {"follows": "2026-0077"}),
]


def test_what_is_named_must_exist(lab: Lab) -> None:
    refs = {state: lab.request(state) for state in ("received", "working")}
    for state, event, given in UNKNOWN:
        assert isinstance(failure(lab, refs[state], event, given, note=NOTE), NotFound), (event, given)


def test_someone_who_has_left_is_nobody(lab: Lab) -> None:
    ref = lab.request()
    change_staff(lab.engine, "camille", "rene", {"active": False})
    assert isinstance(failure(lab, ref, "prequalify", actor="rene"), NotFound)
    assert lab.apply(ref, "prequalify").entry.role == "coordinator"


def test_the_state_seen_must_be_the_state_still(lab: Lab) -> None:
    ref = lab.request()
    lab.apply(ref, "comment", note=NOTE, expect_seq=1)
    assert isinstance(failure(lab, ref, "prequalify", expect_seq=1), Conflict)
    assert lab.apply(ref, "prequalify", expect_seq=2).entry.seq == 3


MALFORMED: list[tuple[str, str, dict[str, Any], set[str]]] = [
    ("received", "request_info", {}, {"note"}),
    ("received", "decline", {}, {"reason", "orientation", "note"}),
    ("received", "decline", {"reason": "parce", "orientation": " "}, {"reason", "orientation", "note"}),
    ("received", "amend", {"titre": "x", "participants": "-1", "title": ""}, {"titre", "participants", "title"}),
    (
        "received",
        "amend",
        {"external_id": "9", "submitted_at": "2026-01-01T09:00"},
        {"external_id", "submitted_at"},
    ),
    ("received", "amend", {"participants": 3, "managers": 4}, {"managers"}),
    ("received", "amend", {"family": "state"}, {"family"}),
    ("received", "comment", {}, {"note"}),
    ("received", "comment", {"committee": "peut-être"}, {"committee", "note"}),
    ("prequalified", "plan_interview", {}, {"at"}),
    ("prequalified", "plan_interview", {"at": "demain", "duration": "longtemps"}, {"at", "duration"}),
    ("prequalified", "plan_interview", {"at": "2026-03-29T02:30"}, {"at"}),  # an hour that does not exist
    ("prequalified", "plan_interview", {"at": "2026-10-25T02:30"}, {"at"}),  # an hour that comes twice
    ("prequalified", "plan_interview", {"at": "9999-12-31T23:30Z"}, {"at"}),
    ("prequalified", "cancel", {"reason": "ennui"}, {"reason", "note"}),
    ("qualified", "assign_tier", {"tier": "gold"}, {"tier"}),
    ("tier_assigned", "change_tier", {"tier": "tuto"}, {"tier"}),
    ("tier_assigned", "grant_derogation", {"extra": 0}, {"extra", "note"}),
    ("working", "hold_meeting", {"attended": 2, "managers": 3}, {"managers"}),
    ("working", "record_deliverable", {"title": ""}, {"title", "type"}),
    ("session_held", "record_satisfaction", {"score": "5.1"}, {"score"}),
    ("session_held", "record_satisfaction", {"score": "NaN", "respondents": 0}, {"score", "respondents"}),
]


def test_every_malformed_key_is_named(lab: Lab) -> None:
    refs = {state: lab.request(state) for state in dict.fromkeys(case[0] for case in MALFORMED)}
    for state, event, given, wrong in MALFORMED:
        assert fields(failure(lab, refs[state], event, given)) == wrong, (event, given)


def test_a_moment_is_a_date_and_time_with_its_offset(lab: Lab) -> None:
    ref = lab.request()
    for at in (
        "hier", "2026-01-12", "2026-01-12T08:00", "", "0001-01-01T00:00+05:00", "9999-12-31T23:00-05:00",
    ):  # fmt: skip
        assert fields(failure(lab, ref, "prequalify", at=at)) == {"at"}, at


def test_a_waiver_needs_a_note(lab: Lab) -> None:
    ref = lab.request(collaborative_share=40)
    waived = {"waive": ("collaborative_share",), "actor": PILOT}
    assert fields(failure(lab, ref, "prequalify", **waived)) == {"note"}
    lab.apply(ref, "prequalify", note=NOTE, **waived)
    assert lab.now(ref).waivers == [{"seq": 2, "rule": "collaborative_share"}]


def test_a_refusal_names_every_unmet_rule(lab: Lab) -> None:
    ref = lab.request(collaborative_share=40, outcome_predefined=True, service="partenaire")
    assert rules(failure(lab, ref, "prequalify")) == {"collaborative_share", "outcome_predefined", "scope"}
    assert isinstance(failure(lab, ref, "prequalify", waive=("scope", "bogus"), note=NOTE), Invalid)  # no such rule
    found = failure(lab, ref, "prequalify", waive=("scope",), note=NOTE, at="2027-01-01T00:00Z")
    assert rules(found) == {"collaborative_share", "outcome_predefined", "waiver_not_allowed", "at_in_future"}
    lab.apply(ref, "prequalify", actor=PILOT, waive=("scope", "collaborative_share", "outcome_predefined"), note=NOTE)
    assert [waiver["rule"] for waiver in lab.show(ref)["waivers"]] == [
        "collaborative_share", "outcome_predefined", "scope",
    ]  # fmt: skip


def test_each_role_may_do_its_own(lab: Lab) -> None:
    allowed: list[tuple[str, str, dict[str, Any], bool]] = [
        ("rene", "prequalify", {}, True),
        (PILOT, "prequalify", {}, True),
        ("sacha", "prequalify", {}, False),
        (COMMITTEE, "prequalify", {}, False),
        ("sacha", "comment", {}, True),
        (COMMITTEE, "comment", {}, True),
        ("sacha", "amend", {"participants": 4}, False),
    ]
    for actor, event, given, may in allowed:
        found = lab.refused(lab.request(), event, given, actor=actor, note=NOTE)
        assert found == (set() if may else {"role"}), (actor, event)


# --- The two times ---


def test_an_event_may_be_entered_after_it_happened(lab: Lab) -> None:
    ref = lab.request()
    lab.clock.to("2026-01-14T09:00:00+01:00")
    entry = lab.apply(ref, "prequalify", at="2026-01-13T10:00+01:00").entry
    assert (entry.occurred_at, entry.recorded_at) == ("2026-01-13T09:00:00Z", "2026-01-14T08:00:00Z")


def test_no_event_happens_later_than_now_or_before_the_last_one(lab: Lab) -> None:
    ref = lab.request("prequalified")
    lab.clock.forward(days=2)
    assert lab.refused(ref, "suspend", at="2026-01-14T10:00:01+01:00", note=NOTE) == {"at_in_future"}
    assert lab.refused(ref, "suspend", at="2026-01-12T08:59:59+01:00", note=NOTE) == {"at_before_previous"}
    assert lab.refused(ref, "suspend", at="2026-01-12T09:00:00+01:00", note=NOTE) == set()


def test_what_is_only_recorded_may_go_back_to_the_reception(lab: Lab) -> None:
    ref = lab.request("working")
    events: list[tuple[str, dict[str, Any], set[str]]] = [
        ("comment", {}, set()),
        ("record_deliverable", {"title": "Un guide", "type": "report"}, set()),
        ("record_effort", {"hours": "1.5"}, set()),
        ("complete_task", {"task": "organise"}, set()),
        ("amend", {"participants": 12}, {"at_before_previous"}),
        ("suspend", {}, {"at_before_previous"}),
    ]
    for event, given, found in events:
        assert lab.refused(ref, event, given, at="2026-01-12T08:59:59+01:00", note=NOTE) == {"at_before_previous"}
        assert lab.refused(ref, event, given, at="2026-01-12T09:30:00+01:00", note=NOTE) == found, event


def test_a_struck_entry_bounds_no_date(lab: Lab) -> None:
    ref = lab.request("prequalified")
    lab.clock.to("2026-01-20T09:00:00+01:00")
    lab.apply(ref, "suspend", note=NOTE)
    lab.apply(ref, "correct", note=NOTE)
    assert lab.refused(ref, "suspend", note=NOTE, at="2026-01-15T09:00:00+01:00") == set()


def test_a_correction_is_dated_by_its_entry(lab: Lab) -> None:
    ref = lab.request("prequalified")
    assert fields(failure(lab, ref, "correct", note=NOTE, at="2026-01-12T09:00:00+01:00")) == {"at"}


# --- Forms ---


def submission_failure(lab: Lab, given: Mapping[str, Any], **how: Any) -> CoopError:
    before = tables(lab.store, (*PRIMARY, *DERIVED))
    with pytest.raises(CoopError) as caught:
        lab.engine.apply(lab.reception(given, **how))
    assert tables(lab.store, (*PRIMARY, *DERIVED)) == before
    return caught.value


def test_a_form_is_checked_whole(lab: Lab) -> None:
    wrong = form(
        title=None, need="", kind="autre", collaborative_share=101, requester={"name": "N", "email": "n@x"}, x=1
    )
    found = submission_failure(lab, {**wrong, "submitted_at": "2026-01-12T09:00:01+01:00"})
    expected = {"title", "need", "kind", "collaborative_share", "requester.email", "x", "submitted_at"}
    assert fields(found) == expected


def test_a_form_follows_a_request_that_exists(lab: Lab) -> None:
    assert fields(submission_failure(lab, form(follows="2026-0001"))) == {"follows"}
    first = lab.request()
    assert lab.now(lab.request(follows=first)).form["follows"] == first


def test_a_form_is_received_once_per_external_id(lab: Lab) -> None:
    ref = lab.request(external_id="D-12")
    found = submission_failure(lab, form(external_id=" D-12 ", title="Autrement"))
    assert isinstance(found, AlreadyReceived)
    assert (found.ref, found.exit) == (ref, 5)


def test_references_follow_the_local_year_and_the_order_of_reception(lab: Lab) -> None:
    assert lab.submit(submitted_at="2025-12-31T23:30:00+00:00").entry.stream == "2026-0001"  # already 2026 in Paris
    assert lab.submit(submitted_at="2025-12-31T22:30:00+00:00").entry.stream == "2025-0001"
    with pytest.raises(Invalid):
        lab.submit(title=None)
    assert lab.submit().entry.stream == "2026-0002"
    assert lab.submit(submitted_at="2025-06-01T12:00:00Z").entry.stream == "2025-0002"


def test_a_specialist_receives_no_form(lab: Lab) -> None:
    assert rules(submission_failure(lab, form(), actor="sacha")) == {"role"}


# --- Several as one ---


def test_several_events_are_all_stored_or_none(lab: Lab) -> None:
    ref = lab.request("tier_assigned")
    slots = ["2026-02-03T10:00", "2026-02-04T10:00", "2026-02-05T10:00", "2026-02-06T10:00"]
    commands = [lab.command(ref, "plan_meeting", {"at": at}) for at in slots]
    before = tables(lab.store, (*PRIMARY, *DERIVED))
    with pytest.raises(Refused) as caught:
        lab.engine.apply_all(commands)
    assert rules(caught.value) == {"cap_reached"}
    assert tables(lab.store, (*PRIMARY, *DERIVED)) == before
    assert [applied.entry.seq for applied in lab.engine.apply_all(commands[:3])] == [6, 7, 8]


# --- What can be done next ---


def test_options_say_what_apply_would(lab: Lab) -> None:
    """For every event that lacks nothing: allowed as `next` says it, with the same rules."""
    for state in (
        "received",
        "prequalified",
        "interview_planned",
        "tier_assigned",
        "working",
        "session_held",
        "closed",
    ):
        ref = lab.request(state, tier="50_50")
        _request, options = lab.engine.options(ref, "camille")
        for option in options:
            if option.needs and option.needs != ("note",):
                continue
            found: set[str] = set()
            with undone(lab.store) as tx:
                try:
                    lab.engine.apply_in(tx, lab.command(ref, option.event, note=NOTE if option.needs else None))
                except Refused as refused:
                    found = {refusal.rule for refusal in refused.refusals}
                except Invalid:
                    continue
            assert {r.rule for r in option.refusals} == found, (state, option.event)
            assert option.allowed == (not found)


# --- What JSON may bring ---

STRANGE: list[Any] = [
    "a\x00\ud800", "²", "9" * 5000, "9999-12-31T23:59:59+00:00", -1, float("nan"), [["x"]], {"vault": "x"},
]  # fmt: skip


def test_whatever_a_program_sends_is_no_fault_of_ours(lab: Lab) -> None:
    """Every key of every event, every field of the form, with values nobody means: an answer of the contract."""
    ref = lab.request("working", tier="50_50")
    for code, event in lab.declaration.events.items():
        keys = lab.declaration.form if event.form else lab.declaration.keys_of(event)
        for name in ("bogus", *keys):
            for value in STRANGE:
                with undone(lab.store) as tx, suppress(CoopError):
                    if event.creates:
                        lab.engine.apply_in(tx, lab.reception({**form(), name: value}, key="k"))
                    else:
                        lab.engine.apply_in(tx, Command(ref, code, PILOT, {name: value}, NOTE, key="k"))


def test_a_text_that_no_database_keeps_is_malformed(lab: Lab) -> None:
    ref = lab.request()
    for text in ("\x00", "a\ud800b"):
        for name in ("note", "key", "actor"):
            assert fields(failure(lab, ref, "comment", **{"note": NOTE, name: text})) == {name}
        for name in ("note", "key"):
            given: dict[str, Any] = {name: text}
            assert fields(submission_failure(lab, form(), **given)) == {name}
        assert fields(failure(lab, ref, "amend", {"need": text})) == {"need"}
