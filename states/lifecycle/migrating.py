"""A request moved to another version of its declaration, in the midst of its history.

What came before stays folded under the version it was written with; what comes after obeys the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from states.declaration.model import Declaration
from states.requests.entry import Entry
from states.requests.request import Request

MIGRATED = "lifecycle_migrated"  # no event of a declaration: it is between two


class Mapped(NamedTuple):
    """What the states that are gone become, and whether the deadline that runs is counted again by the new rule."""

    states: Mapping[str, str]
    recount: bool = False

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Mapped:
        """That of a migration's entry."""
        return cls(data["states"], data["recount"])

    def data(self, replaces: str, version: str) -> dict[str, Any]:
        """What the entry of a migration keeps: from which declaration, to which version of it, and how."""
        return {"migrates": replaces, "version": version, "states": dict(self.states), "recount": self.recount}

    def state(self, code: str) -> str:
        """The name that a state then has."""
        return self.states.get(code, code)


def migrated(declaration: Declaration, request: Request, entry: Entry) -> Request:
    """The request once it obeys another declaration (changed in place): its past has the names of the new one."""
    mapped = Mapped.of(entry.data)
    request.declaration = entry.declaration
    request.state = mapped.state(request.state)
    request.before = {mapped.state(code): mapped.state(back) for code, back in request.before.items()}
    for stay in request.stays:
        stay.state = mapped.state(stay.state)
        stay.left_to = stay.left_to and mapped.state(stay.left_to)
    if mapped.recount:
        spec = declaration.deadlines.get(request.state)
        request.stays[-1].days = spec.days if spec else None
    request.seq, request.head, request.recorded_at = entry.seq, entry.digest, entry.recorded_at
    return request
