"""A declaration rehearsed on months that were lived under another: what it would have refused, moved and raised."""

from __future__ import annotations

import json
import sqlite3
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from renamed import EVERY, Renaming

from handlers.demo.player import MovingClock, play, recorded
from states.declaration.documents import document_of, shipped
from states.declaration.model import Declaration
from states.declaration.types import instant, moment
from states.verification.loading import load
from workflow.engine import Engine
from workflow.lab.opening import open_lab
from workflow.store.database import Store
from workflow.versions.rehearsal import rehearse
from workflow.views.reader import Reader

UNTIL = moment("2026-03-25T09:00:00+01:00")
NOW = instant(UNTIL)


@frozen
class Lived:
    """A store where a lab has lived three months."""

    store: Store
    path: Path

    def rehearsed(self, declaration: Declaration | str, since: str = "") -> dict[str, Any]:
        """The document of a rehearsal."""
        declared = load(declaration) if isinstance(declaration, str) else declaration
        with self.store.looking() as tx:
            return rehearse(Reader(tx, NOW), declared, lambda _done, _total: None, since).document(declared)

    def histories(self) -> dict[str, list[dict[str, Any]]]:
        """The entries that stand of each request, read without any code of the product."""
        with sqlite3.connect(self.path) as database:
            rows = database.execute("SELECT stream, seq, event, data, occurred_at FROM entries ORDER BY stream, seq")
            found: dict[str, list[dict[str, Any]]] = {}
            for stream, seq, event, data, at in rows:
                found.setdefault(stream, []).append({"seq": seq, "event": event, "at": at, **json.loads(data)})
        for stream, entries in found.items():
            gone = {entry.get("corrects") for entry in entries}
            found[stream] = [e for e in entries if e["seq"] not in gone and "corrects" not in e]
        return {stream: entries for stream, entries in found.items() if stream[4:5] == "-" and stream[5] != "A"}


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    path = tmp_path_factory.mktemp("rehearsed") / "lived.db"
    lines = [line for line in map(dict, recorded()) if moment(line["now"]) < UNTIL]
    clock = MovingClock(moment(lines[0]["now"]))
    store = Store(f"sqlite:///{path}")
    open_lab(store, clock, "camille", None)
    play(Engine(store, clock), clock, lines)
    yield Lived(store, path)
    store.close()


MORE = 'un = { family = "state", label = { fr = "Un", en = "One" } }'  # a service: every entry is judged again


@pytest.mark.parametrize(
    ("old", "new"), [('version = "2026.1"', 'version = "2026.2"'), ("[services]", f"[services]\n{MORE}")]
)
def test_the_shipped_declaration_rehearsed_on_itself_changes_nothing(lived: Lived, old: str, new: str) -> None:
    assert old in shipped()
    found = lived.rehearsed(shipped().replace(old, new, 1))
    assert found.pop("requests") == len(lived.histories())
    assert found == {"refused": [], "deadlines_moved": [], "caps_breached": [], "alerts": {"more": 0, "fewer": 0}}


def _beyond(entries: list[dict[str, Any]], cap: int) -> tuple[list[int], int]:
    """By a count of its own: the plans made in Le Tuto with as many meetings already, and how many are left."""
    tier, counted, beyond = "", set(), []
    for entry in entries:
        tier = entry.get("tier", tier)
        if entry["event"] == "plan_meeting":
            if tier == "tuto" and len(counted) >= cap:
                beyond.append(entry["seq"])
            counted.add(entry["meeting"])
        elif entry["event"] == "cancel_meeting":
            counted.discard(entry["meeting"])
        counted -= set(entry.get("cancelled", ()))
        counted |= {id for id in entry.get("restored", ()) if id.startswith("work-")}
    return beyond, len(counted) if tier == "tuto" else 0


@pytest.mark.parametrize("cap", [1, 2])
def test_a_lower_cap_refuses_exactly_the_plans_beyond_it(lived: Lived, cap: int) -> None:
    lower = shipped().replace("work = { min = 1, max = 3 }", f"work = {{ min = 1, max = {cap} }}")
    found = lived.rehearsed(lower)
    counted = {ref: _beyond(entries, cap) for ref, entries in lived.histories().items()}
    expected = [(ref, seq, "plan_meeting") for ref, (beyond, _left) in sorted(counted.items()) for seq in beyond]
    assert expected
    assert [(one["ref"], one["seq"], one["event"]) for one in found["refused"]] == expected
    assert {tuple(one["rules"]) for one in found["refused"]} == {("cap_reached",)}
    breached = [{"ref": ref, "cap": cap, "used": left} for ref, (_b, left) in sorted(counted.items()) if left > cap]
    assert found["caps_breached"] == breached
    assert found["deadlines_moved"] == []


def test_only_what_happened_since_a_day_is_compared(lived: Lived) -> None:
    lower, since = (
        shipped().replace("work = { min = 1, max = 3 }", "work = { min = 1, max = 1 }"),
        "2026-03-01T00:00:00Z",
    )
    all_of_them, later = lived.rehearsed(lower)["refused"], lived.rehearsed(lower, since)["refused"]
    assert later == [one for one in all_of_them if instant(moment(one["occurred_at"])) >= since]
    assert 0 < len(later) < len(all_of_them)


def test_a_shorter_deadline_moves_those_of_its_state_and_no_other(lived: Lived) -> None:
    head, _label, rest = shipped().partition("[deadlines.received]")
    found = lived.rehearsed(head + _label + rest.replace("days = 5", "days = 1", 1))
    with lived.store.looking() as tx:
        reader = Reader(tx, NOW)
        due = {
            (ref, deadline.key): deadline.due_at
            for ref in lived.histories()
            for deadline in reader.deadlines(reader.request(ref))
            if deadline.kind == "received"
        }
    assert {(one["ref"], one["key"]): instant(moment(one["from"])) for one in found["deadlines_moved"]} == due
    assert all(moment(one["to"]) < moment(one["from"]) for one in found["deadlines_moved"])
    assert found["refused"] == []
    assert found["alerts"]["fewer"] == 0 < found["alerts"]["more"]


@pytest.mark.parametrize(
    "table", [("states", "deadlines"), *((name,) for name in EVERY if name not in ("states", "deadlines"))]
)
def test_what_is_declared_no_more_is_said_once_and_stops_nothing_else(lived: Lived, table: tuple[str, ...]) -> None:
    renamed = load(Renaming(document_of(tomllib.loads(shipped())), table).text())
    found = lived.rehearsed(renamed, "2026-03-10T00:00:00Z")
    assert found["requests"] == len(lived.histories())
    judged_by = {"roles": {"role", "waiver_not_allowed"}, "families": {"scope"}, "axes": {"scope"}}
    rules = {rule for one in found["refused"] for rule in one["rules"]}
    assert rules <= {"undeclared"} | judged_by.get(table[0], set())
    ended = [one["ref"] for one in found["refused"] if one["ends"]]
    assert len(ended) == len(set(ended))
    assert bool(ended) == (table[0] in ("states", "events", "tiers", "places"))
