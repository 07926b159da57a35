"""The edges of the lifecycle, in one shared `transitions` machine per declaration.

The machine is triggered on a light object and never holds a stored request: `add_model` would reset its state. It
has the last word on what edge exists; our guards run before it, because a condition of the machine says only False.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from transitions import EventData, Machine, MachineError

if TYPE_CHECKING:
    from states.declaration.model import Declaration


class Traveller:
    """The light object the machine moves."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


def _to(target: str) -> Callable[[EventData], bool]:
    def chosen(event: EventData) -> bool:
        return bool(event.kwargs["to"] == target)

    return chosen


def build(declaration: Declaration) -> Machine:
    """A machine with every edge of the declaration. Edges of one event and source are told apart by their target."""
    machine = Machine(
        model=None,
        states=list(declaration.states),
        initial=declaration.initial,
        auto_transitions=False,
        send_event=True,
    )
    for code, edges in declaration.edges.items():
        for edge in edges:
            for target in edge.targets:
                machine.add_transition(code, edge.source, target, conditions=_to(target))
    return machine


_machines: WeakKeyDictionary[Declaration, Machine] = WeakKeyDictionary()


def machine_of(declaration: Declaration) -> Machine:
    """The one machine of a declaration, built on first use."""
    found = _machines.get(declaration)
    if found is None:
        found = _machines[declaration] = build(declaration)
    return found


_answers: WeakKeyDictionary[Declaration, dict[tuple[str, str, str], bool]] = WeakKeyDictionary()


def travel(declaration: Declaration, state: str, event: str, to: str) -> bool:
    """Whether the machine takes this event from `state` to `to`.

    Its answers are kept: it never changes, and firing it takes as long as writing two rows.
    """
    answers = _answers.setdefault(declaration, {})
    step = (state, event, to)
    if step not in answers:
        answers[step] = _fire(machine_of(declaration), *step)
    return answers[step]


def _fire(machine: Machine, state: str, event: str, to: str) -> bool:
    traveller = Traveller(state)
    try:
        moved = machine.events[event].trigger(traveller, to=to)
    except (MachineError, KeyError, ValueError):
        return False
    return bool(moved) and traveller.state == to
