"""Semesters, and the days on which their review is called for."""

from __future__ import annotations

from datetime import date

import pytest
from attrs import evolve
from pure import at, calendar, lab

from states.review.semesters import before, review_due, same_share, semester, semester_of, year_so_far


@pytest.mark.parametrize(
    ("day", "code", "last"),
    [
        ("2026-01-01", "2026-S1", "2026-06-30"),
        ("2026-06-30", "2026-S1", "2026-06-30"),
        ("2026-07-01", "2026-S2", "2026-12-31"),
        ("2026-12-31", "2026-S2", "2026-12-31"),
    ],
)
def test_the_semester_of_a_day(day: str, code: str, last: str) -> None:
    found = semester_of(lab(), date.fromisoformat(day))
    assert (found.code, found.last.isoformat()) == (code, last)


@pytest.mark.parametrize(
    ("code", "first", "last", "start", "end"),
    [
        ("2026-S1", "2026-01-01", "2026-06-30", "2025-12-31T23:00:00Z", "2026-06-30T22:00:00Z"),
        ("2026-S2", "2026-07-01", "2026-12-31", "2026-06-30T22:00:00Z", "2026-12-31T23:00:00Z"),
    ],
)
def test_a_semester_lasts_to_the_midnight_after_its_last_day(
    code: str, first: str, last: str, start: str, end: str
) -> None:
    found = semester(lab(), code)
    assert (found.code, found.first.isoformat(), found.last.isoformat()) == (code, first, last)
    assert (found.start, found.end) == (start, end)
    assert [found.holds(at) for at in (start, "2026-07-01T00:00:00Z", end)] == [True, code == "2026-S2", False]


def test_the_semester_before_and_the_year_so_far() -> None:
    first, second = semester(lab(), "2026-S1"), semester(lab(), "2026-S2")
    assert before(lab(), second) == first
    assert before(lab(), first).code == "2025-S2"
    year = year_so_far(lab(), second)
    assert (year.code, year.first, year.last, year.start, year.end) == (
        "2026", date(2026, 1, 1), date(2026, 12, 31), first.start, second.end,
    )  # fmt: skip
    assert year_so_far(lab(), first).end == first.end


def test_semesters_of_school_years_bear_the_year_they_begin_in() -> None:
    first, second = lab().semesters.values()
    school = evolve(lab(), semesters={"S1": evolve(first, month=9, day=1), "S2": evolve(second, month=2, day=1)})
    found = semester_of(school, date(2027, 1, 15))
    assert (found.code, found.first, found.last) == ("2026-S1", date(2026, 9, 1), date(2027, 1, 31))


@pytest.mark.parametrize(
    ("day", "sealed", "code"),
    [
        ("2026-06-16", (), None),
        ("2026-06-17", (), "2026-S1"),
        ("2026-06-30", (), "2026-S1"),
        ("2026-06-30", ("2026-S1",), None),
        ("2026-07-01", (), "2026-S1"),
        ("2026-07-01", ("2026-S1",), None),
        ("2026-07-22", (), "2026-S1"),  # the fifteenth working day: 14 July is none
        ("2026-07-23", (), None),
        ("2026-12-18", (), "2026-S2"),
        ("2027-01-04", (), "2026-S2"),
    ],
)
def test_a_review_is_called_for_around_the_end_of_its_semester(
    day: str, sealed: tuple[str, ...], code: str | None
) -> None:
    found = review_due(lab(), calendar(), date.fromisoformat(day), sealed)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("limit", "last", "end"),
    [
        ("2026-07-01 00:00", "2025-12-31", "2026-01-01 00:00"),  # nothing has passed
        ("2026-07-03 17:00", "2026-01-03", "2026-01-03 17:00"),
        ("2026-10-26 08:00", "2026-04-28", "2026-04-28 08:00"),  # days of two clocks
        ("2026-12-31 23:00", "2026-06-30", "2026-07-01 00:00"),  # the first semester is shorter
    ],
)
def test_a_semester_that_runs_stands_beside_as_much_of_the_one_before(limit: str, last: str, end: str) -> None:
    first, second = semester(lab(), "2026-S1"), semester(lab(), "2026-S2")
    found = same_share(lab(), first, second, at(limit))
    assert (found.code, found.first, found.last.isoformat()) == ("2026-S1", first.first, last)
    assert (found.start, found.end) == (first.start, at(end))
