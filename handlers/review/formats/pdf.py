"""The review on paper; its layout is `templates/review.typ`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import accumulate
from typing import Any

from attrs import evolve, frozen

from handlers.documents.paper import typeset
from handlers.review.charts import WIDTH, course, on_paper, svg
from handlers.review.clean import clean
from handlers.review.formats.tables import SEPARATOR, figured, known_as_of
from handlers.review.pack import Cell, Chapter, Chart, Evidence, Front, Pack, Table
from handlers.review.text import written
from states.errors import WrongUsage
from states.language import _, spoken

# Characters across the page in the type of tables: upright, lying, half of it.
LINE, WIDE_LINE, HALF_LINE = 96, 148, 46
SHORT, TIGHT = 18, 13  # a column of no more never shares its room; the same where there are many
ANNEX = 108, 42  # the same two of the lists of the annex
NAME = 60  # characters that a column of half a page may have: its lines are two or three
FEW = 8  # rows: so many stand upright, however wide they are
UNBROKEN = 14  # rows: a table of no more stays on one page
HALF = 330  # pixels of a chart that takes half the page, whose letters are then those of a table
# Pixels from which a chart of half a page is drawn across, to leave no page half empty, if it is then this lower.
TALL, FLATTER = 240, 0.85
EVEN = 4  # lines by which two columns may differ and be as long
HEADING, PIXELS = 4, 22  # lines that a heading takes; pixels of a chart in one
# What bounds the memory that laying out takes: rows of a list, entries of the annex.
LISTED, ENTRIES = 130, 10_000
WIDER = 1.12  # how much wider than most letters digits are
BOLD = 1.2  # how much wider bold letters are


def pdf(pack: Pack, moment: datetime) -> bytes:
    """The pack as a PDF dated `moment`, the instant it was known at.

    Raises MissingExtra without `typst`, WrongUsage where the entries behind its figures are too many to be printed.
    """
    with spoken(pack.language):
        lines = sum(len(proof.table.rows) for proof in pack.evidence)
        if lines > ENTRIES:
            message = _("The entries behind the figures are {n}; {most} at most are laid out.", n=lines, most=ENTRIES)
            raise WrongUsage(message, hint=_in_full(pack, "--evidence"))
        return typeset("handlers.review", "review.typ", _document(clean(shortened(pack))), moment)


def _in_full(pack: Pack, *more: str) -> str:
    """The command that gives what does not stand on paper."""
    return " ".join(("coop review", pack.semester, "--format ods", *more))


def shortened(pack: Pack) -> Pack:
    """The pack with the first rows of its longest lists, which say how many there are and where the others stand."""
    chapters = (evolve(x, tables=tuple(_first_rows(table, pack) for table in x.tables)) for x in pack.chapters)
    return evolve(pack, chapters=tuple(chapters))


def _first_rows(table: Table, pack: Pack) -> Table:
    if len(table.rows) <= LISTED:
        return table
    said = _("The first {n} of {all}; all of them: {command}", n=LISTED, all=len(table.rows), command=_in_full(pack))
    return evolve(table, rows=table.rows[:LISTED], note=f"{table.note} {said}".strip())


def _document(pack: Pack) -> dict[str, Any]:
    """What the layout reads: texts already written, the number of the evidence behind each figure."""
    proofs = {code: number for number, code in enumerate(code for proof in pack.evidence for code in proof.codes)}
    return {
        "language": pack.language,
        **{name: getattr(pack, name) for name in ("lab", "title", "semester", "period", "digest")},
        "known_at": known_as_of(pack),
        "notice": pack.notice,
        "words": {
            "contents": _("Contents"),
            "stands": _("What stands"),
            "nothing": _("Nothing to list."),
            "evidence": _("The entries behind the figures"),
            "why": _("Each underlined figure leads to the list of the entries it was counted from."),
        },
        "front": _front(pack.front, pack.language, proofs),
        "chapters": [_chapter(chapter, pack.language, proofs) for chapter in pack.chapters],
        "evidence": [_listed(proof, proofs) for proof in pack.evidence],
    }


def _listed(proof: Evidence, proofs: Mapping[str, int]) -> dict[str, Any]:
    """A list of the annex, and by the row they come before the headings of its parts."""
    headings: dict[int, list[dict[str, Any]]] = {}
    for part in proof.parts:
        heading = {"title": part.title, "length": part.length, "depth": part.depth, "number": proofs[part.code]}
        headings.setdefault(part.first, []).append(heading)
    table = {**_table(_together(proof), {}, *ANNEX), "parts": headings}
    return {"title": proof.title, "length": proof.length, "number": proofs[proof.code], "table": table}


def _together(proof: Evidence) -> Table:
    """The list with what tells of one thing in one column: a title in a tenth of the page takes four lines, not one."""
    table, ends = proof.table, tuple(accumulate(proof.together))
    parts = [slice(end - several, end) for end, several in zip(ends, proof.together, strict=True)]
    rest = slice(ends[-1] if ends else 0, None)
    columns = (*(SEPARATOR.join(table.columns[part]) for part in parts), *table.columns[rest])
    rows = [(*(Cell(SEPARATOR.join(map(written, row[part]))) for part in parts), *row[rest]) for row in table.rows]
    return evolve(table, columns=columns, rows=tuple(rows))


def _front(front: Front, language: str, proofs: Mapping[str, int]) -> dict[str, Any]:
    return {
        "title": front.title,
        "reading": front.reading,
        "asked": _table(front.asked, proofs),
        "standing": front.standing,
        "headlines": [
            {
                "label": line.label,
                "cell": _cell(line.cell, proofs),
                "difference": line.difference,
                "meaning": line.meaning,
                "course": on_paper(course(line.course, language)),
                "values": ", ".join(map(written, line.course)),
            }
            for line in front.headlines
        ],
    }


def _chapter(chapter: Chapter, language: str, proofs: Mapping[str, int]) -> dict[str, Any]:
    return {
        "wide": _lies(chapter),
        "title": chapter.title,
        "paragraphs": chapter.paragraphs,
        "rows": list(_rows(_pieces(chapter, language, proofs))),
    }


def _lies(chapter: Chapter) -> bool:
    """Whether a chapter lies on its side: its rows are wide, and many enough to fill a page."""
    return chapter.wide and sum(len(table.rows) for table in chapter.tables) > FEW


@frozen
class Piece:
    """A chart or a table as it is laid out: whether half a page is enough for it, about how many lines high."""

    content: dict[str, Any]
    narrow: bool
    height: float


def _pieces(chapter: Chapter, language: str, proofs: Mapping[str, int]) -> Iterator[Piece]:
    """The pieces of a chapter in order. Of the table of a chart, only what leads to the entries stands on paper."""
    for chart in chapter.charts:
        yield _chart(chart, language)
        # Of the weeks, those under way at the end: the others are drawn.
        rows = chart.table.rows[-1:] if chart.shape == "flow" else chart.table.rows
        leading = tuple(row for row in rows if any(cell.evidence in proofs for cell in row))
        if leading:
            yield _sheet(evolve(chart.table, rows=leading, note=""), proofs, chapter)
    for table in chapter.tables:
        yield _sheet(table, proofs, chapter)


def _rows(pieces: Iterable[Piece]) -> Iterator[dict[str, Any]]:
    """Rows of one piece across the page, or of narrow ones in two columns: each is put under the shorter.

    Where both are about as long a new row begins, so that a page is left as full as it can be.
    """
    columns: list[list[Piece]] = [[], []]
    for piece in pieces:
        heights = [sum(one.height for one in column) for column in columns]
        if columns[0] and (not piece.narrow or abs(heights[0] - heights[1]) <= EVEN):
            yield _row(columns)
            columns, heights = [[], []], [0.0, 0.0]
        columns[heights.index(min(heights))].append(piece)
        if not piece.narrow:
            yield _row(columns)
            columns = [[], []]
    if columns[0]:
        yield _row(columns)


def _row(columns: list[list[Piece]]) -> dict[str, Any]:
    return {"narrow": columns[0][0].narrow, "columns": [[piece.content for piece in column] for column in columns]}


def _chart(chart: Chart, language: str) -> Piece:
    drawn = _drawn(chart, language, WIDTH if chart.shape == "flow" else HALF)
    if drawn.narrow and drawn.height > TALL:
        across = _drawn(chart, language, WIDTH)
        drawn = across if across.height <= FLATTER * drawn.height else drawn
    content = {"kind": "chart", "title": chart.title, "description": chart.description, "note": chart.table.note,
               "svg": drawn.svg, "share": min(1.0, drawn.width / drawn.room)}  # fmt: skip
    lines = (len(chart.description) + len(chart.table.note)) / HALF_LINE
    return Piece(content, drawn.narrow, HEADING + drawn.height / PIXELS + lines)


@frozen
class Drawn:
    """A picture, the room it was drawn for and its size, in pixels: a small one is not made larger."""

    svg: str
    room: int
    width: float
    height: float

    @property
    def narrow(self) -> bool:
        return self.room == HALF


def _drawn(chart: Chart, language: str, room: int) -> Drawn:
    drawn = on_paper(svg(chart, language, width=room))
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', drawn)
    assert size
    return Drawn(drawn, room, float(size[1]), float(size[2]))


def _sheet(table: Table, proofs: Mapping[str, int], chapter: Chapter) -> Piece:
    lying, short = _lies(chapter), TIGHT if chapter.wide and not _lies(chapter) else SHORT
    lengths = [_length(table, n) for n in range(len(table.columns))]
    narrow = not lying and max(lengths, default=0) <= NAME and sum(min(n, SHORT) for n in lengths) <= HALF_LINE
    line = HALF_LINE if narrow else WIDE_LINE if lying else LINE
    content = {"kind": "table", "short": len(table.rows) <= UNBROKEN, **_table(table, proofs, line, short)}
    folded = sum(max(1.0, *(len(written(c)) * len(lengths) / line for c in row)) for row in table.rows if row)
    return Piece(content, narrow, HEADING + folded + len(table.note) / HALF_LINE)


def _table(table: Table, proofs: Mapping[str, int], line: int = LINE, short: int = SHORT) -> dict[str, Any]:
    return {
        "title": table.title,
        "columns": table.columns,
        "figures": figured(table),
        "widths": _widths(table, line, short),
        "rows": [[_cell(cell, proofs) for cell in row] for row in table.rows],
        "note": table.note,
    }


def _widths(table: Table, line: int, short: int) -> list[float]:
    """The columns of a table wider than the page, in characters; nothing where each may be as wide as it likes.

    Left alone, a reference and a title would have the same room: the short ones keep what they need, the long ones
    share the rest, the longest a little more. A word as long as a digest is whole on its line if it can be.
    """
    lengths = [_length(table, n) for n in range(len(table.columns))]
    long = {n: length**0.5 for n, length in enumerate(lengths) if length > short}
    if not long or sum(lengths) <= line:
        return []
    room = max(line - sum(length for n, length in enumerate(lengths) if n not in long), short * len(long))
    shared = [room * long[n] / sum(long.values()) if n in long else length for n, length in enumerate(lengths)]
    words = [min(_longest(row[n] for row in table.rows), room - short * (len(long) - 1)) for n in range(len(lengths))]
    tight = {n for n in long if shared[n] < words[n]}
    if len(tight) != 1:
        return shared
    (whole,) = tight
    rest = (room - words[whole]) / max(room - shared[whole], 1)
    return [words[n] if n == whole else width * rest if n in long else width for n, width in enumerate(shared)]


def _longest(cells: Iterable[Cell]) -> float:
    """The characters that the longest word of a column takes: digits are wider than most letters."""
    return max((len(word) for cell in cells for word in written(cell).split()), default=0) * WIDER + 2


def _length(table: Table, column: int) -> float:
    """The characters that the longest text of a column takes, or the longest word of its bold heading."""
    heading = max(map(len, table.columns[column].split()), default=0) * BOLD
    return max([heading, *(len(written(row[column])) for row in table.rows)]) + 2


def _cell(cell: Cell, proofs: Mapping[str, int]) -> tuple[str, bool, int | None]:
    """Its text, whether it is quiet (unknown or masked), the number of the evidence behind it."""
    return written(cell), cell.masked or cell.value is None, proofs.get(cell.evidence or "")
