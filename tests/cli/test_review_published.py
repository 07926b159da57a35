"""`coop review --public`: each edition is kept, says what it is, and is given again by the line printed in it."""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from desk import Desk

NOW = "2026-01-12T09:00+01:00"
PLAN = ("activity", "plan", "--title", "V", "--type", "visit", "--axis", "management", "--for", "1h", "--place",
        "hors_les_murs", "--staff", "none", "--slot")  # fmt: skip
MANAGERS = "indicators.managers_participating"


def session(lab: Desk, number: int, managers: int, slot: str = "12/1 9h") -> None:
    """One more activity of fifteen persons, so many of them managers."""
    ref = f"2026-A00{number}"
    for words in (
        (*PLAN, slot), ("activity", "open", ref), ("activity", "register", ref, "--registered", "20"),
        ("activity", "done", ref, "--attended", "15", "--managers", str(managers)),
    ):  # fmt: skip
        assert lab.coop(*words).exit == 0


@pytest.fixture
def lab(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A lab where fifteen persons came, of whom six managers."""
    monkeypatch.setenv("COOP_LANG", "fr")
    assert desk.at(NOW).coop("init").exit == 0
    session(desk, 1, 6)
    return desk


def published() -> int:
    """How many editions the history has."""
    with closing(sqlite3.connect("coop.db")) as store:
        (found,) = store.execute("SELECT count(*) FROM entries WHERE event = 'review_published'").fetchone()
    return int(found)


def test_a_second_edition_that_reveals_something_is_refused_then_published_without_it(lab: Desk) -> None:
    first = lab.json("review", "2026-S1", "--public")
    assert first["indicators"]["managers_participating"] == 6
    session(lab, 2, 3)
    refused = lab.coop("review", "2026-S1", "--public", "--format", "csv")
    assert refused.exit == 3
    assert "Participations de responsables" in refused.err
    assert "--again" in refused.err
    assert refused.out == ""
    again = lab.json("review", "2026-S1", "--public", "--again")
    assert again["indicators"]["managers_participating"] is None
    assert MANAGERS in again["masked"]
    # The terminal publishes nothing: it shows what would be.
    assert "masqué" in lab.coop("review", "2026-S1", "--public").out
    session(lab, 3, 4)
    assert lab.json("review", "2026-S1", "--public")["indicators"]["managers_participating"] == 13


@pytest.mark.parametrize("how", [("review", "now"), ("review", "2026-S1", "--known-at", "2026-01-12T11:00+01:00")])
def test_whatever_it_is_asked_by_it_is_an_edition(lab: Desk, how: tuple[str, ...]) -> None:
    lab.json("review", "2026-S1", "--public", "--known-at", NOW)
    lab.at("2026-01-12T11:00+01:00")
    session(lab, 2, 3, "12/1 11h")
    lab.at("2026-01-12T12:00+01:00")
    assert lab.coop(*how, "--public", "--json").exit == 3


def test_one_edition_in_every_format_is_one_entry(lab: Desk, tmp_path: Path) -> None:
    session(lab, 2, 6)
    for form in ("csv", "json", "html", "pdf", "ods"):
        assert lab.coop("review", "2026-S1", "--public", "--format", form, "--out", str(tmp_path / form)).exit == 0
    assert published() == 1
    lab.at("2026-01-12T18:00+01:00")
    assert lab.coop("review", "2026-S1", "--public", "--json").exit == 0
    assert published() == 1
    assert lab.coop("db", "verify").exit == 0
    assert lab.coop("db", "rebuild").exit == 0


@pytest.mark.parametrize("options", [(), ("--public",)])
def test_the_line_printed_in_a_file_gives_its_digest(lab: Desk, options: tuple[str, ...]) -> None:
    """And the same masks, though a later edition is out by then."""
    session(lab, 2, 3)
    text = lab.coop("review", "2026-S1", *options, "--format", "csv").out
    digest = next(re.finditer(r"^Empreinte des chiffres;([0-9a-f]{64})", text, re.M))[1]
    line = next(re.finditer(r"^Pour la recalculer;(.*)$", text, re.M))[1]
    lab.at("2026-01-13T09:00+01:00")
    session(lab, 3, 2, "13/1 9h")
    assert lab.coop("review", "2026-S1", "--public", "--again", "--json").exit == 0
    again = lab.coop(*shlex.split(line.strip())[1:])
    assert again.exit == 0, again.err
    assert json.loads(again.out)["digest"] == digest


def test_the_file_says_what_it_is_in_every_format(lab: Desk, tmp_path: Path) -> None:
    for language, mark, said in (("fr", "masqué", "Édition publique"), ("en", "masked", "Public edition")):
        for form in ("csv", "html"):
            for options, there in (((), False), (("--public",), True)):
                words = ("--lang", language, "review", "2026-S1", "--format", form, "--out", "-", *options)
                out = lab.coop(*words).out
                assert (said in out) == there, (form, options)
                assert (mark in out) == there
        out = lab.coop("--lang", language, "review", "2026-S1", "--format", "csv", "--machine", "--public").out
        assert said in out
    document = lab.json("review", "2026-S1", "--public")
    assert document["public"] is True
    assert "public" not in lab.json("review", "2026-S1")


def test_publishing_is_for_who_keeps_the_registers(lab: Desk) -> None:
    lab.coop("staff", "add", "agnes", "--name", "Agnès", "--email", "a@example.org", "--role", "pilot")
    lab.coop(
        "--as", "agnes", "staff", "add", "marc", "--name", "Marc", "--email", "m@example.org", "--role", "committee"
    )
    assert lab.coop("--as", "marc", "review", "2026-S1", "--public", "--json").exit == 3
    assert published() == 0
    lab.json("review", "2026-S1", "--public")
    assert lab.coop("--as", "marc", "review", "2026-S1", "--public", "--json").exit == 0


def test_again_is_for_a_public_edition(lab: Desk) -> None:
    assert lab.coop("review", "2026-S1", "--again", "--json").exit == 2


def test_an_edition_that_cannot_be_written_is_said_to_be_kept(lab: Desk) -> None:
    printed = lab.coop("review", "2026-S1", "--public", "--format", "csv", "--out", "nulle/part.csv")
    assert printed.exit == 2
    assert "publiée" in printed.err
    assert published() == 1
    assert lab.coop("review", "2026-S1", "--public", "--format", "csv", "--out", "ici.csv").exit == 0
    assert published() == 1
