"""What a change settles at once: the standing alerts whose cause it removes, in the transaction that removes it.

The rules are the sweep's own, asked only about the alerts that stand: the sweep never says otherwise a minute later.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property

from attrs import define, evolve

from states.declaration.types import instant
from states.references import is_activity
from states.requests.request import PLANNED, Request
from states.risks.remedies import Person, Planned, planned
from states.risks.rules import Risk, Watch, open_tasks, overload_risk, risks_of
from states.risks.workload import loads
from workflow.alerts import Alert, Scribe
from workflow.guard_inputs import surroundings
from workflow.history.reference_data import Registers
from workflow.store.database import Transaction

_WEEK = timedelta(days=7)


def standing(tx: Transaction) -> list[Alert]:
    """The alerts that are not settled."""
    return [Alert.of(row) for row in tx.all("standing_alerts")]


def crossing(tx: Transaction) -> bool:
    """Whether an alert stands that a meeting of any request may settle: of a week, of nobody else being free."""
    return tx.one("crossing_alerts") is not None


def others(tx: Transaction, request: Request) -> list[Alert]:
    """The alerts that another meeting of this request may settle: those of weeks, and of other requests."""
    return [alert for alert in map(Alert.of, tx.all("crossing_alerts")) if alert.risk.ref != request.ref]


@define(slots=False)
class Relief:
    """Settles, in a transaction, the alerts about meetings and weeks that nothing justifies any more."""

    scribe: Scribe
    registers: Registers

    def settle(self, alerts: Iterable[Alert]) -> None:
        """Settles those that have lost their cause; deadlines are not for here."""
        for alert in alerts:
            if alert.status != "resolved" and alert.risk.rule != "deadline" and not self._stands(alert.risk):
                self.scribe.settle(alert.id, "gone")

    def _stands(self, risk: Risk) -> bool:
        found = self._of_week(risk) if risk.rule == "overload" else self._of_meeting(risk)
        return any(other.cause == risk.cause for other in found)

    @cached_property
    def _people(self) -> list[Person]:
        rows = self.scribe.tx.all("whole_staff")
        return [
            Person(id, role, tuple(filter(None, skills.split(","))), hours, bool(active), site)
            for id, role, active, hours, site, skills, *_seqs in sorted(rows)
        ]

    def _of_meeting(self, risk: Risk) -> list[Risk]:
        row = self.scribe.tx.one("activity" if is_activity(risk.ref or "") else "request", risk.ref)
        request = Request.from_document(json.loads(row[0])) if row else None
        meeting = request.meeting(risk.meeting) if request else None
        if request is None or meeting is None or meeting.status != PLANNED:
            return []
        declaration, one = self.scribe.declaration, planned(request, meeting)
        around = surroundings(self.scribe.tx, declaration, self.registers, one.slot)
        watch = Watch(
            declaration,
            self.registers.calendar(declaration),
            around,
            self._people,
            self.scribe.now,
            {request.ref: open_tasks(request, declaration)},
        )
        return risks_of(one, watch)

    def _of_week(self, risk: Risk) -> list[Risk]:
        week, declaration = date.fromisoformat(risk.facts["monday"]), self.scribe.declaration
        around = evolve(
            self.registers.around(), absences=self.registers.absences_between(self.scribe.tx, week, week + _WEEK)
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
        bounds = [instant(datetime.combine(day, time(0), zone)) for day in (week, week + _WEEK)]
        found = []
        for document, id in self.scribe.tx.all("meetings_between", *bounds):
            request = Request.from_document(json.loads(document))
            meeting = request.meeting(id)
            if meeting is not None:
                found.append(planned(request, meeting))
        return found
