"""When comparable requests got there: who is compared, which dates are said, and why nothing is."""

from __future__ import annotations

from random import Random

import pytest
from attrs import evolve
from journeys import CALENDAR, CLOSED, STATE, after, closed, ended, noon, waiting
from pure import calendar, day, edited

from states.calendar.working_days import Closure
from states.flow.forecasts import (
    ALL,
    CHANGED,
    FEW,
    KIND,
    LAB_CLOSED,
    OLDEST,
    ON_HOLD,
    REASONS,
    TIER,
    WAITING,
    Comparison,
    Forecast,
)
from states.flow.journeys import Journey
from states.flow.sentences import compared, reason
from states.language import spoken
from states.verification.loading import load

SINCE, TODAY = day("03-02"), day("03-06")  # a Monday, and four working days later
MINE = waiting("2026-0001", SINCE)


def said(*others: Journey, mine: Journey = MINE) -> Forecast:
    """What is said of the closing."""
    (found,) = Comparison([mine, *others], CALENDAR, TODAY).forecasts(mine)
    return found


def test_two_dates_are_said_as_counts_of_real_requests() -> None:
    found = said(*closed(2, 4, 5, 6, 7, 8, 9, 10, 30), waiting("2026-0002", day("02-02")))
    assert found.age == 4
    assert [wait.days for wait in found.waits] == [5, 6, 7, 8, 9, 10, 30, 24]  # those still there after four days
    assert (found.still_waiting, found.ended_otherwise, found.reason) == (1, 0, WAITING)
    assert found.half is not None
    # The half of eight is the fifth of nine: nine working days from Monday 2 March is 13 March, a Friday.
    assert (found.half.by, found.half.requests) == (day("03-13"), 5)
    assert found.most is None  # the eighth of nine still waits


@pytest.mark.parametrize(
    ("days", "half", "most"),
    [
        ((5,) * 6, "03-13", "03-13"),  # on Monday 9 March: said for the end of its week
        ((5, 6, 7, 8, 9, 30), "03-13", "04-17"),  # Easter Monday is no working day
        ((9, 9, 9, 10, 10, 10, 10), "03-20", "03-20"),
        ((20,) * 5 + (41,) * 2, "04-03", "04-30"),  # that week’s Friday is the first of May
    ],
)
def test_a_date_is_the_last_working_day_of_a_week(days: tuple[int, ...], half: str, most: str) -> None:
    found = said(*closed(*days))
    assert found.half is not None
    assert found.most is not None
    assert (found.half.by, found.most.by) == (day(half), day(most))
    assert found.half.requests == sum(after(SINCE, n) <= day(half) for n in days)  # all that came that week count
    assert found.reason == ""


def test_one_that_ended_otherwise_counts_for_as_long_as_it_went_on() -> None:
    found = said(*closed(5, 6, 7, 8, 9, 10), ended("2025-0009", day("2025-09-01"), 6, "withdrawn"))
    assert (len(found.waits), found.ended_otherwise, found.still_waiting) == (7, 1, 0)


def test_one_that_reached_it_before_or_came_back_is_not_compared() -> None:
    back = evolve(waiting("2025-0009", day("2025-09-01")), reached={CLOSED: (noon(day("2025-08-01")),)})
    assert len(said(*closed(5, 6, 7, 8, 9, 10)).waits) == 6
    before = evolve(back, reached={CLOSED: (noon(day("2025-08-01")), noon(day("2025-10-01")))})
    assert len(said(*closed(5, 6, 7, 8, 9, 10), before).waits) == 6


def test_one_that_has_left_the_state_is_compared_only_with_those_that_stayed_as_long() -> None:
    """To be still qualified after ten days is not the same as not to have had a session after ten days."""
    passed = [
        evolve(one, stays={STATE: (one.stays[STATE][0], noon(after(day("2025-09-01"), 1))), CLOSED: (one.since, None)})
        for one in closed(5, 6, 7, 8, 9, 10)
    ]
    assert said(*passed).reason == OLDEST
    assert said(*passed, *closed(30)).reason == FEW


# --- Who is compared ---

OTHERS = {"tier": "50_50"}
ALONE = {"tier": None, "kind": "autonomous"}


@pytest.mark.parametrize(
    ("others", "mine", "among", "n"),
    [
        ([*closed(*[5] * 6), *closed(*[9] * 9, **OTHERS)], MINE, TIER, 6),
        ([*closed(*[5] * 5), *closed(*[9] * 9, **OTHERS)], MINE, KIND, 14),
        ([*closed(*[5] * 5), *closed(*[9] * 9, **ALONE)], MINE, ALL, 14),
        ([*closed(*[3] * 9), *closed(*[9] * 9, **OTHERS)], MINE, KIND, 9),  # those of its tier are gone by then
        # Before a tier is assigned, all that have one since are like it.
        ([*closed(*[5] * 3), *closed(*[9] * 3, **OTHERS)], evolve(MINE, tier=None), KIND, 6),
        (closed(*[5] * 6), evolve(MINE, kind="autonomous", tier=None), ALL, 6),
    ],
)
def test_the_likest_are_compared_and_others_only_where_they_are_too_few(
    others: list[Journey], mine: Journey, among: str, n: int
) -> None:
    found = said(*others, mine=mine)
    assert (found.among, len(found.waits)) == (among, n)


