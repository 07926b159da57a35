"""The tables, for SQLite and PostgreSQL alike.

Primary: entries, vault, keys, declarations, and the outbox's delivery marks. Every other table is derived from
them and can be dropped: `coop db rebuild` makes it again. Instants are ISO 8601 text in UTC, days ISO 8601 text;
both sort as they are, and no column needs a conversion on its way in or out.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Table, Text, UniqueConstraint, text

REVISION = "0003"  # the revision of these tables, the last of workflow/store/migrations

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

entries = Table(
    "entries",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("event", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("entered_by", Text, nullable=False),
    Column("on_behalf", Boolean, nullable=False),
    Column("occurred_at", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("note_digest", Text),
    Column("declaration", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
    sqlite_with_rowid=False,
)

vault = Table(
    "vault",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("field", Text, primary_key=True),
    Column("salt", Text, nullable=False),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

keys = Table(
    "keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("content", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    sqlite_with_rowid=False,
)

declarations = Table(
    "declarations",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("document", Text, nullable=False),
)

outbox = Table(  # the messages to send, and what became of them; no personal data
    "outbox",
    metadata,
    Column("key", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("recipient", Text, nullable=False),  # an id of the staff, or "requester"
    Column("ref", Text),
    Column("meeting", Text),
    Column("sequence", Integer, nullable=False),
    Column("payload", Text, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("not_before", Text, nullable=False),
    Column("status", Text, nullable=False),  # waiting, claimed, sent, failed, dropped
    Column("claimed_by", Text),
    Column("claimed_at", Text),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),  # a code, never an address
    Column("sent_at", Text),
    Index("ix_outbox_status_not_before", "status", "not_before"),
    Index("ix_outbox_ref_meeting", "ref", "meeting"),
    sqlite_with_rowid=False,
)

# --- Derived from here on ---

streams = Table(  # the streams that are not requests: the lab's own
    "streams",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("head", Text, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("series", Text, primary_key=True),  # requests, activities
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

requests = Table(
    "requests",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("head", Text, nullable=False),
    Column("declaration", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("axis", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("tier", Text),
    Column("follows", Text),
    Column("external_id", Text),
    Column("submitted_at", Text, nullable=False),
    Column("title_seq", Integer, nullable=False),
    Column("next_due_at", Text),
    Column("recorded_at", Text, nullable=False),  # of its last entry
    Column("document", Text, nullable=False),
    UniqueConstraint("external_id"),
    Index("ix_requests_recorded_at_submitted_at", "recorded_at", "submitted_at"),
    Index("ix_requests_state", "state"),
    Index("ix_requests_declaration", "declaration"),
    Index("ix_requests_follows", "follows", sqlite_where=text("follows IS NOT NULL")),
    Index("ix_requests_next_due_at", "next_due_at", sqlite_where=text("next_due_at IS NOT NULL")),
    sqlite_with_rowid=False,
)

activities = Table(
    "activities",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("head", Text, nullable=False),
    Column("declaration", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("axis", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("title_seq", Integer, nullable=False),
    Column("recorded_at", Text, nullable=False),  # of its last entry
    Column("document", Text, nullable=False),
    Index("ix_activities_at", "at"),
    Index("ix_activities_recorded_at", "recorded_at"),
    sqlite_with_rowid=False,
)

meetings = Table(
    "meetings",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("end_at", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("skill", Text),  # a session may ask for one
    Index("ix_meetings_status_at", "status", "at"),
    # The few that ask for a skill, so that they are found without reading all that is planned.
    Index(
        "ix_meetings_skilled",
        "status",
        "at",
        sqlite_where=text("skill IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

meeting_staff = Table(  # who is expected at a meeting
    "meeting_staff",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("meeting", Text, primary_key=True),
    Column("staff", Text, primary_key=True),
    Column("rank", Integer, nullable=False),  # as they were named
    Index("ix_meeting_staff_staff", "staff"),
    sqlite_with_rowid=False,
)

deadlines = Table(
    "deadlines",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("anchor", Text, primary_key=True),  # the entry's number, or the meeting's id
    Column("status", Text, nullable=False),
    Column("due_at", Text),
    Column("reminder_at", Text),
    Column("escalation_at", Text),
    Column("settled_at", Text),
    Column("next_stage_at", Text),  # the first stage not raised yet; what the sweep asks for
    Index("ix_deadlines_status_due_at", "status", "due_at"),
    Index("ix_deadlines_next_stage_at", "next_stage_at", sqlite_where=text("next_stage_at IS NOT NULL")),
    sqlite_with_rowid=False,
)

staff = Table(
    "staff",
    metadata,
    Column("id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("hours", Integer, nullable=False),
    Column("site", Text, nullable=False),
    Column("skills", Text, nullable=False),
    Column("name_seq", Integer, nullable=False),
    Column("email_seq", Integer, nullable=False),
)

holidays = Table(
    "holidays",
    metadata,
    Column("day", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("source", Text, nullable=False),
)

absences = Table(
    "absences",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("staff", Text, nullable=False),
    Column("first", Text, nullable=False),
    Column("last", Text, nullable=False),
    Index("ix_absences_last", "last"),
)

closures = Table(
    "closures",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("place", Text),
    Column("first", Text, nullable=False),
    Column("last", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Index("ix_closures_last", "last"),
)

swaps = Table(
    "swaps",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("place", Text, nullable=False),
    Column("gained", Text, nullable=False),
    Column("given", Text, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("cause", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("ref", Text),
    Column("meeting", Text),
    Column("staff", Text),
    Column("kind", Text),
    Column("stage", Text),
    Column("due_at", Text),
    Column("addressed_to", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("raised_at", Text, nullable=False),
    Column("snoozed_until", Text),
    Column("settled_at", Text),
    Column("settled_as", Text),  # "gone": its cause is; "superseded": a higher stage or level stands for it
    Index("ix_alerts_status", "status"),
    Index("ix_alerts_ref", "ref"),
    Index("ix_alerts_cause", "cause"),
    Index("ix_alerts_raised_at", "raised_at"),
)

ticks = Table(  # the mark of the watch's last round, on PostgreSQL; on SQLite it is a file
    "ticks",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
)

PRIMARY = (declarations, entries, vault, keys, outbox)
OF_A_REQUEST = (requests, activities, meetings, meeting_staff, deadlines)  # or of an activity: its name comes first
DERIVED = (streams, counters, *OF_A_REQUEST, staff, holidays, absences, closures, swaps, alerts)

APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER entries_refuse_{verb.lower()} BEFORE {verb} ON entries "
        "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'history is append-only'; END $$",
        "CREATE TRIGGER entries_refuse_change BEFORE UPDATE OR DELETE ON entries "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER entries_refuse_truncate BEFORE TRUNCATE ON entries "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ],
}
