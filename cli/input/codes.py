"""Codes as people give them: by themselves or by their labels, in any language of the declaration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from states.declaration.types import shown
from states.declaration.written import simplified
from states.errors import FieldError, Invalid, nearest
from states.language import _

FEW = 15  # codes that an error lists


def codes_meant(vocabulary: Mapping[str, Any], option: str, given: Sequence[str]) -> tuple[str, ...]:
    """The codes meant, without regard to case and accents; Invalid (exit 6) names the known ones, or the nearest.

    A vocabulary holds rows of a declaration, or plain labels.
    """
    meant = {simplified(text): code for code, row in vocabulary.items() for text in _labels(row)}
    meant |= {simplified(code): code for code in vocabulary}
    known = _("expected one of {codes}", codes=", ".join(vocabulary))
    expected = known if len(vocabulary) <= FEW else _("this code is not declared")
    wrong = [
        FieldError(option, _("{expected}; got {given}.", expected=expected, given=shown(text)) + _meaning(text, meant))
        for text in given
        if simplified(text) not in meant
    ]
    if wrong:
        raise Invalid(wrong)
    return tuple(meant[simplified(text)] for text in given)


def _meaning(text: str, meant: Mapping[str, str]) -> str:
    close = nearest(simplified(text), meant)
    return " " + _("Did you mean “{name}”?", name=meant[close]) if close else ""


def code_meant(vocabulary: Mapping[str, Any], option: str, given: str) -> str:
    """One code, as `codes_meant`."""
    return codes_meant(vocabulary, option, (given,))[0]


def names_meant(specs: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Keys or fields typed by their labels, under their own names; what is no label stays as it was typed."""
    names = {simplified(label): name for name, spec in specs.items() for label in _labels(spec)}
    return {name if name in specs else names.get(simplified(name), name): value for name, value in given.items()}


def _labels(row: Any) -> list[str]:
    return [row] if isinstance(row, str) else list(row.label.values())
