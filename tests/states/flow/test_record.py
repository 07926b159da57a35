"""What would have been announced at each past day, with what was known then, and whether it held."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from journeys import CALENDAR, CLOSED, ended, noon, waiting
from pure import at, calendar, day

from states.calendar.working_days import Closure
from states.flow.record import Record, Version, record, total

FIRST, TODAY = day("03-02"), day("06-01")


def lived(ref: str, since: date, days: int | None, state: str = CLOSED, recorded: date | None = None) -> list[Version]:
    """A request from the day it came; closed, or ended otherwise, after so many working days; recorded that day."""
    begun = waiting(ref, since)
    versions = [Version(begun.since, begun)]
    if days is not None:
        now = ended(ref, since, days, state)
        versions.append(Version(noon(recorded) if recorded else now.since, now))
    return versions


def past(*days: int) -> list[list[Version]]:
    """Requests that closed last year."""
    return [lived(f"2025-{n:04d}", day("2025-09-01"), one) for n, one in enumerate(days)]


def end_of(of: date) -> str:
    return at(f"{(of + timedelta(days=1)).isoformat()} 00:00")


def judged(
    *histories: list[Version], today: date = TODAY, first: date = FIRST, closed: Closure | None = None
) -> Record:
    done: list[tuple[int, int]] = []
    found = record(
        histories, calendar(closed) if closed else CALENDAR, (first, today), end_of, lambda n, of: done.append((n, of))
    )
    assert done == [(n, (today - first).days) for n in range(1, (today - first).days + 1)]
    return found


@pytest.mark.parametrize(
    ("days", "state", "announced", "kept"),
    [
        (10, CLOSED, 10, 10),  # of each day from the first to the ninth, by Friday 20 March: it came on the 16th
        (14, CLOSED, 11, 11),  # on Friday the 20th itself; from the tenth day on those of the past are gone
        (15, CLOSED, 11, 0),  # the Monday after
        (None, CLOSED, 11, 0),  # it still waits
        (30, "withdrawn", 11, 0),  # it waited still on that Friday
    ],
)
def test_a_date_is_kept_where_it_came_by_then(days: int | None, state: str, announced: int, kept: int) -> None:
    found = judged(*past(*[11] * 6), lived("2026-0001", day("03-02"), days, state))
    whole = total(found.most)
    assert (whole.announced, whole.kept) == (announced, kept)
    assert (found.void, found.requests) == (0, {"2026-0001"})
    assert list(found.milestones) == [CLOSED]
    assert whole == found.most[CLOSED]


def test_a_date_is_void_where_the_request_ended_otherwise_before() -> None:
    found = judged(*past(*[11] * 6), lived("2026-0001", day("03-02"), 3, "withdrawn"))
    assert (total(found.most).announced, found.void) == (0, 3)


def test_a_date_to_come_is_not_judged_even_where_it_is_kept_already() -> None:
    early = lived("2026-0001", day("03-02"), 2)
    assert total(judged(*past(*[11] * 6), early, today=day("03-20")).most).announced == 0
    assert total(judged(*past(*[11] * 6), early, today=day("03-21")).most).announced == 2


def test_nothing_is_announced_from_what_was_not_known_then() -> None:
    """Six of last year that were typed on 9 March: before it, nothing could be said."""
    late = [lived(f"2025-{n:04d}", day("2025-09-01"), 11, recorded=day("03-09")) for n in range(6)]
    found = judged(*late, lived("2026-0001", day("03-02"), 10))
    assert total(found.most).announced == 5  # from the 9th to the 13th


def test_what_was_typed_late_is_judged_by_when_it_happened() -> None:
    typed = lived("2026-0001", day("03-02"), 10, recorded=day("03-27"))
    found = judged(*past(*[11] * 6), typed)
    assert (total(found.most).announced, total(found.most).kept) == (11, 11)


def test_a_closure_is_known_from_when_it_was_recorded() -> None:
    """Closed from 16 to 20 March, as was said on the 9th: dates announced before are those of an open week."""
    closure = Closure(None, day("03-16"), day("03-20"), noon(day("03-09")))
    found = judged(*past(*[11] * 6), lived("2026-0001", day("03-02"), 9), closed=closure)
    open_week = judged(*past(*[11] * 6), lived("2026-0001", day("03-02"), 9))
    assert total(found.most) == total(open_week.most)
    late = judged(*past(*[11] * 6), lived("2026-0001", day("03-02"), 15), closed=closure)
    assert (total(late.most).announced, total(late.most).kept) == (10, 5)  # those of the first week are not


def test_a_lab_without_history_has_nothing_to_judge() -> None:
    whole = total(judged(lived("2026-0001", day("03-02"), 10)).most)
    assert (whole.announced, whole.kept, whole.share) == (0, 0, None)
