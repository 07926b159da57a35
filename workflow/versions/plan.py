"""What each running request would become under the declaration in force: the plan of a migration. Nothing is written.

A request follows if all that its history names is still declared, or mapped. What is planned is worked out by folding
the very entry that would be written, so that the plan and the migration cannot say otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from states.deadlines import OPEN, PAUSED, Deadline, deadlines
from states.declaration.model import Declaration
from states.declaration.types import offset_time
from states.errors import FieldError, Invalid, did_you_mean
from states.language import _
from states.lifecycle.migrating import MIGRATED, Mapped, migrated
from states.planning.meeting import Slot
from states.planning.slots import problems
from states.requests.entry import Entry, effective
from states.requests.request import Request
from workflow.history.facts import Facts
from workflow.outbox.letters import letters_of
from workflow.outbox.queue import SENT
from workflow.store import schema
from workflow.versions.undeclared import Naming
from workflow.views.reader import Reader

FOLLOWS, CHOICE, CANNOT = "follows", "choice", "cannot"


@frozen
class Terms:
    """How requests are to be moved: what each state that is gone becomes, and what is decided for all of them."""

    states: Mapping[str, str]
    recount: bool = False  # running deadlines are counted again by the new rule, instead of keeping theirs
    over_cap: bool = False  # those over the new cap follow too

    @property
    def mapped(self) -> Mapped:
        return Mapped(self.states, self.recount)


class Dated(NamedTuple):
    """A deadline before and after; None where there is none."""

    kind: str
    key: str
    before: str | None
    after: str | None
    waits: bool
    overdue: bool


@frozen
class Row:
    """What becomes of one request."""

    ref: str
    versions: tuple[str, str]
    states: tuple[str, str]
    cap: tuple[int | None, int | None]
    used: int
    verdict: str
    reasons: tuple[str, ...] = ()
    deadlines: tuple[Dated, ...] = ()
    tasks: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())  # those that appear, those that vanish
    meetings: tuple[tuple[str, tuple[str, ...]], ...] = ()  # planned, with the rules that their slots no longer meet
    letters: tuple[str, ...] = ()  # those sent whose text is another, or that are no more

    def otherwise(self, other: Row) -> list[str]:
        """What another look at the same request says otherwise."""
        known = {
            "states": _("its state"),
            "deadlines": _("its deadlines"),
            "cap": _("its cap"),
            "used": _("its work meetings"),
            "tasks": _("its tasks"),
            "meetings": _("its planned meetings"),
            "letters": _("its letters"),
            "verdict": _("whether it can follow"),
        }
        return [words for name, words in known.items() if getattr(self, name) != getattr(other, name)]

    def document(self, zone: ZoneInfo) -> dict[str, Any]:
        return {
            "ref": self.ref,
            "from": {"version": self.versions[0], "state": self.states[0]},
            "to": {"version": self.versions[1], "state": self.states[1]},
            "deadlines": [
                {
                    "kind": one.kind,
                    "key": one.key,
                    "from": offset_time(one.before, zone),
                    "to": offset_time(one.after, zone),
                    "waits": one.waits,
                    "overdue": one.overdue,
                }
                for one in self.deadlines
            ],
            "work": {"used": self.used, "cap_from": self.cap[0], "cap_to": self.cap[1]},
            "tasks": {"more": list(self.tasks[0]), "fewer": list(self.tasks[1])},
            "meetings": [{"id": id, "rules": list(rules)} for id, rules in self.meetings],
            "letters": list(self.letters),
            "verdict": self.verdict,
            "reasons": list(self.reasons),
        }


def check_terms(reader: Reader, states: Mapping[str, str]) -> None:
    """Invalid, before anything is looked at, unless every active state of every version obeyed has its place."""
    after, errors = reader.declaration, []
    active = [code for code, state in after.states.items() if not state.final]
    for old, new in states.items():
        if old in after.states:
            errors.append(FieldError("map", _("“{code}” is still a state: it is not mapped", code=old)))
        if new not in active:
            close = did_you_mean(new, active)
            errors.append(
                FieldError("map", _("“{code}” is no active state of the declaration in force.", code=new) + close)
            )
    for version in reader.versions.values():
        for code, state in version.states.items():
            if not state.final and code not in after.states and code not in states:
                what = _(
                    "“{label}” is a state no more: say what it becomes, --map {code}=…", label=state.text, code=code
                )
                errors.append(FieldError("map", what))
    if errors:
        raise Invalid(list(dict.fromkeys(errors)), _("Not every active state has its place; nothing was planned."))


def planned(reader: Reader, terms: Terms) -> list[Row]:
    """The plan: what becomes of every running request that obeys another version than the one in force."""
    check_terms(reader, terms.states)
    return [row_of(reader, request, terms) for request in running(reader)]


def running(reader: Reader) -> Iterator[Request]:
    """The requests and activities that are not over and obey another version, in the order of their references."""
    for table in (schema.requests, schema.activities):
        older = table.select().where(table.c.declaration != reader.declaration.digest).order_by(table.c.ref)
        for request in reader.readable(reader.connection.execute(older)):
            if not reader.declaration_of(request.declaration).of(request.ref).is_final(request.state):
                yield request


def row_of(facts: Facts, request: Request, terms: Terms) -> Row:
    """What becomes of a request under the declaration in force."""
    ref, mapped = request.ref, terms.mapped
    before, after = facts.declaration_of(request.declaration).of(ref), facts.declaration.of(ref)
    row = Row(
        ref=ref,
        versions=(before.lab.version, after.lab.version),
        states=(request.state, mapped.state(request.state)),
        cap=(request.cap(before), None),
        used=request.counted(),
        verdict=CANNOT,
        reasons=tuple(_lost(after, facts.entries_of(ref), mapped, before)),
    )
    if row.reasons:
        return row
    then = migrated(after, request.copy(), draft(request, after, mapped, facts.now))
    over = then.excess(after) > request.excess(before)
    return evolve(
        row,
        deadlines=tuple(_dated(facts, (before, request), (after, then), mapped)),
        cap=(request.cap(before), then.cap(after)),
        tasks=_tasks(before, after, request.tier),
        meetings=tuple(_slots(facts, before, after, request)),
        letters=tuple(_letters(facts, before, after, request)),
        verdict=CHOICE if over and not terms.over_cap else FOLLOWS,
        reasons=(_over(then, after),) if over else (),
    )


def draft(request: Request, after: Declaration, mapped: Mapped, now: str) -> Entry:
    """The entry that moves a request, as it is folded: not sealed yet, and nobody's."""
    return Entry(
        stream=request.ref,
        seq=request.seq + 1,
        event=MIGRATED,
        source=request.state,
        to=mapped.state(request.state),
        actor="",
        role="",
        entered_by="",
        on_behalf=False,
        occurred_at=max(now, request.last_at),
        recorded_at=now,
        data=mapped.data(request.declaration, after.lab.version),
        note_digest=None,
        declaration=after.digest,
        previous=request.head,
    )


