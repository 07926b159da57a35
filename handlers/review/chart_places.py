"""What every chart is laid out with: the room texts take, cells as numbers, what fills a specification."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from attrs import frozen

from handlers.review.pack import Cell
from states.language import _

CHARACTER = 7.4  # pixels: about what a letter of 13 pixels takes, in a wide font

Values = dict[str, Any]


@frozen
class Drawing:
    """A specification by name, what fills it, and the room around: `left`, `bottom` and `top` for axes, in pixels."""

    specification: str
    values: Mapping[str, Any]
    height: int
    left: int = 8
    bottom: int = 8
    top: int = 0


def known(cell: Cell) -> bool:
    """Whether the cell is a number that may be drawn."""
    return not cell.masked and isinstance(cell.value, int | Fraction)


def amount(cell: Cell) -> float:
    """The number of the cell; 0, which draws nothing, for one that is not known."""
    return float(cell.value) if known(cell) and isinstance(cell.value, int | Fraction) else 0.0


def fitted(text: str, pixels: float) -> str:
    """The text, cut with an ellipsis where it would take more than `pixels`: the table beside has the whole."""
    room = max(4, int(pixels / CHARACTER))
    return text if len(text) <= room else f"{text[: room - 1].rstrip()}…"


def wrapped(text: str, pixels: float) -> list[str]:
    """The text on at most two lines."""
    room = max(4, int(pixels / CHARACTER))
    if len(text) <= room:
        return [text]
    words, first = text.split(" "), ""
    while words and len(f"{first} {words[0]}".strip()) <= room:
        first = f"{first} {words.pop(0)}".strip()
    return [line for line in (first, fitted(" ".join(words), pixels)) if line]


def empty() -> Drawing:
    """A sentence where there is nothing to draw."""
    return Drawing("empty", {"rows": [{"line": 24, "label": _("no data")}]}, 32)
