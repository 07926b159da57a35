"""The statements of the write path, defined in Core, compiled once per dialect, run on the driver's cursor.

Only these bypass SQLAlchemy's execution layer (it would cost more than the disk). A test runs each of them both
ways and compares.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ClauseElement, Dialect, bindparam, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert_postgresql
from sqlalchemy.dialects.sqlite import insert as upsert_sqlite
from sqlalchemy.sql.compiler import SQLCompiler

from workflow import schema as s

Row = tuple[Any, ...]
Definition = tuple[ClauseElement, list[str]]
b = bindparam


def _columns(table: Any) -> list[str]:
    return [column.name for column in table.columns]


def _insert(table: Any) -> tuple[ClauseElement, list[str]]:
    return insert(table), _columns(table)


def _upsert(dialect: Dialect, table: Any) -> tuple[ClauseElement, list[str]]:
    make = upsert_postgresql if dialect.name == "postgresql" else upsert_sqlite
    statement = make(table)
    index = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in _columns(table) if name not in index}
    return statement.on_conflict_do_update(index_elements=index, set_=changed), _columns(table)


def _next_number(dialect: Dialect) -> tuple[ClauseElement, list[str]]:
    make = upsert_postgresql if dialect.name == "postgresql" else upsert_sqlite
    statement = make(s.counters)
    counted = statement.on_conflict_do_update(index_elements=["year"], set_={"last": s.counters.c.last + 1})
    return counted.returning(s.counters.c.last), ["year", "last"]


_r, _e, _m = s.requests.c, s.entries.c, s.meetings.c
_CHANGING = [name for name in _columns(s.requests) if name not in ("ref", "submitted_at", "external_id")]

# name -> the statement and the order of its parameters, or a function of the dialect that gives them
DEFINED: dict[str, Definition | Callable[[Dialect], Definition]] = {
    "request": (select(_r.document).where(_r.ref == b("ref")), ["ref"]),
    "request_locked": (select(_r.document).where(_r.ref == b("ref")).with_for_update(), ["ref"]),
    "queue": (select(s.streams.c.seq).where(s.streams.c.stream == "lab").with_for_update(), []),
    "freeze": (text("LOCK TABLE streams, requests, entries IN EXCLUSIVE MODE"), []),  # in the order of the writers
    "request_by_external_id": (select(_r.ref).where(_r.external_id == b("external_id")), ["external_id"]),
    "follows": (select(_r.follows).where(_r.ref == b("ref")), ["ref"]),
    "insert_entry": _insert(s.entries),
    "insert_vault": _insert(s.vault),
    "insert_key": _insert(s.keys),
    "insert_request": _insert(s.requests),
    "update_request": (
        update(s.requests)
        .where(_r.ref == b("which"), _r.seq == b("before"))
        .values({name: b(name) for name in _CHANGING}),
        [*_CHANGING, "which", "before"],
    ),
    "upsert_meeting": lambda d: _upsert(d, s.meetings),
    "upsert_deadline": lambda d: _upsert(d, s.deadlines),
    "delete_deadline": (
        delete(s.deadlines).where(
            s.deadlines.c.stream == b("which"),
            s.deadlines.c.kind == b("of_kind"),
            s.deadlines.c.anchor == b("at_anchor"),
        ),
        ["which", "of_kind", "at_anchor"],
    ),
    "delete_meetings": (delete(s.meetings).where(_m.stream == b("which")), ["which"]),
    "delete_deadlines": (delete(s.deadlines).where(s.deadlines.c.stream == b("which")), ["which"]),
    "next_number": _next_number,
    "key": (
        select(s.keys.c.content, s.keys.c.stream, s.keys.c.seq).where(s.keys.c.key == b("key")),
        ["key"],
    ),
    "entries": (select(s.entries).where(_e.stream == b("stream")).order_by(_e.seq), ["stream"]),
    "vault_of": (
        select(s.vault.c.seq, s.vault.c.field, s.vault.c.value).where(s.vault.c.stream == b("stream")),
        ["stream"],
    ),
    "bookings": (
        select(_m.stream, _m.id, _m.at, _m.end_at, _m.place, _m.staff).where(
            _m.status == "planned", _m.at >= b("first"), _m.at < b("last")
        ),
        ["first", "last"],
    ),
    "staff_member": (select(s.staff.c.role, s.staff.c.active).where(s.staff.c.id == b("id")), ["id"]),
    "staff_row": (select(s.staff).where(s.staff.c.id == b("id")), ["id"]),
    "open_requests": (select(_r.document).where(_r.next_due_at.is_not(None)), []),
    "pilots": (select(s.staff.c.id).where(s.staff.c.role == "pilot", s.staff.c.active), []),
    "upsert_staff": lambda d: _upsert(d, s.staff),
    "upsert_holiday": lambda d: _upsert(d, s.holidays),
    "insert_absence": _insert(s.absences),
    "insert_closure": _insert(s.closures),
    "insert_swap": _insert(s.swaps),
    "stream": (
        select(s.streams.c.seq, s.streams.c.head).where(s.streams.c.stream == b("stream")).with_for_update(),
        ["stream"],
    ),
    "upsert_stream": lambda d: _upsert(d, s.streams),
    "insert_declaration": _insert(s.declarations),
    "declaration": (
        select(s.declarations.c.document).where(s.declarations.c.digest == b("digest")),
        ["digest"],
    ),
    "lab": (
        select(_e.seq, _e.declaration).where(_e.stream == b("stream")).order_by(_e.seq.desc()).limit(1),
        ["stream"],
    ),
    "holidays": (select(s.holidays.c.day, s.holidays.c.name), []),
    "closures": (
        select(s.closures.c.place, s.closures.c.first, s.closures.c.last, s.closures.c.recorded_at, s.closures.c.seq),
        [],
    ),
    "absences": (
        select(s.absences.c.staff, s.absences.c.first, s.absences.c.last).where(
            s.absences.c.last >= b("first"), s.absences.c.first <= b("last_day")
        ),
        ["first", "last_day"],
    ),
    "swaps": (select(s.swaps.c.place, s.swaps.c.gained, s.swaps.c.given), []),
    "request_streams": (
        select(_e.stream).where(_e.seq == 1, _e.stream != b("lab")).order_by(_e.stream),
        ["lab"],
    ),
    "set_counter": lambda d: _upsert(d, s.counters),
    # Rebuilding and verifying look at the derived tables from inside the transaction that makes them again.
    **{f"whole_{t.name}": (select(t), []) for t in s.DERIVED},
    **{f"empty_{t.name}": (delete(t), []) for t in s.DERIVED},
}


class Prepared:
    """A statement as the driver takes it: its text, and how to order or name the values given by position."""

    __slots__ = ("_fixed", "_names", "_order", "text")

    def __init__(self, statement: ClauseElement, names: Sequence[str], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(names))
        assert isinstance(compiled, SQLCompiler)
        self.text = str(compiled)
        fixed = {k: v for k, v in compiled.params.items() if k not in names}
        self._names = list(names)
        self._order: list[tuple[bool, Any]] | None = None
        if compiled.positional:
            order = compiled.positiontup or []
            self._order = [(n in fixed, fixed[n] if n in fixed else self._names.index(n)) for n in order]
            if all(not is_fixed and at == i for i, (is_fixed, at) in enumerate(self._order)):
                self._order = []
        else:
            self._fixed = fixed

    def values(self, given: Sequence[Any]) -> Any:
        """The parameters in the shape the driver takes."""
        if self._order is None:
            return {**self._fixed, **dict(zip(self._names, given, strict=True))}
        if not self._order:
            return given
        return [at if is_fixed else given[at] for is_fixed, at in self._order]


class Statements:
    """Every statement, compiled at its first use."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._prepared: dict[str, Prepared] = {}

    def __getitem__(self, name: str) -> Prepared:
        found = self._prepared.get(name)
        if found is None:
            defined = DEFINED[name]
            statement, names = defined(self._dialect) if callable(defined) else defined
            found = self._prepared[name] = Prepared(statement, names, self._dialect)
        return found
