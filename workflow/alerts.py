"""Alerts, raised once for their cause and settled when it is gone: entries of the lab's stream, rows of `alerts`.

The rules are pure (`states.risks.rules`). The sweep (`workflow.sweep`) looks for what is due. `resolve_gone` settles at
once, in the transaction of a change, what the change removes: by the sweep's own rules, asked only about the alerts
that stand, so that the sweep never says otherwise a minute later.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from attrs import define, evolve, frozen

from states.deadlines import OPEN, Deadline
from states.declaration.model import Declaration
from states.declaration.types import instant
from states.errors import FieldError, Invalid, NotFound
from states.language import _
from states.references import is_activity
from states.requests.request import PLANNED, Request
from states.risks.remedies import Person, Planned, planned
from states.risks.rules import (
    STAGES,
    Risk,
    Watch,
    deadline_cause,
    open_tasks,
    overload_risk,
    rank,
    risks_of,
)
from states.risks.workload import loads
from workflow.history.lab_log import OF_A_RISK, record
from workflow.history.reference_data import ReferenceData, surroundings
from workflow.outbox.queue import queue_alert
from workflow.store import statements as q
from workflow.store.database import Transaction

STANDING = ("open", "acknowledged", "snoozed")  # the statuses of what is not settled
_WEEK = timedelta(days=7)
SYSTEM = "system"  # who raises and settles: the scheduler, or the event that removes a cause


@frozen
class Alert:
    """A row of `alerts`."""

    id: int
    risk: Risk
    status: str  # open, acknowledged, snoozed, resolved
    raised_at: str
    snoozed_until: str | None
    settled_at: str | None
    settled_as: str | None

    @classmethod
    def of(cls, row: Any) -> Alert:
        """The alert of a row of the table."""
        risk = Risk(**{name: getattr(row, name) for name in OF_A_RISK}, facts=json.loads(row.facts))
        return cls(row.id, risk, row.status, row.raised_at, row.snoozed_until, row.settled_at, row.settled_as)


@frozen
class Scribe:
    """Writes entries about alerts in a transaction: who, under which declaration, when."""

    tx: Transaction
    declaration: Declaration
    now: str
    actor: str = SYSTEM
    role: str = SYSTEM

    def write(self, event: str, data: Mapping[str, Any]) -> None:
        record(
            self.tx,
            event,
            data,
            actor=self.actor,
            role=self.role,
            declaration=self.declaration.digest,
            now=self.now,
        )

    def raise_(self, risk: Risk) -> bool:
        """Raises an alert unless it stands already at that level or above; a higher one settles the lower."""
        risk = evolve(risk, addressed_to=risk.addressed_to or self.declaration.keeper)
        stands = False
        for alike in self.tx.all(q.alerts_of_cause, cause=risk.cause):
            known = _order(alike.level, alike.stage)
            if alike.status != "resolved" or (risk.rule == "deadline" and alike.settled_as != "gone"):
                stands = stands or known >= _order(risk.level, risk.stage)
            if alike.status != "resolved" and known < _order(risk.level, risk.stage):
                self.settle(alike.id, "superseded")
        if stands:
            return False
        number = (self.tx.one(q.last_alert).id or 0) + 1
        self.write("alert_raised", {"id": number, **_data(risk)})
        queue_alert(self.tx, self.declaration, number, risk, self.now)
        return True

    def settle(self, id: int, how: str) -> None:
        """Settles an alert: its cause is `gone`, or it is `superseded`."""
        self.write("alert_resolved", {"id": id, "as": how})


def _order(level: str, stage: str | None) -> int:
    return STAGES.index(stage) if stage else rank(level)


def _data(risk: Risk) -> dict[str, Any]:
    return {**{name: getattr(risk, name) for name in OF_A_RISK}, "facts": dict(risk.facts)}


def alerts_of(tx: Transaction, ref: str) -> list[Alert]:
    """Every alert there has been about a request."""
    return [Alert.of(row) for row in tx.all(q.alerts_of, ref=ref)]


def standing(tx: Transaction) -> list[Alert]:
    """The alerts that are not settled."""
    return [Alert.of(row) for row in tx.all(q.standing_alerts)]


def crossing(tx: Transaction) -> bool:
    """Whether an alert stands that a meeting of any request may settle: of a week, of nobody else being free."""
    return tx.one(q.crossing_alerts) is not None


def others(tx: Transaction, request: Request) -> list[Alert]:
    """The alerts that another meeting of this request may settle: those of weeks, and of other requests."""
    return [alert for alert in map(Alert.of, tx.all(q.crossing_alerts)) if alert.risk.ref != request.ref]


def settle_deadlines(scribe: Scribe, alerts: Iterable[Alert], ref: str, waiting: Iterable[Deadline]) -> None:
    """Settles, of a request's alerts, those of deadlines that are no longer awaited, or at another moment."""
    due = {deadline_cause(ref, d.kind, d.meeting or str(d.seq), d.due_at) for d in waiting if d.status == OPEN}
    for alert in alerts:
        if alert.status != "resolved" and alert.risk.rule == "deadline" and alert.risk.cause not in due:
            scribe.settle(alert.id, "gone")


