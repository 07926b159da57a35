"""The form, asked question by question: which questions, and what each answer makes of the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from states.declaration.types import Reading
from states.forms.form import check_changes

if TYPE_CHECKING:
    from states.declaration.model import Declaration


def questions(declaration: Declaration, answers: Mapping[str, Any]) -> list[str]:
    """The fields to ask for, in the order of the declaration, as far as the answers so far can tell.

    Not those that another system fills in, nor the family where the service says it.
    """
    service = declaration.services.get(answers.get("service") or "")
    return [
        name
        for name, field in declaration.form.items()
        if field.amendable and (name != "family" or (service is not None and service.asks_family))
    ]


def proposed(declaration: Declaration, answers: Mapping[str, Any], name: str) -> Any:
    """What an answer already given lets expect of another question; None for nothing."""
    service = declaration.services.get(answers.get("service") or "")
    return service.department if service and name == "department" else None


def resumed_at(declaration: Declaration, answers: Mapping[str, Any]) -> int:
    """The question to go on from, counted from 0: the first one needed, or the one after the last answer."""
    names = questions(declaration, answers)
    after = 1 + max((n for n, name in enumerate(names) if name in answers), default=-1)
    needed = (n for n, name in enumerate(names) if declaration.form[name].required and name not in answers)
    return min(after, next(needed, after))


def answered(
    declaration: Declaration, answers: Mapping[str, Any], name: str, value: Any
) -> tuple[dict[str, Any], list[str]]:
    """The answers with one more, and what is wrong with it: then they are as before. An empty value clears it."""
    found, errors = check_changes({name: value}, answers, Reading(declaration))
    if errors:
        return dict(answers), [error.message for error in errors]
    return {k: v for k, v in {**answers, **found}.items() if v is not None}, []
