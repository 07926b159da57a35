"""A figure: its value, what is behind it in order, and quotients that nobody can compute."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest

from states.review.figures import MEDIAN, P90, Item, count, figure, quantile, ratio, tally


def item(ref: str, seq: int = 1, at: str = "2026-01-12T08:00:00Z") -> Item:
    return Item(ref, seq, "comment", at)


def test_what_is_behind_a_figure_is_in_order_of_occurrence() -> None:
    late, second, first = item("2026-0001", 9, "2026-01-13T08:00:00Z"), item("2026-0002", 1), item("2026-0001", 3)
    also = item("2026-0001", 2)
    assert figure(7, [late, second, first, also]).items == (also, first, second, late)
    assert count([late, first]).value == 2
    assert count([]) == figure(0)


def test_a_tally_has_a_count_for_each_name() -> None:
    found = tally(lambda: [("b", item("2026-0001")), ("a", item("2026-0002")), ("b", item("2026-0003"))])
    assert list(found) == ["a", "b"]
    assert (found["a"].value, found["b"].value) == (1, 2)
    assert [one.ref for one in found["b"].items] == ["2026-0001", "2026-0003"]


def test_what_is_behind_a_count_of_many_is_found_when_it_is_asked_for_and_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("states.review.figures.FEW", 0)
    asked: list[str] = []

    def behind() -> Iterator[Item]:
        asked.append("again")
        yield item("2026-0001")

    found = count(behind)
    before = len(asked)
    assert found.value == 1
    assert found.items == found.items == (item("2026-0001"),)
    assert len(asked) == before + 2


@pytest.mark.parametrize(
    ("over", "under", "expected"),
    [(1, 3, Fraction(1, 3)), (0, 3, 0), (3, 0, None), (0, 0, None), (Fraction(7, 2), 7, Fraction(1, 2))],
)
def test_a_quotient_of_nothing_is_unknown(over: int, under: int, expected: Fraction | None) -> None:
    assert ratio(over, under) == expected


@pytest.mark.parametrize(
    ("values", "median", "ninth"),
    [
        ([], None, None),
        ([5], 5, 5),
        ([4, 2], 3, Fraction(19, 5)),
        ([3, 1, 2], 2, Fraction(14, 5)),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 6, 10),
        ([10, 1, 1, 1], 1, Fraction(73, 10)),
    ],
)
def test_quantiles_lie_between_the_two_nearest(
    values: list[int], median: Fraction | None, ninth: Fraction | None
) -> None:
    days = [Fraction(value) for value in values]
    assert (quantile(days, MEDIAN), quantile(days, P90)) == (median, ninth)
