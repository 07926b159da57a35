"""Random events with random inputs, while the clock moves, against the small model of `lifecycle_model`.

Whatever is asked: the exit code and the rules of a refusal are those the model gives, the request is then what the
model says, no cap is passed, the history has no gap, a correction returns to exactly what was before; and after each
run the chain is valid and a rebuild makes the same tables.

The suite runs few examples, always the same. `COOP_TEST_EXAMPLES=2000` runs that many, new ones each time.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from lifecycle_draws import Drawing, able, often
from lifecycle_model import (
    CAPS,
    EVENTS,
    HOLDS,
    IN_TURN,
    MOVES,
    PARIS,
    PLANS,
    STAYS,
    Case,
    Command,
    Done,
    Slot,
    View,
)
from lifecycle_world import World

from states.errors import CoopError, NotFound, Refused
from workflow.engine import Applied
from workflow.lab.calendar import close, record_absence
from workflow.store.database import Store
from workflow.testing import Lab, problems

EXAMPLES = int(os.environ.get("COOP_TEST_EXAMPLES", "0"))
STARTS = ("2026-01-12T09:00:00+01:00", "2026-03-26T15:30:00+01:00", "2026-10-22T08:00:00+02:00")
LEAPS = (timedelta(minutes=20), timedelta(hours=3), timedelta(days=1), timedelta(days=4), timedelta(days=25))
NOTE = "parce que"
KEPT = {"seq", "head", "recorded_at", "numbers"}  # what an event undone leaves behind

ACTS = [
    *["something_likely"] * 14, *["the_next_step"] * 5, *["something_unlikely"] * 3, *["time_passes"] * 3,
    *["the_same_again"] * 2, "someone_is_away", "a_place_closes", "a_form_comes", "another_program_goes_on",
]  # fmt: skip


class Lifecycle(Drawing, RuleBasedStateMachine):
    """Drives a lab and the model side by side."""

    places: Any = None  # where stores are made, set for each database

    def __init__(self) -> None:
        super().__init__()
        self.opened = self.places.lab()
        self.lab: Lab = self.opened.__enter__()
        self.world = World(datetime.fromisoformat(STARTS[0]).astimezone(UTC))
        self.sent: list[tuple[Any, int]] = []  # what was asked under a key, and the entry it made

    def teardown(self) -> None:
        try:
            self.check_histories()
            assert problems(self.lab) == []
        finally:
            self.lab.store.close()  # it may be another than the one that was opened
            self.opened.__exit__(None, None, None)

    def check_histories(self) -> None:
        for case in self.world.cases.values():
            history = self.lab.history(case.ref)
            assert [entry["seq"] for entry in history] == list(range(1, len(case.done) + 1))
            assert [entry["event"] for entry in history] == [done.event for done in case.done]
            assert [bool(entry["corrected_by"]) for entry in history] == [done.struck for done in case.done]

    # --- What happens ---

    @initialize(start=often(STARTS), share=often([60, 40]), steps=often(range(16)), others=often(range(12)))
    def begins(self, start: str, share: int, steps: int, others: int) -> None:
        """Two requests, each led some way."""
        self.lab.clock.to(start)
        self.world.now = self.lab.clock().astimezone(UTC)
        for number, (kind, count) in enumerate(
            (("accompanied", steps), ("autonomous" if others % 3 == 0 else "accompanied", others))
        ):
            case = self.receive(kind, share if number else 60, "some" if number else None)
            for _step in range(count):
                self.lead(case, "50_50" if share == 40 else "tuto")

    @rule(data=st.data(), act=often(ACTS))
    def something_happens(self, data: st.DataObject, act: str) -> None:
        """One rule, so that no run is left without what leads requests on."""
        getattr(self, act)(data)

    def time_passes(self, data: st.DataObject) -> None:
        self.go_to(self.world.now + data.draw(often(LEAPS)))

    def go_to(self, moment: datetime) -> None:
        self.world.now = max(moment, self.world.now)
        self.lab.clock.to(self.world.now)

    def a_form_comes(self, data: st.DataObject) -> None:
        if len(self.world.cases) < 4:
            self.receive(data.draw(often(["accompanied", "autonomous"])), data.draw(often([60, 40])), None)

    def receive(self, kind: str, share: int, experience: str | None) -> Case:
        applied = self.lab.submit(kind=kind, collaborative_share=share, experience=experience)
        ref, year = applied.entry.stream, self.world.now.astimezone(PARIS).year
        assert ref == f"{year}-{sum(known.startswith(str(year)) for known in self.world.cases) + 1:04}"
        advised = "tuto" if experience else None
        case = Case(ref, kind, share, advised, self.world.now, [Done("submit", "camille", self.world.now, {})])
        self.world.cases[ref] = case
        self.check(case)
        return case

    def someone_is_away(self, data: st.DataObject) -> None:
        person, day = data.draw(often(["camille", "sacha"])), self.day(data)
        record_absence(self.lab.engine, "camille", person, [(day, day)])
        self.world.away.add((person, day))

    def a_place_closes(self, data: st.DataObject) -> None:
        place, day = data.draw(often(["montpellier", "toulouse"])), self.day(data)
        close(self.lab.engine, "camille", place, (day, day), NOTE)
        self.world.closed.add((place, day))

    def day(self, data: st.DataObject) -> date:
        return (self.world.now.astimezone(PARIS) + timedelta(days=data.draw(often(range(1, 6))))).date()

    def another_program_goes_on(self, data: st.DataObject) -> None:
        """Nothing of what the engine remembers is needed."""
        self.lab.store.close()
        self.lab = Lab(Store(self.lab.store.url), self.lab.clock)

    def the_next_step(self, data: st.DataObject) -> None:
        self.lead(data.draw(self.any_case()), data.draw(often(list(CAPS))))

    def something_likely(self, data: st.DataObject) -> None:
        """An event of the state the request is in, given what it needs by someone who may."""
        case = data.draw(self.any_case())
        state = case.view().state
        possible = [e for e in EVENTS if state in (MOVES[e][0] if e in MOVES else STAYS[e])]
        self.attempt(data, case, data.draw(often(possible)), likely=True)

    def something_unlikely(self, data: st.DataObject) -> None:
        self.attempt(data, data.draw(self.any_case()), data.draw(often(EVENTS)), likely=False)

    def the_same_again(self, data: st.DataObject) -> None:
        """Under its key, an event answers as the first time, and is not done twice."""
        if not self.sent:
            return
        command, seq = data.draw(often(self.sent[-6:]))
        case = self.world.cases[command.ref]
        named = command.inputs.get("meeting")
        try:
            again = self.lab.engine.apply(command)
        except NotFound:
            assert named is not None
            assert named not in case.view().meetings
            return
        assert again.replayed
        assert (again.entry.seq, again.request.seq) == (seq, seq)
        self.check(case)

    def any_case(self) -> st.SearchStrategy[Case]:
        return often(list(self.world.cases.values()))

    # --- Events ---

    def lead(self, case: Case, tier: str) -> None:
        """The next event of the usual way, with what it needs; the clock goes on to a meeting that is to be held."""
        view = case.view()
        event = self.next_event(case, view)
        if not event:
            return
        given: dict[str, Any] = {}
        slot = None
        if event in PLANS:
            day = self.world.now.astimezone(PARIS).date() + timedelta(days=1)
            slot = Slot(datetime.combine(day, time(10), PARIS).astimezone(UTC), 60, "hors_les_murs", frozenset())
            given = {"at": slot.at, "duration": "1h"}
        elif event in HOLDS:
            self.go_to(view.meetings[view.next(HOLDS[event]) or ""].slot.at)
        elif event == "assign_tier":
            given = {"tier": tier}
        elif event == "validate":
            given = {"basis": "delegation"}
        elif event == "record_deliverable":
            given = {"title": "Un guide", "type": "report"}
        elif event == "amend":
            given = {"collaborative_share": 70}
        self.perform(Command(case, event, able(event), given, slot, True, None, ()))

    def next_event(self, case: Case, view: View) -> str:
        accompanied, next = case.kind == "accompanied", view.next
        return {
            "received": "prequalify" if view.share >= 50 else "amend",
            "info_requested": "provide_info",
            "prequalified": "plan_interview" if accompanied else "accept_autonomous",
            "interview_planned": "hold_interview",
            "qualified": "assign_tier",
            "tier_assigned": "validate" if view.tier == "50_50" and not view.validated else "plan_meeting",
            "working": self.work(view),
            "hosted": "hold_session" if next("session") else "plan_session",
            "session_held": "close" if not accompanied else "hold_debrief" if next("debrief") else "plan_debrief",
            "debriefed": "close" if view.deliverables else "record_deliverable",
            "suspended": "resume",
        }.get(view.state, "")

    def work(self, view: View) -> str:
        if not view.of("work", "held"):
            return "hold_meeting" if view.next("work") else "plan_meeting"
        if view.next("session"):
            return "hold_session"
        return "validate" if view.tier == "50_50" and not view.validated else "plan_session"

    def attempt(self, data: st.DataObject, case: Case, event: str, *, likely: bool) -> None:
        before = self.lab.now(case.ref).document()
        done = self.perform(self.drawn(data, case, event, likely=likely))
        if done and event in IN_TURN and data.draw(often([False, True])):
            self.undo(case, before)

    def perform(self, command: Command) -> bool:
        """Applies a command; it must come to what the model says. Whether it was accepted."""
        case = command.case
        asked = self.lab.command(
            case.ref,
            command.event,
            {("started_at" if name == "started" else name): _said(value) for name, value in command.given.items()},
            actor=command.actor,
            note=NOTE if command.note else None,
            at=command.at.isoformat() if command.at else None,
            waive=command.waive,
            key=f"k{len(self.sent)}",
        )
        exit, rules = self.world.exit_of(command), set()
        if not exit:
            rules = self.world.rules_of(command)
            exit = 3 if rules else 0
        before = self.lab.now(case.ref).document()
        applied = self.applied(asked, exit, rules)
        if applied is None:
            assert self.lab.now(case.ref).document() == before
            return False
        self.world.record(command)
        self.sent.append((asked, applied.entry.seq))
        self.check(case)
        return True

    def applied(self, asked: Any, exit: int, rules: set[str]) -> Applied | None:
        """What a command to be accepted came to; None for one that was to fail, once it has, in the way it was to."""
        if not exit:
            return self.lab.engine.apply(asked)
        with pytest.raises(CoopError) as caught:
            self.lab.engine.apply(asked)
        problem = caught.value
        assert problem.exit == exit, (problem.message, rules)
        found = {refusal.rule for refusal in problem.refusals} if isinstance(problem, Refused) else set()
        astray = {"state", "none_planned", "nothing_to_correct"}
        if astray & rules:  # away from where an event belongs, other rules may have more to say, or nothing
            spared = {"none_planned"} if "state" in rules else set()  # of what is done already only that is told
            assert found >= rules & {*astray, "role"} - spared
        else:
            assert found == rules
        return None

    def undo(self, case: Case, before: dict[str, Any]) -> None:
        """Corrected at once, an event leaves exactly what was before it."""
        command = Command(case, "correct", "paule", {}, None, True, None, ())
        if self.world.rules_of(command):
            return
        self.lab.apply(case.ref, "correct", note=NOTE, actor="paule")
        self.world.record(command)
        after = self.lab.now(case.ref).document()
        assert {name for name in {*before, *after} if after.get(name) != before.get(name)} <= KEPT
        self.check(case)

    def check(self, case: Case) -> None:
        """The request is what the model says, and no cap is passed."""
        request, view = self.lab.now(case.ref), case.view()
        assert request.seq == len(case.done)
        assert (request.state, request.tier, request.validated is not None) == (view.state, view.tier, view.validated)
        assert (request.accepted, request.extra) == (view.accepted, view.extra)
        assert {m.id: m.status for m in request.meetings} == {id: m.status for id, m in view.meetings.items()}
        assert [(m.at, set(m.staff)) for m in request.planned()] == [
            (_utc(view.meetings[id].slot.at), view.meetings[id].slot.staff) for id in view.planned
        ]
        if request.tier:
            assert request.counted() <= CAPS[request.tier] + request.extra
        assert len(request.of_kind("interview", "planned")) <= 1
        assert len(request.of_kind("session", "planned")) <= 1
        self.check_slots()

    def check_slots(self) -> None:
        """No place and nobody is taken twice."""
        slots = [
            view.meetings[id].slot
            for case in self.world.cases.values()
            for view in [case.view()]
            for id in view.planned
        ]
        for number, one in enumerate(slots):
            for other in slots[:number]:
                if one.meets(other):
                    assert one.place != other.place or one.place == "hors_les_murs"
                    assert not one.staff & other.staff


def _said(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _utc(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(("database", "examples"), [("sqlite", 20), ("postgresql", 3)])
def test_the_lifecycle_is_what_the_model_says(request: pytest.FixtureRequest, database: str, examples: int) -> None:
    class Here(Lifecycle):
        places = request.getfixturevalue(f"{database}_places")

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES or examples,
            stateful_step_count=40,
            derandomize=not EXAMPLES,
            report_multiple_bugs=False,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
