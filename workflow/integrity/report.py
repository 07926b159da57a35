"""What `db verify` found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field, frozen

Advance = Callable[[int, int], None]


@frozen
class Problem:
    """Something that is not what the history says it should be."""

    where: str
    message: str


@define
class Report:
    """What was verified, and what differs. `known`: of each head that was asked about, when it was the history's."""

    streams: int = 0
    entries: int = 0
    head: str = ""
    problems: list[Problem] = field(factory=list)
    known: dict[str, str] = field(factory=dict)

    def document(self) -> dict[str, Any]:
        return {
            "streams": self.streams,
            "entries": self.entries,
            "head": self.head,
            "problems": [{"where": p.where, "message": p.message} for p in self.problems],
            "known_heads": self.known,
        }
