"""One request that cannot be read stops neither the watch, nor a list, nor a review of the others: it is named."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, open_desk

Document = dict[str, Any]
NOWHERE = "0" * 64


def garbled(_document: Document) -> str:
    return "{not JSON"


def of_another_program(document: Document) -> str:
    return json.dumps({**document, "a part that nobody knows": 1})


def lacking(document: Document) -> str:
    return json.dumps({name: value for name, value in document.items() if name != "form"})


def of_no_declaration(document: Document) -> str:
    return json.dumps({**document, "declaration": NOWHERE})


def in_no_state(document: Document) -> str:
    return json.dumps({**document, "state": "nowhere"})


READ = (
    "list|board|board --project-committee|today|agenda|alerts --all|triage --json|staff load|review 2026-S1|review now"
    "|review 2026-S1 --known-at 19/01/2026|export ics --out calendar.ics|place list|status|outbox"
)
NAMING = ("list", "board", "today", "review 2026-S1", "status")  # what would have said something of it


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A desk where what is proposed is not typed: on a damaged store it has to wait for the store."""
    return open_desk(tmp_path, monkeypatch, capsys)


@pytest.fixture
def refs(desk: Desk) -> list[str]:
    """Three requests alike, each with an interview to come."""
    refs = [desk.received(title=f"Le projet {n}") for n in (1, 2, 3)]
    for n, ref in enumerate(refs):
        desk.json("prequalify", ref)
        desk.json("interview", "plan", ref, "--slot", f"{n + 13}/01 10h", "--staff", "camille")
    return refs


def spoil(ref: str, how: Callable[[Document], str]) -> None:
    with closing(sqlite3.connect("coop.db")) as store, store:
        (text,) = store.execute("SELECT document FROM requests WHERE ref = ?", [ref]).fetchone()
        store.execute("UPDATE requests SET document = ? WHERE ref = ?", [how(json.loads(text)), ref])


def read_all(desk: Desk, odd: str) -> None:
    """Every list and every figure is given; what would have said something of the odd one names it."""
    for command in READ.split("|"):
        printed = desk.coop(*command.split())
        assert printed.exit == 0, (command, printed.err)
        if command in NAMING:
            assert odd in printed.err
            assert "coop db verify" in printed.err


@pytest.mark.parametrize("how", [garbled, of_another_program, lacking, of_no_declaration, in_no_state])
def test_a_request_that_cannot_be_read_is_named_and_the_rest_goes_on(
    desk: Desk, refs: list[str], how: Callable[[Document], str]
) -> None:
    odd, *others = refs
    spoil(odd, how)
    desk.at("2026-01-20T09:00+01:00")
    went_round = desk.coop("scheduler", "tick", "--json")
    assert went_round.exit == 0, went_round.err
    assert went_round.json["raised"] >= len(others)
    read_all(desk, odd)
    assert {row["ref"] for row in desk.json("today")["late"]} == set(others)
    assert {row["ref"] for row in desk.json("list")} == set(refs)
    for ref in others:
        assert desk.json("interview", "done", ref)["state"] == "qualified"
    assert desk.json("calendar", "close", "--from", "26/01", "--note", "travaux")
    verified = desk.coop("db", "verify")
    assert verified.exit == 7
    assert odd in verified.out + verified.err


def test_a_request_whose_version_cannot_be_read_is_named_and_the_rest_goes_on(desk: Desk, refs: list[str]) -> None:
    with closing(sqlite3.connect("coop.db")) as store, store:
        store.execute(
            "INSERT INTO declarations (digest, version, document) VALUES (?, '1', '{\"states\": 1}')", [NOWHERE]
        )
        store.execute("UPDATE requests SET declaration = ? WHERE ref = ?", [NOWHERE, refs[0]])
    spoil(refs[0], of_no_declaration)
    desk.at("2026-01-20T09:00+01:00")
    went_round = desk.coop("scheduler", "tick", "--json")
    assert went_round.exit == 0, went_round.err
    assert went_round.json["unreadable"] == [refs[0]]
    read_all(desk, refs[0])
    assert desk.fails(7, "show", refs[0])["code"] == "store_damaged"
    assert desk.json("interview", "done", refs[1])["state"] == "qualified"
