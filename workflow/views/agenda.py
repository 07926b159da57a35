"""What a coordinator's day is made of: what is late, due, planned, to record, just received; the calendar; the board.

Each part is one query, however many requests there are; titles come from the vault by a join.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, and_, func, select

from states.calendar.working_days import Step
from states.deadlines import explain
from states.declaration.model import Declaration
from states.declaration.types import end_of, instant, local, offset_time
from states.planning.day_view import day_views
from states.requests.request import HELD, PLANNED, Request
from states.risks.next_steps import Awaited
from workflow.store import schema as s
from workflow.views.documents import deadline as deadline_document
from workflow.views.list import Filters
from workflow.views.reader import Reader
from workflow.views.steps import explanations

OPEN = "open"
_DAY = timedelta(days=1)


@frozen
class Target:
    """An open deadline, and the request it is about; `anchor` is the meeting to record, or an entry's number."""

    request: Request
    title: str | None
    kind: str
    anchor: str
    due_at: str

    @property
    def meeting(self) -> str | None:
        """The meeting that it waits to see recorded."""
        return self.anchor if self.request.meeting(self.anchor) else None


class Overview:
    """Looks over the whole lab, at the moment of a reader."""

    def __init__(self, reader: Reader) -> None:
        self.reader, self.now = reader, reader.now
        self.declaration: Declaration = reader.declaration
        self.beginnings = {version.initial for version in reader.versions.values()}  # of a form just received
        self.zone = self.declaration.lab.tz
        self.calendar = reader.calendar(self.declaration)
        self.day = local(self.now, self.zone).date()

    # --- Today ---

    def today(self) -> dict[str, Any]:
        """The day: each thing stands once, under what is most pressing about it."""
        following = self.calendar.add(self.day, 1)
        targets = list(self._targets(max(following, self._sunday())))
        late = [t for t in targets if t.due_at <= self.now]
        told = {(t.request.ref, t.meeting) for t in late}
        ahead = [t for t in targets if t.due_at > self.now and self._doable(t)]
        waiting = [row for row in self._in_states(self._incoming()) if (row["ref"], None) not in told]
        told |= {(t.request.ref, None) for t in ahead}
        unrecorded = [m for m in self._unrecorded() if (m["ref"], m["meeting_id"]) not in told]
        days = [self._day(day) for day in (self.day, following)]
        shown = [*unrecorded, *(m for day in days for m in day["meetings"] if m["status"] == PLANNED)]
        pressing = {ref for ref, _meeting in told} | {m["ref"] for m in shown}
        return {
            "now": offset_time(self.now, self.zone),
            **self._particular(self.day, self.day)[0],
            "late": _once(self._target(t) for t in late),
            "due": [self._target(t) for t in ahead],
            "meetings": days,
            "to_record": unrecorded,
            "to_do": [row for row in self._in_states(self._owed()) if row["ref"] not in pressing],
            "new": [row for row in waiting if row["state"] in self.beginnings],
            "awaited": [
                row for row in waiting if row["state"] not in self.beginnings and (row["ref"], None) not in told
            ],
        }

    def _sunday(self) -> date:
        return self.day + _DAY * (6 - self.day.weekday())

    def _doable(self, target: Target) -> bool:
        """Whether it is a thing to do now: not a form to triage, a meeting still to come or one to be recorded."""
        return target.meeting is None and target.request.state not in self.beginnings

    def _incoming(self) -> tuple[str, ...]:
        """The state of a form just received, and those in which the requester's answer is awaited."""
        events = [event for version in self.reader.versions.values() for event in version.events.values()]
        answers = [e for e in events if e.form and e.moves and not e.creates]
        return *self.beginnings, *(state for e in answers for t in e.transitions for state in t.sources)

    def _owed(self) -> tuple[str, ...]:
        """The states, once a form is received, in which something is expected of the lab."""
        states = [state for version in self.reader.versions.values() for state in version.states.items()]
        return tuple(c for c, s in states if s.owes in ("lab", "both") and c not in self.beginnings)

    def _in_states(self, states: Sequence[str]) -> list[dict[str, Any]]:
        return self.reader.requests(Filters(state=states, sort="submitted_at"))

    def _targets(self, until: date) -> Iterator[Target]:
        """The open deadlines that fall due by the end of a day, the earliest first."""
        d = s.deadlines.c
        query = (
            select(d.kind, d.anchor, d.due_at, s.requests.c.ref, s.requests.c.document, s.vault.c.value.label("title"))
            .select_from(_titled(s.deadlines, d.stream))
            .where(d.status == OPEN, d.due_at < self._start(until + _DAY))
            .order_by(d.due_at, d.stream, d.kind)
        )
        for row in self.reader.connection.execute(query):
            for request in self.reader.readable([row]):
                yield Target(request, _title(row), row.kind, row.anchor, row.due_at)

    def _target(self, target: Target) -> dict[str, Any]:
        request, declaration = target.request, self.reader.declaration_of(target.request.declaration)
        awaited = Awaited(declaration, request, target.kind, target.anchor, self.now, self.reader.typist)
        found = {
            "ref": request.ref,
            "title": target.title,
            "state": request.state,
            "tier": request.tier,
            "kind": target.kind,
            "due_at": offset_time(target.due_at, self.zone),
            "overdue": target.due_at <= self.now,
            "label": declaration.deadline_label(target.kind, request.kind),
            "command": next(awaited.commands()),
        }
        return {**found, "meeting_id": target.meeting} if target.meeting else found

    # --- Meetings ---

    def _start(self, day: date) -> str:
        return instant(datetime.combine(day, time(0), self.zone))

    def _meetings(self, *wanted: ColumnElement[bool]) -> list[dict[str, Any]]:
        m, w = s.meetings.c, s.meeting_staff.c
        query = (
            select(m.stream, m.id, m.kind, m.status, m.at, m.end_at, m.place, w.staff, s.vault.c.value.label("title"))
            .select_from(titled_meetings().outerjoin(s.meeting_staff, (w.stream == m.stream) & (w.meeting == m.id)))
            .where(*wanted)
            .order_by(m.at, m.stream, m.id, w.rank)
        )
        rows = self.reader.connection.execute(query)
        return [self._meeting(list(of_one)) for _key, of_one in groupby(rows, attrgetter("stream", "id"))]

    def _meeting(self, rows: Sequence[Any]) -> dict[str, Any]:
        """One meeting, of a row for each of the people expected."""
        row = rows[0]
        return {
            "ref": row.stream,
            "meeting_id": row.id,
            "title": _title(row),
            "kind": row.kind,
            "status": row.status,
            "at": offset_time(row.at, self.zone),
            "end_at": offset_time(row.end_at, self.zone),
            "place": row.place,
            "staff": [each.staff for each in rows if each.staff],
            "to_record": row.status == PLANNED and row.end_at <= self.now,
        }

    def _unrecorded(self) -> list[dict[str, Any]]:
        """The planned meetings that are over and not recorded."""
        m = s.meetings.c
        return self._meetings(m.status == PLANNED, m.at < self.now, m.end_at <= self.now)

    def _between(self, first: date, last: date) -> list[dict[str, Any]]:
        m = s.meetings.c
        return self._meetings(
            m.status.in_((PLANNED, HELD)), m.at >= self._start(first), m.at < self._start(last + _DAY)
        )

    def _day(self, day: date) -> dict[str, Any]:
        found = [m for m in self._between(day, day) if not m["to_record"]]
        return {"day": day.isoformat(), "meetings": found}

    # --- The calendar ---

    def agenda(self, first: date, last: date) -> dict[str, Any]:
        """Each day of a period, both ends included: its week, what closes it or changes it, its meetings."""
        found: dict[str, list[dict[str, Any]]] = {}
        for meeting in self._between(first, last):
            found.setdefault(meeting["at"][:10], []).append(meeting)
        days = [{**day, "meetings": found.get(day["day"], [])} for day in self._particular(first, last)]
        return {"from": first.isoformat(), "to": last.isoformat(), "days": days}

    def _particular(self, first: date, last: date) -> list[dict[str, Any]]:
        """What each day is: its week, what closes or swaps it, who is away."""
        around = self.reader.surroundings(self._start(first), end_of(self._start(last), 1439))
        return [
            {
                **view.document(),
                "week": view.day.isocalendar().week,
                "absences": [
                    {"staff": absence.staff, "from": absence.first.isoformat(), "to": absence.last.isoformat()}
                    for absence in around.absences
                    if absence.first <= view.day <= absence.last
                ],
            }
            for view in day_views(self.declaration, around, first, last)
        ]


