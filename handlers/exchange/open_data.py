"""The figures of published reviews as open data: a line for each figure of each semester, few persons masked.

What is told is what the public edition of that semester's review tells, and counts as one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import tee
from typing import Any, NamedTuple

from attrs import frozen

from handlers.review.formats.csv import spreadsheet
from handlers.review.public import must_say_again, published
from handlers.review.text import places, rounded
from handlers.review.words import definitions, figure_kind, figure_name, list_name
from states.declaration.model import Declaration
from states.language import _, numeric_date
from states.review.document import document
from states.review.semesters import Period
from workflow.reviews.book import review_of
from workflow.reviews.editions import Publication, publications
from workflow.views.reader import Reader

Advance = Callable[[int, int], None]

COLUMNS = ("semester", "from", "to", "group", "figure", "name", "value", "unit", "status")
GROUPS = ("indicators", "flow", "lead_times", "deadlines", "alerts", "exchange", "committee")
ALONE = ("corrections",)
MASKED, NO_DATA = "masked", "no_data"


class Told(NamedTuple):
    """A figure of a semester: its full name, and what it says; None where it is masked or nobody can compute it."""

    semester: str
    first: date
    last: date
    figure: str
    value: int | float | None
    masked: bool

    @property
    def group(self) -> str:
        return self.figure.partition(".")[0]

    @property
    def status(self) -> str:
        return MASKED if self.masked else NO_DATA if self.value is None else ""


@frozen
class Gathered:
    """Some semesters, as they may be published: their editions, each with its document."""

    semesters: Sequence[tuple[Publication, Mapping[str, Any]]]

    @property
    def going_out(self) -> list[tuple[Publication, str]]:
        """The editions that are not out yet, each with the digest of what it tells."""
        return [(found, document["digest"]) for found, document in self.semesters if not found.out]

    @property
    def codes(self) -> list[str]:
        return [found.edition.semester for found, _document in self.semesters]

    @property
    def figures(self) -> list[Told]:
        return list(told(document for _publication, document in self.semesters))


def gathered(
    reader: Reader, periods: Sequence[Period], advance: Callable[[int, int], None], *, again: bool
) -> Gathered:
    """What may be told of some semesters, the oldest first. Raises Refused for one that needs `again`."""
    found = []
    reviews, told_of = tee(review_of(reader, period) for period in periods)
    for publication, review in zip(publications(reader, reviews), told_of, strict=True):
        if publication.revealed and not again:
            raise must_say_again(reader.declaration, publication)
        found.append((publication, published(review, publication.edition, document(review))))
        advance(len(found), len(periods))
    return Gathered(found)


def told(documents: Iterable[Mapping[str, Any]]) -> Iterator[Told]:
    """The figures of the published documents of some semesters, in their order."""
    for one in documents:
        first, last = (date.fromisoformat(one[name]) for name in ("from", "to"))
        masked = set(one["masked"])
        for figure, value in (*_named(one, GROUPS), *((name, one[name]) for name in ALONE)):
            yield Told(one["semester"], first, last, figure, value, figure in masked)


def _named(document: Mapping[str, Any], groups: Iterable[str]) -> Iterator[tuple[str, Any]]:
    for name in groups:
        value = document[name]
        if isinstance(value, Mapping):
            yield from ((f"{name}.{below}", one) for below, one in _named(value, value))
        else:
            yield name, value


def for_programs(declaration: Declaration, figures: Iterable[Told]) -> bytes:
    """For programs: `,`, a dot, ISO dates, figures not rounded, nothing in an empty value but its status."""
    written = io.StringIO(newline="")
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow(COLUMNS)
    for one in figures:
        value = "" if one.value is None else repr(one.value)
        name, unit = figure_name(declaration, one.figure), figure_kind(one.figure)
        lines.writerow([one.semester, one.first, one.last, one.group, one.figure, name, value, unit, one.status])
    return written.getvalue().encode()


def for_people(declaration: Declaration, figures: Iterable[Told]) -> bytes:
    """For people and their spreadsheets: `;`, a decimal comma, dates as 10/03/2026, a byte order mark, CRLF."""
    names = (
        _("Semester"),
        _("First day"),
        _("Last day"),
        _("Group"),
        _("Code"),
        _("Figure"),
        _("Value"),
        _("Unit"),
        _("Remark"),
    )
    rows = [names, *(_row(declaration, one) for one in figures)]
    return spreadsheet(rows).encode()


def _row(declaration: Declaration, one: Told) -> tuple[str, ...]:
    kind = figure_kind(one.figure)
    days = numeric_date(one.first), numeric_date(one.last)
    name, group = figure_name(declaration, one.figure), list_name(one.group) if one.group != one.figure else ""
    return one.semester, *days, group, one.figure, name, _value(one, kind), _units()[kind], _statuses()[one.status]


def _value(one: Told, kind: str) -> str:
    if one.value is None:
        return ""
    value = Fraction(one.value) * (100 if kind == "rate" else 1)
    return f"{rounded(value, places(kind, Fraction(one.value))):f}".replace(".", ",")


def _units() -> Mapping[str, str]:
    return {"count": "", "number": "", "days": _("days"), "rate": "%"}


def _statuses() -> Mapping[str, str]:
    return {"": "", MASKED: _("masked: fewer than five persons"), NO_DATA: _("no data")}


def dictionary(lab: str, name: str, semesters: Iterable[str]) -> str:
    """The page beside it, in Markdown: what its columns are, and how each figure is counted."""
    columns = [
        ("semester", _("the semester, by its code")),
        ("from, to", _("its first and its last day, both included")),
        ("group", _("what the figure belongs to")),
        ("figure", _("the code of the figure, the same from one version to the next")),
        ("name", _("the figure in words")),
        ("value", _("empty where it is masked or where nobody can compute it; never zero for want of data")),
        ("unit", _("count, number, days or rate; a rate is a share of 1 for programs, in percent for people")),
        ("status", _("masked, where it would tell of fewer than five persons; no_data")),
    ]
    told_of = ", ".join(semesters)
    lines = [
        "# " + _("Dictionary of {name}", name=name),
        _("{lab}: the figures of its reviews as they may be published, {semesters}.", lab=lab, semesters=told_of),
        _("No request, no person. What would tell of few persons is masked, as in published reviews."),
        "## " + _("The columns"),
        "\n".join(f"- `{code}` – {words}" for code, words in columns),
        "## " + _("How each figure is counted"),
        "\n".join(f"- **{figure}** – {words}" for figure, words in definitions()),
    ]
    return "\n\n".join(lines) + "\n"
