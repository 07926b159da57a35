"""The layouts of what leaves the lab, as text and as HTML: Jinja2 templates beside the code that fills them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

PIECES = 500  # what is filled in, between two pieces


def laid_out(package: str, template: str, **what: Any) -> str:
    """A template of the folder `templates` of a package, filled; in one of HTML what is filled in is escaped."""
    return _environment(package).get_template(f"{template}.j2").render(**what)


def laid_out_in_pieces(package: str, template: str, **what: Any) -> Iterator[str]:
    """The same, a piece after another: a long page is never held whole."""
    stream = _environment(package).get_template(f"{template}.j2").stream(**what)
    stream.enable_buffering(PIECES)
    return iter(stream)


@cache
def _environment(package: str) -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup, escape

    made = Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=lambda name: bool(name and name.endswith(".html.j2")),  # noqa: S701 - the rest is text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["lines"] = lambda text: escape(text).replace("\n", Markup("<br>"))
    return made
