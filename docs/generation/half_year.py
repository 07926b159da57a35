"""The invented half-year of `coop demo`: its store, for the scenes, and the pack of its review.

Two stores of it differ by the salts of their texts and by the login that typed, hence by the digests of their entries
and by the head of their history; the figures, the moments and the references are the same, and so is the digest of the
review, which covers figures alone. The pack in docs/ must be the same each time it is made: where the head would stand,
it says that the head is not given, and why.
"""

from __future__ import annotations

import atexit
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import evolve, frozen

from generation.markdown import DOCS

SEMESTER = "2026-S1"
PACK = DOCS / "revue" / f"revue-{SEMESTER}.html"
BEGUN = "2026-01-05T08:00+01:00"  # as `coop demo`
INVENTED = "semestre inventé, pour démonstration"
NO_HEAD = (
    "non donnée ici\u00a0: les textes sont salés au hasard, chaque base de démonstration a la sienne (coop db verify)"
)
MADE = (
    "Écrit par docs/generate.py (make docs)\u00a0: le semestre inventé de «\u00a0coop demo\u00a0», tel que l’écrit "
    f"«\u00a0coop review {SEMESTER} --format html\u00a0», à ceci près\u00a0: le titre dit qu’il est inventé, et "
    "l’empreinte de tête n’est pas donnée. Ne rien corriger ici."
)

_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)


@frozen
class Lived:
    """A store where the half-year has been lived, and the moment it ended (ISO 8601, with its offset)."""

    path: Path
    last: str


@cache
def lived() -> Lived:
    """The half-year, lived once; its store goes with the process."""
    from handlers.demo.player import MovingClock, play, recorded
    from workflow.engine import Engine
    from workflow.lab.opening import open_lab
    from workflow.store.database import Store

    folder = TemporaryDirectory()
    atexit.register(folder.cleanup)
    path, clock = Path(folder.name) / "coop.db", MovingClock(datetime.fromisoformat(BEGUN))
    store = Store(str(path))
    try:
        open_lab(store, clock, "camille", None)
        engine = Engine(store, clock)
        played = play(engine, clock, recorded())
    finally:
        store.close()
    return Lived(path, played.last)


def pack() -> str:
    """The review of the half-year as one HTML page, as known at its end."""
    from handlers.review.contents import Provenance
    from handlers.review.contents import pack as told_of
    from handlers.review.formats.html import html
    from states.declaration.types import instant
    from states.review.document import document
    from workflow.reviews.book import orientations, period_of, review_of
    from workflow.store.database import Store
    from workflow.views.reader import Reader

    store = Store(str(lived().path))
    try:
        with store.looking() as tx:
            reader = Reader(tx, instant(datetime.fromisoformat(lived().last)))
            found = review_of(reader, period_of(reader.declaration, SEMESTER))
            told = told_of(
                found,
                Provenance(NO_HEAD, document(found)["digest"]),
                lambda ref, seq, field: reader.texts(ref).get(seq, field),
                orientations(reader, SEMESTER),
            )
            page = html(evolve(told, lab=f"{told.lab} — {INVENTED}"), None)  # its annex is read as it is written
    finally:
        store.close()
    return page.replace("<head>", f"<!-- {MADE} -->\n<head>", 1)


def same(one: str, other: str) -> bool:
    """Whether two packs say the same.

    A chart drawn by another version of Vega says it elsewhere on its sheet; a declaration of which a word changed has
    another digest, and the same figures.
    """
    return _compared(one) == _compared(other)


def _compared(page: str) -> str:
    page = _DIGEST.sub("…", page)
    return _SVG.sub(lambda found: " ".join(sorted(re.sub(r"<[^>]*>", " ", found[0]).split())), page)
