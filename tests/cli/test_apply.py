"""`coop apply` as it is typed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from states.errors import StoreUnreachable
from tests.support.desk import Desk
from workflow.engine import Engine

GOOD = {"event": "comment", "note": "n"}


def test_a_shortened_reference_is_understood(desk: Desk) -> None:
    ref = desk.received()
    lines = [{**GOOD, "ref": short} for short in ("1", "2026-1", ref, ".")]
    printed = desk.coop("apply", "-", "--json", stdin="\n".join(map(json.dumps, lines)))
    assert [(result["ref"], result["seq"]) for result in printed.json["results"]] == [(ref, n) for n in (2, 3, 4, 5)]
    printed = desk.coop("apply", "-", "--json", stdin=json.dumps({**GOOD, "ref": "nulle part"}))
    assert printed.exit == 4


def test_a_store_that_goes_away_half_way_leaves_what_was_counted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines of the first batches are applied: they are counted, and the exit says that the store failed."""
    ref, deciding = desk.received(), Engine.apply_in

    def fails(engine: Engine, tx: Any, command: Any) -> Any:
        if command.note == "panne":
            raise StoreUnreachable
        return deciding(engine, tx, command)

    monkeypatch.setattr("handlers.batch.BATCH", 2)
    monkeypatch.setattr(Engine, "apply_in", fails)
    lines = [{**GOOD, "ref": ref, "note": note} for note in ("a", "b", "c", "panne")]
    printed = desk.coop("apply", "-", stdin="\n".join(map(json.dumps, lines)))
    assert printed.exit == 7
    assert "2 appliqué" in printed.out
    assert len(desk.json("history", ref)) == 3
