"""Every command that an answer proposes works when typed as printed, by whom it is proposed to."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk, opened_desk
from proposals import PLACEHOLDER, filled, in_document, proposed, typed

desk = opened_desk

# A request led from its form to its closing: what is typed, and the day it is.
LIFE = [
    ("2026-01-12T09:00+01:00", ()),
    ("2026-01-12T09:00+01:00", ("prequalify", "1")),
    ("2026-01-12T09:05+01:00", ("interview", "plan", "1", "--slot", "14/01 9h")),
    ("2026-01-14T11:00+01:00", ("interview", "done", "1")),
    ("2026-01-14T11:05+01:00", ("tier", "assign", "1", "50_50", "-n", "Le sujet est neuf")),
    ("2026-01-14T11:10+01:00", ("--as", "agnes", "validate", "1")),
    ("2026-01-14T11:15+01:00", ("meeting", "plan", "1", "--slot", "20/01 9h")),
    ("2026-01-20T11:00+01:00", ("meeting", "done", "1")),
    ("2026-01-20T11:05+01:00", ("session", "plan", "1", "--slot", "27/01 9h")),
    ("2026-01-27T18:00+01:00", ("session", "done", "1", "--attended", "12")),
    ("2026-01-27T18:05+01:00", ("debrief", "plan", "1", "--slot", "30/01 9h")),
    ("2026-01-30T11:00+01:00", ("debrief", "done", "1")),
    ("2026-01-30T11:05+01:00", ("deliverable", "1", "--title", "Guide", "--type", "method")),
    ("2026-01-30T11:10+01:00", ("close", "1")),
]
# What is refused somewhere on the way: its remedies are typed too.
TRIED = [
    ("interview", "plan", "1", "--slot", "15/01 9h"),
    ("meeting", "plan", "1", "--slot", "30/04 9h"),
    ("session", "plan", "1", "--slot", "first"),
    ("close", "1"),
    ("validate", "1"),
    ("session", "done", "1"),
]
ASKS = (0, 6)  # done, or it asks for what is missing
NOT_YET = "L’enregistrer une fois le début passé"  # it is for when the meeting has begun


def answers(desk: Desk) -> set[str]:
    """Every command proposed at this moment, wherever one looks."""
    found: set[str] = set()
    for look in (("next", "1"), ("today",), ("alerts",), ("next", "1", "--all")):
        document = desk.json(*look)
        if look[0] == "next":
            document = [row for row in document["events"] if row["command"]]
        found |= set(in_document(document))
    for words in TRIED:
        printed = desk.coop(*words, "--json")
        if printed.exit == 3 and "state" not in printed.rules:  # then the other remedies are for later
            found |= set(in_document(printed.error))
    return found


@pytest.mark.parametrize("step", range(len(LIFE)))
def test_what_is_proposed_on_the_way_works(desk: Desk, tmp_path: Path, step: int) -> None:
    store = tmp_path / "coop.db"
    desk.json(
        "--as", "camille", "staff", "add", "agnes", "--name", "Agnès", "--email", "a@example.org", "--role", "pilot"
    )
    desk.received(title="Un projet", experience="none", complexity="complex", place="montpellier")
    for moment, words in LIFE[: step + 1]:
        desk.at(moment)
        if words:
            assert desk.coop(*words).exit == 0, words
    desk.json("scheduler", "tick")
    kept = store.read_bytes()
    wrong = {}
    for command in sorted(answers(desk)):
        store.write_bytes(kept)
        printed = typed(desk, command, store)
        if printed.exit not in ASKS and NOT_YET not in printed.err:
            wrong[command] = (printed.exit, printed.err)
    assert wrong == {}


def test_a_mark_left_in_is_refused(desk: Desk) -> None:
    desk.received()
    assert desk.fails(6, "suspend", "1", "--note", PLACEHOLDER)["fields"][0]["field"] == "note"
    assert desk.fails(6, "decline", "1", "--reason", "other", "--orientation", "...", "-n", "x")
    assert desk.json("show", "1")["state"] == "received"


def test_commands_are_read_where_they_stand() -> None:
    assert list(proposed("→ coop tasks 1 --done x")) == ["coop tasks 1 --done x"]
    assert list(proposed("La consigner : coop meeting done 2026-0001.")) == ["coop meeting done 2026-0001"]
    assert filled('coop meeting cancel 1/work-1 --note "…"') == [
        "meeting",
        "cancel",
        "1/work-1",
        "--note",
        "Une raison",
    ]
