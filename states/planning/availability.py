"""The next valid slots of a place, for some people: what `--slot first`, `place free` and the suggestions offer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from attrs import evolve

from states.declaration.types import Malformed, from_local, instant, local
from states.planning.meeting import Slot
from states.planning.slots import Surroundings, off_because, problems

if TYPE_CHECKING:
    from states.declaration.model import Declaration

PROPOSED = 3  # slots, unless more are asked for
HORIZON = 120  # days looked ahead: beyond, nobody wants a suggestion
# The starts proposed in each half-day (08–13, 13–19), the usual ones first.
HALF_DAYS = (
    [time(9), time(9, 30), time(10), time(10, 30), time(11), time(11, 30), time(12), time(8, 30), time(8)],
    [time(14), time(14, 30), time(15), time(15, 30), time(16), time(16, 30), time(17), time(13, 30), time(13)],
)


def next_slots(declaration: Declaration, around: Surroundings, wanted: Slot, count: int = PROPOSED) -> list[str]:
    """The instants of the next `count` valid slots like the one wanted, from its own on, at most one a half-day.

    `around` must cover HORIZON days after it.
    """
    return list(islice(_candidates(declaration, around, wanted), count))


def soonest(declaration: Declaration, around: Surroundings, now: str) -> str:
    """The instant from which slots are proposed: the declared notice after `now`, in hours of working days."""
    lab, left = declaration.lab, timedelta(minutes=declaration.slots.notice)
    here = local(now, lab.tz)
    for offset in range(HORIZON):
        day = here.date() + timedelta(days=offset)
        if off_because(day, around) is None:
            closes = datetime.combine(day, lab.closes, lab.tz)
            begins = min(max(here, datetime.combine(day, lab.opens, lab.tz)), closes)
            if closes - begins >= left:
                return instant(begins + left)
            left -= closes - begins
    return now


def _candidates(declaration: Declaration, around: Surroundings, wanted: Slot) -> Iterator[str]:
    zone = declaration.lab.tz
    first = local(wanted.at, zone).date()
    for offset in range(HORIZON):
        day = first + timedelta(days=offset)
        if off_because(day, around):
            continue
        for half in HALF_DAYS:
            starts = (at for at in _instants(day, half, zone) if at >= wanted.at)
            yield from islice((at for at in starts if not problems(declaration, evolve(wanted, at=at), around)), 1)


def _instants(day: date, starts: Sequence[time], zone: ZoneInfo) -> Iterator[str]:
    for start in starts:
        with suppress(Malformed):  # the hour a clock change skips or doubles
            yield instant(from_local(datetime.combine(day, start), zone))
