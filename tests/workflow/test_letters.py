"""Letters to the requester: queued with their cause, withdrawn with it, never about what is long past."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from states.declaration.documents import shipped
from states.declaration.types import moment
from workflow.outbox.delivery import claim, listed, settle
from workflow.outbox.queue import DROPPED, SENT, STATUSES, WAITING, Queued
from workflow.sweep import sweep
from workflow.testing import NOTE, PILOT, Lab

# The clock starts on Monday 12 January 2026 at 9:00.


def letters(lab: Lab) -> list[Queued]:
    return [queued for queued in listed(lab.store, STATUSES) if queued.kind == "letter"]


def codes(lab: Lab) -> list[str]:
    return [queued.payload["letter"] for queued in letters(lab)]


def outcomes(lab: Lab) -> dict[str, str | None]:
    """What became of each letter once all that may leave has left: its status, and why it did not leave."""
    while claimed := claim(lab.engine, "test"):
        settle(lab.engine, claimed, SENT)
    return {queued.payload["letter"]: queued.last_error or queued.status for queued in letters(lab)}


# --- Queued with their cause ---


@pytest.mark.parametrize(
    ("kind", "state", "expected"),
    [
        ("accompanied", "received", ["reception"]),
        ("accompanied", "info_requested", ["reception", "question"]),
        ("accompanied", "prequalified", ["reception", "acceptance"]),
        ("accompanied", "declined", ["reception", "no"]),
        ("accompanied", "working", ["reception", "acceptance", "tier"]),
        ("accompanied", "closed", ["reception", "acceptance", "tier", "closing"]),
        ("accompanied", "withdrawn", ["reception"]),
        ("accompanied", "suspended", ["reception", "suspension"]),
        ("accompanied", "cancelled", ["reception", "acceptance", "cancellation"]),
        ("autonomous", "prequalified", ["reception"]),
        ("autonomous", "hosted", ["reception", "hosting"]),
        ("autonomous", "closed", ["reception", "hosting", "closing"]),
    ],
)
def test_each_event_owes_its_letter(lab: Lab, kind: str, state: str, expected: list[str]) -> None:
    ref = lab.request(state, kind=kind, place="hors_les_murs")
    assert codes(lab) == expected
    assert {(q.ref, q.recipient, q.meeting) for q in letters(lab)} == {(ref, "requester", None)}
    assert all(set(q.payload) == {"letter"} for q in letters(lab))  # nothing personal


def test_a_change_of_tier_is_written_about_again(lab: Lab) -> None:
    ref = lab.request("tier_assigned")
    lab.apply(ref, "change_tier", {"tier": "50_50", "agreed": True})
    assert codes(lab).count("tier") == 2


def test_letters_leave_in_working_hours(lab: Lab) -> None:
    lab.clock.to(moment("2026-01-16T20:00+01:00"))  # a Friday evening
    lab.submit()
    (queued,) = letters(lab)
    assert (queued.status, queued.not_before) == (WAITING, "2026-01-19T07:00:00Z")
    assert claim(lab.engine, "test") is None


def test_an_event_refused_owes_none(lab: Lab) -> None:
    ref = lab.request(collaborative_share=10)
    assert lab.refused(ref, "prequalify")
    assert codes(lab) == ["reception"]


def test_an_activity_owes_none(lab: Lab) -> None:
    lab.activity()
    assert letters(lab) == []


@pytest.mark.parametrize(
    ("submitted", "asked", "expected"),
    [
        ("2026-01-11T09:00:00+01:00", None, ["reception", "question"]),
        ("2025-12-28T09:00:00+01:00", None, ["reception", "question"]),
        ("2025-12-27T08:00:00+01:00", None, ["question"]),  # more than fifteen days before it was typed
        ("2025-12-01T09:00:00+01:00", "2026-01-05T09:00:00+01:00", ["question"]),
        ("2025-12-01T09:00:00+01:00", "2026-01-05T08:59:00+01:00", []),  # more than seven
    ],
)
def test_what_is_long_past_is_not_written_about(
    lab: Lab, submitted: str, asked: str | None, expected: list[str]
) -> None:
    ref = lab.submit(submitted_at=submitted).request.ref
    lab.apply(ref, "request_info", note=NOTE, at=asked)
    assert codes(lab) == expected


# --- Follow-ups ---


def test_a_follow_up_is_asked_for_once_it_is_due(lab: Lab) -> None:
    ref = lab.request("closed")
    before = codes(lab)
    due = {d["kind"]: d["due_at"] for d in lab.show(ref)["deadlines"] if d["kind"].startswith("follow_up")}
    lab.clock.to(moment(due["follow_up_3"]).replace(minute=0, hour=8))
    sweep(lab.engine)
    assert codes(lab) == before
    lab.clock.to(moment(due["follow_up_3"]))
    for _again in range(2):
        sweep(lab.engine)
    assert codes(lab) == [*before, "follow_up"]
    assert letters(lab)[-1].payload == {"letter": "follow_up", "deadline": "follow_up_3"}
    lab.apply(ref, "record_follow_up", {"done": "Une méthode"})
    assert outcomes(lab)["follow_up"] == "settled"
    lab.clock.to(moment(due["follow_up_6"]))
    sweep(lab.engine)
    assert letters(lab)[-1].payload["deadline"] == "follow_up_6"
    assert outcomes(lab)["follow_up"] == SENT


def test_a_watch_that_wakes_long_after_asks_nothing(lab: Lab) -> None:
    ref = lab.request("closed")
    before = codes(lab)
    lab.clock.to(moment("2027-12-01T09:00+01:00"))
    sweep(lab.engine)
    assert codes(lab) == before
    assert lab.now(ref).state == "closed"


# --- Withdrawn ---


def test_what_was_undone_before_it_left_is_withdrawn(lab: Lab) -> None:
    ref = lab.request("prequalified")
    lab.apply(ref, "correct", note=NOTE)
    assert outcomes(lab) == {"reception": SENT, "acceptance": "undone"}


def test_what_was_undone_once_it_left_stays_sent(lab: Lab) -> None:
    ref = lab.request("prequalified")
    outcomes(lab)
    lab.apply(ref, "correct", note=NOTE)
    assert outcomes(lab)["acceptance"] == SENT
    lab.apply(ref, "decline", {"reason": "no_capacity", "orientation": "Ailleurs"}, note=NOTE)
    assert outcomes(lab) == {"reception": "superseded", "acceptance": SENT, "no": SENT}


def test_a_later_letter_stands_for_one_that_has_not_left(lab: Lab) -> None:
    ref = lab.request("declined")
    assert outcomes(lab) == {"reception": "superseded", "no": SENT}
    lab.apply(ref, "reopen", note=NOTE, actor=PILOT)
    lab.apply(ref, "request_info", note=NOTE)
    assert outcomes(lab)["question"] == SENT


def test_a_letter_outlives_a_later_one_that_was_undone(lab: Lab) -> None:
    ref = lab.request("tier_assigned", tier="tuto")
    lab.apply(ref, "change_tier", {"tier": "50_50"})
    lab.apply(ref, "correct", note=NOTE)
    outcomes(lab)
    tiers = [q for q in letters(lab) if q.payload["letter"] == "tier"]
    assert [(q.status, q.last_error) for q in tiers] == [(SENT, None), (DROPPED, "undone")]


def test_a_change_not_announced_yet_is_announced_alone(lab: Lab) -> None:
    ref = lab.request("tier_assigned", tier="tuto")
    lab.apply(ref, "change_tier", {"tier": "50_50"})
    outcomes(lab)
    tiers = [q for q in letters(lab) if q.payload["letter"] == "tier"]
    assert [(q.status, q.last_error) for q in tiers] == [(DROPPED, "superseded"), (SENT, None)]


# --- Declared ---


def declared(places: Any, folder: Path, text: str, texts: Mapping[str, str] | None = None) -> Lab:
    """A lab of another declaration, with letters of its own beside it."""
    (folder / "lab.toml").write_text(text, "utf-8")
    (folder / "letters").mkdir()
    for name, content in (texts or {}).items():
        (folder / "letters" / name).write_text(content, "utf-8")
    return Lab.open(places.empty(), declaration=folder / "lab.toml")


def without_letters(text: str) -> str:
    """A declaration of before there were letters."""
    head, _section, rest = text.partition("# --- Letters to the requester")
    return head + "# --- Commands: what a group" + rest.partition("# --- Commands: what a group")[2]


def test_a_lab_turns_a_letter_off(sqlite_places: Any, tmp_path: Path) -> None:
    lab = declared(sqlite_places, tmp_path, shipped().replace("[letters.reception]", "[letters.reception]\noff = true"))
    lab.request("prequalified")
    assert codes(lab) == ["acceptance"]
    lab.close()


def test_a_lab_without_letters_sends_none(sqlite_places: Any, tmp_path: Path) -> None:
    lab = declared(sqlite_places, tmp_path, without_letters(shipped()))
    assert lab.declaration.letters == {}
    lab.request("closed")
    lab.clock.to(moment("2027-06-01T09:00+01:00"))
    sweep(lab.engine)
    assert letters(lab) == []
    lab.close()


def test_the_digest_covers_the_texts(sqlite_places: Any, tmp_path: Path) -> None:
    digests = set()
    for n, texts in enumerate(({}, {"no.fr.md": "# Non\n\nDésolés.\n"}, {"no.fr.md": "# Non\n\nNavrés.\n"})):
        (folder := tmp_path / str(n)).mkdir()
        lab = declared(sqlite_places, folder, shipped(), texts)
        digests.add(lab.declaration.digest)
        assert lab.verify().problems == []
        kept = lab.declaration.letters["no"].content
        assert kept["fr"] == (texts.get("no.fr.md") or kept["fr"])
        assert "Reason" in kept["en"]  # what the lab did not write is the product's
        lab.close()
    assert len(digests) == 3
