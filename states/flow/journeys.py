"""What is kept of a request to compare it with others: where it was and since when, what it reached, how it ended."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from states.declaration.model import Declaration
from states.declaration.tables import KINDS_OF_MEETING
from states.declaration.vocabulary import CLOSED
from states.flow.milestones import Milestone, ahead
from states.lifecycle.landmarks import landmarks
from states.requests.request import HELD, Request


@frozen
class Journey:
    """A request as it was known at a moment. Instants are stored text."""

    ref: str
    declaration: Declaration = field(repr=False)
    kind: str
    is_accompanied: bool
    tier: str | None
    state: str
    before: str  # the state it goes back to, where it is suspended; else its own
    since: str  # when it came into its state
    stays: Mapping[str, tuple[str, str | None]]  # each state it was in: when it first came there, and left
    reached: Mapping[str, tuple[str, ...]]  # what it reached, and each time it did, in order

    @property
    def is_final(self) -> bool:
        return self.declaration.is_final(self.state)

    @property
    def is_suspended(self) -> bool:
        return self.state != self.before

    def awaits(self) -> list[Milestone]:
        """The milestones that lie ahead of it."""
        found = ahead(self.declaration, self.before, self.is_accompanied)
        return [milestone for milestone, needed in found if needed or milestone.of not in self.reached]

    def came(self, of: str, after: str) -> str | None:
        """When it first reached something from an instant on; None if it has not."""
        return next((at for at in self.reached.get(of, ()) if at >= after), None)


def journey(declaration: Declaration, request: Request) -> Journey:
    """The journey of a request, by what its effective entries add up to."""
    stays: dict[str, tuple[str, str | None]] = {}
    for stay in request.stays:
        stays.setdefault(stay.state, (stay.since, stay.until))
    times = {kind: sorted(m.begins_at for m in request.of_kind(kind, HELD)) for kind in KINDS_OF_MEETING}
    times[CLOSED] = [stay.since for stay in request.stays if declaration.outcome(stay.state) == CLOSED]
    suspended = request.state == landmarks(declaration).suspension
    return Journey(
        ref=request.ref,
        declaration=declaration,
        kind=request.kind,
        is_accompanied=request.accompanied,
        tier=request.tier,
        state=request.state,
        before=request.before.get(request.state, request.state) if suspended else request.state,
        since=request.stays[-1].since,
        stays=stays,
        reached={of: tuple(at) for of, at in times.items() if at},
    )
