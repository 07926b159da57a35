"""The alerts as people and programs read them: sentence, suggestions, the documents of contract.md."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from attrs import define
from sqlalchemy import select

from states.alarm import sentence, suggestions
from states.consequences import Planned, WaysOut, absentees, ways_out
from states.risks import Risk
from states.values import offset_time
from workflow import schema as s
from workflow.alerts import Alert
from workflow.outlook import Outlook, planned
from workflow.reading import Reader

STAFFING = ("staff_absence", "unstaffed", "single_point_of_failure", "skill_gap", "place_closed")


@define(slots=False)
class Alarms:
    """The alerts of one moment of a store."""

    reader: Reader

    @cached_property
    def outlook(self) -> Outlook:
        return Outlook(self.reader)

    def alerts(self, *, settled: bool = False) -> list[Alert]:
        """The alerts that stand, or all of them; the gravest first, then the most pressing."""
        query = select(s.alerts)
        if not settled:
            query = query.where(s.alerts.c.status != "resolved")
        found = [Alert.of(row) for row in self.reader.connection.execute(query)]
        grave = {"critical": 0, "warning": 1, "info": 2}
        return sorted(found, key=lambda a: (grave[a.risk.level], a.risk.due_at or "", a.id))

    def status(self, alert: Alert) -> str:
        """Its status now: a snooze that is over leaves it open."""
        over = alert.status == "snoozed" and (alert.snoozed_until or "") <= self.reader.now
        return "open" if over else alert.status

    def ways_out(self, risk: Risk) -> WaysOut | None:
        """How the meeting of a staffing risk can be saved; None for another risk."""
        meeting = self._meeting(risk)
        if meeting is None:
            return None
        outlook = self.outlook
        away = absentees(outlook.declaration, meeting, outlook.around, outlook.people)
        return ways_out(outlook.declaration, meeting, outlook.around, outlook.people, now=self.reader.now, absent=away)

    def _meeting(self, risk: Risk) -> Planned | None:
        if risk.rule not in STAFFING or risk.ref is None:
            return None
        request = self.reader.request(risk.ref)
        meeting = request.meeting(risk.meeting)
        return planned(request, meeting) if meeting and meeting.status == "planned" else None

    def document(self, alert: Alert) -> dict[str, Any]:
        """The document of contract.md."""
        declaration, risk = self.outlook.declaration, alert.risk
        zone = declaration.lab.tz
        found = {
            "id": alert.id,
            "rule": risk.rule,
            "level": risk.level,
            "status": self.status(alert),
            "ref": risk.ref,
            "meeting_id": risk.meeting,
            "staff": risk.staff,
            "raised_at": offset_time(alert.raised_at, zone),
            "due_at": offset_time(risk.due_at, zone),
            "message": sentence(declaration, risk),
            "addressed_to": risk.addressed_to,
            "suggestions": [] if alert.status == "resolved" else self.suggestions(risk),
        }
        if risk.rule == "deadline":
            found |= {"kind": risk.kind, "stage": risk.stage}
        if alert.settled_at:
            found |= {"settled_at": offset_time(alert.settled_at, zone), "settled_as": alert.settled_as}
        return found

    def suggestions(self, risk: Risk) -> Sequence[str]:
        """What could be done about a risk."""
        return suggestions(self.outlook.declaration, risk, self.ways_out(risk))
