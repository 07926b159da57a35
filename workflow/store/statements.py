"""The statements of the write path, defined in Core, compiled once per dialect, run on the driver's cursor.

Only these bypass SQLAlchemy's execution layer (it would cost more than the disk). A test runs each of them both
ways and compares.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ClauseElement, Dialect, bindparam, case, delete, func, insert, or_, select, text, update
from sqlalchemy.sql.compiler import SQLCompiler

from workflow.store import schema as s

Row = tuple[Any, ...]
Definition = tuple[ClauseElement, list[str]]
b = bindparam


def _columns(table: Any) -> list[str]:
    return [column.name for column in table.columns]


def _insert(table: Any) -> tuple[ClauseElement, list[str]]:
    return insert(table), _columns(table)


def _inserting(dialect: Dialect, table: Any) -> Any:
    """The dialect's own INSERT, which knows ON CONFLICT."""
    # Imported when needed: the PostgreSQL dialect alone takes as long as the rest of a short command.
    if dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as inserting
    else:
        from sqlalchemy.dialects.sqlite import insert as inserting  # type: ignore[assignment]
    return inserting(table)


def _upsert(dialect: Dialect, table: Any) -> tuple[ClauseElement, list[str]]:
    statement = _inserting(dialect, table)
    index = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in _columns(table) if name not in index}
    return statement.on_conflict_do_update(index_elements=index, set_=changed), _columns(table)


def _insert_new(dialect: Dialect, table: Any) -> tuple[ClauseElement, list[str]]:
    return _inserting(dialect, table).on_conflict_do_nothing(), _columns(table)


def _next_number(dialect: Dialect) -> tuple[ClauseElement, list[str]]:
    statement = _inserting(dialect, s.counters)
    counted = statement.on_conflict_do_update(index_elements=["series", "year"], set_={"last": s.counters.c.last + 1})
    return counted.returning(s.counters.c.last), ["series", "year", "last"]


_r, _e, _m, _a, _d = s.requests.c, s.entries.c, s.meetings.c, s.alerts.c, s.deadlines.c
_o = s.outbox.c
_standing = or_(_a.status == "open", _a.status == "acknowledged", _a.status == "snoozed")
# What an alert keeps of its risk.
ALERT_COLUMNS = ("cause", "rule", "level", "ref", "meeting", "staff", "kind", "stage", "due_at", "addressed_to")
_CHANGING = [name for name in _columns(s.requests) if name not in ("ref", "submitted_at", "external_id")]

# What changes of a message once it is queued.
MARKS = ("not_before", "status", "claimed_by", "claimed_at", "attempts", "last_error", "sent_at")
_due = (
    select(s.outbox)
    .where(_o.status == "waiting", _o.not_before <= b("now"))
    .order_by(_o.urgent.desc(), _o.created_at, _o.sequence, _o.key)
    .limit(1)
    .with_for_update(skip_locked=True)
)

