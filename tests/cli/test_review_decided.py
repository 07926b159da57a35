"""What the committee decides, and what a seal keeps of it."""

from __future__ import annotations

import pytest
from desk import Desk
from reviewed import at_a_tier, validated


@pytest.fixture
def lab(desk: Desk) -> Desk:
    return at_a_tier(desk)


# --- What the committee decides ---


@pytest.mark.parametrize("decision", ["ratify", "postpone", "refuse"])
def test_the_committee_decides(lab: Desk, decision: str) -> None:
    ref = validated(lab)
    assert lab.json("review", "2026-S1")["to_ratify"] == [ref]
    words = ("review", "decide", "2026-S1", "1", "--decision", decision, "--note", "vu en séance")
    assert lab.coop("--as", "comite", *words).exit == 0
    found = lab.json("review", "2026-S1")
    assert [(one["ref"], one["decision"]) for one in found["decisions"]] == [(ref, decision)]
    assert found["to_ratify"] == (
        [ref] if decision == "postpone" else [] if decision == "ratify" else found["to_ratify"]
    )


def test_nobody_else_decides(lab: Desk) -> None:
    validated(lab)
    words = ("review", "decide", "2026-S1", "1", "--decision", "ratify")
    for actor in ("camille", "sam"):
        printed = lab.coop("--as", actor, *words, "--json")
        assert (printed.exit, printed.rules) == (3, ["role"])
    assert lab.json("review", "2026-S1")["decisions"] == []


def test_several_are_decided_together_or_not_at_all(lab: Desk) -> None:
    validated(lab)
    words = ("review", "decide", "2026-S1", "1", "2", "--decision", "ratify", "--note", "vu", "--json")
    printed = lab.coop("--as", "comite", *words)
    assert printed.exit == 3
    assert lab.json("review", "2026-S1")["decisions"] == []
    error = lab.coop("--as", "comite", "review", "decide", "2026-S1", "1", "99", "--decision", "ratify", "--json").error
    assert error["exit"] == 4
    assert lab.json("review", "2026-S1")["decisions"] == []


def test_a_decision_is_one_of_three(lab: Desk) -> None:
    validated(lab)
    words = ("--as", "comite", "review", "decide", "2026-S1", "1", "--decision", "peut-être")
    printed = lab.coop(*words, "--json")
    assert printed.exit == 6
    assert printed.error["fields"][0]["field"] == "decision"


@pytest.mark.parametrize(("actor", "exit"), [("comite", 0), ("camille", 0), ("paule", 0), ("sam", 3), ("inconnu", 4)])
def test_orientations_are_the_committees_and_the_keepers(lab: Desk, actor: str, exit: int) -> None:
    printed = lab.coop("--as", actor, "review", "orient", "2026-S1", "--note", "Aller vers les Pyrénées", "--json")
    assert printed.exit == exit, printed.err
    if exit == 3:
        assert printed.rules == ["role"]
    told = lab.coop("review", "2026-S1", "--format", "csv").out
    assert ("Aller vers les Pyrénées" in told) == (exit == 0)
    assert "Aller vers" not in lab.coop("review", "2026-S1", "--format", "csv", "--public").out


def test_an_orientation_says_something(lab: Desk) -> None:
    assert lab.fails(6, "review", "orient", "2026-S1", "--note", "  ")["fields"][0]["field"] == "note"


# --- Sealed ---


def test_a_review_that_is_not_sealed_says_how(lab: Desk) -> None:
    printed = lab.coop("review", "2026-S1", "--sealed")
    assert printed.exit == 4
    assert "coop review seal 2026-S1" in printed.err


def test_a_decision_after_the_seal_is_said_to_be_one(desk: Desk) -> None:
    """At one moment, as when the committee is asked on the spot."""
    for words in (
        ("init",),
        ("staff", "add", "agnes", "--name", "Agnès", "--email", "agnes@example.org", "--role", "pilot"),
        ("--as", "agnes", "staff", "add", "marc", "--name", "M", "--email", "marc@example.org", "--role", "committee"),
    ):
        assert desk.coop(*words).exit == 0
    ref = desk.received()
    for words in (
        ("prequalify", ref),
        ("interview", "plan", ref, "--slot", "2026-01-12T09:00"),
        ("interview", "done", ref, "--at", "2026-01-12T09:00"),
        ("tier", "assign", ref, "50_50", "--note", "x"),
        ("--as", "agnes", "validate", ref),
        ("review", "seal", "2026-S1"),
        ("--as", "marc", "review", "decide", "2026-S1", ref, "--decision", "refuse", "--note", "pas cette année"),
    ):
        printed = desk.coop(*words)
        assert printed.exit == 0, (words, printed.err)
    assert "1 décision saisie depuis\u00a0:" in desk.coop("--lang", "fr", "review", "2026-S1", "--sealed").out


def test_only_keepers_seal(lab: Desk) -> None:
    assert lab.coop("--as", "sam", "review", "seal", "2026-S1", "--json").exit == 3


def test_what_has_changed_since_the_seal_and_why(lab: Desk) -> None:
    head = lab.coop("db", "verify").out.split()[-1]
    kept = lab.json("review", "seal", "2026-S1")
    assert kept["head"] == head
    document = lab.json("review", "2026-S1")
    assert kept["digest"] == document["digest"]
    assert "Rien n’a changé" in lab.coop("review", "2026-S1", "--sealed").out
    lab.at("2026-01-19T09:00+01:00")
    assert lab.coop("advance", "2", "correct", "--note", "la mauvaise fiche").exit == 0
    found = lab.json("review", "2026-S1", "--sealed")
    assert found["document"] == document
    assert found["seal"]["digest"] == kept["digest"]
    changes = {one["figure"]: (one["sealed"], one["now"]) for one in found["changes"]}
    assert changes["flow.declined"] == (1, 0)
    assert changes["corrections"] == (0, 1)
    assert ("2026-0002", "correct") in {(one["ref"], one["event"]) for one in found["entries_since"]}
    printed = lab.coop("review", "2026-S1", "--sealed").out
    assert "Demandes non retenues" in printed
    assert "2026-0002" in printed


def test_a_place_that_closes_after_the_seal_is_a_reason(lab: Desk) -> None:
    lab.json("review", "seal", "2026-S1")
    lab.at("2026-01-19T09:00+01:00")
    request = lab.received(place="montpellier")
    for words in (
        ("prequalify", request),
        ("interview", "plan", request, "--slot", "2026-01-20T10:00"),
    ):
        assert lab.coop(*words).exit == 0
    lab.at("2026-01-20T15:00+01:00").coop("interview", "done", request)
    closed = lab.coop(
        "place", "close", "montpellier", "--from", "2026-06-01", "--to", "2026-06-12", "--note", "travaux"
    )
    assert closed.exit == 0, closed.err
    found = lab.json("review", "2026-S1", "--sealed")
    assert "place_closed" in {one["event"] for one in found["entries_since"]}
    assert lab.coop("review", "2026-S1", "--sealed").exit == 0


def test_time_alone_changes_a_sealed_review(lab: Desk) -> None:
    lab.json("review", "seal", "2026-S1")
    lab.at("2026-04-01T09:00+02:00")
    found = lab.json("review", "2026-S1", "--sealed")
    assert found["entries_since"] == []
    assert "deadlines.missed" in {one["figure"] for one in found["changes"]}
    assert "le temps a passé" in lab.coop("review", "2026-S1", "--sealed").out
