"""The situations a request can be in, as far as the rules can tell, and the steps from one to the next.

A step is taken by the code that runs: `states.lifecycle.decision.decide` on a request made up for the situation, then
`states.lifecycle.replay.fold`. `states.verification.exploration` says what is left out of a situation, and why nothing
is lost by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

from attrs import define, field

from states.declaration.model import KINDS_OF_MEETING, Declaration, Event, Key
from states.declaration.types import Reading, read
from states.errors import Refused
from states.lifecycle.attempt import Attempt
from states.lifecycle.decision import decide
from states.lifecycle.effect import Effect
from states.lifecycle.effects import Correct, Derogate, effect_of
from states.lifecycle.guards.registry import Guard
from states.lifecycle.machine import machine_of
from states.lifecycle.replay import fold
from states.requests.request import CANCELLED, HELD, PLANNED, Meeting, Record, Request, Stay
from states.verification.aspects import Aspects, aspects, guards_of
from states.verification.made_up import Moments, entry_of, form_of, late_deadlines, moments
from states.verification.unkept import KeptOnly, NotKept, Unkept, UnkeptText, ghost

TIME_PASSES = "time_passes"  # a step that is no event: the planned meetings have begun
MOST_PLANNED = 2  # meetings of one kind, other than work, planned at once
FAULTS = (KeyError, IndexError, AttributeError, TypeError, ValueError)  # of an effect or a guard that lacks something
WORK = KINDS_OF_MEETING.index("work")
NONE = (0,) * len(KINDS_OF_MEETING)
_ORDERS: dict[str | None, list[int]] = {  # of the kinds, when an event is about one
    first: sorted(range(len(KINDS_OF_MEETING)), key=lambda rank: KINDS_OF_MEETING[rank] != first)
    for first in (None, *KINDS_OF_MEETING)
}


class Situation(NamedTuple):
    """All that the rules can tell of a request: two requests in one situation have the same future."""

    state: str
    came_from: tuple[tuple[str, str], ...] = ()  # what `Request.before` is still asked for
    tier: str | None = None
    accepted: bool = False
    validated: bool = False
    refused: bool = False
    extra: int = 0
    held: int = 0  # work meetings
    planned: tuple[int, ...] = NONE  # by kind
    restorable: tuple[int, ...] = NONE  # what the ending cancelled, by kind
    begun: bool = False  # all the planned meetings have
    # What is kept only if a guard says that it looks at it: `states.verification.aspects`.
    records: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    form: tuple[tuple[str, Any], ...] = ()
    met: tuple[str, ...] = ()  # the kinds of meeting of which one was held


class Step(NamedTuple):
    """An event that is possible, and the situation after it; `over` when its work meetings pass the cap."""

    event: str
    to: Situation
    over: bool = False


@define
class Steps:
    """The steps of requests of one kind."""

    declaration: Declaration
    kind: str
    form: dict[str, Any] = field(init=False)
    most: int = field(init=False)  # work meetings, with no cap yet
    people: list[str] = field(init=False)
    kept: Aspects = field(init=False)
    events: dict[str, list[str]] = field(init=False)  # by state
    changing: set[str] = field(init=False)  # events that can change something a situation keeps
    keys: dict[str, dict[str, tuple[Key, bool]]] = field(init=False)  # required or with a default, by event
    moment: Moments = field(init=False)
    facts: dict[str, Any] = field(init=False)
    ghosts: list[Meeting] = field(init=False)
    taken: set[str] = field(init=False, factory=set)  # events possible in some situation
    unkept: set[tuple[str, str, str]] = field(init=False, factory=set)  # event, guard, what it looks at
    faults: dict[str, tuple[Situation, str]] = field(init=False, factory=dict)  # event -> where it fails, and how
    forms: dict[tuple[Any, bool], KeptOnly] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        declaration = self.declaration
        self.form = form_of(declaration, self.kind)
        self.most = max((tier.work.max for tier in declaration.tiers.values()), default=0) + MOST_PLANNED
        self.people = [code for code, role in declaration.roles.items() if role.registered]
        self.kept = aspects(declaration, self.people)
        self.keys = {
            code: {
                name: (key, required)
                for name, (key, required) in declaration.keys_of(event).items()
                if required or key.default is not None
            }
            for code, event in declaration.events.items()
        }
        machine = machine_of(declaration)
        self.events = {
            state: [code for code in machine.get_triggers(state) if not isinstance(self._effect(code), Correct)]
            for state in declaration.states
        }
        self.changing = {code for code in declaration.events if self._changes(code)}
        self.moment = moments(declaration, self.form["place"], self.most * len(KINDS_OF_MEETING) + 1)
        self.facts = {"deadlines": late_deadlines(declaration, self.moment.past[0])}

        left_out = [kind for kind in KINDS_OF_MEETING if kind not in ("work", *self.kept.held)]
        self.ghosts = [ghost(kind, self.moment.past[0], self.form["place"]) for kind in left_out]

    def _changes(self, code: str) -> bool:
        """Whether an event can change anything that a situation keeps."""
        event, effect, kept = self.declaration.events[code], self._effect(code), self.kept
        changes = {"records": code in kept.records, "tasks": bool(kept.tasks), "form": bool(kept.fields)}
        return event.moves or any(changes.get(aspect, True) for aspect in effect.changes)

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
        codes = self.events[here.state]
        if here.begun:
            settling = list(self._possible(here, [code for code in codes if self._effect(code).settles]))
            rest = [code for code in codes if not self._effect(code).settles]
            yield from settling or self._possible(here, rest)
        else:
            if any(here.planned):
                yield Step(TIME_PASSES, here._replace(begun=True))
            yield from self._possible(here, codes)

    def _effect(self, code: str) -> Effect:
        return effect_of(self.declaration.events[code])

    def _possible(self, here: Situation, codes: list[str]) -> Iterator[Step]:
        untouched: dict[str | None, Request] = {}  # requests that were refused, good for the next attempt
        for code in codes:
            event = self.declaration.events[code]
            # What changes nothing that is kept is tried until it is possible somewhere.
            if (code in self.changing or code not in self.taken) and not _beyond(here, event, self.most):
                for inputs, facts in self._given(here, code):
                    request = untouched.pop(event.meeting, None) or self._request(here, event.meeting)
                    step = self._step(here, request, code, inputs, facts)
                    if step is not None:
                        self.taken.add(code)
                    if step is None:
                        untouched[event.meeting] = request
                    elif step.to != here:
                        yield step

    def _given(self, here: Situation, code: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """What an event is tried with: its inputs, and the facts that guards read."""
        event, keys = self.declaration.events[code], self.keys[code]
        for values in product(*(self._values(here, code, name) for name in keys)):
            yield dict(zip(keys, values, strict=True)), self.facts
        if event.form:
            for name, values_of in self.kept.fields.items():
                yield from (({name: value}, self.facts) for value in values_of if value is not None)
        if "cancelled_by_end" in effect_of(event).reads and any(here.restorable):
            ranks = zip(KINDS_OF_MEETING, here.planned, here.restorable, strict=True)
            ended = [f"{kind}-{n}" for kind, left, gone in ranks for n in range(left + 1, left + gone + 1)]
            yield {}, {**self.facts, "cancelled_by_end": ended}

    def _values(self, here: Situation, code: str, name: str) -> list[Any]:
        key, required = self.keys[code][name]
        event = self.declaration.events[code]
        if not required and key.default is not None:
            return [read(key.default, key, Reading(self.declaration))]
        if key.type == "meeting":
            planned = [f"{kind}-1" for kind, n in zip(KINDS_OF_MEETING, here.planned, strict=True) if n]
            held = here.held and not effect_of(event).of_a_meeting
            return [*planned, f"work-{here.planned[WORK] + here.restorable[WORK] + 1}"] if held else planned
        if key.type == "task":
            tasks = list(self.declaration.tiers[here.tier].tasks) if here.tier else []
            return [task for task in tasks if task in self.kept.tasks] or tasks[:1]
        if key.type == "code":
            codes = list(self.declaration.vocabulary(key.codes or ""))
            looked_at = name in effect_of(event).weighs or any(name in guard.needs for guard in guards_of(event))
            return [code for code in codes if code != here.tier] if looked_at else codes[:1]
        plain = {
            "datetime": self.moment.slot,
            "integer": max(1, key.min or 1),
            "bool": True,
            "duration": 60,
            "staff": [],
        }
        return [plain.get(key.type, "1")]

    def _step(
        self, here: Situation, request: Request, code: str, inputs: dict[str, Any], facts: dict[str, Any]
    ) -> Step | None:
        """The step of an event, by whoever may record it, waiving what may be waived; None when it is refused."""
        event, refused = self.declaration.events[code], set[str]()
        if code in self.kept.passing:
            self._watch(request, here, code, self._attempt(request, code, inputs, facts, event.roles[0]))
        self._show(request, here, code)
        try:
            for role in event.roles:
                attempt = self._attempt(request, code, inputs, facts, role)
                try:
                    return self._taken(here, attempt)
                except Refused as refusal:
                    refused = {unmet.rule for unmet in refusal.refusals}
            if event.waives and refused <= set(event.waives):
                for person in self.people:
                    attempt = self._attempt(request, code, inputs, facts, person, frozenset(refused))
                    try:
                        return self._taken(here, attempt)
                    except Refused:
                        continue
        except NotKept as left_out:
            self.unkept.add((code, _culprit(attempt, left_out.aspect), left_out.aspect))
        except FAULTS as fault:
            self.faults.setdefault(code, (here, f"{type(fault).__name__}: {fault}"))
        return None

    def _attempt(
        self,
        request: Request,
        code: str,
        inputs: dict[str, Any],
        facts: dict[str, Any],
        role: str,
        waive: frozenset[str] = frozenset(),
    ) -> Attempt:
        event = self.declaration.events[code]
        # A meeting is held once it has begun: `_meetings` puts those of the event's kind before all others.
        now = self.moment.future[0] if effect_of(event).holds_meeting else self.moment.now
        return Attempt(
            declaration=self.declaration,
            request=request,
            code=code,
            event=event,
            inputs=inputs,
            note="1",
            waive=waive,
            actor=role,
            role=role,
            occurred_at=now,
            now=now,
            facts=facts,
        )

    def _taken(self, here: Situation, attempt: Attempt) -> Step:
        """The step an attempt makes. Raises Refused."""
        decision = decide(attempt)
        self._plain(attempt.request, here)
        entry = entry_of(attempt.code, here.state, decision.to, attempt.now, decision.data)
        after = fold(self.declaration, attempt.request, entry)
        over = after.excess(self.declaration) > 0
        return Step(attempt.code, self._situation(here, after, decision.data.get("cancelled", ())), over)

    def _situation(self, before: Situation, request: Request, ended: Any) -> Situation:
        """What is to be told of a request after a step."""
        planned = _by_kind([meeting.kind for meeting in request.meetings if meeting.status == PLANNED])
        restorable, kept = NONE, self.kept
        if self.declaration.is_final(request.state):
            stays = request.state == before.state
            restorable = before.restorable if stays else _by_kind([id.partition("-")[0] for id in ended])
        return Situation(
            state=request.state,
            came_from=self._came_from(request),
            tier=request.tier,
            accepted=request.accepted,
            validated=bool(request.validated),
            refused=request.refused,
            extra=request.extra,
            held=len(request.of_kind("work", HELD)),
            planned=planned,
            restorable=restorable,
            begun=before.begun and any(planned),
            records=tuple(sorted({r.event for r in request.records if r.event in kept.records})),
            tasks=tuple([task for task in kept.tasks if request.tasks.get(task)]),
            form=tuple([(name, request.form.get(name)) for name in kept.fields]),
            met=tuple([kind for kind in kept.held if request.of_kind(kind, HELD)]),
        )

    def _came_from(self, request: Request) -> tuple[tuple[str, str], ...]:
        """Where one can come back to from here, and again from there. The rest is overwritten before it is read."""
        found: dict[str, str] = {}
        state: str = request.state
        while state in request.before and state not in found:
            found[state] = request.before[state]
            state = found[state]
        return tuple(found.items())

    def _request(self, here: Situation, first: str | None) -> Request:
        """A request in this situation, made up."""
        return Request(
            ref="2026-0001",
            declaration="",
            state=here.state,
            submitted_at=self.moment.past[0],
            form={},
            tier=here.tier,
            accepted=here.accepted,
            refused=here.refused,
            validated=UnkeptText("validated") if here.validated else None,
            extra=here.extra,
            before=dict(here.came_from),
            meetings=self._meetings(here, first),
            numbers=dict.fromkeys(KINDS_OF_MEETING, 2 * self.most),
        )

    def _show(self, request: Request, here: Situation, code: str) -> None:
        """Leaves of a made-up request what the guards of an event may look at; the rest stops whoever looks."""
        kept, eligible = self.kept, code in self.kept.eligible
        form = self.forms.get((here.form, eligible))
        if form is None:
            fields = {"kind", "place", *kept.fields, *(self.form if eligible else ())}
            form = self.forms[here.form, eligible] = KeptOnly(self._filled(here), fields, "form")
        request.form = form
        looks = kept.records or code in kept.passing
        request.records = self._records(here) if looks else _LEFT_OUT["records"]
        request.tasks = KeptOnly(dict.fromkeys(here.tasks, True), kept.tasks, "tasks")
        request.waivers, request.stays = _LEFT_OUT["waivers"], _LEFT_OUT["stays"]
        request.ratified = _LEFT_OUT["ratified"]

    def _watch(self, request: Request, here: Situation, code: str, attempt: Attempt) -> None:
        """Of the guards of an event shown no record because one of them is waived, finds those that look at records."""
        self._show(request, here, code)
        request.records = _LEFT_OUT["records"]
        for guard in guards_of(attempt.event):
            says = any(aspect.startswith("records") for aspect in guard.reads_request)
            if not says and _looks_at(guard, attempt, "records"):
                self.unkept.add((code, guard.name, "records"))

    def _plain(self, request: Request, here: Situation) -> None:
        """The same request, to fold an entry into."""
        request.form, request.records = self._filled(here), self._records(here)
        request.tasks, request.waivers, request.ratified = dict.fromkeys(here.tasks, True), [], False
        request.stays = [Stay(here.state, 1, self.moment.past[0])]
        request.meetings = request.meetings[: len(request.meetings) - len(self.ghosts)]

    def _filled(self, here: Situation) -> dict[str, Any]:
        return {**self.form, **{name: value for name, value in here.form if value is not None}}

    def _records(self, here: Situation) -> list[Record]:
        return [Record(1, code, self.moment.past[0], {}) for code in here.records]

    def _meetings(self, here: Situation, first: str | None) -> list[Meeting]:
        """The meetings of a situation: the planned ones in the order that suits an event about one kind."""
        times = iter(self.moment.past if here.begun else self.moment.future)
        found = []
        for rank in _ORDERS[first]:
            kind = KINDS_OF_MEETING[rank]
            held = here.held if rank == WORK else int(kind in here.met)
            statuses = [PLANNED] * here.planned[rank] + [CANCELLED] * here.restorable[rank] + [HELD] * held
            for n, status in enumerate(statuses, 1):
                at = next(times) if status == PLANNED else self.moment.past[0]
                found.append(Meeting(f"{kind}-{n}", kind, status, at, 60, self.form["place"], [], self.moment.past[0]))
        return found + self.ghosts


def _beyond(here: Situation, event: Event, most: int) -> bool:
    """Whether an event is left out here; `states.verification.exploration` says why that loses nothing."""
    effect = effect_of(event)
    if isinstance(effect, Derogate):
        return here.extra > 0
    if not effect.makes_meeting:
        return False
    kind = event.meeting or "work"
    if kind == "work":
        return here.begun or here.held + here.planned[WORK] >= most
    return here.begun or here.planned[KINDS_OF_MEETING.index(kind)] >= MOST_PLANNED


_LEFT_OUT: dict[str, Any] = {aspect: Unkept(aspect) for aspect in ("records", "waivers", "stays", "ratified")}


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
