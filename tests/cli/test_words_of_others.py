"""The words of a system, a database or a library are told in the reader's language; what is typed is named so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from desk import FORM, Desk

NBSP = "\u00a0"


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x", "utf-8")
    (tmp_path / "latin.toml").write_bytes(b"title = 'caf\xe9'")
    (tmp_path / "open.toml").write_text('title = "x\n', "utf-8")
    (tmp_path / "cut.jsonl").write_text('{"ref":\n{"ref": "1" "event"}\n', "utf-8")


FOLDER, PART = "c’est un dossier", "une partie de ce chemin est un fichier, non un dossier"
NOWHERE = "ce fichier ou ce dossier n’existe pas"
TOML = 'attendu : du TOML, comme title = "…", avec tous les textes entre guillemets'


@pytest.mark.parametrize(
    ("line", "exit", "said"),
    [
        ("apply folder", 6, FOLDER),
        ("apply .", 6, FOLDER),
        ("apply file/x", 6, PART),
        ("apply nowhere", 6, NOWHERE),
        ("apply cut.jsonl", 6, "ce JSON se termine trop tôt"),
        ("apply cut.jsonl", 6, 'ce n’est pas du JSON, à partir de « "event"} »'),
        ("lifecycle check folder", 6, FOLDER),
        ("lifecycle check latin.toml", 6, "ce n’est pas un texte en UTF-8"),
        ("lifecycle check open.toml", 6, TOML),
        ("submit open.toml", 6, TOML),
        ("review 2026-S1 --format html --out folder", 2, FOLDER),
        ("review 2026-S1 --format html --out file/x.html", 2, PART),
        ("export ics --out nowhere/x.ics", 2, NOWHERE),
        ("db backup nowhere/x.db", 7, NOWHERE),
        ("--db file/x.db init", 7, PART),
        ("--db postgresql://127.0.0.1:1/x list", 7, "personne ne répond à cette adresse"),
        ("--db postgresql://nowhere.invalid/x list", 7, "aucune machine ne porte ce nom"),
        ("staff load camille --weeks 0", 2, "« --weeks » : 0 n’est pas dans l’intervalle de 1 à 53"),
    ],
)
def test_the_words_of_others_are_french_or_quoted(desk: Desk, line: str, exit: int, said: str) -> None:
    printed = desk.coop(*line.split())
    assert (printed.exit, printed.out.count("\n") <= 1) == (exit, True)
    text = " ".join(printed.err.replace(NBSP, " ").split())
    assert said in text
    for english in ("directory", "No such", "invalid", "Expecting", "at line"):
        assert english not in text.replace("nowhere.invalid", "")


def test_no_file_is_not_a_folder(desk: Desk) -> None:
    assert "il faut nommer un fichier" in desk.coop("apply", "").err


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("staff absence camille --from zz", "--from"),
        ("staff add x --name X --email x@example.org --role zz", "--role"),
        ("list --state zz", "--state"),
        ("review 2026S9", "SEMESTER"),
        ("place free montpellier --duration x", "--duration"),
        ("alerts --rule zz", "--rule"),
        ("alerts snooze 1 --until zz", "--until"),
        ("agenda --from zz", "--from"),
        ("codes zz", "VOCABULARY"),
        ("show 1 --as-of zz", "--as-of"),
        ("prequalify 1 --waive zz -n x", "--waive"),
        ("suspend 1", "--note"),
        ("advance 1 suspend", "--note"),
        ("advance 1 decline -n x --set orientation=x", "reason"),
        ("amend 1 --set zz=1", "zz"),
    ],
)
def test_what_is_wrong_is_named_as_it_is_typed(desk: Desk, line: str, named: str) -> None:
    desk.received()
    printed = desk.coop(*line.split())
    assert printed.exit == 6
    assert f"  · {named}{NBSP}: " in printed.err
    assert not desk.coop(*line.split(), "--json").error["fields"][0]["field"].startswith("SEM")


# --- A form among the lines of `apply` is answered as by `submit` ---


def test_apply_names_the_characters_it_removed(desk: Desk) -> None:
    form = {**FORM, "requester": {"name": "Alix Modèle", "email": "alix\u200b@example.org"}}
    printed = desk.coop("apply", "-", stdin=json.dumps({"submit": form}))
    assert printed.exit == 0
    assert printed.err.startswith(f"ligne 1{NBSP}: ")
    assert "U+200B" in printed.err


def test_the_address_of_a_colleague_is_cleaned_and_it_is_said(desk: Desk) -> None:
    add = ("staff", "add", "sam", "--name", "Sam Modèle", "--email", "sam\u200b@example.org", "--role", "specialist")
    assert "U+200B" in desk.coop(*add).err
    assert "U+00AD" in desk.coop("staff", "change", "sam", "--email", "sam\u00ad@example.org").err
    assert desk.coop("staff", "change", "sam", "--hours", "20").err == ""
    assert "sam@example.org" in desk.coop("staff", "show", "sam").out


def test_apply_names_what_changed_since_a_form_was_received(desk: Desk, tmp_path: Path) -> None:
    desk.received(external_id="56")
    again = {**FORM, "experience": "some", "complexity": "simple", "external_id": "56", "participants": 25}
    (tmp_path / "again.jsonl").write_text(json.dumps({"submit": again}), "utf-8")
    printed = desk.coop("apply", "again.jsonl")
    assert printed.exit == 5
    assert "coop amend 2026-0001 --set participants=25" in printed.out
    result = desk.coop("apply", "again.jsonl", "--json").json["results"][0]
    assert [change["field"] for change in result["skipped"]["changed"]] == ["participants"]


def test_apply_says_which_rule_refused_a_line(desk: Desk, tmp_path: Path) -> None:
    desk.received()
    (tmp_path / "lines.jsonl").write_text('{"ref": "1", "event": "close"}\n{"ref": "1", "event": "suspend"}', "utf-8")
    printed = desk.coop("apply", "lines.jsonl")
    assert f"ligne 1{NBSP}: Impossible en l’état" in printed.err
    assert "→" in printed.err
    assert f"  · note{NBSP}: " in printed.err
