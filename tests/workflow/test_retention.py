"""How long what is private is kept: what is due, the slip, the purge; and the sheet of the register."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from handlers.documents.elimination import slip_sheet
from handlers.documents.processing import register_document, register_sheet
from handlers.documents.sheet import html
from states.errors import Conflict, Invalid
from workflow.privacy.erasing import Sought
from workflow.privacy.register import Register
from workflow.privacy.removal import Removal
from workflow.privacy.retention import Slip, due
from workflow.privacy.searching import Needles, files_of
from workflow.store import schema as s
from workflow.testing import NOTE, Lab, problems

VISA = "Archives de l’essai, n° 12"


def slip(lab: Lab) -> Slip:
    with lab.store.looking() as tx:
        return due(lab.engine.facts(tx))


def removal(lab: Lab) -> Removal:
    path = lab.store.path
    assert path is not None
    return Removal(lab.engine, "camille", Register(path.with_name("lab.db.erasures")))


@pytest.mark.parametrize(
    ("state", "after", "months"),
    [("closed", None, 24), ("declined", "received", 12), ("withdrawn", "received", 12), ("cancelled", "working", 12)],
)
def test_what_ended_is_due_after_its_time_and_not_before(
    sqlite_lab: Lab, state: str, after: str | None, months: int
) -> None:
    ref = sqlite_lab.request(state, after=after)
    ended = sqlite_lab.clock().date()
    last = ended.replace(year=ended.year + months // 12)
    sqlite_lab.clock.to(f"{last - timedelta(days=1)}T23:30:00+01:00")
    assert slip(sqlite_lab).files == []
    sqlite_lab.clock.forward(hours=1)
    assert [(one.ref, one.ended, one.until) for one in slip(sqlite_lab).files] == [(ref, ended, last)]


def test_nothing_under_way_is_due_nor_what_its_project_needs(sqlite_lab: Lab) -> None:
    first = sqlite_lab.request("declined", after="received")
    second = sqlite_lab.request("closed", follows=first)
    sqlite_lab.clock.forward(days=900)
    assert [one.ref for one in slip(sqlite_lab).files] == [first, second]
    sqlite_lab.request("received", follows=second)
    found = slip(sqlite_lab)
    assert (found.files, found.held_back) == ([], [first, second])


def test_a_purge_takes_away_what_the_slip_says_and_no_figure(sqlite_lab: Lab) -> None:
    refs = [sqlite_lab.request("declined", after="received") for _n in range(40)]
    kept = sqlite_lab.request("received")
    sqlite_lab.clock.forward(days=400)
    found = slip(sqlite_lab)
    assert [one.ref for one in found.files] == refs
    salts = [text.salt for one in found.files for text in one.texts]
    removed = removal(sqlite_lab).purge(found.code, VISA)
    assert removed.erased == len(salts) > 200
    assert not Needles(Sought(salts=salts)).stand_in(b"".join(path.read_bytes() for path in files_of(sqlite_lab.store)))
    with sqlite_lab.store.reading() as connection:
        left = set(connection.execute(select(s.vault.c.stream)).scalars())
    assert left == {kept, "lab"}
    assert slip(sqlite_lab).files == []
    assert problems(sqlite_lab) == []
    sqlite_lab.rebuild()
    assert problems(sqlite_lab) == []


def test_a_slip_is_of_what_is_due_now(sqlite_lab: Lab) -> None:
    ref = sqlite_lab.request("declined", after="received")
    sqlite_lab.clock.forward(days=400)
    code = slip(sqlite_lab).code
    sqlite_lab.apply(ref, "comment", note=NOTE)
    assert slip(sqlite_lab).code != code
    for wrong in (code, "0" * 12):
        with pytest.raises(Conflict):
            removal(sqlite_lab).purge(wrong, VISA)
    assert len(slip(sqlite_lab).files) == 1


def test_a_declaration_that_says_nothing_keeps_everything(tmp_path: Path, sqlite_places: object) -> None:
    from states.declaration.documents import shipped

    silent = tmp_path / "labo.toml"
    silent.write_text("\n".join(line for line in shipped().splitlines() if not line.startswith("retention")), "utf-8")
    lab = Lab.open(str(tmp_path / "lab.db"), declaration=silent)
    lab.request("declined", after="received")
    lab.clock.forward(days=4000)
    with pytest.raises(Invalid):
        slip(lab)
    lab.close()


# --- On paper ---


def test_the_slip_says_nature_dates_and_volume(sqlite_lab: Lab) -> None:
    ref = sqlite_lab.request("declined", after="received")
    sqlite_lab.clock.forward(days=400)
    found = slip(sqlite_lab)
    page = html(slip_sheet(sqlite_lab.declaration, found))
    assert ref in page
    assert found.code in page
    assert "Demandes d’accompagnement" in page
    assert str(found.document()["bytes"]) in page
    assert "Témoin" not in page


def test_the_register_lists_every_private_field_and_escapes(sqlite_lab: Lab) -> None:
    declaration = sqlite_lab.declaration
    page = html(register_sheet(declaration, sqlite_lab.clock().date()))
    private = [field.text for field in declaration.form.values() if field.private]
    assert private
    assert all(label in page for label in private)
    document = register_document(declaration)
    assert [one["label"] for one in document["data"] if one["personal"] and one["given"] == "Fiche"] == [
        field.text for field in declaration.form.values() if field.personal
    ]
    assert document["retention_months"] == {"closed": 24, "declined": 12, "withdrawn": 12, "cancelled": 12}
