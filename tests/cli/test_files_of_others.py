"""Files as other tools write them, each given to `submit`: what is received, what is refused, and at which row."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from desk import FORM, SAMPLES, Desk

CASES = SAMPLES / "cases"


@pytest.fixture(autouse=True)
def _later(desk: Desk) -> None:
    desk.at("2026-11-02T09:00+01:00")


def given(desk: Desk, name: str, *words: str) -> Any:
    mapping = (CASES / name).with_suffix(".toml")
    return desk.coop(
        "submit", str(CASES / name), *(["--map", str(mapping)] if mapping.exists() else []), *words, "--json"
    )


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("c01-excel-texte-unicode.txt", 1),
        ("c02-excel-csv-utf8-bom.csv", 1),
        ("c04-milliers-insecables.csv", 6),
        ("c10b-nuit-avec-decalage.csv", 1),
        ("c10c-nuit-avec-decalage.csv", 1),
        ("c12d-windows-1252-euro.csv", 1),
        ("c13-colonnes-vides-en-fin.csv", 1),
        ("c14a-entetes-doubles-inconnues.csv", 1),
        ("c15-sauts-de-ligne.csv", 1),
        ("c17-entetes-asterisque.csv", 1),
        ("c17b-entetes-deux-points.csv", 1),
        ("c20-formules.csv", 2),
        ("c21-ligne-sep.csv", 1),
        ("c22-nfd.csv", 1),
        ("c23-demarche-export.csv", 2),
        ("c24-limesurvey.csv", 1),
        ("c25-google-forms.csv", 1),
        ("c29-tabulation-verticale.csv", 1),
        ("c40-avant-ponts-de-mai.csv", 3),
        ("c41-titre-long-virgules.csv", 1),
        ("c42-fin-d-annee.csv", 1),
        ("c43-nom-a-la-ligne.csv", 3),
        ("c52-fiche.json", 1),
        ("c53-pause.csv", 1),
        ("c55-service-et-lieu.csv", 2),
        ("c56a-dossier.csv", 1),
    ],
)
def test_a_file_that_is_understood(desk: Desk, name: str, forms: int) -> None:
    printed = given(desk, name)
    assert printed.exit == 0, printed.err
    assert len(printed.json["received"]) == forms


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("c03-departement-formes.csv", {8: "department", 9: "department"}),
        ("c05-pourcent-formes.csv", {4: "collaborative_share", 5: "collaborative_share", 7: "collaborative_share"}),
        (
            "c08-dates-formes.csv",
            dict.fromkeys((3, 4, 5, 6, 8), "submitted_at"),
        ),
        ("c10-nuit-du-changement-d-heure.csv", {1: "submitted_at", 2: "submitted_at"}),
        ("c11-booleens-formes.csv", {7: "outcome_predefined", 9: "outcome_predefined"}),
        ("c14b-entetes-doubles-connues.csv", {None: "need"}),
        ("c19-courriel-invisible.csv", dict.fromkeys((6, 7, 8), "requester.email")),
        ("c26-guillemets-nus.csv", {1: "file"}),
        ("c27-guillemet-ouvert.csv", {1: "file"}),
        ("c44-html-renomme.csv", {None: "file"}),
        ("c45-xlsx-renomme.csv", {None: "file"}),
        ("c51-fiche.json", {None: "file"}),
        ("c54-cle-double.json", {1: "file"}),
    ],
)
def test_a_file_that_is_refused(desk: Desk, name: str, wrong: dict[int | None, str]) -> None:
    printed = given(desk, name)
    assert printed.exit == 6
    assert {field.get("row"): field["field"] for field in printed.error["fields"]} == wrong
    assert desk.json("list") == []


def test_what_stands_in_the_files_is_what_is_kept(desk: Desk) -> None:
    given(desk, "c43-nom-a-la-ligne.csv")
    assert desk.json("show", "1")["form"]["requester"]["name"] == "Sacha\r\nBcc: intrus@example.org"
    given(desk, "c20-formules.csv")
    assert desk.json("show", "4")["title"] == "=1+1"
    given(desk, "c12d-windows-1252-euro.csv")
    assert "cœur" in desk.json("show", "6")["title"]


# --- Characters nobody can see ---


def test_an_address_loses_what_nobody_can_see_and_it_is_said(desk: Desk) -> None:
    printed = given(desk, "c19-courriel-invisible.csv", "--keep-going")
    forms = [desk.json("show", form["ref"])["form"] for form in printed.json["received"]]
    assert {form["requester"]["email"] for form in forms} == {"sacha.exemple@example.org"}
    notices = [notice.replace("\u00a0", " ") for notice in printed.json["notices"]]
    assert [next(n for n in (1, 2, 3, 4, 5) if f"fiche n° {n}," in notice) for notice in notices] == [1, 2, 3, 4, 4, 5]
    for code in ("U+200B, espace sans chasse", "U+00AD, trait d’union conditionnel", "U+202A", "U+202C", "U+FEFF"):
        assert any(code in notice for notice in notices)


def test_an_amended_address_and_a_link_too(desk: Desk) -> None:
    ref = desk.received()
    printed = desk.coop("amend", ref, "--set", "requester.email=noa\u200b@example.org")
    assert printed.exit == 0
    assert "Courriel : un caractère invisible a été retiré (U+200B, espace sans chasse)." in printed.err.replace(
        "\u00a0", " "
    )
    assert desk.json("show", ref)["form"]["requester"]["email"] == "noa@example.org"
    shown = desk.json("amend", ref, "--set", "requester.phone=\u202d05 61\u202c")
    assert len(shown["notices"]) == 2
    assert shown["form"]["requester"]["phone"] == "05 61"


# --- Code pages ---


@pytest.mark.parametrize(
    ("name", "encoding", "title"),
    [
        ("c12-mac-roman-codes.csv", "mac-roman", "Améliorer l’accueil à Béziers"),
        ("c12b-cp850-codes.csv", "cp850", "Améliorer l'accueil à Béziers"),
        ("c12e-mac-roman-sans-e-grave.csv", "mac-roman", "Améliorer l'accueil du lycée"),
    ],
)
def test_a_code_page_is_said_and_not_guessed(desk: Desk, name: str, encoding: str, title: str) -> None:
    (error,) = given(desk, name).error["fields"]
    assert f"--encoding {encoding}" in error["message"]
    assert "Améliorer" in error["message"]
    assert desk.json("list") == []
    (form,) = given(desk, name, "--encoding", encoding).json["received"]
    assert form["title"] == title


# --- One id, two contents ---


def test_an_id_that_a_spreadsheet_has_cut_is_refused_with_advice(desk: Desk) -> None:
    error = given(desk, "c06-identifiants-scientifiques.csv").error
    assert [(field["field"], field["line"]) for field in error["fields"]] == [("external_id", 2), ("external_id", 3)]
    assert all("format texte" in field["message"] for field in error["fields"])
    assert desk.json("list") == []


@pytest.mark.parametrize("words", [(), ("--keep-going",)])
def test_one_id_with_two_contents_in_one_file_is_refused_naming_both(
    desk: Desk, tmp_path: Path, words: tuple[str, ...]
) -> None:
    first, second = ((CASES / name).read_text("utf-8-sig") for name in ("c56a-dossier.csv", "c56b-dossier-modifie.csv"))
    header, row, *_rest = first.splitlines()
    changed = second.splitlines()[1]
    file = tmp_path / "dossiers.csv"
    file.write_text("\n".join([header, row, row.replace("56;", "57;", 1), changed]), "utf-8")
    printed = desk.coop("submit", str(file), *words, "--json")
    rejected = [field for form in printed.json["rejected"] for field in form["fields"]] if words else []
    errors = rejected or printed.error["fields"]
    assert [(field["field"], field["line"]) for field in errors] == [("external_id", 2), ("external_id", 4)]
    assert "ligne 4" in errors[0]["message"].replace("\u00a0", " ")
    assert "ligne 2" in errors[1]["message"].replace("\u00a0", " ")
    assert len(desk.json("list")) == len(words)
    file.write_text("\n".join([header, row, row]), "utf-8")
    printed = desk.coop("submit", str(file), "--json")
    assert (len(printed.json["received"]), len(printed.json["skipped"])) == (1, 1)


# --- A known dossier that changed ---


def test_a_known_dossier_that_changed_says_what_and_the_command_takes_it_over(desk: Desk) -> None:
    given(desk, "c56a-dossier.csv")
    printed = desk.coop("submit", str(CASES / "c56b-dossier-modifie.csv"))
    assert printed.exit == 0
    assert "Votre besoin et Nombre de participants" in printed.out
    (line,) = (line for line in printed.out.splitlines() if "coop amend" in line)
    (skipped,) = given(desk, "c56b-dossier-modifie.csv").json["skipped"]
    assert line.strip().removeprefix("→ ") == skipped["command"]
    assert [(c["field"], c["before"], c["frozen"]) for c in skipped["changed"]] == [
        ("need", "Les usagers attendent.", False),
        ("participants", 12, False),
    ]
    assert desk.coop(*shlex.split(skipped["command"])[1:]).exit == 0
    form = desk.json("show", "1")["form"]
    assert (form["need"], form["participants"]) == ("Le besoin a été complété par l’usager.", 40)
    (again,) = given(desk, "c56b-dossier-modifie.csv").json["skipped"]
    assert (again["changed"], again["command"]) == ([], None)


def test_what_was_amended_here_is_no_change_of_the_dossier(desk: Desk) -> None:
    given(desk, "c56a-dossier.csv")
    desk.json("amend", "1", "--set", "participants=14", "--set", "sponsor=La rectrice")
    (skipped,) = given(desk, "c56a-dossier.csv").json["skipped"]
    assert skipped["changed"] == []


def test_what_no_longer_changes_once_prequalified_is_said(desk: Desk, tmp_path: Path) -> None:
    given(desk, "c56a-dossier.csv")
    desk.json("prequalify", "1")
    text = (CASES / "c56b-dossier-modifie.csv").read_text("utf-8-sig").replace("80 %", "70 %")
    file = tmp_path / "dossier.csv"
    file.write_text(text, "utf-8")
    (skipped,) = desk.coop("submit", str(file), "--json").json["skipped"]
    assert [(c["field"], c["frozen"]) for c in skipped["changed"] if c["frozen"]] == [("collaborative_share", True)]
    assert "collaborative_share" not in skipped["command"]
    assert desk.coop(*shlex.split(skipped["command"])[1:]).exit == 0
    printed = desk.coop("submit", str(file))
    assert "Part de travail collaboratif" in printed.out
    assert "coop undo 2026-0001 --note" in printed.out
    assert "coop amend" not in printed.out


HARD = 'Deux lignes\nl’une, l\'autre \\ "et" $HOME `id` \x1b[31m\u00a0! 👩\u200d🏫'


def test_the_command_holds_whatever_a_text_holds(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "fiche.json"
    form = {**FORM, "external_id": "7"}
    file.write_text(json.dumps({**form, "sponsor": "La rectrice"}), "utf-8")
    desk.json("submit", str(file))
    file.write_text(json.dumps({**form, "need": HARD}), "utf-8")
    (skipped,) = desk.json("submit", str(file))["skipped"]
    assert skipped["command"].isprintable() or "\u00a0" in skipped["command"]
    printed = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {skipped['command']}"],
        capture_output=True,
        check=True,
        env={"LC_ALL": "C.UTF-8"},
    )
    words = printed.stdout.decode().split("\0")[:-1]
    assert desk.coop(*words[1:]).exit == 0
    shown = desk.json("show", "1")["form"]
    assert (shown["need"], shown.get("sponsor")) == (HARD, None)


# --- Two forms alike ---


def test_two_forms_alike_are_received_with_a_word(desk: Desk, tmp_path: Path) -> None:
    alike = {**FORM, "title": "un  PROJET", "requester": {"name": "Noa", "email": "ALIX.modele@example.org"}}
    other = {**FORM, "requester": {"name": "Noa", "email": "noa@example.org"}}
    file = tmp_path / "fiches.json"
    file.write_text(json.dumps([FORM, alike, other]), "utf-8")
    printed = desk.json("submit", str(file), "--dry-run")
    assert printed == desk.json("submit", str(file))
    assert [form["alike"] for form in printed["received"]] == [[], ["2026-0001"], []]
    desk.at("2026-12-30T09:00+01:00")
    assert "même intitulé et même courriel que 2026-0001 et 2026-0002" in desk.coop("submit", str(file)).out
    cards = {card["ref"]: card["alike"] for card in desk.json("triage")}
    assert cards["2026-0001"] == ["2026-0002", "2026-0004", "2026-0005"]
    assert cards["2026-0003"] == ["2026-0006"]
    assert "même courriel que 2026-0002" in desk.coop("triage", stdin="s\n").out
    desk.at("2027-03-03T09:00+01:00")
    assert desk.json("submit", str(file))["received"][0]["alike"] == []
