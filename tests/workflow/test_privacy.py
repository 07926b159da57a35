"""What is held on a person, and erasing it: in every table and every file, on both databases."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from states.canonical import canonical
from states.errors import CoopError, Invalid, NotFound, Refused, StoreUnreachable
from states.review.document import document
from workflow.conflicts import record, standing
from workflow.lab.staff import change_staff
from workflow.privacy.erasing import Sought
from workflow.privacy.holdings import FORM, NAMED, PERHAPS, STAFF, Held
from workflow.privacy.passages import Naming, folded, without
from workflow.privacy.reapplying import reapply
from workflow.privacy.register import Register
from workflow.privacy.removal import Removal, preview
from workflow.privacy.searching import Needles, files_of, in_files, in_tables
from workflow.restoration import restore
from workflow.reviews.book import seal_review, sealed, sealed_review
from workflow.store import schema as s
from workflow.store.backup import backup
from workflow.testing import NOTE, Lab, problems, tables

NAME, ADDRESS, NUMBER = "Maëlys Quimper-Lébor", "maelys.quimper@example.org", "06 12 34 56 78"
PERSON = {"name": NAME, "email": ADDRESS, "function": "Inspectrice des essais", "phone": NUMBER}
WORDS = ("quimper", "maëlys", "maelys", "06 12 34 56 78", "inspectrice des essais")
WHY = "À sa demande, par courrier"


def lived(lab: Lab) -> None:
    """Somebody asks, is named in notes among others, and somebody else works here and leaves."""
    mine = lab.request("working", requester=PERSON, title="Un accueil repensé")
    lab.apply(mine, "comment", note="Vu avec QUIMPER-LEBOR  Maëlys et Noé Vidal,\njoignable au +33 (0)6.12.34.56.78")
    other = lab.request("closed", requester={"name": "Noé Vidal", "email": "noe.vidal@example.org"})
    lab.apply(other, "comment", note=f"Noé Vidal écrira à {ADDRESS.upper()} ; M. Quimper aussi")
    change_staff(lab.engine, "camille", "rene", {"name": "René Desprez", "email": "rene.desprez@example.org"})


def removal(lab: Lab, folder: Path, *folders: Path) -> Removal:
    path = lab.store.path
    register = path.with_name(f"{path.name}.erasures") if path else folder / "effacements"
    return Removal(lab.engine, "camille", Register(register), folders)


def held_on(lab: Lab, person: str) -> Held:
    return preview(lab.engine, person)


def everything(lab: Lab) -> str:
    """Every column of every table, as one text."""
    with lab.store.reading() as connection:
        rows = [row for table in s.metadata.sorted_tables for row in connection.execute(select(table))]
    return "\n".join(map(str, rows)).casefold()


def bytes_of(lab: Lab) -> bytes:
    return b"".join(path.read_bytes() for path in files_of(lab.store)).lower()


def salts(lab: Lab, held: Held) -> list[str]:
    return [one.text.salt for one in held.of(FORM, STAFF, NAMED) if one.text]


# --- Before and after ---


def test_somebody_is_erased_from_every_table_and_file(lab: Lab, tmp_path: Path) -> None:
    lived(lab)
    held = held_on(lab, ADDRESS)
    gone = salts(lab, held)
    before, counts = everything(lab), {name: len(rows) for name, rows in tables(lab.store, s.DERIVED).items()}
    assert all(word in before for word in WORDS)
    assert all(salt in before for salt in gone)
    removed = removal(lab, tmp_path).person(ADDRESS, WHY)
    after, pages = everything(lab), bytes_of(lab)
    assert (removed.erased, removed.rewritten) == (4, 2)
    assert [word for word in WORDS if word in after.replace("m. quimper", "")] == []
    assert [salt for salt in gone if salt in after] == []
    assert [word for word in (*gone, ADDRESS, NUMBER) if word.encode() in pages] == []
    assert counts == {name: len(rows) for name, rows in tables(lab.store, s.DERIVED).items()}
    assert problems(lab) == []
    lab.rebuild()
    assert problems(lab) == []


def test_a_note_on_two_people_keeps_the_other(lab: Lab, tmp_path: Path) -> None:
    lived(lab)
    removal(lab, tmp_path).person(NAME, WHY)
    notes = [entry["note"] for entry in lab.history("2026-0001") + lab.history("2026-0002")]
    assert "Vu avec […] et Noé Vidal,\njoignable au […]" in notes
    assert "Noé Vidal écrira à […] ; M. Quimper aussi" in notes
    held = held_on(lab, "Noé Vidal")
    assert {one.ref for one in held.of(FORM)} == {"2026-0002"}
    assert {one.ref for one in held.of(NAMED)} == {"2026-0001", "2026-0002"}


def test_a_part_of_a_name_is_shown_and_never_erased(lab: Lab, tmp_path: Path) -> None:
    lived(lab)
    assert [one.ref for one in held_on(lab, NAME).of(PERHAPS)] == ["2026-0002"]
    removed = removal(lab, tmp_path).person(NAME, WHY)
    assert any("2026-0002" in line for line in removed.left)


def test_done_twice_says_so(lab: Lab, tmp_path: Path) -> None:
    lived(lab)
    removal(lab, tmp_path).person(NAME, WHY)
    entries = len(tables(lab.store, [s.entries])["entries"])
    with pytest.raises(NotFound):
        removal(lab, tmp_path).person(ADDRESS, WHY)
    assert len(tables(lab.store, [s.entries])["entries"]) == entries


def test_what_was_begun_is_finished_by_typing_it_again(lab: Lab, tmp_path: Path, monkeypatch: Any) -> None:
    lived(lab)
    monkeypatch.setattr("workflow.privacy.removal.clean", _killed)
    with pytest.raises(KeyboardInterrupt):
        removal(lab, tmp_path).person(ADDRESS, WHY)
    monkeypatch.undo()
    assert removal(lab, tmp_path).person(ADDRESS, WHY).erased == 0
    assert ADDRESS.encode() not in bytes_of(lab)
    with pytest.raises(NotFound):
        removal(lab, tmp_path).person(ADDRESS, WHY)


def _killed(_store: object) -> list[str]:
    raise KeyboardInterrupt


def test_staff_is_erased_once_they_left(lab: Lab, tmp_path: Path) -> None:
    lived(lab)
    with pytest.raises(Refused) as refused:
        removal(lab, tmp_path).person("rene", WHY)
    assert [refusal.rule for refusal in refused.value.refusals] == ["still_registered"]
    change_staff(lab.engine, "camille", "rene", {"active": False})
    assert removal(lab, tmp_path).person("rene", WHY).erased == 4
    assert "desprez" not in everything(lab)
    assert problems(lab) == []


def test_a_sealed_review_is_made_again_the_same(sqlite_lab: Lab, tmp_path: Path) -> None:
    lived(sqlite_lab)
    sqlite_lab.apply("2026-0001", "comment", {"committee": True, "decisions": f"{NAME} présente"}, note=f"Vu {NAME}")
    sqlite_lab.clock.to("2026-07-03T17:00:00+02:00")
    seal_review(sqlite_lab.engine, "camille", "2026-S1")
    removal(sqlite_lab, tmp_path).person(ADDRESS, WHY)
    with sqlite_lab.reading() as reader:
        seal = sealed(reader, "2026-S1")
        again = sealed_review(reader, seal)
        assert again is not None
        assert document(again)["digest"] == seal.digest
    assert problems(sqlite_lab) == []


def test_what_the_source_of_a_form_says_since_is_erased_too(lab: Lab, tmp_path: Path) -> None:
    ref = lab.request("prequalified", requester=PERSON, external_id="12")
    said = {"title": f"Le projet de {NAME}", "requester.email": ADDRESS, "need": "Autre chose"}
    record(lab.engine, "camille", ref, "12", said)
    removal(lab, tmp_path).person(ADDRESS, WHY)
    assert "quimper" not in everything(lab)
    with lab.store.looking() as tx:
        (conflict,) = standing(lab.engine.facts(tx))
    assert {change.field: change.after for change in conflict.changes}["title"] == "Le projet de […]"
    assert problems(lab) == []


def test_somebody_named_in_what_another_is_called(sqlite_lab: Lab, tmp_path: Path) -> None:
    sqlite_lab.request(requester=PERSON)
    other = {"name": "Noé Vidal", "email": "noe.vidal@example.org", "function": f"Adjoint de {NAME}"}
    ref = sqlite_lab.request(requester=other)
    removal(sqlite_lab, tmp_path).person(ADDRESS, WHY)
    assert sqlite_lab.show(ref)["form"]["requester"]["function"] == "Adjoint de […]"


def test_whoever_reads_meanwhile_is_waited_for_and_it_is_finished_later(sqlite_lab: Lab, tmp_path: Path) -> None:
    lived(sqlite_lab)
    sqlite_lab.store.wait = 0.05
    path = sqlite_lab.store.path
    assert path is not None
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM vault").fetchone()
        with pytest.raises(StoreUnreachable):
            removal(sqlite_lab, tmp_path).person(ADDRESS, WHY)
    assert removal(sqlite_lab, tmp_path).person(ADDRESS, WHY).erased == 0
    assert ADDRESS.encode() not in bytes_of(sqlite_lab)


def test_a_copy_that_anybody_left_beside_is_named_and_stops_nothing(sqlite_lab: Lab, tmp_path: Path) -> None:
    lived(sqlite_lab)
    path = sqlite_lab.store.path
    assert path is not None
    for name in ("lab.db.vieux", "lab.db.part-abc"):
        path.with_name(name).write_bytes(b"...." + ADDRESS.encode())
    left = removal(sqlite_lab, tmp_path).person(ADDRESS, WHY).left
    assert [name for name in ("lab.db.vieux", "lab.db.part-abc") if any(name in line for line in left)] == [
        "lab.db.vieux",
        "lab.db.part-abc",
    ]


# --- An older backup ---


def test_an_older_backup_put_back_brings_nobody_back(sqlite_lab: Lab, tmp_path: Path) -> None:
    lived(sqlite_lab)
    backup(sqlite_lab.store, tmp_path / "ancien.db")
    gone = salts(sqlite_lab, held_on(sqlite_lab, ADDRESS))
    removal(sqlite_lab, tmp_path).person(ADDRESS, WHY)
    removal(sqlite_lab, tmp_path).person("Noé Vidal", WHY)
    notes = [entry["note"] for entry in sqlite_lab.history("2026-0001")]
    for _twice in range(2):
        restored = restore(sqlite_lab.store, tmp_path / "ancien.db", sqlite_lab.clock)
        assert restored.erased_again == 8
        pages = bytes_of(sqlite_lab)
        sought = (*gone, ADDRESS, NUMBER, "noe.vidal", "quimper-l")
        assert [word for word in sought if word.encode() in pages] == []
        assert problems(sqlite_lab) == []
        assert [entry["note"] for entry in sqlite_lab.history("2026-0001")] == notes
        assert restored.kept is not None


def test_put_back_where_nothing_is_left_but_the_register(sqlite_lab: Lab, tmp_path: Path) -> None:
    lived(sqlite_lab)
    backup(sqlite_lab.store, tmp_path / "ancien.db")
    removal(sqlite_lab, tmp_path).person(ADDRESS, WHY)
    path = sqlite_lab.store.path
    assert path is not None
    sqlite_lab.close()
    path.write_bytes(b"perdu")
    restore(sqlite_lab.store, tmp_path / "ancien.db", sqlite_lab.clock)
    assert ADDRESS.encode() not in path.read_bytes()


def test_of_another_text_of_that_place_nothing_is_erased(sqlite_lab: Lab) -> None:
    ref = sqlite_lab.request(requester=PERSON)
    line = {"day": "2026-01-01", "entry": "0" * 64, "texts": [[ref, 1, "requester.name", "1" * 64, None, []]]}
    assert reapply(sqlite_lab.store, sqlite_lab.clock, [line]) == 0
    assert sqlite_lab.show(ref)["form"]["requester"]["name"] == NAME
    assert problems(sqlite_lab) == []


# --- Who is meant ---


@pytest.fixture
def namesakes(sqlite_lab: Lab) -> Lab:
    for address in ("jeanne@a.example.org", "jeanne@b.example.org"):
        sqlite_lab.request(requester={"name": "Jeanne Essai", "email": address})
    sqlite_lab.request(requester={"name": "Paul Essai", "email": "accueil@example.org"})
    sqlite_lab.request(requester={"name": "Lou Modèle", "email": "accueil@example.org"})
    return sqlite_lab


@pytest.mark.parametrize(
    ("given", "refs"),
    [
        ("jeanne@a.example.org", {"2026-0001"}),
        ("  JEANNE@B.example.org ", {"2026-0002"}),
        ("Jeanne Essai <jeanne@b.example.org>", {"2026-0002"}),
        ("essai PAUL", {"2026-0003"}),
        ("Lou Modele", {"2026-0004"}),
        ("Jeanne Essai", Invalid),
        ("accueil@example.org", Invalid),
        ("Essai", Invalid),
        ("Inconnu", NotFound),
        ("camill", NotFound),
    ],
)
def test_one_person_is_meant_or_none(namesakes: Lab, given: str, refs: Any) -> None:
    if isinstance(refs, set):
        assert {one.ref for one in held_on(namesakes, given).of(FORM)} == refs
    else:
        with pytest.raises(refs) as refused:
            held_on(namesakes, given)
        assert isinstance(refused.value, CoopError)


def test_whoever_is_not_meant_is_told_how_to_be(namesakes: Lab) -> None:
    with pytest.raises(Invalid) as refused:
        held_on(namesakes, "Jeanne Essai")
    (field,) = refused.value.fields
    assert "coop privacy erase 'Jeanne Essai <jeanne@a.example.org>'" in field.message


def test_a_new_address_is_of_the_same_person(sqlite_lab: Lab) -> None:
    ref = sqlite_lab.request(requester={"name": "Jeanne Essai", "email": "jeanne@a.example.org"})
    sqlite_lab.apply(ref, "amend", {"requester.email": "jeanne@b.example.org"})
    assert {one.seq for one in held_on(sqlite_lab, "jeanne@b.example.org").of(FORM)} == {1, 2}


def test_another_requester_of_the_same_request_stays(sqlite_lab: Lab, tmp_path: Path) -> None:
    ref = sqlite_lab.request(requester=PERSON)
    sqlite_lab.apply(ref, "amend", {"requester.name": "Noé Vidal", "requester.email": "noe.vidal@example.org"})
    removal(sqlite_lab, tmp_path).person(ADDRESS, WHY)
    assert sqlite_lab.show(ref)["form"]["requester"]["name"] == "Noé Vidal"
    assert problems(sqlite_lab) == []


def test_the_reason_names_nobody(sqlite_lab: Lab, tmp_path: Path) -> None:
    lived(sqlite_lab)
    with pytest.raises(Invalid):
        removal(sqlite_lab, tmp_path).person(ADDRESS, f"Demande de {NAME}")
    assert NAME in str(tables(sqlite_lab.store, [s.vault]))


# --- Passages ---


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Maëlys Quimper-Lébor", "[…]"),
        ("vu MAELYS\u00a0QUIMPER LEBOR.", "vu […]."),
        ("Quimper-Lébor, Maëlys", "[…]"),
        ("Mae\u0308lys Quimper-Le\u0301bor !", "[…] !"),
        ("Maëlys\nQuimper-Lébor", "[…]"),
        ('dit : "Maëlys Quimper-Lébor"', 'dit : "[…]"'),
        ("Maëlys Quimper-Léborde", None),
        ("xmaelys.quimper@example.org", None),
        ("maelys.quimper@example.org.", "[…]."),
        ("maelys.quimper@example.org.fr", None),
        ("0612345678 et 06-12-34-56-78", "[…] et […]"),
        ("+33 6 12 34 56 78", "[…]"),
        ("1 06 12 34 56 789", None),
    ],
)
def test_a_passage_is_what_names_and_no_more(text: str, left: str | None) -> None:
    naming = Naming()
    naming.add_name(NAME, whole=True)
    naming.add_address(ADDRESS, whole=True)
    naming.add_telephone(NUMBER)
    document = canonical(text)
    spans = naming.surely(folded(document))
    assert without(document, spans, "[…]") == canonical(text if left is None else left)
    assert naming.in_text(document) is not None or left is None


@pytest.mark.parametrize("text", ["M. Quimper", "Maëlys", "M. Q. L.", "M.Q.L", "Mme Lébor"])
def test_a_part_of_a_name_perhaps_names(text: str) -> None:
    naming = Naming()
    naming.add_name(NAME, whole=True)
    document = canonical(f"Vu {text} hier")
    seen = naming.in_text(document)
    assert seen is not None
    assert (naming.surely(seen), len(naming.maybe(seen))) == ((), 1)


# --- The search ---


def test_the_search_sees_what_stands_anywhere(lab: Lab, tmp_path: Path) -> None:
    lived(lab)
    needles = Needles(Sought([NAME, ADDRESS]))
    assert "vault.value" in in_tables(lab.store, needles)
    kept = {"majuscules": NAME.upper(), "échappé": canonical(NAME), "loin": "x" * (1 << 20) + ADDRESS}
    for name, content in kept.items():
        (tmp_path / name).write_text(content, "utf-8")
    (tmp_path / "autre").write_text(NOTE, "utf-8")
    assert {path.name for path in in_files(sorted(tmp_path.iterdir()), needles)} == set(kept)
