"""Making the derived tables again from the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from attrs import Factory, define
from sqlalchemy import Table, func, select

from states.causes import cause
from states.errors import StoreDamaged, StoreUnreachable
from states.language import _
from states.references import LAB, numbered
from states.requests.entry import Entry
from workflow.alerts import alerts_of
from workflow.clock import Clock
from workflow.engine import Engine
from workflow.history.entries import from_values
from workflow.history.facts import Facts
from workflow.history.lab_log import fold_row
from workflow.integrity.histories import histories
from workflow.integrity.report import Advance
from workflow.projections import awaiting, put, raised_stages, rows_of
from workflow.store import schema as s
from workflow.store import statements as q
from workflow.store import turns
from workflow.store.database import Store
from workflow.store.failures import REASONS, code_of
from workflow.store.transaction import Transaction
from workflow.store.upgrade import make_derived


def rebuild(store: Store, clock: Clock, advance: Advance) -> int:
    """Empties every derived table and makes it again from the history; the number of streams."""
    make_derived(store)
    with store.writing() as tx, replaying():
        turns.of_everyone(tx)
        for table in s.DERIVED:
            tx.run(q.EMPTY[table.name])
        making = Making.begun(tx, store, clock)
        total, streams, done = tx.one(q.length).entries, 0, 0
        for stream, rows in histories(tx):
            if stream != LAB:
                put(tx, making.rows(stream, [*map(from_values, rows)]))
            streams += 1
            done += len(rows)
            advance(done, total)
        making.end()
        return streams


@contextmanager
def replaying() -> Iterator[None]:
    """A history that was tampered with fails anywhere: StoreDamaged, unless it is the store that cannot be used."""
    try:
        yield
    except StoreUnreachable:
        raise
    except Exception as problem:
        if code_of(problem) in REASONS:
            raise
        raise StoreDamaged(_("it cannot be replayed: {problem}", problem=cause(problem))) from problem


@define(eq=False, repr=False)
class Making:
    """The derived tables in the making: the lab's first, as all the rest is counted by its days."""

    _tx: Transaction
    _facts: Facts
    _last: dict[tuple[str, int], int] = Factory(dict)  # the highest number of each series and year

    @classmethod
    def begun(cls, tx: Transaction, store: Store, clock: Clock) -> Making:
        """Writes what the lab's own history makes."""
        for part in tx.parts(q.entries, stream=LAB):
            for row in part:
                fold_row(tx, from_values(row))
        tx.send()
        return cls(tx, Engine(store, clock).facts(tx))

    def rows(self, ref: str, entries: Sequence[Entry]) -> list[tuple[Table, Mapping[str, Any]]]:
        """The rows that the history of one request or activity makes, by their tables; none without its beginning."""
        if entries[0].seq != 1:
            return []
        series, year, number = numbered(ref)
        self._last[series, year] = max(self._last.get((series, year), 0), number)
        facts = self._facts
        request = facts.replayed(entries)
        declaration = facts.declaration_of(request.declaration).of(ref)
        waiting = awaiting(declaration, request, facts.calendar(declaration), facts.now)
        return [*rows_of(request, waiting, raised_stages(alerts_of(self._tx, ref)))]

    def end(self) -> None:
        """Writes what counts them all."""
        for (series, year), highest in self._last.items():
            self._tx.run(q.set_counter, series=series, year=year, last=highest)
        self._tx.send()


def stats(store: Store) -> dict[str, Any]:
    """How many rows each table holds, the size of the file, the revision of the schema."""
    with store.reading() as connection:
        found: dict[str, Any] = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (*s.PRIMARY, *s.DERIVED)
        }
    if store.path is not None:
        found["bytes"] = store.path.stat().st_size
    found["revision"] = s.REVISION
    return found
