"""Ranges of whole days, both ends included: put together, taken away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

Days = tuple[date, date]  # first, last
_DAY = timedelta(days=1)


def merged(ranges: Iterable[Days]) -> list[Days]:
    """The same days in the fewest ranges, in order: those that overlap or touch become one."""
    found: list[Days] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + _DAY:
            found[-1] = found[-1][0], max(last, found[-1][1])
        else:
            found.append((first, last))
    return found


def without(ranges: Iterable[Days], taken: Iterable[Days]) -> list[Days]:
    """The days of `ranges` that are in none of `taken`."""
    left = merged(ranges)
    for first, last in taken:
        pieces = []
        for start, end in left:
            if last < start or end < first:
                pieces.append((start, end))
                continue
            if start < first:
                pieces.append((start, first - _DAY))
            if last < end:
                pieces.append((last + _DAY, end))
        left = pieces
    return left


def common(ranges: Iterable[Days], others: Iterable[Days]) -> list[Days]:
    """The days that are in both."""
    left = merged(ranges)
    return without(left, without(left, others))


def monday(day: date) -> date:
    """The first day of its ISO week."""
    return day - _DAY * day.weekday()


def written(ranges: Iterable[Days]) -> list[list[str]]:
    """The ranges as an entry keeps them: `[["2026-03-09", "2026-03-13"], …]`."""
    return [[first.isoformat(), last.isoformat()] for first, last in ranges]


def read(ranges: Iterable[Sequence[str]]) -> list[Days]:
    """The ranges of an entry."""
    return [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in ranges]
