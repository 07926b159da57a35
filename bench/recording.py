"""What the engine really writes: every statement that changes a row, event by event, with its values.

A recording is a file of JSON lines, one per event: `{"event", "content", "writes": [[text, values], …]}`, where
`content` is what the idempotency key stands for. `bench/bare.py` writes the same rows again, with nothing between it
and the driver. `by_event` counts them for the table of bench/README.md.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.lab import SimulatedClock, command, copied, holidays_of, path, submission
from workflow.engine import Engine
from workflow.store.database import Store
from workflow.store.prepared import Statement
from workflow.store.transaction import Transaction

Row = tuple[Any, ...]
Write = tuple[str, list[Any]]  # the text of a statement, and its values
_TABLE = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)")


class _Recorder(Transaction):
    """A transaction that keeps every statement that changes something, and counts the others."""

    __slots__ = ("_store",)

    def __init__(self, tx: Transaction, store: RecordingStore) -> None:
        self._store = store
        for name in Transaction.__slots__:
            setattr(self, name, getattr(tx, name))

    def run(self, statement: Statement, /, **values: Any) -> None:
        self._store.keep(statement, values)
        super().run(statement, **values)

    def touched(self, statement: Statement, /, **values: Any) -> int:
        self._store.keep(statement, values)
        return super().touched(statement, **values)

    def one(self, statement: Statement, /, **values: Any) -> Any:
        self._store.keep(statement, values)
        return super().one(statement, **values)

    def all(self, statement: Statement, /, **values: Any) -> list[Any]:
        self._store.keep(statement, values)
        return super().all(statement, **values)


class RecordingStore(Store):
    """A store that remembers what is written in it, until it is taken."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.writes: list[Write] = []
        self.reads = 0

    @contextmanager
    def writing(self, *, at_once: bool = True) -> Iterator[Transaction]:
        with super().writing(at_once=at_once) as tx:
            yield _Recorder(tx, self)

    def keep(self, statement: Statement, values: Mapping[str, Any]) -> None:
        prepared = statement.prepared(self.engine.dialect)
        if prepared.text.startswith("SELECT"):
            self.reads += 1
        else:
            self.writes.append((prepared.text, [*prepared.values(values)]))

    def take(self) -> tuple[list[Write], int]:
        """What was written, and the number of statements that only read, since the last time."""
        found = self.writes, self.reads
        self.writes, self.reads = [], 0
        return found


@dataclass
class Written:
    """One event: the statements that changed rows, how many only read, and the rows that differ afterwards."""

    event: str
    content: Any
    writes: list[Write]
    reads: int = 0
    changed: Mapping[str, int] = field(default_factory=dict)  # table -> rows


def record(file: Path, numbers: Iterable[int], *, differences: bool = False) -> Iterator[Written]:
    """Leads requests through the engine in the store of a SQLite file, and gives what each event wrote."""
    holidays = holidays_of(file)
    store, clock = RecordingStore(str(file)), SimulatedClock()
    engine = Engine(store, clock)
    try:
        for number in numbers:
            ref = ""
            for rank, step in enumerate(path(number, holidays)):
                clock.at = step.at
                before = _rows(file) if differences else {}
                if rank:
                    asked = command(ref, number, rank, step)
                    engine.apply(asked)
                    content: Any = [asked.ref, asked.event, dict(asked.inputs), asked.note]
                else:
                    form = submission(number, step)
                    ref, content = engine.apply(form).entry.stream, dict(form.inputs)
                changed = _changed(before, _rows(file)) if differences else {}
                yield Written(step.event, content, *store.take(), changed)
    finally:
        store.close()


def line_of(written: Written) -> str:
    """One event as a line of a recording."""
    line = {"event": written.event, "content": written.content, "writes": written.writes}
    return json.dumps(line, ensure_ascii=False) + "\n"


def table_of(text: str) -> str:
    """The table a statement changes."""
    found = _TABLE.match(text)
    assert found, text
    return found[1]


def by_event(template: Path, scratch: Path) -> list[dict[str, Any]]:
    """For each step of the path: the statements by table, and the rows that differ once it is stored."""
    found = []
    for one in record(copied(template, scratch), [0], differences=True):
        statements: dict[str, int] = {}
        for text, _values in one.writes:
            statements[table_of(text)] = statements.get(table_of(text), 0) + 1
        found.append({"event": one.event, "reads": one.reads, "statements": statements, "changed": one.changed})
    return found


def same_contents(one: Path, other: Path) -> None:
    """Refuses two stores that differ in any row of any table."""
    left, right = _rows(one), _rows(other)
    for name in left.keys() | right.keys():
        if left[name] != right[name]:
            raise AssertionError(f"the bare driver did not write the rows of the engine: {name}")


def _rows(file: Path) -> dict[str, set[Row]]:
    database = sqlite3.connect(file)
    try:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: set(database.execute(f"SELECT * FROM {name}")) for name in names}
    finally:
        database.close()


def _changed(before: Mapping[str, set[Row]], after: Mapping[str, set[Row]]) -> dict[str, int]:
    """Rows that came, went or are no longer the same, by table."""
    counts = {name: max(len(rows - before[name]), len(before[name] - rows)) for name, rows in after.items()}
    return {name: count for name, count in counts.items() if count}
