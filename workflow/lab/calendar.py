"""The lab's diary: who is away, what is closed, which days were swapped. Each change is an entry of the lab's stream.

What is already so is not written twice: the methods then give None, or nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from attrs import evolve, frozen

from states.calendar.day_ranges import Days, common, merged, read, without, written
from states.declaration.model import WEEKDAYS, Declaration
from states.declaration.types import local
from states.errors import FieldError, Invalid, NotFound, did_you_mean
from states.language import _, long_date
from states.planning.slots import Swap, closed_because
from states.requests.entry import Entry
from workflow.clock import now_of
from workflow.history.entries import LAB
from workflow.history.reference_data import Registers
from workflow.lab.service import LabStream
from workflow.store.database import Transaction


@frozen
class Closing:
    """What closing or reopening wrote: nothing, if it was already so."""

    entries: tuple[Entry, ...]
    moved: int = 0  # requests whose next deadline is another


class Diary(LabStream):
    """Writes absences, closures and swaps."""

    # --- Absences: whole days, no reason ---

    def record_absence(self, actor: str, id: str, days: Sequence[Days]) -> Entry | None:
        """Someone is away on those days. The entry holds those that were not known yet; None if all were."""
        with self._writing() as tx:
            role = self.keeper(tx, actor)
            _check_person(tx, id)
            new = without(_in_order(days), _away(tx, id))
            return self._write_days(tx, "absence_recorded", id, new, actor, role)

    def cancel_absence(self, actor: str, id: str, days: Sequence[Days]) -> Entry | None:
        """Someone is there after all on those days, come back early or never gone. None if they were not away."""
        with self._writing() as tx:
            role = self.keeper(tx, actor)
            _check_person(tx, id)
            back = common(_away(tx, id), _in_order(days))
            return self._write_days(tx, "absence_cancelled", id, back, actor, role)

    def _write_days(
        self, tx: Transaction, event: str, id: str, days: Sequence[Days], actor: str, role: str
    ) -> Entry | None:
        if not days:
            return None
        return self.write(tx, event, {"id": id, "days": written(days)}, actor, role, self.engine.in_force(tx))

    # --- Closures ---

    def close_place(self, actor: str, place: str, first: date, last: date, note: str) -> Closing:
        """A place is closed on those days, both included."""
        return self._close(actor, place, (first, last), note)

    def close_calendar(self, actor: str, first: date, last: date, note: str) -> Closing:
        """The whole lab is closed: no working day, and deadlines not yet due move."""
        return self._close(actor, None, (first, last), note)

    def reopen_place(self, actor: str, place: str, first: date, last: date) -> Closing:
        """A place is open after all on those days."""
        return self._reopen(actor, place, (first, last))

    def reopen_calendar(self, actor: str, first: date, last: date) -> Closing:
        """The lab works after all on those days. Days gone stay closed, so that no deadline falls due in the past."""
        return self._reopen(actor, None, (first, last))

    def _close(self, actor: str, place: str | None, days: Days, note: str) -> Closing:
        with self._writing() as tx:
            role, declaration = self.keeper(tx, actor), self.engine.in_force(tx)
            _check_closing(declaration, place, days)
            if not without([days], [(first, last) for _seq, _place, first, last, _at in _closures(tx, place)]):
                return Closing(())
            data = {**_scope(place), "first": days[0].isoformat(), "last": days[1].isoformat()}
            entry = self.write(tx, _CLOSED[place is None], data, actor, role, declaration, note)
            return Closing((entry,), self.refresh_deadlines(tx) if place is None else 0)

    def _reopen(self, actor: str, place: str | None, days: Days) -> Closing:
        with self._writing() as tx:
            role, declaration = self.keeper(tx, actor), self.engine.in_force(tx)
            _check_closing(declaration, place, days)
            if place is None:
                self._refuse_past(declaration, days[0])
            found: list[Entry] = []
            for closure in _closures(tx, place):
                found += self._reopen_one(tx, closure, days, actor, role, declaration)
            return Closing(tuple(found), self.refresh_deadlines(tx) if found and place is None else 0)

    def _reopen_one(
        self, tx: Transaction, closure: Any, days: Days, actor: str, role: str, declaration: Declaration
    ) -> list[Entry]:
        """One closure, shortened. One cut in two goes on as a second closure, known since the first was."""
        seq, place, first, last, recorded_at = closure
        taken = common([(first, last)], [days])
        if not taken:
            return []
        data = {**_scope(place), "closure": seq, "first": taken[0][0].isoformat(), "last": taken[0][1].isoformat()}
        found = [self.write(tx, _REOPENED[place is None], data, actor, role, declaration)]
        pieces = without([(first, last)], taken)
        if len(pieces) == 2:
            start, end = pieces[1]
            rest = {**_scope(place), "first": start.isoformat(), "last": end.isoformat(), "recorded_at": recorded_at}
            note = _note_of(tx, seq)
            found.append(self.write(tx, _CLOSED[place is None], rest, actor, role, declaration, note))
        return found

    def _refuse_past(self, declaration: Declaration, first: date) -> None:
        now = local(now_of(self.engine.clock), declaration.lab.tz)
        open_day = now.date() + timedelta(days=now.time() >= declaration.lab.due_hour)
        if first < open_day:
            raise Invalid(
                [FieldError("from", _("expected {day} or later: the days before are over", day=long_date(open_day)))],
                _("The lab cannot be reopened in the past."),
            )

    # --- Swaps with the other lab ---

    def swap_place(self, actor: str, place: str, gained: date, given: date) -> Entry | None:
        """Both labs agreed: `gained`, a day of the other lab, is ours; `given`, a day of ours that week, is theirs."""
        with self._writing() as tx:
            role, declaration = self.keeper(tx, actor), self.engine.in_force(tx)
            check_place(declaration, place)
            registers = self.engine.registers(tx)
            if Swap(place, gained, given) in registers.swaps:
                return None
            errors = _swap_errors(declaration, registers, Swap(place, gained, given))
            if errors:
                raise Invalid(errors, _("These days cannot be swapped."))
            return self._write_swap(tx, "place_swapped", Swap(place, gained, given), actor, role)

    def cancel_swap(self, actor: str, place: str, gained: date, given: date) -> Entry | None:
        """The two days go back to who has them every week. None if they were not swapped."""
        with self._writing() as tx:
            role = self.keeper(tx, actor)
            check_place(self.engine.in_force(tx), place)
            swap = Swap(place, gained, given)
            if swap not in self.engine.registers(tx).swaps:
                return None
            return self._write_swap(tx, "swap_cancelled", swap, actor, role)

    def _write_swap(self, tx: Transaction, event: str, swap: Swap, actor: str, role: str) -> Entry:
        data = {"place": swap.place, "gained": swap.gained.isoformat(), "given": swap.given.isoformat()}
        return self.write(tx, event, data, actor, role, self.engine.in_force(tx))


_CLOSED = ("place_closed", "calendar_closed")  # of a place, of the lab
_REOPENED = ("place_reopened", "calendar_reopened")


def _scope(place: str | None) -> dict[str, str]:
    return {} if place is None else {"place": place}


def _in_order(days: Sequence[Days]) -> list[Days]:
    for first, last in days:
        if last < first:
            said = _("{last} is before {first}", last=long_date(last), first=long_date(first))
            raise Invalid([FieldError("to", said)], _("The last day comes before the first."))
    return merged(days)


def _check_person(tx: Transaction, id: str) -> None:
    row = tx.one("staff_member", id)
    if row is None or not row[1]:
        raise NotFound(_("“{id}” is not registered in this lab.", id=id), hint="coop staff list")


def check_place(declaration: Declaration, place: str) -> None:
    """NotFound for a place that is not declared."""
    if place not in declaration.places:
        raise NotFound(
            _("There is no place “{place}”.", place=place) + did_you_mean(place, declaration.places),
            hint="coop place list",
        )


def _check_closing(declaration: Declaration, place: str | None, days: Days) -> None:
    _in_order([days])
    if place is None:
        return
    check_place(declaration, place)
    if declaration.places[place].anywhere:
        label = declaration.label("places", place)
        said = _("“{place}” is no place of its own: it is never closed", place=label)
        raise Invalid([FieldError("place", said)], _("This place cannot be closed."))


def _away(tx: Transaction, id: str) -> list[Days]:
    return read((row[2], row[3]) for row in tx.all("absences_of", id))


def _closures(tx: Transaction, place: str | None) -> list[tuple[int, str | None, date, date, str]]:
    """The closures of a place, or of the lab: number, place, days, when it was recorded."""
    day = date.fromisoformat
    rows = sorted(tx.all("closures"), key=lambda row: int(row[4]))
    return [(row[4], row[0], day(row[1]), day(row[2]), row[3]) for row in rows if row[0] == place]


def _note_of(tx: Transaction, seq: int) -> str | None:
    for row in tx.all("vault_of", LAB):
        if (row[0], row[1]) == (seq, "note"):
            note: str = json.loads(row[2])
            return note
    return None


def _swap_errors(declaration: Declaration, registers: Registers, swap: Swap) -> list[FieldError]:
    """Why two days are no swap, each reason one sentence."""
    place = declaration.places[swap.place]
    label = declaration.label("places", swap.place)
    lent = [day for day in WEEKDAYS[:5] if day not in place.open_days]
    if place.anywhere or not lent:
        return [FieldError("place", _("{place} has no day of another lab to swap", place=label))]
    gained, given = long_date(swap.gained), long_date(swap.given)
    errors = []
    if swap.gained.isocalendar()[:2] != swap.given.isocalendar()[:2]:
        errors.append(FieldError("given", _("{given} is not in the week of {gained}", given=given, gained=gained)))
    if WEEKDAYS[swap.gained.weekday()] not in lent:
        errors.append(FieldError("gained", _("{day} is not a day of the other lab", day=gained)))
    if WEEKDAYS[swap.given.weekday()] not in place.open_days:
        errors.append(FieldError("given", _("{day} is not a day of this lab’s to give", day=given)))
    for other in registers.swaps:
        if other.place == swap.place and {other.gained, other.given} & {swap.gained, swap.given}:
            days = {"gained": long_date(other.gained), "given": long_date(other.given)}
            errors.append(FieldError("gained", _("{gained} is already swapped for {given}", **days)))
    if errors:
        return errors
    around = registers.around()
    swapped = evolve(around, swaps=[*around.swaps, swap])
    for name, day, seen in (("gained", swap.gained, swapped), ("given", swap.given, around)):
        if why := closed_because(declaration, swap.place, day, seen):
            errors.append(FieldError(name, _("{day} is not a day to swap ({why})", day=long_date(day), why=why)))
    return errors
