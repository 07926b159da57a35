"""The examples work: a second lab can be opened, and its forms received."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from shutil import copytree

import pytest
from desk import Desk, opened_desk
from generation.markdown import ROOT

desk = opened_desk
EXAMPLES = ROOT / "examples"
PREAU = EXAMPLES / "preau"


LABS = sorted(path for path in EXAMPLES.glob("*/*.toml") if path.stem == path.parent.name)


@pytest.mark.parametrize("file", LABS, ids=lambda path: path.stem)
def test_another_lab_passes_the_check(desk: Desk, file: Path) -> None:
    printed = desk.coop("lifecycle", "check", str(file))
    assert printed.exit == 0, printed.err


def test_the_second_lab_is_much_smaller_and_has_its_own_words() -> None:
    ours = tomllib.loads((ROOT / "states" / "cooperative.toml").read_text("utf-8"))
    theirs = tomllib.loads((PREAU / "preau.toml").read_text("utf-8"))
    for table in ("states", "events", "services", "tiers", "form"):
        assert len(theirs[table]) < len(ours[table]), table
    for table in ("places", "services", "tiers", "axes"):
        assert not set(theirs[table]) & set(ours[table]), table


def test_a_request_is_led_in_the_second_lab(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOP_DB", str(tmp_path / "preau.db"))
    assert desk.coop("init", "--lab", str(PREAU / "preau.toml")).exit == 0
    desk.json("staff", "change", "camille", "--site", "preau")
    desk.json(
        "staff", "add", "dga", "--name", "D", "--email", "d@example.org", "--role", "committee", "--site", "preau"
    )
    desk.coop("submit", str(PREAU / "fiche.toml"))
    desk.json("prequalify", "1")
    assert desk.refused("interview", "plan", "1", "--slot", "14/01 14h") == ["place_closed"]
    desk.json("interview", "plan", "1", "--slot", "13/01 14h")
    desk.at("2026-01-13T15:00+01:00").json("interview", "done", "1")
    assert desk.json("tier", "assign", "1")["tier"] == "chantier"
    assert desk.refused("advance", "1", "begin") == ["not_validated"]
    desk.json("--as", "dga", "validate", "1")
    desk.json("advance", "1", "begin")
    desk.json("meeting", "plan", "1", "--slot", "15/01 14h", "--slot", "20/01 14h")
    desk.json("session", "plan", "1", "--slot", "22/01 9h")
    desk.at("2026-01-22T13:00+01:00")
    assert desk.refused("session", "done", "1") == ["below_minimum"]
    desk.json("meeting", "done", "1/work-1")
    desk.json("meeting", "done", "1/work-2")
    desk.json("session", "done", "1")
    desk.json("deliverable", "1", "--title", "Carnet", "--type", "trace")
    assert desk.json("close", "1")["state"] == "closed"
    assert desk.coop("db", "verify").exit == 0


def letters(desk: Desk) -> list[str]:
    """The letters that wait."""
    return [message["key"].rpartition("/")[2] for message in desk.json("outbox") if message["kind"] == "letter"]


def test_the_second_lab_writes_its_own_letters(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its words, from its folder, for its events: none of the product's."""
    monkeypatch.setenv("COOP_DB", str(tmp_path / "preau.db"))
    assert desk.coop("init", "--lab", str(PREAU / "preau.toml")).exit == 0
    desk.json("staff", "change", "camille", "--site", "preau")
    desk.coop("submit", str(PREAU / "fiche.toml"))
    desk.json("prequalify", "1")
    assert [row["letter"] for row in desk.json("letter", "1")] == ["bienvenue", "rencontre", "format", "ailleurs"]
    assert letters(desk) == ["bienvenue", "rencontre"]
    said = {code: desk.coop("letter", "1", code).out.replace("\u00a0", " ") for code in ("bienvenue", "rencontre")}
    assert "Vous avez notre réponse le jeudi 15 janvier 2026 au plus tard." in said["bienvenue"]
    assert said["rencontre"].startswith("Objet : C’est oui : voyons-nous (2026-0001)\n\nBonjour Camille Exemple,")
    assert "Welcome to Le Préau" in desk.coop("letter", "1", "bienvenue", "--lang", "en").out
    desk.json("interview", "plan", "1", "--slot", "13/01 14h")
    desk.at("2026-01-13T15:00+01:00").json("interview", "done", "1")
    desk.json("tier", "assign", "1")
    first = desk.coop("letter", "1", "format").out
    assert "La direction générale valide d’abord" in first
    desk.json(
        "staff", "add", "dga", "--name", "D", "--email", "d@example.org", "--role", "committee", "--site", "preau"
    )
    desk.json("--as", "dga", "validate", "1")
    second = desk.coop("letter", "1", "format").out
    assert "La direction générale est d’accord" in second
    assert "valide d’abord" not in second


def test_the_letters_of_the_second_lab_are_checked_edited_and_turned_off(desk: Desk, tmp_path: Path) -> None:
    lab = tmp_path / "preau"
    copytree(PREAU, lab)
    mine, toml = lab / "letters" / "bienvenue.fr.md", lab / "preau.toml"
    text, declared = mine.read_text("utf-8"), toml.read_text("utf-8")
    mine.write_text(text.replace("{{ received }}", "{{ recieved }}"), "utf-8")
    (error,) = desk.fails(6, "lifecycle", "check", str(toml))["fields"]
    assert (error["file"], error["line"]) == ("letters/bienvenue.fr.md", 5)
    assert "received" in error["message"]
    (lab / "letters" / "ailleurs.en.md").unlink()  # nothing of the product stands in for it
    assert "letters/ailleurs.en.md" in desk.fails(6, "lifecycle", "check", str(toml))["fields"][0]["message"]
    mine.write_text(text.replace("Votre idée", "Votre envie"), "utf-8")
    toml.write_text(declared.replace("[letters.ailleurs]", "[letters.ailleurs]\noff = true"), "utf-8")
    desk.monkeypatch.setenv("COOP_DB", str(tmp_path / "preau.db"))
    assert desk.coop("init", "--lab", str(toml)).exit == 0
    desk.json("staff", "change", "camille", "--site", "preau")
    desk.coop("submit", str(lab / "fiche.toml"))
    assert "Votre envie" in desk.coop("letter", "1", "bienvenue").out
    desk.json("decline", "1", "--reason", "ailleurs", "--orientation", "La mairie.", "--note", "Elle le fait déjà.")
    assert letters(desk) == ["bienvenue"]


def test_a_history_is_verified_without_the_product(desk: Desk, tmp_path: Path) -> None:
    desk.coop("submit", str(EXAMPLES / "fiche.toml"))
    desk.json("comment", "1", "--note", "Un mot, à part")
    done = subprocess.run(
        [sys.executable, "-I", str(EXAMPLES / "verifier.py"), str(tmp_path / "coop.db")],
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert done.stdout.strip() == desk.json("db", "verify")["head"]
