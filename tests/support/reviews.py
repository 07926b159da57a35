"""The review of a lab as a pack, made as the command makes it, and what is asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from handlers.review.contents import Provenance, pack
from handlers.review.pack import Cell, Pack
from handlers.review.text import written
from states.language import spoken
from states.review.document import document
from states.review.publishing import edition
from workflow.reviews.book import head_at, orientations, period_of, review_of
from workflow.testing import Lab
from workflow.views.reader import Reader


def told(
    lab: Lab, language: str = "fr", *, public: bool = False, code: str = "2026-S1", now: str | None = None
) -> Pack:
    """The pack of a lab's review, as the command makes it; at another moment than the lab's, if one is given."""
    with lab.store.looking() as tx, spoken(language):
        reader = Reader(tx, now or lab.clock.now)
        found = review_of(reader, period_of(reader.declaration, code))
        kept = {ref: reader.texts(ref) for ref in _streams(found)}
        provenance = Provenance(head_at(reader, found.scope.sources.now), document(found)["digest"])
        said = orientations(reader, code)
        published = edition(found) if public else None
        return pack(found, provenance, lambda ref, seq, field: kept[ref].get(seq, field), said, edition=published)


def _streams(found: Any) -> list[str]:
    sources = found.scope.sources
    return [story.ref for story in (*sources.requests, *sources.activities)]


def cells(found: Pack) -> Iterator[Cell]:
    yield from (cell for headline in found.front.headlines for cell in (headline.cell, headline.previous))
    yield from (cell for _chapter, table in found.tables() for row in table.rows for cell in row)


def table(found: Pack, code: str) -> list[list[str]]:
    """The rows of a table, as they are written."""
    with spoken(found.language):
        shown = next(one for _chapter, one in found.tables() if one.code == code)
        return [[written(cell) for cell in row] for row in shown.rows]
