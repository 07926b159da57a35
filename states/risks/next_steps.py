"""The command that settles a deadline, or records a meeting: what a day's list and an alert both name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from attrs import frozen

from states.declaration.model import Declaration
from states.lifecycle.attempt import Attempt
from states.lifecycle.effects import effect_of
from states.lifecycle.guards import GUARDS
from states.requests.request import Request

# What records a meeting, by kind.
RECORDING: Mapping[str, str] = {
    "interview": "coop interview done {ref}",
    "work": "coop meeting done {ref}/{meeting}",
    "session": "coop session done {ref}",
    "debrief": "coop debrief done {ref}",
    "activity": "coop activity done {ref} --attended …",
}


class Typist(NamedTuple):
    """Whoever reads a command: their role, and someone of each role of the register, named for what they may not."""

    role: str
    of_each_role: Mapping[str, str]

    def typed(self, line: str, roles: Sequence[str]) -> str:
        """The line as they can type it: as somebody else where their own role may not."""
        someone = next((self.of_each_role[role] for role in roles if role in self.of_each_role), None)
        return (
            line
            if not self.role or self.role in roles or someone is None
            else line.replace("coop ", f"coop --as {someone} ", 1)
        )


NOBODY = Typist("", {})


@frozen(eq=False, repr=False)
class Awaited:
    """A deadline of a request at a moment; `anchor` is the meeting to record, or an entry's number."""

    declaration: Declaration  # the request's own
    request: Request
    kind: str
    anchor: str
    now: str
    typist: Typist = NOBODY

    def commands(self) -> Iterator[str]:
        """What can be typed now to settle it, the likeliest first; `coop next` when nothing declared is possible."""
        ref, meeting = self.request.ref, self.request.meeting(self.anchor)
        if meeting:
            yield recording(ref, meeting.id)
            return
        spec = self.declaration.deadlines.get(self.kind)
        nothing = True
        for one in spec.commands if spec else ():
            if one.event is None or self._possible(one.event):
                nothing, line = False, one.line.format(ref=ref)
                yield self.typist.typed(line, self.declaration.events[one.event].roles) if one.event else line
        if nothing:
            yield f"coop next {ref}"

    def _possible(self, code: str) -> bool:
        """Whether nothing of the request itself forbids an event; what is still to be given or fetched is not asked."""
        event, request = self.declaration.events[code], self.request
        attempt = Attempt(
            declaration=self.declaration,
            request=request,
            code=code,
            event=event,
            inputs={},
            note=None,
            waive=frozenset(),
            actor="",
            role="",
            occurred_at=self.now,
            now=self.now,
            facts={"people": {}, "done_by": None},  # only named in what a refusal says
        )
        attempt.data = effect_of(event).prepare(attempt)
        edges = [edge for edge in self.declaration.edges[code] if edge.source == request.state]
        return any(self._met(attempt, (*edge.when, *event.guards)) for edge in edges)

    def _met(self, attempt: Attempt, names: tuple[str, ...]) -> bool:
        known = (GUARDS[name] for name in names)
        judged = (guard for guard in known if not guard.needs and attempt.facts.keys() >= set(guard.reads))
        return not any(list(guard.check(attempt)) for guard in judged)


def recording(ref: str, meeting: str) -> str:
    """What records a meeting as held."""
    return RECORDING[meeting.partition("-")[0]].format(ref=ref, meeting=meeting)
