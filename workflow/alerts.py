"""Alerts, raised once for their cause and settled when it is gone: entries of the lab's stream, rows of `alerts`.

The rules are pure (`states.risks.rules`); the sweep (`workflow.sweep`) looks for what is due.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from states.deadlines import OPEN, Deadline
from states.declaration.model import Declaration
from states.errors import FieldError, Invalid, NotFound
from states.language import _
from states.risks.rules import STAGES, Risk, deadline_cause, rank
from workflow.history.reference_data import record
from workflow.outbox.queue import queue_alert
from workflow.store.database import Transaction

STANDING = ("open", "acknowledged", "snoozed")  # the statuses of what is not settled
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
    def of(cls, row: Sequence[Any]) -> Alert:
        """The alert of a row, in the order of the table's columns."""
        id, cause, rule, level, status, ref, meeting, staff, kind, stage, due_at, addressed_to, facts, *rest = row
        risk = Risk(rule, level, cause, ref, meeting, staff, kind, stage, due_at, addressed_to, json.loads(facts))
        return cls(id, risk, status, *rest)


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
        stands = False
        for id, level, stage, status, settled_as in self.tx.all("alerts_of_cause", risk.cause):
            known = _order(level, stage)
            if status != "resolved" or (risk.rule == "deadline" and settled_as != "gone"):
                stands = stands or known >= _order(risk.level, risk.stage)
            if status != "resolved" and known < _order(risk.level, risk.stage):
                self.settle(id, "superseded")
        if stands:
            return False
        last = self.tx.one("last_alert")
        number = (last[0] if last and last[0] else 0) + 1
        self.write("alert_raised", {"id": number, **_data(risk)})
        queue_alert(self.tx, number, risk, self.now)
        return True

    def settle(self, id: int, how: str) -> None:
        """Settles an alert: its cause is `gone`, or it is `superseded`."""
        self.write("alert_resolved", {"id": id, "as": how})


def _order(level: str, stage: str | None) -> int:
    return STAGES.index(stage) if stage else rank(level)


def _data(risk: Risk) -> dict[str, Any]:
    names = ("rule", "level", "cause", "ref", "meeting", "staff", "kind", "stage", "due_at", "addressed_to")
    return {**{name: getattr(risk, name) for name in names}, "facts": dict(risk.facts)}


def alerts_of(tx: Transaction, ref: str) -> list[Alert]:
    """Every alert there has been about a request."""
    return [Alert.of(row) for row in tx.all("alerts_of", ref)]


def settle_deadlines(scribe: Scribe, alerts: Iterable[Alert], ref: str, waiting: Iterable[Deadline]) -> None:
    """Settles, of a request's alerts, those of deadlines that are no longer awaited, or at another moment."""
    due = {deadline_cause(ref, d.kind, d.meeting or str(d.seq), d.due_at) for d in waiting if d.status == OPEN}
    for alert in alerts:
        if alert.status != "resolved" and alert.risk.rule == "deadline" and alert.risk.cause not in due:
            scribe.settle(alert.id, "gone")


def attend(scribe: Scribe, id: int, until: str | None = None) -> None:
    """Acknowledges an alert, or snoozes it until an instant; it still settles by itself."""
    row = scribe.tx.one("alert", id)
    if row is None:
        raise NotFound(_("There is no alert {id}.", id=id), hint="coop alerts")
    if row[0] == "resolved":
        raise Invalid([FieldError("id", _("alert {id} is settled already", id=id))])
    if until is not None and until <= scribe.now:
        raise Invalid([FieldError("until", _("a moment to come is expected"))])
    if until is None:
        scribe.write("alert_acknowledged", {"id": id})
    else:
        scribe.write("alert_snoozed", {"id": id, "until": until})
