"""The sheets of the review as OpenDocument XML: a value keeps its type, a text of people is never a formula.

The library that keeps the document takes 0.3 ms to make one cell; a review of 5,000 requests has 100,000 of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import repeat
from xml.sax.saxutils import escape, quoteattr

from handlers.review.formats.ods_styles import SHEET, width_style
from handlers.review.pack import Cell
from handlers.review.text import NUMBERS, written

Cells = tuple[Cell, ...]

# How a kind of number is stored; the others are plain numbers.
TYPES = {"rate": "percentage", "euros": "currency"}


def sheet(name: str, lengths: Iterable[int], rows: Iterable[str]) -> Iterator[str]:
    """A sheet of rows, in pieces; `lengths` are those of the longest text of each column, in characters."""
    columns = "".join(f'<table:table-column table:style-name="{width_style(length)}"/>' for length in lengths)
    yield f'<table:table table:name={quoteattr(name)} table:style-name="{SHEET}">{columns}'
    yield from rows
    yield "</table:table>"


def repeated(row: str) -> str:
    """The row, printed again at the head of every page."""
    return f"<table:table-header-rows>{row}</table:table-header-rows>"


def row(cells: Cells, styles: Sequence[str] = (), link: str = "") -> str:
    """A row; `styles`: of its cells, where not the one of their kind; `link`: where the first leads."""
    drawn = [_cell(cell, style) for cell, style in zip(cells, styles or repeat(""), strict=False)]
    if link:
        opening, closing = f'<text:a xlink:type="simple" xlink:href={quoteattr(link)}>', "</text:a>"
        drawn[0] = drawn[0].replace("<text:p>", f"<text:p>{opening}").replace("</text:p>", f"{closing}</text:p>")
    return f"<table:table-row>{''.join(drawn)}</table:table-row>"


def _cell(cell: Cell, style: str) -> str:
    """A typed cell. What is masked or unknown is said in words: an empty cell would be taken for a zero."""
    value, text = cell.value, written(cell)
    if cell.masked or value is None:
        return _typed("string", f"office:string-value={quoteattr(text)}", text, style or "blank")
    if isinstance(value, date):
        return _typed("date", f'office:date-value="{value.isoformat()}"', text, style or "kind-date")
    if cell.kind not in NUMBERS or isinstance(value, str):
        return _typed("string", f"office:string-value={quoteattr(text)}", text, style or "words")
    money = ' office:currency="EUR"' if cell.kind == "euros" else ""
    kind = TYPES.get(cell.kind, "float")
    return _typed(kind, f'office:value="{_figure(value)}"{money}', text, style or f"kind-{cell.kind}")


def _typed(kind: str, value: str, text: str, style: str) -> str:
    words = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n"))
    return f'<table:table-cell table:style-name="{style}" office:value-type="{kind}" {value}>{words}</table:table-cell>'


def _figure(value: int | Fraction | Decimal) -> str:
    """The value as a decimal number: exact where it has one, else to more digits than a spreadsheet keeps."""
    if isinstance(value, Fraction):
        value = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{value:f}"
