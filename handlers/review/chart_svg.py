"""What Vega has drawn, made fit for a page: described, coloured by classes, with ids of its own, without the rest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from handlers.review.pack import Chart

if TYPE_CHECKING:
    from collections.abc import Iterator

SVG = "http://www.w3.org/2000/svg"
# Colours of the specifications that stand for something else than themselves.
INK, GAP, ON, HATCH = "#000001", "#fffffe", "#fffffd", "#b34701"
# Told apart by people who see few colours, and by their lightness alone: dark and light ones alternate.
PALETTE = ("#1f4e9c", "#8fc7e8", "#0f6b4f", "#e3c565", "#8a2358", "#7fc4a5", "#5b4b9a", "#d9a0b4", "#4d4d4d", "#cccccc")
CLASSES = {colour: f"c{n}" for n, colour in enumerate(PALETTE, 1)}
KEPT = {"d", "dy", "fill", "fill-opacity", "font-family", "font-size", "font-style", "font-weight", "height", "opacity"}
KEPT |= {"stroke", "stroke-dasharray", "stroke-linejoin", "stroke-miterlimit", "stroke-opacity", "stroke-width"}
KEPT |= {"text-anchor", "transform", "width", "x", "x1", "x2", "y", "y1", "y2"}


def described(drawn: str, chart: Chart) -> str:
    """The picture with its title and description, as an element to put in a page or a file."""
    prefix = prefix_of(chart.code)
    found = ElementTree.fromstring(drawn)
    picture = Element("svg", _root(found, chart, prefix))
    SubElement(picture, "title", {"id": f"{prefix}-title"}).text = chart.title
    SubElement(picture, "desc", {"id": f"{prefix}-desc"}).text = chart.description
    body = [kept for part in found for kept in _parts(part, prefix)]
    if any(part.get("fill") == _hatch(prefix) for top in body for part in top.iter()):
        picture.append(_pattern(prefix))
    picture.extend(body)
    return ElementTree.tostring(picture, encoding="unicode", short_empty_elements=True)


def prefix_of(code: str) -> str:
    """What every id of this chart begins with: letters, digits, hyphens."""
    return f"chart-{re.sub(r'[^A-Za-z0-9]', '-', code)}"


def _root(found: Element, chart: Chart, prefix: str) -> dict[str, str]:
    size = {name: found.get(name, "") for name in ("width", "height", "viewBox")}
    return {
        "xmlns": SVG,
        "class": f"chart {chart.shape}",
        "role": "img",
        "aria-labelledby": f"{prefix}-title",
        "aria-describedby": f"{prefix}-desc",
        **size,
    }


def _parts(part: Element, prefix: str) -> Iterator[Element]:
    """The element as a page takes it; nothing of one that cannot be seen."""
    name = part.tag.removeprefix(f"{{{SVG}}}")
    if part.get("display") == "none" or part.get("opacity") == "0" or part.get("class") in ("background", "foreground"):
        return
    kept = Element(name, {key: _rounded(value) for key, value in part.attrib.items() if key in KEPT})
    if kept.get("opacity") == "1":
        del kept.attrib["opacity"]
    _colour(kept, prefix)
    kept.text = part.text
    kept.extend(inner for child in part for inner in _parts(child, prefix))
    if name != "g" or len(kept):
        # A group that says nothing only nests.
        yield from kept if name == "g" and not kept.attrib else [kept]


def _rounded(value: str) -> str:
    """Coordinates to a hundredth of a pixel."""
    return re.sub(r"-?\d+\.\d{3,}(?:e-\d+)?", lambda found: f"{round(float(found[0]), 2):g}", value)


def _colour(part: Element, prefix: str) -> None:
    classes = []
    for paint in ("fill", "stroke"):
        colour = part.get(paint, "")
        if colour == INK:
            part.set(paint, "currentColor")
        elif colour == HATCH:
            part.set(paint, _hatch(prefix))
        elif colour in (GAP, ON):
            part.set(paint, "#ffffff")
            classes.append({GAP: f"gap-{paint}", ON: "on"}[colour])
        elif colour in CLASSES:
            classes.append(CLASSES[colour])
    if classes:
        part.set("class", " ".join(classes))


def _hatch(prefix: str) -> str:
    return f"url(#{prefix}-hatch)"


def _pattern(prefix: str) -> Element:
    pattern = Element(
        "pattern", {"id": f"{prefix}-hatch", "patternUnits": "userSpaceOnUse", "width": "6", "height": "6"}
    )
    lines = {"d": "M-1,1l2,-2M0,6l6,-6M5,7l2,-2", "stroke": "currentColor", "stroke-width": "1.4", "fill": "none"}
    SubElement(pattern, "path", lines)
    definitions = Element("defs")
    definitions.append(pattern)
    return definitions
