"""Every deadline a request ever had, derived from its stays, its meetings and its follow-ups.

A deadline is a target: it refuses nothing. What is written here is domain.md's section “Time”; working days
themselves are counted by `states.calendar.working_days`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from math import inf
from typing import NamedTuple

from attrs import Factory, define, field

from states.calendar.working_days import PAUSE, Due, Pause, Step, WorkingCalendar, due_after
from states.declaration.model import Declaration
from states.declaration.tables import Deadline as Spec
from states.declaration.vocabulary import ABANDONED, CLOSED, FOLLOW_UP
from states.lifecycle.landmarks import landmarks
from states.requests.request import CANCELLED, HELD, PLANNED, Meeting, Request, Stay

OPEN, PAUSED, MET, MISSED, DROPPED = "open", "paused", "met", "missed", "dropped"
SOON = timedelta(days=30)  # how long before it falls due a follow-up may be settled
STAGES = ("none", "reminder", "due", "escalated")


class Deadline(NamedTuple):
    """A target date of a request. Instants are stored text; `key` tells it from every other of the same request."""

    kind: str  # the state it belongs to, "meeting", or a follow-up
    seq: int  # the entry that began the state; 0 for a meeting
    turn: int  # how many were missed before it in the same stay
    meeting: str | None  # the meeting to be recorded: a planned one, or the interview
    opened_at: str
    anchor_day: date  # local day from which it is counted
    days: int  # working days; 0 when months are counted
    months: int | None
    due_at: str  # the last one known, while it is paused
    status: str
    stage: str  # "none" unless it is open
    settled_at: str | None  # when it was met, missed or dropped
    reminder_at: str | None  # like the next, None unless it is open: nothing else is raised
    escalation_at: str | None

    @property
    def key(self) -> str:
        """`received/1`, `working/8` and `working/8.1`, `meeting/work-2`, `follow_up_3/21`."""
        return _key(self)

    def is_late(self, now: str) -> bool:
        """Whether it is open past its due moment."""
        return self.status == OPEN and self.due_at < now


def deadlines(declaration: Declaration, request: Request, calendar: WorkingCalendar, now: str) -> list[Deadline]:
    """Every deadline of a request, settled ones included: those of its states, its meetings, its follow-ups.

    `now` (an instant) decides stages only: a status is a matter of history. Keep the calendar from one call to the
    next, it remembers what it counted.
    """
    return [_judged(count, declaration, calendar, now) for count in _counts(declaration, request, calendar)]


def waiting(declaration: Declaration, request: Request, calendar: WorkingCalendar, now: str) -> list[Deadline]:
    """The deadlines that still wait for something: open or paused. Every event stores these, so no other is made."""
    return [
        _judged(count, declaration, calendar, now)
        for count in _counts(declaration, request, calendar, settled=False)
        if count.settled_at is None and not count.dropped
    ]


def next_due(found: Iterable[Deadline]) -> Deadline | None:
    """The open deadline that falls due first; it may be past."""
    return min((d for d in found if d.status == OPEN), key=lambda d: d.due_at, default=None)


def explain(declaration: Declaration, request: Request, calendar: WorkingCalendar, deadline: Deadline) -> list[Step]:
    """Each day of a deadline of this request, counted or skipped with its cause, up to the due day.

    Raises KeyError if the request, as it is now, has no such deadline.
    """
    count = next((c for c in _counts(declaration, request, calendar) if _key(c) == deadline.key), None)
    if count is None:
        raise KeyError(deadline.key)
    return [_named(step, declaration) for step in count.due(calendar).walk(calendar)]


def _named(step: Step, declaration: Declaration) -> Step:
    if step.cause is None or step.cause.kind != PAUSE:
        return step
    return step._replace(cause=step.cause._replace(name=declaration.label("states", step.cause.name)))


@define(eq=False, repr=False)
class _Count:
    """A deadline in the making: what it is counted from, what stopped it, when it was left."""

    kind: str
    seq: int
    opened_at: str
    anchor_day: date
    days: int
    turn: int = 0
    months: int | None = None
    meeting: str | None = None
    pauses: tuple[Pause, ...] = ()
    settled_at: str | None = None
    dropped: bool = False

    def due(self, calendar: WorkingCalendar) -> Due:
        start = self.anchor_day if self.months is None else months_after(self.anchor_day, self.months)
        return due_after(calendar, start, self.days, self.pauses)

    def settle(self, at: str | None, *, dropped: bool = False) -> None:
        self.settled_at, self.dropped = at, dropped


def _key(one: Deadline | _Count) -> str:
    if not one.seq:
        return f"{one.kind}/{one.meeting}"
    return f"{one.kind}/{one.seq}.{one.turn}" if one.turn else f"{one.kind}/{one.seq}"


def months_after(day: date, months: int) -> date:
    """The same day so many calendar months later, or the last one of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _judged(count: _Count, declaration: Declaration, calendar: WorkingCalendar, now: str) -> Deadline:
    spec, due = declaration.deadlines[count.kind], count.due(calendar)
    if count.dropped:
        status = DROPPED
    elif count.settled_at is not None:
        status = MET if count.settled_at <= due.at else MISSED
    else:
        status = PAUSED if due.paused else OPEN
    reminder_at, escalation_at = _beside(spec, due, calendar) if status == OPEN else (None, None)
    return Deadline(
        kind=count.kind,
        seq=count.seq,
        turn=count.turn,
        meeting=count.meeting,
        opened_at=count.opened_at,
        anchor_day=count.anchor_day,
        days=count.days,
        months=count.months,
        due_at=due.at,
        status=status,
        stage=_stage(now, reminder_at, due.at, escalation_at) if status == OPEN else "none",
        settled_at=count.settled_at,
        reminder_at=reminder_at,
        escalation_at=escalation_at,
    )


