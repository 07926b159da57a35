"""From a folded request to its rows in the derived tables. The live path and `coop db rebuild` both use this."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from states.calendar.working_days import WorkingCalendar
from states.canonical import canonical
from states.deadlines import OPEN, Deadline, waiting
from states.declaration.model import Declaration
from states.declaration.types import end_of
from states.references import is_activity
from states.requests.request import Change, Meeting, Request
from states.risks.rules import STAGES, deadline_cause
from workflow.alerts import Alert
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


def insert(tx: Transaction, request: Request, waiting: list[Deadline], raised: Mapping[str, int]) -> None:
    """The rows of a new request or activity. `raised`: see `raised_stages`."""
    if is_activity(request.ref):
        tx.run(q.insert_activity, ref=request.ref, **_activity_row(request))
    else:
        fixed = {"external_id": request.form.get("external_id"), "submitted_at": request.submitted_at}
        tx.run(q.insert_request, ref=request.ref, **fixed, **_request_row(request, waiting))
    for meeting in request.meetings:
        _write_meeting(tx, request.ref, meeting, None)
    _write_deadlines(tx, request.ref, waiting, raised)


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
    _write_deadlines(tx, request.ref, waiting, raised)


def _write_meeting(tx: Transaction, ref: str, m: Meeting, known: Meeting | None) -> None:
    tx.run(
        q.upsert_meeting,
        stream=ref,
        id=m.id,
        kind=m.kind,
        status=m.status,
        at=m.begins_at,
        end_at=end_of(m.begins_at, m.duration),
        place=m.place,
        skill=m.skill,
    )
    if known and known.staff == m.staff:
        return
    if known:
        tx.run(q.delete_meeting_staff, which=ref, of_meeting=m.id)
    for rank, person in enumerate(m.staff):
        tx.run(q.insert_meeting_staff, stream=ref, meeting=m.id, staff=person, rank=rank)


def raised_stages(alerts: Iterable[Alert]) -> dict[str, int]:
    """The highest stage raised for each deadline, by its cause, as a rank; what has lost its cause does not count."""
    found: dict[str, int] = {}
    for alert in alerts:
        if alert.risk.stage and alert.settled_as != "gone":
            cause = alert.risk.cause
            found[cause] = max(found.get(cause, -1), STAGES.index(alert.risk.stage))
    return found


_OF_A_DEADLINE = ("kind", "status", "due_at", "reminder_at", "escalation_at", "settled_at")


def _write_deadlines(tx: Transaction, ref: str, waiting: list[Deadline], raised: Mapping[str, int]) -> None:
    for d in waiting:
        anchor = d.meeting or str(d.seq)
        cause = deadline_cause(ref, d.kind, anchor, d.due_at)
        stages = (d.reminder_at, d.due_at if d.status == OPEN else None, d.escalation_at)
        ahead = next((at for at in stages[raised.get(cause, -1) + 1 :] if at), None)
        tx.run(
            q.upsert_deadline,
            stream=ref,
            anchor=anchor,
            next_stage_at=ahead,
            **{name: getattr(d, name) for name in _OF_A_DEADLINE},
        )
