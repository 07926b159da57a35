"""Where the requests of a lab wait, read from one moment of its store: `coop flow`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from attrs import frozen
from sqlalchemy import select, union

from states.calendar.day_ranges import monday
from states.declaration.types import local
from states.flow.passages import Passage, StateFlow, flow, passages
from states.requests.request import Request
from workflow.history.in_force import every_code
from workflow.store import schema as s
from workflow.views.forecast import Outlook
from workflow.views.reader import Reader

YEAR = timedelta(days=365)
_AT_ONCE = 500  # requests a query reads


@frozen
class Hours:
    """What the coming weeks ask of the whole lab, in minutes: nobody is named, nor can be told apart."""

    until: date
    committed: int
    there: int


@frozen
class Flow:
    """What has happened to a lab’s requests since a day, and where those that go on are."""

    since: date
    today: date
    states: Sequence[StateFlow]
    received: int
    ended: int
    open: int

    @property
    def is_steady(self) -> bool:
        """Whether about as many ended as came in, within a fifth: else averages of the stock say nothing."""
        return abs(self.received - self.ended) * 5 <= max(self.received, self.ended)


def flow_of(reader: Reader, since: date | None = None) -> Flow:
    """The flow of a lab’s requests since a day, by default over a year."""
    today = local(reader.now, reader.declaration.lab.tz).date()
    since = since or today - YEAR
    requests = list(_told_since(reader, reader.midnight(since)))
    found = [passage for request in requests for passage in _passages(reader, request, today)]
    ended = [r for r in requests if reader.declaration_of(r.declaration).is_final(r.state)]
    first = reader.midnight(since)
    return Flow(
        since=since,
        today=today,
        states=flow(found, since, list(every_code(reader.tx).states)),
        received=sum(request.submitted_at >= first for request in requests),
        ended=sum(request.stays[-1].since >= first for request in ended),
        open=len(requests) - len(ended),
    )


def _passages(reader: Reader, request: Request, today: date) -> Iterator[Passage]:
    declaration = reader.declaration_of(request.declaration)
    return passages(declaration, request, reader.calendar(declaration), today)


def _told_since(reader: Reader, first: str) -> Iterator[Request]:
    """The requests that go on, and those of which something was recorded since an instant."""
    r = s.requests.c
    states = [state for version in reader.versions.values() for state in version.states.items()]
    going_on = {code for code, state in states if not state.final}
    # Two questions, each answered by an index: together they would be a walk through all there is.
    late, open_ = (select(r.ref).where(counts) for counts in (r.recorded_at >= first, r.state.in_(going_on)))
    refs = sorted(reader.connection.execute(union(late, open_)).scalars())
    for n in range(0, len(refs), _AT_ONCE):
        query = select(r.ref, r.document).where(r.ref.in_(refs[n : n + _AT_ONCE])).order_by(r.ref)
        yield from reader.readable(reader.connection.execute(query))


def hours_ahead(reader: Reader) -> Hours:
    """The load of the whole lab over the weeks of the declaration, from this one on."""
    weeks = reader.declaration.lab.load_weeks
    first = monday(local(reader.now, reader.declaration.lab.tz).date())
    found = [week for load in Outlook(reader).load(first, weeks) for week in load.weeks]
    until = first + timedelta(days=7 * weeks - 1)
    return Hours(until, sum(week.committed for week in found), sum(week.there for week in found))


def flow_document(found: Flow) -> list[dict[str, Any]]:
    """The `flow` document of contract.md; days are working days."""
    return [_state(one) for one in found.states]


def _state(one: StateFlow) -> dict[str, Any]:
    return {
        "state": one.state,
        "open": len(one.open),
        "oldest_days": one.open[0].wait.days if one.open else None,
        "stays": one.stays,
        "median_days": None if one.median is None else float(one.median),
        "p90_days": None if one.p90 is None else float(one.p90),
        "share_of_time": None if one.share is None else float(one.share),
        "days": "working",
        "longest_waiting": [passage.ref for passage in one.overdue],
        "ages": [{"ref": passage.ref, "days": passage.wait.days} for passage in one.open],
        "past": [passage.wait.days for passage in one.past],
    }
