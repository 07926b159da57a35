"""Where requests wait: what counts of each passage, and what is said of a state."""

from __future__ import annotations

from fractions import Fraction

import pytest
from histories import Step, received, story
from pure import calendar, day, lab

from states.calendar.working_days import Closure
from states.flow.passages import Passage, StateFlow, flow, passages
from states.flow.waits import Wait

TODAY = day("03-20")  # a Friday
ASKED: Step = ("request_info", "03-03 09:00", {})


def passed(*steps: Step, closures: tuple[Closure, ...] = ()) -> list[Passage]:
    return list(passages(lab(), story("2026-0001", *steps).request, calendar(*closures), TODAY))


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([received("03-02 09:00")], [("received", 14, False)]),
        ([received("03-20 09:00")], [("received", 0, False)]),
        ([received("03-06 17:00"), ("prequalify", "03-09 09:00", {})],
         [("received", 1, True), ("prequalified", 9, False)]),
        ([received("03-02 09:00"), ASKED], [("received", 1, True), ("info_requested", 13, False)]),
        # A no is an answer of the lab; what was given up waited at least so long.
        ([received("03-02 09:00"), ("decline", "03-04 09:00", {"reason": "other"})], [("received", 2, True)]),
        ([received("03-02 09:00"), ("withdraw", "03-04 09:00", {})], [("received", 2, False)]),
        ([received("03-02 09:00"), ("prequalify", "03-02 10:00", {}), ("cancel", "03-04 09:00", {})],
         [("received", 0, True), ("prequalified", 2, False)]),
        # What was corrected did not happen.
        ([received("03-02 09:00"), ("prequalify", "03-04 09:00", {}),
          ("correct", "03-05 09:00", {"corrects": 2, "to": "received"})], [("received", 14, False)]),
    ],
)  # fmt: skip
def test_the_passages_of_a_request(steps: list[Step], expected: list[tuple[str, int, bool]]) -> None:
    found = passed(*steps)
    assert [(one.state, one.wait.days, one.wait.over) for one in found] == expected
    assert [one.until for one in found].count(None) <= 1


def test_a_day_when_the_lab_is_closed_is_no_day_of_wait() -> None:
    (one,) = passed(received("03-02 09:00"), closures=(Closure(None, day("03-09"), day("03-13")),))
    assert one.wait == Wait(9, False)


def ended(*days: int, state: str = "received", since: str = "03-02") -> list[Passage]:
    return [Passage(f"E{n}", state, day(since), day(since), Wait(days_, True)) for n, days_ in enumerate(days)]


def lasting(*days: int, state: str = "received", since: str = "03-02") -> list[Passage]:
    return [Passage(f"L{n}", state, day(since), None, Wait(days_, False)) for n, days_ in enumerate(days)]


def of(*found: Passage) -> StateFlow:
    (one,) = flow(found, day("01-01"), ["received"])
    return one


@pytest.mark.parametrize(
    ("found", "stays", "median", "p90", "overdue"),
    [
        (ended(1, 2, 3) + lasting(3, 4), 3, 3, None, ["L1"]),  # older than all that left
        (ended(*range(1, 10)) + lasting(9, 10), 9, 6, None, ["L1"]),  # nine, of which the open ones hide the last
        (ended(*range(1, 20)) + lasting(18, 19, 20), 19, 12, None, ["L2"]),
        (ended(*range(1, 31)) + lasting(0, 29, 30), 30, 17, 30, []),
        (ended(*range(1, 31)) + lasting(0, 31, 30), 30, 17, 30, ["L1"]),
        (ended(*range(1, 9)), 8, 5, None, []),
        (ended(*range(1, 10)), 9, 5, 9, []),
        (lasting(40), 0, None, None, []),  # against nothing, nobody is late
    ],
)
def test_what_is_said_of_a_state(
    found: list[Passage], stays: int, median: int | None, p90: int | None, overdue: list[str]
) -> None:
    one = of(*found)
    assert (one.stays, one.median, one.p90) == (stays, median, p90)
    assert [passage.ref for passage in one.overdue] == overdue


def test_only_what_began_since_counts_but_all_that_is_open_is_there() -> None:
    old = ended(50, since="02-02") + lasting(60, since="02-03")
    found = flow([*old, *ended(1, 2), *lasting(3)], day("03-01"), ["received"])
    assert [wait.days for wait in found[0].waits] == [1, 2, 3]
    assert [passage.wait.days for passage in found[0].past] == [1, 2]
    assert [passage.wait.days for passage in found[0].open] == [60, 3]  # the oldest first


def test_the_share_of_the_time_is_of_all_that_was_waited() -> None:
    found = flow(
        [*ended(3), *lasting(5, state="qualified"), *ended(0, state="working")],
        day("01-01"),
        ["qualified", "received", "working", "debriefed"],
    )
    assert [(one.state, one.share) for one in found] == [
        ("qualified", Fraction(5, 8)), ("received", Fraction(3, 8)), ("working", Fraction(0)),
    ]  # fmt: skip
    assert of(*ended(0)).share is None
