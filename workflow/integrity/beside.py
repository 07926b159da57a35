"""What stands beside the history, held by no entry: keys and messages must be ones that it could have given."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Integer, and_, select, type_coerce

from states.canonical import canonical
from states.declaration.types import Malformed, instant, moment
from states.language import _
from states.notifications import ABOUT_MEETINGS, DIGEST, ESCALATION, LETTER, REQUESTER
from workflow.integrity.report import Problem
from workflow.outbox.queue import SENT, STATUSES
from workflow.store import schema as s

_E = s.entries.c


def key_problems(connection: Connection) -> Iterator[Problem]:
    """The keys of no entry, or whose content is not the digest of anything."""
    k = s.keys.c
    there = and_(_E.stream == k.stream, _E.seq == k.seq)
    for row in connection.execute(select(k.key, k.content, _E.seq).select_from(s.keys.outerjoin(s.entries, there))):
        if row.seq is None or not re.fullmatch("[0-9a-f]{64}", str(row.content)):
            yield Problem(f"keys {row.key}", _("no entry can have been made under this key"))


def message_problems(connection: Connection) -> Iterator[Problem]:
    """The messages that no entry can have caused, or whose marks contradict one another."""
    o = s.outbox.c
    there = and_(_E.stream == o.ref, _E.seq == o.sequence)
    columns = [type_coerce(column, Integer) if column is o.urgent else column for column in o]
    query = select(*columns, _E.recorded_at).select_from(s.outbox.outerjoin(s.entries, there))
    for row in connection.execute(query):
        if not (_caused(row) and _marked(row)):
            yield Problem(f"outbox {row.key}", _("this message is not one that the history can have caused"))


def _caused(row: Any) -> bool:
    """Whether its key says what its columns say, and the entry that it follows is there, of that moment."""
    try:
        payload = json.loads(row.payload)
        as_written = isinstance(payload, dict) and canonical(payload) == row.payload
    except (TypeError, ValueError):
        return False
    if not as_written or row.urgent not in (0, 1):
        return False
    if row.kind == ESCALATION:
        return bool(row.key == f"alert/{payload.get('alert')}/{row.recipient}")
    if row.kind == DIGEST:
        of_nothing_else = (row.ref, row.meeting, row.sequence) == (None, None, 0)
        return of_nothing_else and bool(row.key == f"{DIGEST}/{payload.get('day')}/{row.recipient}")
    if row.recorded_at is None or not str(row.key).startswith(f"{row.ref}/{row.sequence}/"):
        return False
    if row.kind == LETTER:
        name = payload.get("deadline") or payload.get("letter")
        owed_then = "deadline" in payload or row.created_at == row.recorded_at
        to_requester = (row.meeting, row.recipient) == (None, REQUESTER)
        return bool(owed_then and to_requester and row.key == f"{row.ref}/{row.sequence}/{name}")
    told = f"{row.ref}/{row.sequence}/{row.meeting}/{row.recipient}"
    return bool(row.kind in ABOUT_MEETINGS and row.key == told and row.created_at == row.recorded_at)


def _marked(row: Any) -> bool:
    """Whether its marks go together: a moment is one, what is sent has been sent, who claimed it did so some day."""
    moments = (row.created_at, row.not_before, row.claimed_at or row.created_at, row.sent_at or row.created_at)
    return (
        all(map(_is_instant, moments))
        and row.status in STATUSES
        and isinstance(row.attempts, int)
        and row.attempts >= 0
        and (row.sent_at is not None) == (row.status == SENT)
        and (row.claimed_at is None) == (row.claimed_by is None)
        and "" not in (row.claimed_by, row.last_error, row.ref, row.meeting, row.sent_at, row.claimed_at)
    )


def _is_instant(text: Any) -> bool:
    try:
        return isinstance(text, str) and instant(moment(text)) == text
    except (Malformed, ValueError):
        return False
