"""What the entries of the lab's stream say of its days: holidays, closures, swaps of days with another lab.

One fold, whatever keeps the days: the tables, as entries are written, or `RememberedDays`, for what was known once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple, Protocol

from attrs import define, field

from states.calendar.day_ranges import read, without, written
from states.calendar.working_days import Closure
from states.planning.slots import Swap
from states.requests.entry import Entry
from workflow.history.reference_data import ReferenceData


class Closed(NamedTuple):
    """Days closed, both included: the entry that closed them, where, since when it is known."""

    seq: int
    place: str | None
    first: str
    last: str
    recorded_at: str


class DaysKept(Protocol):
    """Where the days of a lab are kept."""

    def put_holiday(self, day: str, name: str, source: str) -> None: ...
    def put_closure(self, closed: Closed) -> None: ...
    def closure(self, seq: int) -> Closed | None: ...
    def drop_closure(self, seq: int) -> None: ...
    def put_swap(self, seq: int, swap: Mapping[str, str]) -> None: ...
    def drop_swap(self, swap: Mapping[str, str]) -> None: ...


def fold_days(kept: DaysKept, entry: Entry) -> None:
    """Changes the days as one entry of the lab's stream says; most say nothing of them."""
    fold = FOLDS.get(entry.event)
    if fold:
        fold(kept, entry, entry.data)


def _copied(kept: DaysKept, _entry: Entry, data: Mapping[str, Any]) -> None:
    for day, name in data["days"].items():
        kept.put_holiday(day, name, data["source"])


def _closed(kept: DaysKept, entry: Entry, data: Mapping[str, Any]) -> None:
    # The rest of a closure that was cut in two has been known for as long as the whole.
    known_since = data.get("recorded_at", entry.recorded_at)
    kept.put_closure(Closed(entry.seq, data.get("place"), data["first"], data["last"], known_since))


def _reopened(kept: DaysKept, _entry: Entry, data: Mapping[str, Any]) -> None:
    """Shortens one closure. Of one cut in two this keeps the beginning: another entry follows for the rest."""
    closed = kept.closure(data["closure"])
    if closed is None:
        return
    left = written(without(read([(closed.first, closed.last)]), read([(data["first"], data["last"])])))
    if left:
        kept.put_closure(closed._replace(first=left[0][0], last=left[0][1]))
    else:
        kept.drop_closure(closed.seq)


def _swapped(kept: DaysKept, entry: Entry, data: Mapping[str, Any]) -> None:
    kept.put_swap(entry.seq, data)


def _swap_cancelled(kept: DaysKept, _entry: Entry, data: Mapping[str, Any]) -> None:
    kept.drop_swap(data)


SWAPPED = "place_swapped"
FOLDS: Mapping[str, Callable[[DaysKept, Entry, Mapping[str, Any]], None]] = {
    "holidays_copied": _copied,
    "calendar_closed": _closed,
    "calendar_reopened": _reopened,
    "place_closed": _closed,
    "place_reopened": _reopened,
    SWAPPED: _swapped,
    "swap_cancelled": _swap_cancelled,
}


@define(eq=False, repr=False)
class RememberedDays:
    """The days as some entries add up to them: what was known at a moment."""

    _holidays: dict[date, str] = field(factory=dict)
    _closed: dict[int, Closed] = field(factory=dict)
    _swaps: dict[Swap, None] = field(factory=dict)

    def put_holiday(self, day: str, name: str, source: str) -> None:
        self._holidays[date.fromisoformat(day)] = name

    def put_closure(self, closed: Closed) -> None:
        self._closed[closed.seq] = closed

    def closure(self, seq: int) -> Closed | None:
        return self._closed.get(seq)

    def drop_closure(self, seq: int) -> None:
        del self._closed[seq]

    def put_swap(self, seq: int, swap: Mapping[str, str]) -> None:
        self._swaps[swap_of(swap)] = None

    def drop_swap(self, swap: Mapping[str, str]) -> None:
        self._swaps.pop(swap_of(swap), None)

    @property
    def reference(self) -> ReferenceData:
        """The days, as everything is judged against them; no note."""
        day = date.fromisoformat
        closures = tuple(
            Closure(c.place, day(c.first), day(c.last), c.recorded_at) for _seq, c in sorted(self._closed.items())
        )
        return ReferenceData("", self._holidays, closures, list(self._swaps))


def swap_of(data: Mapping[str, str]) -> Swap:
    """The swap that an entry records, or cancels."""
    return Swap(data["place"], date.fromisoformat(data["gained"]), date.fromisoformat(data["given"]))
