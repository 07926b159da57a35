"""The lifecycle as an SVG picture, drawn by Graphviz or by its port, whichever is there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html import escape
from pathlib import Path

from states.causes import cause
from states.declaration.marks import harmless
from states.declaration.model import Declaration
from states.errors import CoopError, MissingExtra
from states.language import _
from states.lifecycle.diagram import GREY, INK, dot, picture

PATIENCE = 60  # seconds; a lifecycle takes less than one
# What stands on the page itself, not on a coloured node, is light on a dark one.
DARK = (
    f'.edge text, text[fill="{GREY}"] {{ fill: #d7dce3; }} '
    f'path[stroke="{GREY}"], polygon[stroke="{GREY}"] {{ stroke: #aab3be; }} '
    f'polygon[fill="{GREY}"] {{ fill: #aab3be; }} '
    f'ellipse[fill="{INK}"] {{ fill: #d7dce3; stroke: #d7dce3; }} .cluster text {{ fill: #d7dce3; }}'
)
FONTS = "Verdana, DejaVu Sans, Arial, sans-serif"


def svg(declaration: Declaration) -> str:
    """The lifecycle as an SVG document, in the language of the moment. Raises MissingExtra if nothing can draw it."""
    program = _program()
    if program is None:
        raise MissingExtra(
            _("Drawing an SVG picture needs Graphviz, or its port."), hint='pip install "la-cooperative[diagram]"'
        )
    try:
        done = subprocess.run(
            [program, "-Tsvg"], input=dot(declaration).encode(), capture_output=True, timeout=PATIENCE, check=True
        )
    except (OSError, subprocess.SubprocessError) as problem:
        raise CoopError(
            _("{program} could not draw the lifecycle: {problem}", program=program, problem=cause(problem))
        ) from None
    drawn = picture(declaration)
    return _described(done.stdout.decode(), harmless(drawn.title), list(map(harmless, drawn.sentences())))


def _program() -> str | None:
    """`dot` if it is installed, else the port, which stands beside Python rather than on the path in an environment."""
    beside = str(Path(sys.executable).parent)
    return shutil.which("dot") or shutil.which("graphviz-pure", path=beside) or shutil.which("graphviz-pure")


def _described(drawing: str, title: str, sentences: list[str]) -> str:
    """The drawing with what it says in words, and fonts that are found everywhere."""
    # Graphviz titles each node and arrow with its code, which browsers would show to people.
    drawing = re.sub(r"<title>.*?</title>\n?", "", drawing, flags=re.DOTALL)
    drawing = drawing.replace('font-family="Verdana"', f'font-family="{FONTS}"')
    opening = re.search(r"<svg\b[^>]*", drawing)
    if opening is None:
        raise CoopError(_("What was drawn is not an SVG picture."))
    style = f"<style>@media (prefers-color-scheme: dark) {{ {DARK} }}</style>\n"
    words = f'<title id="lifecycle">{escape(title)}</title>\n<desc id="arrows">{escape(chr(10).join(sentences))}</desc>'
    marks = ' role="img" aria-labelledby="lifecycle" aria-describedby="arrows">\n'
    return f"{drawing[: opening.end()]}{marks}{words}{style}{drawing[opening.end() + 1 :]}"
