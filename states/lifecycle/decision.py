"""The decision: may this event happen to this request now, where does it lead, and what will the entry say?

Pure: what the rules need from elsewhere comes in as facts. The machine runs all guards; a refusal carries every unmet
rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from attrs import evolve

from states.declaration.model import Declaration
from states.declaration.tables import Event
from states.errors import Refusal, Refused
from states.forms.inputs import missing
from states.language import _
from states.lifecycle.attempt import Attempt
from states.lifecycle.effects import effect_of
from states.lifecycle.guards import GUARDS
from states.lifecycle.landmarks import landmarks
from states.lifecycle.machine import travel
from states.requests.request import Request


class Decision(NamedTuple):
    """The event may happen: the state it leads to, and the data its entry keeps."""

    to: str
    data: Mapping[str, Any]


class Option(NamedTuple):
    """What `coop next` says of one event."""

    event: str
    to: str
    allowed: bool
    roles: tuple[str, ...]
    needs: tuple[str, ...]
    refusals: tuple[Refusal, ...]


@lru_cache(maxsize=256)
def facts_read(event: Event) -> frozenset[str]:
    """The facts the engine must fetch for an event: those its effect and all its guards declare.

    And of every event, the entry by which it is done already.
    """
    names = {*event.guards, *(name for t in event.transitions for name in t.when)}
    return frozenset(("done_by", *effect_of(event).reads, *(fact for name in names for fact in GUARDS[name].reads)))


def decide(attempt: Attempt) -> Decision:
    """Raises Refused with every unmet rule."""
    attempt.data = effect_of(attempt.event).prepare(attempt)
    to = travel(attempt)
    if to is None:
        raise Refused(_once(attempt.refusals))
    return Decision(to, _data(attempt, to))


def of_several(refused: Refused, done: int, asked: int) -> Refused:
    """What refuses one of several: none is stored, so the cap is not told by those that were to come before it."""
    if not done or "cap_reached" not in {refusal.rule for refusal in refused.refusals}:
        return refused
    said = _("{asked} asked for, {possible} possible: nothing was stored.", asked=asked, possible=done)
    return Refused([Refusal("cap_reached", said, _("Ask for the first {possible} only.", possible=done))])


def _once(refusals: list[Refusal]) -> list[Refusal]:
    return list(dict.fromkeys(refusals))


def _data(attempt: Attempt, to: str) -> dict[str, Any]:
    data, declaration = dict(attempt.data), attempt.declaration
    if waived := _needed_waivers(attempt):
        data["waived"] = waived
    if to != attempt.request.state and (declaration.is_final(to) or to == landmarks(declaration).suspension):
        ended = [m.id for m in attempt.request.planned() if m.id != data.get("meeting")]
        if ended:
            data["cancelled"] = ended
    return data


def _needed_waivers(attempt: Attempt) -> list[str]:
    """The rules that were really waived: those the attempt does not meet. The others leave no trace in a review."""
    if not attempt.waive:
        return []
    strict = evolve(attempt, waive=frozenset())
    unmet = {refusal.rule for name in attempt.event.guards for refusal in GUARDS[name].check(strict)}
    return sorted(attempt.waive & unmet)


class Asking(NamedTuple):
    """Someone asks what can be done with a request now."""

    declaration: Declaration
    request: Request
    actor: str
    role: str
    now: str


def options(asking: Asking, inform: Callable[[Attempt], object]) -> list[Option]:
    """What can be done from here, and why not the rest. `inform` fetches the facts that the rules of an event read."""
    return [
        _option(
            Attempt(
                declaration=asking.declaration,
                request=asking.request,
                code=code,
                event=event,
                inputs={},
                note=None,
                waive=frozenset(),
                actor=asking.actor,
                role=asking.role,
                occurred_at=asking.now,
                now=asking.now,
                asking=True,
            ),
            inform,
        )
        for code, event in asking.declaration.events.items()
        if not event.creates
    ]


def _option(attempt: Attempt, inform: Callable[[Attempt], object]) -> Option:
    event = attempt.event
    inform(attempt)
    attempt.data = effect_of(event).prepare(attempt)
    attempt.needs = missing(event, attempt.inputs, None, attempt.declaration)
    to = travel(attempt)
    return Option(
        attempt.code,
        to or _somewhere(attempt),
        to is not None,
        event.roles,
        tuple(attempt.needs),
        tuple(_once(attempt.refusals)),
    )


def _somewhere(attempt: Attempt) -> str:
    """Where the event would lead, for one that is refused or not possible from here."""
    if attempt.edge:
        return attempt.edge.targets[0]
    edges = attempt.declaration.edges[attempt.code]
    return edges[0].targets[0] if attempt.event.moves else attempt.request.state
