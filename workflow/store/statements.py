"""The statements by name, defined in Core, compiled once per dialect, run on the driver's cursor.

Only these bypass SQLAlchemy's execution layer, which costs four times as much: an event runs 10 to 15 of them, some
0.02 ms each by the cursor, 0.08 ms through the layer. A test runs each of them both ways and compares. Parameters are
bound by name, and rows are read by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    Dialect,
    Subquery,
    Table,
    Text,
    bindparam,
    case,
    delete,
    func,
    insert,
    null,
    or_,
    select,
    text,
    update,
)

from workflow.store import schema as s
from workflow.store.prepared import Statement

b = bindparam


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _inserting(dialect: Dialect, table: Table) -> Any:
    """The dialect's own INSERT, which knows ON CONFLICT."""
    # Imported when needed: the PostgreSQL dialect alone takes as long as the rest of a short command.
    if dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as inserting
    else:
        from sqlalchemy.dialects.sqlite import insert as inserting  # type: ignore[assignment]
    return inserting(table)


def in_bytes(dialect: Dialect, name: ColumnElement[str]) -> ColumnElement[str]:
    """A name to be put in the order of its bytes, which is everywhere the same: PostgreSQL has others."""
    return name.collate("C") if dialect.name == "postgresql" else name


def _upsert(table: Table) -> Statement:
    def define(dialect: Dialect) -> ClauseElement:
        statement = _inserting(dialect, table)
        index = [column.name for column in table.primary_key]
        changed = {name: statement.excluded[name] for name in _columns(table) if name not in index}
        upsert: ClauseElement = statement.on_conflict_do_update(index_elements=index, set_=changed)
        return upsert

    return Statement(define)


def _insert_new(dialect: Dialect) -> ClauseElement:
    inserting: ClauseElement = _inserting(dialect, s.outbox).on_conflict_do_nothing()
    return inserting


def _next_number(dialect: Dialect) -> ClauseElement:
    statement = _inserting(dialect, s.counters)
    counted = statement.on_conflict_do_update(index_elements=["series", "year"], set_={"last": s.counters.c.last + 1})
    returning: ClauseElement = counted.returning(s.counters.c.last)
    return returning


_r, _e, _m, _a, _d, _o = s.requests.c, s.entries.c, s.meetings.c, s.alerts.c, s.deadlines.c, s.outbox.c
_w = s.meeting_staff.c
_p, _v, _x, _c = s.staff.c, s.vault.c, s.activities.c, s.declarations.c

# --- Requests and activities ---


def _locked(table: Table) -> Statement:
    """A request or an activity, whose turn is asked for; without its document where it is at the head that is known."""
    unknown = case((table.c.head == b("known", type_=Text), null()), else_=table.c.document).label("document")
    return Statement(lambda _: select(table.c.ref, unknown).where(table.c.ref == b("ref")).with_for_update())


request = Statement(lambda _: select(_r.ref, _r.document).where(_r.ref == b("ref")))
request_locked = _locked(s.requests)
activity = Statement(lambda _: select(_x.ref, _x.document).where(_x.ref == b("ref")))
activity_locked = _locked(s.activities)
request_by_external_id = Statement(lambda _: select(_r.ref).where(_r.external_id == b("external_id")))
follows = Statement(lambda _: select(_r.follows).where(_r.ref == b("ref")))
awaiting = Statement(
    lambda _: (
        select(_r.ref, _r.document, _r.next_due_at)
        .where(_r.ref.in_(select(_d.stream)))
        .order_by(_r.ref)
        .with_for_update()
    )
)
insert_request = Statement(lambda _: insert(s.requests))
insert_activity = Statement(lambda _: insert(s.activities))


def _change(table: Table, *fixed: str) -> Statement:
    """What changes of a request or an activity, whose turn the writer has."""

    def define(_dialect: Dialect) -> ClauseElement:
        changing = [name for name in _columns(table) if name not in fixed]
        return update(table).where(table.c.ref == b("which")).values({name: b(name) for name in changing})

    return Statement(define)


update_request = _change(s.requests, "ref", "submitted_at", "external_id", "declaration")
move_request = Statement(  # to another version: no event does
    lambda _: update(s.requests).where(_r.ref == b("which")).values(declaration=b("declaration"))
)
update_activity = _change(s.activities, "ref")
next_number = Statement(_next_number)
set_counter = _upsert(s.counters)

