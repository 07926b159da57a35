"""How long a wait lasts, said from others: those that are over, and those of which only a beginning is known.

Kaplan and Meier's estimate, where the wait that is asked about counts among the others as one that still lasts. Without
open ones that is the rank ⌈p(n+1)⌉ of the n that are over, which keeps its promise whatever law the waits follow: the
k-th of n is passed by one new wait in k/(n+1). So it cannot say 85 % of fewer than 6 waits, nor 90 % of fewer than 9.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

HALF, MOST, NINE_IN_TEN = Fraction(1, 2), Fraction(85, 100), Fraction(9, 10)


class Wait(NamedTuple):
    """Working days that something was waited for. `over`: whether it came; else that is all that is known of it."""

    days: int
    over: bool


def least(share: Fraction) -> int:
    """The fewest waits of which a share can be said: 1 for a half, 6 for 85 %, 9 for 90 %."""
    return -(-share.numerator // (share.denominator - share.numerator))


def days_for(share: Fraction, waits: Iterable[Wait]) -> int | None:
    """Within how many working days a share of such waits is over; None when these cannot say."""
    ordered = sorted(waits, key=lambda wait: (wait.days, not wait.over))  # what stops being known that day was there
    still, of = 1, 1  # the share that still waits, as a fraction
    present = len(ordered) + 1  # with the one that is asked about, which outlasts all that is known
    for wait in ordered:
        if wait.over:
            still, of = still * (present - 1), of * present
            if (of - still) * share.denominator >= share.numerator * of:
                return wait.days
        present -= 1
    return None
