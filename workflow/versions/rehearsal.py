"""A declaration rehearsed: the history gone through again under it, to see what it would have changed. Nothing is kept.

What happened is folded as it happened; each entry is judged by itself, on the request that it came upon. So what a
refusal would have led to is not made up, and one refused does not refuse all that followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from attrs import Factory, define, frozen

from states.deadlines import Lived, lived
from states.declaration.model import Declaration
from states.declaration.sentences import noun
from states.declaration.types import offset_time
from states.errors import Refusal, Refused
from states.language import _
from states.lifecycle.attempt import Attempt
from states.lifecycle.decision import decide
from states.lifecycle.replay import replay
from states.planning.meeting import Slot
from states.planning.slots import Surroundings
from states.references import LAB, is_activity
from states.requests.entry import Entry
from states.requests.request import Request
from workflow.guard_inputs import fetch
from workflow.history.entries import ORIGIN, from_values
from workflow.history.facts import Facts
from workflow.integrity.histories import histories
from workflow.integrity.report import Advance
from workflow.store import statements as q
from workflow.versions.comparison import Comparison

NOTED = "…"  # in the place of a note: that there was one is all that a rule asks


class Refusing(NamedTuple):
    """An entry that would have been refused, and why."""

    entry: Entry
    refusals: tuple[Refusal, ...]
    ends: bool  # the declaration does not know it: its request was not gone through any further


class Moved(NamedTuple):
    """A deadline that would have fallen at another moment; None where there was, or would have been, none."""

    ref: str
    key: str
    kind: str
    before: str | None
    after: str | None


class Breach(NamedTuple):
    """A request with more work meetings planned and held than the cap would be."""

    ref: str
    cap: int
    used: int


@define
class Rehearsal:
    """What another declaration would have changed."""

    requests: int = 0
    refused: list[Refusing] = Factory(list)
    moved: list[Moved] = Factory(list)
    breaches: list[Breach] = Factory(list)
    more: int = 0  # alerts of deadlines that there would have been
    fewer: int = 0  # those that there would not

    @property
    def same(self) -> bool:
        """Whether it would have changed nothing."""
        return not (self.refused or self.moved or self.breaches or self.more or self.fewer)

    def document(self, declaration: Declaration) -> dict[str, Any]:
        """The document of contract.md."""
        zone = declaration.lab.tz

        def told(at: str | None) -> str | None:
            return offset_time(at, zone) if at else None

        return {
            "requests": self.requests,
            "refused": [
                {
                    "ref": entry.stream,
                    "seq": entry.seq,
                    "event": entry.event,
                    "occurred_at": told(entry.occurred_at),
                    "rules": [refusal.rule for refusal in refusals],
                    "messages": [refusal.message for refusal in refusals],
                    "ends": ends,
                }
                for entry, refusals, ends in self.refused
            ],
            "deadlines_moved": [
                {"ref": one.ref, "key": one.key, "kind": one.kind, "from": told(one.before), "to": told(one.after)}
                for one in self.moved
            ],
            "caps_breached": [one._asdict() for one in self.breaches],
            "alerts": {"more": self.more, "fewer": self.fewer},
        }


class Past(Facts):
    """What an entry is judged by when its history is gone through again.

    The lab's days are those of now. Who was free, and which places were, was settled then: no declaration changes it.
    """

    entries: Sequence[Entry] = ()  # those that were there

    def entries_of(self, stream: str) -> list[Entry]:
        return list(self.entries)

    def around(self, slot: Slot) -> Surroundings:
        return self.reference.days_off


class _Lost(Exception):
    """The declaration does not know what an entry is: its request cannot be gone through any further."""


@frozen
class _Story:
    """The history of a request, to be judged by declarations."""

    past: Past
    entries: Sequence[Entry]

    def refusals(self, declaration: Declaration, request: Request | None, entry: Entry) -> tuple[Refusal, ...]:
        """What refuses an entry on the request that it came upon."""
        self.past.entries = self.entries[: entry.seq - 1]
        attempt = _attempt(declaration, request, entry)
        fetch(self.past, attempt)
        try:
            decide(attempt)
        except Refused as refused:
            return refused.refusals
        return ()

    def before(self, seq: int) -> Request | None:
        """The request that an entry came upon, under the version that it was written with."""
        upon: list[Request | None] = []

        def look(request: Request | None, entry: Entry) -> None:
            if entry.seq == seq:
                upon.append(request.copy() if request else None)

        versions = self.past.versions_of(self.entries[0].stream)
        replay(versions(self.entries[0].declaration), self.entries, versions, look)
        return upon[0]


LEADING = ("states", "events", "tiers", "places")  # what is declared that every rule needs: nothing goes on without it


def _unknown(vocabulary: str, code: str) -> Refusal:
    return Refusal(
        "undeclared",
        _("{noun} “{code}” is declared no more.", noun=noun(vocabulary), code=code),
        _("Keep it as long as something bears it: coop lifecycle check FILE"),
    )


def _attempt(declaration: Declaration, request: Request | None, entry: Entry) -> Attempt:
    """The attempt that an entry was."""
    event = declaration.events[entry.event]
    taken = declaration.specs_of(event)
    return Attempt(
        declaration=declaration,
        request=request or Request("", declaration.digest, "", "", {}, head=ORIGIN),
        code=entry.event,
        event=event,
        inputs={name: value for name, value in entry.data.items() if name in taken},
        note=NOTED if entry.note_digest else None,
        waive=frozenset(entry.data.get("waived", ())),
        actor=entry.actor,
        role=entry.role,
        occurred_at=entry.occurred_at,
        now=entry.recorded_at,
    )


_NONE = Lived("", "", "", ())


@frozen
class _Rehearsing:
    """A declaration tried on one history after the other."""

    past: Past
    declaration: Declaration
    since: str
    now: str
    found: Rehearsal = Factory(Rehearsal)
    _compared: dict[tuple[str, bool], Comparison] = Factory(dict)  # by the version obeyed, of requests or activities

    def live(self, entries: Sequence[Entry]) -> None:
        """Goes through a history under the declaration it obeyed and under the other."""
        ref, of_activity = entries[0].stream, is_activity(entries[0].stream)
        self.found.requests += not of_activity
        other, story = self.declaration.of(ref), _Story(self.past, entries)
        compared = self._comparison(ref, entries)

        def judge(request: Request | None, entry: Entry) -> None:
            if not compared.judges(entry):
                return
            lost = [*compared.naming.undeclared(entry)]
            ends = any(vocabulary in LEADING for vocabulary, _code in lost)
            if entry.occurred_at >= self.since:
                refusals = tuple(_unknown(*what) for what in lost) or story.refusals(other, request, entry)
                if refusals and (new := self._new(story, entry, refusals)):
                    self.found.refused.append(Refusing(entry, new, ends))
            if ends:
                raise _Lost

        try:
            after = replay(other, entries, upon=judge)
        except _Lost:
            return
        self._compare(entries, after, compared)

    def _comparison(self, ref: str, entries: Sequence[Entry]) -> Comparison:
        which = entries[0].declaration, is_activity(ref)
        if which not in self._compared:
            own = self.past.declaration_of(entries[0].declaration).of(ref)
            self._compared[which] = Comparison.of(own, self.declaration.of(ref))
        if entries[-1].declaration != entries[0].declaration:  # one that moved obeyed several
            return self._compared[which].unlike()
        return self._compared[which]

    def _new(self, story: _Story, entry: Entry, refusals: tuple[Refusal, ...]) -> tuple[Refusal, ...]:
        """Of what refuses an entry, what did not refuse it under its own declaration, by the same facts."""
        own = self.past.declaration_of(entry.declaration).of(entry.stream)
        rules = {refusal.rule for refusal in story.refusals(own, story.before(entry.seq), entry)}
        return tuple(refusal for refusal in refusals if refusal.rule not in rules)

    def _compare(self, entries: Sequence[Entry], after: Request, compared: Comparison) -> None:
        """What its history makes of a request under both."""
        own, other = (d.of(after.ref) for d in (self.past.declaration_of(entries[-1].declaration), self.declaration))
        if compared.folds_alike:
            self._cap(own, after, after)
            return
        before = self.past.replayed(entries)
        self._cap(own, before, after)
        old, new = ({one.key: one for one in self._lived(d, r)} for d, r in ((own, before), (other, after)))
        for key in dict.fromkeys((*old, *new)):
            was, would = old.get(key, _NONE), new.get(key, _NONE)
            if max(was.due_at, would.due_at) < self.since:
                continue
            if was.due_at != would.due_at:
                kind = was.kind or would.kind
                self.found.moved.append(Moved(after.ref, key, kind, was.due_at or None, would.due_at or None))
            self.found.more += len(set(would.stages) - set(was.stages))
            self.found.fewer += len(set(was.stages) - set(would.stages))

    def _cap(self, own: Declaration, before: Request, after: Request) -> None:
        if after.excess(self.declaration) > before.excess(own):
            cap = after.cap(self.declaration) or 0
            self.found.breaches.append(Breach(after.ref, cap, after.counted()))

    def _lived(self, declaration: Declaration, request: Request) -> Iterator[Lived]:
        return lived(declaration, request, self.past.calendar(declaration), self.now)


def rehearse(reader: Facts, declaration: Declaration, advance: Advance, since: str = "") -> Rehearsal:
    """What another declaration would have changed of the history from `since` on, an instant. Nothing is written."""
    tx, done = reader.tx, 0
    work, total = _Rehearsing(Past(tx, reader.now), declaration, since, reader.now), tx.one(q.length).entries
    for stream, rows in histories(tx):
        if stream != LAB:
            work.live([*map(from_values, rows)])
        done += len(rows)
        advance(done, total)
    return work.found
