"""The review as rows and columns, for the formats that hold nothing else: its tables, its page one, its sentences."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from attrs import evolve

from handlers.review.pack import Cell, Chapter, Evidence, Front, Listed, Pack, Part, Row, Table
from handlers.review.text import NUMBERS
from states.language import _


def tables(pack: Pack) -> Iterator[tuple[Chapter, Table]]:
    """Every table of the pack with its chapter."""
    for chapter in chapters(pack):
        for table in tables_of(chapter):
            yield chapter, table


def chapters(pack: Pack) -> Iterator[Chapter]:
    """Page one, then the chapters."""
    yield page_one(pack.front)
    yield from pack.chapters


def tables_of(chapter: Chapter) -> Iterator[Table]:
    """Every table of a chapter: what its charts show, then the others."""
    for chart in chapter.charts:
        yield chart.table
    yield from chapter.tables


def page_one(page: Front) -> Chapter:
    """Page one as a chapter like another, for the formats that hold nothing but text and tables."""
    figures = Table("headlines", page.title, *_headlines(page))
    shown = tuple(one for one in (page.asked, figures) if one.rows)
    return Chapter("summary", page.title, (*page.reading, *page.standing), tables=shown)


def _headlines(page: Front) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    """The figures of page one as columns and rows, beside those of the semester before where something is known."""
    now, *before = page.headings
    columns = (_("Figure"), now, *((*before, _("Difference")) if before else ()), _("What it rests on"))
    rows = tuple(
        (Cell(one.label), one.cell, *((one.previous, Cell(one.difference)) if before else ()), Cell(one.meaning))
        for one in page.headlines
    )
    return columns, rows


def identity(pack: Pack) -> tuple[tuple[str, str], ...]:
    """What names this review and no other: each label with its text."""
    return (
        (_("Title"), pack.title),
        (_("Lab"), pack.lab),
        (_("Semester"), pack.semester),
        (_("Period"), pack.period),
        (_("As known on"), pack.known_at),
        (_("Digest of the figures"), pack.digest),
        *((_("Edition"), sentence) for sentence in pack.notice),
    )


def in_one_table(proof: Evidence) -> Table:
    """A list with, in a last column, the parts of it that each row is in; as it is if it has none."""
    if not proof.parts:
        return proof.table
    columns = (*proof.table.columns, _("Part"))
    return evolve(proof.table, columns=columns, rows=Listed(partial(_with_parts, proof)))


def _with_parts(proof: Evidence) -> Iterator[Row]:
    return ((*row, Cell(SEPARATOR.join(part.title for part in within))) for within, row in by_part(proof))


SEPARATOR = " · "


def by_part(proof: Evidence) -> Iterator[tuple[tuple[Part, ...], Row]]:
    """Each row of a list with the parts it is in, the largest first."""
    within: tuple[Part, ...] = ()
    parts = list(reversed(proof.parts))
    for n, row in enumerate(proof.table.rows):
        while parts and parts[-1].first == n:
            part = parts.pop()
            within = (*(one for one in within if one.depth < part.depth), part)
        yield within, row


def known_as_of(pack: Pack) -> str:
    """As of when this review tells what is known, in a sentence."""
    return _("As known on {moment}", moment=pack.known_at)


def kinds(table: Table) -> list[set[str]]:
    """What is known in each column, by kind; gone through once, for a table may be long."""
    known: list[set[str]] = [set() for _name in table.columns]
    for row in table.rows:
        for of_column, cell in zip(known, row, strict=True):
            if cell.value is not None or cell.masked:
                of_column.add(cell.kind)
    return known


def figured(table: Table) -> list[bool]:
    """Whether each column holds figures: all that is known in it, and something is, is a number."""
    return [bool(known) and known <= NUMBERS for known in kinds(table)]
