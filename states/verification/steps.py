"""The steps from one situation to the next, each taken by the code that runs.

A step is `states.lifecycle.decision.decide` on a request made up for the situation, then
`states.lifecycle.replay.fold`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

from attrs import define, field, frozen

from states.declaration.model import Declaration
from states.declaration.tables import KINDS_OF_MEETING, Event, Key
from states.declaration.types import Reading, read
from states.errors import Refused
from states.lifecycle.attempt import Attempt
from states.lifecycle.decision import decide
from states.lifecycle.effect import Effect
from states.lifecycle.effects import Correct, Derogate, effect_of
from states.lifecycle.guards.registry import Guard
from states.lifecycle.machine import machine_of
from states.lifecycle.replay import fold
from states.requests.request import HELD, PLANNED, Request
from states.verification.aspects import Aspects, aspects, guards_of
from states.verification.made_up import Moments, entry_of, form_of, late_deadlines, moments
from states.verification.situations import LEFT_OUT, NONE, WORK, Look, Requests, Situation
from states.verification.unkept import NotKept

TIME_PASSES = "time_passes"  # a step that is no event: the planned meetings have begun
MOST_PLANNED = 2  # meetings of one kind, other than work, planned at once
FAULTS = (KeyError, IndexError, AttributeError, TypeError, ValueError)  # of an effect or a guard that lacks something


class Step(NamedTuple):
    """An event that is possible, and the situation after it; `over` when its work meetings pass the cap."""

    event: str
    to: Situation
    over: bool = False


class Given(NamedTuple):
    """What an event is tried with."""

    inputs: dict[str, Any]
    facts: dict[str, Any]  # that guards read
    name: tuple[str, ...]  # of the event with these
    changes: bool = True  # something that a situation keeps, if it can


@frozen
class Trial:
    """What is to be known of an event to try it."""

    code: str
    event: Event
    effect: Effect
    keys: dict[str, tuple[Key, bool]]  # required or with a default
    of_meetings: bool  # one of them names a meeting
    look: Look
    unkept: frozenset[str]  # what it may change that no situation keeps
    changes: bool  # it can change something that a situation keeps

    def changing(self, inputs: dict[str, Any]) -> bool:
        """Whether it can with these inputs."""
        return self.event.moves or not self.unkept.issuperset(self.effect.changing(inputs))


@define
class Steps:
    """The steps of requests of one kind."""

    declaration: Declaration
    kind: str
    form: dict[str, Any] = field(init=False)
    most: int = field(init=False)  # work meetings, with no cap yet
    people: list[str] = field(init=False)
    kept: Aspects = field(init=False)
    trials: dict[str, list[Trial]] = field(init=False)  # by state
    moment: Moments = field(init=False)
    facts: dict[str, Any] = field(init=False)
    requests: Requests = field(init=False)
    taken: set[str] = field(init=False, factory=set)  # events possible in some situation
    unkept: set[tuple[str, str, str]] = field(init=False, factory=set)  # event, guard, what it looks at
    faults: dict[str, tuple[Situation, str]] = field(init=False, factory=dict)  # event -> where it fails, and how
    _recorders: dict[tuple[str, ...], str] = field(init=False, factory=dict)  # who last could record an event
    _known: dict[tuple[Any, ...], list[Given]] = field(init=False, factory=dict)  # what events are tried with

    def __attrs_post_init__(self) -> None:
        declaration = self.declaration
        self.form = form_of(declaration, self.kind)
        self.most = max((tier.work.max for tier in declaration.tiers.values()), default=0) + MOST_PLANNED
        self.people = list(declaration.held_roles)
        self.kept = aspects(declaration, self.people)
        machine, trials = machine_of(declaration), {code: self._trial(code) for code in declaration.events}
        self.trials = {
            state: [
                trials[code] for code in machine.get_triggers(state) if not isinstance(trials[code].effect, Correct)
            ]
            for state in declaration.states
        }
        self.moment = moments(declaration, self.form["place"], self.most * len(KINDS_OF_MEETING) + 1)
        self.facts = {"deadlines": late_deadlines(declaration, self.moment.past[0])}
        self.requests = Requests(declaration, self.form, self.kept, self.moment, self.most)

    def _trial(self, code: str) -> Trial:
        event, effect, kept = self.declaration.events[code], effect_of(self.declaration.events[code]), self.kept
        declared = self.declaration.keys_of(event).items()
        keys = {name: (key, required) for name, (key, required) in declared if required or key.default is not None}
        keeps = {"records": code in kept.records, "tasks": bool(kept.tasks), "form": bool(kept.fields)}
        unkept = frozenset(aspect for aspect, is_kept in keeps.items() if not is_kept)
        return Trial(
            code=code,
            event=event,
            effect=effect,
            keys=keys,
            of_meetings=any(key.type == "meeting" for key, _required in keys.values()),
            look=Look(event.meeting, code in kept.eligible, bool(kept.records) or code in kept.passing),
            unkept=unkept,
            changes=event.moves or not unkept.issuperset(effect.changes),
        )

    def beginnings(self) -> Iterator[Step]:
        """The creation of a request, for each form that is kept apart."""
        code, fields = self.declaration.creation, self.kept.fields
        entry = entry_of(code, None, self.declaration.initial, self.moment.now, self.form)
        state = fold(self.declaration, None, entry).state
        self.taken.add(code)
        for values in product(*fields.values()):
            yield Step(code, Situation(state, form=tuple(zip(fields, values, strict=True))))

    def onward(self, here: Situation) -> Iterator[Step]:
        """The steps that are possible from a situation; where meetings have begun, those that settle one, if any."""
        trials = self.trials[here.state]
        if here.begun:
            settling = list(self._possible(here, [trial for trial in trials if trial.effect.settles]))
            rest = [trial for trial in trials if not trial.effect.settles]
            yield from settling or self._possible(here, rest)
        else:
            if any(here.planned):
                yield Step(TIME_PASSES, here._replace(begun=True))
            yield from self._possible(here, trials)

    def _possible(self, here: Situation, trials: list[Trial]) -> Iterator[Step]:
        untouched: dict[Look, Request] = {}  # requests that were refused, good for the next attempt
        for trial in trials:
            # What changes nothing that is kept is tried until it is possible somewhere.
            new = trial.code not in self.taken
            if not (new or trial.changes) or _beyond(here, trial, self.most):
                continue
            for given in self.given(here, trial):
                if new or given.changes:
                    request = untouched.pop(trial.look, None) or self.requests.shown(here, trial.look)
                    step = self.step(here, request, trial, given)
                    if step is None:
                        untouched[trial.look] = request
                    elif step.to != here:
                        yield step

    def given(self, here: Situation, trial: Trial) -> Iterator[Given]:
        """What an event is tried with; the same wherever the tier and, for one about meetings, these are."""
        alike = trial.code, here.tier, trial.of_meetings and (here.planned, here.held, here.restorable)
        known = self._known.get(alike)
        if known is None:
            known = self._known[alike] = [
                Given(inputs, self.facts, (trial.code, *map(str, inputs.values())), trial.changing(inputs))
                for inputs in self._inputs(here, trial)
            ]
        yield from known
        if "cancelled_by_end" in trial.effect.reads and any(here.restorable):
            ranks = zip(KINDS_OF_MEETING, here.planned, here.restorable, strict=True)
            ended = [f"{kind}-{n}" for kind, left, gone in ranks for n in range(left + 1, left + gone + 1)]
            yield Given({}, {**self.facts, "cancelled_by_end": ended}, (trial.code,))

    def _inputs(self, here: Situation, trial: Trial) -> Iterator[dict[str, Any]]:
        for values in product(*(self._values(here, trial, name) for name in trial.keys)):
            yield dict(zip(trial.keys, values, strict=True))
        if trial.event.form:
            for name, values_of in self.kept.fields.items():
                yield from ({name: value} for value in values_of if value is not None)

    def _values(self, here: Situation, trial: Trial, name: str) -> list[Any]:
        key, required = trial.keys[name]
        if not required and key.default is not None:
            return [read(key.default, key, Reading(self.declaration))]
        if key.type == "meeting":
            planned = [f"{kind}-1" for kind, n in zip(KINDS_OF_MEETING, here.planned, strict=True) if n]
            held = here.held and not trial.effect.of_a_meeting
            return [*planned, f"work-{here.planned[WORK] + here.restorable[WORK] + 1}"] if held else planned
        if key.type == "task":
            tasks = list(self.declaration.tiers[here.tier].tasks) if here.tier else []
            return [task for task in tasks if task in self.kept.tasks] or tasks[:1]
        if key.type == "code":
            codes = list(self.declaration.vocabulary(key.codes or ""))
            looked_at = name in trial.effect.weighs or any(name in guard.needs for guard in guards_of(trial.event))
            return [code for code in codes if code != here.tier] if looked_at else codes[:1]
        plain = {
            "datetime": self.moment.slot,
            "integer": max(1, key.min or 1),
            "bool": True,
            "duration": 60,
            "staff": [],
        }
        return [plain.get(key.type, "1")]

    def step(self, here: Situation, request: Request, trial: Trial, given: Given) -> Step | None:
        """The step of an event, by whoever may record it, waiving what may be waived; None when it is refused."""
        event, refused = trial.event, set[str]()
        if trial.code in self.kept.passing:
            self._watch(trial, self._attempt(request, trial, given, event.roles[0]))
        try:
            for role in self._roles(trial, given):
                attempt = self._attempt(request, trial, given, role)
                try:
                    return self._taken(here, attempt, given)
                except Refused as refusal:
                    refused = {unmet.rule for unmet in refusal.refusals}
            if event.waives and refused <= set(event.waives):
                for person in self.people:
                    attempt = self._attempt(request, trial, given, person, frozenset(refused))
                    try:
                        return self._taken(here, attempt, given)
                    except Refused:
                        continue
        except NotKept as left_out:
            self.unkept.add((trial.code, _culprit(attempt, left_out.aspect), left_out.aspect))
        except FAULTS as fault:
            self.faults.setdefault(trial.code, (here, f"{type(fault).__name__}: {fault}"))
        return None

    def _roles(self, trial: Trial, given: Given) -> Sequence[str]:
        """Who may record an event, first whoever could record the same before: who did changes nothing of the step."""
        last, roles = self._recorders.get(given.name), trial.event.roles
        return roles if last is None or last == roles[0] else sorted(roles, key=lambda role: role != last)

    def _attempt(
        self, request: Request, trial: Trial, given: Given, role: str, waive: frozenset[str] = frozenset()
    ) -> Attempt:
        # A meeting is held once it has begun: those of the event's kind are put before all others.
        now = self.moment.future[0] if trial.effect.holds_meeting else self.moment.now
        return Attempt(
            declaration=self.declaration,
            request=request,
            code=trial.code,
            event=trial.event,
            inputs=given.inputs,
            note="1",
            waive=waive,
            actor=role,
            role=role,
            occurred_at=now,
            now=now,
            facts=given.facts,
        )

    def _taken(self, here: Situation, attempt: Attempt, given: Given) -> Step:
        """The step an attempt makes. Raises Refused."""
        decision = decide(attempt)
        self.requests.plain(attempt.request, here)
        entry = entry_of(attempt.code, here.state, decision.to, attempt.now, decision.data)
        after = fold(self.declaration, attempt.request, entry)
        over = after.excess(self.declaration) > 0
        self.taken.add(attempt.code)
        self._recorders[given.name] = attempt.role
        return Step(attempt.code, self._situation(here, after, decision.data.get("cancelled", ())), over)

    def _situation(self, before: Situation, request: Request, ended: Any) -> Situation:
        """What is to be told of a request after a step."""
        planned = _by_kind([meeting.kind for meeting in request.meetings if meeting.status == PLANNED])
        restorable = NONE
        if self.declaration.is_final(request.state):
            stays = request.state == before.state
            restorable = before.restorable if stays else _by_kind([id.partition("-")[0] for id in ended])
        situation = Situation(
            request.state,
            _came_from(request),
            request.tier,
            request.accepted,
            bool(request.validated),
            request.refused,
            request.extra,
            len(request.of_kind("work", HELD)),
            planned,
            restorable,
            before.begun and planned != NONE,
        )
        return self._with_kept(situation, request) if self.kept.more else situation

    def _with_kept(self, situation: Situation, request: Request) -> Situation:
        """With what is kept only because some guard looks at it."""
        kept = self.kept
        return situation._replace(
            records=tuple(sorted({r.event for r in request.records if r.event in kept.records})),
            tasks=tuple([task for task in kept.tasks if request.tasks.get(task)]),
            form=tuple([(name, request.form.get(name)) for name in kept.fields]),
            met=tuple([kind for kind in kept.held if request.of_kind(kind, HELD)]),
        )

    def _watch(self, trial: Trial, attempt: Attempt) -> None:
        """Of the guards of an event shown no record because one of them is waived, finds those that look at records."""
        shown, attempt.request.records = attempt.request.records, LEFT_OUT["records"]
        for guard in guards_of(trial.event):
            says = any(aspect.startswith("records") for aspect in guard.reads_request)
            if not says and _looks_at(guard, attempt, "records"):
                self.unkept.add((trial.code, guard.name, "records"))
        attempt.request.records = shown


def _came_from(request: Request) -> tuple[tuple[str, str], ...]:
    """Where one can come back to from here, and again from there. The rest is overwritten before it is read."""
    ways: dict[str, str] = {}
    state: str = request.state
    while state in request.before and state not in ways:
        ways[state] = request.before[state]
        state = ways[state]
    return tuple(ways.items())


def _beyond(here: Situation, trial: Trial, most: int) -> bool:
    """Whether an event is left out here; `states.verification.exploration` says why that loses nothing."""
    if isinstance(trial.effect, Derogate):
        return here.extra > 0
    if not trial.effect.makes_meeting:
        return False
    kind = trial.event.meeting or "work"
    if kind == "work":
        return here.begun or here.held + here.planned[WORK] >= most
    return here.begun or here.planned[KINDS_OF_MEETING.index(kind)] >= MOST_PLANNED


def _culprit(attempt: Attempt, aspect: str) -> str:
    """The guard that looks at something left out; empty when it is no guard."""
    return next((guard.name for guard in guards_of(attempt.event) if _looks_at(guard, attempt, aspect)), "")


def _looks_at(guard: Guard, attempt: Attempt, aspect: str) -> bool:
    try:
        list(guard.check(attempt))
    except NotKept as left_out:
        return left_out.aspect == aspect
    except FAULTS:
        return False
    return False


def _by_kind(kinds: list[str]) -> tuple[int, ...]:
    return tuple(map(kinds.count, KINDS_OF_MEETING)) if kinds else NONE