def _lost(after: Declaration, entries: Sequence[Entry], mapped: Mapped, before: Declaration) -> Iterator[str]:
    """What keeps a request on its version: what its history names and the other declaration does not know."""
    naming, seen = Naming(after), dict[tuple[str, str], None]()
    for entry in effective(entries):
        placed = entry._replace(source=entry.source and mapped.state(entry.source), to=mapped.state(entry.to))
        seen |= dict.fromkeys(naming.undeclared(placed))
        event, other = before.events.get(entry.event), after.events.get(entry.event)
        if event and other and event.effect != other.effect:
            seen["events", entry.event] = None
    for vocabulary, code in seen:
        yield _(
            "Its history names “{label}” ({code}), which is declared no more: it stays on version {version}.",
            label=before.label(vocabulary, code),
            code=code,
            version=before.lab.version,
        )


def _over(request: Request, after: Declaration) -> str:
    return _(
        "{used} work meetings are planned or held, for a cap of {cap}: cancel some (coop meeting cancel {ref}/… "
        "--note …), change the tier (coop tier change {ref} …), or take it as it is (--over-cap).",
        used=request.counted(),
        cap=request.cap(after),
        ref=request.ref,
    )


def _dated(
    facts: Facts, before: tuple[Declaration, Request], after: tuple[Declaration, Request], mapped: Mapped
) -> Iterator[Dated]:
    """Its deadlines: those that wait, and those settled that would be otherwise."""
    old, new = (
        {_key(one, mapped): one for one in deadlines(declaration, request, facts.calendar(declaration), facts.now)}
        for declaration, request in (before, after)
    )
    for key in dict.fromkeys((*old, *new)):
        one, other = old.get(key), new.get(key)
        was, would = one.due_at if one else None, other.due_at if other else None
        waits = any(each is not None and each.status in (OPEN, PAUSED) for each in (one, other))
        if waits or was != would:
            yield Dated(key.partition("/")[0], key, was, would, waits, bool(other and other.is_late(facts.now)))


def _key(one: Deadline, mapped: Mapped) -> str:
    """Its key, by the name that its state then has."""
    kind, _slash, rest = one.key.partition("/")
    return f"{mapped.state(kind)}/{rest}"


def _tasks(before: Declaration, after: Declaration, tier: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if tier is None:
        return (), ()
    old, new = before.tiers[tier].tasks, after.tiers[tier].tasks
    return tuple(id for id in new if id not in old), tuple(id for id in old if id not in new)


def _slots(
    facts: Facts, before: Declaration, after: Declaration, request: Request
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The planned meetings to come whose slot would be refused by the other declaration alone."""
    days_off = facts.reference.days_off
    for meeting in request.planned():
        if meeting.at > facts.now:
            slot = Slot.of(meeting)
            old, new = ({refusal.rule for refusal in problems(d, slot, days_off)} for d in (before, after))
            if rules := new - old:
                yield meeting.id, tuple(sorted(rules))


def _letters(facts: Facts, before: Declaration, after: Declaration, request: Request) -> Iterator[str]:
    """The letters that the requester had and that would now be written otherwise, or not at all."""
    had = dict.fromkeys(one.payload["letter"] for one in letters_of(facts.tx, request.ref) if one.status == SENT)
    for code in had:
        old, new = before.letters.get(code), after.letters.get(code)
        if old is not None and (new is None or new.off or new.content != old.content):
            yield code