def _once(targets: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """A thing to do is told once: a late debrief is to be recorded, and thereby held; the earliest due is kept."""
    return list({(target["ref"], target["command"]): target for target in reversed(list(targets))}.values())[::-1]


def titled_meetings() -> Any:
    """The meetings of requests and of activities, joined to what each is called in the vault."""
    m, r, a, v = s.meetings.c, s.requests, s.activities, s.vault.c
    either = func.coalesce(r.c.title_seq, a.c.title_seq)
    title = and_(v.stream == m.stream, v.seq == either, v.field == "title")
    subjects = s.meetings.outerjoin(r, r.c.ref == m.stream).outerjoin(a, a.c.ref == m.stream)
    return subjects.outerjoin(s.vault, title)


def _titled(table: Any, stream: ColumnElement[str]) -> Any:
    """A table whose rows are about a request, joined to that request and to its title in the vault."""
    r, v = s.requests, s.vault.c
    title = and_(v.stream == r.c.ref, v.seq == r.c.title_seq, v.field == "title")
    return table.join(r, r.c.ref == stream).outerjoin(s.vault, title)


def _title(row: Any) -> str | None:
    return json.loads(row.title) if row.title else None


def deadlines_of(reader: Reader, request: Request, *, days: bool) -> list[dict[str, Any]]:
    """Each deadline a request ever had, settled ones included; with `days`, each day counted or skipped."""
    declaration = reader.declaration_of(request.declaration)
    calendar, zone = reader.calendar(declaration), declaration.lab.tz
    found, mine = [], reader.deadlines(request)
    explained = explanations(reader, reader.entries(request.ref), mine, reader.texts(request.ref))
    for deadline in mine:
        document = {
            **deadline_document(declaration, deadline, explained.get(deadline.key)),
            "counted_from": deadline.anchor_day.isoformat(),
            "working_days": None if deadline.months else deadline.days,
            "months": deadline.months,
            "settled_at": offset_time(deadline.settled_at, zone),
        }
        if days:
            document["days"] = [_step(step) for step in explain(declaration, request, calendar, deadline)]
        found.append(document)
    return found


def _step(step: Step) -> dict[str, Any]:
    said = step.cause or step.remark
    return {
        "day": step.day.isoformat(),
        "counted": step.counted,
        "number": step.number,
        "cause": step.cause.kind if step.cause else None,
        "text": said.text if said else None,
    }
