"""The Wharf, a lab that has none of the product's own names, lives its half-year; its people meet only its words."""

from __future__ import annotations

import re
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, open_desk
from half_year.recording import written
from wharf import DECLARATION, RECORDED, SKIPPER, lived

from handlers.demo.player import MovingClock, play, recorded
from workflow.engine import Engine
from workflow.lab.opening import open_lab
from workflow.store.database import Store

OURS = Path(__file__).parents[2] / "states" / "cooperative.toml"
# Tables whose labels and codes are a lab's own; keys, fields of a form and codes of roles in a task may be shared.
NAMED = ("states", "roles", "services", "departments", "academies", "places", "axes", "tiers", "events", "letters")
# What the product itself calls what every lab has: an end, a record, a party, a figure of the review.
COMMON = {
    "received", "closed", "declined", "withdrawn", "cancelled", "requester", "the requester", "committee", "question",
    "validate", "validated", "ratify", "submit", "working", "comment", "interview held", "session held", "deliverable",
    "demandeur", "annulée", "valider", "ratifier", "validée", "corrigée", "effort", "non retenue", "entretien tenu",
    "session tenue", "annuler", "clôture", "hors les murs", "off site", "scheduler", "change the tier", "corrected",
    "reopened", "tier of support", "by delegation", "par délégation", "le laboratoire", "the lab", "closing",
    "livrable", "niveau d’accompagnement",
}  # fmt: skip
READ = (
    "today", "board", "list", "alerts", "agenda", "flow", "codes", "codes places", "staff", "place",
    "lifecycle show", "outbox", "triage", "show 2026-0002", "show 2026-0024", "next 2026-0002", "next 2026-0024",
    "next 2026-0026", "history 2026-0002", "history 2026-0004", "letter 2026-0002", "letter 2026-0002 landed",
    "letter 2026-0002 berth", "letter 2026-0004 elsewhere", "deadlines 2026-0024", "tasks 2026-0024",
    "tier suggest 2026-0024", "sheet 2026-0002 --format html --out -", "review 2026-autumn",
    "review 2026-autumn --json", "review 2026-autumn --format html --out -", "review 2026-autumn --format csv --out -",
    "--help", "chat --help", "moor --help", "agree --help", "bench set --help", "launch --help",
)  # fmt: skip


@pytest.fixture(scope="module")
def half_year(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The store at the end of it, and when that is."""
    lines = recorded(DECLARATION)
    store = Store(str(tmp_path_factory.mktemp("wharf") / "coop.db"))
    clock = MovingClock(datetime.fromisoformat(lines[0]["now"]))
    open_lab(store, clock, SKIPPER, str(DECLARATION))
    played = play(Engine(store, clock), clock, lines)
    assert store.path is not None
    store.close()
    return store.path, played.last


@pytest.fixture
def desk(
    half_year: tuple[Path, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Desk:
    desk = open_desk(tmp_path, monkeypatch, capsys).at(half_year[1])
    monkeypatch.setenv("COOP_DB", str(half_year[0]))
    monkeypatch.setenv("COOP_ACTOR", SKIPPER)
    return desk


def test_living_it_again_records_the_same_lines() -> None:
    assert written(lived()) == RECORDED.read_text("utf-8")


def test_the_demonstration_plays_it(desk: Desk, tmp_path: Path) -> None:
    played = desk.coop("demo", "--lab", str(DECLARATION), "--keep", str(tmp_path / "kept"))
    assert played.exit == 0, played.err
    assert "COOP_ACTOR=robin" in played.out
    assert "coop review 2026-autumn" in played.out
    assert "nothing.toml" in desk.fails(6, "demo", "--lab", "nothing.toml")["fields"][0]["message"]
    assert desk.fails(6, "demo", "--lab", str(OURS))["fields"][0]["file"] == str(OURS.with_name("half-year.jsonl"))


def test_its_history_holds(desk: Desk) -> None:
    assert desk.coop("db", "verify").exit == 0
    figures = desk.json("review", "2026-autumn")["flow"]
    assert (figures["received"], figures["declined"]) == (26, 4)


def names(file: Path) -> set[str]:
    """Every code and label by which a declaration names what is its own."""
    found: set[str] = set()
    declared: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
    for table in NAMED:
        for code, row in declared.get(table, {}).items():
            found |= {code, *row["label"].values(), *row.get("past", {}).values()}
    for tier in declared["tiers"].values():
        found |= {text for task in tier["tasks"].values() for text in task["label"].values()}
    return {name.casefold() for name in found}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_nothing_it_prints_names_what_it_has_not(desk: Desk, language: str) -> None:
    its_own = DECLARATION.read_text("utf-8").casefold()
    foreign = {name for name in names(OURS) - COMMON if len(name) > 5 and name not in its_own}
    assert len(foreign) > 150
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(foreign)))})(?![\w-])")
    found = {}
    for words in READ:
        printed = desk.coop("--lang", language, *words.split())
        assert printed.exit == 0, (words, printed.err)
        if met := set(pattern.findall(printed.out.casefold())):
            found[words] = met
    assert found == {}
