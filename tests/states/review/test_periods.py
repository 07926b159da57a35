"""What a period is: over, running or before the lab's history; what nothing says of it is not known, never 0."""

from __future__ import annotations

from typing import Any

import pytest
from histories import activity, half, held, received, scope, story, tiered
from pure import at, lab

from states.review.document import document, names, review
from states.review.indicators import open_half_days
from states.review.semesters import semester

WORKED = story("2026-0001", *tiered("01-12 09:00"), *held("work", "01-13 09:00", "02-03 09:00"))
AUTUMN = semester(lab(), "2026-S2")


@pytest.mark.parametrize(
    ("now", "opened"),
    [
        ("01-01 07:59", 0),  # a holiday
        ("01-02 07:59", 0),
        ("01-02 08:00", 1),  # a half-day begun counts: something may be held in it
        ("01-02 12:59", 1),
        ("01-02 13:00", 2),
        ("01-05 23:00", 4),
        ("04-01 00:00", 102),
        ("06-30 23:59", 198),
        ("12-31 12:00", 198),
    ],
)
def test_half_days_open_are_those_begun(now: str, opened: int) -> None:
    assert len(open_half_days(scope(WORKED, now=now))) == opened


@pytest.mark.parametrize(
    ("now", "running", "compared_with"),
    [
        ("07-03 17:00", True, {"semester": "2026-S1", "from": "2026-01-01", "to": "2026-01-03"}),
        ("09-01 09:00", True, {"semester": "2026-S1", "from": "2026-01-01", "to": "2026-03-04"}),
        ("12-31 23:59", True, {"semester": "2026-S1", "from": "2026-01-01", "to": "2026-06-30"}),
        ("2027-01-01 00:00", False, {"semester": "2026-S1", "from": "2026-01-01", "to": "2026-06-30"}),
    ],
)
def test_a_semester_that_runs_says_so_and_is_compared_with_as_many_days(
    now: str, running: bool, compared_with: dict[str, str]
) -> None:
    sources = scope(WORKED, now=now, first_at=at("2025-03-03 09:00")).sources
    found = document(review(sources, AUTUMN))
    assert (found["running"], found["compared_with"]) == (running, compared_with)
    worked_on = found["previous"]["indicators"]["projects_accompanied"]
    assert worked_on == (1 if compared_with["to"] > "2026-02-03" else 0)


@pytest.mark.parametrize(
    ("first_at", "now", "before"),
    [
        (None, "07-01 09:00", "none"),
        ("01-12 09:00", "07-01 09:00", "none"),
        ("2025-12-31 23:59", "07-01 09:00", "counted"),
        ("2025-09-01 09:00", "02-01 09:00", "unknown"),  # the same share of the semester before ends on 1 August
        ("2025-07-15 09:00", "02-01 09:00", "counted"),
    ],
)
def test_of_a_time_before_the_history_nothing_is_known(first_at: str | None, now: str, before: str) -> None:
    sources = scope(WORKED, now=now, first_at=first_at and at(first_at)).sources
    made = review(sources, half())
    if before == "none":
        assert made.previous is None
    else:
        assert made.previous is not None
        values = {figure.value for figure in names(made.previous).values()}
        assert (values == {None}) == (before == "unknown")


def test_a_semester_before_the_history_is_not_one_where_nothing_happened() -> None:
    found = document(review(scope(WORKED).sources, semester(lab(), "2025-S1")))
    assert set(found["indicators"].values()) == {None}
    assert {value for value in found["flow"].values() if not isinstance(value, dict)} == {None}
    assert set(found["deadlines"].values()) == {None}
    assert set(found["committee"].values()) == {None}
    assert (found["corrections"], found["alerts"]) == (None, None)
    assert (found["previous"], found["compared_with"], found["signals"]) == (None, None, [])
    assert (found["waivers"], found["to_validate"]) == ([], [])


@pytest.mark.parametrize(
    ("watched_at", "alerts"),
    [(None, None), ("2025-12-31 23:59", None), ("01-01 00:00", {}), ("07-20 09:00", {})],
)
def test_alerts_nobody_looked_for_are_not_known(watched_at: str | None, alerts: Any) -> None:
    sources = scope(WORKED, now="07-31 09:00", watched_at=watched_at and at(watched_at)).sources
    assert document(review(sources, half()))["alerts"] == alerts


@pytest.mark.parametrize(
    ("first_at", "now", "silent"),
    [
        ("2025-07-01 00:00", "07-01 00:00", True),
        ("2025-07-01 00:01", "07-01 00:00", False),  # the history does not cover the whole of the one before
        ("2025-07-01 00:00", "06-30 23:59", False),  # nor is this one over
        ("2026-01-05 09:00", "07-01 00:00", False),
    ],
)
def test_services_are_silent_over_two_whole_semesters_of_the_history(first_at: str, now: str, silent: bool) -> None:
    found = document(review(scope(received_once(), now=now, first_at=at(first_at)).sources, half()))
    rules = {(one["rule"], one["service"]) for one in found["signals"]}
    assert (("low_use", "drari") in rules) == silent
    assert ("low_use", "drajes") not in rules


def received_once() -> Any:
    return story("2026-0001", received("01-12 09:00"))


def test_what_is_held_today_is_in_a_half_day_that_counts() -> None:
    visit = activity("2026-A001", "03-10 09:00", attended=4)
    figure = review(scope(visit, now="03-10 11:00").sources, half()).figures["indicators"]["space_usage_rate"]
    used, opened = figure.coverage or (0, 0)
    assert (used, opened) == (1, opened)
    assert (figure.value or 0) > 0
