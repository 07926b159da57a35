"""The risks the brochure names, each a rule that looks at what is planned and says what is at stake.

Source: brochure III-3 « Risques anticipés »; domain.md "Risks". A risk has a cause, by which it is raised once; when
the cause is gone the risk is settled. Rules are pure: the sweep gives them what the store holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import Factory, frozen

from states.calendar.working_days import WorkingCalendar
from states.declaration.types import local
from states.declaration.vocabulary import LED_BY_LAB
from states.planning.meeting import Planned
from states.planning.slots import closed_because
from states.requests.request import Request
from states.risks.remedies import Forecast, absentees, replacements
from states.risks.workload import WeekLoad

if TYPE_CHECKING:
    from states.declaration.model import Declaration

INFO, WARNING, CRITICAL = LEVELS = ("info", "warning", "critical")
STAGE_LEVELS = {"reminder": INFO, "due": WARNING, "escalated": CRITICAL}
STAGES = tuple(STAGE_LEVELS)  # of a deadline, in order
DUE = "due"
RULES = (
    "staff_absence",
    "single_point_of_failure",
    "unstaffed",
    "skill_gap",
    "overload",
    "material_not_ready",
    "place_closed",
    "agreement_missing",
    "deadline",
)
SOON, AHEAD, PRESSING = 5, 10, 2  # working days: `unstaffed` and the like; single point of failure; critical


@frozen
class Risk:
    """Something that may go wrong. `cause` is the same as long as it is the same thing."""

    rule: str
    level: str
    cause: str
    ref: str | None = None
    meeting: str | None = None
    staff: str | None = None
    kind: str | None = None  # of a deadline
    stage: str | None = None  # of a deadline
    due_at: str | None = None  # the moment it bites: the meeting's, the deadline's
    addressed_to: str = ""  # a role; empty: the one that keeps the registers
    facts: Mapping[str, Any] = Factory(dict)  # what its sentence needs besides


@frozen
class Watch(Forecast):
    """What the rules about meetings look at."""

    calendar: WorkingCalendar
    organising: Mapping[str, Sequence[str]] = Factory(dict)  # reference -> its open organising tasks

    def days_before(self, meeting: Planned) -> int:
        """Working days left before the meeting's day; 0 on the day itself and after."""
        today, day = self.calendar.local_day(self.now), self.calendar.local_day(meeting.at)
        return self.calendar.working_days_between(today, day) if day > today else 0


def risks_of(meeting: Planned, watch: Watch) -> list[Risk]:
    """The risks of one planned meeting that has not begun."""
    if meeting.at <= watch.now:
        return []
    return [risk for rule in _MEETING_RULES for risk in rule(meeting, watch)]


def _risk(rule: str, level: str, meeting: Planned, detail: str = "", **more: Any) -> Risk:
    cause = "/".join(filter(None, [rule, meeting.ref, meeting.id, meeting.at, detail]))
    return Risk(rule, level, cause, meeting.ref, meeting.id, due_at=meeting.at, **more)


def _staff_absence(meeting: Planned, watch: Watch) -> Iterator[Risk]:
    for person in absentees(meeting, watch):
        yield _risk("staff_absence", CRITICAL, meeting, person, staff=person)


def _place_closed(meeting: Planned, watch: Watch) -> Iterator[Risk]:
    zone = watch.declaration.lab.tz
    day = local(meeting.at, zone).date()
    if why := closed_because(watch.declaration, meeting.place, day, watch.around):
        yield _risk("place_closed", CRITICAL, meeting, meeting.place, facts={"place": meeting.place, "why": why})


def _unstaffed(meeting: Planned, watch: Watch) -> Iterator[Risk]:
    left = watch.days_before(meeting)
    if not meeting.staff and left <= SOON and not meeting.hosted:
        yield _risk("unstaffed", CRITICAL if left <= PRESSING else WARNING, meeting)


def _single_point(meeting: Planned, watch: Watch) -> Iterator[Risk]:
    if not meeting.staff or watch.days_before(meeting) > AHEAD:
        return
    if not replacements(meeting, watch.but(meeting)):
        led = meeting.kind == "session" and meeting.facilitation in LED_BY_LAB
        yield _risk("single_point_of_failure", WARNING if led else INFO, meeting)


def _skill_gap(meeting: Planned, watch: Watch) -> Iterator[Risk]:
    if meeting.kind != "session" or meeting.skill is None:
        return
    held = {skill for person in watch.people if person.id in meeting.staff for skill in person.skills}
    if meeting.skill not in held:
        yield _risk("skill_gap", WARNING, meeting, meeting.skill, facts={"skill": meeting.skill})


def _material(meeting: Planned, watch: Watch) -> Iterator[Risk]:
    todo = list(watch.organising.get(meeting.ref, ()))
    if meeting.kind == "session" and todo and watch.days_before(meeting) <= SOON:
        yield _risk("material_not_ready", WARNING, meeting, facts={"tasks": todo})


def _agreement(meeting: Planned, watch: Watch) -> Iterator[Risk]:
    place = watch.declaration.places[meeting.place]
    if place.by_agreement and not meeting.agreed and watch.days_before(meeting) <= SOON:
        yield _risk("agreement_missing", WARNING, meeting, facts={"place": meeting.place})


_MEETING_RULES = (
    _staff_absence,
    _place_closed,
    _unstaffed,
    _single_point,
    _skill_gap,
    _material,
    _agreement,
)


def deadline_cause(ref: str, kind: str, anchor: str, due_at: str) -> str:
    """What tells a deadline's alert from every other: a deadline that moves is another cause."""
    return f"deadline/{ref}/{kind}/{anchor}/{due_at}"


def deadline_risk(declaration: Declaration, ref: str, kind: str, anchor: str, due_at: str, stage: str) -> Risk:
    """The risk of a deadline at one of its stages; an escalated one goes to who oversees."""
    return Risk(
        rule="deadline",
        level=STAGE_LEVELS[stage],
        cause=deadline_cause(ref, kind, anchor, due_at),
        ref=ref,
        meeting=anchor if declaration.deadlines[kind].anchor == "meeting" else None,
        kind=kind,
        stage=stage,
        due_at=due_at,
        addressed_to=declaration.overseer if stage == "escalated" else declaration.keeper,
        facts={"anchor": anchor},
    )


def overload_risk(staff: str, week: WeekLoad) -> Risk | None:
    """The risk of a week in which what is asked of someone exceeds the hours they are there; None when it does not."""
    if not week.over:
        return None
    facts = {"monday": week.monday.isoformat(), "committed": week.committed, "there": week.there}
    level = CRITICAL if week.critical else WARNING
    return Risk("overload", level, f"overload/{staff}/{facts['monday']}", staff=staff, facts=facts)


def rank(risk_level: str) -> int:
    """The order of levels: a higher one takes the place of a lower one."""
    return LEVELS.index(risk_level)


def open_tasks(request: Request, declaration: Declaration) -> list[str]:
    """The organising tasks of a request that are not done: « manque d'organisation et de matériel »."""
    if not request.tier:
        return []
    tasks = declaration.tiers[request.tier].tasks
    return [id for id, t in tasks.items() if t.stage == "organising" and not t.optional and not request.tasks.get(id)]
