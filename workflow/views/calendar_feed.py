"""The meetings as calendars need them: what an event is, its revision, and since when it stands so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, and_, or_, select

from states.declaration.types import instant, moment
from states.references import LAB
from states.requests.request import CANCELLED, Meeting, Request
from workflow.store import schema as s
from workflow.views.reader import Reader

PAST = timedelta(days=365)  # how far back a calendar goes
KEPT = timedelta(days=7)  # how long a cancelled meeting stays in it, marked as such


@frozen
class Occurrence:
    """A meeting as an event of a calendar."""

    lab: str  # what tells this lab's events from any other's
    ref: str
    meeting: Meeting
    sequence: int  # the entry that last changed it
    changed_at: str
    title: str | None = None
    address: str | None = None


def lab_mark(reader: Reader) -> str:
    """What no other lab has: the beginning of its first entry's digest."""
    e = s.entries.c
    found = reader.connection.execute(select(e.digest).where(e.stream == LAB, e.seq == 1)).scalar_one()
    return str(found)[:12]


def occurrences(reader: Reader, staff: str | None = None) -> list[Occurrence]:
    """The meetings of a year back and all to come, of the lab or of one person, in order of time.

    Those cancelled are kept 7 days after their cancellation.
    """
    since = instant(moment(reader.now) - PAST)
    return sorted(
        _found(reader, s.meetings.c.at >= since, staff), key=lambda o: (o.meeting.begins_at, o.ref, o.meeting.id)
    )


def _found(reader: Reader, wanted: ColumnElement[bool], staff: str | None) -> list[Occurrence]:
    m, lab = s.meetings.c, lab_mark(reader)
    refs = select(m.stream).where(wanted).distinct()
    requests: dict[str, Request] = {}
    for table in (s.requests.c, s.activities.c):
        rows = reader.connection.execute(select(table.ref, table.document).where(table.ref.in_(refs)))
        requests |= {request.ref: request for request in reader.readable(rows)}
    changes, texts = _changes(reader, refs), _texts(reader, refs)
    ids = reader.connection.execute(select(m.stream, m.id).where(wanted))
    kept = instant(moment(reader.now) - KEPT)
    found = []
    for ref, id in ids:
        meeting = requests[ref].meeting(id) if ref in requests else None
        if meeting is None or (staff is not None and staff not in meeting.staff):
            continue
        sequence, changed_at = max(changes.get((ref, id), (0, "")), changes.get((ref, ""), (0, "")))
        if meeting.status != CANCELLED or changed_at >= kept:
            address = meeting.address["seq"] if isinstance(meeting.address, dict) else None
            title = texts.get((ref, requests[ref].form["title"]["seq"], "title"))
            where = texts.get((ref, address, "address"))
            found.append(Occurrence(lab, ref, meeting, sequence, changed_at, title, where))
    return found


def _changes(reader: Reader, refs: Any) -> dict[tuple[str, str], tuple[int, str]]:
    """The last entry that touched each meeting, and when; under an empty id, the last correction of a request."""
    e = s.entries.c
    query = select(e.stream, e.seq, e.data, e.recorded_at).where(e.stream.in_(refs)).order_by(e.stream, e.seq)
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for stream, seq, text, recorded_at in reader.connection.execute(query):
        data = json.loads(text)
        for id in _touched(data):
            found[stream, id] = (seq, recorded_at)
    return found


def _touched(data: dict[str, Any]) -> Sequence[str]:
    if "corrects" in data:
        return [""]
    named = [data["meeting"]] if isinstance(data.get("meeting"), str) else []
    return [*named, *data.get("cancelled", ()), *data.get("restored", ())]


def _texts(reader: Reader, refs: Any) -> dict[tuple[str, int | None, str], Any]:
    v = s.vault.c
    query = select(v.stream, v.seq, v.field, v.value).where(
        and_(v.stream.in_(refs), or_(v.field == "title", v.field == "address"))
    )
    return {(row.stream, row.seq, row.field): json.loads(row.value) for row in reader.connection.execute(query)}
