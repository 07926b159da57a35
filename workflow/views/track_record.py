"""What `coop forecast` would have announced at each past day, and what became of it: `coop forecast --record`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import select

from states.declaration.model import Declaration
from states.declaration.types import local
from states.errors import CoopError
from states.flow.journeys import Journey, journey
from states.flow.record import Progress, Record, Share, Version, record, total
from states.lifecycle.replay import fold, replay
from states.requests.entry import Entry
from states.requests.request import Request
from workflow.history.entries import from_row
from workflow.store import schema as s
from workflow.views.reader import Reader


def track_record(reader: Reader, progress: Progress, since: date | None = None) -> Record:
    """The record of a lab's forecasts from a day on, by default the first of its history."""
    declaration = reader.declaration
    today = local(reader.now, declaration.lab.tz).date()
    histories = list(_histories(reader))
    first = min((versions[0].recorded_at for versions in histories), default=reader.now)
    begins = max(since or date.min, local(first, declaration.lab.tz).date())

    def end_of(day: date) -> str:
        return reader.midnight(day + timedelta(days=1))

    return record(histories, reader.calendar(declaration), (min(begins, today), today), end_of, progress)


def _histories(reader: Reader) -> Iterator[list[Version]]:
    """Of each request, what it was known to be after each entry that changed that."""
    e, r = s.entries.c, s.requests
    query = select(s.entries).join(r, r.c.ref == e.stream).order_by(e.stream, e.seq)
    for _ref, rows in groupby(reader.connection.execute(query), lambda row: row.stream):
        entries = [from_row(row) for row in rows]
        try:
            declaration = reader.declaration_of(entries[-1].declaration)
            yield list(_versions(declaration, entries))
        except CoopError as problem:
            reader.leave_out(entries[0].stream, problem)


def _versions(declaration: Declaration, entries: Sequence[Entry]) -> Iterator[Version]:
    request: Request | None = None
    last: Journey | None = None
    for number, entry in enumerate(entries, start=1):
        if "corrects" in entry.data:
            request = replay(declaration, entries[:number])
        else:
            request = fold(declaration, request, entry)
        now = journey(declaration, request)
        if now != last:
            last = now
            yield Version(entry.recorded_at, now)


def record_document(found: Record) -> dict[str, Any]:
    """The `forecast --record` document of contract.md: of the dates at 85 %; then those at a half, and by milestone."""
    return {
        **_share(total(found.most)),
        "void": found.void,
        "requests": len(found.requests),
        "from": found.first.isoformat(),
        "to": found.last.isoformat(),
        "half": _share(total(found.half)),
        "milestones": [
            {"event": found.milestones[of].event, **_share(most), "half": _share(found.half[of])}
            for of, most in found.most.items()
            if of in found.milestones
        ],
    }


def _share(one: Share) -> dict[str, Any]:
    return {"announced": one.announced, "kept": one.kept, "share": one.share}
