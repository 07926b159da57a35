"""What of a review may be published: nothing that tells of fewer than five persons, alone or with what is out."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from histories import SESSION, activity, half, scope, worked
from pure import at

from states.review.dataset import Story
from states.review.document import Review, review
from states.review.persons import EVERYBODY, FIGURES, About, on_axis
from states.review.publishing import Combinations, Edition, edition

LARGE, SMALL = on_axis("acculturation"), on_axis("management")
RATE = FIGURES["indicators.attendance_rate"]


def came(number: int, axis: str, attended: int, expected: int) -> Story:
    return activity(f"2026-A{number:03}", "03-05 14:00", axis=axis, attended=attended, registered=expected)


def made(*stories: Story, now: str = "07-01 09:00") -> Review:
    return review(scope(*stories, now=now, first_at=at("2026-01-05 09:00")).sources, half())


def told(found: Edition, says: str) -> set[str]:
    """Of whom an edition says so."""
    return {cell.whom for cell in found.shown["2026-S1"].cells if cell.says == says and cell.whom.startswith("a")}


@pytest.mark.parametrize(
    ("gatherings", "present"),
    [
        ([("acculturation", 20, 30)], {LARGE, EVERYBODY}),
        ([("acculturation", 4, 30)], set()),
        ([("acculturation", 5, 30)], {LARGE, EVERYBODY}),
        ([("acculturation", 0, 30)], {LARGE, EVERYBODY}),  # of nobody there is nothing to hide
        # The total less the part that is told would give the part that is not.
        ([("acculturation", 20, 30), ("management", 3, 12)], {LARGE}),
        ([("acculturation", 20, 30), ("management", 9, 12)], {LARGE, SMALL, EVERYBODY}),
        ([("acculturation", 3, 30), ("management", 4, 12)], set()),  # a sum of two groups of few, and of nobody else
    ],
)
def test_who_was_present_is_told_of_groups(gatherings: Sequence[tuple[str, int, int]], present: set[str]) -> None:
    stories = [came(number, *one) for number, one in enumerate(gatherings, 1)]
    assert told(edition(made(*stories)), "present") == present


def test_what_is_masked_is_named_with_its_semester() -> None:
    found = edition(made(came(1, "acculturation", 20, 30), came(2, "management", 3, 12)))
    masked = found.masked()
    assert ("2026-S1", About("present", SMALL)) in masked
    assert ("2026-S1", About("present", EVERYBODY)) in masked
    assert ("2026-S1", About("present", LARGE)) not in masked
    assert found.shows("2026-S1", RATE)
    assert not found.shows("2026-S1", About("present", SMALL))
    assert (found.semester, found.known_at) == ("2026-S1", at("07-01 09:00"))


@pytest.mark.parametrize(("respondents", "said"), [(3, False), (12, True)])
def test_a_signal_says_no_mean_that_is_masked(respondents: int, said: bool) -> None:
    score = ("record_satisfaction", "04-01 09:00", {"score": "4", "respondents": respondents})
    found = edition(made(worked("2026-0001", *SESSION, score)))
    assert found.tells({"rule": "mismatch", "cause": "declined"})
    assert found.tells({"rule": "mismatch", "cause": "satisfaction"}) is said


@pytest.mark.parametrize(
    ("first", "then", "still_told"),
    [
        (20, 20, True),
        (20, 22, False),  # two persons more: the difference of both editions would be about them
        (20, 25, True),
    ],
)
def test_an_edition_that_is_out_is_taken_into_account(first: int, then: int, still_told: bool) -> None:
    out = edition(made(came(1, "acculturation", first, 60)))
    later = made(
        came(1, "acculturation", first, 60), *([came(2, "acculturation", then - first, 60)] if then > first else [])
    )
    assert (LARGE in told(edition(later, [out]), "present")) is still_told
    assert LARGE in told(edition(later), "present")


def rows(*numbers: Sequence[int]) -> list[list[Fraction]]:
    return [[Fraction(n) for n in row] for row in numbers]


def test_combinations_of_rows() -> None:
    found = Combinations()
    assert found.adds(*rows([1, 2, 0]))
    assert not found.adds(*rows([0, 0, 0]))
    for row in rows([1, 2, 0], [0, 1, 1], [2, 5, 1]):  # the last is twice the first and the second
        found.add(row)
    assert not found.adds(*rows([2, 5, 1]))
    assert not found.adds(*rows([1, 1, -1]))
    assert found.adds(*rows([0, 0, 1]))
    found.add(*rows([0, 0, 3]))
    assert not found.adds(*rows([7, -4, 9]))
