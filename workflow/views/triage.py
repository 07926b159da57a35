"""The forms just received, each with what a decision needs: the charter rule by rule, the tier, the next slots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from attrs import frozen

from states.declaration.model import Declaration
from states.declaration.types import instant, offset_time
from states.declaration.vocabulary import ACCEPT, HOST
from states.forms.recommendation import Advice, recommend
from states.lifecycle.decision import Option
from states.lifecycle.effects import Correct, event_with
from states.requests.request import Request
from workflow.engine import Command, Engine
from workflow.resubmission import Lookalikes
from workflow.views.list import Filters
from workflow.views.reader import Reader


@frozen
class Rule:
    """A rule of the charter, as a form meets it or not; `waivable` by whoever looks at it."""

    code: str
    text: str
    met: bool
    refusal: str
    waivable: bool


@frozen
class Card:
    """A form to decide on. `slots` are instants, `duration` in minutes: the interview, or an autonomous session."""

    request: Request
    declaration: Declaration
    form: Mapping[str, Any]
    due_at: str | None
    rules: tuple[Rule, ...]
    advice: Advice
    slots: tuple[str, ...]
    duration: int
    answers: Mapping[str, str]  # how a form may be answered, one of ANSWERS -> the event that does
    possible: frozenset[str]  # the events that may be recorded now
    waivers: tuple[tuple[str, str], ...]  # who may waive all that is not met: id and name
    alike: tuple[str, ...]  # other requests with the same title and address, not long before or after

    @property
    def unmet(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if not rule.met)

    def offers(self, answer: str) -> bool:
        """Whether it may be answered so now, waivers by whoever looks at it included."""
        return self.answers.get(answer) in self.possible

    @property
    def hostable(self) -> bool:
        return self.offers(ACCEPT) and not self.request.accompanied and HOST in self.answers

    @property
    def texts(self) -> list[str]:
        """The fields in which the requester tells, in the order of the form."""
        return [name for name, field in self.declaration.form.items() if field.type == "text" and name in self.form]

    def accepting(self, actor: str, note: str | None = None, *, host: bool = False) -> list[Command]:
        """Accepts it, waiving what is not met; `host` also accepts the autonomous session."""
        ref, waive = self.request.ref, tuple(rule.code for rule in self.unmet)
        first = Command(ref, self.answers[ACCEPT], actor, note=note, waive=waive, expect_seq=self.request.seq)
        return [first, Command(ref, self.answers[HOST], actor)] if host else [first]

    def deciding(self, answer: str, actor: str, given: Mapping[str, Any], note: str | None) -> list[Command]:
        """Asks or declines."""
        return [Command(self.request.ref, self.answers[answer], actor, given, note, expect_seq=self.request.seq)]

    def taking_back(self, ref: str, actor: str, note: str, entries: int) -> list[Command]:
        """Undoes the last entries of a form that has been decided on."""
        event = event_with(self.declaration, Correct) or ""
        return [Command(ref, event, actor, note=note) for _entry in range(entries)]

    def document(self) -> dict[str, Any]:
        """The card as JSON values."""
        zone = self.declaration.lab.tz
        return {
            "ref": self.request.ref,
            **{name: self.form.get(name) for name in ("title", "kind", "axis", "service", "department", "place")},
            **{name: self.form.get(name) for name in (*self.texts, "wanted_from", "wanted_to")},
            "submitted_at": offset_time(self.request.submitted_at, zone),
            "due_at": offset_time(self.due_at, zone),
            "rules": [
                {"rule": r.code, "met": r.met, "message": r.text if r.met else r.refusal, "waivable": r.waivable}
                for r in self.rules
            ],
            "recommended_tier": self.advice.tier,
            "recommendation_reason": self.advice.reason,
            "alike": list(self.alike),
            "slots": [offset_time(slot, zone) for slot in self.slots],
        }


def received(reader: Reader) -> list[str]:
    """The references of the forms nobody has decided on, the oldest first."""
    states = {version.initial for version in reader.versions.values()}
    rows = reader.requests(Filters(state=tuple(states), sort="submitted_at"))
    return [row["ref"] for row in rows]


def card(reader: Reader, engine: Engine, ref: str, actor: str) -> Card | None:
    """A form to decide on; None when someone has decided meanwhile."""
    request, options = engine.options(ref, actor)
    declaration = reader.declaration_of(request.declaration)
    if request.state != declaration.initial:
        return None
    offered = {option.event: option for option in options}
    answers = {event.triage: code for code, event in declaration.events.items() if event.triage}
    accept = answers.get(ACCEPT, "")
    possible = {code for code in answers.values() if code in offered and offered[code].allowed}
    rules: tuple[Rule, ...] = ()
    if accept:
        rules = _rules(declaration, accept, offered[accept], _role(reader, actor))
        waivable = {rule.code for rule in rules if rule.waivable}
        if {refusal.rule for refusal in offered[accept].refusals} <= waivable:
            possible.add(accept)
    form = reader.texts(ref).filled(request.form, 1)
    with engine.store.looking() as tx:
        alike = Lookalikes(tx).of(form, request.submitted_at, ref)
    slots, duration = _slots(reader, declaration, request, actor)
    due = [d.due_at for d in reader.deadlines(request) if d.status == "open"]
    return Card(
        request=request,
        declaration=declaration,
        form=form,
        due_at=min(due, default=None),
        rules=rules,
        advice=recommend(declaration, request.form),
        slots=slots,
        duration=duration,
        answers=answers,
        possible=frozenset(possible),
        waivers=_waivers(reader, declaration, accept, [rule.code for rule in rules if not rule.met]),
        alike=tuple(alike),
    )


def _role(reader: Reader, actor: str) -> str:
    return next((person["role"] for person in reader.staff() if person["id"] == actor), "")


def _rules(declaration: Declaration, accept: str, offered: Option, role: str) -> tuple[Rule, ...]:
    said = {refusal.rule: refusal.message for refusal in offered.refusals}
    waives, held = declaration.events[accept].waives, declaration.roles_of(role)
    return tuple(
        Rule(code, rule.text, code not in said, said.get(code, ""), bool(held & set(waives.get(code, ()))))
        for code, rule in declaration.eligibility.items()
    )


def _waivers(
    reader: Reader, declaration: Declaration, accept: str, unmet: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Who of the staff may waive all those rules."""
    if not unmet:
        return ()
    waives = declaration.events[accept].waives
    return tuple(
        (person["id"], person["name"] or person["id"])
        for person in reader.staff()
        if person["active"] and all(declaration.roles_of(person["role"]) & set(waives.get(rule, ())) for rule in unmet)
    )


def _slots(reader: Reader, declaration: Declaration, request: Request, actor: str) -> tuple[tuple[str, ...], int]:
    """The next slots where the requester wishes: of the interview, or of an autonomous session once wanted."""
    lengths, place = declaration.durations, request.form["place"]
    duration = lengths.interview if request.accompanied else lengths.session
    after, wanted = reader.now, request.form.get("wanted_from")
    if wanted and not request.accompanied:
        after = max(after, instant(datetime.combine(date.fromisoformat(wanted), time(0), declaration.lab.tz)))
    return tuple(reader.next_slots(place, duration, [actor], after=after)), duration
