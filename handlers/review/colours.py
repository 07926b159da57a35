"""The colours of the charts: they stand once, in the style sheet of the page, by day and by night."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files


@cache
def by_day() -> dict[str, str]:
    """The colours of the page by day, the first that its style sheet gives each variable."""
    style = files("handlers.review").joinpath("templates", "review.css").read_text("utf-8")
    return dict(reversed(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", style)))


def of_state(place: int) -> str:
    """The colour of the state of that place in the declaration; those of a long one come round again."""
    known = sum(name.startswith("state-") for name in by_day())
    return f"var(--state-{place % known + 1})"
