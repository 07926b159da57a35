"""A glance at a store, for the shell's completion alone: a few read-only queries, without SQLAlchemy.

The house has one read path, `workflow.views.reader`, over SQLAlchemy. This is the stated exception: a shell waits while
one types, and importing SQLAlchemy takes longer than all the rest of a completion. So the standard `sqlite3` opens
the file read-only, or `psycopg`, if installed, the database. Nothing here is shown as a fact, decides anything or
writes; whatever fails is raised, and the caller then offers nothing. A test compares what is read with `Reader`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import quote

from states.declaration.documents import completed
from states.declaration.outline import Outline
from states.references import is_activity
from workflow.store.address import Address

MOST = 300  # requests offered at once: more is no help to anyone
PATIENCE = 1  # seconds a database may take to answer


class NothingThere(Exception):
    """There is no store at that address, or none that can be read this way."""


class Seen(NamedTuple):
    """A request, or a meeting of it, as completion names it."""

    ref: str
    state: str
    title: str | None
    meeting: str = ""
    at: str = ""


_TITLED = "requests r LEFT JOIN vault v ON v.stream = r.ref AND v.seq = r.title_seq AND v.field = 'title'"


class Glance:
    """What completion reads of a store; the connection is made at the first question."""

    def __init__(self, url: str) -> None:
        self.url = url

    # --- The lab ---

    @cached_property
    def declaration(self) -> Outline:
        """The declaration in force."""
        rows = self._rows(
            "SELECT d.document FROM declarations d JOIN entries e ON e.declaration = d.digest"
            " WHERE e.stream = 'lab' ORDER BY e.seq DESC LIMIT 1"
        )
        if not rows:
            raise NothingThere(self.url)
        return Outline(completed(_read(rows[0][0])))

    def obeyed(self, ref: str) -> Outline:
        """The version of the declaration that a request, or an activity, obeys; NothingThere when there is none."""
        table = "activities" if is_activity(ref) else "requests"
        query = f"SELECT d.document FROM declarations d JOIN {table} r ON r.declaration = d.digest WHERE r.ref = ?"
        if not (rows := self._rows(query, [ref])):
            raise NothingThere(ref)
        return Outline(completed(_read(rows[0][0])))

    def staff(self) -> list[tuple[str, str, str | None]]:
        """Those who are part of the lab: id, role, name."""
        rows = self._rows(
            "SELECT s.id, s.role, s.active, v.value FROM staff s LEFT JOIN vault v"
            " ON v.stream = 'lab' AND v.seq = s.name_seq AND v.field = 'name' ORDER BY s.id"
        )
        return [(id, role, _text(name)) for id, role, active, name in rows if active]

    # --- Requests ---

    def requests(self, prefix: str, states: Sequence[str] = ()) -> list[Seen]:
        """The requests whose reference begins so, in one of these states if any is named, the newest first."""
        return self._requests("substr(r.ref, 1, ?) = ?", (len(prefix), prefix), states)

    def numbered(self, year: int, digits: str, states: Sequence[str] = ()) -> list[Seen]:
        """The requests of a year whose number, without its zeros, begins so."""
        where = "substr(r.ref, 1, 5) = ? AND substr(ltrim(substr(r.ref, 6), '0'), 1, ?) = ?"
        return self._requests(where, (f"{year}-", len(digits), digits), states)

    def activities(self, prefix: str, states: Sequence[str] = ()) -> list[Seen]:
        """The activities whose reference begins so, in one of these states if any is named, the newest first."""
        where, values = "substr(r.ref, 1, ?) = ?", (len(prefix), prefix)
        return self._requests(where, values, states, _TITLED.replace("requests", "activities"))

    def _requests(self, where: str, values: Sequence[Any], states: Sequence[str], table: str = _TITLED) -> list[Seen]:
        if states:
            where += f" AND r.state IN ({', '.join('?' * len(states))})"
        rows = self._rows(
            f"SELECT r.ref, r.state, v.value FROM {table} WHERE {where} ORDER BY r.ref DESC LIMIT {MOST}",
            [*values, *states],
        )
        return [Seen(ref, state, _text(title)) for ref, state, title in rows]

    def planned(self, prefix: str, kind: str | None = None) -> list[Seen]:
        """The planned meetings, of one kind if it is named, whose request's reference begins so; the earliest first."""
        where, values = "m.status = 'planned' AND substr(r.ref, 1, ?) = ?", [len(prefix), prefix]
        if kind:
            where, values = f"{where} AND m.kind = ?", [*values, kind]
        rows = self._rows(
            f"SELECT r.ref, r.state, v.value, m.id, m.at FROM {_TITLED} JOIN meetings m ON m.stream = r.ref"
            f" WHERE {where} ORDER BY m.at, r.ref LIMIT {MOST}",
            values,
        )
        return [Seen(ref, state, _text(title), meeting, at) for ref, state, title, meeting, at in rows]

    def meetings(self, ref: str) -> list[tuple[str, str, str]]:
        """The meetings of a request: id, status, when."""
        rows = self._rows("SELECT id, status, at FROM meetings WHERE stream = ? ORDER BY at, id", [ref])
        return [(id, status, at) for id, status, at in rows]

    def request(self, ref: str) -> Mapping[str, Any]:
        """A request as it is folded; NothingThere when there is none."""
        rows = self._rows("SELECT document FROM requests WHERE ref = ?", [ref])
        if not rows:
            raise NothingThere(ref)
        return {"tier": None, "tasks": {}, **_read(rows[0][0])}  # which are left out of one that begins

    def alerts(self) -> list[tuple[int, str, str, str | None]]:
        """The alerts not settled yet: id, level, rule, reference; the newest first."""
        rows = self._rows(
            f"SELECT id, level, rule, ref FROM alerts WHERE status <> 'resolved' ORDER BY id DESC LIMIT {MOST}"
        )
        return [(id, level, rule, ref) for id, level, rule, ref in rows]

    def messages(self) -> list[tuple[str, str, str | None]]:
        """The messages neither sent nor given up: key, kind, reference; the newest first."""
        rows = self._rows(
            "SELECT key, kind, ref FROM outbox WHERE status NOT IN ('sent', 'dropped')"
            f" ORDER BY created_at DESC, key LIMIT {MOST}"
        )
        return [(key, kind, ref) for key, kind, ref in rows]

    # --- The store ---

    @cached_property
    def _address(self) -> Address:
        return Address.of(self.url)

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        if self._address.path is None:
            query = query.replace("?", "%s")
        found: list[tuple[Any, ...]] = self._connection.execute(query, list(values)).fetchall()
        return found

    @cached_property
    def _connection(self) -> Any:
        if self._address.path is not None:
            return _sqlite(str(self._address.path))
        import psycopg

        told: dict[str, Any] = {**self._address.libpq(), "connect_timeout": PATIENCE, "autocommit": True}
        return psycopg.connect(**told)

    def close(self) -> None:
        """Closes what was opened."""
        if "_connection" in self.__dict__:
            with suppress(Exception):
                self._connection.close()


def _sqlite(path: str) -> Any:
    import os

    if not os.path.exists(path):  # without waiting for the library to say so
        raise NothingThere(path)
    import sqlite3

    # Without a journal nobody is writing: said to SQLite, which otherwise leaves one behind even of a mere look.
    still = "" if os.path.exists(f"{path}-wal") else "&immutable=1"
    return sqlite3.connect(f"file:{quote(path)}?mode=ro{still}", uri=True, timeout=0.1)


def _read(text: str) -> Any:
    import json

    return json.loads(text)


def _text(value: str | None) -> str | None:
    return None if value is None else str(_read(value))
