"""Someone tries an event on a request: all that a guard or an effect may look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from states.declaration.model import Declaration, Event
    from states.requests.request import Meeting, Request


@define
class Attempt:
    """Someone tries an event on a request: all that a guard or an effect may look at."""

    declaration: Declaration
    request: Request
    code: str
    event: Event
    inputs: Mapping[str, Any]  # checked values, by name
    note: str | None
    waive: frozenset[str]
    actor: str
    role: str
    occurred_at: str
    now: str
    facts: Mapping[str, Any]
    data: dict[str, Any] = field(factory=dict)  # what prepare made of the inputs

    @property
    def named_meeting(self) -> Meeting | None:
        """The meeting the prepared entry is about, if it exists."""
        return self.request.meeting(self.data.get("meeting"))