def resolve_gone(scribe: Scribe, reference: ReferenceData, alerts: Iterable[Alert]) -> None:
    """Settles, of these alerts, those about meetings and weeks that nothing justifies any more."""
    causes = _Causes(scribe, reference)
    for alert in alerts:
        if alert.status != "resolved" and alert.risk.rule != "deadline" and not causes.stand(alert.risk):
            scribe.settle(alert.id, "gone")


@define(slots=False)
class _Causes:
    """Whether what raised an alert about a meeting or a week is still so, in a transaction."""

    scribe: Scribe
    reference: ReferenceData

    def stand(self, risk: Risk) -> bool:
        found = self._of_week(risk) if risk.rule == "overload" else self._of_meeting(risk)
        return any(other.cause == risk.cause for other in found)

    @cached_property
    def _people(self) -> list[Person]:
        return [
            Person(p.id, p.role, tuple(filter(None, p.skills.split(","))), p.hours, bool(p.active), p.site)
            for p in self.scribe.tx.all(q.people)
        ]

    def _of_meeting(self, risk: Risk) -> list[Risk]:
        row = self.scribe.tx.one(q.activity if is_activity(risk.ref or "") else q.request, ref=risk.ref)
        request = Request.from_document(json.loads(row.document)) if row else None
        meeting = request.meeting(risk.meeting) if request else None
        if request is None or meeting is None or meeting.status != PLANNED:
            return []
        declaration, one = self.scribe.declaration, planned(request, meeting)
        around = surroundings(self.scribe.tx, declaration, self.reference, one.slot)
        watch = Watch(
            declaration,
            self.reference.calendar(declaration),
            around,
            self._people,
            self.scribe.now,
            {request.ref: open_tasks(request, declaration)},
        )
        return risks_of(one, watch)

    def _of_week(self, risk: Risk) -> list[Risk]:
        week, declaration = date.fromisoformat(risk.facts["monday"]), self.scribe.declaration
        around = evolve(
            self.reference.around(), absences=self.reference.absences_between(self.scribe.tx, week, week + _WEEK)
        )
        people = [person for person in self._people if person.id == risk.staff]
        found = loads(declaration, self._meetings(week), around, people, first=week, weeks=1)
        return [
            over
            for load in found
            if load.person is not None
            for one in load.weeks
            if (over := overload_risk(load.person.id, one))
        ]

    def _meetings(self, week: date) -> Sequence[Planned]:
        zone = self.scribe.declaration.lab.tz
        first, last = [instant(datetime.combine(day, time(0), zone)) for day in (week, week + _WEEK)]
        found = []
        for row in self.scribe.tx.all(q.meetings_between, first=first, last=last):
            request = Request.from_document(json.loads(row.document))
            meeting = request.meeting(row.id)
            if meeting is not None:
                found.append(planned(request, meeting))
        return found


def attend(scribe: Scribe, id: int, until: str | None = None) -> None:
    """Acknowledges an alert, or snoozes it until an instant; it still settles by itself."""
    row = scribe.tx.one(q.alert, which=id)
    if row is None:
        raise NotFound(_("There is no alert {id}.", id=id), hint="coop alerts")
    if row.status == "resolved":
        raise Invalid([FieldError("id", _("alert {id} is settled already", id=id))])
    if until is not None and until <= scribe.now:
        raise Invalid([FieldError("until", _("a moment to come is expected"))])
    if until is None:
        scribe.write("alert_acknowledged", {"id": id})
    else:
        scribe.write("alert_snoozed", {"id": id, "until": until})
