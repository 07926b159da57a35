"""The lab's calendar: who is away, what is closed, which days were swapped. Each change is an entry of its stream.

What is already so is not written twice: the functions then give None, or nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from attrs import evolve, frozen

from states.calendar.day_ranges import Days, common, merged, without, written
from states.declaration.model import Declaration
from states.declaration.tables import WEEKDAYS
from states.declaration.types import local
from states.errors import FieldError, Invalid, NotFound, did_you_mean
from states.language import _, long_date
from states.planning.slots import Swap, closed_because
from states.references import LAB
from states.requests.entry import Entry
from workflow.engine import Engine
from workflow.history.days_log import SWAPPED
from workflow.history.reference_data import ReferenceData
from workflow.lab.service import LabWork, keeping, refresh_deadlines
from workflow.store import statements as q
from workflow.store.transaction import Transaction


@frozen
class Closing:
    """What closing or reopening wrote: nothing, if it was already so."""

    entries: tuple[Entry, ...]
    moved: int = 0  # requests whose next deadline is another


# --- Absences: whole days, no reason ---


def record_absence(engine: Engine, actor: str, id: str, days: Sequence[Days]) -> Entry | None:
    """Someone is away on those days. The entry holds those that were not known yet; None if all were."""
    with keeping(engine, actor) as work:
        _check_person(work.tx, id)
        return _write_days(work, "absence_recorded", id, without(_in_order(days), work.facts.absences_of(id)))


def cancel_absence(engine: Engine, actor: str, id: str, days: Sequence[Days]) -> Entry | None:
    """Someone is there after all on those days, come back early or never gone. None if they were not away."""
    with keeping(engine, actor) as work:
        _check_person(work.tx, id)
        return _write_days(work, "absence_cancelled", id, common(work.facts.absences_of(id), _in_order(days)))


def _write_days(work: LabWork, event: str, id: str, days: Sequence[Days]) -> Entry | None:
    return work.write(event, {"id": id, "days": written(days)}) if days else None


# --- Closures ---


def close(engine: Engine, actor: str, place: str | None, days: Days, note: str) -> Closing:
    """A place is closed on those days, both included.

    Without one, the whole lab is: no working day, and deadlines not yet due move.
    """
    with keeping(engine, actor) as work:
        _check_closing(work.declaration, place, days)
        if not without([days], [(first, last) for _seq, _place, first, last, _at in _closures(work.tx, place)]):
            return Closing(())
        data = {**_scope(place), "first": days[0].isoformat(), "last": days[1].isoformat()}
        entry = work.write(_CLOSED[place is None], data, note)
        return Closing((entry,), refresh_deadlines(engine, work.tx) if place is None else 0)


def reopen(engine: Engine, actor: str, place: str | None, days: Days) -> Closing:
    """A place, or without one the whole lab, is open after all on those days.

    Days gone on which the lab was closed stay so, so that no deadline falls due in the past.
    """
    with keeping(engine, actor) as work:
        _check_closing(work.declaration, place, days)
        if place is None:
            _refuse_past(work, days[0])
        entries: list[Entry] = []
        for closure in _closures(work.tx, place):
            entries += _reopen_one(work, closure, days)
        return Closing(tuple(entries), refresh_deadlines(engine, work.tx) if entries and place is None else 0)


def _reopen_one(work: LabWork, closure: Any, days: Days) -> list[Entry]:
    """One closure, shortened. One cut in two goes on as a second closure, known since the first was."""
    seq, place, first, last, recorded_at = closure
    taken = common([(first, last)], [days])
    if not taken:
        return []
    data = {**_scope(place), "closure": seq, "first": taken[0][0].isoformat(), "last": taken[0][1].isoformat()}
    entries = [work.write(_REOPENED[place is None], data)]
    pieces = without([(first, last)], taken)
    if len(pieces) == 2:
        start, end = pieces[1]
        rest = {**_scope(place), "first": start.isoformat(), "last": end.isoformat(), "recorded_at": recorded_at}
        entries.append(work.write(_CLOSED[place is None], rest, _note_of(work.tx, seq)))
    return entries


def _refuse_past(work: LabWork, first: date) -> None:
    lab = work.declaration.lab
    now = local(work.now, lab.tz)
    open_day = now.date() + timedelta(days=now.time() >= lab.due_hour)
    if first < open_day:
        raise Invalid(
            [FieldError("from", _("expected {day} or later: the days before are over", day=long_date(open_day)))],
            _("The lab cannot be reopened in the past."),
        )


# --- Swaps with the other lab ---


def swap_place(engine: Engine, actor: str, place: str, gained: date, given: date) -> Entry | None:
    """Both labs agreed: `gained`, a day of the other lab, is ours; `given`, a day of ours that week, is theirs."""
    with keeping(engine, actor) as work:
        check_place(work.declaration, place)
        swap = Swap(place, gained, given)
        if swap in work.facts.swaps():
            return None
        errors = _swap_errors(work.declaration, work.facts.reference, swap)
        if errors:
            raise Invalid(errors, _("These days cannot be swapped."))
        return _write_swap(work, SWAPPED, swap)


def cancel_swap(engine: Engine, actor: str, place: str, gained: date, given: date) -> Entry | None:
    """The two days go back to who has them every week. None if they were not swapped."""
    with keeping(engine, actor) as work:
        check_place(work.declaration, place)
        swap = Swap(place, gained, given)
        return _write_swap(work, "swap_cancelled", swap) if swap in work.facts.swaps() else None


def _write_swap(work: LabWork, event: str, swap: Swap) -> Entry:
    return work.write(event, {"place": swap.place, "gained": swap.gained.isoformat(), "given": swap.given.isoformat()})


# --- Checks ---

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
    row = tx.one(q.staff_member, id=id)
    if row is None or not row.active:
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


def _closures(tx: Transaction, place: str | None) -> list[tuple[int, str | None, date, date, str]]:
    """The closures of a place, or of the lab: number, place, days, when it was recorded."""
    day = date.fromisoformat
    rows = [row for row in tx.all(q.closures) if row.place == place]
    return [(row.seq, row.place, day(row.first), day(row.last), row.recorded_at) for row in rows]


def _note_of(tx: Transaction, seq: int) -> str | None:
    for row in tx.all(q.vault_of, stream=LAB):
        if (row.seq, row.field) == (seq, "note"):
            note: str = json.loads(row.value)
            return note
    return None


def _swap_errors(declaration: Declaration, reference: ReferenceData, swap: Swap) -> list[FieldError]:
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
    for other in reference.swaps:
        if other.place == swap.place and {other.gained, other.given} & {swap.gained, swap.given}:
            days = {"gained": long_date(other.gained), "given": long_date(other.given)}
            errors.append(FieldError("gained", _("{gained} is already swapped for {given}", **days)))
    if errors:
        return errors
    around = reference.days_off
    swapped = evolve(around, swaps=[*around.swaps, swap])
    for name, day, seen in (("gained", swap.gained, swapped), ("given", swap.given, around)):
        if why := closed_because(declaration, swap.place, day, seen):
            errors.append(FieldError(name, _("{day} is not a day to swap ({why})", day=long_date(day), why=why)))
    return errors
