"""The lab's own stream: who works here, when they are away, what is closed, which declaration is in force.

Each change is a typed entry of the stream `lab`; `fold_row` turns an entry into rows of the derived tables, in the
very transaction that records it and again in `coop db rebuild`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

from attrs import define, field

from states.declaration import Declaration
from states.request import Entry
from states.slots import Absence, PlaceClosure, Surroundings, Swap
from states.worktime import Closure, WorkingCalendar
from workflow.history import LAB
from workflow.store import Transaction

OPEN = "open"  # the only state of the lab's stream

# What is private in the data of each event of the lab's stream.
PRIVATE: Mapping[str, tuple[str, ...]] = {"staff_added": ("name", "email"), "staff_changed": ("name", "email")}


@define
class Registers:
    """What the registers say now, read once for each length of the lab's stream."""

    seq: int
    holidays: dict[date, str]
    closures: list[tuple[str | None, date, date, str]]
    swaps: list[Swap]
    _calendars: dict[str, WorkingCalendar] = field(factory=dict)

    @classmethod
    def read(cls, tx: Transaction, seq: int) -> Registers:
        day = date.fromisoformat
        return cls(
            seq,
            {day(row[0]): row[1] for row in tx.all("holidays")},
            [(row[0], day(row[1]), day(row[2]), row[3]) for row in tx.all("closures")],
            [Swap(row[0], day(row[1]), day(row[2])) for row in tx.all("swaps")],
        )

    def calendar(self, declaration: Declaration) -> WorkingCalendar:
        """The working calendar: holidays as copied, and the lab's closures."""
        found = self._calendars.get(declaration.digest)
        if found is None:
            lab = declaration.lab
            closed = tuple(Closure(place, first, last, at, None) for place, first, last, at in self.closures)
            found = WorkingCalendar(self.holidays, closed, lab.tz, lab.due_hour)
            self._calendars[declaration.digest] = found
        return found

    @cached_property
    def _around(self) -> Surroundings:
        closures = [PlaceClosure(place, first, last) for place, first, last, _at in self.closures]
        return Surroundings(holidays=self.holidays, closures=closures, swaps=self.swaps)

    def around(self) -> Surroundings:
        """The registers' part of what a slot is judged against."""
        return self._around

    def absences_between(self, tx: Transaction, first: date, last: date) -> list[Absence]:
        rows = tx.all("absences", first.isoformat(), last.isoformat())
        return [Absence(row[0], date.fromisoformat(row[1]), date.fromisoformat(row[2])) for row in rows]


def fold_row(tx: Transaction, entry: Entry) -> None:
    """Writes what one entry of the lab's stream changes in the derived tables."""
    fold = _FOLDS.get(entry.event)
    if fold:
        fold(tx, entry, entry.data)
    tx.run("upsert_stream", LAB, entry.seq, entry.digest)


def _staff(tx: Transaction, entry: Entry, data: Mapping[str, Any]) -> None:
    tx.run(
        "upsert_staff",
        data["id"],
        data["role"],
        data["active"],
        data["hours"],
        data["site"],
        ",".join(data["skills"]),
        data["name_seq"] or entry.seq,
        data["email_seq"] or entry.seq,
    )


def _holidays(tx: Transaction, _entry: Entry, data: Mapping[str, Any]) -> None:
    for day, name in data["days"].items():
        tx.run("upsert_holiday", day, name, data["source"])


def _absence(tx: Transaction, entry: Entry, data: Mapping[str, Any]) -> None:
    for number, (first, last) in enumerate(data["days"]):
        tx.run("insert_absence", entry.seq, number, data["id"], first, last)


def _closure(tx: Transaction, entry: Entry, data: Mapping[str, Any]) -> None:
    tx.run("insert_closure", entry.seq, data.get("place"), data["first"], data["last"], entry.recorded_at)


def _swap(tx: Transaction, entry: Entry, data: Mapping[str, Any]) -> None:
    tx.run("insert_swap", entry.seq, data["place"], data["gained"], data["given"])


_FOLDS = {
    "staff_added": _staff,
    "staff_changed": _staff,
    "holidays_copied": _holidays,
    "absence_recorded": _absence,
    "place_closed": _closure,
    "calendar_closed": _closure,
    "place_swapped": _swap,
}