# --- Meetings and deadlines ---

bookings = Statement(  # a row for each of the people expected
    lambda _: (
        select(_m.stream, _m.id, _m.kind, _m.at, _m.end_at, _m.place, _w.staff)
        .select_from(s.meetings.outerjoin(s.meeting_staff, (_w.stream == _m.stream) & (_w.meeting == _m.id)))
        .where(_m.status == "planned", _m.at >= b("first"), _m.at < b("last"))
        .order_by(_m.at, _m.stream, _m.id, _w.rank)
    )
)


def _meetings(*conditions: ColumnElement[bool]) -> Statement:
    """Meetings that begin from one instant on, with the document of what they are of."""
    return Statement(
        lambda _: (
            select(_m.stream, func.coalesce(_r.document, _x.document).label("document"), _m.id)
            .select_from(
                s.meetings.outerjoin(s.requests, _m.stream == _r.ref).outerjoin(s.activities, _m.stream == _x.ref)
            )
            .where(*conditions, _m.at >= b("first"))
            .order_by(_m.at, _m.stream, _m.id)
        )
    )


_planned, _before = _m.status == "planned", _m.at < b("last")
_expected = select(_w.staff).where(_w.stream == _m.stream, _w.meeting == _m.id, _w.staff == b("person"))
planned_meetings = _meetings(_planned, _before)
planned_meetings_of = _meetings(_planned, _before, _expected.exists())
planned_meetings_at = _meetings(_planned, _before, _m.place == b("where"))
# Without an end: with one, SQLite leaves the index of those that ask for a skill, and reads all that is planned.
planned_meetings_skilled = _meetings(_planned, _m.skill.is_not(None))
lived_meetings = _meetings(_before, or_(_planned, _m.status == "held"))
upsert_meeting = _upsert(s.meetings)
delete_meetings = Statement(lambda _: delete(s.meetings).where(_m.stream == b("which")))
insert_meeting_staff = Statement(lambda _: insert(s.meeting_staff))
delete_meeting_staff = Statement(
    lambda _: delete(s.meeting_staff).where(_w.stream == b("which"), _w.meeting == b("of_meeting"))
)
delete_all_meeting_staff = Statement(lambda _: delete(s.meeting_staff).where(_w.stream == b("which")))
upsert_deadline = _upsert(s.deadlines)
delete_deadlines = Statement(lambda _: delete(s.deadlines).where(_d.stream == b("which")))
next_stage = Statement(
    lambda _: (
        update(s.deadlines)
        .where(_d.stream == b("which"), _d.kind == b("of_kind"), _d.anchor == b("at_anchor"), _d.due_at == b("due"))
        .values(next_stage_at=case((b("stage") == "reminder", _d.due_at), (b("stage") == "due", _d.escalation_at)))
    )
)

# --- History, vault, keys, declarations ---

entries = Statement(lambda _: select(s.entries).where(_e.stream == b("stream")).order_by(_e.seq))
insert_entry = Statement(lambda _: insert(s.entries))
length = Statement(lambda _: select(func.count().label("entries")).select_from(s.entries))
history = Statement(lambda dialect: select(s.entries).order_by(in_bytes(dialect, _e.stream), _e.seq))
vault_of = Statement(lambda _: select(_v.seq, _v.field, _v.value).where(_v.stream == b("stream")))
texts = Statement(lambda dialect: select(s.vault).order_by(in_bytes(dialect, _v.stream), _v.seq, _v.field))
insert_vault = Statement(lambda _: insert(s.vault))
titles_since = Statement(
    lambda _: (
        select(_v.stream, _v.field, _v.value, _r.submitted_at)
        .join_from(s.vault, s.requests, _v.stream == _r.ref)
        .where(_r.submitted_at >= b("since"), or_(_v.field == b("title"), _v.field == b("address")))
        .order_by(_v.stream, _v.seq)
    )
)
key = Statement(lambda _: select(s.keys.c.stream).where(s.keys.c.key == b("key")))
insert_key = Statement(lambda _: insert(s.keys))
declaration = Statement(lambda _: select(s.declarations.c.document).where(s.declarations.c.digest == b("digest")))
insert_declaration = Statement(lambda _: insert(s.declarations))
places_wished = Statement(
    lambda _: select(_r.ref, _r.state, _r.declaration).where(_r.place == b("where")).order_by(_r.ref)
)
versions_obeyed = Statement(
    lambda _: select(_c.digest).where(
        or_(
            select(_r.ref).where(_r.declaration == _c.digest).exists(),
            select(_x.ref).where(_x.declaration == _c.digest).exists(),
        )
    )
)

