"""As it was, and as was known: the two times of every entry."""

from __future__ import annotations

from typing import Any

import pytest

from states.errors import NotFound
from workflow.testing import NOTE, PILOT, Lab


def at(lab: Lab, ref: str, *, as_of: str | None = None, known_at: str | None = None) -> dict[str, Any]:
    with lab.reading() as reader:
        return reader.show(reader.request(ref, as_of=as_of, known_at=known_at), now=as_of or known_at)


def events(lab: Lab, ref: str, **when: str) -> list[str]:
    with lab.reading() as reader:
        return [entry["event"] for entry in reader.history(ref, **when)]


@pytest.fixture
def told(lab: Lab) -> str:
    """Prequalified on the 13th, entered on the 15th; suspended on the 16th by mistake, undone on the 19th."""
    ref = lab.request()
    lab.clock.to("2026-01-15T09:00:00+01:00")
    lab.apply(ref, "prequalify", at="2026-01-13T10:00:00+01:00")
    lab.clock.to("2026-01-16T09:00:00+01:00")
    lab.apply(ref, "suspend", note=NOTE)
    lab.clock.to("2026-01-19T09:00:00+01:00")
    lab.apply(ref, "correct", note=NOTE, actor=PILOT)
    lab.clock.to("2026-01-20T09:00:00+01:00")
    lab.apply(ref, "amend", {"title": "Mieux dit"})
    return ref


@pytest.mark.parametrize(
    ("moment", "as_of", "known_at"),
    [
        ("2026-01-12T08:00:00Z", "received", "received"),
        ("2026-01-13T09:00:00Z", "prequalified", "received"),
        ("2026-01-15T07:59:59Z", "prequalified", "received"),
        ("2026-01-15T08:00:00Z", "prequalified", "prequalified"),
        ("2026-01-16T08:00:00Z", "prequalified", "suspended"),
        ("2026-01-19T08:00:00Z", "prequalified", "prequalified"),
    ],
)
def test_what_was_struck_later_was_known_and_never_was(
    lab: Lab, told: str, moment: str, as_of: str, known_at: str
) -> None:
    assert at(lab, told, as_of=moment)["state"] == as_of
    assert at(lab, told, known_at=moment)["state"] == known_at


def test_a_history_says_as_much_as_was_known(lab: Lab, told: str) -> None:
    assert events(lab, told) == ["submit", "prequalify", "suspend", "correct", "amend"]
    assert events(lab, told, known_at="2026-01-16T12:00:00Z") == ["submit", "prequalify", "suspend"]
    assert events(lab, told, as_of="2026-01-16T12:00:00Z") == ["submit", "prequalify"]
    with lab.reading() as reader:
        marks = [entry["corrected_by"] for entry in reader.history(told, known_at="2026-01-16T12:00:00Z")]
    assert marks == [None, None, None]


def test_a_form_reads_as_it_stood(lab: Lab, told: str) -> None:
    assert at(lab, told)["title"] == "Mieux dit"
    assert at(lab, told, as_of="2026-01-19T12:00:00Z")["title"] == "Un projet"


def test_before_its_reception_there_was_no_request(lab: Lab, told: str) -> None:
    early = "2026-01-12T07:59:59Z"
    for when in ({"as_of": early}, {"known_at": early}):
        with pytest.raises(NotFound):
            at(lab, told, **when)
    with pytest.raises(NotFound):
        events(lab, told, known_at=early)
    assert events(lab, told, as_of=early) == []


def test_the_stored_request_is_what_its_history_makes(lab: Lab) -> None:
    """The row that events read, and a replay of everything known now: the same documents."""
    far = "2027-12-31T00:00:00Z"
    for state in ("received", "working", "closed", "suspended", "cancelled"):
        ref = lab.request(state, tier="50_50")
        with lab.reading() as reader:
            assert reader.request(ref, known_at=far).document() == lab.now(ref).document()
            assert reader.show(reader.request(ref, known_at=far)) == lab.show(ref)


def test_a_document_keeps_to_the_contract(lab: Lab) -> None:
    ref = lab.request("working", tier="tuto", external_id="D-7", sponsor="La secrétaire générale")
    shown = lab.show(ref)
    kinds: dict[str, Any] = {
        "ref": str, "title": str, "kind": str, "axis": str, "service": str, "family": str, "department": str,
        "place": str, "state": str, "tier": str, "validated": bool, "project": str, "seq": int, "submitted_at": str,
        "meetings": dict, "calendar": list, "deadlines": list, "deliverables": list, "waivers": list, "lifecycle": dict,
    }  # fmt: skip
    assert {name: type(shown[name]) for name in kinds} == kinds
    assert shown["recommended_tier"] is None
    assert shown["submitted_at"] == "2026-01-12T09:00:00+01:00"
    assert shown["family"] == "menj_mesr_msjop"
    assert set(shown["meetings"]) == {"interview", "work", "session", "debrief"}
    assert shown["calendar"][1] == {
        "id": "work-1", "kind": "work", "status": "planned", "at": "2026-01-13T10:00:00+01:00",
        "duration_minutes": 60, "place": "hors_les_murs", "staff": [],
    }  # fmt: skip
    assert {d["status"] for d in shown["deadlines"]} <= {"open", "paused", "met", "missed", "dropped"}
    assert set(shown["lifecycle"]) >= {"name", "version", "digest"}
    entry = lab.history(ref)[-1]
    assert set(entry) >= {
        "seq", "event", "from", "to", "actor", "role", "entered_by", "on_behalf", "occurred_at", "recorded_at",
        "data", "note", "corrected_by", "digest",
    }  # fmt: skip
