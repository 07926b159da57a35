"""The document of a review as it may be published: the figures that stand on few persons are masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.review.cells import Telling
from states.review.document import Review, digest_of


def published(review: Review, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with null in place of what fewer than five persons made; `masked` names those figures.

    Its digest is its own: that of the whole review would let anyone try the few numbers a mask can hide.
    """
    told = Telling.of(review, lambda _ref, _seq, _field: None, public=True)
    names = [f"indicators.{name}" for name in document["indicators"]]
    hidden = [name for name in names if told.cell(name).masked]
    before = document["previous"]
    if before is not None:
        past = [name for name in names if told.past(name).masked]
        before = {**before, "indicators": _without(before["indicators"], past)}
        hidden += [f"previous.{name}" for name in past]
    shown = {
        **document,
        "indicators": _without(document["indicators"], hidden),
        "previous": before,
        "masked": hidden,
    }
    return {**shown, "digest": digest_of(shown)}


def _without(figures: Mapping[str, Any], hidden: list[str]) -> dict[str, Any]:
    return {name: None if f"indicators.{name}" in hidden else value for name, value in figures.items()}
