"""Idempotency keys: the same key and content answers as the first time, other content is a conflict."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from states.errors import Conflict, Refused
from workflow.engine import Command
from workflow.store.schema import DERIVED, PRIMARY, keys
from workflow.testing import NOTE, PILOT, Lab, form, tables


def test_the_same_event_again_answers_as_the_first_time(lab: Lab) -> None:
    ref = lab.request("tier_assigned")
    command = lab.command(ref, "plan_meeting", {"at": "2026-02-03T10:00", "duration": "2h"}, key="k1", expect_seq=5)
    first = lab.engine.apply(command)
    stood = first.request.document()
    lab.apply(ref, "suspend", note=NOTE)
    before = tables(lab.store, (*PRIMARY, *DERIVED))
    again = lab.engine.apply(command)
    assert again.replayed
    assert not first.replayed
    assert again.entry == first.entry
    assert again.request.document() == stood
    assert tables(lab.store, (*PRIMARY, *DERIVED)) == before


def test_whoever_sends_it(lab: Lab) -> None:
    ref = lab.request()
    first = lab.apply(ref, "prequalify", key="k1")
    again = lab.apply(ref, "prequalify", key="k1", actor=PILOT)
    assert (again.entry.actor, again.replayed) == (first.entry.actor, True)


def test_a_corrected_event_still_answers_as_the_first_time(lab: Lab) -> None:
    ref = lab.request()
    lab.apply(ref, "prequalify", key="k1")
    lab.apply(ref, "correct", note=NOTE)
    again = lab.apply(ref, "prequalify", key="k1")
    assert (again.entry.seq, again.request.state) == (2, "prequalified")
    assert lab.now(ref).state == "received"


def test_the_same_key_for_something_else_is_a_conflict(lab: Lab) -> None:
    ref, other = lab.request(), lab.request()
    command = lab.command(ref, "comment", note=NOTE, key="k1")
    lab.engine.apply(command)
    before = tables(lab.store, (*PRIMARY, *DERIVED))
    changes: list[dict[str, Any]] = [
        {"ref": other},
        {"event": "request_info"},
        {"inputs": {"committee": True}},
        {"note": "autre"},
        {"at": "2026-01-12T09:00+01:00"},
        {"waive": ("deliverable",)},
        {"on_behalf": True},
    ]
    for change in changes:
        with pytest.raises(Conflict):
            lab.engine.apply(evolve(command, **change))
    assert tables(lab.store, (*PRIMARY, *DERIVED)) == before


def test_a_refused_event_uses_up_no_key(lab: Lab) -> None:
    ref = lab.request()
    command = lab.command(ref, "hold_interview", key="k1")
    with pytest.raises(Refused):
        lab.engine.apply(command)
    assert lab.apply(ref, "comment", note=NOTE, key="k1").replayed is False


def test_the_same_form_again_answers_as_the_first_time(lab: Lab) -> None:
    submission = lab.reception(form(), key="k1")
    first = lab.engine.apply(submission)
    stood = first.request.document()
    lab.apply(first.entry.stream, "prequalify")
    again = lab.engine.apply(evolve(submission, actor=PILOT))
    assert (again.entry, again.request.document()) == (first.entry, stood)
    assert again.replayed
    assert lab.submit().entry.stream == "2026-0002"


FORM: dict[str, Any] = {
    "title": "Un projet d’été", "need": "Un besoin, dit simplement", "expected_outcome": "Une méthode",
    "outcome_predefined": False, "collaborative_share": 60, "kind": "accompanied", "axis": "incubation",
    "requester": {"name": "Noa Témoin", "email": "noa.temoin@example.org"}, "service": "draio", "department": "34",
    "place": "hors_les_murs",
}  # fmt: skip
STORED: dict[str, dict[str, Any]] = {  # the content of a key, as stores written before know it, and its command
    "b3a7ec094472d4e8c357e0c931bb325d5aad86bd2a3845f43ec9dc369111ba34": {"ref": "", "inputs": FORM, "key": "k1"},
    "7f2e76e4e1547364d34b260a1f7e544697e0c93d10efd0de6b9e8db589ef38b5": {
        "ref": "", "actor": PILOT, "inputs": FORM, "note": "par téléphone", "on_behalf": True, "key": "k1",
        "local_times": False,
    },
    "d426c14f09723a042120e44cbb64e00b4bf7297037cc051ff6231f6f22dea6ef": {
        "event": "comment", "inputs": {"committee": True}, "note": NOTE, "key": "k2",
    },
    "8da43e1d5699aca60dc6e2964e48e5f407cc52e0364beceac5189a3b798dd478": {
        "event": "close", "note": "n", "at": "2026-01-12T09:00:00+01:00", "waive": ("b", "a"), "on_behalf": True,
        "key": "k3", "expect_seq": 4,
    },
    "7c5ccd358fdedbf1fde6d489b1a389f10fa17eecaaed2b2a692fd90a22b2353c": {
        "ref": "", "event": "plan_activity", "inputs": {"title": "Visite"}, "key": "k4",
    },
}  # fmt: skip


@pytest.mark.parametrize("content", STORED)
def test_a_key_stands_for_what_it_stood_for_in_older_stores(content: str) -> None:
    command = Command(**{"ref": "2026-0001", "event": "submit", "actor": "camille", **STORED[content]})
    assert command.content(form=command.event == "submit") == content


def test_a_key_of_an_older_store_answers_as_the_first_time(lab: Lab) -> None:
    """What a store says of a key is what older ones said, and its command is replayed."""
    lab.request()
    for content, given in STORED.items():
        if given["key"] in ("k1", "k2") and "actor" not in given:
            command = Command(**{"ref": "2026-0001", "event": "submit", "actor": "camille", **given})
            first = lab.engine.apply(command)
            assert (given["key"], content) in {row[:2] for row in tables(lab.store, [keys])["keys"]}
            again = lab.engine.apply(command)
            assert (again.replayed, again.entry) == (True, first.entry)


def test_another_form_under_the_same_key_is_a_conflict(lab: Lab) -> None:
    submission = lab.reception(form(), key="k1")
    lab.engine.apply(submission)
    changes: list[dict[str, Any]] = [{"inputs": form(title="Un autre")}, {"on_behalf": True}, {"note": "par téléphone"}]
    for change in changes:
        with pytest.raises(Conflict):
            lab.engine.apply(evolve(submission, **change))


def test_a_form_and_an_event_share_the_keys(lab: Lab) -> None:
    ref = lab.submit(key="k1").entry.stream
    with pytest.raises(Conflict):
        lab.apply(ref, "comment", note=NOTE, key="k1")
    lab.apply(ref, "comment", note=NOTE, key="k2")
    with pytest.raises(Conflict):
        lab.submit(key="k2")


def test_what_json_allows_is_no_fault_of_the_program(lab: Lab) -> None:
    """A number that is not one, under a key: the answer is about the number."""
    ref = lab.request("session_held")
    with pytest.raises(Exception) as caught:  # noqa: PT011 - its exit is what counts
        lab.engine.apply(Command(ref, "record_satisfaction", "camille", {"score": float("nan")}, key="k1"))
    assert getattr(caught.value, "exit", 1) == 6
