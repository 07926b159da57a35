"""The next valid slots of a place, for some people: what `--slot first`, `place free` and the suggestions offer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from states.declaration.types import Malformed, from_local, instant, local
from states.planning.slots import Slot, Surroundings, off_because, problems

if TYPE_CHECKING:
    from states.declaration.model import Declaration

HORIZON = 120  # days looked ahead: beyond, nobody wants a suggestion
# The starts proposed in each half-day (08–13, 13–19), the usual ones first.
HALF_DAYS = (
    [time(9), time(9, 30), time(10), time(10, 30), time(11), time(11, 30), time(12), time(8, 30), time(8)],
    [time(14), time(14, 30), time(15), time(15, 30), time(16), time(16, 30), time(17), time(13, 30), time(13)],
)


def next_slots(
    declaration: Declaration,
    around: Surroundings,
    *,
    place: str,
    duration: int,
    staff: Sequence[str],
    after: str,
    count: int = 3,
) -> list[str]:
    """The instants of the next `count` valid slots from `after` on, at most one a half-day. `duration` in minutes.

    `around` must cover HORIZON days after `after`.
    """
    found: list[str] = []
    for slot in _candidates(declaration, around, place, duration, tuple(staff), after):
        found.append(slot)
        if len(found) == count:
            break
    return found


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


def _candidates(
    declaration: Declaration, around: Surroundings, place: str, duration: int, staff: tuple[str, ...], after: str
) -> Iterator[str]:
    first = local(after, declaration.lab.tz).date()
    for offset in range(HORIZON):
        day = first + timedelta(days=offset)
        if off_because(day, around):
            continue
        for half in HALF_DAYS:
            slot = _first_valid(declaration, around, place, duration, staff, after, day, half)
            if slot:
                yield slot


def _first_valid(
    declaration: Declaration,
    around: Surroundings,
    place: str,
    duration: int,
    staff: tuple[str, ...],
    after: str,
    day: date,
    starts: Sequence[time],
) -> str | None:
    for start in starts:
        try:
            at = instant(from_local(datetime.combine(day, start), declaration.lab.tz))
        except Malformed:
            continue  # the hour a clock change skips or doubles
        if at >= after and not problems(declaration, Slot(at, duration, place, staff, after), around):
            return at
    return None
