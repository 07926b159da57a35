"""The review as rows and columns, for the formats that hold nothing else: its tables, its page one, its sentences."""

from __future__ import annotations

from collections.abc import Iterator

from handlers.review.pack import Cell, Chapter, Pack, Table
from handlers.review.text import NUMBERS
from states.language import _


def tables(pack: Pack) -> Iterator[tuple[Chapter, Table]]:
    """Every table of the pack with its chapter."""
    for chapter in pack.chapters:
        for table in tables_of(chapter):
            yield chapter, table


def tables_of(chapter: Chapter) -> Iterator[Table]:
    """Every table of a chapter: its headlines, what its charts show, the others."""
    if chapter.headlines:
        yield headlines(chapter)
    for chart in chapter.charts:
        yield chart.table
    yield from chapter.tables


def headlines(chapter: Chapter) -> Table:
    """The headlines of a chapter as a table named like it."""
    rows = tuple((Cell(line.label), line.cell, line.previous, Cell(line.meaning)) for line in chapter.headlines)
    columns = (_("Figure"), _("This semester"), _("Previous semester"), _("How it is counted"))
    return Table("headlines", chapter.title, columns, rows)


def identity(pack: Pack) -> tuple[tuple[str, str], ...]:
    """What names this review and no other: each label with its text."""
    return (
        (_("Review"), pack.title),
        (_("Lab"), pack.lab),
        (_("Semester"), pack.semester),
        (_("Period"), pack.period),
        (_("Known at"), pack.known_at),
        (_("Digest"), pack.digest),
    )


def in_figures(table: Table, column: int) -> bool:
    """Whether a column holds figures: all that is known in it, and something is, is a number."""
    kinds = {row[column].kind for row in table.rows if row[column].value is not None or row[column].masked}
    return bool(kinds) and kinds <= NUMBERS
