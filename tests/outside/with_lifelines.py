"""`make lifelines`: the days that `states.flow.waits` gives against those of lifelines, on waits drawn at random.

Run by the Python of an environment of its own: lifelines brings pandas, scipy and matplotlib, which nothing here needs.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from random import Random

from lifelines import KaplanMeierFitter

from states.flow.waits import HALF, MOST, NINE_IN_TEN, Wait, days_for

CASES = 500
TOLERANCE = 1e-9  # what lifelines computes is a product of floats


def drawn(draw: Random) -> list[Wait]:
    """Some waits, of which some go on: short ones, so that many end on the same day."""
    return [Wait(draw.randrange(0, 30), draw.random() < 0.7) for _n in range(draw.randrange(1, 60))]


def of_lifelines(waits: list[Wait], share: Fraction) -> int | None:
    """The first day by which the share is over, the wait asked about among the others, going on after them all."""
    last = max(wait.days for wait in waits) + 1
    fitted = KaplanMeierFitter().fit([*(w.days for w in waits), last], [*(w.over for w in waits), False])
    still = fitted.survival_function_["KM_estimate"]
    days = [int(day) for day, share_left in still.items() if 1 - share_left >= float(share) - TOLERANCE]
    days = [day for day in days if any(wait.over and wait.days == day for wait in waits)]
    return min(days, default=None)


def main() -> int:
    draw, wrong = Random(20260306), 0
    for _case in range(CASES):
        waits = drawn(draw)
        for share in (HALF, MOST, NINE_IN_TEN):
            ours, theirs = days_for(share, waits), of_lifelines(waits, share)
            if ours != theirs:
                wrong += 1
                print(f"{float(share):.0%} of {waits}: {ours} here, {theirs} by lifelines")
    print(f"{CASES} draws, {len((HALF, MOST, NINE_IN_TEN))} shares each: {wrong} differ")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
