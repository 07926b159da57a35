"""One step of the exploration: what each event is tried with, which are possible from a situation, what follows."""

from __future__ import annotations

from typing import Any

import pytest
from attempts import request
from attrs import evolve
from pure import lab
from trials import made

from states.declaration.model import Declaration
from states.verification.situations import Situation
from states.verification.steps import Step, Steps, Trial, _beyond, _by_kind, _came_from

PLAN = "2026-01-06T07:00:00Z"  # the morning of the first day after that of the attempts


def trial_of(event: str, state: str) -> Trial:
    return next(trial for trial in made().trials[state] if trial.code == event)


ONE_OF_EACH = {"planned": (0, 2, 1, 0)}


@pytest.mark.parametrize(
    ("event", "here", "expected"),
    [
        ("prequalify", Situation("received"), [{}]),
        ("amend", Situation("received"), [{}]),
        ("comment", Situation("received"), [{"committee": False}]),
        ("decline", Situation("received"), [{"reason": "not_collaborative", "orientation": "1"}]),
        ("assign_tier", Situation("qualified"), [{"tier": "coup_de_pouce"}, {"tier": "tuto"}, {"tier": "50_50"}]),
        ("change_tier", Situation("working", tier="tuto"), [{"tier": "coup_de_pouce"}, {"tier": "50_50"}]),
        ("plan_meeting", Situation("working", tier="tuto"), [{"at": PLAN}]),
        ("hold_meeting", Situation("working", tier="tuto", **ONE_OF_EACH), [{}]),
        ("cancel_meeting", Situation("working", held=2), []),
        (
            "cancel_meeting", Situation("working", held=2, **ONE_OF_EACH),
            [{"meeting": "work-1"}, {"meeting": "session-1"}],
        ),
        ("amend_meeting", Situation("working", **ONE_OF_EACH), [{"meeting": "work-1"}, {"meeting": "session-1"}]),
        (
            "amend_meeting", Situation("working", held=2, **ONE_OF_EACH),
            [{"meeting": "work-1"}, {"meeting": "session-1"}, {"meeting": "work-3"}],
        ),
        ("amend_meeting", Situation("closed", held=1, restorable=(0, 1, 0, 0)), [{"meeting": "work-2"}]),
        (
            "assign_staff", Situation("working", planned=(0, 0, 1, 0)), [{"meeting": "session-1", "staff": []}],
        ),
        ("move_meeting", Situation("working", planned=(0, 0, 1, 0)), [{"meeting": "session-1", "at": PLAN}]),
        ("complete_task", Situation("working"), []),
        ("complete_task", Situation("working", tier="tuto"), [{"task": "run_sheet_build", "done": True}]),
        ("grant_derogation", Situation("working", tier="50_50"), [{"extra": 1}]),
        ("validate", Situation("working", tier="50_50"), [{"basis": "delegation"}, {"basis": "committee"}]),
        ("ratify", Situation("working"), [{"decision": "ratify"}, {"decision": "postpone"}, {"decision": "refuse"}]),
        ("explain_deadline", Situation("closed"), [{"kind": kind} for kind in lab().deadlines]),
        ("reopen", Situation("closed"), [{}]),
    ],
)  # fmt: skip
def test_what_an_event_is_tried_with(event: str, here: Situation, expected: list[dict[str, Any]]) -> None:
    given = list(made().given(here, trial_of(event, here.state)))
    assert [one.inputs for one in given] == expected
    assert [one.name for one in given] == [(event, *map(str, inputs.values())) for inputs in expected]
    assert [one.inputs for one in made().given(here, trial_of(event, here.state))] == expected  # remembered


@pytest.mark.parametrize(
    ("left", "restorable", "expected"),
    [
        ((0, 0, 0, 0), (0, 1, 0, 1), ["work-1", "debrief-1"]),
        ((0, 1, 0, 0), (0, 2, 0, 1), ["work-2", "work-3", "debrief-1"]),
    ],
)
def test_what_an_ending_cancelled_is_brought_back_or_not(
    left: tuple[int, ...], restorable: tuple[int, ...], expected: list[str]
) -> None:
    here = Situation("closed", planned=left, restorable=restorable)
    nothing, everything = made().given(here, trial_of("reopen", "closed"))
    assert "cancelled_by_end" not in nothing.facts
    assert (everything.facts["cancelled_by_end"], everything.inputs, everything.name) == (expected, {}, ("reopen",))
    assert everything.facts["deadlines"] == nothing.facts["deadlines"]