# --- The lab: its stream, people, days ---

lab = Statement(
    lambda _: select(_e.seq, _e.declaration, _e.digest).where(_e.stream == b("stream")).order_by(_e.seq.desc()).limit(1)
)
stream = Statement(
    lambda _: select(s.streams.c.seq, s.streams.c.head).where(s.streams.c.stream == b("stream")).with_for_update()
)
upsert_stream = _upsert(s.streams)
last_of_lab = Statement(  # the last entry of some kind in the lab's stream
    lambda _: select(func.max(_e.seq).label("seq")).where(_e.stream == "lab", _e.event == b("event"))
)
labs_turn = Statement(lambda _: select(s.streams.c.seq).where(s.streams.c.stream == "lab").with_for_update())
everyones_turn = Statement(  # in the order of the writers: none adds an entry before a row of these is theirs
    lambda _: text("LOCK TABLE streams, requests, activities IN EXCLUSIVE MODE")
)
said_of_sources = Statement(  # what the source of a form says otherwise, and what is kept all the same
    lambda _: (
        select(s.entries)
        .where(_e.stream == "lab", or_(_e.event == "source_changed", _e.event == "source_settled"))
        .order_by(_e.seq)
    )
)
staff_member = Statement(lambda _: select(_p.role, _p.active).where(_p.id == b("id")))
staff_row = Statement(lambda _: select(s.staff).where(_p.id == b("id")))
people = Statement(lambda _: select(s.staff).order_by(_p.id))
active_in_role = Statement(lambda _: select(_p.id).where(_p.role == b("role"), _p.active).order_by(_p.id))
upsert_staff = _upsert(s.staff)
holidays = Statement(lambda _: select(s.holidays.c.day, s.holidays.c.name))
upsert_holiday = _upsert(s.holidays)
absences = Statement(
    lambda _: select(s.absences.c.staff, s.absences.c.first, s.absences.c.last).where(
        s.absences.c.last >= b("first"), s.absences.c.first <= b("last_day")
    )
)
absences_of = Statement(
    lambda _: (
        select(s.absences.c.seq, s.absences.c.number, s.absences.c.first, s.absences.c.last)
        .where(s.absences.c.staff == b("id"))
        .order_by(s.absences.c.seq, s.absences.c.number)
    )
)
insert_absence = Statement(lambda _: insert(s.absences))
delete_absence = Statement(
    lambda _: delete(s.absences).where(s.absences.c.seq == b("which"), s.absences.c.number == b("piece"))
)
closures = Statement(  # with what was said of them
    lambda _: (
        select(s.closures, _v.value.label("note"))
        .select_from(
            s.closures.outerjoin(s.vault, (_v.stream == "lab") & (_v.seq == s.closures.c.seq) & (_v.field == "note"))
        )
        .order_by(s.closures.c.seq)
    )
)
closure = Statement(lambda _: select(s.closures).where(s.closures.c.seq == b("which")))
upsert_closure = _upsert(s.closures)
delete_closure = Statement(lambda _: delete(s.closures).where(s.closures.c.seq == b("which")))
swaps = Statement(lambda _: select(s.swaps.c.place, s.swaps.c.gained, s.swaps.c.given).order_by(s.swaps.c.seq))
insert_swap = Statement(lambda _: insert(s.swaps))
delete_swap = Statement(
    lambda _: delete(s.swaps).where(
        s.swaps.c.place == b("there"), s.swaps.c.gained == b("ours"), s.swaps.c.given == b("theirs")
    )
)

# --- Alerts ---

