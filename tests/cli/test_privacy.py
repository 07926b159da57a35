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
    assert f"{ref} #1 · Nom du demandeur\u00a0: {NAME}" in printed


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


def test_backups_are_named_with_their_days(desk: Desk, ref: str, tmp_path: Path) -> None:
    for name, day in (("a.db", "2026-02-02"), ("b.db", "2026-02-03"), ("c.db", "2026-02-04")):
        desk.at(f"{day}T09:00+01:00").json("db", "backup", str(tmp_path / name))
    (tmp_path / "b.db").rename(tmp_path / "ailleurs.db")
    left = desk.json("privacy", "erase", ADDRESS, *WHY)["left_elsewhere"]
    assert [name for name in ("a.db", "b.db", "c.db") if any(name in line for line in left)] == ["a.db", "c.db"]
    assert [line for line in left if "2026-02-02" in line and "a.db" in line]
    assert [line for line in left if "2026-02-03" in line]


# --- A passage ---


def test_a_passage_is_taken_out_of_one_entry(desk: Desk, ref: str) -> None:
    done = desk.json("privacy", "redact", f"{ref}#2", "--span", "elle est d'accord", "--note", "Inutile")
    assert (done["erased"], done["rewritten"]) == (0, 1)
    assert desk.json("history", ref)[1]["note"] == f"Appelé {NAME} : […]"
    desk.json("privacy", "redact", f"{int(ref[-4:])}#2", "--span", "1-6")
    assert desk.json("history", ref)[1]["note"] == f"[…] {NAME} : […]"
    desk.json("privacy", "redact", f"{ref}#1", "--span", "besoin", "--field", "need")
    assert desk.json("show", ref)["form"]["need"] == "Un […]"
    assert desk.json("db", "verify")["problems"] == []


@pytest.mark.parametrize(
    ("words", "exit"),
    [
        (("REF#9", "--span", "Appelé"), 4),
        (("2026-0099#1", "--span", "Appelé"), 4),
        (("REF", "--span", "Appelé"), 4),
        (("REF#2", "--span", "Appelé", "--field", "need"), 4),
        (("REF#2", "--span", "Rappelé"), 6),
        (("REF#2", "--span", "0-3"), 6),
        (("REF#2", "--span", "3-900"), 6),
        (("REF#2", "--span", " "), 6),
        (("REF#2",), 2),
    ],
)
def test_what_is_no_passage_is_refused(desk: Desk, ref: str, words: tuple[str, ...], exit: int) -> None:
    before = desk.json("history", ref)
    printed = desk.coop("privacy", "redact", *(word.replace("REF", ref) for word in words), "--json")
    assert printed.exit == exit, printed.err
    assert desk.json("history", ref) == before


def test_what_perhaps_names_is_told_with_the_command_that_takes_it_out(desk: Desk, ref: str) -> None:
    desk.json("comment", ref, "--note", "Vu Mme Quimper\nhier")
    left = desk.json("privacy", "erase", ADDRESS, *WHY)["left_elsewhere"]
    (line,) = (line for line in left if "coop privacy redact" in line)
    desk.json(*line.partition("coop ")[2].split())
    assert desk.json("history", ref)[2]["note"] == "Vu Mme […]\nhier"


# --- A store put back ---


def test_restore_erases_again(desk: Desk, ref: str, tmp_path: Path) -> None:
    desk.json("db", "backup", str(tmp_path / "ancien.db"))
    desk.json("privacy", "erase", ADDRESS, *WHY)
    assert desk.json("db", "restore", str(tmp_path / "ancien.db"))["erased_again"] == 4
    assert desk.json("history", ref)[1]["note"] == "Appelé […] : elle est d’accord"


def test_a_store_put_back_by_hand_is_erased_again(desk: Desk, ref: str, tmp_path: Path) -> None:
    desk.json("db", "backup", str(tmp_path / "ancien.db"))
    desk.json("privacy", "erase", ADDRESS, *WHY)
    (tmp_path / "coop.db").write_bytes((tmp_path / "ancien.db").read_bytes())
    assert desk.json("show", ref)["form"]["requester"]["name"] == NAME
    assert desk.json("privacy", "reapply")["erased"] == 4
    assert desk.json("show", ref)["form"]["requester"]["name"] is None
    assert ADDRESS.encode() not in (tmp_path / "coop.db").read_bytes()
    assert desk.json("privacy", "reapply")["erased"] == 0


def test_a_copy_takes_its_register_along(desk: Desk, ref: str, tmp_path: Path) -> None:
    desk.json("privacy", "erase", ADDRESS, *WHY)
    desk.json("db", "copy", str(tmp_path / "coop.db"), str(tmp_path / "copie.db"))
    registers = [(tmp_path / name).read_text("utf-8") for name in ("coop.db.erasures", "copie.db.erasures")]
    assert registers[0] == registers[1]
    assert NAME not in registers[0]


def test_what_is_no_register_is_refused(desk: Desk, ref: str, tmp_path: Path) -> None:
    (tmp_path / "autre").write_text('{"day": 1}', "utf-8")
    desk.fails(2, "privacy", "reapply", str(tmp_path / "autre"))
    desk.fails(2, "privacy", "reapply", str(tmp_path / "absent"))


# --- Retention, and the sheet of the register ---


@pytest.fixture
def ended(desk: Desk, ref: str) -> str:
    """A request that was declined, more than a year ago."""
    desk.json(
        "decline", ref, "--reason", "out_of_scope", "--orientation", "Le service d’à côté", "--note", "Hors du champ"
    )
    desk.at("2027-03-01T09:00+01:00")
    return ref


def test_a_purge_is_shown_then_done_with_its_visa(desk: Desk, ended: str) -> None:
    slip = desk.json("privacy", "purge")
    assert [one["ref"] for one in slip["files"]] == [ended]
    assert desk.json("show", ended)["form"]["requester"]["name"] == NAME
    printed = desk.coop("privacy", "purge").out
    assert f"coop privacy purge --slip {slip['slip']} --visa" in printed
    done = desk.json("privacy", "purge", "--slip", slip["slip"], "--visa", "Archives, n° 12")
    assert done["erased"] == slip["texts"]
    assert desk.json("show", ended)["title"] is None
    assert desk.json("show", ended)["state"] == "declined"
    assert desk.json("db", "verify")["problems"] == []
    assert desk.json("privacy", "purge")["files"] == []
    desk.fails(5, "privacy", "purge", "--slip", slip["slip"], "--visa", "Archives, n° 12")


@pytest.mark.parametrize(
    "words", [("--slip", "0" * 12), ("--visa", "Archives"), ("--slip", "0" * 12, "--visa", " "), ("--out", "a.txt")]
)
def test_a_purge_that_is_not_whole_is_refused(desk: Desk, ended: str, words: tuple[str, ...]) -> None:
    desk.fails(2, "privacy", "purge", *words)
    assert desk.json("show", ended)["form"]["requester"]["name"] == NAME


@pytest.mark.parametrize("command", ["purge", "register"])
def test_sheets_are_written_as_they_are_named(desk: Desk, ended: str, command: str, tmp_path: Path) -> None:
    printed = desk.coop("privacy", command, "--out", str(tmp_path / "page.html"))
    assert printed.exit == 0, printed.err
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "<h1>" in page
    assert NAME not in page


def test_the_register_reads_on_a_terminal(desk: Desk) -> None:
    printed = desk.coop("privacy", "register").out
    assert "Registre des activités de traitement" in printed
    assert "Nom du demandeur" in printed
    assert desk.json("privacy", "register")["retention_months"]["closed"] == 24
