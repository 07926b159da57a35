"""The exploration: the shipped declaration is proved; a loosened one gives the shortest way to what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from attrs import Factory, define, evolve
from pure import edited

from states.declaration.documents import shipped
from states.declaration.model import Declaration
from states.declaration.tables import KINDS_OF_MEETING
from states.declaration.toml_lines import Locator
from states.declaration.types import instant
from states.errors import Refused
from states.language import spoken
from states.lifecycle.attempt import Attempt
from states.lifecycle.decision import decide
from states.lifecycle.effects import effect_of
from states.lifecycle.replay import fold, replay, without
from states.requests.entry import Entry
from states.requests.request import HELD, PLANNED, Request
from states.verification.exploration import Counterexample, Exploration, Walk, survey
from states.verification.loading import load
from states.verification.situations import Situation
from states.verification.steps import TIME_PASSES, Steps

TO_A_TIER = ("submit", "prequalify", "plan_interview", "hold_interview", "assign_tier")


def found_in(text: str, *tiers: str) -> dict[tuple[str, str], Counterexample]:
    """What is found in a declaration, with these of its tiers only, if any is named: the widest takes the longest."""
    declaration = load(text)
    if tiers:
        declaration = evolve(declaration, tiers={code: declaration.tiers[code] for code in tiers})
    found = {(example.code, example.path): example for example in survey(declaration, Locator(text)).counterexamples}
    # Without its other tiers, nothing of a lab is validated, granted or changed.
    return {key: example for key, example in found.items() if not (tiers and key[0] == "never_taken")}


@pytest.fixture(scope="module")
def surveyed(declaration: Declaration) -> Exploration:
    return survey(declaration)


def test_the_shipped_declaration_is_proved(surveyed: Exploration) -> None:
    assert surveyed.counterexamples == ()
    assert {(proof.kind, proof.tier): (proof.cap, proof.situations) for proof in surveyed.proofs} == {
        ("accompanied", None): (None, 32),
        ("accompanied", "coup_de_pouce"): (1, 177),
        ("accompanied", "tuto"): (3, 696),
        ("accompanied", "50_50"): (6, 3734),
        ("autonomous", None): (None, 34),
    }
    assert all(proof.cap_kept and proof.can_end and proof.situations <= proof.steps for proof in surveyed.proofs)


def test_a_proof_is_told_in_one_line(declaration: Declaration) -> None:
    tiers = {code: evolve(tier, work=evolve(tier.work, max=1)) for code, tier in declaration.tiers.items()}
    with spoken("en"):
        lines = [proof.text for proof in survey(evolve(declaration, tiers={"tuto": tiers["tuto"]})).proofs]
    assert [line.partition(":")[0] for line in lines] == [
        "Accompanied, before any tier",
        "Le Tuto",
        "Autonomous session",
    ]
    assert lines[1].endswith(" situations explored, cap 1 never passed, every path can end")
    assert lines[2].endswith(" situations explored, every path can end")


def test_a_loosened_guard_gives_the_shortest_way_past_each_cap() -> None:
    text = edited(('guards = ["validated", "below_cap", "slot"]', 'guards = ["validated", "slot"]'))
    found = found_in(text)
    assert {key: example.trace for key, example in found.items()} == {
        ("cap_passed", "tiers.coup_de_pouce.work"): (*TO_A_TIER, *["plan_meeting"] * 2),
        ("cap_passed", "tiers.tuto.work"): (*TO_A_TIER, *["plan_meeting"] * 4),
        ("cap_passed", "tiers.50_50.work"): (*TO_A_TIER, "validate", *["plan_meeting"] * 7),
    }
    example = found["cap_passed", "tiers.50_50.work"]
    assert "7" in example.message
    assert "6" in example.message
    assert text.splitlines()[(example.line or 0) - 1] == "work = { min = 1, max = 6 }"


def test_a_tier_changed_for_a_narrower_one_passes_its_cap() -> None:
    text = edited(('guards = ["accompanied", "new_cap"]', 'guards = ["accompanied"]'))
    found = found_in(text, "coup_de_pouce", "tuto")
    assert found["cap_passed", "tiers.coup_de_pouce.work"].trace == (
        *(*TO_A_TIER, "plan_meeting", "plan_meeting", "change_tier"),
    )
    assert ("cap_passed", "tiers.tuto.work") not in found


def test_a_derogation_that_outlives_its_tier_passes_no_cap() -> None:
    # Derogations everywhere: those not used lapse with the tier, those used move the new cap.
    text = shipped().replace("derogation = false", "derogation = true")
    assert found_in(text, "coup_de_pouce", "tuto") == {}


def test_a_state_nothing_leads_out_of() -> None:
    text = edited(
        ('from = ["active"], to = ["withdrawn"]', 'from = ["received", "suspended"], to = ["withdrawn"]'),
        ('from = ["active"], to = ["cancelled"]', 'from = ["prequalified"], to = ["cancelled"]'),
        ('"session_held", "debriefed", "hosted"], to = ["suspended"]', '"hosted"], to = ["suspended"]'),
        ('"tier_assigned", "working", "hosted"], to', '"hosted"], to'),
        ('guards = ["planned", "begun", "minimum_held"]', 'guards = ["planned", "begun", "autonomous"]'),
    )
    found = found_in(text, "tuto")
    assert found["cannot_end", "states.tier_assigned"].trace == TO_A_TIER
    assert found["cannot_end", "states.working"].trace == (*TO_A_TIER, "plan_meeting")
    assert text.splitlines()[(found["cannot_end", "states.working"].line or 0) - 1] == "[states.working]"


def test_meetings_that_have_begun_and_can_be_neither_held_nor_cancelled() -> None:
    # Held in another state only, a session that has begun holds up every ending: nothing else finds it.
    text = edited(
        (
            'from = ["active"], to = ["same", "prequalified"]',
            'from = ["interview_planned"], to = ["same", "prequalified"]',
        )
    )
    found = found_in(text, "tuto")
    assert list(found) == [("cannot_end", "states.working")]
    assert found["cannot_end", "states.working"].trace == (
        *(*TO_A_TIER, "plan_meeting", "suspend", "resume", "plan_session", TIME_PASSES),
    )


def test_each_counterexample_can_be_done() -> None:
    text = edited(('guards = ["validated", "below_cap", "slot"]', 'guards = ["validated", "slot"]'))
    loose = load(text)
    loose = evolve(loose, tiers={"tuto": loose.tiers["tuto"]})
    for example in survey(loose).counterexamples:
        steps = Steps(loose, "accompanied")
        here = {step.to for step in steps.beginnings()}
        for event in example.trace[1:]:
            onward = [step for situation in here for step in steps.onward(situation) if step.event == event]
            here = {step.to for step in onward}
        assert any(step.over for step in onward)


def test_what_is_left_untried_because_it_changes_nothing_kept_changes_nothing_kept(declaration: Declaration) -> None:
    steps = Steps(declaration, "accompanied")
    planned = (0, 1, 1, 0)  # a work meeting and a session
    working = Situation("working", tier="50_50", accepted=True, validated=True, held=1, planned=planned, begun=True)
    situations = [
        Situation("received"),
        working,
        working._replace(begun=False),
        working._replace(state="session_held", planned=(0, 0, 0, 1)),
        working._replace(state="closed", came_from=(("closed", "debriefed"),), planned=(0, 0, 0, 0), begun=False),
    ]
    idle: set[tuple[str, ...]] = set()
    for here in situations:
        for trial in steps.trials[here.state]:
            for given in steps.given(here, trial):
                if not given.changes:
                    step = steps.step(here, steps.requests.shown(here, trial.look), trial, given)
                    assert step is None or step.to == here, given.name
                    idle |= {given.name} if step else set()
    assert {("ratify", "ratify"), ("ratify", "postpone")} <= idle
    assert len({code for code, *_values in idle}) >= 10


# --- Real histories stay inside what was explored ---


@define
class History:
    """A request that lives through real entries and real dates; corrections included."""

    declaration: Declaration
    kind: str
    now: datetime = datetime(2026, 1, 5, 8, tzinfo=UTC)
    entries: list[Entry] = Factory(list)
    request: Request = None  # type: ignore[assignment]

    def begin(self) -> None:
        form = {"kind": self.kind, "place": "hors_les_murs", "axis": "incubation", "family": "menj_mesr_msjop"}
        data = {**form, "collaborative_share": 60, "outcome_predefined": False}
        self.request = fold(self.declaration, None, self._entry("submit", None, "received", data))

    def _entry(self, event: str, source: str | None, to: str, data: Any) -> Entry:
        seq, now = len(self.entries) + 1, instant(self.now)
        self.entries.append(
            Entry("2026-0001", seq, event, source, to, "a", "pilot", "a", False, now, now, data, None, "", "")
        )
        return self.entries[-1]

    def attempt(self, code: str, choose: Any) -> None:
        """Tries an event with inputs drawn at random, at a moment that may suit it or not."""
        event = self.declaration.events[code]
        keys = self.declaration.keys_of(event).items()
        inputs = {name: choose(self._choices(name)) for name, (key, required) in keys if required or key.default}
        if event.meeting and effect_of(event).holds_meeting and (meeting := self.request.next_planned(event.meeting)):
            self.now = max(self.now, datetime.fromisoformat(meeting.at))
        role = choose(["pilot", "committee"])
        try:
            decision = decide(
                Attempt(
                    declaration=self.declaration,
                    request=self.request,
                    code=code,
                    event=event,
                    inputs=inputs,
                    note="n",
                    waive=frozenset(choose([(), tuple(event.waives)])),
                    actor="a",
                    role=role,
                    occurred_at=instant(self.now),
                    now=instant(self.now),
                    facts=self._facts(choose),
                )
            )
        except Refused:
            return
        entry = self._entry(code, self.request.state, decision.to, decision.data)
        if "corrects" in decision.data:
            self.request = replay(self.declaration, self.entries)
        else:
            self.request = fold(self.declaration, self.request, entry)
        self.now += timedelta(minutes=1)

    def _choices(self, name: str) -> list[Any]:
        slot = datetime.combine(self.now.date() + timedelta(days=len(self.entries)), datetime.min.time(), UTC)
        known: dict[str, list[Any]] = {
            "at": [instant(slot + timedelta(hours=9))],
            "tier": [code for code in self.declaration.tiers if code != self.request.tier],
            "basis": ["delegation", "committee"],
            "decision": ["ratify", "postpone", "refuse"],
            "meeting": [meeting.id for meeting in self.request.meetings] or ["work-1"],
            "extra": [1],
            "release": [True, False],
            "done": [True],
        }
        return known.get(name, ["other"])

    def _facts(self, choose: Any) -> dict[str, Any]:
        ending = next((e for e in self.entries if e.seq == self.request.last_seq), None)
        ended = list(ending.data.get("cancelled", ())) if ending else []
        lost: list[tuple[str, list[Any]]] = [(id, []) for id in ended if choose([True, False])]
        undone = without(self.declaration, self.entries, self.request.last_seq)
        return {"entries": tuple(self.entries), "undone": undone, "cancelled_by_end": ended, "invalid_slots": lost}


def outline(request: Request) -> tuple[Any, ...]:
    """What of a request the two statements are about."""
    planned = tuple(len(request.of_kind(kind, PLANNED)) for kind in KINDS_OF_MEETING)
    return request.state, request.tier, request.extra, len(request.of_kind("work", HELD)), planned


@pytest.fixture(scope="module")
def explored(declaration: Declaration) -> dict[str, set[tuple[Any, ...]]]:
    found = {}
    for kind in declaration.kinds:
        walk = Walk(declaration, kind, Steps(declaration, kind))
        walk.run()
        found[kind] = {(s.state, s.tier, s.extra, s.held, s.planned) for s in walk.reached}
    return found


RARE = {"withdraw", "cancel", "decline", "suspend", "request_info", "assign_staff", "move_meeting", "cancel_meeting"}


@pytest.mark.parametrize("seed", range(6))
def test_no_real_history_leaves_what_was_explored(
    declaration: Declaration, explored: dict[str, set[tuple[Any, ...]]], seed: int
) -> None:
    random = Random(seed)
    sources = {code: {edge.source for edge in edges} for code, edges in declaration.edges.items()}
    weights = {
        code: 1 if code in RARE or declaration.events[code].undo != "in_turn" else 8
        for code in sources
        if code not in ("submit", "explain_deadline", "complete_task")
    }
    applied: set[str] = set()
    seen: set[tuple[Any, ...]] = set()
    for _history in range(25):
        history = History(declaration, random.choice(["accompanied", "accompanied", "accompanied", "autonomous"]))
        history.begin()
        for _step in range(120):
            possible = [code for code in weights if history.request.state in sources[code]]
            (code,) = random.choices(possible, [weights[code] for code in possible])
            if code != "grant_derogation" or not history.request.extra:
                history.attempt(code, random.choice)
            assert outline(history.request) in explored[history.kind]
            seen.add(outline(history.request))
        applied |= {entry.event for entry in history.entries}
    assert len(seen) > 60
    assert {"correct", "reopen", "resume", "change_tier", "grant_derogation", "ratify", "hold_session"} <= applied
