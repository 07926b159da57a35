"""The charts of the review as static SVG: Vega-Lite specifications, kept as data, rendered by vl-convert.

    svg(chart, "fr", width=640)  ->  '<svg …><title …>…</svg>'

What `chart.table` holds, by shape; a number is a cell of kind `count`, or `days` where said:

- `flow`: a row a week. Columns: the Monday (a date), then a count for each state, headed by its label; the first
  state is at the bottom of the stack.
- `funnel`: a row a stage. Columns: its label, how many came so far.
- `lead_times`: a row a state. Columns: its label, number of stays, median and 90th percentile in days. `points`
  holds (the state's label, days) for each stay; states that are no row are left out.
- `caps`: a row a tier. Columns: its label, requests, meetings used, their caps added up.
- `services`: a row a service. Columns: its label, participations; a service at 0 is shown as one not yet reached.
- `deadlines`: a row a kind. Columns: its label, met, missed; the headings name the two parts.
- `space`: a row a month. Columns: any day of it (or a label), half-days used, half-days open; the headings name both.

A cell without data, or masked, draws nothing and says so in words. Every picture has its title and description, and
is drawn in the colour of the text around it (`currentColor`) and in a few colours that a page may set again by class:
`c1` to `c10`, `gap-fill` and `gap-stroke` for the paper, `on` for what is written on a colour. Its ids begin with the
chart's code. No script, no address, no font file; the same chart gives the same bytes, whatever fonts are installed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from handlers.review.chart_places import empty
from handlers.review.chart_shapes import SHAPES
from handlers.review.chart_svg import described
from handlers.review.pack import Chart
from states.errors import MissingExtra
from states.language import _, spoken

FONTS = "Liberation Sans, Arial, Helvetica, sans-serif"
WIDTH = 640  # pixels
GRAMMAR = "5.20"  # the version of Vega-Lite: of those that vl-convert carries, so that an upgrade draws the same

# As states/language.py writes numbers; days and months are d3's own.
NUMBERS = {
    "fr": {"decimal": ",", "thousands": "\u00a0", "grouping": [3], "currency": ["", "\u00a0€"]},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["€", ""]},
}
TIMES: dict[str, Any] = {"fr": "fr-FR", "en": "en-GB"}


def svg(chart: Chart, language: str, *, font: str = FONTS, width: int = WIDTH) -> str:
    """The chart as an SVG element, `width` pixels wide, in `font`. Raises MissingExtra without vl-convert."""
    with spoken(language):
        try:
            from vl_convert import vegalite_to_svg
        except ImportError:
            raise MissingExtra(
                _("The charts of the review need vl-convert, which is not installed."),
                hint='pip install "la-cooperative[review]"',
            ) from None
        drawing = SHAPES[chart.shape](chart, width) or empty()
    specification = {
        **_filled(_kept(drawing.specification), drawing.values),
        "autosize": {"type": "none"},  # nothing is measured: no layout depends on the fonts of a machine
        "width": width - drawing.left,
        "height": drawing.height,
        "padding": {"left": drawing.left, "right": 0, "top": drawing.top, "bottom": drawing.bottom},
    }
    drawn = vegalite_to_svg(
        specification,
        vl_version=GRAMMAR,
        config={**_kept("config"), "font": font},
        format_locale=NUMBERS[language],
        time_format_locale=TIMES[language],
        allowed_base_urls=[],
    )
    return described(drawn, chart)


@cache
def _kept(name: str) -> Any:
    return json.loads(files("handlers.review").joinpath("chart_specs", f"{name}.json").read_text("utf-8"))


def _filled(part: Any, values: Mapping[str, Any]) -> Any:
    """The specification with each `"$name"` replaced by its value."""
    if isinstance(part, dict):
        return {key: _filled(value, values) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, values) for value in part]
    return values[part[1:]] if isinstance(part, str) and part.startswith("$") else part
