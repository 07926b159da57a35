"""`coop demo`: the round, then half a year of a lab; nothing is left behind but what is asked for."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest
from desk import Desk


@pytest.fixture(autouse=True)
def shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a year is played in tests/handlers; here, some weeks of it."""
    from handlers.demo import player

    weeks = player.recorded()[:250]
    monkeypatch.setattr(player, "recorded", lambda _lab=None: weeks)


def test_it_shows_the_round_then_the_months(desk: Desk, tmp_path: Path) -> None:
    before = dict(os.environ)
    printed = desk.coop("demo")
    assert printed.exit == 0, printed.err
    lines = [line for line in printed.out.splitlines() if line.startswith("$ coop ")]
    assert lines[0] == "$ coop init"
    assert "$ coop history ." in lines
    assert "$ coop list --overdue" in lines
    assert lines[-1] == "$ coop db verify"
    assert printed.out.count("$ coop db verify") == 2
    assert "projects_accompanied" in printed.out.partition("$ coop review 2026-S1\n")[2]
    assert dict(os.environ) == before
    assert Path.cwd() == tmp_path
    assert {path.name for path in tmp_path.iterdir()} <= {"coop.db", "state"}  # the desk's own


def test_its_commands_end_as_they_say(desk: Desk) -> None:
    """What a demonstrated command refuses is said; a fault would end it."""
    printed = desk.coop("--lang", "en", "demo")
    assert printed.err.count("Refused:") == 2
    assert "fault" not in printed.err


def test_the_store_is_kept_where_it_is_asked_for(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = desk.coop("demo", "--keep", "here and now")
    assert printed.exit == 0, printed.err
    store = tmp_path / "here and now" / "coop.db"
    assert store.exists()
    settings = dict(word.split("=", 1) for word in shlex.split(printed.out.splitlines()[-1]))
    assert settings["COOP_DB"] == str(store)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert len(desk.json("list")) >= 10
    assert desk.coop("db", "verify").exit == 0


def test_a_store_that_is_there_is_never_touched(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "coop.db").write_text("mine")
    desk.fails(2, "demo", "--keep", "mine")
    (tmp_path / "file").write_text("no folder")
    desk.fails(2, "demo", "--keep", "file/inside")
    assert (tmp_path / "mine" / "coop.db").read_text() == "mine"


def test_a_program_gets_one_document(desk: Desk, tmp_path: Path) -> None:
    found = desk.json("demo", "--keep", "kept")
    assert found["store"] == str(tmp_path / "kept" / "coop.db")
    assert found["requests"] >= 10
    assert found["from"] < found["to"]
