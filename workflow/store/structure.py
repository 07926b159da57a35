"""How the tables stand in a store: what keeps them, and what differs from what this program makes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, MetaData, Table, create_engine, text
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from states.language import _
from workflow.store import marks
from workflow.store import schema as s
from workflow.store.prepared import Statement

Shape = Mapping[str, tuple[Any, ...]]  # what there is, by its name: the table that it is or is of, and how it is made
_VERSIONS = "alembic_version"


def schema_name(connection: Connection) -> str:
    """The schema where a store's tables are, whatever temporary ones stand before them."""
    if connection.dialect.name == "sqlite":
        return "main"
    return str(connection.execute(text("SELECT current_schema()")).scalar_one())


def differences(connection: Connection) -> Iterator[tuple[str, str]]:
    """What of tables, indexes and triggers is not as this program makes it: its name, and how it differs."""
    live, made = (_sqlite if connection.dialect.name == "sqlite" else _postgresql)(connection)
    revisions = list(connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalars())
    being_copied = len(revisions) == 1 and marks.being_filled(revisions[0])
    for name in sorted(live.keys() | made.keys()):
        if name not in made:
            if not (being_copied and name == marks.copy_under_way.name):
                yield name, _("it is not of this program: what it does to the others is unknown")
        elif name not in live:
            if made[name][0] in (name, *live):
                yield name, _("it is missing")
        elif live[name] != made[name]:
            yield name, _("it is not as this program makes it")
    if revisions != [s.REVISION] and not being_copied:
        yield _VERSIONS, _("it is not as this program makes it")


def make_temporary(connection: Connection, tables: Iterable[Table]) -> None:
    """Makes the same tables as ones that only this connection sees, and that stand before the store's."""
    for table in tables:
        for statement in _temporary(table):
            connection.exec_driver_sql(statement.prepared(connection.dialect).text)


@cache
def _temporary(table: Table) -> list[Statement]:
    beside = table.to_metadata(MetaData())
    beside._prefixes = [*beside._prefixes, "TEMPORARY"]
    indexes = sorted(beside.indexes, key=attrgetter("name"))
    return [_making(CreateTable(beside)), *(_making(CreateIndex(index)) for index in indexes)]


def _making(element: ExecutableDDLElement) -> Statement:
    return Statement(lambda dialect: text(str(element.compile(dialect=dialect))))


def damages(connection: Connection) -> list[str]:
    """What SQLite finds wrong in its file: pages, and indexes that do not say what their table says."""
    if connection.dialect.name != "sqlite":
        return []
    found = connection.exec_driver_sql("PRAGMA main.integrity_check").scalars()
    return [line for line in found if line != "ok"]


# --- SQLite ---


def _sqlite(connection: Connection) -> tuple[Shape, Shape]:
    return _sqlite_shape(connection), _sqlite_as_made()


