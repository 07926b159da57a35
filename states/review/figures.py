"""A figure and what is behind it: its value, and the entries it was computed from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from itertools import islice
from typing import Any

from attrs import field, frozen

from states.requests.entry import Entry


@frozen
class Item:
    """An entry behind a figure; `said`: what it brings to it."""

    ref: str
    seq: int
    event: str
    occurred_at: str
    said: Mapping[str, Any] = field(factory=dict, hash=False)

    @classmethod
    def of(cls, entry: Entry, **said: Any) -> Item:
        return cls(entry.stream, entry.seq, entry.event, entry.occurred_at, said)


FEW = 500  # items that are kept once they are found
Behind = Iterable[Item] | Callable[[], Iterable[Item]]  # the items themselves, or what finds them again


@frozen
class Figure:
    """A value, None when nobody can compute it, and the entries behind it.

    `coverage`: on how many of how many it rests, where not all that could have said something did.
    """

    value: Any
    _behind: Callable[[], Iterable[Item]] = field(default=tuple, eq=False)
    coverage: tuple[int, int] | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        """The entries behind it, in order of occurrence; where they are many, found when asked for, kept by nobody."""
        return tuple(sorted(self._behind(), key=lambda i: (i.occurred_at, i.ref, i.seq)))


def figure(value: Any, items: Behind = (), coverage: tuple[int, int] | None = None) -> Figure:
    return Figure(value, items if callable(items) else partial(tuple, tuple(items)), coverage)


def count(items: Behind) -> Figure:
    """As many as there are entries."""
    found = kept(items) if callable(items) else partial(tuple, tuple(items))
    return Figure(sum(1 for _item in found()), found)


def kept(items: Callable[[], Iterable[Item]]) -> Callable[[], Iterable[Item]]:
    """The same items, found once for all where they are few."""
    few = tuple(islice(items(), FEW + 1))
    return partial(tuple, few) if len(few) <= FEW else items


def tally(items: Callable[[], Iterable[tuple[str, Item]]]) -> dict[str, Figure]:
    """One count for each name there is, in the order of the names."""
    counted: Counter[str] = Counter()
    few: dict[str, list[Item]] = {}
    for name, item in items():
        counted[name] += 1
        if counted[name] <= FEW:
            few.setdefault(name, []).append(item)

    def of(wanted: str) -> Iterable[Item]:
        return few[wanted] if counted[wanted] <= FEW else (item for name, item in items() if name == wanted)

    return {name: Figure(counted[name], partial(of, name)) for name in sorted(counted)}


def ratio(over: int | Fraction, under: int | Fraction) -> Fraction | None:
    """A quotient; None when there is nothing to divide by."""
    return Fraction(over) / Fraction(under) if under else None


def quantile(values: Sequence[Fraction], share: Fraction) -> Fraction | None:
    """The value below which a share of them lies, by linear interpolation between the two nearest; None of none."""
    if not values:
        return None
    ordered = sorted(values, key=float)  # far quicker than comparing fractions, and as exact for days
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


MEDIAN, P90 = Fraction(1, 2), Fraction(9, 10)
