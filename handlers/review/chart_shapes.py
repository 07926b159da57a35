"""Where things stand in each chart: the values, in pixels or in numbers, that a specification draws.

Everything is placed here rather than by measuring text, so that the picture is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from handlers.review.chart_flow import flow
from handlers.review.chart_places import CHARACTER, Drawing, Values, amount, fitted, known
from handlers.review.pack import Cell, Chart
from handlers.review.text import written
from states.language import _, _n, current

AFTER = 100  # pixels kept after the longest bar for its number
LABEL, BAR = 18, 20  # pixels: a line of text, the height of a bar
TOP = 24  # pixels of a legend above the rows


# --- One bar a row ---


def _row(number: int, label: str, step: int, top: int = 0) -> Values:
    """The places of a row: its label's line, then its bar."""
    line = top + number * step + 9
    bar = top + number * step + LABEL + 3
    return {"label": label, "line": line, "top": bar, "bottom": bar + BAR, "middle": bar + BAR / 2, "from": 0}


def _scale(most: float, width: int, after: int = AFTER) -> Values:
    return {"domain": [0, most or 1], "range": [0, width - 8 - after]}


def _bars(chart: Chart, width: int) -> Drawing | None:
    cells = [row[1] for row in chart.table.rows]
    if not any(map(known, cells)):
        return None
    step = LABEL + BAR + 14
    rows: list[Values] = []
    for n, (name, cell) in enumerate((row[0], row[1]) for row in chart.table.rows):
        text = written(cell)
        if chart.shape == "services" and known(cell) and not cell.value:
            text = _("0: not yet")
        rows.append({**_row(n, fitted(written(name), width), step), "value": amount(cell), "text": text})
    scale = _scale(max(map(amount, cells)), width)
    return Drawing("bars", {"rows": rows, **scale}, step * len(rows) - 6)


def _caps(chart: Chart, width: int) -> Drawing | None:
    if not any(known(cell) for row in chart.table.rows for cell in row[2:4]):
        return None
    step = LABEL + BAR + 14
    rows: list[Values] = []
    for n, (name, requests, used, cap) in enumerate(row[:4] for row in chart.table.rows):
        label = _("{tier} ({what}: {n})", tier=written(name), what=_lower(chart.table.columns[1]), n=written(requests))
        places = _row(n, fitted(label, width), step, TOP)
        far = max(amount(used), amount(cap))
        rows.append({**places, "used": amount(used), "cap": amount(cap), "end": far, "text": _of(used, cap)})
    scale = _scale(max(row["end"] for row in rows), width)
    legend = _legend(("solid", chart.table.columns[2]), ("outline", chart.table.columns[3]))
    return Drawing("caps", {"rows": rows, "legend": legend, **scale}, TOP + step * len(rows) - 6)


def _of(used: Cell, whole: Cell) -> str:
    """`17 sur 24`, or what is known of it."""
    if used.value is None and not used.masked:
        return _("no data")
    return _("{used} of {whole}", used=written(used), whole=written(whole))


def _lower(heading: str) -> str:
    return heading[:1].lower() + heading[1:]


def _deadlines(chart: Chart, width: int) -> Drawing | None:
    if not any(known(cell) for row in chart.table.rows for cell in row[1:3]):
        return None
    after = 150
    most = max(amount(row[1]) + amount(row[2]) for row in chart.table.rows) or 1
    step = LABEL + BAR + 14
    rows: list[Values] = []
    for n, (name, met, missed) in enumerate(row[:3] for row in chart.table.rows):
        parts = [_part(cell, most, width - 8 - after) for cell in (met, missed)]
        outside = [
            _("{what}: {n}", what=heading, n=written(cell))
            for heading, cell, inside in zip(chart.table.columns[1:3], (met, missed), parts, strict=True)
            if not inside
        ]
        rows.append(
            {
                **_row(n, fitted(written(name), width), step, TOP),
                "met": amount(met),
                "total": amount(met) + amount(missed),
                "met_text": parts[0],
                "met_middle": amount(met) / 2,
                "missed_text": parts[1],
                "missed_middle": amount(met) + amount(missed) / 2,
                "text": " · ".join(outside),
            }
        )
    legend = _legend(("solid", chart.table.columns[1]), ("hatch", chart.table.columns[2]))
    values = {"rows": rows, "legend": legend, **_scale(most, width, after)}
    return Drawing("deadlines", values, TOP + step * len(rows) - 6)


def _part(cell: Cell, most: float, pixels: int) -> str:
    """What is written in the part of a bar: nothing where there is no room for it."""
    text = written(cell)
    return text if amount(cell) / most * pixels >= 16 + 8 * len(text) else ""


