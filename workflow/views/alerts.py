"""The alerts as people and programs read them: sentence, suggestions, the documents of contract.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from attrs import define, evolve, field
from sqlalchemy import Connection, func, select

from states.declaration.types import instant, offset_time
from states.planning.meeting import Planned, planned
from states.requests.request import Request
from states.risks.messages import Called, sentence, suggestions
from states.risks.next_steps import Awaited
from states.risks.remedies import WaysOut, absentees, ways_out
from states.risks.rules import Risk, open_tasks
from states.risks.workload import WeekLoad
from workflow.alerts import STANDING, Alert
from workflow.store import schema as s
from workflow.store.database import Store
from workflow.views.forecast import Outlook
from workflow.views.reader import Reader

STAFFING = ("staff_absence", "unstaffed", "single_point_of_failure", "skill_gap", "place_closed")


@define(slots=False)
class Alarms:
    """The alerts of one moment of a store."""

    reader: Reader
    people: Mapping[str, str] = field(factory=dict)  # how they are called, by id; by their ids where nothing is said
    titled: bool = False  # whether a request is called by its title
    picked: list[Planned] = field(factory=list, init=False)  # what the commands proposed so far would take up
    _read: dict[str, Request | None] = field(factory=dict, init=False)

    @cached_property
    def outlook(self) -> Outlook:
        return Outlook(self.reader)

    @classmethod
    def in_names(cls, reader: Reader) -> Alarms:
        """The alerts for who reads a letter: people by their names, requests by their titles."""
        return cls(reader, {person["id"]: person["name"] or person["id"] for person in reader.staff()}, titled=True)

    def _request(self, risk: Risk) -> Request | None:
        """The request a risk is about, read once for all that is said of it."""
        if risk.ref and risk.ref not in self._read:
            self._read[risk.ref] = self.reader.told(risk.ref)
        return self._read.get(risk.ref or "")

    def _called(self, request: Request | None) -> Called:
        if request is None or not self.titled:
            return Called(people=self.people)
        texts = self.reader.texts(request.ref)
        return Called(texts.get(request.form["title"]["seq"], "title"), self.people)

    def called(self, risk: Risk) -> str:
        """What a risk is about: a request, or one of its meetings."""
        return self._called(self._request(risk)).subject(risk)

    def alerts(self, *, settled: bool = False) -> list[Alert]:
        """The alerts that stand, or all of them; the gravest first, then the most pressing."""
        query = select(s.alerts)
        if not settled:
            query = query.where(s.alerts.c.status.in_(STANDING))
        found = [Alert.of(row) for row in self.reader.connection.execute(query)]
        grave = {"critical": 0, "warning": 1, "info": 2}
        return sorted(found, key=lambda a: (grave[a.risk.level], a.risk.due_at or "", a.id))

    def status(self, alert: Alert) -> str:
        """Its status now: a snooze that is over leaves it open."""
        over = alert.status == "snoozed" and (alert.snoozed_until or "") <= self.reader.now
        return "open" if over else alert.status

    def as_now(self, risk: Risk) -> Risk:
        """The risk with what its sentence needs as it is now: the tasks still to do, the hours now asked, its words."""
        request = self._request(risk)
        if risk.rule == "material_not_ready" and request:
            tasks = open_tasks(request, self.reader.declaration_of(request.declaration))
            return evolve(risk, facts={**risk.facts, "tasks": tasks or risk.facts["tasks"]})
        if risk.rule == "deadline" and request and risk.kind:
            what = self.reader.declaration_of(request.declaration).deadline_label(risk.kind, request.kind)
            return evolve(risk, facts={**risk.facts, "what": what})
        if risk.rule == "overload" and (week := self._week(risk)):
            return evolve(risk, facts={**risk.facts, "committed": week.committed, "there": week.there})
        return risk

    def _week(self, risk: Risk) -> WeekLoad | None:
        loads = self.outlook.load(date.fromisoformat(risk.facts["monday"]), 1)
        return next((load.weeks[0] for load in loads if load.person and load.person.id == risk.staff), None)

    def ways_out(self, risk: Risk) -> WaysOut | None:
        """How the meeting of a staffing risk can be saved; of a week too full, the meeting that relieves it best."""
        if risk.rule == "overload":
            return self._relief(risk)
        meeting = self._meeting(risk.ref, risk.meeting) if risk.rule in STAFFING else None
        if meeting is None:
            return None
        return self._out(meeting, risk.rule, self.reader.soonest, absentees(meeting, self.outlook.ahead))

    def _out(self, meeting: Planned, rule: str, now: str, absent: Sequence[str]) -> WaysOut:
        """The ways out of one meeting, none of which is another's already."""
        ahead = evolve(self.outlook.ahead, now=now)
        taken = [one for one in self.picked if one.name != meeting.name]
        out = ways_out(meeting, ahead, rule=rule, absent=absent, picked=taken)
        self.picked += out.picked
        return out

    def _relief(self, risk: Risk) -> WaysOut | None:
        """Another person for one meeting of that week, or another week for it: the least one that is enough."""
        week, outlook = self._week(risk), self.outlook
        if week is None or not week.over:
            return None
        ahead = [(one.minutes, m) for one in week.commitments if (m := self._meeting(one.ref, one.meeting))]
        enough = [found for found in ahead if found[0] >= week.committed - week.there]
        if not ahead:
            return None
        _minutes, meeting = min(enough, key=_minutes_of) if enough else max(ahead, key=_minutes_of)
        monday = instant(datetime.combine(week.monday + timedelta(days=7), time(0), outlook.declaration.lab.tz))
        away = [risk.staff] if risk.staff else []
        return self._out(meeting, risk.rule, max(monday, self.reader.soonest), away)

    def _meeting(self, ref: str | None, id: str | None) -> Planned | None:
        """A meeting that is planned and has not begun."""
        if ref is None:
            return None
        request = self.reader.told(ref)
        meeting = request.meeting(id) if request else None
        if request is None or meeting is None or meeting.status != "planned" or meeting.at <= self.reader.now:
            return None
        return planned(request, meeting)

    def document(self, alert: Alert) -> dict[str, Any]:
        """The document of contract.md."""
        declaration = self.outlook.declaration
        settled = alert.status == "resolved" and alert.risk.rule != "deadline"  # a deadline is named as its request is
        risk = alert.risk if settled else self.as_now(alert.risk)
        request = self._request(risk)
        own = self.reader.declaration_of(request.declaration) if request else declaration
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
            "message": sentence(own, risk, self._called(request)),
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
        request = self._request(risk)
        if risk.rule == "deadline" and request and risk.kind:
            declaration = self.reader.declaration_of(request.declaration)
            awaited = Awaited(
                declaration, request, risk.kind, risk.facts["anchor"], self.reader.now, self.reader.typist
            )
            return list(awaited.commands())
        return suggestions(self.outlook.declaration, risk, self.ways_out(risk), self._called(request))


def _minutes_of(found: tuple[int, Planned]) -> int:
    return found[0]


def standing(store: Store, now: str) -> tuple[int, int, int, int]:
    """How many alerts stand, are critical, are silent for now; how many deadlines wait to be raised."""
    a, d = s.alerts.c, s.deadlines.c
    with store.reading() as connection:
        return (
            _count(connection, a.status.in_(STANDING)),
            _count(connection, a.status.in_(STANDING), a.level == "critical"),
            _count(connection, a.status == "snoozed", a.snoozed_until > now),
            connection.execute(select(func.count()).where(d.next_stage_at <= now)).scalar_one(),
        )


def _count(connection: Connection, *conditions: object) -> int:
    return connection.execute(select(func.count()).select_from(s.alerts).where(*conditions)).scalar_one()  # type: ignore[arg-type]
