"""The charts of the review as static SVG: Vega-Lite specifications, kept in charts.json, laid out by Vega-Lite itself.

    svg(chart, "fr", width=640)  ->  '<svg …><title …>…</svg>', to put in a page that declares `FONT`
    course(values, "fr")         ->  a small line of the last semesters, to put beside a figure
    on_paper(drawn)              ->  the same in fixed colours, for what knows no style sheet

What `chart.table` holds is said in handlers/review/shapes.py. A cell without data, or masked, draws nothing and says so
in words. The colours are those of the text around (`currentColor`) and of variables that a page may set again:
`--accent`, `--paper`, and for states `--state-1`… in the order of the declaration, whichever of them are shown; none is
needed to know a state, for it is named. Letters are measured in the font that comes with the product, so that the same
chart gives the same bytes everywhere. No script, no address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from textwrap import wrap
from typing import Any

from handlers.documents.paper import font_folder
from handlers.review.colours import by_day
from handlers.review.pack import Cell, Chart
from handlers.review.shapes import LETTER, NAMED, SHAPES, Values, amount, hatched, known, prefix_of
from handlers.review.text import written
from states.errors import MissingExtra
from states.language import _, spoken

FONT = "Atkinson Hyperlegible"
WIDTH, NARROW = 640, 440  # pixels; a picture no wider than that has fewer things in a line
NAMES = 0.47  # of the width, what names may take
GRAMMAR = "5.20"  # the version of Vega-Lite: of those that vl-convert carries, so that an upgrade draws the same

# As states/language.py writes numbers; months are d3's own.
NUMBERS = {
    "fr": {"decimal": ",", "thousands": "\u00a0", "grouping": [3], "currency": ["", "\u00a0€"]},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["€", ""]},
}
TIMES: dict[str, Any] = {"fr": "fr-FR", "en": "en-GB"}


def svg(chart: Chart, language: str, *, width: int = WIDTH) -> str:
    """The chart as an SVG element, about `width` pixels wide. Raises MissingExtra without vl-convert."""
    with spoken(language):
        drawn = _drawn(_specification(chart, width), language)
    prefix = prefix_of(chart.code)
    about = (
        f'<title id="{prefix}-title">{escape(chart.title, quote=False)}</title>'
        f'<desc id="{prefix}-desc">{escape(chart.description, quote=False)}</desc>'
    )
    if hatched(chart.code) in drawn:
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
    drawn = re.sub(r"var\(--([\w-]+)\)", lambda variable: by_day()[variable[1]], drawn)
    return drawn.replace("currentColor", by_day()["ink"])


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
        unknown = any(row[1:] for row in chart.table.rows)  # else there was nothing, which is known
        name, rows, values = "empty", [{}], {"text": _("no data") if unknown else _("Nothing to list.")}
    across = 3 if width > NARROW else 2  # pictures of the states in a line
    panel = round((width - 40 - 24 * (across - 1)) / across)
    room = {"width": width, "wide": width - 40, "across": across, "panel": panel}
    if name in NAMED:
        rows, room["step"] = _folded(rows, width)
        values = {**values, **({"points": _folded(values["points"], width)[0]} if "points" in values else {})}
    return {**_filled(_kept()[name], {**values, **room}), "data": {"values": rows}}


def _folded(rows: list[Values], width: int) -> tuple[list[Values], int]:
    """The rows with their names on as many lines as they need, three at most; the height of each row, in pixels."""
    room = int(width * NAMES / LETTER)
    folded = {str(row["name"]): _lines(row["name"], room) for row in rows}
    lines = max((text.count("\n") for text in folded.values()), default=0)
    return [{**row, "name": folded[row["name"]]} for row in rows], max(24, 4 + 14 * (lines + 1))


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