@pytest.mark.parametrize(
    ("event", "inputs", "changes"),
    [
        ("ratify", {"decision": "ratify"}, False),
        ("ratify", {"decision": "refuse"}, True),
        ("amend", {}, False),
        ("record_effort", {}, False),
        ("complete_task", {}, False),
        ("plan_meeting", {}, True),
        ("validate", {"basis": "delegation"}, True),
        ("move_meeting", {"meeting": "work-1"}, False),
        ("withdraw", {}, True),
    ],
)
def test_what_changes_something_that_is_kept(event: str, inputs: dict[str, Any], changes: bool) -> None:
    assert trial_of(event, "working").changing(inputs) is changes


@pytest.mark.parametrize(
    ("last", "expected"),
    [(None, ["pilot", "committee"]), ("pilot", ["pilot", "committee"]), ("committee", ["committee", "pilot"])],
)
def test_who_could_record_it_last_is_tried_first(last: str | None, expected: list[str]) -> None:
    steps, trial = Steps(lab(), "accompanied"), trial_of("validate", "working")
    given = next(steps.given(Situation("working", tier="50_50"), trial))
    if last:
        steps._recorders[given.name] = last
    assert list(steps._roles(trial, given)) == expected


def ended(state: str, *restorable: int, after: str = "working") -> dict[str, Any]:
    return {"state": state, "came_from": ((state, after),), "planned": (0, 0, 0, 0), "restorable": restorable}


def waiting(since: str, **told: Any) -> dict[str, Any]:
    return {"state": "suspended", "came_from": (("suspended", since),), **told}


def over(after: str, *but: str) -> list[tuple[str, dict[str, Any]]]:
    """The ends that need nothing, in the order of the declaration."""
    ends = [
        ("suspend", waiting(after)),
        ("withdraw", {"state": "withdrawn", "came_from": (("withdrawn", after),)}),
        ("cancel", {"state": "cancelled", "came_from": (("cancelled", after),)}),
    ]
    return [end for end in ends if end[0] not in but]


INTERVIEW = Situation("interview_planned", accepted=True, planned=(1, 0, 0, 0))
TUTO = Situation("working", tier="tuto", accepted=True, held=1, planned=(0, 1, 1, 0))
SETTLING: list[tuple[str, dict[str, Any]]] = [
    ("hold_session", {"state": "session_held", "planned": (0, 1, 0, 0)}),
    ("hold_meeting", {"held": 2, "planned": (0, 0, 1, 0)}),
    ("cancel_meeting", {"planned": (0, 0, 1, 0)}),
    ("cancel_meeting", {"planned": (0, 1, 0, 0)}),
]

