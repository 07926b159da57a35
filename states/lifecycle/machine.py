"""The edges of the lifecycle, which `transitions` owns and runs: one shared machine per declaration.

An event is triggered on a light object; the machine never holds a stored request (`add_model` would reset its state).
A condition of the machine says only yes or no, so each transition carries one of ours, which runs all the rules and
leaves in the attempt what they refuse.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from attrs import frozen
from transitions import EventData, Machine, MachineError

from states.declaration.model import Edge
from states.errors import Refusal
from states.language import _, enumeration
from states.lifecycle.effects import effect_of
from states.lifecycle.guards import GUARDS
from states.lifecycle.guards.meetings import held_already, next_for, not_held, one_at_most, planned
from states.lifecycle.landmarks import landmarks
from states.lifecycle.repeats import already_done
from states.lifecycle.rules import common, unmet

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from states.lifecycle.attempt import Attempt

START = "@start"  # where a history that has not begun stands: no state of the declaration


class Traveller:
    """The light object the machine moves."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


@frozen
class Way:
    """The condition of one transition: of the edges of an event, the first whose `when` is met is taken.

    The machine asks every transition of the event from a state, one per edge and target, until one says yes.
    """

    edge: Edge
    to: str

    def __call__(self, event: EventData) -> bool:
        attempt: Attempt = event.kwargs["attempt"]
        if attempt.edge is None:
            _choose(attempt, self.edge)
        return attempt.edge is self.edge and attempt.to == self.to


def _choose(attempt: Attempt, edge: Edge) -> None:
    """Takes the edge if its guards let it, and judges the attempt by all the rules."""
    closed = [refusal for name in edge.when for refusal in GUARDS[name].check(attempt)]
    attempt.refusals += closed
    if not closed:
        attempt.edge, attempt.refusals = edge, list(unmet(attempt))
        if not attempt.refusals:
            effect = effect_of(attempt.event)
            to = effect.target(attempt, edge)
            attempt.to = landmarks(attempt.declaration).standing(to, interview=effect.interview_after(attempt))


def build(declaration: Declaration) -> Machine:
    """A machine with every edge of the declaration: a transition for each edge and target."""
    machine = Machine(
        model=None,
        states=[START, *declaration.states],
        initial=START,
        auto_transitions=False,
        send_event=True,
    )
    for code, edges in declaration.edges.items():
        ways = edges or [Edge(START, way.to, way.when) for way in declaration.events[code].transitions]
        for edge in ways:
            for target in reversed(edge.targets):  # what is reopened had come far: its state is tried sooner
                machine.add_transition(code, edge.source, target, conditions=Way(edge, target))
    return machine


@lru_cache(maxsize=64)
def machine_of(declaration: Declaration) -> Machine:
    """The one machine of a declaration, built on first use."""
    return build(declaration)


def sources_of(machine: Machine, code: str) -> list[str]:
    """The states an event is possible from."""
    return list(dict.fromkeys(str(transition.source) for transition in machine.get_transitions(code)))


def travel(attempt: Attempt) -> str | None:
    """The state the machine takes an attempt to; None with what refuses it in `attempt.refusals`."""
    traveller = Traveller(attempt.request.state or START)
    try:
        moved = machine_of(attempt.declaration).events[attempt.code].trigger(traveller, attempt=attempt)
    except MachineError:  # no edge of the event leaves this state
        attempt.refusals = _from_elsewhere(attempt)
        return None
    if moved:
        return traveller.state
    if attempt.edge is None:
        attempt.refusals = [*(_on_the_way(attempt) or attempt.refusals), *unmet(attempt)]
    elif not attempt.refusals:  # the effect leads where no transition goes
        attempt.refusals = [_no_edge(attempt)]
    return None


def _from_elsewhere(attempt: Attempt) -> list[Refusal]:
    """Why an event is not possible from a state: it is done already, and no rule of its own matters, or not yet."""
    if done := _done_already(attempt):
        return [*done, *(other for other in common(attempt) if "coop " not in other.remedy)]
    return [_no_edge(attempt), *(_later(other) for other in unmet(attempt))]


def _done_already(attempt: Attempt) -> list[Refusal]:
    """What says that it is done: its meeting is planned, or held, or an entry of its own stands."""
    event, entry = attempt.event, attempt.facts.get("done_by")
    if effect_of(event).makes_meeting and event.meeting and attempt.request.next_planned(event.meeting):
        return list(one_at_most.check(attempt))
    if held_already(attempt):
        return [refusal._replace(rule="state") for refusal in planned.check(attempt)]
    return [already_done(attempt, entry)] if entry else []


def _later(refusal: Refusal) -> Refusal:
    """A rule that is unmet besides the state: what would help may not be possible yet."""
    if "coop " not in refusal.remedy:
        return refusal
    return refusal._replace(remedy=_("To be settled by then."))


def _on_the_way(attempt: Attempt) -> list[Refusal]:
    """The meeting to be held first, when that is what leads from here to where the event is possible."""
    declaration, machine, state = attempt.declaration, machine_of(attempt.declaration), attempt.request.state
    sources = sources_of(machine, attempt.code)
    for code, event in declaration.events.items():
        if effect_of(event).holds_meeting and event.meeting:
            for transition in machine.get_transitions(code, state):
                if transition.dest != state and transition.dest in sources:
                    return [Refusal("state", not_held(event.meeting), next_for(attempt, event.meeting))]
    return []


def _no_edge(attempt: Attempt) -> Refusal:
    declaration, request = attempt.declaration, attempt.request
    sources = sources_of(machine_of(declaration), attempt.code)
    labels = [_("“{words}”", words=declaration.states[s].text) for s in sources if s != START]
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
