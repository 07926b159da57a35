"""From a folded request to its rows in the derived tables. The live path and `coop db rebuild` both use this."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from states.calendar.working_days import WorkingCalendar
from states.canonical import canonical
from states.deadlines import OPEN, Deadline, waiting
from states.declaration.model import Declaration
from states.declaration.types import end_of
from states.references import is_activity
from states.requests.request import Meeting, Request
from states.risks.rules import STAGES, deadline_cause
from workflow.alerts import Alert
from workflow.store.database import Transaction


def awaiting(declaration: Declaration, request: Request, calendar: WorkingCalendar, now: str) -> list[Deadline]:
    """The deadlines that still wait for something: open or paused. The settled ones follow from the request."""
    return waiting(declaration, request, calendar, now)


def _request_row(request: Request, waiting: list[Deadline]) -> tuple[object, ...]:
    """The changing columns of `requests`, in the order of the statement."""
    form = request.form
    due = [d.due_at for d in waiting if d.status == "open" and d.due_at]
    return (
        request.seq,
        request.head,
        request.declaration,
        request.state,
        form["kind"],
        form["axis"],
        form["service"],
        form["department"],
        form["place"],
        request.tier,
        form.get("follows"),
        form["title"]["seq"],
        min(due, default=None),
        request.recorded_at,
        canonical(request.document()),
    )


def _activity_row(activity: Request) -> tuple[object, ...]:
    """The changing columns of `activities`, in the order of the statement."""
    told = activity.form
    return (
        activity.seq,
        activity.head,
        activity.declaration,
        activity.state,
        told["type"],
        told["axis"],
        activity.meetings[0].started_at or activity.meetings[0].at,
        told["title"]["seq"],
        activity.recorded_at,
        canonical(activity.document()),
    )


def insert(tx: Transaction, request: Request, waiting: list[Deadline], raised: Mapping[str, int]) -> None:
    """The rows of a new request or activity. `raised`: see `raised_stages`."""
    if is_activity(request.ref):
        tx.run("insert_activity", request.ref, *_activity_row(request))
    else:
        row = _request_row(request, waiting)
        fixed = (request.form.get("external_id"), request.submitted_at)
        tx.run("insert_request", request.ref, *row[:11], *fixed, *row[11:])
    for meeting in request.meetings:
        _write_meeting(tx, request.ref, meeting)
    _write_deadlines(tx, request.ref, waiting, raised)


def update(
    tx: Transaction,
    request: Request,
    waiting: list[Deadline],
    before: dict[str, object],
    seq: int,
    raised: Mapping[str, int],
) -> bool:
    """The rows of what changed, given its meetings' rows before; False when it was no longer at entry `seq`."""
    if seq == 0:
        insert(tx, request, waiting, raised)
        return True
    if is_activity(request.ref):
        changed = tx.run("update_activity", *_activity_row(request), request.ref, seq)
    else:
        changed = tx.run("update_request", *_request_row(request, waiting), request.ref, seq)
    if changed != 1:
        return False
    after = meeting_rows(request)
    if before.keys() - after.keys():
        tx.run("delete_meetings", request.ref)
        before = {}
    for meeting in request.meetings:
        if before.get(meeting.id) != after[meeting.id]:
            _write_meeting(tx, request.ref, meeting)
    tx.run("delete_deadlines", request.ref)
    _write_deadlines(tx, request.ref, waiting, raised)
    return True


def meeting_rows(request: Request) -> dict[str, object]:
    """What the table `meetings` shows of each meeting, to know which rows changed."""
    return {m.id: (m.status, m.started_at or m.at, m.duration, m.place, tuple(m.staff)) for m in request.meetings}


def _write_meeting(tx: Transaction, ref: str, m: Meeting) -> None:
    at = m.started_at or m.at
    tx.run(
        "upsert_meeting", ref, m.id, m.kind, m.status, at, end_of(at, m.duration), m.place, ",".join(m.staff), m.skill
    )


def raised_stages(alerts: Iterable[Alert]) -> dict[str, int]:
    """The highest stage raised for each deadline, by its cause, as a rank; what has lost its cause does not count."""
    found: dict[str, int] = {}
    for alert in alerts:
        if alert.risk.stage and alert.settled_as != "gone":
            cause = alert.risk.cause
            found[cause] = max(found.get(cause, -1), STAGES.index(alert.risk.stage))
    return found


def _write_deadlines(tx: Transaction, ref: str, waiting: list[Deadline], raised: Mapping[str, int]) -> None:
    for d in waiting:
        anchor = d.meeting or str(d.seq)
        cause = deadline_cause(ref, d.kind, anchor, d.due_at)
        stages = (d.reminder_at, d.due_at if d.status == OPEN else None, d.escalation_at)
        ahead = next((at for at in stages[raised.get(cause, -1) + 1 :] if at), None)
        row = (ref, d.kind, anchor, d.status, d.due_at, d.reminder_at, d.escalation_at, d.settled_at, ahead)
        tx.run("upsert_deadline", *row)
