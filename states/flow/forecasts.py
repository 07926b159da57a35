"""When comparable requests reached what one still waits for, said as counts of real requests; or why nobody can say.

A request that has been in a state for so many working days is compared with those that were there for longer, counted
from when they first came into it. Those that still wait count for as long as they have; those that ended otherwise, for
as long as they went on. Two dates, never one: a half, and 85 %; each is the last working day of a week.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from attrs import define, evolve, field, frozen

from states.calendar.day_ranges import monday
from states.calendar.working_days import WorkingCalendar
from states.declaration.model import Declaration
from states.flow.journeys import Journey
from states.flow.milestones import Milestone, road
from states.flow.waits import HALF, MOST, Wait, days_for, least

TIER, KIND, ALL = AMONG = ("tier", "kind", "all")  # whom a request is compared with: the likest first
ENOUGH = least(MOST)
# Why one of the two dates is missing, or both.
ON_HOLD, LAB_CLOSED, CHANGED, OLDEST, FEW, WAITING = REASONS = (
    "on_hold", "lab_closed", "changed", "oldest", "few", "waiting",
)  # fmt: skip
_WEEK = timedelta(days=7)


class Reached(NamedTuple):
    """By which day a share of the comparable requests had reached it, and how many of them had by then."""

    by: date
    requests: int


@frozen
class Forecast:
    """What is said of one milestone of a request. `waits` are those of the requests compared, all longer than `age`."""

    milestone: Milestone
    age: int  # working days that it has been in its state
    among: str = ALL
    waits: tuple[Wait, ...] = ()
    still_waiting: int = 0
    half: Reached | None = None
    most: Reached | None = None
    reason: str = ""
    of: int = 0  # how many requests the reason is about

    @property
    def ended_otherwise(self) -> int:
        return len(self.waits) - self.still_waiting - sum(wait.over for wait in self.waits)


class _Other(NamedTuple):
    journey: Journey
    stayed: int  # working days in the state itself
    wait: Wait  # from when it came there, for the milestone
    waiting: bool


Settled = dict[tuple[int, str, str], _Other | None]  # by a journey, a state and what it led to


@lru_cache(maxsize=256)
def _alike(one: Declaration, other: Declaration) -> bool:
    return one is other or road(one) == road(other)


@define
class Comparison:
    """The requests of a lab as known at one moment. Keep it for them all: it remembers what it has counted.

    `known_at`: closures recorded later do not exist; None knows them all. `settled`: what will not change as long as
    the same closures are known, to be handed from one day to the next.
    """

    journeys: Sequence[Journey]
    calendar: WorkingCalendar
    today: date
    known_at: str | None = None
    settled: Settled = field(factory=dict)
    _others: dict[tuple[str, str], list[_Other]] = field(factory=dict, init=False)

    def forecasts(self, one: Journey) -> list[Forecast]:
        """What is said of each milestone that lies ahead of a request."""
        return [self._forecast(one, milestone) for milestone in one.awaits()]

    def age(self, one: Journey) -> int:
        """The working days that a request has been in its state."""
        return self._days(one.since, self.today)

    def _forecast(self, one: Journey, milestone: Milestone) -> Forecast:
        begun = Forecast(milestone, self.age(one))
        if one.is_suspended:
            return evolve(begun, reason=ON_HOLD)
        if self._is_closed():
            return evolve(begun, reason=LAB_CLOSED)
        others = [other for other in self._waits(one.state, milestone.of) if other.journey.ref != one.ref]
        longer = [other for other in others if other.stayed > begun.age and other.wait.days > begun.age]
        alike = [other for other in longer if _alike(one.declaration, other.journey.declaration)]
        among, those = ALL, alike
        for among in AMONG if one.tier else AMONG[1:]:
            those = [other for other in alike if _is_among(other.journey, one, among)]
            if len(those) >= ENOUGH:
                return self._said(evolve(begun, among=among), one, those)
        begun = evolve(begun, waits=tuple(o.wait for o in those), still_waiting=sum(o.waiting for o in those))
        if len(longer) >= ENOUGH:
            return evolve(begun, reason=CHANGED, of=len(longer) - len(alike))
        if others and not longer:
            return evolve(begun, reason=OLDEST, of=len(others))
        return evolve(begun, reason=FEW, of=len(those))

    def _said(self, begun: Forecast, one: Journey, those: Sequence[_Other]) -> Forecast:
        waits = tuple(other.wait for other in those)
        half, most = (self._reached(share, one, waits) for share in (HALF, MOST))
        waiting = sum(other.waiting for other in those)
        reason = "" if half and most else WAITING
        return evolve(begun, waits=waits, still_waiting=waiting, half=half, most=most, reason=reason, of=len(waits))

    def _reached(self, share: Fraction, one: Journey, waits: Iterable[Wait]) -> Reached | None:
        days = days_for(share, waits)
        if days is None:
            return None
        since = self.calendar.local_day(one.since)
        day = self.calendar.add(since, days, self.known_at)
        by = self.calendar.add(monday(day) + _WEEK, -1, self.known_at)
        within = self.calendar.working_days_between(since, by, self.known_at)
        return Reached(by, sum(wait.over and wait.days <= within for wait in waits))

    # --- What others waited ---

    def _waits(self, state: str, of: str) -> list[_Other]:
        """How long each request that was in a state waited there for a milestone, from when it first came into it."""
        found = self._others.get((state, of))
        if found is None:
            those = (self._kept(one, state, of) for one in self.journeys if state in one.stays)
            found = self._others[state, of] = [other for other in those if other]
        return found

    def _kept(self, one: Journey, state: str, of: str) -> _Other | None:
        key = id(one), state, of
        if key in self.settled:
            return self.settled[key]
        other = self._other(one, state, of)
        if other is None or (not other.waiting and one.stays[state][1]):
            self.settled[key] = other
        return other

    def _other(self, one: Journey, state: str, of: str) -> _Other | None:
        since, left = one.stays[state]
        came = one.came(of, since)
        if of in one.reached and came != one.reached[of][0]:
            return None  # it had reached it before: it waited for another
        local_day = self.calendar.local_day
        stayed = self._days(since, local_day(left) if left else self.today)
        until = local_day(came) if came else local_day(one.since) if one.is_final else self.today
        waiting = not came and not one.is_final
        return _Other(one, stayed, Wait(self._days(since, until), bool(came)), waiting)

    def _days(self, since: str, until: date) -> int:
        return self.calendar.working_days_between(self.calendar.local_day(since), until, self.known_at)

    def _is_closed(self) -> bool:
        return any(
            closed.first <= self.today <= closed.last and (self.known_at is None or closed.recorded_at <= self.known_at)
            for closed in self.calendar.lab_closures
        )


def _is_among(other: Journey, one: Journey, among: str) -> bool:
    return among == ALL or (other.kind == one.kind and (among == KIND or other.tier == one.tier))