# From each situation, the steps that are possible, and what each changes of it.
ONWARD: list[tuple[str, Situation, list[tuple[str, dict[str, Any]]]]] = [
    (
        "received", Situation("received"),
        [
            ("request_info", {"state": "info_requested"}), ("prequalify", {"state": "prequalified", "accepted": True}),
            ("decline", {"state": "declined", "came_from": (("declined", "received"),)}), *over("received", "cancel"),
        ],
    ),
    (
        "accepted", Situation("prequalified", accepted=True),
        [
            ("decline", {"state": "declined", "came_from": (("declined", "prequalified"),)}),
            ("plan_interview", {"state": "interview_planned", "planned": (1, 0, 0, 0)}), *over("prequalified"),
        ],
    ),
    (
        "an interview to come", INTERVIEW,
        [
            ("time_passes", {"begun": True}), ("decline", ended("declined", 1, 0, 0, 0, after="interview_planned")),
            ("hold_interview", {"state": "qualified", "planned": (0, 0, 0, 0)}),
            ("suspend", waiting("interview_planned", planned=(0, 0, 0, 0))),
            ("withdraw", ended("withdrawn", 1, 0, 0, 0, after="interview_planned")),
            ("cancel", ended("cancelled", 1, 0, 0, 0, after="interview_planned")),
            ("cancel_meeting", {"state": "prequalified", "planned": (0, 0, 0, 0)}),
        ],
    ),
    (
        "an interview that has begun", INTERVIEW._replace(begun=True),
        [
            ("hold_interview", {"state": "qualified", "planned": (0, 0, 0, 0), "begun": False}),
            ("cancel_meeting", {"state": "prequalified", "planned": (0, 0, 0, 0), "begun": False}),
        ],
    ),
    (
        "qualified", Situation("qualified", accepted=True),
        [
            ("decline", {"state": "declined", "came_from": (("declined", "qualified"),)}),
            *(("assign_tier", {"state": "tier_assigned", "tier": tier}) for tier in lab().tiers), *over("qualified"),
        ],
    ),
    (
        "a meeting and a session to come", TUTO,
        [
            ("time_passes", {"begun": True}), ("plan_meeting", {"planned": (0, 2, 1, 0)}), SETTLING[0],
            ("suspend", waiting("working", planned=(0, 0, 0, 0))), ("withdraw", ended("withdrawn", 0, 1, 1, 0)),
            ("cancel", ended("cancelled", 0, 1, 1, 0)), SETTLING[1], ("change_tier", {"tier": "50_50"}),
            *SETTLING[2:],
        ],
    ),
    ("a meeting and a session that have begun", TUTO._replace(begun=True), SETTLING),
    (
        "all its meetings", TUTO._replace(held=3, planned=(0, 0, 0, 0)),
        [*over("working"), ("change_tier", {"tier": "50_50"}), ("plan_session", {"planned": (0, 0, 1, 0)})],
    ),
    (
        "a derogation, and one meeting left",
        TUTO._replace(tier="50_50", held=6, planned=(0, 0, 0, 0), validated=True, extra=1),
        [
            ("plan_meeting", {"planned": (0, 1, 0, 0)}), *over("working"), ("plan_session", {"planned": (0, 0, 1, 0)}),
            ("ratify", {"validated": False, "refused": True}),
        ],
    ),
    (
        "a debrief to come", Situation("session_held", tier="tuto", accepted=True, held=1, planned=(0, 0, 0, 1)),
        [
            ("time_passes", {"begun": True}), ("resume_work", {"state": "working"}),
            ("hold_debrief", {"state": "debriefed", "planned": (0, 0, 0, 0)}),
            ("suspend", waiting("session_held", planned=(0, 0, 0, 0))),
            ("withdraw", ended("withdrawn", 0, 0, 0, 1, after="session_held")),
            ("cancel", ended("cancelled", 0, 0, 0, 1, after="session_held")),
            ("change_tier", {"tier": "coup_de_pouce"}), ("change_tier", {"tier": "50_50"}),
            ("cancel_meeting", {"planned": (0, 0, 0, 0)}),
        ],
    ),
    (
        "debriefed", Situation("debriefed", tier="tuto", accepted=True, held=1),
        [("close", {"state": "closed", "came_from": (("closed", "debriefed"),)}), *over("debriefed")],
    ),
    (
        "closed", Situation("closed", (("closed", "debriefed"),), "tuto", accepted=True, held=1),
        [("reopen", {"state": "debriefed", "came_from": ()})],
    ),
    (
        "withdrawn, with a meeting cancelled",
        Situation("withdrawn", (("withdrawn", "working"),), "tuto", accepted=True, held=1, restorable=(0, 1, 0, 0)),
        [
            ("reopen", {"state": "working", "came_from": (), "restorable": (0, 0, 0, 0)}),
            ("reopen", {"state": "working", "came_from": (), "planned": (0, 1, 0, 0), "restorable": (0, 0, 0, 0)}),
        ],
    ),
    (
        "suspended", Situation("suspended", (("suspended", "working"),), "tuto", accepted=True),
        [
            ("resume", {"state": "working", "came_from": ()}),
            *(
                (event, {"state": state, "came_from": ((state, "suspended"), ("suspended", "working"))})
                for event, state in (("withdraw", "withdrawn"), ("cancel", "cancelled"))
            ),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("here", "expected"), [row[1:] for row in ONWARD], ids=[row[0] for row in ONWARD])
def test_the_steps_from_a_situation(here: Situation, expected: list[tuple[str, dict[str, Any]]]) -> None:
    assert list(made().onward(here)) == [Step(event, here._replace(**changed)) for event, changed in expected]


def test_an_autonomous_request_has_steps_of_its_own() -> None:
    assert [step.event for step in made("autonomous").onward(Situation("prequalified", accepted=True))] == [
        "decline", "accept_autonomous", "suspend", "withdraw", "cancel",
    ]  # fmt: skip
    assert [step.event for step in made("autonomous").onward(Situation("session_held", accepted=True))] == [
        "close", "suspend", "withdraw", "cancel",
    ]  # fmt: skip


def test_a_request_begins_once_for_each_value_that_is_kept() -> None:
    assert list(made().beginnings()) == [Step("submit", Situation("received"))]
    steps = Steps(lab(), "accompanied")
    assert steps.taken == set()
    steps.kept = evolve(steps.kept, fields={"axis": (None, "management"), "family": ("state",)})
    assert [step.to.form for step in steps.beginnings()] == [
        (("axis", None), ("family", "state")),
        (("axis", "management"), ("family", "state")),
    ]
    assert steps.taken == {"submit"}


def loose() -> Declaration:
    """The lab, where no guard keeps the cap."""
    plan = evolve(lab().events["plan_meeting"], guards=("slot",))
    return evolve(lab(), events={**lab().events, "plan_meeting": plan})


@pytest.mark.parametrize(("held", "planned", "passed"), [(2, 0, False), (1, 1, False), (3, 0, True), (2, 1, True)])
def test_a_step_is_over_when_it_passes_the_cap(held: int, planned: int, passed: bool) -> None:
    here = Situation("working", tier="tuto", accepted=True, held=held, planned=(0, planned, 0, 0))
    (step,) = [step for step in Steps(loose(), "accompanied").onward(here) if step.event == "plan_meeting"]
    assert step == Step("plan_meeting", here._replace(planned=(0, planned + 1, 0, 0)), passed)


@pytest.mark.parametrize(
    ("event", "here", "beyond"),
    [
        ("grant_derogation", Situation("working"), False),
        ("grant_derogation", Situation("working", extra=1), True),
        ("plan_meeting", Situation("working", held=6, planned=(0, 1, 0, 0)), False),
        ("plan_meeting", Situation("working", held=6, planned=(0, 2, 0, 0)), True),
        ("plan_meeting", Situation("working", planned=(0, 1, 0, 0), begun=True), True),
        ("plan_session", Situation("working", planned=(0, 9, 1, 0)), False),
        ("plan_session", Situation("working", planned=(0, 0, 2, 0)), True),
        ("plan_session", Situation("working", planned=(0, 0, 1, 0), begun=True), True),
        ("hold_meeting", Situation("working", held=9, planned=(0, 9, 9, 9), begun=True), False),
        ("validate", Situation("working", extra=1, begun=True), False),
    ],
)
def test_what_is_left_out_because_it_shows_nothing_more(event: str, here: Situation, beyond: bool) -> None:
    assert made().most == 8  # two above every cap
    assert _beyond(here, trial_of(event, "working"), made().most) is beyond


@pytest.mark.parametrize(
    ("state", "before", "expected"),
    [
        ("closed", {}, ()),
        ("closed", {"withdrawn": "working"}, ()),
        ("closed", {"closed": "debriefed", "suspended": "working"}, (("closed", "debriefed"),)),
        ("b", {"a": "z", "b": "a"}, (("b", "a"), ("a", "z"))),
        ("a", {"a": "b", "b": "a"}, (("a", "b"), ("b", "a"))),
    ],
)
def test_where_one_can_come_back_to(state: str, before: dict[str, str], expected: tuple[tuple[str, str], ...]) -> None:
    assert _came_from(evolve(request(state), before=before)) == expected


def test_meetings_are_counted_by_kind() -> None:
    assert _by_kind([]) == (0, 0, 0, 0)
    assert _by_kind(["work", "debrief", "work"]) == (0, 2, 0, 1)
