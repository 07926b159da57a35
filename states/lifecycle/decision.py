"""The decision: may this event happen to this request now, where does it lead, and what will the entry say?

Pure: what the rules need from elsewhere comes in as facts. All guards run; a refusal carries every unmet rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import evolve, frozen

from states.declaration.model import Declaration, Edge, Event
from states.declaration.types import local
from states.errors import Refusal, Refused
from states.forms.inputs import missing
from states.language import _, enumeration, long_time
from states.lifecycle.attempt import Attempt
from states.lifecycle.effects import EFFECTS
from states.lifecycle.guards.requests import GUARDS
from states.lifecycle.machine import travel
from states.requests.request import Request


@frozen
class Decision:
    """The event may happen: the state it leads to, and the data its entry keeps."""

    to: str
    data: Mapping[str, Any]


@frozen
class Option:
    """What `coop next` says of one event."""

    event: str
    to: str
    allowed: bool
    roles: tuple[str, ...]
    needs: tuple[str, ...]
    refusals: tuple[Refusal, ...]


def facts_read(event: Event) -> frozenset[str]:
    """The facts the engine must fetch for an event: those its effect and all its guards declare."""
    names = {*event.guards, *(name for t in event.transitions for name in t.when)}
    return frozenset((*EFFECTS[event.effect].reads, *(fact for name in names for fact in GUARDS[name].reads)))


def decide(attempt: Attempt) -> Decision:
    """Raises Refused with every unmet rule."""
    attempt.data = EFFECTS[attempt.event.effect].prepare(attempt)
    edge, refusals = _edge(attempt)
    refusals += _common(attempt)
    for name in attempt.event.guards:
        refusals += GUARDS[name].check(attempt)
    if refusals or edge is None:
        raise Refused(_once(refusals))
    to = EFFECTS[attempt.event.effect].target(attempt, edge)
    if not attempt.event.creates and not travel(attempt.declaration, attempt.request.state, attempt.code, to):
        raise Refused([_no_edge(attempt)])
    return Decision(to, _data(attempt, to))


def _once(refusals: list[Refusal]) -> list[Refusal]:
    return list(dict.fromkeys(refusals))


def _data(attempt: Attempt, to: str) -> dict[str, Any]:
    data = dict(attempt.data)
    if waived := _needed_waivers(attempt):
        data["waived"] = waived
    if to != attempt.request.state and (attempt.declaration.is_final(to) or to == attempt.declaration.suspension):
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


def _edge(attempt: Attempt) -> tuple[Edge | None, list[Refusal]]:
    """The edge to take from the request's state; without one, why. A creation comes from no state."""
    if attempt.event.creates:
        return Edge("", attempt.event.transitions[0].to, ()), []
    edges = [e for e in attempt.declaration.edges[attempt.code] if e.source == attempt.request.state]
    if not edges:
        return None, [_no_edge(attempt)]
    unmet: list[Refusal] = []
    for edge in edges:
        found = [refusal for name in edge.when for refusal in GUARDS[name].check(attempt)]
        if not found:
            return edge, []
        unmet += found
    return None, unmet


def _no_edge(attempt: Attempt) -> Refusal:
    declaration, request = attempt.declaration, attempt.request
    sources = dict.fromkeys(edge.source for edge in declaration.edges[attempt.code])
    labels = [f"« {declaration.states[s].text} »" for s in sources]
    listed = enumeration(labels, _("or")) if len(labels) <= 6 else _("another state")
    return Refusal(
        "state",
        _(
            "“{event}” is not possible from the state “{state}”.",
            event=attempt.event.text,
            state=declaration.states[request.state].text,
        ),
        _("It is possible from {states}. See: coop next {ref}", states=listed, ref=request.ref),
    )


def _common(attempt: Attempt) -> Iterator[Refusal]:
    """The rules every event obeys: role, waivers, time."""
    declaration, event = attempt.declaration, attempt.event
    held = declaration.roles_of(attempt.role)
    if not held & set(event.roles):
        allowed = [declaration.label("roles", role) for role in event.roles]
        yield Refusal(
            "role",
            _("“{event}” is not for the role {role}.", event=event.text, role=declaration.label("roles", attempt.role)),
            _("It is for: {roles}.", roles=enumeration(allowed)),
        )
    for rule in sorted(attempt.waive):
        if rule not in event.waives or not held & set(event.waives[rule]):
            yield _not_waived(attempt, rule)
    yield from _times(attempt)


def _not_waived(attempt: Attempt, rule: str) -> Refusal:
    declaration, event = attempt.declaration, attempt.event
    if rule in event.waives:
        who = enumeration([declaration.label("roles", role) for role in event.waives[rule]], _("or"))
        remedy = _("It may be waived by: {roles}.", roles=who)
    elif event.waives:
        remedy = _("What may be waived here: {rules}.", rules=", ".join(event.waives))
    else:
        remedy = _("Nothing may be waived here.")
    return Refusal("waiver_not_allowed", _("“{rule}” cannot be waived by you here.", rule=rule), remedy)


def _times(attempt: Attempt) -> Iterator[Refusal]:
    zone, request = attempt.declaration.lab.tz, attempt.request
    if attempt.occurred_at > attempt.now:
        yield Refusal(
            "at_in_future",
            _("{moment} is in the future.", moment=long_time(local(attempt.occurred_at, zone))),
            _("Enter it once it has happened."),
        )
    floor = request.submitted_at if attempt.event.since == "reception" else request.last_at
    if attempt.event.dated and attempt.occurred_at < floor:
        yield Refusal(
            "at_before_previous",
            _(
                "{moment} is before the previous entry, of {previous}.",
                moment=long_time(local(attempt.occurred_at, zone)),
                previous=long_time(local(floor, zone)),
            ),
            _("Give a later --at, or undo the later entry first: coop undo {ref}", ref=request.ref),
        )


@frozen
class Asking:
    """Someone asks what can be done with a request now."""

    declaration: Declaration
    request: Request
    actor: str
    role: str
    now: str


def options(asking: Asking, facts_of: Callable[[Event], Mapping[str, Any]]) -> list[Option]:
    """What can be done from here, and why not the rest. `facts_of` gives the facts an event's guards read."""
    found = []
    for code, event in asking.declaration.events.items():
        if not event.creates:
            found.append(
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
                        facts=facts_of(event),
                    )
                )
            )
    return found


def _option(attempt: Attempt) -> Option:
    event, declaration = attempt.event, attempt.declaration
    effect = EFFECTS[event.effect]
    attempt.data = effect.prepare(attempt)
    edge, refusals = _edge(attempt)
    refusals += _common(attempt)
    needs = missing(event, attempt.inputs, None, declaration)
    for name in event.guards:
        guard = GUARDS[name]
        absent = [need for need in guard.needs if need not in attempt.inputs]
        if absent:
            needs += [need for need in absent if need not in needs]
        else:
            refusals += guard.check(attempt)
    to = effect.target(attempt, edge) if edge and not refusals else edge.targets[0] if edge else _somewhere(attempt)
    return Option(attempt.code, to, not refusals, event.roles, tuple(needs), tuple(_once(refusals)))


def _somewhere(attempt: Attempt) -> str:
    """Where the event would lead, for one that is not possible from here."""
    event, edges = attempt.event, attempt.declaration.edges[attempt.code]
    return edges[0].targets[0] if event.moves else attempt.request.state
