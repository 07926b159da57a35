"""The most memory that a review of 20,000 requests holds, in megabytes: in each format, with and without its annex.

The semester is the invented half-year so many times over: each request led to its end, 316,000 entries in all. Memory
is not a matter of the moment: each command runs once.
"""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

from bench.figures import Contest, Figure, Measure, Preparing, Side, busy
from bench.lab import environment
from bench.reviewing import COMMAND, NOW, SEMESTER, filled, lived

COPIES = 290  # of the half-year, of 69 requests
MOST = 500  # megabytes
WAYS = {
    "json": ("--format", "json"),
    "csv": ("--format", "csv", "--evidence"),
    "ods": ("--format", "ods"),
    "pdf": ("--format", "pdf"),
    "html": ("--format", "html"),
    "csv-public": ("--format", "csv", "--public", "--again"),
    "ods-public": ("--format", "ods", "--public", "--again"),
    "pdf-public": ("--format", "pdf", "--public", "--again"),
    "html-public": ("--format", "html", "--public", "--again"),
}
FIGURES = {
    way: Figure(f"review-memory-{way}", f"MB of coop review {' '.join(words)}, 20,000 requests", most=MOST)
    for way, words in WAYS.items()
}


def _weighed(way: str, preparing: Preparing) -> tuple[Side, Side]:
    store = preparing.directory / "review-weighed.db"
    if not store.exists():
        filled(lived(preparing.directory / "review-lived.db"), store, 0, COPIES)
    out = preparing.directory / f"weighed.{way}"
    command: list[str | Path] = [COMMAND[0], "review", SEMESTER, *WAYS[way], "--out", out]
    return cache(busy(command, _of(store))), lambda: {"megabytes": 1}


def _of(store: Path) -> dict[str, str]:
    return environment(COOP_DB=str(store), COOP_NOW=NOW)


def _megabytes(figure: str, ours: Measure, limit: Measure) -> Measure:
    return {figure: ours["megabytes"] / limit["megabytes"]}


def contests() -> list[Contest]:
    """Measured when asked for: the store takes a minute to make, each command half a minute or more."""
    return [
        Contest((figure,), 1, 1, partial(_weighed, way), partial(_megabytes, figure.name), default=False)
        for way, figure in FIGURES.items()
    ]
