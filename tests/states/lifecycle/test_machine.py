"""The transitions machine holds every edge of the declaration, runs them, and is the same for all requests."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from states.declaration.documents import shipped
from states.declaration.model import Declaration
from states.declaration.tables import Event, StateSet, TargetCode, Transition
from states.language import spoken
from states.lifecycle.attempt import Attempt
from states.lifecycle.machine import START, machine_of, sources_of, travel
from states.requests.request import PLANNED, Meeting, Record, Request
from states.verification.loading import load

DECLARATION = load(shipped())
EIGHT, NINE = "2026-01-12T08:00:00.000000Z", "2026-01-12T09:00:00.000000Z"
STATES = ("received", "prequalified", "working", "suspended", "closed", "withdrawn")


def edges_of(declaration: Declaration) -> set[tuple[str, str, str]]:
    """Every step the declaration's edges allow: state, event, target."""
    return {
        (edge.source, code, target)
        for code, edges in declaration.edges.items()
        for edge in edges
        for target in edge.targets
    }


def transitions_of(declaration: Declaration) -> set[tuple[str, str, str]]:
    """Every step the machine has, but for those that begin a history."""
    machine = machine_of(declaration)
    steps = {(str(t.source), code, str(t.dest)) for code in declaration.events for t in machine.get_transitions(code)}
    return {step for step in steps if step[0] != START}


def test_the_machine_takes_every_edge_of_the_shipped_declaration_and_no_other_step() -> None:
    assert transitions_of(DECLARATION) == edges_of(DECLARATION)


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
    assert transitions_of(declaration) == edges_of(declaration)


def planned_meeting(id: str) -> Meeting:
    return Meeting(id, id.partition("-")[0], PLANNED, EIGHT, 60, "hors_les_murs", [], EIGHT)


def attempt(state: str, event: str, **request: Any) -> Attempt:
    """An attempt by a pilot at nine, on a request last touched at eight."""
    form = {"kind": "accompanied", "place": "hors_les_murs"}
    return Attempt(
        declaration=DECLARATION,
        request=Request("2026-0001", "", state, EIGHT, form, last_at=EIGHT, **request),
        code=event,
        event=DECLARATION.events[event],
        inputs={},
        note="n",
        waive=frozenset(),
        actor="agnes",
        role="pilot",
        occurred_at=NINE,
        now=NINE,
        facts={},
    )


@pytest.mark.parametrize(
    ("given", "to", "rules"),
    [
        (attempt("received", "withdraw"), "withdrawn", set()),
        (attempt("", "submit"), "received", set()),
        (attempt("received", "submit"), None, {"state"}),
        (attempt("received", "close"), None, {"state", "deliverable"}),  # no edge: all the other rules are told too
        # An edge whose `when` is not met: the debrief comes first.
        (attempt("session_held", "close"), None, {"state", "deliverable"}),
        (attempt("debriefed", "close", records=[Record(2, "record_deliverable", EIGHT, {})]), "closed", set()),
        (attempt("suspended", "resume", before={"suspended": "working"}), "working", set()),
        (attempt("suspended", "resume", before={"suspended": "interview_planned"}), "prequalified", set()),
        (attempt("suspended", "resume", before={"suspended": "closed"}), None, {"state"}),  # where no edge leads
        (attempt("qualified", "comment"), "qualified", set()),
    ],
    ids=lambda case: f"{case.request.state}-{case.code}" if isinstance(case, Attempt) else None,
)
def test_the_machine_takes_an_attempt_where_its_edge_leads_or_says_all_that_refuses_it(
    given: Attempt, to: str | None, rules: set[str]
) -> None:
    assert travel(given) == to
    assert {refusal.rule for refusal in given.refusals} == rules


def test_a_declaration_has_one_machine_and_it_is_left_as_it_was() -> None:
    machine = machine_of(DECLARATION)
    travel(attempt("received", "withdraw"))
    assert machine_of(DECLARATION) is machine
    assert machine.models == []
    assert machine_of(evolve(DECLARATION)) is not machine


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            attempt("received", "resume_work"),
            "state: “Resume the work” is not possible from the state “Received”. It is possible from “Session held”. "
            "See: coop next 2026-0001",
        ),
        (
            attempt("working", "validate"),
            "validation_not_needed: No tier needs no validation: the lab says yes at once. See what can be done with: "
            "coop next 2026-0001",
        ),
        (
            attempt("received", "reopen"),
            "state: “Reopen” is not possible from the state “Received”. It is possible from “Closed”, “Declined”, "
            "“Withdrawn” or “Cancelled”. See: coop next 2026-0001",
        ),
        (
            attempt("suspended", "suspend"),
            "state: “Suspend” is not possible from the state “Suspended”. It is possible from another state. See: coop "
            "next 2026-0001",
        ),
        # What leads from here to where it is possible is told instead.
        (
            attempt("session_held", "close", records=[Record(2, "record_deliverable", EIGHT, {})]),
            "state: The debrief is not held yet. First plan it: coop debrief plan 2026-0001 --slot …",
        ),
        (
            attempt("interview_planned", "plan_interview", meetings=[planned_meeting("interview-1")]),
            "already_planned: interview-1 is already planned (entry …), on Monday 12 January 2026 at 09:00. Move it "
            "(coop meeting move 2026-0001/interview-1 --slot …), hold it, or cancel it first.",
        ),
    ],
)
def test_what_no_edge_leads_to_is_told_with_where_it_is_possible(given: Attempt, message: str) -> None:
    with spoken("en"):
        assert travel(given) is None
    first = given.refusals[0]
    assert f"{first.rule}: {first.message} {first.remedy}" == message


def test_a_rule_that_would_not_be_met_either_proposes_nothing_that_cannot_be_typed_yet() -> None:
    given = attempt("received", "close")
    with spoken("en"):
        assert travel(given) is None
    assert {refusal.rule: refusal.remedy for refusal in given.refusals}["deliverable"] == "To be settled by then."


@pytest.mark.parametrize(
    ("event", "states"),
    [
        ("resume_work", ["session_held"]),
        ("close", ["debriefed", "session_held"]),
        ("submit", [START]),
        ("reopen", ["closed", "declined", "withdrawn", "cancelled"]),
    ],
)
def test_the_states_an_event_is_possible_from(event: str, states: list[str]) -> None:
    assert sources_of(machine_of(evolve(DECLARATION)), event) == states
