"""A transaction, as whoever holds it sees it: the statements by name, and what it has written so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Dialect

from workflow.store import statements
from workflow.store.statements import Prepared, Statement


class Transaction:
    """One write transaction, held by the caller until it commits: statements by name, on the driver's cursor."""

    __slots__ = ("_cursor", "_dialect", "asked", "entered_by", "entries", "has_labs_turn", "written")

    def __init__(self, cursor: Any, dialect: Dialect, entered_by: str) -> None:
        self._cursor, self._dialect, self.entered_by = cursor, dialect, entered_by
        self.written: dict[str, Any] = {}  # the requests as this transaction last wrote them: nobody else can have
        self.entries: list[tuple[str, int]] = []  # the stream and number of each entry that this transaction adds
        self.has_labs_turn = False  # see `workflow.store.turns`
        self.asked: tuple[str, Any] | None = None  # the last statement, and its values: what it may be waiting in

    @property
    def dialect(self) -> str:
        """Which database it is of."""
        return self._dialect.name

    def _execute(self, statement: Statement, values: Mapping[str, Any]) -> Prepared:
        prepared = statement.prepared(self._dialect)
        self.asked = prepared.text, prepared.values(values)
        self._cursor.execute(*self.asked)
        return prepared

    def run(self, statement: Statement, /, **values: Any) -> int:
        """Executes; the number of rows touched."""
        self._execute(statement, values)
        if statement is statements.insert_entry:
            self.entries.append((values["stream"], values["seq"]))
        return int(self._cursor.rowcount)

    def one(self, statement: Statement, /, **values: Any) -> Any:
        """The first row, read by name; None without one."""
        prepared = self._execute(statement, values)
        row = self._cursor.fetchone()
        return None if row is None else prepared.named(row)

    def all(self, statement: Statement, /, **values: Any) -> list[Any]:
        """The rows, read by name."""
        prepared = self._execute(statement, values)
        return [prepared.named(row) for row in self._cursor.fetchall()]


class Looking(Transaction):
    """A transaction that only looks; what is no statement by name goes through its `connection`, at the same moment."""

    __slots__ = ("connection",)

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection.connection.cursor(), connection.dialect, "")
        self.connection = connection
