"""The review as CSV: what a French spreadsheet opens, what a program reads."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from packs import FORMULA, NASTY, bare, sample

from handlers.review.formats.csv import LONG, csv_text
from handlers.review.pack import Cell, Chapter, Pack, Table


def of(*tables: Table, language: str = "fr") -> Pack:
    chapter = Chapter("one", "Un", tables=tables)
    return Pack(language, "Lab", "Revue", "2026-S1", "janvier à juin", "hier", "0" * 64, bare(), (chapter,), ())


def column(*cells: Cell) -> Table:
    return Table("t", "T", ("nom", "valeur"), tuple((Cell("x"), cell) for cell in cells))


def for_people(pack: Pack) -> list[list[str]]:
    text = csv_text(pack, machine=False).decode()
    assert text.startswith("\ufeff")
    assert text.count("\n") == text.count("\r\n")
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=";"))


def for_programs(pack: Pack) -> list[dict[str, str]]:
    text = csv_text(pack, machine=True).decode()
    assert not text.startswith("\ufeff")
    assert "\r" not in text
    return list(csv.DictReader(io.StringIO(text, newline="")))


def block(rows: list[list[str]], title: str) -> list[list[str]]:
    """The headings and rows under a title, up to the empty line."""
    start = next(n for n, row in enumerate(rows) if row[:1] == [title] and rows[n - 1] == []) + 1
    return rows[start : rows.index([], start) if [] in rows[start:] else len(rows)]


def test_a_spreadsheet_opens_titled_blocks() -> None:
    pack = sample("fr")
    rows = for_people(pack)
    assert rows[0] == ["Intitulé", "Revue de gouvernance"]
    assert ["Empreinte des chiffres", pack.digest] in rows
    assert block(rows, "Demandes par origine") == [
        ["Service", "Demandes", "Personnes", "Part"],
        [NASTY, "14", "40", "45%"],
        ["DRARI", "12", "3", "39%"],
        [f"'{FORMULA}", "5", "4", "16%"],
        ["Un service peut demander plusieurs fois."],
    ]
    assert block(rows, "Activités tenues")[1:] == [
        [NASTY, "10/03/2026", "40", "31"],
        [f"'{FORMULA}", "01/05/2026", "sans donnée", "2"],
    ]
    titles = {table.title for _, table in pack.tables()} | {proof.table.title for proof in pack.evidence}
    assert titles <= {row[0] for row in rows if len(row) == 1}


def test_a_unit_is_said_once_where_it_is_the_same() -> None:
    same = (Cell(Fraction(7, 2), "days"), Cell(None, "days"), Cell(Fraction(1000), "days"))
    assert block(for_people(of(column(*same))), "T") == [
        ["nom", "valeur (jours)"],
        ["x", "3,5"],
        ["x", "sans donnée"],
        ["x", "1000"],
    ]
    mixed = (Cell(Fraction(7, 2), "hours"), Cell(Decimal("-41200.5"), "euros"), Cell(Fraction(-1, 8), "rate"))
    assert block(for_people(of(column(*mixed))), "T")[1:] == [
        ["x", "3,5\u00a0heures"],
        ["x", "-41200,5\u00a0€"],
        ["x", "-12%"],
    ]


def test_what_is_masked_is_not_what_is_unknown() -> None:
    cells = column(
        Cell(None, "count", masked=True), Cell(None, "count"), Cell(0, "count"), Cell(3, "count", masked=True)
    )
    assert [row[1] for row in block(for_people(of(cells)), "T")[1:]] == ["masqué", "sans donnée", "0", "masqué"]
    found = [(row["value"], row["status"]) for row in for_programs(of(cells)) if row["table"] == "t"]
    assert found == [("", "masked"), ("", "no_data"), ("0", ""), ("", "masked")]


@pytest.mark.parametrize("text", [FORMULA, "+33 4", "-1", "@now", "=cmd|' /C calc'!A0", "＝1", "-"])
def test_no_text_becomes_a_formula_in_a_spreadsheet(text: str) -> None:
    pack = Pack(
        "fr",
        text,
        text,
        text,
        text,
        text,
        text,
        bare(),
        (Chapter(text, text, (text,), tables=(Table(text, text, (text,), ((Cell(text),),), text),)),),
        (),
    )
    cells = [cell for row in for_people(pack) for cell in row]
    assert cells.count(f"'{text}") == 12
    assert text not in cells
    assert text in [row["value"] for row in for_programs(pack) if row["chapter"] == text]


@pytest.mark.parametrize("text", ["\t=1", "\r=1", "a\x07b"])
def test_no_control_character_is_published(text: str) -> None:
    for machine in (False, True):
        assert text not in csv_text(of(column(Cell(text))), machine).decode()


def test_a_program_reads_a_row_for_each_value() -> None:
    pack = sample("fr")
    rows = for_programs(pack)
    assert tuple(rows[0]) == LONG
    assert {row["label"]: row["value"] for row in rows if row["table"] == "identity"}["digest"] == pack.digest
    found = {(row["row"], row["label"], row["column"]): row for row in rows if row["table"] == "by_origin"}
    assert len(found) == 9
    assert found["1", NASTY, "Part"]["value"] == repr(14 / 31)
    assert found["1", NASTY, "Part"]["kind"] == "rate"
    assert found["3", FORMULA, "Demandes"]["value"] == "5"
    weeks = {row["label"] for row in rows if row["table"] == "flow"}
    assert len(weeks) == 26
    assert min(weeks) == date(2026, 1, 5).isoformat()
    cells = sum(len(table.rows) * (len(table.columns) - 1) for _, table in pack.tables())
    others = ("review", "summary", "evidence")
    assert sum(row["chapter"] not in others and row["table"] != "text" for row in rows) == cells


def test_figures_for_programs_are_exact() -> None:
    cells = column(
        Cell(Decimal("1E+3"), "euros"), Cell(Fraction(6, 2), "days"), Cell(date(2026, 3, 1), "date"), Cell('a, "b"\nc')
    )
    values = [row["value"] for row in for_programs(of(cells)) if row["table"] == "t"]
    assert values == ["1000", "3", "2026-03-01", 'a, "b"\nc']


def test_english_keeps_the_comma_of_the_spreadsheet() -> None:
    rows = for_people(of(column(Cell(Fraction(7, 2), "days"), Cell(None, "days")), language="en"))
    assert block(rows, "T") == [["nom", "valeur (days)"], ["x", "3,5"], ["x", "no data"]]
