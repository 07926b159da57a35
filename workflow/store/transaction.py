"""A transaction, as whoever holds it sees it: the statements by name, and what it has written so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from itertools import count, groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect

from workflow.store import statements
from workflow.store.prepared import Prepared, Statement, Values

Asking = tuple[Statement, Mapping[str, Any]]  # a statement and its values
Asked = tuple[str, Values]  # the same, as the driver takes it
_KEPT = 1000  # rows that wait to be written, at most
_READ = 200  # rows of a long table that are held at once
_PARTED = count(1)  # the cursors that read a part at a time: PostgreSQL wants a name for each
_text = itemgetter(0)


class Transaction:
    """One write transaction, held by the caller until it commits: statements by name, on the driver's cursor.

    What is written waits until something is read, or until the end: rows of one kind go to the driver together, and
    on PostgreSQL all of it in one round trip, the COMMIT included.
    """

    __slots__ = (
        "_begin",
        "_cursor",
        "_dialect",
        "_first",
        "_waiting",
        "asked",
        "entered_by",
        "entries",
        "has_labs_turn",
        "written",
    )

    def __init__(
        self, cursor: Any, dialect: Dialect, entered_by: str, begin: Sequence[str] = (), *, begun: bool = True
    ) -> None:
        """`begin`: what begins it. Not `begun`, it begins with what is asked first, in the same round trip."""
        self._cursor, self._dialect, self.entered_by = cursor, dialect, entered_by
        self._begin, self._first = begin, () if begun else begin  # the latter: what is to be said before all else
        self._waiting: list[Asked] = []  # what is yet to be written
        self.written: set[str] = set()  # the requests that this transaction has written
        self.entries: list[tuple[str, int]] = []  # the stream and number of each entry that this transaction adds
        self.has_labs_turn = False  # see `workflow.store.turns`
        self.asked: list[Asked] = []  # what the database was last asked: one of them may be kept waiting

    @property
    def dialect(self) -> str:
        """Which database it is of."""
        return self._dialect.name

    def begin_again(self) -> None:
        """Gives up the turns it has, before it has written anything."""
        assert not self.written
        self._first = ("ROLLBACK", *self._begin)

    def run(self, statement: Statement, /, **values: Any) -> None:
        """Writes, before anything else is read."""
        prepared = statement.prepared(self._dialect)
        self._waiting.append((prepared.text, prepared.values(values)))
        if statement is statements.insert_entry:
            self.entries.append((values["stream"], values["seq"]))
        if len(self._waiting) == _KEPT:
            self.send()

    def touched(self, statement: Statement, /, **values: Any) -> int:
        """Writes at once; the number of rows touched."""
        self._execute(statement, values)
        return int(self._cursor.rowcount)

    def send(self, *last: str) -> None:
        """Sends what waits to be written, then some `last` words."""
        self.asked, self._waiting[:] = [*self._waiting], []
        with self._together():
            self._say_first()
            for text, rows in _alike(self.asked):
                if len(rows) == 1:
                    self._cursor.execute(text, rows[0])
                else:
                    self._cursor.executemany(text, rows)
            for text in last:
                self._cursor.execute(text)

    def _say_first(self) -> None:
        first, self._first = self._first, ()
        for text in first:
            self._cursor.execute(text)

    def _together(self) -> AbstractContextManager[Any]:
        """In one round trip, where there are any."""
        if self.dialect == "sqlite":
            return nullcontext()
        pipeline: AbstractContextManager[Any] = self._cursor.connection.pipeline()
        return pipeline

    def _execute(self, statement: Statement, values: Mapping[str, Any]) -> Prepared:
        if self._waiting or self._first:
            self.send()
        prepared = statement.prepared(self._dialect)
        asked = prepared.text, prepared.values(values)
        self.asked = [asked]
        self._cursor.execute(*asked)
        return prepared

    def one(self, statement: Statement, /, **values: Any) -> Any:
        """The first row, read by name; None without one."""
        prepared = self._execute(statement, values)
        row = self._cursor.fetchone()
        return None if row is None else prepared.named(row)

    def each(self, *asking: Asking) -> list[list[Any]]:
        """The rows of each of several statements; on PostgreSQL in one round trip."""
        if self.dialect == "sqlite" or len(asking) == 1:
            return [self.all(statement, **values) for statement, values in asking]
        if self._waiting:
            self.send()
        prepared = [statement.prepared(self._dialect) for statement, _values in asking]
        self.asked = [(one.text, one.values(values)) for one, (_s, values) in zip(prepared, asking, strict=True)]
        with self._together():
            self._say_first()
            cursors = [self._cursor.connection.execute(*asked) for asked in self.asked]
        return [[*map(one.named, cursor.fetchall())] for one, cursor in zip(prepared, cursors, strict=True)]

    def all(self, statement: Statement, /, **values: Any) -> list[Any]:
        """The rows, read by name."""
        prepared = self._execute(statement, values)
        return [prepared.named(row) for row in self._cursor.fetchall()]

    def parts(self, statement: Statement, /, **values: Any) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a table that is too long to be held, a part at a time: whole, in the order of its columns."""
        if self._waiting or self._first:
            self.send()
        prepared, connection = statement.prepared(self._dialect), self._cursor.connection
        cursor = connection.cursor(*(() if self.dialect == "sqlite" else (f"part_{next(_PARTED)}",)))
        try:
            cursor.execute(prepared.text, prepared.values(values))
            while rows := cursor.fetchmany(_READ):
                yield rows
        finally:
            with suppress(Exception):  # of whoever gave up, the connection is closed already
                cursor.close()


def _alike(asked: list[Asked]) -> Iterator[tuple[str, list[Any]]]:
    """The statements in their order, each with the values of the rows that follow one another."""
    for text, rows in groupby(asked, _text):
        yield text, [values for _text, values in rows]


class Looking(Transaction):
    """A transaction that only looks; what is no statement by name goes through its `connection`, at the same moment."""

    __slots__ = ("connection",)

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection.connection.cursor(), connection.dialect, "")
        self.connection = connection
