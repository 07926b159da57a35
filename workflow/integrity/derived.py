"""The derived tables as they stand, against what a rebuild would make of them: without a lock, and changing nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import MetaData, Table, select

from states.errors import StoreDamaged
from states.language import _
from states.references import LAB
from states.requests.entry import Entry
from workflow.clock import Clock
from workflow.integrity.histories import Beside
from workflow.integrity.rebuilding import Making, replaying
from workflow.integrity.report import Problem
from workflow.store import schema as s
from workflow.store.database import Store
from workflow.store.prepared import Statement
from workflow.store.statements import in_bytes
from workflow.store.structure import make_temporary, schema_name
from workflow.store.transaction import Looking

Values = tuple[Any, ...]
Rows = dict[Values, Values]  # by their keys


class Derived:
    """The lab's rows are made in temporary tables of the same names; those of a request in memory, one at a time."""

    def __init__(self, tx: Looking, store: Store, clock: Clock) -> None:
        self._reading = _reading(schema_name(tx.connection))
        self._tx = Looking(tx.connection)  # of its own: what a history that fails was about to write is never sent
        self._making: Making | None = None
        self._of_requests: dict[Table, _OfRequests] = {}
        self._unreplayed: dict[Problem, None] = {}
        try:
            with tx.connection.begin_nested(), replaying():
                self._making = self._begun(store, clock)
        except StoreDamaged as problem:
            self._leave(problem)
        else:
            self._of_requests = {table: _OfRequests(self._tx, table, self._reading[table]) for table in s.OF_A_REQUEST}

    def _begun(self, store: Store, clock: Clock) -> Making:
        make_temporary(self._tx.connection, s.DERIVED)
        if self._tx.dialect == "postgresql":  # a statement that it has prepared would go on meaning the table it meant
            self._tx.connection.exec_driver_sql("DISCARD PLANS")
        return Making.begun(self._tx, store, clock)

    def compare(self, stream: Any, entries: list[Entry]) -> None:
        """The rows of one stream, in the order of the names; the lab's are compared at the end."""
        if self._making is None or stream == LAB:
            return
        left = None
        try:
            with replaying():
                for table, row in self._making.rows(stream, entries):
                    self._of_requests[table].make(row)
        except StoreDamaged as problem:
            self._leave(problem)
            left = stream
        for rows in self._of_requests.values():
            rows.compare(stream, left)

    def _leave(self, problem: StoreDamaged) -> None:
        self._unreplayed[Problem("history", problem.message)] = None

    def problems(self) -> Iterator[Problem]:
        """What a rebuild would change, once every stream is compared."""
        yield from self._unreplayed
        if self._making is None:
            return
        self._making.end()
        for table in s.DERIVED:
            if table in self._of_requests:
                yield from self._of_requests[table].problems()
            else:
                reading = self._reading[table]
                yield from _told(
                    table, self._by_key(table, reading.there_alone), self._by_key(table, reading.made_alone)
                )

    def _by_key(self, table: Table, statement: Statement) -> Rows:
        names = [column.name for column in table.columns]
        index = [names.index(column.name) for column in table.primary_key]
        return {tuple(row[n] for n in index): row for row in self._tx.all(statement)}


class _Reading(NamedTuple):
    """How a table is read where the store has it, whatever temporary one stands before it."""

    there: Statement  # all its rows, in the order of their first column
    there_alone: Statement  # its rows that the temporary one has not
    made_alone: Statement  # the rows that only the temporary one has


@lru_cache(maxsize=8)
def _reading(schema: str) -> dict[Table, _Reading]:
    def of(table: Table) -> _Reading:
        there = table.to_metadata(MetaData(schema=schema))
        return _Reading(
            Statement(lambda dialect: select(there).order_by(in_bytes(dialect, there.columns[0]))),
            Statement(lambda _: select(there).except_(select(table))),
            Statement(lambda _: select(table).except_(select(there))),
        )

    return {table: of(table) for table in s.DERIVED}


class _OfRequests:
    """The rows of a table that are each of one request, or of an activity: its name comes first in their keys."""

    def __init__(self, tx: Looking, table: Table, reading: _Reading) -> None:
        self._table, self._key = table, len(table.primary_key)
        self._values = itemgetter(*(column.name for column in table.columns))
        self._made: Rows = {}
        self._problems: list[Problem] = []
        self._beside = Beside(tx, reading.there)

    def make(self, row: Mapping[str, Any]) -> None:
        """One more row that the history makes."""
        values = self._values(row)
        self._made[values[: self._key]] = values

    def compare(self, stream: Any, left: Any) -> None:
        """What was made of a stream with the rows that are there; of one that is `left`, neither counts."""
        found = {row[: self._key]: row for row in self._beside.upto(stream) if row[0] != left}
        if left is not None:
            self._made = {}
        if found != self._made:
            self._problems += _told(self._table, found, self._made)
        self._made = {}

    def problems(self) -> Iterator[Problem]:
        yield from self._problems
        yield from _told(self._table, {row[: self._key]: row for row in self._beside.rest()}, {})


def _told(table: Table, found: Rows, made: Rows) -> Iterator[Problem]:
    """What differs between the rows of a table and those that the history makes, by key."""
    names = [column.name for column in table.columns]
    for key in sorted(found.keys() | made.keys(), key=str):
        where = f"{table.name} {'/'.join(map(str, key))}"
        if key not in made:
            yield Problem(where, _("this row follows from nothing in the history"))
        elif key not in found:
            yield Problem(where, _("this row is missing"))
        else:
            changed = [n for n, a, b in zip(names, found[key], made[key], strict=True) if not _same(a, b)]
            if changed:
                yield Problem(where, _("these columns differ: {names}", names=", ".join(changed)))


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)
