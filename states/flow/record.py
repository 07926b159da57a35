"""How often what would have been announced held: at each past working day, with what was known at its end.

Only dates that have passed are judged, kept or not, so that those kept early weigh no more than those still to come. A
date is void where the request ended otherwise before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from attrs import Factory, define

from states.calendar.working_days import WorkingCalendar
from states.flow.forecasts import Comparison, Settled
from states.flow.journeys import Journey
from states.flow.milestones import REACHED, Milestone

_DAY = timedelta(days=1)
Progress = Callable[[int, int], None]


class Version(NamedTuple):
    """A request as it was known from an instant on, until something else was recorded of it."""

    recorded_at: str
    journey: Journey


@define
class Share:
    """How many dates were announced and have passed, and how many of them were kept."""

    announced: int = 0
    kept: int = 0

    def judge(self, kept: bool) -> None:
        self.announced += 1
        self.kept += kept

    @property
    def share(self) -> float | None:
        return self.kept / self.announced if self.announced else None


@define
class Record:
    """What became of all that would have been announced from a day to another."""

    first: date
    last: date
    half: dict[str, Share] = Factory(lambda: {of: Share() for of in REACHED})
    most: dict[str, Share] = Factory(lambda: {of: Share() for of in REACHED})
    milestones: dict[str, Milestone] = Factory(dict)
    requests: set[str] = Factory(set)
    void: int = 0


def total(shares: Mapping[str, Share]) -> Share:
    """All of them together."""
    return Share(sum(one.announced for one in shares.values()), sum(one.kept for one in shares.values()))


def record(
    histories: Sequence[Sequence[Version]],
    calendar: WorkingCalendar,
    days: tuple[date, date],
    end_of: Callable[[date], str],
    progress: Progress,
) -> Record:
    """The record of each working day from the first of `days` to before the last, which is today.

    `histories`: of each request, its versions, oldest first; the last is what is known today, which judges. `end_of`
    gives the instant at which a day ends: what was recorded before it was known.
    """
    first, today = days
    found = Record(first, today - _DAY)
    truth = {versions[-1].journey.ref: versions[-1].journey for versions in histories}
    at = [0] * len(histories)
    settled: dict[str, Settled] = {}  # by the last closure that was known
    for n in range((today - first).days):
        day = first + _DAY * n
        end = end_of(day)
        if calendar.is_working(day, end):
            _forward(histories, at, end)
            known = [versions[k - 1].journey for versions, k in zip(histories, at, strict=True) if k]
            same = settled.setdefault(_last_closure(calendar, end), {})
            for said in _announced(Comparison(known, calendar, day, end, same), today):
                _judge(found, said, truth[said.journey.ref], calendar)
        progress(n + 1, (today - first).days)
    return found


def _last_closure(calendar: WorkingCalendar, end: str) -> str:
    """When the last closure that was known by then was recorded."""
    return max((one.recorded_at for one in calendar.lab_closures if one.recorded_at <= end), default="")


def _forward(histories: Sequence[Sequence[Version]], at: list[int], end: str) -> None:
    """How many versions of each request were known by then."""
    for number, versions in enumerate(histories):
        while at[number] < len(versions) and versions[at[number]].recorded_at < end:
            at[number] += 1


class _Said(NamedTuple):
    journey: Journey  # as it was known then
    milestone: Milestone
    by: date
    is_most: bool


def _announced(compared: Comparison, today: date) -> Iterator[_Said]:
    """The dates that would have been announced, of those that have passed."""
    for one in compared.journeys:
        if not one.is_final:
            for found in compared.forecasts(one):
                for reached, is_most in ((found.half, False), (found.most, True)):
                    if reached and reached.by < today:
                        yield _Said(one, found.milestone, reached.by, is_most)


def _judge(found: Record, said: _Said, now: Journey, calendar: WorkingCalendar) -> None:
    came = now.came(said.milestone.of, said.journey.since)
    kept = came is not None and calendar.local_day(came) <= said.by
    if not kept and now.is_final and calendar.local_day(now.since) <= said.by:
        found.void += said.is_most
        return
    (found.most if said.is_most else found.half)[said.milestone.of].judge(kept)
    found.milestones.setdefault(said.milestone.of, said.milestone)
    found.requests.add(now.ref)
