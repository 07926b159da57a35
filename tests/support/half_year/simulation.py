"""An invented lab's half-year, simulated day by day: every gesture is played as `coop demo` plays it, and recorded.

Deterministic: the same seed in the same declaration gives the same requests, events and moments. Only the salts of
the vault, hence the digests, differ from one store to the next.

    build(engine, clock, months=6, seed=2026)  ->  what was lived, in a lab that was just opened
    python -m half_year                        ->  writes handlers/demo/events.jsonl (`make recording`)
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time
from heapq import heappop, heappush
from random import Random

from attrs import frozen

from half_year.courses import courses
from half_year.desk import Desk
from half_year.lab import register, stories
from half_year.lives import Life, Story
from handlers.demo.player import Forward, Line
from states.declaration.types import instant, local, moment
from workflow.clock import now_of
from workflow.engine import Engine


@frozen
class Built:
    """What was lived: when it ended (ISO 8601, the lab's offset), how many requests came in, every gesture of it."""

    last: str
    requests: int
    lines: tuple[Line, ...]


def build(engine: Engine, clock: Forward, *, months: int = 6, seed: int = 2026, coordinator: str = "camille") -> Built:
    """Lives `months` months of a lab that `coordinator` has just opened, from the clock's moment on.

    Works in the shipped declaration, or one with its codes.
    """
    first = now_of(clock)
    end = _end(engine, first, months)
    desk = Desk(engine, clock, coordinator, end)
    register(desk)
    waiting: list[tuple[str, int, Story]] = []
    for at, story in [*_lives(desk, first, months, seed), *_lab(desk, first)]:
        heappush(waiting, (at, len(waiting), story))
    while waiting and waiting[0][0] < end:
        at, n, story = heappop(waiting)
        clock.to(max(moment(at), moment(desk.now)))
        wake = next(story, None)
        if wake is not None:
            heappush(waiting, (wake, n, story))
    clock.to(moment(end))
    desk.lines.append({"now": end})
    return Built(local(end, desk.declaration.lab.tz).isoformat(), len(desk.requests), tuple(desk.lines))


def _end(engine: Engine, first: str, months: int) -> str:
    """The evening of the last working day before the same day, so many months later."""
    with engine.store.looking() as tx:
        declaration = engine.in_force(tx)
        calendar = engine.facts(tx).calendar(declaration)
    here = local(first, declaration.lab.tz)
    year, month = divmod(here.year * 12 + here.month - 1 + months, 12)
    day = here.date().replace(year=year, month=month + 1, day=min(here.day, 28))
    while not calendar.is_working(day):
        day = day.fromordinal(day.toordinal() - 1)
    return instant(datetime.combine(day, time(17), declaration.lab.tz))


def _lives(desk: Desk, first: str, months: int, seed: int) -> list[tuple[str, Story]]:
    """One story a request, beginning when its form comes in: at any hour of any day, as forms do."""
    chance = Random(seed)
    span = moment(desk.end) - moment(first)
    found, sorts = [], Counter[str]()
    for number, (fraction, course) in enumerate(courses(months, chance)):
        life = Life(desk, course, number, sorts[course.sort], Random(f"{seed}/{number}"))
        sorts[course.sort] += 1
        found.append((instant(moment(first) + span * fraction), life.story()))
    return found


def _lab(desk: Desk, first: str) -> list[tuple[str, Story]]:
    zone = desk.declaration.lab.tz
    return stories(desk, local(first, zone).date(), local(desk.end, zone).date())
