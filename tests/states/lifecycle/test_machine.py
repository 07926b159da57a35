"""The transitions machine and the declaration's edges say the same, for every state, event and target."""

from __future__ import annotations

from itertools import product

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from states.declaration.model import Declaration, Event, StateSet, TargetCode, Transition
from states.lifecycle.machine import machine_of, travel
from states.verification.loading import load, shipped

DECLARATION = load(shipped())
STATES = ("received", "prequalified", "working", "suspended", "closed", "withdrawn")


def edges_of(declaration: Declaration) -> set[tuple[str, str, str]]:
    """Every step the declaration's edges allow: state, event, target."""
    return {
        (edge.source, code, target)
        for code, edges in declaration.edges.items()
        for edge in edges
        for target in edge.targets
    }


def travelled(declaration: Declaration) -> set[tuple[str, str, str]]:
    """Every step the machine takes, of all there could be."""
    steps = product(declaration.states, declaration.events, declaration.states)
    return {step for step in steps if travel(declaration, *step)}


def test_the_machine_takes_every_edge_of_the_shipped_declaration_and_no_other_step() -> None:
    assert travelled(DECLARATION) == edges_of(DECLARATION)


def groups(*words: str) -> st.SearchStrategy[str]:
    return st.sampled_from([*STATES, "any", "active", "final", *words])


transitions = st.builds(
    Transition,
    sources=st.lists(groups().map(StateSet), max_size=3).map(tuple),
    to=st.lists(groups("same").map(TargetCode), min_size=1, max_size=3).map(tuple),
)
events = st.dictionaries(
    st.sampled_from(["prequalify", "close", "suspend", "comment", "correct"]),
    st.lists(transitions, max_size=3).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(found=events)
def test_the_machine_agrees_with_whatever_edges_are_declared(found: dict[str, tuple[Transition, ...]]) -> None:
    table: dict[str, Event] = {"submit": DECLARATION.events["submit"]}
    table |= {code: evolve(DECLARATION.events[code], transitions=ways) for code, ways in found.items()}
    states = {code: state for code, state in DECLARATION.states.items() if code in STATES}
    declaration = evolve(DECLARATION, events=table, states=states)
    assert travelled(declaration) == edges_of(declaration)


@pytest.mark.parametrize(
    ("state", "event", "to"),
    [
        ("received", "no_such_event", "received"),
        ("received", "withdraw", "no_such_state"),
        ("received", "withdraw", ""),
        ("received", "submit", "received"),
    ],
)
def test_what_does_not_exist_is_no_step(state: str, event: str, to: str) -> None:
    assert not travel(DECLARATION, state, event, to)


def test_a_declaration_has_one_machine_and_it_is_left_as_it_was() -> None:
    machine = machine_of(DECLARATION)
    travel(DECLARATION, "received", "withdraw", "withdrawn")
    assert machine_of(DECLARATION) is machine
    assert machine.models == []
    assert machine_of(evolve(DECLARATION)) is not machine
