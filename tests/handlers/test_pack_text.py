"""Cells as people read them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from handlers.review.pack import KINDS, Cell
from handlers.review.text import NUMBERS, written
from states.language import spoken

CASES = [
    (Cell("<b>"), "<b>", "<b>"),
    (Cell("2026-0001", "ref"), "2026-0001", "2026-0001"),
    (Cell(date(2026, 3, 10), "date"), "10/03/2026", "10/03/2026"),
    (Cell(1204, "count"), "1\u00a0204", "1,204"),
    (Cell(0, "count"), "0", "0"),
    (Cell(Fraction(17, 4), "number"), "4,3", "4.3"),
    (Cell(Fraction(5, 8), "rate"), "63\u00a0%", "63%"),
    (Cell(Fraction(1), "rate"), "100\u00a0%", "100%"),
    (Cell(Fraction(-1, 8), "rate"), "\u221212\u00a0%", "\u221212%"),
    (Cell(Fraction(7, 2), "days"), "3,5\u00a0j", "3.5\u00a0d"),
    (Cell(Fraction(1, 20), "days"), "0,1\u00a0j", "0.1\u00a0d"),
    (Cell(Decimal("12.5"), "hours"), "12,5\u00a0h", "12.5\u00a0h"),
    (Cell(1200, "euros"), "1\u00a0200\u00a0€", "€1,200"),
    (Cell(Decimal("-41200.5"), "euros"), "\u221241\u00a0200,50\u00a0€", "\u2212€41,200.50"),
    (Cell(Decimal("0.05"), "euros"), "0,05\u00a0€", "€0.05"),
    (Cell(None, "rate"), "sans donnée", "no data"),
    (Cell(3, "count", masked=True), "masqué", "masked"),
    (Cell(None, "count", masked=True), "masqué", "masked"),
]


@pytest.mark.parametrize(("cell", "french", "english"), CASES)
def test_each_kind_is_written_in_the_language_of_the_moment(cell: Cell, french: str, english: str) -> None:
    with spoken("fr"):
        assert written(cell) == french
    with spoken("en"):
        assert written(cell) == english


def test_every_kind_is_covered() -> None:
    assert {cell.kind for cell, *_ in CASES} == set(KINDS)
    assert set(KINDS) > NUMBERS


def test_a_date_in_full() -> None:
    with spoken("fr"):
        assert written(Cell(date(2026, 5, 1), "date"), long=True) == "vendredi 1er mai 2026"
