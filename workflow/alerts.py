"""Alerts, raised once for their cause and settled when it is gone: entries of the lab's stream, rows of `alerts`.

The rules are pure (`states.risks.rules`). The sweep (`workflow.sweep`) looks for what is due. `resolve_gone` settles at
once, in the transaction of a change, what the change removes: by the sweep's own rules, asked only about the alerts
that stand, so that the sweep never says otherwise a minute later.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from attrs import define, evolve

from states.calendar.day_ranges import merged
from states.deadlines import OPEN, Deadline
from states.declaration.types import local
from states.errors import FieldError, Invalid, NotFound
from states.language import _
from states.planning.meeting import Planned, planned
from states.requests.request import PLANNED, Request
from states.risks.remedies import Forecast
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
from workflow.history.facts import Facts
from workflow.history.lab_log import OF_A_RISK, RAISED, SETTLED, LabWriter
from workflow.outbox.queue import queue_alert
from workflow.store import statements as q
from workflow.store.transaction import Transaction

STANDING = ("open", "acknowledged", "snoozed")  # the statuses of what is not settled
_WEEK = timedelta(days=7)


class Alert(NamedTuple):
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


@define(eq=False, repr=False)
class Scribe(LabWriter):
    """Writes the entries about alerts.

    `replaced`: how many of those raised at this moment a higher one has already settled.
    """

    replaced: int = 0

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
                self.replaced += alike.raised_at == self.now
        if stands:
            return False
        number = (self.tx.one(q.last_alert).id or 0) + 1
        self.write(RAISED, {"id": number, **_data(risk)})
        queue_alert(self.tx, self.declaration, number, risk, self.now)
        return True

    def settle(self, id: int, how: str) -> None:
        """Settles an alert: its cause is `gone`, or it is `superseded`."""
        self.write(SETTLED, {"id": id, "as": how})


def _order(level: str, stage: str | None) -> int:
    return STAGES.index(stage) if stage else rank(level)


def _data(risk: Risk) -> dict[str, Any]:
    return {**{name: getattr(risk, name) for name in OF_A_RISK}, "facts": dict(risk.facts)}


def alerts_of(tx: Transaction, ref: str) -> list[Alert]:
    """Every alert there has been about a request."""
    return [Alert.of(row) for row in tx.all(q.alerts_of, ref=ref)]


def unsettled(alerts: Iterable[Alert]) -> bool:
    """Whether one of some alerts is not settled."""
    return any(alert.status != "resolved" for alert in alerts)


def standing(tx: Transaction) -> list[Alert]:
    """The alerts that are not settled."""
    return [Alert.of(row) for row in tx.all(q.standing_alerts)]


def others(tx: Transaction, request: Request) -> list[Alert]:
    """The alerts that another meeting of this request may settle: those of weeks, and of other requests."""
    return [alert for alert in map(Alert.of, tx.all(q.crossing_alerts)) if alert.risk.ref != request.ref]


def settle_deadlines(scribe: Scribe, alerts: Iterable[Alert], ref: str, waiting: Iterable[Deadline]) -> None:
    """Settles, of a request's alerts, those of deadlines that are no longer awaited, or at another moment."""
    due = {deadline_cause(ref, d.kind, d.meeting or str(d.seq), d.due_at) for d in waiting if d.status == OPEN}
    for alert in alerts:
        if alert.status != "resolved" and alert.risk.rule == "deadline" and alert.risk.cause not in due:
            scribe.settle(alert.id, "gone")


def resolve_gone(scribe: Scribe, facts: Facts, alerts: Iterable[Alert]) -> None:
    """Settles, of these alerts, those about meetings and weeks that nothing justifies any more."""
    for alert in alerts:
        if alert.status != "resolved" and alert.risk.rule != "deadline" and not _stands(facts, alert.risk):
            scribe.settle(alert.id, "gone")


def _stands(facts: Facts, risk: Risk) -> bool:
    if risk.rule == "overload":
        risks = overloads(facts, date.fromisoformat(risk.facts["monday"]), 1, staff=risk.staff)
    else:
        request = facts.told(risk.ref or "")
        if risk.ref in facts.odd:
            return True  # nobody knows: it stands until somebody does
        meeting = request.meeting(risk.meeting) if request else None
        if request is None or meeting is None or meeting.status != PLANNED:
            return False
        risks = meeting_risks(facts, [planned(request, meeting)])
    return any(other.cause == risk.cause for other in risks)


def meeting_risks(facts: Facts, meetings: Sequence[Planned]) -> list[Risk]:
    """What is at stake for some meetings, as things are now."""
    declaration, zone = facts.declaration, facts.declaration.lab.tz
    organising: dict[str, Any] = {}
    for ref in {m.ref for m in meetings if m.kind == "session"}:
        request = facts.told(ref)
        organising[ref] = open_tasks(request, facts.declaration_of(request.declaration)) if request else []
    days = merged((local(m.at, zone).date(), local(m.end, zone).date()) for m in meetings)
    if not days:
        return []
    first, last = facts.midnight(days[0][0]), facts.midnight(days[-1][1] + timedelta(days=1))
    bookings = [
        booking
        for begins, ends in days
        for booking in facts.bookings(facts.midnight(begins), facts.midnight(ends + timedelta(days=1)))
    ]
    around = evolve(facts.days_off(first, last), bookings=list(dict.fromkeys(bookings)))
    watch = Watch(declaration, around, facts.people, facts.now, facts.calendar(declaration), organising)
    return [risk for meeting in meetings for risk in risks_of(meeting, watch)]


def overloads(facts: Facts, monday: date, weeks: int, *, staff: str | None = None) -> list[Risk]:
    """The weeks that ask too much of someone, from a Monday on."""
    people = [person for person in facts.people if staff in (None, person.id)]
    end = facts.midnight(monday + weeks * _WEEK)
    start = facts.midnight(monday)
    ahead = Forecast(facts.declaration, facts.days_off(start, end), people, facts.now)
    found = loads(facts.lived(start, end), ahead, facts.declaration_of, monday, weeks)
    return [
        risk
        for load in found
        if load.person is not None
        for week in load.weeks
        if (risk := overload_risk(load.person.id, week))
    ]


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
