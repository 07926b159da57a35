"""The situations a request can be in, as far as the rules can tell, and the steps from one to the next.

A step is taken by the code that runs: `states.lifecycle.decision.decide` on a request made up for the situation, then
`states.requests.request.fold`. `states.verification.exploration` says what is left out of a situation, and why nothing
is lost by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from attrs import define, evolve, field, frozen

from states.declaration.model import KINDS_OF_MEETING, WEEKDAYS, Declaration, Event, Key
from states.declaration.types import instant
from states.errors import Refused
from states.lifecycle.attempt import Attempt
from states.lifecycle.decision import decide
from states.lifecycle.replay import fold
from states.requests.entry import Entry
from states.requests.request import CANCELLED, HELD, PLANNED, Meeting, Record, Request, Stay
from states.verification.structure import HELD_BY_NOBODY

TIME_PASSES = "time_passes"  # a step that is no event: the planned meetings have begun
RECORDING = ("comment", "task", "explain", "amend", "move_meeting", "assign_staff")  # effects that only record
SETTLING = ("hold", "cancel_meeting")  # effects that tell what became of a meeting
DELIVERABLE = "record_deliverable"
CHOSEN = ("tier", "basis", "decision")  # keys of which every code is tried; of others, the first
MOST_PLANNED = 2  # meetings of one kind, other than work, planned at once
WORK = KINDS_OF_MEETING.index("work")
NONE = (0,) * len(KINDS_OF_MEETING)
_ORDERS: dict[str | None, list[int]] = {  # of the kinds, when an event is about one
    first: sorted(range(len(KINDS_OF_MEETING)), key=lambda rank: KINDS_OF_MEETING[rank] != first)
    for first in (None, *KINDS_OF_MEETING)
}


@frozen(cache_hash=True)
class Situation:
    """All that the rules can tell of a request: two requests in one situation have the same future."""

    state: str
    came_from: tuple[tuple[str, str], ...] = ()  # what `Request.before` is still asked for
    tier: str | None = None
    accepted: bool = False
    validated: bool = False
    extra: int = 0
    held: int = 0  # work meetings
    planned: tuple[int, ...] = NONE  # by kind
    restorable: tuple[int, ...] = NONE  # what the ending cancelled, by kind
    delivered: bool = False
    begun: bool = False  # all the planned meetings have


@frozen
class Step:
    """An event that is possible, and the situation after it; `over` when its work meetings pass the cap."""

    event: str
    to: Situation
    over: bool = False


@frozen
class _Moment:
    """When an attempt takes place, and when what is planned or could be planned takes place."""

    now: str
    past: tuple[str, ...]
    future: tuple[str, ...]
    slot: str


@define
class Steps:
    """The steps of requests of one kind."""

    declaration: Declaration
    kind: str
    form: dict[str, Any] = field(init=False)
    most: int = field(init=False)  # work meetings, with no cap yet
    people: list[str] = field(init=False)
    events: dict[str, list[str]] = field(init=False)  # worth trying, by state
    keys: dict[str, dict[str, Key]] = field(init=False)  # required, by event
    moment: _Moment = field(init=False)

    def __attrs_post_init__(self) -> None:
        declaration = self.declaration
        self.form = _form(declaration, self.kind)
        self.most = max((tier.work.max for tier in declaration.tiers.values()), default=0) + MOST_PLANNED
        self.people = [role for role in declaration.roles if role not in HELD_BY_NOBODY]
        self.keys = {
            code: {name: key for name, (key, required) in declaration.keys_of(event).items() if required}
            for code, event in declaration.events.items()
        }
        self.events = {state: [] for state in declaration.states}
        for code, edges in declaration.edges.items():
            if self._worth_trying(code):
                for state in dict.fromkeys(edge.source for edge in edges):
                    self.events[state].append(code)
        self.moment = _moment(declaration, self.form["place"], self.most * len(KINDS_OF_MEETING) + 1)

    def _worth_trying(self, code: str) -> bool:
        """Whether an event can change anything that a situation keeps."""
        event = self.declaration.events[code]
        if event.effect == "record":
            return code == DELIVERABLE and any(map(self._owes, self.declaration.events.values()))
        return event.effect != "correct" and (event.moves or event.effect not in RECORDING)

    def _owes(self, event: Event) -> bool:
        """Whether a deliverable is needed here that nobody could waive."""
        waivers = set(event.waives.get("deliverable", ()))
        return "deliverable_recorded" in event.guards and not any(
            held & set(event.roles) and held & waivers for held in map(self.declaration.roles_of, self.people)
        )

    def first(self) -> Step:
        """The creation of a request."""
        code = self.declaration.creation
        entry = _entry(code, None, self.declaration.initial, self.moment.now, self.form)
        return Step(code, Situation(fold(self.declaration, None, entry).state))

    def onward(self, here: Situation) -> Iterator[Step]:
        """The steps that are possible from a situation; where meetings have begun, those that settle one, if any."""
        codes = self.events[here.state]
        if here.begun:
            settling = list(self._possible(here, [code for code in codes if self._effect(code) in SETTLING]))
            rest = [code for code in codes if self._effect(code) not in SETTLING]
            yield from settling or self._possible(here, rest)
        else:
            if any(here.planned):
                yield Step(TIME_PASSES, evolve(here, begun=True))
            yield from self._possible(here, codes)

    def _effect(self, code: str) -> str:
        return self.declaration.events[code].effect

    def _possible(self, here: Situation, codes: list[str]) -> Iterator[Step]:
        untouched: dict[str | None, Request] = {}  # requests that were refused, good for the next attempt
        for code in codes:
            event = self.declaration.events[code]
            if not _beyond(here, event, self.most):
                for inputs, facts in self._given(here, code):
                    request = untouched.pop(event.meeting, None) or self._request(here, event.meeting)
                    step = self._step(here, request, code, inputs, facts)
                    if step is None:
                        untouched[event.meeting] = request
                    elif step.to != here:
                        yield step

    def _given(self, here: Situation, code: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """What an event is tried with: its inputs, and the facts that guards read."""
        event, keys = self.declaration.events[code], self.keys[code]
        for values in product(*(self._values(here, name, key) for name, key in keys.items())):
            yield dict(zip(keys, values, strict=True)), {}
        if event.effect == "reopen" and any(here.restorable):
            ended = [meeting.id for meeting in self._meetings(here, None) if meeting.status == CANCELLED]
            yield {}, {"cancelled_by_end": ended}

    def _values(self, here: Situation, name: str, key: Key) -> list[Any]:
        if key.type == "meeting":
            return [f"{kind}-1" for kind, n in zip(KINDS_OF_MEETING, here.planned, strict=True) if n]
        if key.type == "code":
            codes = list(self.declaration.vocabulary(key.codes or ""))
            return [code for code in codes if code != here.tier] if name in CHOSEN else codes[:1]
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
        now = self.moment.future[0] if event.effect == "hold" else self.moment.now
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
        entry = _entry(attempt.code, here.state, decision.to, attempt.now, decision.data)
        after = fold(self.declaration, attempt.request, entry)
        cap = after.cap(self.declaration)
        over = cap is not None and after.counted() > cap
        return Step(attempt.code, self._situation(here, after, decision.data.get("cancelled", ())), over)

    def _situation(self, before: Situation, request: Request, ended: Any) -> Situation:
        """What is to be told of a request after a step."""
        planned = _by_kind(meeting.kind for meeting in request.meetings if meeting.status == PLANNED)
        restorable = NONE
        if self.declaration.is_final(request.state):
            stays = request.state == before.state
            restorable = before.restorable if stays else _by_kind(id.partition("-")[0] for id in ended)
        return Situation(
            state=request.state,
            came_from=self._came_from(request),
            tier=request.tier,
            accepted=request.accepted,
            validated=bool(request.validated),
            extra=request.extra,
            held=len(request.of_kind("work", HELD)),
            planned=planned,
            restorable=restorable,
            delivered=any(record.event == DELIVERABLE for record in request.records),
            begun=before.begun and any(planned),
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
            form=dict(self.form),
            tier=here.tier,
            accepted=here.accepted,
            validated="delegation" if here.validated else None,
            extra=here.extra,
            before=dict(here.came_from),
            meetings=self._meetings(here, first),
            numbers=dict.fromkeys(KINDS_OF_MEETING, 2 * self.most),
            records=[Record(1, DELIVERABLE, self.moment.past[0], {})] if here.delivered else [],
            stays=[Stay(here.state, 1, self.moment.past[0])],
        )

    def _meetings(self, here: Situation, first: str | None) -> list[Meeting]:
        """The meetings of a situation: the planned ones in the order that suits an event about one kind."""
        times = iter(self.moment.past if here.begun else self.moment.future)
        found = []
        for rank in _ORDERS[first]:
            kind = KINDS_OF_MEETING[rank]
            held = here.held if rank == WORK else 0
            statuses = [PLANNED] * here.planned[rank] + [CANCELLED] * here.restorable[rank] + [HELD] * held
            for n, status in enumerate(statuses, 1):
                at = next(times) if status == PLANNED else self.moment.past[0]
                found.append(Meeting(f"{kind}-{n}", kind, status, at, 60, self.form["place"], [], self.moment.past[0]))
        return found


def _beyond(here: Situation, event: Event, most: int) -> bool:
    """Whether an event is left out here; `states.verification.exploration` says why that loses nothing."""
    if event.effect == "derogate":
        return here.extra > 0
    if event.effect != "plan":
        return False
    kind = event.meeting or "work"
    if kind == "work":
        return here.begun or here.held + here.planned[WORK] >= most
    return here.begun or here.planned[KINDS_OF_MEETING.index(kind)] >= MOST_PLANNED


def _by_kind(kinds: Iterator[str]) -> tuple[int, ...]:
    counts = Counter(kinds)
    return tuple(counts[kind] for kind in KINDS_OF_MEETING)


def _entry(code: str, source: str | None, to: str, at: str, data: Mapping[str, Any]) -> Entry:
    return Entry(
        stream="2026-0001",
        seq=1 if source is None else 2,
        event=code,
        source=source,
        to=to,
        actor="",
        role="",
        entered_by="",
        on_behalf=False,
        occurred_at=at,
        recorded_at=at,
        data=data,
        note_digest=None,
        declaration="",
        previous="",
    )


def _form(declaration: Declaration, kind: str) -> dict[str, Any]:
    """A form that meets the rules of eligibility, at the easiest place."""
    places = sorted(declaration.places, key=lambda code: not declaration.places[code].anywhere)
    form: dict[str, Any] = {"place": next(iter(places), "")}
    for rule in declaration.eligibility.values():
        if rule.families:
            value, families = max(rule.families.items(), key=lambda row: len(row[1]))
            form.update({rule.field: value, "family": next(iter(families), "")})
        else:
            form[rule.field] = rule.equals if rule.at_least is None else rule.at_least
    return {**form, "kind": kind}


def _moment(declaration: Declaration, place: str, n: int) -> _Moment:
    """Times that suit: meetings a day apart, at the opening, on days the place is open."""
    lab, open_days = declaration.lab, declaration.places[place].open_days
    day = datetime.combine(datetime(2026, 1, 5), lab.opens, lab.tz)
    slot = next((d for d in (day + timedelta(days=k) for k in range(1, 8)) if WEEKDAYS[d.weekday()] in open_days), day)
    return _Moment(
        now=instant(day),
        past=tuple(instant(day - timedelta(days=n - k)) for k in range(n)),
        future=tuple(instant(day + timedelta(days=1 + k)) for k in range(n)),
        slot=instant(slot),
    )