# --- Why nothing is said ---


def other_rules() -> Journey:
    other = load(edited(("work = { min = 1, max = 3 }", "work = { min = 1, max = 4 }")))
    return evolve(closed(5)[0], declaration=other)


@pytest.mark.parametrize(
    ("others", "mine", "why", "of"),
    [
        ([], MINE, FEW, 0),
        (closed(5, 6, 7, 8, 9), MINE, FEW, 5),
        (closed(1, 2, 3, 4, 4, 4, 4), MINE, OLDEST, 7),
        (closed(4), MINE, OLDEST, 1),
        ([evolve(other_rules(), ref=f"2025-{n}") for n in range(7)], MINE, CHANGED, 7),
        ([*closed(9), *(evolve(other_rules(), ref=f"2025-{n}") for n in range(5))], MINE, CHANGED, 5),
        ([waiting(f"2025-{n}", day("2025-09-01")) for n in range(6)], MINE, WAITING, 6),
        (closed(*[5] * 9), evolve(MINE, state="suspended"), ON_HOLD, 0),
    ],
)
def test_why_nothing_is_said(others: list[Journey], mine: Journey, why: str, of: int) -> None:
    found = said(*others, mine=mine)
    assert (found.reason, found.of, found.half, found.most) == (why, of, None, None)


def test_nothing_is_said_while_the_lab_is_closed() -> None:
    for closure, why in (
        (Closure(None, TODAY, day("03-20")), LAB_CLOSED),
        (Closure("montpellier", TODAY, day("03-20")), ""),
        (Closure(None, day("03-09"), day("03-20")), ""),
    ):
        (found,) = Comparison([MINE, *closed(*[7] * 9)], calendar(closure), TODAY).forecasts(MINE)
        assert found.reason == why
    assert found.half is not None
    assert found.half.by == day("03-27")  # its fortnight is no working time


def test_a_closure_recorded_later_is_not_known_before() -> None:
    closure = Closure(None, TODAY, day("03-20"), noon(day("03-09")))
    for known_at, why in ((noon(TODAY), ""), (noon(day("03-09")), LAB_CLOSED)):
        (found,) = Comparison([MINE, *closed(*[7] * 9)], calendar(closure), TODAY, known_at).forecasts(MINE)
        assert found.reason == why


def test_every_reason_has_its_sentence() -> None:
    some = said(*closed(5, 6, 7, 8, 9, 10))
    for language in ("fr", "en"):
        with spoken(language):
            for why in REASONS:
                for of in (0, 1, 3):
                    sentence = reason(evolve(some, reason=why, of=of, half=None))
                    assert sentence
                    assert sentence.endswith(".")
            assert reason(some) is None
            assert "6" in compared(some)
            assert len({compared(evolve(some, among=among)) for among in (TIER, KIND, ALL)}) == 3


# --- The share announced is kept ---

LABS = 250


@pytest.mark.parametrize(("weeks", "age"), [(26, 0), (52, 0), (52, 15), (104, 0)])
def test_a_date_at_85_in_100_is_kept_80_to_90_times_in_100(weeks: int, age: int) -> None:
    """A lab of sixty requests a year, whose waits are lognormal around 45 days: what the next one does is not known."""
    draw, kept, said_ = Random(20260306), 0, 0
    for _lab in range(LABS):
        others = []
        for n in range(60 * weeks // 52):
            since = after(day("03-02"), -draw.randrange(1, weeks * 5))
            lasts = wait(draw)
            is_over = after(since, lasts) < day("03-02")
            others.append(ended(f"2025-{n}", since, lasts) if is_over else waiting(f"2025-{n}", since))
        mine = waiting("2026-0001", after(day("03-02"), -age))
        found = Comparison([mine, *others], CALENDAR, day("03-02")).forecasts(mine)[0]
        lasts = next(lasts for lasts in iter(lambda: wait(draw), None) if lasts > age)
        if found.most:
            said_ += 1
            kept += after(day("03-02"), lasts - age) <= found.most.by
    assert said_ > LABS / 2  # half a year of history cannot say in one case in five
    assert 80 <= kept * 100 / said_ <= 90


def wait(draw: Random) -> int:
    return max(1, round(draw.lognormvariate(3.47, 0.8)))  # 45 days of the week are 32 working days
