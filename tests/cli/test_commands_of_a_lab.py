"""The commands are the lab’s: who calls everything otherwise types the same."""

from __future__ import annotations

import shlex
import tomllib
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from desk import OPENING, Desk
from renamed import MARK, Renaming

from cli.commands.offered import sections
from states.declaration.documents import document_of, shipped
from states.declaration.outline import shipped_commands


@pytest.fixture
def elsewhere(desk: Desk, tmp_path: Path) -> Desk:
    """The desk of that other lab."""
    renaming = Renaming(document_of(tomllib.loads(shipped())))
    (tmp_path / "lab.toml").write_text(renaming.text(), "utf-8")
    desk.monkeypatch.setenv("COOP_DB", str(tmp_path / "elsewhere.db"))
    assert desk.coop("init", "--lab", "lab.toml").exit == 0
    return desk


def test_what_is_typed_there_is_what_is_typed_here(elsewhere: Desk) -> None:
    usual = [name for _title, names in sections(shipped_commands()) for name in names]
    words = [row.split()[0] for row in elsewhere.coop("--help").out.splitlines() if row.startswith("  ")]
    assert set(usual) <= set(words)
    assert set(usual) == set(elsewhere.offered("coop "))


# The life of a request, by its commands; after each, the state it is in.
LIFE = [
    ("interview plan 1 --slot first", "interview_planned"),
    ("interview done 1", "qualified"),
    ("tier assign 1", "tier_assigned"),
    ("tier change 1 zz_coup_de_pouce", "tier_assigned"),
    ("meeting plan 1 --slot first", "working"),
    ("meeting move 1/work-1 --agreed", "working"),
    ("meeting assign 1/work-1 --staff none", "working"),
    ("meeting done 1/work-1 --attended 4", "working"),
    ("meeting amend 1/work-1 --attended 5 --note Recompté", "working"),
    ("session plan 1 --slot first", "working"),
    ("session done 1", "session_held"),
    ("debrief plan 1 --slot first", "session_held"),
    ("debrief done 1", "debriefed"),
    ("undo 1 --note Mauvaise --as lou", "session_held"),
    ("debrief done 1", "debriefed"),
    ("deliverable 1 --title Rapport --type report", "debriefed"),
    ("satisfaction 1 --score 4", "debriefed"),
    ("comment 1 --note Bien", "debriefed"),
    ("close 1", "closed"),
    ("followup 1 --done Adopté", "closed"),
    ("reopen 1 --note Encore --as lou", "debriefed"),
    ("withdraw 1 --note Fini", "withdrawn"),
]


def test_a_request_is_led_there_by_the_same_commands(elsewhere: Desk) -> None:
    elsewhere.json("staff", "add", "lou", "--name", "Lou", "--email", "lou@example.org", "--role", f"{MARK}pilot")
    for title in ("Une", "Deux", "Trois"):
        elsewhere.received(title=title, axis=f"{MARK}incubation", service=f"{MARK}drajes", place=f"{MARK}hors_les_murs")
    printed = elsewhere.coop("triage", stdin="p\na\nQui vient ?\nd\n1\nAilleurs\nPas assez\n")
    assert (printed.exit, printed.err) == (0, "")
    assert [row["state"].removeprefix(MARK) for row in elsewhere.json("list", "--sort", "ref")] == [
        *("prequalified", "info_requested", "declined"),
    ]
    assert set(elsewhere.offered("coop answer ")) == {"2026-0002"}
    assert set(elsewhere.offered("coop interview plan ")) == {"2026-0001"}
    day = datetime.fromisoformat(OPENING)
    for line, state in LIFE:
        day += timedelta(days=14 if "done" in line else 0, hours=1)
        elsewhere.at(day.isoformat())
        for row in elsewhere.json("next", "1")["events"]:
            if row["command"]:
                words = [word for word in shlex.split(row["command"]) if not word.startswith("…")][1:]
                assert words[0] != "advance", row["command"]
                assert elsewhere.coop(*words[:2], "--help").exit == 0
        assert elsewhere.json(*shlex.split(line))["state"] == MARK + state, line


def test_an_activity_is_led_there_by_the_same_commands(elsewhere: Desk) -> None:
    words = ("--title", "Visite", "--type", "visit", "--axis", f"{MARK}management", "--place", f"{MARK}hors_les_murs")
    elsewhere.json("activity", "plan", *words, "--slot", "20/01 10h")
    assert set(elsewhere.offered("coop activity open ")) == {"2026-A001"}
    for line in ("open 1", "register 1 --registered 5", "move 1 --slot 21/01/2026"):
        elsewhere.coop("activity", *line.split())
    elsewhere.at("2026-02-02T09:00+01:00")
    assert elsewhere.json("activity", "done", "1", "--attended", "5")["state"] == f"{MARK}held"
    assert elsewhere.json("activity", "evaluate", "1", "--score", "4")["state"] == f"{MARK}evaluated"