# Said one by one: what is not settled is found through the index, however many were.
_standing = or_(_a.status == "open", _a.status == "acknowledged", _a.status == "snoozed")
standing_alerts = Statement(lambda _: select(s.alerts).where(_standing).order_by(_a.id))
_crosses = or_(_a.rule == "overload", _a.rule == "single_point_of_failure")
crossing_alerts = Statement(  # what a meeting of one request may settle for another
    lambda _: select(s.alerts).where(_standing, _crosses).order_by(_a.id)
)
alerts_of = Statement(lambda _: select(s.alerts).where(_a.ref == b("ref")).order_by(_a.id))
alerts_of_cause = Statement(
    lambda _: select(_a.id, _a.level, _a.stage, _a.status, _a.settled_as, _a.raised_at).where(_a.cause == b("cause"))
)
alert = Statement(lambda _: select(_a.status).where(_a.id == b("which")))
last_alert = Statement(lambda _: select(func.max(_a.id).label("id")))
insert_alert = Statement(lambda _: insert(s.alerts))
settle_alert = Statement(
    lambda _: (
        update(s.alerts)
        .where(_a.id == b("which"))
        .values(status=b("status"), settled_at=b("settled_at"), settled_as=b("settled_as"))
    )
)
attend_alert = Statement(
    lambda _: update(s.alerts).where(_a.id == b("which")).values(status=b("status"), snoozed_until=b("snoozed_until"))
)

# --- An event ---


def _newest() -> Subquery:
    """The last entry of the lab's stream."""
    lab = select(_e.seq, _e.declaration, _e.digest).where(_e.stream == "lab")
    return lab.order_by(_e.seq.desc()).limit(1).subquery()


def _settles() -> ColumnElement[bool]:
    """Whether an alert stands that an event may settle: of its request, or a crossing one."""
    return select(_a.id).where(_standing, or_(_a.ref == b("ref"), _crosses)).exists().label("settles")


def _circumstances(_dialect: Dialect) -> ClauseElement:
    """What is around a request once its turn has come: the lab, who acts, what the key was used for, the alerts."""
    newest, k = _newest(), s.keys.c
    used = [k.content.label("key_content"), k.stream.label("key_stream"), k.seq.label("key_seq")]
    alerted = select(_a.id).where(_a.ref == b("ref")).exists().label("alerted")
    around = newest.outerjoin(s.staff, _p.id == b("actor")).outerjoin(s.keys, k.key == b("key", type_=Text))
    return select(newest, _p.role, _p.active, *used, _settles(), alerted).select_from(around)


circumstances = Statement(_circumstances)

# --- The outbox ---

# What changes of a message once it is queued.
MARKS = ("not_before", "status", "claimed_by", "claimed_at", "attempts", "last_error", "sent_at")


def _next_message(*conditions: ColumnElement[bool]) -> Statement:
    return Statement(
        lambda _: (
            select(s.outbox)
            .where(_o.status == "waiting", _o.not_before <= b("now"), *conditions)
            .order_by(_o.urgent.desc(), _o.created_at, _o.sequence, _o.key)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
    )


insert_message = Statement(_insert_new)
message = Statement(lambda _: select(s.outbox).where(_o.key == b("key")).with_for_update())
messages_alike = Statement(
    lambda _: select(s.outbox).where(_o.ref == b("ref"), _o.meeting == b("meeting"), _o.recipient == b("recipient"))
)
messages_of = Statement(
    lambda _: (
        select(s.outbox).where(_o.ref == b("ref"), _o.kind == b("kind")).order_by(_o.sequence, _o.created_at, _o.key)
    )
)
due_message = _next_message()
due_urgent_message = _next_message(_o.urgent)
update_message = Statement(
    lambda _: (
        update(s.outbox)
        .where(_o.key == b("which"), _o.status == b("was"), _o.attempts == b("tried"))
        .values({name: b(name) for name in MARKS})
    )
)

# --- The mark of the watch ---

set_tick = _upsert(s.ticks)

# --- The derived tables are made again ---


def _emptying(table: Table) -> Statement:
    return Statement(lambda _: delete(table))


EMPTY: Mapping[str, Statement] = {table.name: _emptying(table) for table in s.DERIVED}


def defined() -> dict[str, Statement]:
    """Every statement by its name: what tests and the bench go through."""
    named = {name: one for name, one in globals().items() if isinstance(one, Statement)}
    return {**named, **{f"empty_{name}": one for name, one in EMPTY.items()}}
