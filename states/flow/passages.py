"""Where requests wait: their passages through each state, those that are over and those that go on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from attrs import frozen

from states.calendar.working_days import WorkingCalendar
from states.declaration.model import Declaration
from states.declaration.vocabulary import ABANDONED
from states.flow.waits import HALF, NINE_IN_TEN, Wait, days_for, least
from states.requests.request import Request


class Passage(NamedTuple):
    """A time that a request spent in a state, or has been spending."""

    ref: str
    state: str
    since: date
    until: date | None  # None while it lasts
    wait: Wait


def passages(declaration: Declaration, request: Request, calendar: WorkingCalendar, today: date) -> Iterator[Passage]:
    """The passages of a request through the states of its declaration that are not final.

    One that ended because the request was given up says only how long it lasted at least.
    """
    for stay in request.stays:
        if declaration.is_final(stay.state):
            continue
        since = calendar.local_day(stay.since)
        until = calendar.local_day(stay.until) if stay.until else None
        days = calendar.working_days_between(since, until or today)
        over = until is not None and declaration.outcome(stay.left_to or "") not in ABANDONED
        yield Passage(request.ref, stay.state, since, until, Wait(days, over))


@frozen
class StateFlow:
    """The passages through one state since a day, and the requests that are in it."""

    state: str
    open: tuple[Passage, ...]  # the oldest first, whenever they began
    past: tuple[Passage, ...]  # those begun since that day, the shortest first, and left
    waits: tuple[Wait, ...]  # begun since that day, open ones included
    share: Fraction | None  # of the time that requests spent waiting

    @property
    def stays(self) -> int:
        """How many went on from it."""
        return sum(passage.wait.over for passage in self.past)

    @property
    def median(self) -> int | None:
        """Working days; None when the past cannot say."""
        return days_for(HALF, self.waits)

    @property
    def p90(self) -> int | None:
        """Working days; None of fewer than nine stays."""
        return days_for(NINE_IN_TEN, self.waits) if self.stays >= least(NINE_IN_TEN) else None

    @property
    def overdue(self) -> tuple[Passage, ...]:
        """The open ones that have been there longer than nine in ten; of fewer than nine, than all that left."""
        limit = self.p90
        if limit is None:
            limit = max((passage.wait.days for passage in self.past), default=None)
        return () if limit is None else tuple(one for one in self.open if one.wait.days > limit)


def flow(found: Iterable[Passage], since: date, states: Sequence[str]) -> list[StateFlow]:
    """Each state that some request is in, or entered since a day, in the order of `states`."""
    by_state: dict[str, list[Passage]] = defaultdict(list)
    spent: Counter[str] = Counter()
    for passage in found:
        if passage.until is None or passage.since >= since:
            by_state[passage.state].append(passage)
            spent[passage.state] += passage.wait.days
    total = spent.total()
    shares = {state: Fraction(spent[state], total) if total else None for state in by_state}
    return [_of_state(state, by_state[state], since, shares[state]) for state in states if state in by_state]


def _of_state(state: str, passed: Sequence[Passage], since: date, share: Fraction | None) -> StateFlow:
    open_ = sorted((p for p in passed if p.until is None), key=lambda p: (-p.wait.days, p.ref))
    past = sorted((p for p in passed if p.until is not None), key=lambda p: (p.wait.days, p.ref))
    waits = tuple(p.wait for p in passed if p.since >= since)
    return StateFlow(state, tuple(open_), tuple(past), waits, share)
