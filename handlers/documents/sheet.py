"""A sheet of a page or two about one request, for a folder, a meeting or a wall: what it says, its PDF, its page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import asdict, field, frozen

from handlers.documents.paper import typeset
from handlers.layout import laid_out
from states.language import current


@frozen
class Section:
    """What stands under one heading: paragraphs, then a table, of which each row is a line."""

    title: str
    paragraphs: Sequence[str] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    widths: Sequence[int] = ()  # of the columns, one to another

    @property
    def empty(self) -> bool:
        return not self.paragraphs and not self.rows


@frozen
class Blanks:
    """Lines to be filled in by hand, in columns side by side."""

    heading: str
    number: str
    lines: int


@frozen
class Sheet:
    """A sheet before it has a form. `pages`: on how many it is to stand; its letters are smaller where they must be."""

    title: str
    subject: str
    lab: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section] = ()
    blanks: Blanks | None = None
    counts: Sequence[str] = ()  # what is counted by hand
    notes: Sequence[str] = ()
    pages: int = 1
    language: str = field(factory=current)


def pdf(sheet: Sheet, moment: datetime) -> bytes:
    """The sheet as a tagged PDF dated `moment`. Raises MissingExtra without `typst`."""
    return typeset("handlers.documents", "sheet.typ", asdict(sheet), moment)


def html(sheet: Sheet) -> str:
    """The sheet as a page that stands alone."""
    return laid_out("handlers.documents", "sheet.html", sheet=sheet)
