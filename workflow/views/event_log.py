"""The histories of a lab one after another, as a log of events takes them: what happened, when, in which role.

Who did it is not read at all. Some histories are held at a time, however many there are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Table, and_, func, not_, select

from states.errors import StoreDamaged
from states.language import _
from states.references import LAB
from states.requests.request import Request
from workflow.history.readable import NOT_READ
from workflow.store import schema as s
from workflow.views.reader import Reader

_read = json.JSONDecoder().raw_decode  # made once, and what is stored begins and ends with its braces
_AT_ONCE = 200  # histories a query reads
_e = s.entries.c
_READ = (
    *(_e.stream, _e.seq, _e.event, _e.from_state, _e.to_state),
    *(_e.role, _e.on_behalf, _e.occurred_at, _e.recorded_at, _e.declaration, _e.data),
)


class Logged(NamedTuple):
    """An entry, without who did it: the role alone. Private values in `data` are `{"vault": digest}`."""

    stream: str
    seq: int
    event: str
    source: str | None
    to: str
    role: str
    on_behalf: bool
    occurred_at: str
    recorded_at: str
    declaration: str
    data: Mapping[str, Any]


class History(NamedTuple):
    """A request or an activity, its entries, and those that were corrected, each with the number of its correction."""

    request: Request
    entries: list[Logged]
    corrected: Mapping[int, int]

    @property
    def effective(self) -> list[Logged]:
        """The entries that stand: neither corrected nor a correction."""
        return [e for e in self.entries if e.seq not in self.corrected and not e.data.keys() & {"corrects", "migrates"}]


def histories(reader: Reader, table: Table = s.requests) -> Iterator[History]:
    """Every history of the requests, or of the activities, by reference; in `reader.odd` those that cannot be read."""
    last = ""
    while some := _documents(reader, table, last):
        entries = _entries(reader, some[0].ref, some[-1].ref)
        for request in reader.readable(some):
            rows = entries.get(request.ref, [])
            try:
                yield _history(request, rows)
            except NOT_READ:
                problem = StoreDamaged(_("{ref} cannot be read: its history is not in JSON.", ref=request.ref))
                reader.leave_out(request.ref, problem)
        last = some[-1].ref


def _documents(reader: Reader, table: Table, after: str) -> Sequence[Any]:
    t = table.c
    query = select(t.ref, t.document).where(t.ref > after).order_by(t.ref).limit(_AT_ONCE)
    return reader.connection.execute(query).all()


def _entries(reader: Reader, first: str, last: str) -> dict[str, list[Any]]:
    """The entries of the histories between two references, both included."""
    query = select(*_READ).where(_e.stream.between(first, last)).order_by(_e.stream, _e.seq)
    rows = reader.connection.execute(query).all()
    return {ref: list(of_one) for ref, of_one in groupby(rows, itemgetter(0))}


def _history(request: Request, rows: Sequence[Any]) -> History:
    entries = [
        Logged(stream, seq, event, source, to, role, for_other, occurred, recorded, declaration, _read(data)[0])
        for stream, seq, event, source, to, role, for_other, occurred, recorded, declaration, data in rows
    ]
    return History(request, entries, {e.data["corrects"]: e.seq for e in entries if "corrects" in e.data})


class Happened(NamedTuple):
    """An event that happened under a version of the declaration: how many times, from when on."""

    event: str
    declaration: str
    entries: int
    first_at: str


def happened(reader: Reader, table: Table = s.requests) -> list[Happened]:
    """What happened to the requests, or to the activities, under each version, the oldest first."""
    of_activities = _e.stream.in_(select(s.activities.c.ref))
    wanted = of_activities if table is s.activities else and_(_e.stream != LAB, not_(of_activities))
    first = func.min(_e.recorded_at)
    query = select(_e.event, _e.declaration, func.count(), first).where(wanted).group_by(_e.event, _e.declaration)
    return [Happened(*row) for row in reader.connection.execute(query.order_by(first, _e.event))]


def number_of_entries(reader: Reader) -> int:
    """How many entries all the histories have, the lab's own excepted."""
    query = select(func.count()).select_from(s.entries).where(_e.stream != LAB)
    return int(reader.connection.execute(query).scalar_one())
