"""The tables: as the migrations make them, append-only where they must be, and asked the same way on both paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from every_table import live
from sqlalchemy import (
    BinaryExpression,
    BindParameter,
    Boolean,
    Column,
    Insert,
    Integer,
    UpdateBase,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.sql import visitors

from states.errors import StoreOutdated
from workflow.store import schema as s
from workflow.store import statements as q
from workflow.store.database import Store
from workflow.store.prepared import Statement
from workflow.store.statements import defined
from workflow.store.upgrade import check_revision, config, revision, upgrade
from workflow.testing import Lab, tables, undone

TABLES = {table.name: table for table in s.metadata.sorted_tables}


# --- Revisions ---


def revisions() -> list[Any]:
    """The revisions, the oldest first."""
    return list(ScriptDirectory.from_config(config(None)).walk_revisions())[::-1]


def test_the_migrations_make_the_declared_tables(empty_store: Store) -> None:
    store = empty_store
    assert revision(store) is None
    assert upgrade(store) is True
    assert upgrade(store) is False
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, s.metadata) == []
        assert set(inspect(connection).get_table_names()) == {*TABLES, "alembic_version"}


def test_triggers_are_there_after_each_revision(empty_store: Store) -> None:
    from alembic import command

    store = empty_store
    for each in revisions():
        with store.engine.connect() as connection, connection.begin():
            command.upgrade(config(connection), each.revision)
        assert triggers(store) == {name for sql in s.APPEND_ONLY[store.dialect] for name in _triggers_named(sql)}


def _triggers_named(sql: str) -> list[str]:
    return re.findall(r"CREATE TRIGGER (\w+)", sql)


def triggers(store: Store) -> set[str]:
    asked = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with store.reading() as connection:
        return set(connection.execute(text(asked[store.dialect])).scalars())


def test_a_revision_is_a_file_that_bears_its_number() -> None:
    folder = Path(str(files("workflow.store").joinpath("migrations/versions")))
    names = sorted(path.name for path in folder.glob("[!_]*.py"))
    found = revisions()
    assert [each.revision for each in found] == [f"{n:04d}" for n in range(1, len(found) + 1)]
    assert all(re.fullmatch(rf"{each.revision}_[a-z_]+\.py", name) for each, name in zip(found, names, strict=True))
    assert found[-1].revision == s.REVISION


def test_no_migration_copies_the_history() -> None:
    """Batch mode makes the table again, without its triggers."""
    folder = Path(str(files("workflow.store").joinpath("migrations")))
    assert not any("batch_alter_table" in path.read_text("utf-8") for path in folder.rglob("*.py"))


def test_a_store_of_another_version_is_left_alone(store: Store) -> None:
    check_revision(store)
    with store.engine.connect() as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for act in (check_revision, upgrade):
        with pytest.raises(StoreOutdated):
            act(store)


# --- History is append-only ---


def test_nothing_changes_or_removes_an_entry(lab: Lab) -> None:
    lab.request("prequalified")
    statements = [
        "UPDATE entries SET actor = 'personne'",
        "UPDATE entries SET note_digest = NULL WHERE seq = 2",
        "DELETE FROM entries",
        "DELETE FROM entries WHERE seq = 2",
        *{
            "sqlite": ["INSERT OR REPLACE INTO entries SELECT * FROM entries WHERE seq = 2"],
            "postgresql": ["TRUNCATE entries", "TRUNCATE entries, vault CASCADE"],
        }[lab.store.dialect],
    ]
    before = tables(lab.store, [s.entries])
    for statement in statements:
        with lab.store.engine.begin() as connection, pytest.raises(DatabaseError, match="append-only"):
            connection.execute(text(statement))
    assert tables(lab.store, [s.entries]) == before


# --- The statements of the write path ---


@pytest.fixture
def lived_in(places: Any) -> Iterator[Lab]:
    with places.lab(live) as lab:
        yield lab


SAID: dict[str, Any] = {"first": "2026-01-01", "last": "2026-12-31", "last_day": "2026-12-31", "stage": "reminder"}


def in_a_row(store: Store, column: Any) -> Any:
    """What the first row of a table has in a column; None without a row."""
    with store.reading() as connection:
        return connection.execute(select(column).order_by(*column.table.primary_key)).scalars().first()


def values_for(store: Store, statement: Any, *, known: bool) -> dict[str, Any]:
    """A value for each parameter: what a row has in the column it is compared with, else a new one.

    Of the key of a row to add, too, if it is to be `known`.
    """
    compiled = statement.compile(dialect=store.engine.dialect)
    names = [name for name, bind in compiled.binds.items() if bind.required]
    parameters = {part.key: part for part in visitors.iterate(statement) if isinstance(part, BindParameter)}
    columns = {
        part.right.key: part.left
        for part in visitors.iterate(statement)
        if isinstance(part, BinaryExpression)
        and isinstance(part.left, Column)
        and isinstance(part.right, BindParameter)
    }
    if known:
        columns |= {column.name: column for column in statement.table.primary_key}
    own = statement.table.c if isinstance(statement, UpdateBase) else {}
    values = {}
    for name in names:
        kind = own[name].type if name in own else parameters[name].type
        new = True if isinstance(kind, Boolean) else 7 if isinstance(kind, Integer) else f"new {name}"
        in_store = in_a_row(store, columns[name]) if name in columns else None
        values[name] = SAID[name] if name in SAID and name not in own else new if in_store is None else in_store
    return values


def test_statements_do_the_same_on_the_cursor_as_through_core(lived_in: Lab) -> None:
    store = lived_in.store
    for name, one in defined().items():
        if name == "everyones_turn" and store.dialect == "sqlite":  # which has one writer at a time
            continue
        statement: Any = one.define(store.engine.dialect)
        table = statement.table if isinstance(statement, UpdateBase) else None
        before = tables(store, [table])[table.name] if table is not None else []
        for known in (False, True) if isinstance(statement, Insert) and "insert" not in name else (False,):
            values = values_for(store, statement, known=known)
            given, after = through_core(store, statement, values, table)
            assert on_the_cursor(store, one, values, table) == (given, after), name
            if table is not None and (before or isinstance(statement, Insert)):
                assert after != before, name


def test_rows_are_read_by_name(lived_in: Lab) -> None:
    with lived_in.store.looking() as tx:
        row = tx.all(q.bookings, first="2026-02-03", last="2026-02-04")[0]
        assert (row.stream, row.place, row.staff) == ("2026-0001", "montpellier", "camille")
        assert tx.one(q.staff_member, id="rene")._fields == ("role", "active")


def through_core(store: Store, statement: Any, values: dict[str, Any], table: Any) -> tuple[Any, list[Any]]:
    """The rows a statement gives, and its table after it."""
    with store.engine.connect() as connection:
        result = connection.execute(statement, values)
        rows = in_order(result) if result.returns_rows else None
        after = in_order(connection.execute(table.select())) if table is not None else []
        connection.rollback()
    return rows, after


def on_the_cursor(store: Store, statement: Statement, values: dict[str, Any], table: Any) -> tuple[Any, list[Any]]:
    with undone(store) as tx:
        prepared, cursor = statement.prepared(store.engine.dialect), tx._cursor
        cursor.execute(prepared.text, prepared.values(values))
        rows = in_order(cursor.fetchall()) if cursor.description is not None else None
        if table is None:
            return rows, []
        cursor.execute(f"SELECT * FROM {table.name}")
        return rows, in_order(cursor.fetchall())


def in_order(rows: Iterable[Any]) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in rows), key=repr)
