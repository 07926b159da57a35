"""Every command that an answer proposes works when typed as printed, by whom it is proposed to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from desk import Desk
from proposals import PLACEHOLDER, content, filled, proposed

from handlers.demo.player import MovingClock, play, recorded
from states.declaration.types import moment
from workflow.clock import now_of
from workflow.engine import Engine
from workflow.lab.opening import open_lab
from workflow.store.database import Store
from workflow.sweep import sweep

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
LOOKS = [("next", "1", "--all"), ("today",), ("alerts",), ("outbox",), ("status",), ("deadlines", "1"), ("tasks", "1")]


def test_what_is_proposed_on_the_way_works(desk: Desk) -> None:
    desk.json(
        "--as", "camille", "staff", "add", "agnes", "--name", "Agnès", "--email", "a@example.org", "--role", "pilot"
    )
    desk.received(title="Un projet", experience="none", complexity="complex", place="montpellier")
    for when, words in LIFE:
        desk.at(when)
        if words:
            assert desk.coop(*words).exit == 0, words
        desk.json("scheduler", "tick")
        for look in LOOKS:
            desk.coop(*look)
            desk.json(*look)
        for words in TRIED:
            with aside():
                desk.coop(*words)
                desk.coop(*words, "--json")


@contextmanager
def aside() -> Iterator[None]:
    """What is typed inside leaves nothing in the store."""
    store = Path(os.environ["COOP_DB"])
    kept = content(store)
    yield
    for path in store.parent.glob(f"{store.name}-*"):
        path.unlink()
    store.write_bytes(kept)


# --- The half-year that was recorded, looked at on some days ---

DAYS = ("2026-02-10", "2026-04-02", "2026-06-09")


def test_what_is_proposed_in_a_half_year_works(desk: Desk, tmp_path: Path) -> None:
    """Each look at the lab and at one request of each state, and each event tried in each state."""
    lines = recorded()
    clock, store = MovingClock(moment(lines[0]["now"])), tmp_path / "half-year.db"
    desk.monkeypatch.setenv("COOP_DB", str(store))
    with closing(Store(f"sqlite:///{store}")) as opened:
        open_lab(opened, clock, "camille", None)
        since, tried = "", set[str]()
        for day in DAYS:
            play(Engine(opened, clock), clock, [line for line in lines if since <= line["now"] < day])
            sweep(Engine(opened, clock))
            opened.close()
            looked_at(desk, now_of(clock), tried)
            since = day


def looked_at(desk: Desk, now: str, tried: set[str]) -> None:
    """`tried`: the states whose events were tried another day."""
    desk.at(now)
    refs = {row["state"]: row["ref"] for row in desk.json("list")}
    for look in ("today", "alerts", "outbox", "status", "board", "agenda", "staff", "place", "review now"):
        desk.coop(*look.split())
        desk.coop(*look.split(), "--json")
    for state, ref in refs.items():
        for look in ("next", "show", "deadlines", "tasks"):
            desk.coop(look, ref)
        desk.coop("next", ref, "--all")
        if state in tried:
            continue
        tried.add(state)
        events = [row["event"] for row in desk.json("next", ref, "--all")["events"]]
        with aside():
            for event in events:
                desk.coop("advance", ref, event, "--json")
                desk.coop("advance", ref, event, "-n", "Une raison", "--at", "2026-01-05T09:00+01:00")


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
