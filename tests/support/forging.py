"""Someone who may write to a store whatever they like: what they change, remove, swap or add, and how it is undone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle
from typing import Any

from attrs import frozen
from sqlalchemy import Boolean, Column, Connection, Integer, Table, text
from sqlalchemy.exc import DBAPIError

from workflow.store import schema as s
from workflow.store.database import Store

ROWS = 12  # the rows of a table among which what is tried is shared out, the first and the last among them
VERSIONS = Table("alembic_version", s.MetaData(), Column("version_num", s.Text, primary_key=True))


@contextmanager
def unguarded(store: Store) -> Iterator[Connection]:
    """A connection for which history is not append-only, though its triggers are there before and after."""
    with store.engine.begin() as connection:
        if store.dialect == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            yield connection
            return
        for name in re.findall(r"TRIGGER (\w+)", " ".join(s.APPEND_ONLY["sqlite"])):
            connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection
        for statement in s.APPEND_ONLY["sqlite"]:
            connection.execute(text(statement))


Row = Mapping[str, Any]


@frozen
class Forgery:
    """A change of one row: to what, or None where the row is taken away."""

    table: Table
    row: Row
    change: Row | None
    what: str  # the column, or what happens to the row

    @property
    def names(self) -> set[str]:
        """By which names it may be told: of what was there, or of what is there now."""
        return {named(self.table.name, {**self.row, **(self.change or {})}), named(self.table.name, self.row)}


def named(table: str, row: Row) -> str:
    """How `db verify` names a row."""
    if table == "entries":
        return f"{row['stream']} "
    if table == "vault":
        return f"{row['stream']} #{row['seq']} {row['field']}"
    if table == "declarations":
        return f"declaration {str(row['digest'])[:12]}"
    if table == "alembic_version":
        return table
    key = [column.name for column in s.metadata.tables[table].primary_key]
    return f"{table} {'/'.join(str(row[name]) for name in key)}"


def rows_of(connection: Connection, table: Table) -> list[Row]:
    """The rows tried, as the database holds them."""
    order = ", ".join(f'"{column.name}"' for column in table.primary_key)
    rows = [dict(row._mapping) for row in connection.execute(text(f'SELECT * FROM "{table.name}" ORDER BY {order}'))]
    return [rows[n] for n in sorted({k * (len(rows) - 1) // (ROWS - 1) for k in range(ROWS)})] if rows else []


def _another(column: Column[Any], value: Any) -> Any:
    if isinstance(column.type, Boolean):
        return not value
    return (value or 0) + 1 if isinstance(column.type, Integer) else f"{value or ''}x"


# Another text or one more, nothing, an empty text.
OTHERWISE: Sequence[Callable[[Column[Any], Any], Any]] = (_another, lambda _c, _v: None, lambda _c, _v: "")


def changes(table: Table, rows: Sequence[Row]) -> Iterator[Forgery]:
    """Every column in every way, in one row or another."""
    turn = cycle(rows or [{}])
    for column in table.columns:
        for n in range(len(OTHERWISE)):
            row = next(turn)
            if row and (value := OTHERWISE[n](column, row[column.name])) != row[column.name]:
                yield Forgery(table, row, {column.name: value}, column.name)


def removals(table: Table, rows: Sequence[Row]) -> Iterator[Forgery]:
    for row in (rows[0], rows[len(rows) // 2], rows[-1]) if len(rows) > 2 else rows:
        yield Forgery(table, row, None, "retirée")


def additions(table: Table, rows: Sequence[Row]) -> Iterator[Forgery]:
    for row in rows[:2]:
        for column in table.primary_key:
            value = row[column.name]
            other = value + 1000 if isinstance(column.type, Integer) else f"{value}x"
            yield Forgery(table, {**row, column.name: other}, {}, "ajoutée")


def swaps(table: Table, rows: Sequence[Row]) -> Iterator[Forgery]:
    """Of two rows, one says all that the other says, but for its key."""
    key = {column.name for column in table.primary_key}
    if len(rows) > 1:
        said = {name: value for name, value in rows[1].items() if name not in key}
        if any(rows[0][name] != value for name, value in said.items()):
            yield Forgery(table, rows[0], said, "ajoutée")


def forge(connection: Connection, forgery: Forgery) -> bool:
    """Whether the database let it be done."""
    attempt = connection.begin_nested()
    try:
        if forgery.change != {}:
            _take(connection, forgery.table, forgery.row)
        if forgery.change is not None:
            forged = {**forgery.row, **forgery.change}
            put(connection, forgery.table, forged)
            if not _stands(connection, forgery.table, forged):
                attempt.rollback()
                return False
    except DBAPIError:
        attempt.rollback()
        return False
    attempt.commit()
    return True


def undo(connection: Connection, forgery: Forgery) -> None:
    if forgery.change is not None:
        _take(connection, forgery.table, {**forgery.row, **forgery.change})
    if forgery.change != {}:
        put(connection, forgery.table, forgery.row)


def _take(connection: Connection, table: Table, row: Row) -> None:
    assert connection.execute(text(f'DELETE FROM "{table.name}" {_here(connection, table)}'), dict(row)).rowcount == 1


def put(connection: Connection, table: Table, row: Row) -> None:
    columns, values = ", ".join(f'"{name}"' for name in row), ", ".join(f":{name}" for name in row)
    connection.execute(text(f'INSERT INTO "{table.name}" ({columns}) VALUES ({values})'), dict(row))


def _stands(connection: Connection, table: Table, row: Row) -> bool:
    """Whether a row is there by its key: SQLite gives a number of its own to one without."""
    return bool(connection.execute(text(f'SELECT 1 FROM "{table.name}" {_here(connection, table)}'), dict(row)).first())


def _here(connection: Connection, table: Table) -> str:
    same = "IS" if connection.dialect.name == "sqlite" else "IS NOT DISTINCT FROM"
    return "WHERE " + " AND ".join(f'"{column.name}" {same} :{column.name}' for column in table.primary_key)


Kind = Callable[[Table, Sequence[Row]], Iterator[Forgery]]
