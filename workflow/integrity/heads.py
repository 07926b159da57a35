"""The heads that a history has had: those its seals keep, and those that someone kept elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, product
from math import prod
from operator import attrgetter
from typing import Any

from attrs import define, field
from sqlalchemy import Connection, func, select

from states.references import LAB
from states.requests.entry import Entry
from workflow.history.entries import Heads
from workflow.reviews.book import PUBLISHED, SEALED
from workflow.store import schema as s

_A_PART = {"stream_results": True, "yield_per": 1000}  # of a long history, a part at a time
TRIED = 4096  # the orders tried of what was recorded in one second: which came first is not kept across streams


Step = Any  # the row of an entry: its stream, its number, the digest before it


@define
class SealedHead:
    """The head that a seal keeps, and the one that the entries known to it now give."""

    seq: int
    head: str
    known_at: str
    last: Mapping[str, int]  # of each stream written to in that very second, the last entry that was known
    _heads: Heads = field(factory=Heads)
    stream: str = LAB

    def add(self, entries: Sequence[Entry]) -> None:
        """One stream, in the order of the names."""
        known = next((entry for entry in reversed(entries) if self._holds(entry)), None)
        if known is not None:
            self._heads.add(known.stream, known.seq, known.digest)

    def _holds(self, entry: Entry) -> bool:
        if entry.recorded_at != self.known_at:
            return entry.recorded_at < self.known_at
        return entry.seq <= self.last.get(entry.stream, 0) and entry.event != PUBLISHED

    @property
    def found(self) -> str:
        return self._heads.digest


def sealed_heads(connection: Connection) -> list[SealedHead]:
    """The seals of a store that say all that they were made from; of one that cannot be read, its own entry tells."""
    e, found = s.entries.c, []
    for row in connection.execute(select(e.seq, e.data).where(e.stream == LAB, e.event == SEALED).order_by(e.seq)):
        try:
            data = json.loads(row.data)
            found.append(SealedHead(row.seq, data["head"], data["known_at"], data["known"]))
        except (KeyError, TypeError, ValueError):
            continue
    return found


def moments_of(connection: Connection, wanted: Sequence[str]) -> dict[str, str]:
    """When the history had each of these heads; those that it never had are left out."""
    left, found = set(wanted), {}
    if not left:
        return {}
    for moment, head in _heads_backwards(connection):
        if head in left:
            found[head] = moment
            left.discard(head)
        if not left:
            break
    return found


def _heads_backwards(connection: Connection) -> Iterator[tuple[str, str]]:
    """The heads that the history had, the last first, each with the second in which it had it."""
    e = s.entries.c
    query = select(e.stream, func.max(e.seq).label("seq")).group_by(e.stream).subquery()
    last = connection.execute(
        select(e.stream, e.seq, e.digest).join(query, (e.stream == query.c.stream) & (e.seq == query.c.seq))
    )
    line = _Line({row.stream: (row.seq, row.digest) for row in last})
    rows: Any = connection.execute(
        select(e.stream, e.seq, e.recorded_at, e.previous).order_by(e.recorded_at.desc(), e.stream, e.seq.desc()),
        execution_options=_A_PART,
    )
    for moment, second in groupby(rows, attrgetter("recorded_at")):
        steps = [list(found) for _stream, found in groupby(second, attrgetter("stream"))]
        if prod(len(step) + 1 for step in steps) <= TRIED:
            yield from ((moment, line.after(taken)) for taken in product(*map(_taken, steps)))
        else:
            yield moment, line.digest
        line.keep([step[-1] for step in steps])


def _taken(step: list[Step]) -> list[Step | None]:
    """How many of the entries of a stream, from the last, are taken away: none, one, two…"""
    return [None, *step]


class _Line:
    """The head of some streams, computed again from the first that changes only."""

    def __init__(self, ends: Mapping[str, tuple[int, str]]) -> None:
        self._names = sorted(ends)
        self._ends = [ends[name] for name in self._names]
        self._place = {name: n for n, name in enumerate(self._names)}
        self._begun = [Heads()]  # of the first, of the first two…
        self._go_on(0)

    @property
    def digest(self) -> str:
        return self._begun[-1].digest

    def after(self, taken: Sequence[Step | None]) -> str:
        """The head without the entries from these on."""
        changed = {self._place[row.stream]: (row.seq - 1, row.previous) for row in taken if row is not None}
        if not changed:
            return self.digest
        first = min(changed)
        heads = self._begun[first].copy()
        for n in range(first, len(self._names)):
            heads.add(self._names[n], *changed.get(n, self._ends[n]))
        return heads.digest

    def keep(self, taken: Sequence[Step]) -> None:
        """Takes the entries from these on away for good."""
        for row in taken:
            self._ends[self._place[row.stream]] = (row.seq - 1, row.previous)
        self._go_on(min(self._place[row.stream] for row in taken))

    def _go_on(self, first: int) -> None:
        del self._begun[first + 1 :]
        for n in range(first, len(self._names)):
            heads = self._begun[-1].copy()
            heads.add(self._names[n], *self._ends[n])
            self._begun.append(heads)