# name -> the statement and the order of its parameters, or a function of the dialect that gives them
DEFINED: dict[str, Definition | Callable[[Dialect], Definition]] = {
    "request": (select(_r.document).where(_r.ref == b("ref")), ["ref"]),
    "request_locked": (select(_r.document).where(_r.ref == b("ref")).with_for_update(), ["ref"]),
    "queue": (select(s.streams.c.seq).where(s.streams.c.stream == "lab").with_for_update(), []),
    "freeze": (
        text("LOCK TABLE streams, requests, activities, entries IN EXCLUSIVE MODE"),
        [],
    ),  # in the order of the writers
    "activity": (select(s.activities.c.document).where(s.activities.c.ref == b("ref")), ["ref"]),
    "activity_locked": (
        select(s.activities.c.document).where(s.activities.c.ref == b("ref")).with_for_update(),
        ["ref"],
    ),
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
    "insert_activity": _insert(s.activities),
    "update_activity": (
        update(s.activities)
        .where(s.activities.c.ref == b("which"), s.activities.c.seq == b("before"))
        .values({name: b(name) for name in _columns(s.activities)[1:]}),
        [*_columns(s.activities)[1:], "which", "before"],
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
    "awaiting": (
        select(_r.document, _r.next_due_at)
        .where(_r.ref.in_(select(s.deadlines.c.stream)))
        .order_by(_r.ref)
        .with_for_update(),
        [],
    ),
    "pilots": (select(s.staff.c.id).where(s.staff.c.role == "pilot", s.staff.c.active), []),
    "upsert_staff": lambda d: _upsert(d, s.staff),
    "upsert_holiday": lambda d: _upsert(d, s.holidays),
    "insert_absence": _insert(s.absences),
    "absences_of": (
        select(s.absences.c.seq, s.absences.c.number, s.absences.c.first, s.absences.c.last)
        .where(s.absences.c.staff == b("id"))
        .order_by(s.absences.c.seq, s.absences.c.number),
        ["id"],
    ),
    "delete_absence": (
        delete(s.absences).where(s.absences.c.seq == b("which"), s.absences.c.number == b("piece")),
        ["which", "piece"],
    ),
    "upsert_closure": lambda d: _upsert(d, s.closures),
    "closure": (select(s.closures).where(s.closures.c.seq == b("which")), ["which"]),
    "delete_closure": (delete(s.closures).where(s.closures.c.seq == b("which")), ["which"]),
    "insert_swap": _insert(s.swaps),
    "delete_swap": (
        delete(s.swaps).where(
            s.swaps.c.place == b("there"), s.swaps.c.gained == b("ours"), s.swaps.c.given == b("theirs")
        ),
        ["there", "ours", "theirs"],
    ),
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
        select(_e.seq, _e.declaration, _e.digest).where(_e.stream == b("stream")).order_by(_e.seq.desc()).limit(1),
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
    "insert_alert": (
        insert(s.alerts),
        ["id", "status", *ALERT_COLUMNS, "facts", "raised_at", "snoozed_until", "settled_at", "settled_as"],
    ),
    "settle_alert": (
        update(s.alerts)
        .where(_a.id == b("which"))
        .values(status=b("status"), settled_at=b("settled_at"), settled_as=b("settled_as")),
        ["status", "settled_at", "settled_as", "which"],
    ),
    "attend_alert": (
        update(s.alerts).where(_a.id == b("which")).values(status=b("status"), snoozed_until=b("snoozed_until")),
        ["status", "snoozed_until", "which"],
    ),
    # Said one by one: what is not settled is found through the index, however many were.
    "standing_alerts": (select(s.alerts).where(_standing).order_by(_a.id), []),
    "crossing_alerts": (  # what a meeting of one request may settle for another
        select(s.alerts)
        .where(_standing, or_(_a.rule == "overload", _a.rule == "single_point_of_failure"))
        .order_by(_a.id),
        [],
    ),
    "meetings_between": (
        select(func.coalesce(_r.document, s.activities.c.document), _m.id)
        .select_from(
            s.meetings.outerjoin(s.requests, _m.stream == _r.ref).outerjoin(
                s.activities, _m.stream == s.activities.c.ref
            )
        )
        .where(or_(_m.status == "planned", _m.status == "held"), _m.at >= b("first"), _m.at < b("last"))
        .order_by(_m.at, _m.stream, _m.id),
        ["first", "last"],
    ),
    "alerts_of": (select(s.alerts).where(_a.ref == b("ref")).order_by(_a.id), ["ref"]),
    "alerts_of_cause": (
        select(_a.id, _a.level, _a.stage, _a.status, _a.settled_as).where(_a.cause == b("cause")),
        ["cause"],
    ),
    "next_stage": (
        update(s.deadlines)
        .where(_d.stream == b("which"), _d.kind == b("of_kind"), _d.anchor == b("at_anchor"), _d.due_at == b("due"))
        .values(next_stage_at=case((b("stage") == "reminder", _d.due_at), (b("stage") == "due", _d.escalation_at))),
        ["stage", "which", "of_kind", "at_anchor", "due"],
    ),
    "alert": (select(_a.status).where(_a.id == b("which")), ["which"]),
    "last_alert": (select(func.max(_a.id)), []),
    "insert_message": lambda d: _insert_new(d, s.outbox),
    "message": (select(s.outbox).where(_o.key == b("key")).with_for_update(), ["key"]),
    "messages_alike": (
        select(s.outbox).where(_o.ref == b("ref"), _o.meeting == b("meeting"), _o.recipient == b("recipient")),
        ["ref", "meeting", "recipient"],
    ),
    "due_message": (_due, ["now"]),
    "due_urgent_message": (_due.where(_o.urgent), ["now"]),
    "update_message": (
        update(s.outbox)
        .where(_o.key == b("which"), _o.status == b("was"), _o.attempts == b("tried"))
        .values({name: b(name) for name in MARKS}),
        [*MARKS, "which", "was", "tried"],
    ),
    "active_in_role": (
        select(s.staff.c.id).where(s.staff.c.role == b("role"), s.staff.c.active).order_by(s.staff.c.id),
        ["role"],
    ),
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


_of: dict[str, Statements] = {}


def statements_of(dialect: Dialect) -> Statements:
    """The statements of a dialect, shared by every store of the process."""
    return _of.setdefault(dialect.name, Statements(dialect))