def _legend(*items: tuple[str, str]) -> list[Values]:
    """What each sign means, in a line at the top."""
    found: list[Values] = []
    left = 0.0
    for mark, text in items:
        places = {"left": left, "centre": left + 7, "right": left + 14, "top": 1, "middle": 8, "bottom": 15}
        found.append({"mark": mark, "text": text, "text_left": left + 20, **places})
        left += 20 + len(text) * CHARACTER + 24
    return found


# --- Lead times ---


def _lead_times(chart: Chart, width: int) -> Drawing | None:
    rows: list[Values] = []
    points: list[Values] = []
    step, tall = LABEL + 42, 30
    for n, (name, stays, median, p90) in enumerate(row[:4] for row in chart.table.rows):
        note = _stays(stays, median, p90)
        places = _row(n, fitted(written(name), width - len(note) * CHARACTER - 30), step, TOP)
        middle = places["top"] + tall / 2 - 2
        places |= {"bottom": places["top"] + tall - 4, "middle": middle, "note": note}
        rows.append({**places, "median": _drawn(median), "p90": _drawn(p90)})
        days = [float(day) for state, day in chart.points if state == name.value]
        points += [{"days": day, "y": middle + _aside(i)} for i, day in enumerate(days)]
    if not any(known(cell) for row in chart.table.rows for cell in row[2:4]):
        return None
    marks = [row[key] or 0.0 for row in rows for key in ("median", "p90")]
    last = max([*marks, *(point["days"] for point in points)]) * 1.02 or 1.0
    shown = {"unit": _("days"), "width": width - 24, "domain": [0, last], "range": [0, width - 24]}
    legend = _legend(("dot", _("one stay")), ("tick", _("median")), ("diamond", _("9 in 10 are shorter")))
    values = {"rows": [{**row, "last": last} for row in rows], "points": points, "legend": legend, **shown}
    return Drawing("lead_times", values, TOP + step * len(rows), bottom=40)


def _drawn(cell: Cell) -> float | None:
    return amount(cell) if known(cell) else None


def _stays(stays: Cell, median: Cell, p90: Cell) -> str:
    if not known(stays):
        return written(stays)
    if median.value is None and p90.value is None:
        return _n("{n} stay", "{n} stays", int(amount(stays)))
    return _("median {median} · 9 in 10 within {p90}", median=written(median), p90=written(p90))


def _aside(number: int) -> float:
    """How far from the line the dot stands, in pixels: spread evenly by the golden ratio, the same each time."""
    return ((number * 0.6180339887) % 1 - 0.5) * 20


# --- By time ---


def _space(chart: Chart, width: int) -> Drawing | None:
    shown = [row[:3] for row in chart.table.rows]
    if not any(known(cell) for row in shown for cell in row[1:]):
        return None
    tall, step = 200, (width - 8) / len(shown)
    names = _months([row[0] for row in shown], step)
    rows: list[Values] = []
    for n, (_month, used, whole) in enumerate(shown):
        left = n * step + step * 0.15
        right = left + min(step * 0.7, 72)
        text = [written(used), f"/ {written(whole)}"] if step < 70 else [_of(used, whole)]
        if len(text[0]) * CHARACTER > step and used.value is None:
            text = ["–", *text[1:]]
        rows.append(
            {
                "left": left,
                "right": right,
                "centre": (left + right) / 2,
                "from": 0,
                "used": amount(used),
                "open": max(amount(whole), amount(used)),
                "text": text,
                "line": TOP + 20 + tall + 8,
                "label": names[n],
            }
        )
    most = max(row["open"] for row in rows) or 1
    scale = {"domain": [0, most], "range": [TOP + 20 + tall, TOP + 34]}
    legend = _legend(("solid", chart.table.columns[1]), ("outline", chart.table.columns[2]))
    return Drawing("space", {"rows": rows, "legend": legend, **scale}, TOP + 20 + tall, bottom=46)


def _months(cells: list[Cell], pixels: float) -> list[list[str]]:
    """Their names; the year of each goes below as soon as one has no room beside it."""
    from babel.dates import format_date

    names = [
        format_date(cell.value, "LLL y", locale=current()) if isinstance(cell.value, date) else written(cell)
        for cell in cells
    ]
    if all(len(name) * CHARACTER <= pixels for name in names):
        return [[name] for name in names]
    return [[line for line in name.rpartition(" ")[::2] if line] for name in names]


SHAPES: dict[str, Callable[[Chart, int], Drawing | None]] = {
    "flow": flow,
    "funnel": _bars,
    "services": _bars,
    "caps": _caps,
    "deadlines": _deadlines,
    "lead_times": _lead_times,
    "space": _space,
}
