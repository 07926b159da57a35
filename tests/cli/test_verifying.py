"""`db verify`, as it is typed: what differs is named, in words and in JSON; a head noted elsewhere is looked for."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import pytest
from desk import SAMPLES, Desk


def test_what_differs_is_named_in_words_and_in_json(desk: Desk) -> None:
    desk.json("submit", str(SAMPLES / "fiche-1.toml"))
    with closing(sqlite3.connect(os.environ["COOP_DB"])) as file, file:
        file.execute("UPDATE vault SET value = '\"Autre\"' WHERE field = 'title'")
    printed = desk.coop("db", "verify")
    assert (printed.exit, "2026-0001 #1 title" in printed.out) == (7, True)
    printed = desk.coop("db", "verify", "--json")
    assert printed.exit == 7
    assert [problem["where"] for problem in printed.json["problems"]] == ["2026-0001 #1 title"]
    assert printed.error["exit"] == 7


def test_a_head_noted_elsewhere_is_found_again(desk: Desk) -> None:
    head = desk.json("db", "verify")["head"]
    desk.json("submit", str(SAMPLES / "fiche-1.toml"))
    assert [*desk.json("db", "verify", "--head", head.upper())["known_heads"]] == [head]
    printed = desk.coop("db", "verify", "--head", head)
    assert (printed.exit, f"{head[:12]}…" in printed.out) == (0, True)
    assert desk.coop("db", "verify", "--head", "0" * 64).exit == 7


@pytest.mark.parametrize("given", ["", "12", "z" * 64, "0" * 65])
def test_what_is_no_head_is_wrong_usage(desk: Desk, given: str) -> None:
    assert desk.coop("db", "verify", "--head", given).exit == 2
