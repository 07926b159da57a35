"""When a slot is valid: its place open and free, inside the hours, not past, and every assigned person free.

Source: domain.md "Places" (usage charter in force since 1 October 2023).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from attrs import Factory, evolve, frozen

from states.calendar.working_days import Closure
from states.declaration.tables import WEEKDAYS
from states.declaration.types import local
from states.errors import Refusal
from states.language import _, clock_time, long_date, long_time, short_time
from states.planning.meeting import Planned, Slot

if TYPE_CHECKING:
    from states.declaration.model import Declaration


class Absence(NamedTuple):
    """Whole days away, both included. It has no reason."""

    staff: str
    first: date
    last: date


class Swap(NamedTuple):
    """Two labs' agreement: `gained` is ours that week, `given` is theirs."""

    place: str
    gained: date
    given: date


@frozen
class Surroundings:
    """What a slot is judged against: closed days, agreements, absences and the other planned meetings."""

    holidays: Mapping[date, str] = Factory(dict)
    closures: Sequence[Closure] = ()
    swaps: Sequence[Swap] = ()
    absences: Sequence[Absence] = ()
    bookings: Sequence[Planned] = ()

    def without(self, ref: str, *ids: str) -> Surroundings:
        """Without some meetings of a request: none is an obstacle to its own moving."""
        return evolve(self, bookings=[one for one in self.bookings if one.ref != ref or one.id not in ids])


def problems(declaration: Declaration, slot: Slot, around: Surroundings) -> list[Refusal]:
    """Every rule of domain.md the slot does not meet."""
    return [
        *_in_past(declaration, slot),
        *_outside_hours(declaration, slot),
        *_closed(declaration, slot, around),
        *_off(declaration, slot, around),
        *_taken(declaration, slot, around),
        *people_problems(declaration, slot, around),
    ]


def people_problems(declaration: Declaration, slot: Slot, around: Surroundings) -> list[Refusal]:
    """The rules about the people assigned: `staff_busy`, `staff_absent`."""
    return [*_busy(declaration, slot, around), *_absent(declaration, slot, around)]


def _in_past(declaration: Declaration, slot: Slot) -> Iterator[Refusal]:
    if slot.at < slot.planned_at:
        zone = declaration.lab.tz
        yield Refusal(
            "slot_in_past",
            _(
                "The slot of {slot} is before the moment of planning, {planned}.",
                slot=long_time(local(slot.at, zone)),
                planned=long_time(local(slot.planned_at, zone)),
            ),
            _("Choose a later slot; if it was planned earlier, say when with --at."),
        )


def _outside_hours(declaration: Declaration, slot: Slot) -> Iterator[Refusal]:
    if "outside_hours" in slot.waived:
        return
    lab = declaration.lab
    start, end = local(slot.at, lab.tz), local(slot.end, lab.tz)
    if start.date() != end.date() or start.time() < lab.opens or end.time() > lab.closes:
        yield Refusal(
            "outside_hours",
            _(
                "The slot, {start} to {end}, is not between {opens} and {closes}.",
                start=short_time(start),
                end=clock_time(end) if start.date() == end.date() else short_time(end),
                opens=clock_time(lab.opens),
                closes=clock_time(lab.closes),
            ),
            _("Choose another time, or add --waive outside_hours with a --note."),
        )


def closed_because(declaration: Declaration, place: str, day: date, around: Surroundings) -> str | None:
    """Why a place is closed on a day, in a few words; None when it is open."""
    declared = declaration.places[place]
    if declared.anywhere:
        return None
    if day in around.holidays:
        return _("public holiday: {name}", name=around.holidays[day])
    for closure in around.closures:
        if closure.place in (None, place) and closure.first <= day <= closure.last:
            return _("closed: {note}", note=closure.note) if closure.note else _("closed")
    for swap in around.swaps:
        if swap.place == place and day == swap.given:
            return _("given to the other lab against {day}", day=long_date(swap.gained))
        if swap.place == place and day == swap.gained:
            return None
    weekday = WEEKDAYS[day.weekday()]
    if weekday in declared.open_days:
        return None
    return _("weekend") if day.weekday() >= 5 else _("this weekday is the other lab’s")