def _beside(spec: Spec, due: Due, calendar: WorkingCalendar) -> tuple[str | None, str]:
    """When a deadline is reminded of before its moment, and when it is escalated after it."""
    # Counted with the closures the due moment was: one recorded later does not move its stages either.
    escalation_at = calendar.at_due_hour(calendar.add(due.day, spec.escalation, due.known_at))
    if spec.reminder is None:
        return None, escalation_at
    return calendar.at_due_hour(calendar.add(due.day, -spec.reminder, due.known_at)), escalation_at


class Lived(NamedTuple):
    """A deadline as it was lived: which, when it was due, and the stages that came while it waited."""

    key: str
    kind: str
    due_at: str
    stages: tuple[str, ...]


def lived(declaration: Declaration, request: Request, calendar: WorkingCalendar, now: str) -> Iterator[Lived]:
    """Every deadline, settled ones included; the watch raises an alert of each stage that comes."""
    for count in _counts(declaration, request, calendar):
        due, until = count.due(calendar), count.settled_at or now
        stages: tuple[str, ...] = ()
        if not due.paused:
            reminder_at, escalation_at = _beside(declaration.deadlines[count.kind], due, calendar)
            moments = zip(STAGES[1:], (reminder_at, due.at, escalation_at), strict=True)
            stages = tuple(stage for stage, at in moments if at is not None and at <= until)
        yield Lived(_key(count), count.kind, due.at, stages)


def _stage(now: str, reminder_at: str | None, due_at: str, escalation_at: str | None) -> str:
    if now < due_at:
        return "reminder" if reminder_at is not None and now >= reminder_at else "none"
    return "escalated" if escalation_at is not None and now >= escalation_at else "due"


def _counts(
    declaration: Declaration, request: Request, calendar: WorkingCalendar, *, settled: bool = True
) -> list[_Count]:
    """What is counted for a request. `settled`: what is settled for certain too, of which there is ever more."""
    found = _States(declaration, request, calendar, settled).counts()
    if request.meetings:
        found += _of_meetings(declaration, request, calendar, settled)
    stays = request.stays if settled else request.stays[-1:]
    if any(declaration.outcome(stay.state) == CLOSED for stay in stays):
        found += _of_closings(declaration, request, calendar)
    return found


@define(eq=False, repr=False)
class _States:
    """Goes through the stays in order, with the deadlines that wait for a return to the state they belong to."""

    declaration: Declaration
    request: Request
    calendar: WorkingCalendar
    settled: bool = True  # whether what is settled for certain is to be counted too
    found: list[_Count] = Factory(list)
    waiting: list[tuple[str, _Count | None]] = Factory(list)
    returning: bool = False
    interviews: list[Meeting] = field(init=False)
    interview: int = -1  # which one the last stay in its state was about

    def __attrs_post_init__(self) -> None:
        self.interviews = [m for m in self.request.meetings if m.kind == "interview"]

    def counts(self) -> list[_Count]:
        reopened = False
        for stay in self.request.stays:
            final = self.declaration.is_final(stay.state)
            if not final:
                self._leave(stay, self._enter(stay, reopened))
            reopened = final
        return self.found

    def _enter(self, stay: Stay, reopened: bool) -> _Count | None:
        while self.returning and self.waiting:
            state, count = self.waiting.pop()
            if state == stay.state:
                return self._resumed(stay, count)
            if count:
                count.settle(stay.since, dropped=True)
        spec = self.declaration.deadlines.get(stay.state)
        if spec is None or stay.days is None:
            return None
        # A request reopened comes back to the interview it had; any other way in has planned a new one.
        interviewing = spec.anchor == "interview" and bool(self.interviews)
        if interviewing and (not reopened or self.interview < 0):
            self.interview += 1
        if not self.settled and stay.left_to is not None and not self._pauses(stay.left_to):
            return None  # left for good
        count = self._opened(stay, stay.since)
        if interviewing:
            interview = self.interviews[min(self.interview, len(self.interviews) - 1)]
            count.meeting, count.anchor_day = interview.id, self.calendar.local_day(interview.at)
        return self._moved(stay, count) if stay.marks else count

    def _resumed(self, stay: Stay, count: _Count | None) -> _Count | None:
        if count is None:
            return None
        if stay.marks:
            return self._moved(stay, count)
        count.pauses = (*count.pauses[:-1], count.pauses[-1]._replace(until=stay.since))
        return count

    def _opened(self, stay: Stay, at: str, turn: int = 0) -> _Count:
        count = _Count(stay.state, stay.seq, at, self.calendar.local_day(at), stay.days or 0, turn)
        self.found.append(count)
        return count

    def _moved(self, stay: Stay, count: _Count) -> _Count:
        """Each effective entry moves the deadline; one that comes when it is late opens another instead."""
        for at, ahead in _in_time(stay):
            due = count.due(self.calendar)
            if at > due.at and not due.paused:
                count.settle(at)
                count = self._opened(stay, at, count.turn + 1 if count.seq == stay.seq else 0)
            count.pauses = ()
            count.anchor_day = self.calendar.local_day(max(at, ahead or at))
        return count

    def _leave(self, stay: Stay, count: _Count | None) -> None:
        self.returning = False
        if stay.until is None or stay.left_to is None:
            return
        if self._pauses(stay.left_to) and stay.state != landmarks(self.declaration).suspension:
            self.waiting.append((stay.state, count))
            if count:
                count.pauses = (*count.pauses, Pause(stay.until, None, stay.left_to))
            return
        if count:
            count.settle(stay.until, dropped=self._abandoned(stay.left_to) or self._not_to_be_held(stay, count))
        if self.declaration.is_final(stay.left_to):
            for _state, waiting in self.waiting:
                if waiting:
                    waiting.settle(stay.until, dropped=True)
            self.waiting.clear()
        else:
            self.returning = self._pauses(stay.state)

    def _pauses(self, state: str) -> bool:
        return self.declaration.states[state].pauses

    def _abandoned(self, state: str) -> bool:
        return self.declaration.outcome(state) in ABANDONED

    def _not_to_be_held(self, stay: Stay, count: _Count) -> bool:
        """Whether the interview was cancelled before its start: nothing was left to record."""
        interview = self.request.meeting(count.meeting) if count.meeting else None
        if interview is None or stay.until is None or stay.until >= interview.at:
            return False
        return not (interview.status == HELD and interview.settled_at == stay.until)


