"""The states that effects give a part in a declared lifecycle, whatever they are called."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from states.declaration.model import Declaration
from states.lifecycle.effects import Ratify, Resume, effect_of
from states.requests.request import Request


class Landmarks(NamedTuple):
    suspension: str  # the state a request waits in until it is resumed
    interviewing: str  # the state of a planned interview
    fallback: str  # the state it falls back to when that interview is no longer planned
    ratifying: frozenset[str]  # the states in which the committee may ratify what was validated by delegation

    def standing(self, state: str, *, interview: bool) -> str:
        """The state a request comes back to, with an interview still planned or not."""
        return state if interview or state != self.interviewing else self.fallback


@lru_cache(maxsize=64)
def landmarks(declaration: Declaration) -> Landmarks:
    """Those of a declaration, looked for once."""
    suspension = interviewing = fallback = ""
    ratifying: set[str] = set()
    for code, event in declaration.events.items():
        effect = effect_of(event)
        if isinstance(effect, Resume):
            suspension = suspension or event.transitions[0].sources[0]
        if effect.makes_meeting and event.meeting == "interview" and not interviewing:
            interviewing, fallback = event.transitions[0].to[0], event.transitions[0].sources[0]
        if isinstance(effect, Ratify):
            ratifying |= {edge.source for edge in declaration.edges[code]}
    return Landmarks(suspension, interviewing, fallback, frozenset(ratifying))


def awaits(declaration: Declaration, request: Request) -> str | None:
    """The decision of a project a request waits for: `validate`; `ratify`, of a validation by delegation; none."""
    if not request.needs_validation(declaration):
        return None
    if request.validated is None:
        return None if declaration.is_final(request.state) else "validate"
    pending = request.validated == "delegation" and not request.ratified
    return "ratify" if pending and request.state in landmarks(declaration).ratifying else None
