"""Working days, the due hour and closures, on the days where counting goes wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pure import PARIS, calendar, french_holidays

from states.calendar.working_days import Cause, Closure, Pause, due_after
from states.language import spoken

DAY = timedelta(days=1)


def closed(first: str, last: str, recorded_at: str, place: str | None = None, note: str | None = None) -> Closure:
    return Closure(place, date.fromisoformat(first), date.fromisoformat(last), recorded_at, note or "")


def d(text: str) -> date:
    return date.fromisoformat(text)


def naive_is_working(day: date, closures: tuple[Closure, ...]) -> bool:
    if day.weekday() > 4 or day in french_holidays():
        return False
    return not any(c.place is None and c.first <= day <= c.last for c in closures)


def naive_add(day: date, n: int, closures: tuple[Closure, ...] = ()) -> date:
    """Day by day, as one counts on a wall calendar."""
    if n == 0:
        while not naive_is_working(day, closures):
            day += DAY
    left = abs(n)
    while left:
        day += DAY if n > 0 else -DAY
        left -= naive_is_working(day, closures)
    return day


# --- Days -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        ("2026-03-02", 5, "2026-03-09"),  # a plain week
        ("2026-03-07", 1, "2026-03-09"),  # from a Saturday
        ("2026-04-02", 1, "2026-04-03"),  # Good Friday is worked
        ("2026-04-03", 1, "2026-04-07"),  # Easter Monday is not
        ("2026-04-30", 1, "2026-05-04"),  # 1 May, a Friday
        ("2026-05-07", 1, "2026-05-11"),  # 8 May, a Friday
        ("2026-05-13", 1, "2026-05-15"),  # Ascension, a Thursday
        ("2026-05-22", 1, "2026-05-26"),  # Whit Monday
        ("2026-04-30", 20, "2026-06-03"),  # May has four: 17 working days
        ("2026-12-24", 1, "2026-12-28"),  # Christmas, a Friday
        ("2026-12-31", 1, "2027-01-04"),  # New Year's Day, a Friday
        ("2026-12-23", 5, "2026-12-31"),
        ("2027-03-26", 1, "2027-03-30"),  # Easter Monday, the day after the clocks change
    ],
)
def test_adding_working_days_skips_weekends_and_holidays(day: str, n: int, expected: str) -> None:
    assert calendar().add(d(day), n) == d(expected)


def test_adding_none_gives_that_day_or_the_next_working_one() -> None:
    assert calendar().add(d("2026-05-13"), 0) == d("2026-05-13")
    assert calendar().add(d("2026-05-14"), 0) == d("2026-05-15")
    assert calendar().add(d("2026-05-23"), 0) == d("2026-05-26")


def test_working_days_are_counted_backwards_too() -> None:
    assert calendar().add(d("2026-05-26"), -2) == d("2026-05-21")
    assert calendar().add(d("2026-05-25"), -1) == d("2026-05-22")


@given(
    st.dates(d("2025-01-01"), d("2029-11-30")),
    st.integers(-40, 90),
    st.lists(st.tuples(st.dates(d("2025-01-01"), d("2029-12-31")), st.integers(0, 20), st.booleans()), max_size=6),
)
def test_adding_is_counting_day_by_day(day: date, n: int, closures: list[tuple[date, int, bool]]) -> None:
    found = tuple(
        Closure("montpellier" if placed else None, first, first + DAY * length, "2025-01-01T08:00:00Z")
        for first, length, placed in closures
    )
    assert calendar(*found).add(day, n) == naive_add(day, n, found)


@given(st.dates(d("2025-01-01"), d("2029-06-30")), st.integers(0, 200))
def test_days_between_are_those_that_were_added(day: date, n: int) -> None:
    ours = calendar(closed("2026-08-01", "2026-08-16", "2026-01-05T08:00:00Z"))
    assert ours.working_days_between(day, ours.add(day, n)) == (n or (not ours.is_working(day)))
    assert ours.working_days_between(day + DAY * n, day) == 0


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-04-06", "holiday"),
        ("2026-05-01", "holiday"),
        ("2026-05-08", "holiday"),
        ("2026-05-14", "holiday"),
        ("2026-05-25", "holiday"),
        ("2026-12-25", "holiday"),
        ("2026-08-15", "weekend"),  # the Assumption, on a Saturday
        ("2026-03-29", "weekend"),
        ("2026-04-03", None),
        ("2026-12-26", "weekend"),
        ("2028-12-26", None),  # a holiday in Alsace only
    ],
)
def test_why_a_day_is_not_worked(day: str, kind: str | None) -> None:
    cause = calendar().cause(d(day))
    assert (cause and cause.kind) == kind
    assert calendar().is_working(d(day)) is (kind is None)
    if kind == "holiday":
        assert cause == Cause("holiday", french_holidays()[d(day)])


def test_causes_are_told_in_words() -> None:
    ours = calendar(
        closed("2026-08-03", "2026-08-07", "2026-01-05T08:00:00Z", note="Travaux"),
        closed("2026-08-10", "2026-08-14", "2026-01-05T08:00:00Z"),
    )
    days = ("2026-05-14", "2026-08-01", "2026-08-03", "2026-08-10")
    with spoken("en"):
        told = [cause.text for cause in map(ours.cause, map(d, days)) if cause]
        assert Cause("pause", "Suspended").text == "paused: Suspended"
        assert "after the deadline had fallen due" in Cause("late_closure").text
    assert told == ["public holiday: Ascension", "weekend", "the lab is closed: Travaux", "the lab is closed"]


def test_a_closed_place_is_a_working_day() -> None:
    ours = calendar(closed("2026-03-02", "2026-03-06", "2026-01-05T08:00:00Z", place="montpellier"))
    assert ours.is_working(d("2026-03-03"))
    assert due_after(ours, d("2026-03-02"), 5).day == d("2026-03-09")


def test_a_closure_is_known_from_the_moment_it_is_recorded() -> None:
    ours = calendar(closed("2026-03-03", "2026-03-03", "2026-02-10T08:00:00Z", note="Inventaire"))
    day = d("2026-03-03")
    assert ours.cause(day, known_at="2026-02-10T07:59:59Z") is None
    assert ours.cause(day, known_at="2026-02-10T08:00:00Z") == Cause("closure", "Inventaire")
    assert ours.is_working(day, known_at="2026-02-10T07:59:59Z")
    assert not ours.is_working(day, known_at="2026-02-10T08:00:00Z")
    assert ours.add(d("2026-03-02"), 1, known_at="2026-02-10T07:59:59Z") == day
    assert ours.add(d("2026-03-02"), 1, known_at="2026-02-10T08:00:00Z") == d("2026-03-04")
    assert ours.working_days_between(d("2026-03-02"), day, known_at="2026-02-01T00:00:00Z") == 1
    assert ours.working_days_between(d("2026-03-02"), day) == 0


# --- Clocks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "due"),
    [
        ("2026-03-27", "2026-03-27T17:00:00Z"),
        ("2026-03-28", "2026-03-28T17:00:00Z"),
        ("2026-03-29", "2026-03-29T16:00:00Z"),  # clocks went forward that night
        ("2026-03-30", "2026-03-30T16:00:00Z"),
        ("2026-10-24", "2026-10-24T16:00:00Z"),
        ("2026-10-25", "2026-10-25T17:00:00Z"),  # and back
        ("2026-10-26", "2026-10-26T17:00:00Z"),
        ("2027-03-27", "2027-03-27T17:00:00Z"),
        ("2027-03-28", "2027-03-28T16:00:00Z"),
    ],
)
def test_the_due_hour_is_local(day: str, due: str) -> None:
    assert calendar().at_due_hour(d(day)) == due


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-03-28T22:59:59Z", "2026-03-28"),
        ("2026-03-28T23:00:00Z", "2026-03-29"),
        ("2026-03-29T21:59:59Z", "2026-03-29"),  # a day of 23 hours
        ("2026-03-29T22:00:00Z", "2026-03-30"),
        ("2026-10-24T22:00:00Z", "2026-10-25"),
        ("2026-10-25T22:59:59Z", "2026-10-25"),  # a day of 25
        ("2026-10-25T23:00:00Z", "2026-10-26"),
        ("2027-03-28T22:00:00Z", "2027-03-29"),
    ],
)
def test_the_day_of_an_instant_is_local(at: str, day: str) -> None:
    assert calendar().local_day(at) == d(day)


@given(st.dates(d("2025-01-01"), d("2029-12-31")))
def test_every_due_moment_is_at_six_in_the_evening(day: date) -> None:
    moment = datetime.fromisoformat(calendar().at_due_hour(day))
    assert moment.tzinfo == UTC
    assert moment.astimezone(PARIS).replace(tzinfo=None) == datetime.combine(day, time(18))


# --- Closures and the moment they were recorded ---------------------------------------------------------------------


def test_a_closure_recorded_before_the_due_moment_moves_it() -> None:
    ours = calendar(closed("2026-03-05", "2026-03-06", "2026-03-09T16:59:59Z"))
    due = due_after(ours, d("2026-03-02"), 5)
    assert (due.at, due.day) == ("2026-03-11T17:00:00Z", d("2026-03-11"))


@pytest.mark.parametrize("recorded_at", ["2026-03-09T17:00:00Z", "2026-03-20T08:00:00Z"])
def test_one_recorded_from_the_due_moment_on_does_not(recorded_at: str) -> None:
    ours = calendar(closed("2026-03-05", "2026-03-06", recorded_at, note="Travaux"))
    due = due_after(ours, d("2026-03-02"), 5)
    assert due.at == "2026-03-09T17:00:00Z"
    late = [step for step in due.walk(ours) if step.remark]
    assert [(step.day, step.number) for step in late] == [(d("2026-03-05"), 3), (d("2026-03-06"), 4)]
    assert late[0].remark == Cause("late_closure", "Travaux")


def test_closures_are_taken_in_the_order_they_were_recorded() -> None:
    first = closed("2026-03-09", "2026-03-10", "2026-03-06T08:00:00Z")
    second = closed("2026-03-11", "2026-03-13", "2026-03-10T08:00:00Z")
    # The second comes after the original moment, the 9th, but before the one the first made of it, the 11th.
    assert due_after(calendar(second, first), d("2026-03-02"), 5).day == d("2026-03-16")
    assert due_after(calendar(second), d("2026-03-02"), 5).day == d("2026-03-09")


def test_a_closure_on_days_already_closed_moves_nothing() -> None:
    ours = calendar(closed("2026-05-14", "2026-05-17", "2026-01-05T08:00:00Z"))
    assert due_after(ours, d("2026-05-13"), 1).day == d("2026-05-18")
    twice = calendar(
        closed("2026-05-14", "2026-05-17", "2026-01-05T08:00:00Z"),
        closed("2026-05-15", "2026-05-15", "2026-01-06T08:00:00Z"),
    )
    assert due_after(twice, d("2026-05-13"), 1).day == d("2026-05-18")


@st.composite
def some_closures(draw: st.DrawFn) -> tuple[Closure, ...]:
    days = st.dates(d("2026-03-01"), d("2026-06-30"))
    found = []
    for _number in range(draw(st.integers(0, 5))):
        first, recorded = draw(days), draw(days)
        hour = draw(st.sampled_from(["06", "15", "16", "17"]))
        found.append(Closure(None, first, first + DAY * draw(st.integers(0, 9)), f"{recorded}T{hour}:00:00Z"))
    return tuple(found)


@given(st.dates(d("2026-03-01"), d("2026-06-15")), st.integers(0, 25), some_closures())
def test_the_due_moment_is_that_of_closures_tried_one_by_one(day: date, n: int, closures: tuple[Closure, ...]) -> None:
    known: tuple[Closure, ...] = ()
    due = calendar().at_due_hour(naive_add(day, n))
    for closure in sorted(closures, key=lambda c: c.recorded_at):
        if closure.recorded_at < due:
            known = (*known, closure)
            due = calendar().at_due_hour(naive_add(day, n, known))
    ours = calendar(*closures)
    found = due_after(ours, day, n)
    assert found.at == due
    assert due_after(ours, day, n) is found  # remembered


# --- Day by day -----------------------------------------------------------------------------------------------------


def test_each_day_is_told_counted_or_skipped() -> None:
    ours = calendar(closed("2026-05-18", "2026-05-18", "2026-05-01T08:00:00Z"))
    steps = due_after(ours, d("2026-05-12"), 4).walk(ours)
    assert [(step.day.day, step.number, step.cause and step.cause.kind) for step in steps] == [
        (13, 1, None),
        (14, None, "holiday"),
        (15, 2, None),
        (16, None, "weekend"),
        (17, None, "weekend"),
        (18, None, "closure"),
        (19, 3, None),
        (20, 4, None),
    ]
    assert [step.counted for step in steps][:2] == [True, False]


def test_a_day_due_without_being_counted_has_rank_none() -> None:
    ours = calendar()
    steps = due_after(ours, d("2026-05-23"), 0).walk(ours)
    assert [(step.day.day, step.number) for step in steps] == [(23, None), (24, None), (25, None), (26, 0)]


@given(st.dates(d("2026-03-01"), d("2026-06-15")), st.integers(1, 25), some_closures())
def test_a_walk_counts_up_to_the_due_day(day: date, n: int, closures: tuple[Closure, ...]) -> None:
    ours = calendar(*closures)
    due = due_after(ours, day, n)
    steps = due.walk(ours)
    assert [step.day for step in steps] == [day + DAY * k for k in range(1, (due.day - day).days + 1)]
    assert [step.number for step in steps if step.counted] == list(range(1, n + 1))
    assert all(step.counted is (step.cause is None) for step in steps)


# --- Pauses ---------------------------------------------------------------------------------------------------------


def pause(at: str, until: str | None) -> Pause:
    return Pause(at, until, "info_requested")


def test_the_days_left_are_counted_again_from_the_return() -> None:
    ours = calendar()
    stopped = pause("2026-03-04T09:00:00Z", "2026-03-18T09:00:00Z")
    due = due_after(ours, d("2026-03-02"), 5, (stopped,))
    assert due.day == d("2026-03-23")  # two counted, three left after Wednesday the 18th
    steps = due.walk(ours)
    assert [step.number for step in steps if step.counted] == [1, 2, 3, 4, 5]
    paused = [step.day for step in steps if step.cause and step.cause.kind == "pause"]
    assert (paused[0], paused[-1]) == (d("2026-03-05"), d("2026-03-18"))


def test_a_pause_within_a_day_changes_nothing() -> None:
    ours = calendar()
    stopped = pause("2026-03-04T09:00:00Z", "2026-03-04T15:00:00Z")
    due = due_after(ours, d("2026-03-02"), 5, (stopped,))
    assert due.day == d("2026-03-09")
    assert due.walk(ours) == due_after(ours, d("2026-03-02"), 5).walk(ours)


def test_with_no_day_left_it_is_due_on_the_return_or_the_next_working_day() -> None:
    stopped = "2026-03-09T16:59:59Z"
    for back, expected in (("2026-03-12", "2026-03-12"), ("2026-03-14", "2026-03-16"), ("2026-05-14", "2026-05-15")):
        due = due_after(calendar(), d("2026-03-02"), 5, (pause(stopped, f"{back}T09:00:00Z"),))
        assert due.day == d(expected)
        last = due.walk(calendar())[-1]
        assert (last.day, last.number) == (d(expected), 0)


def test_one_already_late_is_not_paused() -> None:
    due = due_after(calendar(), d("2026-03-02"), 5, (pause("2026-03-09T17:00:01Z", None),))
    assert (due.day, due.paused, due.pauses) == (d("2026-03-09"), False, ())


def test_a_count_that_stands_still_keeps_its_last_moment() -> None:
    due = due_after(calendar(), d("2026-03-02"), 5, (pause("2026-03-09T17:00:00Z", None),))
    assert (due.day, due.paused) == (d("2026-03-09"), True)
    assert due.walk(calendar())[-1].number == 5


def test_a_closure_recorded_during_a_pause_moves_what_is_left() -> None:
    stopped = pause("2026-03-04T09:00:00Z", "2026-03-18T09:00:00Z")
    # Recorded after the first moment, the 9th, but the 23rd is the moment by then.
    ours = calendar(closed("2026-03-19", "2026-03-19", "2026-03-16T08:00:00Z"))
    assert due_after(ours, d("2026-03-02"), 5, (stopped,)).day == d("2026-03-24")
    late = calendar(closed("2026-03-19", "2026-03-19", "2026-03-23T17:00:00Z"))
    assert due_after(late, d("2026-03-02"), 5, (stopped,)).day == d("2026-03-23")


@given(st.dates(d("2026-03-01"), d("2026-05-15")), st.integers(1, 25), st.data())
def test_pauses_never_take_days_away(day: date, n: int, data: st.DataObject) -> None:
    ours = calendar()
    plain = due_after(ours, day, n)
    stop = data.draw(st.dates(day, plain.day))
    back = data.draw(st.dates(stop, d("2026-12-31")))
    due = due_after(ours, day, n, (pause(f"{stop}T09:00:00Z", f"{back}T10:00:00Z"),))
    left = ours.working_days_between(stop, plain.day)
    assert due.day == naive_add(back, left)
    assert ours.working_days_between(day, stop) + left == n
    steps = due.walk(ours)
    assert [step.day for step in steps] == [day + DAY * k for k in range(1, (due.day - day).days + 1)]
    assert [step.number for step in steps if step.number] == list(range(1, n + 1))
