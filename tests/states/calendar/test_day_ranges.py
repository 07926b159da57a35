"""Ranges of days: the same days, whatever the ranges."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from states.calendar.day_ranges import Days, common, merged, monday, read, without, written

DAYS = st.dates(date(2026, 2, 20), date(2026, 3, 20))
RANGES = st.lists(st.tuples(DAYS, st.integers(0, 6)).map(lambda r: (r[0], r[0] + timedelta(days=r[1]))), max_size=5)


def one_by_one(ranges: list[Days]) -> set[date]:
    return {first + timedelta(days=n) for first, last in ranges for n in range((last - first).days + 1)}


@given(RANGES, RANGES)
def test_ranges_are_sets_of_days(some: list[Days], others: list[Days]) -> None:
    assert one_by_one(merged(some)) == one_by_one(some)
    assert one_by_one(without(some, others)) == one_by_one(some) - one_by_one(others)
    assert one_by_one(common(some, others)) == one_by_one(some) & one_by_one(others)


@given(RANGES)
def test_merged_ranges_neither_touch_nor_overlap(some: list[Days]) -> None:
    found = merged(some)
    assert all(found[n][1] + timedelta(days=1) < found[n + 1][0] for n in range(len(found) - 1))
    assert read(written(found)) == found


def test_weeks_begin_on_monday() -> None:
    assert monday(date(2026, 1, 1)) == date(2025, 12, 29)
    assert monday(date(2026, 3, 9)) == date(2026, 3, 9)
    assert monday(date(2026, 3, 15)) == date(2026, 3, 9)
