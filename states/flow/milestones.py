"""What a request is on its way to, as its declaration has it: each kind of meeting held, and the closing.

Nothing is called by its name here: a milestone is an event that holds a meeting, or one that ends well.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from states.declaration.model import Declaration, Edge
from states.declaration.tables import KINDS_OF_MEETING
from states.declaration.vocabulary import CLOSED
from states.lifecycle.effects import effect_of
from states.lifecycle.guards.requests import accompanied, autonomous
from states.requests.request import HELD, Request

_INTERVIEW, WORK, SESSION, _DEBRIEF = KINDS_OF_MEETING
REACHED = (*KINDS_OF_MEETING, CLOSED)  # what milestones are of, in the order they come


class Milestone(NamedTuple):
    """An event that requests wait for, and what it is of: the same from one declaration to another."""

    event: str
    of: str  # one of REACHED


class _Way(NamedTuple):
    """A step forward that a kind of request may take: what it reaches, and the kind of meeting it plans, if any."""

    source: str
    target: str
    milestone: Milestone | None
    plans: str | None


def road(declaration: Declaration) -> Hashable:
    """What makes requests of two declarations comparable: the steps there are, what guards them, what is owed."""
    events = ((c, e.effect, e.meeting, e.guards, declaration.edges[c]) for c, e in declaration.events.items())
    tiers = ((code, t.work.min, t.work.max, t.validation) for code, t in declaration.tiers.items())
    return tuple(events), tuple(tiers)


@lru_cache(maxsize=1024)
def ahead(declaration: Declaration, state: str, is_accompanied: bool) -> tuple[tuple[Milestone, bool], ...]:
    """The milestones that lie between a state and the closing, and whether each must be passed to get there.

    One that need not be is of meetings that can still be planned: it lies ahead until one was held.
    """
    ways = list(_ways(declaration, is_accompanied))
    there = set() if declaration.is_final(state) else _reachable(state, ways)
    closings = {way.target for way in ways if way.milestone and way.milestone.of == CLOSED}
    found: dict[str, tuple[Milestone, bool]] = {}
    for way in ways:
        if way.milestone and way.source in there:
            around = [other for other in ways if other.milestone != way.milestone]
            needed = not closings & _reachable(state, around)
            if needed or way.milestone.of in {other.plans for other in ways if other.source in there}:
                found.setdefault(way.milestone.of, (way.milestone, needed))
    return tuple(found[of] for of in REACHED if of in found)


def _ways(declaration: Declaration, is_accompanied: bool) -> Iterator[_Way]:
    barred = {autonomous.name} if is_accompanied else {accompanied.name}
    for code, event in declaration.events.items():
        effect = effect_of(event)
        if effect.goes_back or effect.reverts or effect.cancels_meeting or barred & set(event.guards):
            continue
        for edge in declaration.edges[code]:
            if not barred & set(edge.when):
                for target in edge.targets:
                    plans = event.meeting if effect.makes_meeting else None
                    yield _Way(edge.source, target, _milestone(declaration, code, edge, target), plans)


def _milestone(declaration: Declaration, code: str, edge: Edge, target: str) -> Milestone | None:
    event = declaration.events[code]
    if event.meeting and effect_of(event).holds_meeting:
        return Milestone(code, event.meeting)
    ends = target != edge.source and declaration.outcome(target) == CLOSED
    return Milestone(code, CLOSED) if ends else None


def _reachable(state: str, ways: list[_Way]) -> set[str]:
    there, grown = {state}, True
    while grown:
        further = {way.target for way in ways if way.source in there} - there
        there, grown = there | further, bool(further)
    return there


class Step(NamedTuple):
    """What is still to be held, in order: a kind of meeting, and the milestone that it reaches, if any."""

    kind: str | None  # None: nothing but what the milestone is
    of: str | None


def owed(declaration: Declaration, request: Request, milestones: Sequence[Milestone]) -> list[Step]:
    """The least that is left to do to reach these milestones: the meetings of each, and the tier's own minimum."""
    ahead_of = {milestone.of for milestone in milestones}
    found: list[Step] = []
    for of in REACHED:
        if of == WORK and request.accompanied and ahead_of & {WORK, SESSION}:
            count = max(_least(declaration, request) - len(request.of_kind(WORK, HELD)), WORK in ahead_of)
            found += [Step(WORK, WORK if WORK in ahead_of and n == 0 else None) for n in range(count)]
        elif of in ahead_of:
            found.append(Step(of if of in KINDS_OF_MEETING else None, of))
    return found


def _least(declaration: Declaration, request: Request) -> int:
    """The fewest work meetings of its tier; before it has one, of any."""
    tiers = [declaration.tiers[request.tier]] if request.tier else declaration.tiers.values()
    return min((tier.work.min for tier in tiers), default=0)
