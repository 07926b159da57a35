"""Someone tries an event on a request: all that a guard or an effect may look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from states.declaration.model import Declaration, Edge
    from states.declaration.tables import Event
    from states.errors import Refusal
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
    facts: dict[str, Any] = field(factory=dict)  # what its rules read beyond the request
    asking: bool = False  # someone only asks whether it could be done, and with what
    data: dict[str, Any] = field(factory=dict)  # what prepare made of the inputs
    edge: Edge | None = None  # the way taken, chosen by the machine
    to: str = ""  # the state it leads to, once nothing refuses it
    refusals: list[Refusal] = field(factory=list)
    needs: list[str] = field(factory=list)  # inputs some rule still waits for

    @property
    def named_meeting(self) -> Meeting | None:
        """The meeting the prepared entry is about, if it exists."""
        return self.request.meeting(self.data.get("meeting"))