@cache
def _sqlite_as_made() -> Shape:
    made = create_engine("sqlite://")
    with made.connect() as empty:
        s.metadata.create_all(empty)
        for statement in s.APPEND_ONLY["sqlite"]:
            empty.exec_driver_sql(statement)
        empty.exec_driver_sql(f"CREATE TABLE {_VERSIONS} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        shape = _sqlite_shape(empty)
    made.dispose()
    return shape


def _sqlite_shape(connection: Connection) -> Shape:
    query = "SELECT type, name, tbl_name, sql FROM main.sqlite_master WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    shape: dict[str, Any] = {}
    for kind, name, table, sql in connection.exec_driver_sql(query).all():
        if kind == "table":
            shape[name] = name, _sqlite_table(connection, name)
        else:
            shape[name] = table, kind, " ".join(re.sub(r'["`\[\]]', "", sql or "").split())
    return shape


def _sqlite_table(connection: Connection, name: str) -> Any:
    """Its columns whatever their order, how its rows are kept, and what of it is unique."""
    here = {"name": name}
    columns = text('SELECT name, upper(type), "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(:name)')
    kept = text("SELECT wr, strict FROM pragma_table_list(:name) WHERE schema = 'main'")
    unique = text("SELECT name FROM pragma_index_list(:name) WHERE origin <> 'c'")
    keys = text("SELECT seqno, name, coll FROM pragma_index_xinfo(:name) WHERE key")
    return (
        frozenset(_rows(connection, columns, here)),
        _rows(connection, kept, here),
        frozenset(tuple(_rows(connection, keys, {"name": index})) for (index,) in _rows(connection, unique, here)),
    )


def _rows(connection: Connection, query: Any, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(query, values)]


# --- PostgreSQL ---

_OURS = (
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = :schema AND c.relname = ANY(:names)"
)
_SHAPES = {  # a name and its description, of each thing of some tables of a schema
    "table": f"SELECT c.relname, c.relkind::text, c.relrowsecurity {_OURS}",
    "columns": "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, "
    f"a.attgenerated::text, pg_get_expr(d.adbin, d.adrelid) {_OURS}".replace(
        "WHERE",
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum WHERE",
    ),
    "constraints": "SELECT c.relname, k.contype::text, pg_get_constraintdef(k.oid) "
    f"{_OURS} AND k.contype <> 'n'".replace("WHERE", "JOIN pg_constraint k ON k.conrelid = c.oid WHERE"),
    "rules": f"SELECT c.relname, r.rulename {_OURS}".replace("WHERE", "JOIN pg_rewrite r ON r.ev_class = c.oid WHERE"),
}
_INDEXES = (
    "SELECT i.relname, c.relname, x.indisvalid, regexp_replace(pg_get_indexdef(i.oid), ' ON [^ ]+ ', ' ON ') "
    f"{_OURS}".replace("WHERE", "JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid WHERE")
)
_TRIGGERS = (
    "SELECT t.tgname, c.relname, t.tgenabled::text, t.tgtype, f.proname, f.prosrc "
    f"{_OURS} AND NOT t.tgisinternal".replace(
        "WHERE", "JOIN pg_trigger t ON t.tgrelid = c.oid JOIN pg_proc f ON f.oid = t.tgfoid WHERE"
    )
)
_ROW, _BEFORE, _DELETE, _UPDATE, _TRUNCATE = 1, 2, 8, 16, 32  # of tgtype
_REFUSES = "refuse_change", " BEGIN RAISE EXCEPTION 'history is append-only'; END "
_MADE_TRIGGERS = {
    "entries_refuse_change": ("entries", "O", _ROW | _BEFORE | _DELETE | _UPDATE, *_REFUSES),
    "entries_refuse_truncate": ("entries", "O", _BEFORE | _TRUNCATE, *_REFUSES),
}


def _postgresql(connection: Connection) -> tuple[Shape, Shape]:
    """Of the tables of a lab only: a database may hold those of others."""
    live = {
        **_postgresql_shape(connection, schema_name(connection)),
        **_described(_asked(connection, _TRIGGERS, schema_name(connection))),
    }
    attempt = connection.begin_nested()
    make_temporary(connection, s.metadata.tables.values())
    own = connection.execute(text("SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema()")).scalar_one()
    made = {**_postgresql_shape(connection, own), **_MADE_TRIGGERS}
    attempt.rollback()
    return live, made


def _postgresql_shape(connection: Connection, schema: str) -> dict[str, tuple[Any, ...]]:
    tables: dict[str, set[Any]] = {}
    for kind, query in _SHAPES.items():
        for name, *described in _asked(connection, query, schema):
            tables.setdefault(name, set()).add((kind, *described))
    return _described(_asked(connection, _INDEXES, schema)) | {name: (name, said) for name, said in tables.items()}


def _asked(connection: Connection, query: str, schema: str) -> list[tuple[Any, ...]]:
    return _rows(connection, text(query), {"schema": schema, "names": [*s.metadata.tables]})


def _described(rows: Iterable[tuple[Any, ...]]) -> dict[str, Any]:
    return {name: tuple(described) for name, *described in rows}
