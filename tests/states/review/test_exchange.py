"""What labs lend each other: days swapped and used, meetings by arrangement, on each side of a period."""

from __future__ import annotations

from datetime import date

import pytest
from histories import activity, entries, held, scope, story, tiered
from pure import at

from states.planning.slots import Swap
from states.requests.entry import Entry
from states.review.dataset import Story
from states.review.exchange import exchange


def swapped(gained: str, given: str, place: str = "montpellier") -> tuple[Swap, Entry]:
    """A swap, and an entry that might record it: which event it is counts for nothing."""
    (entry,) = entries("2026-0009", ("submit", "01-12 09:00", {}))
    return Swap(place, date.fromisoformat(f"2026-{gained}"), date.fromisoformat(f"2026-{given}")), entry


@pytest.mark.parametrize(
    ("now", "swap", "counted"),
    [
        ("07-01 09:00", swapped("03-12", "03-10"), (1, 1, 1)),
        ("07-01 09:00", swapped("03-19", "03-17"), (1, 0, 1)),  # nothing was held that day
        ("07-01 09:00", swapped("03-12", "03-10", "toulouse"), (1, 0, 1)),  # it was held elsewhere
        ("03-11 09:00", swapped("03-12", "03-10"), (0, 0, 1)),  # a day to come is not counted yet
        ("03-10 00:00", swapped("03-12", "03-10"), (0, 0, 1)),
        ("03-09 23:59", swapped("03-12", "03-10"), (0, 0, 0)),
        ("08-01 09:00", swapped("07-02", "06-30"), (0, 0, 1)),  # a week of two semesters
    ],
)
def test_days_swapped_are_counted_once_they_have_come(
    now: str, swap: tuple[Swap, Entry], counted: tuple[int, int, int]
) -> None:
    one = story("2026-0001", *tiered("02-02 09:00"), *held("work", "02-03 09:00", "03-12 14:00"))
    found = exchange(scope(one, now=now, swaps=[swap]))
    assert tuple(found[name].value for name in ("days_gained", "days_gained_used", "days_given")) == counted
    assert [item.said["day"] for item in found["days_given"].items] == [swap[0].given.isoformat()] * counted[2]


def hosted(place: str, agreed: bool | None, start: str = "03-10 09:00") -> Story:
    return story("2026-0001", *tiered("02-02 09:00"), *held("work", "02-03 09:00", start, place=place, agreed=agreed))


@pytest.mark.parametrize(
    ("stories", "agreed", "not_agreed"),
    [
        ([], 0, 0),
        ([hosted("toulouse", True)], 1, 0),
        ([hosted("toulouse", False)], 0, 1),
        ([hosted("toulouse", None)], 0, 1),
        ([hosted("montpellier", True)], 0, 0),  # where nobody is asked
        ([hosted("toulouse", True, "07-01 09:00")], 0, 0),
        ([hosted("toulouse", True), activity("2026-A001", "03-11 09:00", place="toulouse")], 1, 1),
    ],
)
def test_what_is_held_by_arrangement_is_agreed_or_not(stories: list[Story], agreed: int, not_agreed: int) -> None:
    found = exchange(scope(*stories, now="07-02 09:00"))
    assert (found["held_agreed"].value, found["held_not_agreed"].value) == (agreed, not_agreed)
    assert len(found["held_agreed"].items) == agreed


def test_a_day_is_one_of_the_lab_and_not_of_greenwich() -> None:
    late = story("2026-0001", *tiered("02-02 09:00"), *held("work", "02-03 09:00", "03-13 00:30"))
    assert at("03-13 00:30").startswith("2026-03-12")
    assert exchange(scope(late, swaps=[swapped("03-12", "03-10")]))["days_gained_used"].value == 0
