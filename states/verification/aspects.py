"""What situations keep of a request because some declared guard says it looks at it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from states.declaration.model import Declaration
from states.declaration.tables import KINDS_OF_MEETING, Event, Field
from states.lifecycle.effects import Keep, effect_of
from states.lifecycle.guards import GUARDS
from states.lifecycle.guards.registry import Guard

RECORDS, ELIGIBILITY = "records", "eligibility"
KEEPABLE = (RECORDS, "tasks", "form", "held")  # all of them are written with what is looked at: "form.participants"


@frozen
class Aspects:
    """What is kept beyond what every situation keeps."""

    records: frozenset[str]  # the events whose records are
    tasks: tuple[str, ...]
    fields: Mapping[str, tuple[Any, ...]]  # the values tried of each field of the form
    held: tuple[str, ...]  # kinds of meeting of which it is kept that one was held
    passing: frozenset[str]  # the events that whoever records them may record without looking at the records
    eligible: frozenset[str]  # the events that look at what the rules of eligibility do

    @property
    def more(self) -> bool:
        """Whether there is any."""
        return bool(self.records or self.tasks or self.fields or self.held)


def aspects(declaration: Declaration, people: Iterable[str]) -> Aspects:
    """What the guards of a declaration's events look at."""
    people, read = list(people), set[str]()
    passing, eligible = set(), set()
    for code, event in declaration.events.items():
        for guard in guards_of(event):
            if RECORDS in {aspect.partition(".")[0] for aspect in guard.reads_request} and _passes(
                declaration, people, event, guard
            ):
                passing.add(code)
            else:
                read |= set(guard.reads_request)
            if ELIGIBILITY in guard.reads_request:
                eligible.add(code)
    named = {table: {a.partition(".")[2] for a in read if a.startswith(f"{table}.")} for table in KEEPABLE}
    return Aspects(
        records=frozenset(_recording(declaration, named[RECORDS], every=RECORDS in read)),
        tasks=tuple(sorted(named["tasks"])),
        fields={
            name: tuple(_values(declaration, field))
            for name, field in declaration.form.items()
            if name in named["form"]
        },
        held=tuple(kind for kind in KINDS_OF_MEETING if kind in named["held"]),
        passing=frozenset(passing),
        eligible=frozenset(eligible),
    )


def guards_of(event: Event) -> list[Guard]:
    """The guards of an event and of its ways."""
    return [GUARDS[name] for name in dict.fromkeys((*event.guards, *(n for t in event.transitions for n in t.when)))]


def _passes(declaration: Declaration, people: list[str], event: Event, guard: Guard) -> bool:
    """Whether someone who may record the event may also waive all that the guard refuses."""
    rules = list(guard.waivable(declaration))
    held = [declaration.roles_of(person) for person in people]
    return bool(rules) and any(
        roles & set(event.roles) and all(roles & set(event.waives.get(rule, ())) for rule in rules) for roles in held
    )


def _recording(declaration: Declaration, kinds: set[str], *, every: bool) -> Iterator[str]:
    for code, event in declaration.events.items():
        if isinstance(effect_of(event), Keep) and (every or event.records in kinds):
            yield code


def _values(declaration: Declaration, field: Field) -> Iterator[Any]:
    """The values of a field that are tried: all those of a table, and the bounds of a number."""
    if not field.required:
        yield None
    if field.type == "code":
        yield from declaration.vocabulary(field.codes or "")
    elif field.type == "bool":
        yield from (False, True)
    elif field.type in ("integer", "percent", "decimal"):
        yield from {field.min or 0, 100 if field.max is None else field.max}
    else:
        yield "1"
