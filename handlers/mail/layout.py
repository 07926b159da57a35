"""How a message is laid out, as text and as HTML."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment


def laid_out(layout: str, form: str, **what: Any) -> str:
    """A layout of `templates`, filled; `form` is `txt` or `html`."""
    return _environment().get_template(f"{layout}.{form}.j2").render(**what)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup, escape

    made = Environment(
        loader=PackageLoader("handlers.mail", "templates"),
        autoescape=lambda name: bool(name and name.endswith(".html.j2")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["lines"] = lambda text: escape(text).replace("\n", Markup("<br>"))
    return made
