"""A log of events and objects as an OCEL 2.0 database, with all the keys that its rules want."""

from __future__ import annotations

import errno
import os
import re
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType

from handlers.exchange.event_logs.leaving import MOMENT, NUMBER, TEXT, TRUTH, WHOLE
from handlers.exchange.event_logs.log import Advance
from handlers.exchange.event_logs.ocel import ALWAYS, Event, Kinds, Object, Ocel, Values
from workflow.store.backup import FULL

NOTHING: Mapping[str, str] = MappingProxyType({})
_COLUMNS = {TEXT: "TEXT", WHOLE: "INTEGER", NUMBER: "REAL", TRUTH: "BOOLEAN", MOMENT: "TIMESTAMP"}
_READ = {TEXT: str, WHOLE: int, NUMBER: float, TRUTH: bool, MOMENT: str}
_TABLES = """
CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT REFERENCES event_map_type (ocel_type));
CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT REFERENCES object_map_type (ocel_type));
CREATE TABLE event_object (
    ocel_event_id TEXT REFERENCES event (ocel_id), ocel_object_id TEXT REFERENCES object (ocel_id),
    ocel_qualifier TEXT, PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier));
CREATE TABLE object_object (
    ocel_source_id TEXT REFERENCES object (ocel_id), ocel_target_id TEXT REFERENCES object (ocel_id),
    ocel_qualifier TEXT, PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier));
"""
_RESERVED = ("map_type", "object")  # what no type may be called: the tables above bear these names


def write(log: Ocel, file: Path, advance: Advance) -> None:
    """Fills an empty file; OSError where the disk does not take it."""
    try:
        _fill(log, file, advance)
    except sqlite3.OperationalError as problem:
        number = FULL.get(problem.sqlite_errorcode, errno.EIO)
        raise OSError(number, os.strerror(number), str(file)) from problem


def _fill(log: Ocel, file: Path, advance: Advance) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")  # what is not finished is thrown away whole
        database.execute("PRAGMA synchronous = OFF")
        database.executescript(_TABLES)
        database.execute("BEGIN")
        tables = _Tables(database, log)
        for events, objects in log.histories(advance):
            tables.add(events, objects)
        database.execute("COMMIT")


class _Tables:
    """The tables of the types, and how their rows are put in."""

    def __init__(self, database: sqlite3.Connection, log: Ocel) -> None:
        self._run, self._run_many = database.execute, database.executemany
        self._tables: dict[str, dict[str, tuple[str, Kinds]]] = {"event": {}, "object": {}}
        for of, types in (("event", log.event_types), ("object", log.object_types)):
            for name, table in mapped(types).items():
                self._run(f"INSERT INTO {of}_map_type VALUES (?, ?)", (name, table))  # noqa: S608 - one of two names
                self._tables[of][name] = f'"{of}_{table}"', types[name]
                self._make(of, *self._tables[of][name])

    def _make(self, of: str, table: str, kinds: Kinds) -> None:
        key, changed = ("PRIMARY KEY ", "") if of == "event" else ("", ", ocel_changed_field TEXT")
        said = "".join(f', "{name}" {_COLUMNS[kind]}' for name, kind in kinds.items())
        self._run(
            f"CREATE TABLE {table} (ocel_id TEXT {key}REFERENCES {of} (ocel_id), ocel_time TIMESTAMP{changed}{said})"
        )

    def add(self, events: Iterable[Event], objects: Iterable[Object]) -> None:
        for event in events:
            self._run("INSERT INTO event VALUES (?, ?)", (event.id, event.type))
            self._insert(self._tables["event"][event.type], event.id, event.time, event.values)
            related = [(event.id, *relation) for relation in event.relations]
            self._run_many("INSERT INTO event_object VALUES (?, ?, ?)", related)
        for found in objects:
            self._run("INSERT INTO object VALUES (?, ?)", (found.id, found.type))
            table = self._tables["object"][found.type]
            self._insert(table, found.id, ALWAYS, found.values)
            for time, name, value in found.changes:
                self._insert(table, found.id, time, [(name, value)], {"ocel_changed_field": name})
            related = [(found.id, *relation) for relation in found.relations]
            self._run_many("INSERT INTO object_object VALUES (?, ?, ?)", related)

    def _insert(
        self, table: tuple[str, Kinds], id: str, time: str, values: Values, changed: Mapping[str, str] = NOTHING
    ) -> None:
        where, kinds = table
        row = {"ocel_id": id, "ocel_time": time, **changed, **{n: _READ[kinds[n]](value) for n, value in values}}
        columns = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" * len(row))
        self._run(f"INSERT INTO {where} ({columns}) VALUES ({marks})", [*row.values()])  # noqa: S608 - names of ours


def mapped(types: Iterable[str]) -> dict[str, str]:
    """For each type a name that a table may bear, unlike any other's, whatever the case."""
    found: dict[str, str] = {}
    taken = set(_RESERVED)
    for name in types:
        plain = table = re.sub(r"\W", "_", name, flags=re.ASCII)
        number = 1
        while table.lower() in taken:
            number += 1
            table = f"{plain}_{number}"
        taken.add(table.lower())
        found[name] = table
    return found
