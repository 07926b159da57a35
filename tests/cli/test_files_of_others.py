"""Files as other tools write them, each given to `submit`: what is received, what is refused, and at which row."""

from __future__ import annotations

from typing import Any

import pytest
from desk import SAMPLES, Desk

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
