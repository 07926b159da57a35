"""The cumulative flow: how many requests stand in each state, week after week, each band named where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate, pairwise

from handlers.review.chart_places import Drawing, Values, amount, known, wrapped
from handlers.review.chart_svg import PALETTE
from handlers.review.pack import Cell, Chart
from handlers.review.text import written

NAMES = 212  # pixels kept on the right for the names of the states
LEFT, LINE, GAP = 34, 15, 5  # pixels: the axis, a line of text, between two names

Week = tuple[date, tuple[Cell, ...]]


def flow(chart: Chart, width: int) -> Drawing | None:
    """Bands in the order of the columns, from the bottom; None without a week that says anything."""
    weeks = _weeks(chart)
    if not weeks:
        return None
    columns = range(len(weeks[0][1]))
    # A state that nobody was ever in has no band, unless all are so.
    used = [n for n in columns if any(amount(counts[n]) for _monday, counts in weeks)] or list(columns)
    stacked = [(monday, [0.0, *accumulate(amount(counts[n]) for n in used)]) for monday, counts in weeks]
    most = max(5.0, *(sums[-1] for _monday, sums in stacked))  # from 5 on, every mark of the axis is a whole number
    plot = width - LEFT - NAMES
    texts = [_name(chart.table.columns[n + 1], weeks[-1][1][n]) for n in used]
    height = max(260, sum(len(text) * LINE + GAP for text in texts))
    labels = _labels(texts, [height - (low + high) / 2 / most * height for low, high in _bands(stacked[-1][1])], height)
    rows = [
        {"week": monday.isoformat(), "state": str(band), "low": low, "high": high}
        for monday, sums in stacked
        for band, (low, high) in enumerate(_bands(sums))
    ]
    values = {
        "rows": rows,
        "labels": [{**label, "edge": plot, **_beside(plot)} for label in labels],
        "plot": plot,
        "domain": [0, most],
        "range": [height, 0],
        "states": [str(band) for band in range(len(used))],
        "colours": [PALETTE[band % len(PALETTE)] for band in range(len(used))],
    }
    return Drawing("flow", values, height + 8, left=LEFT, bottom=28, top=8)


def _weeks(chart: Chart) -> list[Week]:
    """The weeks that say something. One alone is drawn over its seven days."""
    weeks = [
        (row[0].value, row[1:])
        for row in chart.table.rows
        if isinstance(row[0].value, date) and any(map(known, row[1:]))
    ]
    return [*weeks, (weeks[0][0] + timedelta(days=7), weeks[0][1])] if len(weeks) == 1 else weeks


def _bands(sums: Sequence[float]) -> list[tuple[float, float]]:
    return list(pairwise(sums))


def _name(heading: str, last: Cell) -> list[str]:
    return wrapped(f"{heading}\u00a0·\u00a0{written(last)}", NAMES - 44)


def _labels(texts: list[list[str]], bands: list[float], height: float) -> list[Values]:
    """Each name as near its band as the others let it, in the order of the bands; `y` goes down, bands go up."""
    tall = [len(text) * LINE + GAP for text in texts]
    tops: list[float] = []
    floor = height
    for size, band in zip(tall, bands, strict=True):
        floor = min(floor, band + size / 2) - size
        tops.append(floor)
    ceiling = 0.0
    for n in reversed(range(len(tops))):
        # Those pushed above the picture push back.
        tops[n] = max(tops[n], ceiling)
        ceiling = tops[n] + tall[n]
    return [
        {"state": str(n), "text": texts[n], "band": bands[n], **_line(tops[n] + GAP / 2)} for n in range(len(texts))
    ]


def _line(top: float) -> Values:
    return {"line": top, "top": top + 2, "bottom": top + 14, "middle": top + 8}


def _beside(plot: float) -> Values:
    return {"left": plot + 20, "right": plot + 32, "text_left": plot + 38}
