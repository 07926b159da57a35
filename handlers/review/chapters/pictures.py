"""The charts of the review that more than one chapter draws: counts by name, and by department on a map of tiles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from handlers.review.cells import Telling
from handlers.review.pack import Cell, Chart, Table
from handlers.review.text import written
from states.language import _, enumeration

Row = tuple[Cell, ...]
FIRST = 3  # rows that the words under a chart name


def counts(shown: Table) -> Chart:
    """A bar a row."""
    return Chart(shown.code, "counts", shown.title, _most(shown.rows), shown)


def by_department(told: Telling, shown: Table) -> Chart:
    """The declared tiles, with the count of each; a bar a row in a lab that declares none, or where nothing was."""
    departments = told.declaration.departments
    tiles = tuple((one.text, str(code), one.tile[0], one.tile[1]) for code, one in departments.items() if one.tile)
    if not tiles or not shown.rows:
        return counts(shown)
    names = {name for name, *_place in tiles}
    placed = [row for row in shown.rows if written(row[0]) in names]
    apart = _named(row for row in shown.rows if written(row[0]) not in names)
    said = [_most(placed), _("On no tile: {names}.", names=enumeration(apart)) if apart else ""]
    return Chart(shown.code, "tiles", shown.title, " ".join(filter(None, said)), shown, tiles=tiles)


def _most(rows: Sequence[Row]) -> str:
    """Who comes first, in words."""
    first = _named(rows[:FIRST])
    return _("Most: {names}.", names=enumeration(first)) if first else ""


def _named(rows: Iterable[Row]) -> list[str]:
    """Each row that counts something, with what it counts."""
    return [f"{written(row[0])} ({written(row[1])})" for row in rows if row[1].value]
