"""The document of a review as it may be published: what it would tell of few persons is not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.review.cells import judges
from handlers.review.words import figure_name
from states.declaration.model import Declaration
from states.errors import Refusal, Refused
from states.language import _, enumeration
from states.review.document import Review, digest_of
from states.review.persons import FIGURES, About
from states.review.publishing import Edition
from workflow.reviews.editions import Publication

OPINIONS: Mapping[str, None] = {"agreement": None}  # what some person thinks, which few requests are enough to tell


def published(review: Review, edition: Edition, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with null in place of what the edition does not tell; `masked` names those figures.

    Its lists lose what would say which request an item is. Its digest is its own: that of the whole review would let
    anyone try the few numbers a mask can hide.
    """
    masked = set(edition.masked())
    now, past = review.scope.period.code, review.scope.previous.period.code
    hidden = [name for name, about in FIGURES.items() if (now, about) in masked]
    before, hidden_before = document["previous"], []
    if before is not None:
        hidden_before = [name for name, about in FIGURES.items() if (past, about) in masked]
        before = {**before, "indicators": _without(before["indicators"], hidden_before), **OPINIONS}
    shown = {
        **document,
        "indicators": _without(document["indicators"], hidden),
        "waivers": [{"rule": rule} for rule in sorted(item["rule"] for item in document["waivers"])],
        "derogations": [{"extra": extra} for extra in sorted(item["extra"] for item in document["derogations"])],
        "decisions": [{"decision": code} for code in sorted(item["decision"] for item in document["decisions"])],
        "to_validate": None,
        "to_ratify": None,
        **OPINIONS,
        "signals": [one for one in document["signals"] if edition.tells(one)],
        "previous": before,
        "public": True,
        "masked": [*hidden, *(f"previous.{name}" for name in hidden_before)],
    }
    return {**shown, "digest": digest_of(shown)}


def must_say_again(declaration: Declaration, publication: Publication) -> Refused:
    """Why an edition does not go out beside those that are out: the cells that they would together reveal."""
    cells = enumeration([_cell(declaration, publication, code, about) for code, about in publication.revealed])
    message = _("With the editions that are out, this one would tell of fewer than five persons: {cells}.", cells=cells)
    return Refused(
        [Refusal("already_published", message, _("Publish it without these figures: the same command with --again."))]
    )


def _cell(declaration: Declaration, publication: Publication, semester: str, about: About) -> str:
    """A cell about persons, in words; of another semester, with its code."""
    name = next((figure_name(declaration, name) for name, one in FIGURES.items() if one == about), None)
    said = name or _("{what} ({whom})", what=_says(about.says), whom=_whom(declaration, about.whom))
    return said if semester == publication.edition.semester else f"{said} {semester}"


def _says(says: str) -> str:
    return {
        "present": _("present"),
        "expected": _("registered or expected"),
        "rate": _("attendance"),
        "respondents": _("respondents"),
        "mean": _("satisfaction"),
    }[says]


def _whom(declaration: Declaration, whom: str) -> str:
    group, _dot, code = whom.partition(".")
    if not code:
        return _("all")
    if group == "axis":
        return declaration.label("axes", code)
    return judges(declaration, code)


def _without(figures: Mapping[str, Any], hidden: list[str]) -> dict[str, Any]:
    return {name: None if f"indicators.{name}" in hidden else value for name, value in figures.items()}
