"""The review as CSV: titled blocks that a French spreadsheet opens as they are, or one long table for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import islice

from handlers.review.clean import clean
from handlers.review.formats.tables import chapters, identity, in_one_table, kinds, tables, tables_of
from handlers.review.pack import Cell, Pack, Table
from handlers.review.text import NUMBERS, places, rounded, written
from states.language import _, numeric_date, spoken

MARK = "\ufeff"  # without it French Excel reads UTF-8 as something else
# What a spreadsheet would take for a formula, even between quotes.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
LINES = 1_000  # of a piece
LONG = ("chapter", "table", "row", "label", "column", "value", "kind", "status")


def csv_text(pack: Pack, machine: bool) -> bytes:
    """The pack as CSV in UTF-8: for programs if `machine`, else for people and their spreadsheets.

    For people: `;`, decimal comma, dates as 10/03/2026, a byte order mark, CRLF, a titled block for each table, and
    an apostrophe before any text that a spreadsheet would run as a formula. For programs: one row for each value
    (the columns of `LONG`), `,`, dot, ISO dates, figures not rounded (`rate` is a share of 1), text as it is, an
    empty value with status `no_data` or `masked`.
    """
    return b"".join(csv_in_pieces(pack, machine))


def csv_in_pieces(pack: Pack, machine: bool) -> Iterator[bytes]:
    """The same, a piece after another, to be written as they come."""
    pack = clean(pack)
    with spoken(pack.language):
        if machine:
            yield from map(str.encode, _lines(_long(pack), delimiter=",", end="\n"))
        else:
            yield MARK.encode()
            yield from map(str.encode, _lines(_blocks(pack), delimiter=";", end="\r\n"))


def spreadsheet(rows: Iterable[Iterable[str]]) -> str:
    """Rows for people and their spreadsheets, as `csv_text`."""
    return MARK + "".join(_lines((map(_safe, row) for row in rows), delimiter=";", end="\r\n"))


def _lines(rows: Iterable[Iterable[str]], *, delimiter: str, end: str) -> Iterator[str]:
    some, waiting = io.StringIO(newline=""), iter(rows)
    writer = csv.writer(some, delimiter=delimiter, lineterminator=end)
    while several := list(islice(waiting, LINES)):
        writer.writerows(several)
        yield some.getvalue()
        some.seek(0)
        some.truncate()


# --- For programs ---


def _long(pack: Pack) -> Iterator[tuple[str, ...]]:
    yield LONG
    about = ("title", "lab", "semester", "period", "known_at", "digest")
    for n, name in enumerate(about, start=1):
        yield "review", "identity", str(n), name, "value", getattr(pack, name), "text", ""
    for n, text in enumerate(pack.notice, start=1):
        yield "review", "notice", str(n), "", "text", text, "text", ""
    for chapter in chapters(pack):
        for n, text in enumerate(chapter.paragraphs, start=1):
            yield chapter.code, "text", str(n), "", "text", text, "text", ""
    for chapter, table in tables(pack):
        yield from _long_table(chapter.code, table.code, table)
    for proof in pack.evidence:
        yield from _long_table("evidence", proof.code, in_one_table(proof))


def _long_table(chapter: str, code: str, table: Table) -> Iterator[tuple[str, ...]]:
    """A row for each cell; the first names the others, and has none of its own unless it is alone."""
    first = 0 if len(table.columns) == 1 else 1
    for n, cells in enumerate(table.rows, start=1):
        for column, cell in list(zip(table.columns, cells, strict=True))[first:]:
            yield chapter, code, str(n), _exact(cells[0]), column, _exact(cell), cell.kind, _status(cell)


def _status(cell: Cell) -> str:
    return "masked" if cell.masked else "no_data" if cell.value is None else ""


def _exact(cell: Cell) -> str:
    value = None if cell.masked else cell.value
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Fraction):
        return str(value.numerator) if value.denominator == 1 else repr(float(value))
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


# --- For people ---


def _blocks(pack: Pack) -> Iterator[tuple[str, ...]]:
    """The chapters one under another, each table under its title, an empty line between two."""
    for label, text in identity(pack):
        yield _safe(label), _safe(text)
    for chapter in chapters(pack):
        yield from _words(chapter.title, chapter.paragraphs)
        for table in tables_of(chapter):
            yield from _block(table)
    if pack.evidence:
        yield from _words(_("The entries behind the figures"), ())
        for proof in pack.evidence:
            yield from _block(in_one_table(proof))


def _words(title: str, paragraphs: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield ()
    yield (_safe(title),)
    for text in paragraphs:
        yield (_safe(text),)


def _block(table: Table) -> Iterator[tuple[str, ...]]:
    units = [_unit(known) for known in kinds(table)]
    yield ()
    yield (_safe(table.title),)
    yield tuple(_safe(f"{name} ({unit})" if unit else name) for name, unit in zip(table.columns, units, strict=True))
    for cells in table.rows:
        yield tuple(_french(cell, bool(unit)) for cell, unit in zip(cells, units, strict=True))
    if table.note:
        yield (_safe(table.note),)


def _symbols() -> dict[str, str]:
    return {"days": _("days"), "hours": _("hours"), "euros": "€"}


def _unit(known: set[str]) -> str:
    """The unit that every figure of a column has, if they all have the same: the heading says it once."""
    return _symbols().get("".join(known), "") if len(known) == 1 else ""


def _french(cell: Cell, bare: bool) -> str:
    """A cell as a French spreadsheet reads it; `bare` leaves the unit to the heading."""
    value = cell.value
    if cell.masked or value is None:
        return written(cell)
    if isinstance(value, date):
        return numeric_date(value)
    if cell.kind not in NUMBERS or isinstance(value, str):
        return _safe(str(value))
    share = 100 if cell.kind == "rate" else 1
    decimals = places(cell.kind, Fraction(value))
    text = f"{rounded(Fraction(value) * share, decimals):f}".replace(".", ",")
    unit = "%" if cell.kind == "rate" else _symbols().get(cell.kind, "")
    return text if bare or not unit else text + unit if unit == "%" else f"{text}\u00a0{unit}"


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULAS) else text
