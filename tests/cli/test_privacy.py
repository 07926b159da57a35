"""`privacy` as it is typed: what is held on a person, and erasing it."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk

NAME, ADDRESS = "Maëlys Quimper", "maelys.quimper@example.org"
WHY = ("--note", "À sa demande")


@pytest.fixture
def ref(desk: Desk) -> str:
    found = desk.received(requester={"name": NAME, "email": ADDRESS, "function": "Inspectrice"})
    desk.json("comment", found, "--note", f"Appelé {NAME} : elle est d’accord")
    return found


def test_show_says_all_that_is_held(desk: Desk, ref: str) -> None:
    document = desk.json("privacy", "show", "maelys quimper")
    assert document["person"] == "maelys quimper"
    own = {one["field"]: one["value"] for one in document["found"] if one["where"] == "form"}
    assert own == {"requester.name": NAME, "requester.email": ADDRESS, "requester.function": "Inspectrice"}
    (named,) = (one for one in document["found"] if one["where"] == "named")
    assert named == {
        "where": "named", "ref": ref, "seq": 2, "field": "note", "value": f"Appelé {NAME} : elle est d’accord"
    }  # fmt: skip
    assert [one["field"] for one in document["found"] if one["where"] == "message"] == ["letter"]
    printed = desk.coop("privacy", "show", ADDRESS).out
    assert f"{ref} #1 · Nom du demandeur : {NAME}" in printed


def test_erase_tells_what_is_left_elsewhere(desk: Desk, ref: str) -> None:
    dry = desk.json("privacy", "erase", ADDRESS, "--dry-run")
    assert (dry["erased"], dry["rewritten"]) == (3, 1)
    assert desk.json("show", ref)["form"]["requester"]["name"] == NAME
    done = desk.json("privacy", "erase", ADDRESS, *WHY)
    assert (done["erased"], done["rewritten"]) == (3, 1)
    assert all(isinstance(line, str) for line in done["left_elsewhere"])
    assert done["left_elsewhere"]
    assert desk.json("history", ref)[1]["note"] == "Appelé […] : elle est d’accord"
    assert desk.json("db", "verify")["problems"] == []
    assert desk.fails(4, "privacy", "erase", ADDRESS, *WHY)["code"] == "not_found"


def test_it_is_asked_before_it_is_done(desk: Desk, ref: str) -> None:
    printed = desk.coop("privacy", "erase", ADDRESS, *WHY, stdin="n\n")
    assert (printed.exit, NAME in printed.out) == (130, True)
    printed = desk.coop("privacy", "erase", ADDRESS, *WHY, stdin="o\n")
    assert printed.exit == 0, printed.err
    assert "il n’y en reste rien" in printed.out


@pytest.mark.parametrize(
    ("words", "exit"),
    [
        (("show", "Personne Dutout"), 4),
        (("erase", "Personne Dutout", *WHY), 4),
        (("erase", "Quimper", *WHY), 6),
        (("erase", NAME), 6),
        (("erase", NAME, "--note", " "), 6),
        (("erase", NAME, "--note", f"Demande de {NAME}"), 6),
        (("erase", "camille", *WHY), 3),
    ],
)
def test_what_is_refused_erases_nothing(desk: Desk, ref: str, words: tuple[str, ...], exit: int) -> None:
    desk.fails(exit, "privacy", *words)
    assert desk.json("show", ref)["form"]["requester"]["name"] == NAME


def test_folders_of_exports_are_searched(desk: Desk, ref: str, tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "lettre.eml").write_text(f"À : {ADDRESS}", "utf-8")
    (exports / "autre.txt").write_text("rien", "utf-8")
    left = desk.json("privacy", "erase", ADDRESS, *WHY, "--search", str(exports))["left_elsewhere"]
    assert [line for line in left if "lettre.eml" in line]
    assert [line for line in left if "autre.txt" in line] == []
