"""From a folded request to its rows in the derived tables. The live path and `coop db rebuild` both use this."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Table

from states.calendar.working_days import WorkingCalendar
from states.canonical import canonical
from states.deadlines import OPEN, Deadline, waiting
from states.declaration.model import Declaration
from states.declaration.types import end_of
from states.references import is_activity
from states.requests.request import Change, Meeting, Request
from states.risks.rules import STAGES, deadline_cause
from workflow.alerts import Alert
from workflow.store import schema as s
from workflow.store import statements as q
from workflow.store.transaction import Transaction


def awaiting(declaration: Declaration, request: Request, calendar: WorkingCalendar, now: str) -> list[Deadline]:
    """The deadlines that still wait for something: open or paused. The settled ones follow from the request."""
    return waiting(declaration, request, calendar, now)


def _request_row(request: Request, waiting: list[Deadline]) -> dict[str, object]:
    """The changing columns of `requests`."""
    form = request.form
    due = [d.due_at for d in waiting if d.status == "open" and d.due_at]
    return {
        "seq": request.seq,
        "head": request.head,
        "declaration": request.declaration,
        "state": request.state,
        **{name: form[name] for name in ("kind", "axis", "service", "department", "place")},
        "tier": request.tier,
        "follows": form.get("follows"),
        "title_seq": form["title"]["seq"],
        "next_due_at": min(due, default=None),
        "recorded_at": request.recorded_at,
        "document": canonical(request.document()),
    }


def _activity_row(activity: Request) -> dict[str, object]:
    """The changing columns of `activities`."""
    form, slot = activity.form, activity.meetings[0]
    return {
        "seq": activity.seq,
        "head": activity.head,
        "declaration": activity.declaration,
        "state": activity.state,
        "type": form["type"],
        "axis": form["axis"],
        "at": slot.begins_at,
        "title_seq": form["title"]["seq"],
        "recorded_at": activity.recorded_at,
        "document": canonical(activity.document()),
    }


def rows_of(
    request: Request, waiting: list[Deadline], raised: Mapping[str, int]
) -> Iterator[tuple[Table, Mapping[str, Any]]]:
    """Each row of a request or an activity, with its table. `raised`: see `raised_stages`."""
    if is_activity(request.ref):
        yield s.activities, {"ref": request.ref, **_activity_row(request)}
    else:
        fixed = {"external_id": request.form.get("external_id"), "submitted_at": request.submitted_at}
        yield s.requests, {"ref": request.ref, **fixed, **_request_row(request, waiting)}
    for meeting in request.meetings:
        yield s.meetings, _meeting_row(request.ref, meeting)
        for row in _staff_rows(request.ref, meeting):
            yield s.meeting_staff, row
    for deadline in waiting:
        yield s.deadlines, _deadline_row(request.ref, deadline, raised)


_INTO = {
    s.requests: q.insert_request,
    s.activities: q.insert_activity,
    s.meetings: q.upsert_meeting,
    s.meeting_staff: q.insert_meeting_staff,
    s.deadlines: q.upsert_deadline,
}


def insert(tx: Transaction, request: Request, waiting: list[Deadline], raised: Mapping[str, int]) -> None:
    """The rows of a new request or activity."""
    put(tx, rows_of(request, waiting, raised))


def put(tx: Transaction, rows: Iterable[tuple[Table, Mapping[str, Any]]]) -> None:
    """Writes rows that are not there yet, each with its table."""
    for table, row in rows:
        tx.run(_INTO[table], **row)


def update(
    tx: Transaction,
    request: Request,
    waiting: list[Deadline],
    raised: Mapping[str, int],
    changed: Mapping[str, Change] = MappingProxyType({}),
) -> None:
    """The rows of a request that has some. `changed`: its meetings that are not what its rows say."""
    if is_activity(request.ref):
        tx.run(q.update_activity, which=request.ref, **_activity_row(request))
    else:
        tx.run(q.update_request, which=request.ref, **_request_row(request, waiting))
    if any(after is None for _before, after in changed.values()):
        tx.run(q.delete_meetings, which=request.ref)
        tx.run(q.delete_all_meeting_staff, which=request.ref)
        changed = {meeting.id: (None, meeting) for meeting in request.meetings}
    for before, after in changed.values():
        if after is not None:
            _write_meeting(tx, request.ref, after, before)
    tx.run(q.delete_deadlines, which=request.ref)
    for deadline in waiting:
        tx.run(q.upsert_deadline, **_deadline_row(request.ref, deadline, raised))


def _write_meeting(tx: Transaction, ref: str, meeting: Meeting, known: Meeting | None) -> None:
    tx.run(q.upsert_meeting, **_meeting_row(ref, meeting))
    if known and known.staff == meeting.staff:
        return
    if known:
        tx.run(q.delete_meeting_staff, which=ref, of_meeting=meeting.id)
    for row in _staff_rows(ref, meeting):
        tx.run(q.insert_meeting_staff, **row)


def _meeting_row(ref: str, meeting: Meeting) -> dict[str, Any]:
    return {
        "stream": ref,
        "id": meeting.id,
        "kind": meeting.kind,
        "status": meeting.status,
        "at": meeting.begins_at,
        "end_at": end_of(meeting.begins_at, meeting.duration),
        "place": meeting.place,
        "skill": meeting.skill,
    }


def _staff_rows(ref: str, meeting: Meeting) -> Iterator[dict[str, Any]]:
    for rank, person in enumerate(meeting.staff):
        yield {"stream": ref, "meeting": meeting.id, "staff": person, "rank": rank}


def raised_stages(alerts: Iterable[Alert]) -> dict[str, int]:
    """The highest stage raised for each deadline, by its cause, as a rank; what has lost its cause does not count."""
    found: dict[str, int] = {}
    for alert in alerts:
        if alert.risk.stage and alert.settled_as != "gone":
            cause = alert.risk.cause
            found[cause] = max(found.get(cause, -1), STAGES.index(alert.risk.stage))
    return found


def _deadline_row(ref: str, deadline: Deadline, raised: Mapping[str, int]) -> dict[str, Any]:
    anchor = deadline.meeting or str(deadline.seq)
    due_at = deadline.due_at if deadline.status == OPEN else None
    stages = (deadline.reminder_at, due_at, deadline.escalation_at)
    rank = raised.get(deadline_cause(ref, deadline.kind, anchor, deadline.due_at), -1)
    return {
        "stream": ref,
        "kind": deadline.kind,
        "anchor": anchor,
        "status": deadline.status,
        "due_at": deadline.due_at,
        "reminder_at": deadline.reminder_at,
        "escalation_at": deadline.escalation_at,
        "settled_at": deadline.settled_at,
        "next_stage_at": next((at for at in stages[rank + 1 :] if at), None),
    }
