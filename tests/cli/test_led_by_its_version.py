"""A request is led, and its history told, by the version of the declaration that it obeys."""

from __future__ import annotations

import json
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path

import pytest
from desk import Desk
from renamed import Renaming

from states.declaration.documents import document_of, shipped

PAST = 'past = { fr = "Préqualifiée", en = "Prequalified" }'
INTERVIEW = "14/01 10h"


def adopt(desk: Desk, text: str) -> None:
    Path("other.toml").write_text(text, "utf-8")
    assert desk.json("lifecycle", "adopt", "other.toml", "--yes")["adopted"] is True


def taken_over(ref: str) -> None:
    """From here on the request obeys the version in force; its entries stay those of the version before."""
    with closing(sqlite3.connect("coop.db")) as store, store:
        (text,) = store.execute("SELECT document FROM requests WHERE ref = ?", [ref]).fetchone()
        (digest,) = store.execute("SELECT declaration FROM entries WHERE stream = 'lab' ORDER BY seq DESC").fetchone()
        document = json.dumps({**json.loads(text), "declaration": digest})
        store.execute("UPDATE requests SET declaration = ?, document = ? WHERE ref = ?", [digest, document, ref])


@pytest.fixture
def other_codes(desk: Desk) -> str:
    """A request of the first version, where the events of the one in force have other codes, and the same commands."""
    ref = desk.received()
    adopt(desk, Renaming(document_of(tomllib.loads(shipped())), ("events", "keys")).text())
    return ref


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("advance REF prequalify", "prequalified"),
        ("prequalify REF", "prequalified"),
        ("comment REF --note Vu", "received"),
        ("withdraw REF --note Renoncé --on-behalf", "withdrawn"),
    ],
)
def test_an_event_is_looked_up_in_the_version_that_the_request_obeys(
    desk: Desk, other_codes: str, words: str, state: str
) -> None:
    assert desk.json(*words.replace("REF", other_codes).split())["state"] == state


def test_what_has_a_slot_goes_by_that_version_too(desk: Desk, other_codes: str) -> None:
    desk.json("prequalify", other_codes)
    planned = desk.json("advance", other_codes, "plan_interview", "--set", f"at={INTERVIEW}")
    assert planned["calendar"][0]["at"] == "2026-01-14T10:00:00+01:00"
    moved = desk.json("meeting", "move", f"{other_codes}/interview-1", "--slot", "15/01 10h")
    assert moved["calendar"][0]["at"] == "2026-01-15T10:00:00+01:00"
    assert desk.json("undo", other_codes, "--note", "Erreur")["calendar"][0]["at"] == "2026-01-14T10:00:00+01:00"


def test_an_event_that_only_the_version_in_force_declares_is_unknown_to_it(desk: Desk, other_codes: str) -> None:
    assert "prequalify" in desk.fails(2, "advance", other_codes, "zz_prequalify")["message"]
    later = desk.received(title="Un autre projet")
    assert desk.json("advance", later, "zz_prequalify")["state"] == "prequalified"
    assert "zz_prequalify" in desk.fails(2, "advance", later, "prequalify")["message"]


def test_each_line_of_a_history_is_told_in_the_words_of_its_version(desk: Desk) -> None:
    ref = desk.received()
    desk.json("prequalify", ref)
    adopt(
        desk,
        shipped()
        .replace(PAST, 'past = { fr = "Retenue d’abord", en = "Kept first" }')
        .replace('past = { fr = "Entretien planifié"', 'past = { fr = "Rencontre fixée"'),
    )
    before = desk.coop("history", ref).out
    assert "Préqualifiée" in before
    taken_over(ref)
    desk.json("interview", "plan", ref, "--slot", INTERVIEW)
    told = desk.coop("history", ref).out
    assert "Préqualifiée" in told
    assert "Retenue d’abord" not in told
    assert "Rencontre fixée" in told


def test_a_command_that_only_an_older_version_has_is_typed_as_it_is_printed(desk: Desk) -> None:
    ref = desk.received()
    other = shipped()
    for now, later in (("prequalify", "accept"), ("interview plan", "talk plan"), ("interview done", "talk done")):
        other = other.replace(f'command = "{now}"', f'command = "{later}"')
    adopt(desk, other)
    (printed,) = (row["command"] for row in desk.json("next", ref)["events"] if row["event"] == "prequalify")
    assert printed == "coop prequalify 1"
    assert desk.json(*printed.split()[1:])["state"] == "prequalified"
    assert desk.json("interview", "plan", ref, "--slot", INTERVIEW)["state"] == "interview_planned"
    assert desk.json("accept", desk.received(title="Un autre projet"))["state"] == "prequalified"
    assert "prequalify" not in desk.coop("--help").out
    assert "talk plan" in desk.fails(2, "plan_interview")["message"]


def test_the_shell_offers_the_events_of_the_version_that_the_request_obeys(desk: Desk, other_codes: str) -> None:
    later = desk.received(title="Un autre projet")
    assert "prequalify" in desk.offered(f"coop advance {other_codes} ")
    assert "zz_prequalify" not in desk.offered(f"coop advance {other_codes} ")
    assert "zz_prequalify" in desk.offered(f"coop advance {later} ")
