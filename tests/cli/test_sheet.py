"""`sheet`, as it is typed: what it writes, where, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk


@pytest.fixture
def ref(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A request whose interview is planned, typed of from an empty folder."""
    found = desk.received(title="Repenser l’accueil", place="montpellier")
    desk.json("prequalify", found)
    desk.json("interview", "plan", found, "--slot", "2026-01-20T10:00")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return found


@pytest.mark.parametrize(
    ("words", "name", "begins"),
    [
        ((), "sheet-{ref}.pdf", b"%PDF-"),
        (("--format", "html"), "sheet-{ref}.html", b"<!DOCTYPE html>"),
        (("--out", "demande.pdf"), "demande.pdf", b"%PDF-"),
    ],
)
def test_a_sheet_is_a_file_of_the_folder(
    desk: Desk, ref: str, words: tuple[str, ...], name: str, begins: bytes
) -> None:
    path = Path(name.format(ref=ref))
    assert str(path) in desk.coop("sheet", ref, *words).out
    assert path.read_bytes().startswith(begins)
    assert desk.json("sheet", ref, *words)["out"] == str(path)


def test_the_attendance_sheet_of_a_meeting(desk: Desk, ref: str) -> None:
    assert desk.json("sheet", f"{ref}/interview-1")["meeting_id"] == "interview-1"
    assert Path(f"sheet-{ref}-interview-1.pdf").exists()
    page = desk.coop("sheet", f"{ref}/interview-1", "--format", "html", "--out", "-").out
    assert "Feuille de présence" in page
    assert "Repenser l’accueil" in page


def test_what_has_no_sheet(desk: Desk, ref: str) -> None:
    desk.fails(4, "sheet", "2026-0099")
    desk.fails(4, "sheet", f"{ref}/session-1")
    desk.fails(2, "sheet", ref, "--format", "doc")
    desk.fails(2, "sheet", ref, "--out", "nowhere/at/all.pdf")
    assert list(Path().iterdir()) == []