def off_because(day: date, around: Surroundings) -> str | None:
    """Why the lab does not work on a day, wherever that is; None when it does."""
    if day in around.holidays:
        return _("public holiday: {name}", name=around.holidays[day])
    for closure in around.closures:
        if closure.place is None and closure.first <= day <= closure.last:
            return _("closed: {note}", note=closure.note) if closure.note else _("closed")
    return _("weekend") if day.weekday() >= 5 else None


def _days(declaration: Declaration, slot: Slot) -> Iterator[date]:
    zone = declaration.lab.tz
    day, last = local(slot.at, zone).date(), local(slot.end, zone).date()
    while day <= last:
        yield day
        day += timedelta(days=1)


def _off(declaration: Declaration, slot: Slot, around: Surroundings) -> Iterator[Refusal]:
    """Where nothing closes, a slip of the date would go unseen."""
    if not declaration.places[slot.place].anywhere or "day_off" in slot.waived:
        return
    for day in _days(declaration, slot):
        if why := off_because(day, around):
            yield Refusal(
                "day_off",
                _("The lab does not work on {day} ({why}).", day=long_date(day), why=why),
                _("Choose another day, or add --waive day_off with a --note."),
            )


def _closed(declaration: Declaration, slot: Slot, around: Surroundings) -> Iterator[Refusal]:
    for day in _days(declaration, slot):
        if why := closed_because(declaration, slot.place, day, around):
            label = declaration.label("places", slot.place)
            yield Refusal(
                "place_closed",
                _("{place} is not open to the lab on {day} ({why}).", place=label, day=long_date(day), why=why),
                _elsewhen(slot, declaration.lab.tz),
            )


def _elsewhen(slot: Slot, zone: ZoneInfo) -> str:
    """How to see when that place, with those people, is free from that day on."""
    words = f"coop place free {slot.place} --duration {slot.duration}m --from {local(slot.at, zone):%d/%m/%Y}"
    staff = "".join(f" --staff {person}" for person in slot.staff)
    return _("See the next open slots with: {command}", command=words + staff)


def _overlapping(slot: Slot, around: Surroundings) -> list[Planned]:
    end = slot.end
    return [b for b in around.bookings if b.at < end and slot.at < b.end]


def _taken(declaration: Declaration, slot: Slot, around: Surroundings) -> Iterator[Refusal]:
    if not declaration.places[slot.place].shared:
        return
    for booking in _overlapping(slot, around):
        if booking.place == slot.place:
            yield Refusal(
                "place_taken",
                _(
                    "{place} is taken by {meeting}, {start} to {end}.",
                    place=declaration.label("places", slot.place),
                    meeting=booking.name,
                    start=short_time(local(booking.at, declaration.lab.tz)),
                    end=clock_time(local(booking.end, declaration.lab.tz)),
                ),
                _elsewhen(slot, declaration.lab.tz),
            )


def _busy(declaration: Declaration, slot: Slot, around: Surroundings) -> Iterator[Refusal]:
    for booking in _overlapping(slot, around):
        for person in booking.staff:
            if person in slot.staff:
                yield Refusal(
                    "staff_busy",
                    _(
                        "{person} is already at {meeting}, {start} to {end}.",
                        person=person,
                        meeting=booking.name,
                        start=short_time(local(booking.at, declaration.lab.tz)),
                        end=clock_time(local(booking.end, declaration.lab.tz)),
                    ),
                    _("Choose another time or other people with --staff."),
                )


def _absent(declaration: Declaration, slot: Slot, around: Surroundings) -> Iterator[Refusal]:
    zone = declaration.lab.tz
    first, last = local(slot.at, zone).date(), local(slot.end, zone).date()
    for absence in around.absences:
        if absence.staff in slot.staff and absence.first <= last and first <= absence.last:
            yield Refusal(
                "staff_absent",
                _away(absence),
                _("Choose another day or other people with --staff."),
            )


def _away(absence: Absence) -> str:
    if absence.first == absence.last:
        return _("{person} is away on {day}.", person=absence.staff, day=long_date(absence.first))
    first, last = long_date(absence.first), long_date(absence.last)
    return _("{person} is away from {first} to {last}.", person=absence.staff, first=first, last=last)
