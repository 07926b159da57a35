"""How long a wait lasts, said from others: against the rank of what ended, and the textbook where some goes on."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.flow.waits import HALF, MOST, NINE_IN_TEN, Wait, days_for, least

SHARES = (HALF, MOST, NINE_IN_TEN, Fraction(95, 100))


def over(*days: int) -> list[Wait]:
    return [Wait(n, True) for n in days]


def lasting(*days: int) -> list[Wait]:
    return [Wait(n, False) for n in days]


@pytest.mark.parametrize(
    ("waits", "share", "expected"),
    [
        ([], HALF, None),
        (over(7), HALF, 7),  # the first of one is passed by one new wait in two
        (lasting(7), HALF, None),
        (over(1, 2, 3), HALF, 2),
        (over(3, 1, 2), HALF, 2),
        (over(1, 2, 3, 4), HALF, 3),  # the rank ⌈5/2⌉, never between two
        (over(1, 2, 3, 4, 5), MOST, None),
        (over(1, 2, 3, 4, 5, 6), MOST, 6),
        (over(*range(1, 9)), NINE_IN_TEN, None),
        (over(*range(1, 10)), NINE_IN_TEN, 9),
        (over(*range(1, 20)), Fraction(95, 100), 19),
        (over(0, 0, 0), HALF, 0),
        # What goes on weighs as long as it is known to: a beginning of two days says nothing of the third.
        (over(1, 3) + lasting(2), HALF, 3),
        (over(1, 3) + lasting(4), HALF, 3),
        (over(1, 3) + lasting(4, 4), HALF, None),
        # What is last known of on a day was still there when others ended that day.
        (over(5, 5) + lasting(5), HALF, 5),
        (over(5) + lasting(5, 5), HALF, None),
    ],
)
def test_within_how_many_days_a_share_is_over(waits: list[Wait], share: Fraction, expected: int | None) -> None:
    assert days_for(share, waits) == expected


@pytest.mark.parametrize(("share", "waits"), [(HALF, 1), (Fraction(80, 100), 4), (MOST, 6), (NINE_IN_TEN, 9)])
def test_fewer_waits_cannot_say_a_share(share: Fraction, waits: int) -> None:
    assert least(share) == waits
    assert days_for(share, over(*range(waits))) == waits - 1
    assert days_for(share, over(*range(waits - 1))) is None


DAYS = st.lists(st.integers(0, 30), max_size=40)


@given(DAYS, st.sampled_from(SHARES))
def test_of_waits_all_over_it_is_the_rank(days: list[int], share: Fraction) -> None:
    rank = ceil(share * (len(days) + 1))
    assert days_for(share, over(*days)) == (sorted(days)[rank - 1] if rank <= len(days) else None)


@given(st.lists(st.builds(Wait, st.integers(0, 30), st.booleans()), max_size=40), st.sampled_from(SHARES))
def test_it_is_the_estimate_of_kaplan_and_meier(waits: list[Wait], share: Fraction) -> None:
    assert days_for(share, waits) == textbook(waits, share)


def textbook(waits: list[Wait], share: Fraction) -> int | None:
    """S(t) = Π (1 - d/n) over the days when some ended, the wait asked about among the n of each, never over."""
    still = Fraction(1)
    for day in sorted({wait.days for wait in waits if wait.over}):
        at_risk = sum(wait.days >= day for wait in waits) + 1
        ended = sum(wait.over and wait.days == day for wait in waits)
        still *= 1 - Fraction(ended, at_risk)
        if 1 - still >= share:
            return day
    return None
