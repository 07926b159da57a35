"""The governance review as a committee reads it, before any format: chapters of figures, tables and charts.

A format (HTML, PDF, ODS, CSV) only lays out a `Pack`: every word in it is already in the reader's language, every
figure computed and, in a published file, masked.
"""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import chain, islice
from typing import Any, cast

from attrs import frozen

# What a value is, which says how it is written: `rate` is a share of 1 shown as a percentage, `number` has decimals,
# `days` are calendar days, `hours` hours, `euros` money.
KINDS = ("text", "ref", "date", "count", "number", "rate", "days", "hours", "euros")
# The shape of a chart: what its table and points hold is said in handlers/review/shapes.py.
CHARTS = ("flow", "funnel", "counts", "tiles", "lead_times", "caps", "services", "attendance", "satisfaction",
          "deadlines", "space")  # fmt: skip

Value = str | int | Fraction | Decimal | date | None


@frozen
class Cell:
    """A value; None when nobody can compute it (“no data”), or when it is masked: of few persons, or telling of few."""

    value: Value
    kind: str = "text"  # one of KINDS
    masked: bool = False
    evidence: str | None = None  # the code of the `Evidence`, or of the `Part` of one, that lists what is behind it


Row = tuple[Cell, ...]
FEW = 500  # rows that are kept once they are made


class Listed(Sequence[Row]):
    """Rows made anew each time they are gone through, but few: those of 20,000 requests are never all held at once."""

    def __init__(self, made: Callable[[], Iterable[Row]]) -> None:
        self._made = made
        self._few: tuple[Row, ...] | None = None

    def __iter__(self) -> Iterator[Row]:
        if self._few is not None:
            return iter(self._few)
        rows = iter(self._made())
        first = tuple(islice(rows, FEW + 1))
        if len(first) <= FEW:
            self._few = first
        return chain(first, rows)

    def __len__(self) -> int:
        return sum(1 for _row in self)

    def __getitem__(self, number: Any) -> Any:
        return tuple(self)[number]

    def __bool__(self) -> bool:
        return any(True for _row in self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


@frozen
class Table:
    """Rows of cells under headings. The first column names the row."""

    code: str
    title: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
    note: str = ""


@frozen
class Chart:
    """A picture of a table: its title, what it says in a sentence or two for who cannot see it, its shape."""

    code: str
    shape: str  # one of CHARTS
    title: str
    description: str
    table: Table
    points: tuple[tuple[str, Fraction], ...] = ()  # `lead_times`: the state and the days of each stay
    until: date | None = None  # `flow`: the last day of which it tells
    tiles: tuple[tuple[str, str, int, int], ...] = ()  # `tiles`: the name, code, column and row of each place
    states: tuple[int, ...] = ()  # `flow`, `lead_times`: where the state of each column, or row, is in the declaration


@frozen
class Headline:
    """A figure of page one: what it is, its value, what it rests on, and how it came to be what it is.

    `name` is that by which the figure is asked for.
    `difference` is from the semester before, empty when one of the two is not known; `course` the values of the last
    semesters, oldest first and this one last, empty in the first.
    """

    name: str
    label: str
    cell: Cell
    previous: Cell
    difference: str
    meaning: str
    course: tuple[Cell, ...] = ()


@frozen
class Front:
    """Page one, read in a minute: what to read, the decisions asked for by name, what stands, at most eight figures."""

    title: str
    reading: tuple[str, ...]
    asked: Table
    standing: tuple[str, ...]
    headlines: tuple[Headline, ...]
    headings: tuple[str, ...]  # of the column of this semester, and of that of the one before if there is one


@frozen
class Chapter:
    """A part of the review. Every piece of it may be empty; the order is: text, charts, tables."""

    code: str
    title: str
    paragraphs: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    wide: bool = False  # on paper it lies on its side


@frozen
class Part:
    """Some rows of a list that follow each other, the entries behind one number: what they are, how many, from which.

    `depth`: how many parts it is within, itself included.
    """

    code: str
    title: str
    length: str  # in words
    first: int
    rows: int
    depth: int = 1


@frozen
class Evidence:
    """The entries behind one figure: its code (`received`, `deadlines.met`), what it is called, their list.

    `together`: of its first columns, how many tell of one thing, then how many of the next: on paper they are one.
    """

    code: str
    title: str
    table: Table
    together: tuple[int, ...] = ()
    length: str = ""  # in words
    parts: tuple[Part, ...] = ()  # in their order, each before those within it

    @property
    def codes(self) -> tuple[str, ...]:
        """What cells lead to it by: its own, and those of its parts."""
        return (self.code, *(part.code for part in self.parts))


@frozen
class Pack:
    """A whole review, in one language."""

    language: str
    lab: str
    title: str
    semester: str
    period: str  # in full dates
    known_at: str  # the moment of what is known of it, in full
    digest: str
    front: Front
    chapters: tuple[Chapter, ...]
    evidence: tuple[Evidence, ...]
    notice: tuple[str, ...] = ()  # of a published one: that it is, and what its marks mean

    def put_away(self) -> bytes:
        """All of it in one piece, while what it was made from leaves: a pack without evidence.

        Its cells stand among the histories it was made from: each would keep the megabyte of them around it.
        """
        return pickle.dumps(self)

    @staticmethod
    def taken_out(kept: bytes) -> Pack:
        """The pack that was put away, by this very process."""
        gc.collect()
        return cast(Pack, pickle.loads(kept))  # noqa: S301

    def tables(self) -> Iterator[tuple[Chapter, Table]]:
        """Every table in order, those of charts included, each with its chapter."""
        for chapter in self.chapters:
            for chart in chapter.charts:
                yield chapter, chart.table
            for table in chapter.tables:
                yield chapter, table
