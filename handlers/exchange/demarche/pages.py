"""An answer of the platform: one page of dossiers, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from handlers.forms.raw import unreadable
from handlers.plain_text import one_line
from states.causes import quoted
from states.language import _

Json = Mapping[str, Any]


@frozen
class Page:
    """The dossiers of one answer, in the platform's order."""

    place: str  # a file, or the démarche
    title: str
    dossiers: Sequence[Json]
    next: str | None  # the cursor of the page after it; None: the last one
    questions: Sequence[Json] = ()  # of the form as it is asked today: __typename, id, label, required


def page_of(answer: Any, place: str, wanted: str = "dossiers") -> Page:
    """The page that an answer holds, under `dossiers` or `deletedDossiers`.

    Raises Invalid for the errors it tells (also those told beside HTTP 200), and for what is no answer of the platform.
    """
    if not isinstance(answer, dict):
        raise unreadable(place, _no_answer(answer))
    if errors := answer.get("errors"):
        raise unreadable(place, _("the platform refuses: {reason}", reason=_reason(errors)))
    found = at(answer, "data", "demarche")
    if found is None:
        raise unreadable(place, _no_answer(answer))
    connection = at(found, wanted)
    nodes, page_info = at(connection, "nodes"), at(connection, "pageInfo")
    if not isinstance(nodes, list) or not isinstance(page_info, dict):
        raise unreadable(place, _("this answer is cut short: there is no list of its dossiers."))
    for node in nodes:
        if not _is_dossier(node):
            raise unreadable(place, _("expected a dossier with its number, got {given}.", given=quoted(str(node))))
    cursor = page_info.get("endCursor") if page_info.get("hasNextPage") else None
    asked = at(found, "activeRevision", "champDescriptors")
    questions = [question for question in asked if isinstance(question, dict)] if isinstance(asked, list) else []
    return Page(place, str(found.get("title") or ""), nodes, cursor, questions)


def _is_dossier(node: Any) -> bool:
    """Whether it has a number, and answers that are objects, if any."""
    if not isinstance(node, dict) or not isinstance(node.get("number"), int | str):
        return False
    answers = node.get("champs") or []
    return isinstance(answers, list) and all(isinstance(answer, dict) for answer in answers)


def at(value: Any, *names: str) -> Any:
    """What stands under some names, one in the other; None where something else does."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _reason(errors: Any) -> str:
    messages = [at(error, "message") for error in errors] if isinstance(errors, list) else []
    return one_line(" ".join(str(message) for message in messages if message) or str(errors)[:300])


def _no_answer(answer: Any) -> str:
    return _("expected an answer of the platform ({example}), got {given}.", example='{"data": {"demarche": …}}',
             given=quoted(str(answer)[:200]))  # fmt: skip
