"""When comparable requests reached what one waits for, read from one moment of a store: `coop forecast`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from attrs import frozen
from sqlalchemy import select

from states.declaration.types import end_of, local, offset_time
from states.declaration.vocabulary import LED_BY_LAB
from states.flow.forecasts import Comparison, Forecast
from states.flow.journeys import Journey, journey
from states.flow.milestones import SESSION, owed
from states.flow.sentences import reason
from states.requests.request import Request
from workflow.store import schema as s
from workflow.views.reader import Reader


@frozen
class Prospect:
    """A request, and what is said of each milestone ahead of it: from others, and by the free slots."""

    journey: Journey
    forecasts: Sequence[Forecast]
    earliest: Mapping[str, date | None]  # by what a milestone is of


def prospect(reader: Reader, request: Request) -> Prospect:
    """What can be said of a request from all the others of the lab, as they are now."""
    declaration = reader.declaration_of(request.declaration)
    today = local(reader.now, declaration.lab.tz).date()
    mine = journey(declaration, request)
    compared = Comparison(_journeys(reader), reader.calendar(declaration), today)
    return Prospect(mine, compared.forecasts(mine), _Soonest(reader, request).days(mine))


def _journeys(reader: Reader) -> list[Journey]:
    r = s.requests.c
    rows = reader.connection.execute(select(r.ref, r.document).order_by(r.ref))
    return [journey(reader.declaration_of(request.declaration), request) for request in reader.readable(rows)]


class _Soonest:
    """The earliest that each milestone can be, by what is planned and the free slots: a bound, and no forecast.

    What is still owed is placed one after the other, each on a day of its own: where it is planned, else in a slot of
    the place wished for, with someone of the lab who is free where the lab takes part.
    """

    def __init__(self, reader: Reader, request: Request) -> None:
        self.reader, self.request = reader, request
        self.declaration = reader.declaration_of(request.declaration)
        self.people = [p.id for p in reader.people if p.active and self.declaration.takes_meetings(p.role)]
        planned = sorted(request.planned(), key=lambda m: m.at)
        self.planned = {kind: [m for m in planned if m.kind == kind] for kind in {m.kind for m in planned}}
        self.at: str | None = reader.now  # from when the next may be placed; None where no slot was left

    def days(self, mine: Journey) -> dict[str, date | None]:
        """The day of each milestone that lies ahead; None where no slot is left in the coming months."""
        found: dict[str, date | None] = {}
        at: str | None = self.reader.now
        for step in owed(self.declaration, self.request, mine.awaits()):
            at = self._place(step.kind) if step.kind else at
            if step.of:
                found[step.of] = local(at, self.declaration.lab.tz).date() if at else None
        return found

    def _place(self, kind: str) -> str | None:
        """Places a meeting after what was placed before; when it begins."""
        if self.at is None:
            return None
        if self.planned.get(kind):
            meeting = self.planned[kind].pop(0)
            begins, lasts = max(meeting.at, self.at), meeting.duration
        else:
            lasts = getattr(self.declaration.durations, kind)
            slots = [slot for staff in self._staff(kind) for slot in self._next_slot(lasts, staff)]
            if not slots:
                self.at = None
                return None
            begins = min(slots)
        day = local(end_of(begins, lasts), self.declaration.lab.tz).date()
        self.at = self.reader.midnight(day + timedelta(days=1))
        return begins

    def _next_slot(self, lasts: int, staff: Sequence[str]) -> list[str]:
        return self.reader.next_slots(self.request.form["place"], lasts, staff, after=self.at, count=1)

    def _staff(self, kind: str) -> Sequence[Sequence[str]]:
        """Those of whom one is enough: nobody where the requester leads the session."""
        tier = self.declaration.tiers.get(self.request.tier or "")
        led = kind != SESSION or (tier is not None and tier.facilitation in LED_BY_LAB)
        return [[id] for id in self.people] if led and self.request.accompanied and self.people else [[]]


def prospect_document(found: Prospect) -> dict[str, Any]:
    """The `forecast` document of contract.md."""
    mine = found.journey
    return {
        "ref": mine.ref,
        "state": mine.state,
        "since": offset_time(mine.since, mine.declaration.lab.tz),
        "milestones": [_milestone(found, one) for one in found.forecasts],
    }


def _milestone(found: Prospect, one: Forecast) -> dict[str, Any]:
    earliest = found.earliest.get(one.milestone.of)
    return {
        "event": one.milestone.event,
        "comparable": len(one.waits),
        "still_waiting": one.still_waiting,
        "half_by": one.half.by.isoformat() if one.half else None,
        "most_by": one.most.by.isoformat() if one.most else None,
        "earliest": earliest.isoformat() if earliest else None,
        "reason": reason(one),
        "reason_code": one.reason or None,
        "among": one.among,
        "waited_days": one.age,
        "ended_otherwise": one.ended_otherwise,
        "reached_by_half": one.half.requests if one.half else None,
        "reached_by_most": one.most.requests if one.most else None,
    }
