"""The charts of the review as static SVG: Vega-Lite specifications, kept in charts.json, laid out by Vega-Lite itself.

    svg(chart, "fr", width=640)  ->  '<svg …><title …>…</svg>', to put in a page that declares `FONT`
    course(values, "fr")         ->  a small line of the last semesters, to put beside a figure
    on_paper(drawn)              ->  the same in fixed colours, for what knows no style sheet

What `chart.table` holds, by shape; a number is a cell of kind `count`, or `days` where said:

- `flow`: a row a week. Columns: the Monday (a date), then a count for each state, headed by its label: a small
  picture each, after that of them all.
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

A cell without data, or masked, draws nothing and says so in words. The colours are those of the text around
(`currentColor`) and of variables that a page may set again: `--accent`, `--paper`. Letters are measured in the font
that comes with the product, so that the same chart gives the same bytes everywhere. No script, no address.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from html import escape
from importlib.resources import files
from textwrap import wrap
from typing import Any

from handlers.documents.paper import font_folder
from handlers.review.pack import Cell, Chart
from handlers.review.text import written
from states.errors import MissingExtra
from states.language import _, _n, current, spoken

FONT = "Atkinson Hyperlegible"
WIDTH, NARROW = 640, 440  # pixels; a picture no wider than that has fewer things in a line
NAMES, LETTER = 0.47, 6.6  # of the width, what names may take; pixels that a letter of theirs takes
GRAMMAR = "5.20"  # the version of Vega-Lite: of those that vl-convert carries, so that an upgrade draws the same

# As states/language.py writes numbers; months are d3's own.
NUMBERS = {
    "fr": {"decimal": ",", "thousands": "\u00a0", "grouping": [3], "currency": ["", "\u00a0€"]},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["€", ""]},
}
TIMES: dict[str, Any] = {"fr": "fr-FR", "en": "en-GB"}

Values = dict[str, Any]


def svg(chart: Chart, language: str, *, width: int = WIDTH) -> str:
    """The chart as an SVG element, about `width` pixels wide. Raises MissingExtra without vl-convert."""
    with spoken(language):
        drawn = _drawn(_specification(chart, width), language)
    prefix = prefix_of(chart.code)
    about = (
        f'<title id="{prefix}-title">{escape(chart.title, quote=False)}</title>'
        f'<desc id="{prefix}-desc">{escape(chart.description, quote=False)}</desc>'
    )
    if _hatched(prefix) in drawn:
        about += _hatch(prefix)
    named = f'role="img" aria-labelledby="{prefix}-title" aria-describedby="{prefix}-desc"'
    return _rooted(drawn, f"chart {chart.shape}", named, about)


def course(values: Sequence[Cell], language: str) -> str:
    """The line of a figure over the last semesters, this one marked; nothing where two points are not known."""
    points = [{"n": n, "value": amount(cell)} for n, cell in enumerate(values) if known(cell)]
    if len(points) < 2:
        return ""
    with spoken(language):
        drawn = _drawn({**_kept()["course"], "data": {"values": points}}, language)
        label = _("The last semesters: {values}", values=", ".join(map(written, values)))
    return _rooted(drawn, "course", f'role="img" aria-label="{escape(label)}"', "")


def _drawn(specification: Values, language: str) -> str:
    return _vega()(
        specification,
        vl_version=GRAMMAR,
        config=_kept()["config"],
        format_locale=NUMBERS[language],
        time_format_locale=TIMES[language],
        allowed_base_urls=[],
    )


def _rooted(drawn: str, kind: str, named: str, about: str) -> str:
    """The picture under a root of ours: its class, its name for who cannot see it."""
    sizes = re.search(r'width="[^"]*" height="[^"]*" viewBox="[^"]*"', drawn)
    assert sizes
    root = f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" {named} {sizes[0]}>{about}'
    return re.sub("^<svg[^>]*>", lambda _root: root, re.sub("<[^>]*>", lambda tag: _plain(tag[0]), drawn))


def _plain(tag: str) -> str:
    """A tag to a hundredth of a pixel, and silent: screen readers have the title and the description."""
    tag = re.sub(r' (?:class|role|aria-[a-z]+)="[^"]*"', "", tag)
    return re.sub(r"-?\d+\.\d{3,}(?:e-\d+)?", lambda number: f"{round(float(number[0]), 2):g}", tag)


def on_paper(drawn: str) -> str:
    """The picture in the colours of the page by day, written out instead of its variables."""
    style = files("handlers.review").joinpath("templates", "review.css").read_text("utf-8")
    colours = dict(reversed(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", style)))  # the first of each: those by day
    drawn = re.sub(r"var\(--([\w-]+)\)", lambda found: colours[found[1]], drawn)
    return drawn.replace("currentColor", colours["ink"])


def prefix_of(code: str) -> str:
    """What every id of this chart begins with: letters, digits, hyphens."""
    return f"chart-{re.sub(r'[^A-Za-z0-9]', '-', code)}"


def _hatched(prefix: str) -> str:
    return f"url(#{prefix}-hatch)"


def _hatch(prefix: str) -> str:
    return (
        f'<defs><pattern id="{prefix}-hatch" patternUnits="userSpaceOnUse" width="6" height="6">'
        '<path d="M-1,1l2,-2M0,6l6,-6M5,7l2,-2" stroke="currentColor" stroke-width="1.4" fill="none"></path>'
        "</pattern></defs>"
    )


def _vega() -> Callable[..., str]:
    """The function that draws; it knows our font."""
    try:
        from vl_convert import vegalite_to_svg
    except ImportError:
        raise MissingExtra(
            _("The charts of the review need vl-convert, which is not installed."),
            hint='pip install "la-cooperative[review]"',
        ) from None
    _register_font()
    return vegalite_to_svg


@cache
def _register_font() -> None:
    from vl_convert import register_font_directory

    with font_folder() as folder:
        register_font_directory(str(folder))


@cache
def _kept() -> Any:
    return json.loads(files("handlers.review").joinpath("charts.json").read_text("utf-8"))


def _specification(chart: Chart, width: int) -> Values:
    """The specification of its shape, filled with its data."""
    if any(known(cell) for row in chart.table.rows for cell in row[1:]):
        name, fill = SHAPES[chart.shape]
        rows, values = fill(chart)
    else:
        name, rows, values = "empty", [{}], {"text": _("no data")}
    across = 3 if width > NARROW else 2  # pictures of the states in a line
    panel = round((width - 40 - 24 * (across - 1)) / across)
    room = {"width": width, "wide": width - 40, "across": across, "panel": panel}
    if name in _NAMED:
        rows, room["step"] = _folded(rows, width)
        values = {**values, **({"points": _folded(values["points"], width)[0]} if "points" in values else {})}
    return {**_filled(_kept()[name], {**values, **room}), "data": {"values": rows}}


def _folded(rows: list[Values], width: int) -> tuple[list[Values], int]:
    """The rows with their names on as many lines as they need, three at most; the height of each row, in pixels."""
    room = int(width * NAMES / LETTER)
    folded = {str(row["name"]): _lines(row["name"], room) for row in rows}
    lines = max((text.count("\n") for text in folded.values()), default=0)
    return [{**row, "name": folded[row["name"]]} for row in rows], max(32, 6 + 14 * (lines + 1))


def _lines(name: str, room: int) -> str:
    seen = name.rstrip("\u00a0")
    end = name[len(seen) :]  # what tells two of the same name
    lines = [line for part in seen.split("\n") for line in wrap(part, room) or [part]]
    return "\n".join(lines if len(lines) <= 3 else [*lines[:2], f"{lines[2][: room - 1]}…"]) + end


def _filled(part: Any, values: Values) -> Any:
    """The specification with each `"$name"` replaced by its value."""
    if isinstance(part, dict):
        return {key: _filled(value, values) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, values) for value in part]
    return values[part[1:]] if isinstance(part, str) and part.startswith("$") else part


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
        text = f"{written(share)} · {_of(present, expected)}" if known(share) else written(share)
        rows.append(_parts(written(name), amount(present), amount(expected), text))
    return _parted(rows, chart.table.columns[2:4], "transparent")


def _satisfaction(chart: Chart) -> tuple[list[Values], Values]:
    rows = []
    for name, people, mean, *_rest in chart.table.rows:
        text = f"{written(mean)} · {written(people)}" if known(mean) else written(mean)
        rows.append(_parts(written(name), amount(mean), BEST if known(mean) else 0, text))
    return _parted(rows, (chart.table.columns[2], _("the best score, 5")), "transparent")


def _deadlines(chart: Chart) -> tuple[list[Values], Values]:
    rows, headings = [], chart.table.columns[1:3]
    for name, met, missed, *_rest in chart.table.rows:
        total = amount(met) + amount(missed)
        text = _of(met, Cell(int(total), "count"))
        if not (known(met) and known(missed)):
            pairs = zip(headings, (met, missed), strict=True)
            text = " · ".join(_("{what}: {n}", what=what, n=written(cell)) for what, cell in pairs)
        rows.append(_parts(written(name), amount(met), total, text))
    return _parted(rows, headings, _hatched(prefix_of(chart.code)))


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
    points = [{"name": names[name], "days": float(days)} for name, days in chart.points if name in names]
    return _named(rows), {**signs, "shapes": shapes, "points": points, "unit": _("days")}


def _stays(cell: Cell) -> str:
    return _n("{n} stay", "{n} stays", int(amount(cell)))


def _flow(chart: Chart) -> tuple[list[Values], Values]:
    """A row a state and week, those of all states first; the title of each bears its last figure."""
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
    for n, heading in enumerate((_("All"), *chart.table.columns[1:])):
        cells = [row[n - 1] if n else Cell(int(sum(map(amount, row))), "count") for _week, row in weeks]
        titles.append(f"{heading}\u00a0·\u00a0{written(cells[-1])}")
        rows += [
            {"state": titles[-1], "all": n == 0, "week": week.isoformat(), "open": amount(cell)}
            for (week, _row), cell in zip(weeks, cells, strict=True)
        ]
    first = "replace(datum.label, /^1 /, '1er ')" if current() == "fr" else "datum.label"
    # From 3 on, every mark of the axes is a whole number.
    most = {name: max([3, *(row["open"] for row in rows if row["all"] == whole)]) for name, whole in _AXES}
    return rows, {"all": titles[0], "states": titles[1:], "first": first, **most}


BEST = 5  # the highest score of satisfaction
_NAMED = ("bars", "parts", "lead_times")  # what has names at its side
_AXES = (("most", False), ("most_in_all", True))
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