def _in_time(stay: Stay) -> list[tuple[str, str | None]]:
    """The marks in the order they occurred: a comment may be dated back.

    It then knew of no other plan than the entry it follows; dated before the state began, or after it was left (the
    entry that leaves it may be dated back too), it moves nothing.
    """
    marks: list[tuple[str, str | None]] = []
    for mark in stay.marks:
        at, ahead = mark[0] or stay.since, mark[1]
        if stay.until is not None and at > stay.until:
            continue
        if not marks or at >= marks[-1][0]:
            marks.append((at, ahead))
            continue
        place = next((n for n in range(len(marks), 0, -1) if marks[n - 1][0] <= at), 0)
        if place:
            marks.insert(place, (at, marks[place - 1][1]))
    return marks


def _of_meetings(
    declaration: Declaration, request: Request, calendar: WorkingCalendar, settled: bool
) -> Iterator[_Count]:
    """Planned meetings, the interview excepted, are to be recorded as held or cancelled."""
    for kind, spec in declaration.deadlines.items():
        if spec.anchor != "meeting":
            continue
        for meeting in request.meetings:
            if meeting.kind != "interview" and (settled or meeting.status == PLANNED):
                day = calendar.local_day(meeting.at)
                count = _Count(kind, 0, meeting.planned_at, day, spec.days or 0, meeting=meeting.id)
                if meeting.status != PLANNED:
                    settled_at = meeting.settled_at or meeting.at
                    count.settle(settled_at, dropped=meeting.status == CANCELLED and settled_at < meeting.at)
                yield count


def _of_closings(declaration: Declaration, request: Request, calendar: WorkingCalendar) -> list[_Count]:
    """The follow-ups of each closing, settled by what was recorded while it lasted."""
    found = []
    for number, stay in enumerate(request.stays):
        if declaration.outcome(stay.state) != CLOSED:
            continue
        counts = [
            _Count(kind, stay.seq, stay.since, calendar.local_day(stay.since), 0, months=spec.months)
            for kind, spec in declaration.deadlines.items()
            if spec.anchor == "closing"
        ]
        counts.sort(key=lambda count: count.months or 0)
        end = request.stays[number + 1].seq if number + 1 < len(request.stays) else inf
        told = (r for r in request.records if declaration.recorded(r.event) == FOLLOW_UP)
        records = sorted(r.at for r in told if stay.seq < r.seq < end)
        for at in records:
            _settle_follow_up(counts, at, calendar)
        if stay.until is not None:
            for count in counts:
                # Reopened: what was not yet due lapses, what was late is left as late as it is.
                if count.settled_at is None:
                    count.settle(stay.until, dropped=stay.until <= count.due(calendar).at)
        found += counts
    return found


def _settle_follow_up(counts: list[_Count], at: str, calendar: WorkingCalendar) -> None:
    """One recorded settles the earliest open that is late or falls due soon; before that, it settles none."""
    first = next((count for count in counts if count.settled_at is None), None)
    if first and first.due(calendar).day <= calendar.local_day(at) + SOON:
        first.settle(at)
