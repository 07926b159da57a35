"""What each shape of chart draws: the rows of data of its specification, made from the table of the chart.

What `chart.table` holds, by shape; a number is a cell of kind `count`, or `days` where said:

- `flow`: a row a week. Columns: the Monday (a date), then a count for each state, headed by its label: all of them
  on one another, then a small picture each, which is the legend of the first.
- `funnel`: a row a stage. Columns: its label, how many came so far.
- `counts`: a row a name. Columns: it, a count.
- `tiles`: the same, of places: `tiles` says where each is drawn, one without a row at 0.
- `lead_times`: a row a state. Columns: its label, number of stays, median, perhaps 90th percentile in days. `points`
  holds (the state's label, days) for each stay; states that are no row are left out.
- `caps`: a row a tier. Columns: its label, requests, meetings used, their caps added up; the headings name the parts.
- `services`: a row a service. Columns: its label, participations; a service at 0 is shown as one not yet reached.
- `attendance`: a row an axis. Columns: its label, any, present, expected, the share.
- `satisfaction`: a row a group. Columns: it, how many gave a score, the mean out of 5.
- `deadlines`: a row a kind. Columns: its label, met, missed; the headings name the two parts.
- `space`: a row a month. Columns: its label, half-days used, half-days open; the headings name both.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from handlers.review.colours import of_state
from handlers.review.pack import Cell, Chart
from handlers.review.text import written
from states.language import _, _n, current

Values = dict[str, Any]
PLACES, OVER = 640, 4  # places along an axis that are told apart; marks of one that make it no darker
LETTER = 6.6  # pixels that a letter of a name takes


def prefix_of(code: str) -> str:
    """What every id of this chart begins with: letters, digits, hyphens."""
    return f"chart-{re.sub(r'[^A-Za-z0-9]', '-', code)}"


def hatched(code: str) -> str:
    """What fills a shape of this chart with hatches."""
    return f"url(#{prefix_of(code)}-hatch)"


# --- Cells ---


def known(cell: Cell) -> bool:
    """Whether the cell is a number that may be drawn."""
    return not cell.masked and isinstance(cell.value, int | Fraction)


def amount(cell: Cell) -> float:
    """The number of the cell; 0, which draws nothing, for one that is not known."""
    return float(cell.value) if known(cell) and isinstance(cell.value, int | Fraction) else 0.0


def _of(part: Cell, whole: Cell) -> str:
    """`17 sur 24`, or what is known of it."""
    if part.value is None and not part.masked:
        return _("no data")
    return _("{used} of {whole}", used=written(part), whole=written(whole))


# --- Shapes: rows of data, each under its name, and what else fills the specification ---


def _named(rows: Iterable[Values]) -> list[Values]:
    """The rows; two of the same name, which would be drawn at one place, differ by a space that is not seen."""
    seen: Counter[str] = Counter()
    named = []
    for row in rows:
        named.append({**row, "name": row["name"] + "\u00a0" * seen[row["name"]]})
        seen[row["name"]] += 1
    return named


def _tiles(chart: Chart) -> tuple[list[Values], Values]:
    """A place of the table that is on no tile stands in the words under the map, and in its table."""
    found = {written(name): cell for name, cell, *_rest in chart.table.rows}
    cells = [found.get(name, Cell(0, "count")) for name, *_place in chart.tiles]
    rows = [
        {"code": code, "value": amount(cell), "text": written(cell), "column": column, "row": row}
        for (_name, code, column, row), cell in zip(chart.tiles, cells, strict=True)
    ]
    columns, lines = ([*range(1, max(ends) + 1)] for ends in list(zip(*chart.tiles, strict=True))[2:])
    return rows, {"columns": columns, "lines": lines, "most": _most(map(amount, cells))}


def _bars(chart: Chart) -> tuple[list[Values], Values]:
    rows = []
    for name, cell, *_rest in chart.table.rows:
        unreached = chart.shape == "services" and known(cell) and not cell.value
        text = _("0: not yet") if unreached else written(cell)
        rows.append({"name": written(name), "value": amount(cell), "text": text})
    return _named(rows), {"most": _most(amount(row[1]) for row in chart.table.rows)}


def _caps(chart: Chart) -> tuple[list[Values], Values]:
    rows = [
        _parts(written(tier), amount(used), amount(cap), _of(used, cap))
        for tier, _requests, used, cap, *_rest in chart.table.rows
    ]
    return _parted(rows, chart.table.columns[2:4], "transparent")


def _attendance(chart: Chart) -> tuple[list[Values], Values]:
    rows = []
    for name, _held, present, expected, share, *_rest in chart.table.rows:
        people = f"\n{_of(present, expected)}" if known(share) else ""
        rows.append(_parts(written(name) + people, amount(share), 1 if known(share) else 0, written(share)))
    return _parted(rows, chart.table.columns[2:4], "transparent")


def _satisfaction(chart: Chart) -> tuple[list[Values], Values]:
    rows = []
    for name, people, mean, *_rest in chart.table.rows:
        many = f"\n{_respondents(people)}" if known(mean) else ""
        rows.append(_parts(written(name) + many, amount(mean), BEST if known(mean) else 0, written(mean)))
    return _parted(rows, (chart.table.columns[2], _("the best score, 5")), "transparent")


def _respondents(people: Cell) -> str:
    if not known(people):
        return written(people)
    return _n("{n} respondent", "{n} respondents", int(amount(people)))


def _deadlines(chart: Chart) -> tuple[list[Values], Values]:
    rows, headings = [], chart.table.columns[1:3]
    for name, met, missed, *_rest in chart.table.rows:
        total = amount(met) + amount(missed)
        text = _of(met, Cell(int(total), "count"))
        if not (known(met) and known(missed)):
            pairs = zip(headings, (met, missed), strict=True)
            text = " · ".join(_("{what}: {n}", what=what, n=written(cell)) for what, cell in pairs)
        rows.append(_parts(written(name), amount(met), total, text))
    return _parted(rows, headings, hatched(chart.code))


def _space(chart: Chart) -> tuple[list[Values], Values]:
    rows = [
        _parts(written(month), amount(used), amount(opened), _of(used, opened))
        for month, used, opened, *_rest in chart.table.rows
    ]
    return _parted(rows, chart.table.columns[1:3], "transparent")


def _parts(name: str, part: float, whole: float, text: str) -> Values:
    """A part drawn over its whole, and what is written where the longer of the two ends."""
    return {"name": name, "part": part, "whole": whole, "end": max(part, whole), "text": text}


def _parted(rows: list[Values], headings: tuple[str, ...], rest: str) -> tuple[list[Values], Values]:
    """The rows, the headings of the two parts, and how what is left of the whole is filled."""
    part, whole = headings
    fills = {"domain": [part, whole], "range": ["var(--accent)", rest]}
    aside = 12 + LETTER * max((len(row["text"]) for row in rows), default=0)
    length = [0, {"expr": f"width - {aside}"}]  # of the longest bar, and its words beside it
    most = _most(row["end"] for row in rows)
    return _named(rows), {"part": part, "whole": whole, "fills": fills, "most": most, "length": length}


def _most(values: Iterable[float]) -> float:
    """The end of an axis; 1 where all is 0, which would have no end."""
    return max(values, default=0) or 1


def _lead_times(chart: Chart) -> tuple[list[Values], Values]:
    rows = []
    for name, stays, median, *p90 in chart.table.rows:
        days = {key: amount(cell) for key, cell in zip(("median", "p90"), (median, *p90), strict=False) if known(cell)}
        text = "" if days else written(median if known(stays) else stays)
        many = f"\n{_stays(stays)} · {written(median)}" if days and known(stays) else ""
        rows.append({"name": written(name) + many, "state": written(name), **days, "text": text})
    names = {row["state"]: row["name"] for row in rows}
    signs = {"stay": _("one stay"), "median": _("median"), "p90": _("9 in 10 are shorter")}
    shapes = {"domain": list(signs.values()), "range": ["M0,-0.9V0.9", "triangle-down", "diamond"]}
    colours = dict(zip((row["state"] for row in rows), map(of_state, chart.states), strict=True))
    points = [
        {"name": names[name], "days": float(days), "colour": colours[name]}
        for name, days in _seen(chart.points)
        if name in names
    ]
    return _named(rows), {**signs, "shapes": shapes, "points": points, "unit": _("days")}


def _seen(points: Sequence[tuple[str, Fraction]]) -> Iterator[tuple[str, Fraction]]:
    """The points that the eye can tell apart: thousands of stays as long as one another are as many marks unseen."""
    apart = max((days for _name, days in points), default=Fraction(1)) / PLACES or Fraction(1)
    drawn: Counter[tuple[str, int]] = Counter()
    for name, days in points:
        place = name, int(days / apart)
        drawn[place] += 1
        if drawn[place] <= OVER:
            yield name, days


def _stays(cell: Cell) -> str:
    return _n("{n} stay", "{n} stays", int(amount(cell)))


def _flow(chart: Chart) -> tuple[list[Values], Values]:
    """A row a state and week; the title of each bears its last figure."""
    weeks = [
        (row[0].value, row[1:])
        for row in chart.table.rows
        if isinstance(row[0].value, date) and any(map(known, row[1:]))
    ]
    # The last lasts seven days too, or up to the last day there is something to tell of.
    for week, last in weeks[-1:]:
        end = week + timedelta(days=7)
        weeks.append((end if chart.until is None else min(end, chart.until + timedelta(days=1)), last))
    rows: list[Values] = []
    titles: list[str] = []
    for n, (heading, place) in enumerate(zip(chart.table.columns[1:], chart.states, strict=True)):
        titles.append(_standing(heading, weeks[-1][1][n]))
        of_it = {"state": titles[-1], "place": n, "colour": of_state(place)}
        rows += [{**of_it, "week": week.isoformat(), "open": amount(row[n])} for week, row in weeks]
    in_all = [int(sum(map(amount, row))) for _week, row in weeks]
    first = "replace(datum.label, /^1 /, '1er ')" if current() == "fr" else "datum.label"
    # From 3 on, every mark of the axes is a whole number.
    most, most_in_all = (max([3, *numbers]) for numbers in ((row["open"] for row in rows), in_all))
    every = _standing(_("All"), Cell(in_all[-1], "count"))
    return rows, {"all": every, "states": titles, "first": first, "most": most, "most_in_all": most_in_all}


def _standing(name: str, last: Cell) -> str:
    return f"{name}\u00a0·\u00a0{written(last)}"


BEST = 5  # the highest score of satisfaction
NAMED = ("bars", "parts", "lead_times")  # what has names at its side
SHAPES: dict[str, tuple[str, Callable[[Chart], tuple[list[Values], Values]]]] = {
    "flow": ("flow", _flow),
    "funnel": ("bars", _bars),
    "counts": ("bars", _bars),
    "tiles": ("tiles", _tiles),
    "services": ("bars", _bars),
    "caps": ("parts", _caps),
    "attendance": ("parts", _attendance),
    "satisfaction": ("parts", _satisfaction),
    "deadlines": ("parts", _deadlines),
    "lead_times": ("lead_times", _lead_times),
    "space": ("space", _space),
}
