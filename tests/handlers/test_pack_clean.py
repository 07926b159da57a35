"""Text made printable once, before any format."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from packs import sample

from handlers.review.clean import clean, printable
from handlers.review.pack import Cell, Chapter, Chart, Evidence, Front, Headline, Pack, Table


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a\x00b\x1bc\x7fd\x85", "a\ufffdb\ufffdc\ufffdd\ufffd"),
        ("deux\nlignes\tet\rplus", "deux\nlignes et\ufffdplus"),
        ("fin\u202e\u200b\ufeff\u00ad", "fin"),
        ("\ud800 \ue000 \uffff", "\ufffd \ufffd \ufffd"),
        ("L’été\u00a0: 漢 😀 e\u0301", "L’été\u00a0: 漢 😀 e\u0301"),
    ],
)
def test_what_no_page_can_hold_is_replaced(typed: str, shown: str) -> None:
    assert printable(typed) == shown


def test_a_clean_pack_is_the_same_object() -> None:
    pack = sample("fr")
    assert clean(pack) is pack


def test_every_text_of_a_pack_is_cleaned_and_nothing_else_changes() -> None:
    def of(text: str) -> Pack:
        cells = (Cell(text), Cell(Fraction(1, 3), "rate"), Cell(date(2026, 3, 1), "date"), Cell(None, masked=True))
        table = Table("t", text, (text, "b", "c", "d"), (cells,), text)
        chart = Chart("c", "funnel", text, text, table, ((text, Fraction(1, 2)),))
        headline = Headline(text, text, cells[0], cells[1], text, text)
        chapter = Chapter("one", text, (text,), (chart,), (table,))
        front = Front(text, (text,), table, (text,), (headline,), (text, text))
        return Pack("fr", text, text, text, text, text, text, front, (chapter,), (Evidence("e", text, table),))

    assert clean(of("a\x07\tb")) == of("a\ufffd b")
