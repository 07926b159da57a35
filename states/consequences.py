"""What an absence, a closure or a departure does to what is planned, and the ways out of it.

Pure: given the meetings planned ahead, what surrounds them and the people of the lab, it says which meetings fall,
who could replace whom, where each could go, and the commands that settle it. Alerts are made of the same parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from states.availability import HORIZON, next_slots
from states.days import Days, monday
from states.errors import Refusal
from states.language import _
from states.slots import Booking, Slot, Surroundings, closed_because, people_problems, problems
from states.values import instant, local, offset_time

if TYPE_CHECKING:
    from states.declaration import Declaration

REPLACING = ("coordinator", "pilot", "referent", "specialist")  # the roles that may take a meeting
FALLING = ("place_closed", "staff_absent")  # the rules that a planned meeting may stop meeting
_DAY = timedelta(days=1)


@frozen
class Person:
    """Someone of the lab, as far as taking a meeting goes. `hours` a week."""

    id: str
    role: str
    skills: tuple[str, ...] = ()
    hours: int = 35
    active: bool = True
    site: str = ""


@frozen
class Planned:
    """A meeting of some request, in the words of its plan: `at` an instant, `duration` in minutes."""

    ref: str
    id: str
    kind: str
    at: str
    duration: int
    place: str
    staff: tuple[str, ...] = ()
    planned_at: str = ""
    waived: frozenset[str] = frozenset()
    skill: str | None = None  # asked for
    tier: str | None = None
    facilitation: str | None = None
    agreed: bool | None = None

    @property
    def name(self) -> str:
        """What commands call it: `2026-0012/work-2`."""
        return f"{self.ref}/{self.id}"

    @property
    def slot(self) -> Slot:
        return Slot(self.at, self.duration, self.place, self.staff, self.planned_at, self.waived)


@frozen
class Cause:
    """What changed: days of someone, of a place, or of the whole lab when neither is named."""

    days: tuple[Days, ...]
    staff: str | None = None
    place: str | None = None

    def concerns(self, declaration: Declaration, meeting: Planned) -> bool:
        """Whether a meeting takes place on those days, there or with that person."""
        zone = declaration.lab.tz
        first, last = local(meeting.at, zone).date(), local(meeting.slot.end, zone).date()
        if not any(start <= last and first <= end for start, end in self.days):
            return False
        if self.staff is not None:
            return self.staff in meeting.staff
        if self.place is not None:
            return self.place == meeting.place
        return not declaration.places[meeting.place].anywhere


@frozen
class WaysOut:
    """How a meeting can be saved: who is free for it, when and where else it could be, and what to type."""

    replacements: tuple[str, ...]
    slots: tuple[str, ...]  # instants
    elsewhere: tuple[str, ...]  # places that are free at the same time
    commands: tuple[str, ...]
    picked: tuple[Booking, ...] = ()  # what the commands would take up: a place, someone's time


@frozen
class Fallen:
    """A planned meeting that can no longer be held as it is. `absent`: those of its staff who will not be there."""

    meeting: Planned
    reasons: tuple[Refusal, ...]
    absent: tuple[str, ...]
    ways_out: WaysOut


def what_falls(
    declaration: Declaration,
    meetings: Iterable[Planned],
    around: Surroundings,
    people: Sequence[Person],
    *,
    now: str,
    cause: Cause | None = None,
) -> list[Fallen]:
    """The meetings from `now` on that are no longer possible as planned, the earliest first.

    `around` already holds what changed, and covers a year and a half; `people` already says who has left. With a
    `cause`, only the meetings it concerns are looked at. No two commands ask for the same place or person at once.
    """
    found: list[Fallen] = []
    picked: list[Booking] = []
    gone = {person.id for person in people if not person.active}
    around = evolve(around, absences=[a for a in around.absences if a.staff not in gone])  # one reason is enough
    for meeting in sorted(meetings, key=lambda m: (m.at, m.ref, m.id)):
        if meeting.at < now or (cause and not cause.concerns(declaration, meeting)):
            continue
        reasons = [*_broken(declaration, meeting, around), *_gone(meeting, people)]
        if reasons:
            absent = absentees(declaration, meeting, around, people)
            out = ways_out(declaration, meeting, around, people, now=now, absent=absent, picked=picked)
            picked += out.picked
            if not absent:  # the place is at fault: whoever else is free is no way out
                out = evolve(out, replacements=())
            found.append(Fallen(meeting, tuple(reasons), absent, out))
    return found


def _broken(declaration: Declaration, meeting: Planned, around: Surroundings) -> list[Refusal]:
    return [r for r in problems(declaration, meeting.slot, but(around, meeting)) if r.rule in FALLING]


def _gone(meeting: Planned, people: Sequence[Person]) -> list[Refusal]:
    return [
        Refusal(
            "staff_absent",
            _("{person} is no longer part of the lab.", person=id),
            _("Assign someone else with: coop meeting assign {meeting} --staff …", meeting=meeting.name),
        )
        for id in _left(meeting, people)
    ]


def _left(meeting: Planned, people: Sequence[Person]) -> list[str]:
    return [person.id for person in people if person.id in meeting.staff and not person.active]


def absentees(
    declaration: Declaration, meeting: Planned, around: Surroundings, people: Sequence[Person]
) -> tuple[str, ...]:
    """Those assigned to a meeting who are away that day, or have left."""
    zone, gone = declaration.lab.tz, set(_left(meeting, people))
    first, last = local(meeting.at, zone).date(), local(meeting.slot.end, zone).date()
    gone |= {a.staff for a in around.absences if a.first <= last and first <= a.last}
    return tuple(id for id in meeting.staff if id in gone)


def but(around: Surroundings, meeting: Planned) -> Surroundings:
    """The surroundings of a meeting: itself is no obstacle to its own moving."""
    return evolve(around, bookings=[b for b in around.bookings if (b.ref, b.meeting) != (meeting.ref, meeting.id)])


def replacements(
    declaration: Declaration, meeting: Planned, around: Surroundings, people: Sequence[Person]
) -> tuple[str, ...]:
    """Who could take a meeting: free then, of a role that does, with the skill asked for, and not yet assigned to it.

    First those of the meeting's own site, then whoever has the fewest meetings that week.
    """
    found = [
        person
        for person in people
        if person.active
        and person.role in REPLACING
        and person.id not in meeting.staff
        and (meeting.skill is None or meeting.skill in person.skills)
        and not people_problems(declaration, evolve(meeting.slot, staff=(person.id,)), around)
    ]
    week = monday(local(meeting.at, declaration.lab.tz).date())
    busy = [id for b in around.bookings if monday(local(b.at, declaration.lab.tz).date()) == week for id in b.staff]
    found.sort(key=lambda person: (person.site != meeting.place, busy.count(person.id), person.id))
    return tuple(person.id for person in found)


def ways_out(
    declaration: Declaration,
    meeting: Planned,
    around: Surroundings,
    people: Sequence[Person],
    *,
    now: str,
    absent: Sequence[str] = (),
    picked: Sequence[Booking] = (),
    count: int = 3,
) -> WaysOut:
    """How a meeting could be saved, whatever threatens it: an absence, a closure, nobody assigned, a missing skill.

    `picked` is what the commands for other meetings would take up already: the commands for this one leave it alone.
    """
    others, then = but(around, meeting), but(around, meeting)
    found = replacements(declaration, meeting, others, people)
    _staff, slots = _slots(declaration, meeting, others, people, absent, now, count)
    elsewhere = _elsewhere(declaration, meeting, others, absent, found)
    if picked:
        then = evolve(others, bookings=[*others.bookings, *picked])
        # Meetings moved for the same people keep their order: each is looked for after the one before.
        same = [b.at for b in picked if b.place == meeting.place and set(b.staff) & set(meeting.staff)]
        now = max([now, *same])
    best = _best(declaration, meeting, then, people, absent, now)
    commands = _commands(declaration, meeting, around, people, absent, best)
    return WaysOut(found, tuple(slots), elsewhere, tuple(commands), tuple(_picked(meeting, best)))


@frozen
class _Best:
    """What the commands propose: at most one of each."""

    replacement: tuple[str, ...]
    elsewhere: tuple[str, ...]
    slot: tuple[str, ...]
    staff: tuple[str, ...]  # with whom it would be held then


def _best(
    declaration: Declaration,
    meeting: Planned,
    around: Surroundings,
    people: Sequence[Person],
    absent: Sequence[str],
    now: str,
) -> _Best:
    found = replacements(declaration, meeting, around, people)
    staff, slots = _slots(declaration, meeting, around, people, absent, now, 1)
    elsewhere = _elsewhere(declaration, meeting, around, absent, found)
    return _Best(found[:1], elsewhere[:1], tuple(slots), staff)


def _picked(meeting: Planned, best: _Best) -> Iterator[Booking]:
    slot = meeting.slot
    for person in best.replacement:
        yield Booking(meeting.ref, meeting.id, slot.at, slot.end, "", (person,))
    for place in best.elsewhere:
        yield Booking(meeting.ref, meeting.id, slot.at, slot.end, place, ())
    for at in best.slot:
        yield Booking(meeting.ref, meeting.id, at, evolve(slot, at=at).end, meeting.place, best.staff)


def _slots(
    declaration: Declaration,
    meeting: Planned,
    around: Surroundings,
    people: Sequence[Person],
    absent: Sequence[str],
    now: str,
    count: int,
) -> tuple[tuple[str, ...], list[str]]:
    """With whom, and when, a meeting could be held later: with those assigned who come back, else with the rest.

    With nobody left of them, with whoever could replace them.
    """
    left, there = _left(meeting, people), _there(meeting, absent)
    back = tuple(id for id in meeting.staff if id not in left)
    rest = there or (replacements(declaration, meeting, around, people)[:1] if meeting.staff else ())
    for staff in dict.fromkeys([back or rest, rest]):
        after = _possible_from(declaration, evolve(meeting, staff=staff), around, now)
        found = after and next_slots(
            declaration, around, place=meeting.place, duration=meeting.duration, staff=staff, after=after, count=count
        )
        if found:
            return staff, found
    return rest, []


def _possible_from(declaration: Declaration, meeting: Planned, around: Surroundings, now: str) -> str | None:
    """The moment from which a later slot is worth looking for: once everyone is back and the place is open."""
    zone, start = declaration.lab.tz, max(meeting.slot.end, now)
    day = first = local(start, zone).date()
    away = [absence for absence in around.absences if absence.staff in meeting.staff]
    while closed_because(declaration, meeting.place, day, around) or any(a.first <= day <= a.last for a in away):
        day += _DAY
        if (day - first).days > HORIZON * 3:
            return None
    return start if day == first else instant(datetime.combine(day, time(0), zone))


def _elsewhere(
    declaration: Declaration, meeting: Planned, around: Surroundings, absent: Sequence[str], found: Sequence[str]
) -> tuple[str, ...]:
    """The other places that are free at the same time, if the meeting's own is closed, whoever is absent replaced."""
    if not _is_closed(declaration, meeting, around):
        return ()
    others = [code for code in declaration.places if code != meeting.place]
    others.sort(key=lambda code: declaration.places[code].by_agreement)  # what needs nobody's word comes first
    # Moving would ask for the waiver again.
    slot = evolve(meeting.slot, waived=frozenset(), staff=_replaced(meeting, absent, found))
    return tuple(code for code in others if not problems(declaration, evolve(slot, place=code), around))


def _is_closed(declaration: Declaration, meeting: Planned, around: Surroundings) -> bool:
    return bool(closed_because(declaration, meeting.place, local(meeting.at, declaration.lab.tz).date(), around))


def _there(meeting: Planned, absent: Sequence[str]) -> tuple[str, ...]:
    return tuple(id for id in meeting.staff if id not in absent)


def _replaced(meeting: Planned, absent: Sequence[str], found: Sequence[str]) -> tuple[str, ...]:
    """The staff of a meeting with whoever could replace those who are absent, or come where nobody was assigned."""
    there = _there(meeting, absent)
    return (*there, *found[:1]) if absent or not meeting.staff else there


def _commands(
    declaration: Declaration,
    meeting: Planned,
    around: Surroundings,
    people: Sequence[Person],
    absent: Sequence[str],
    best: _Best,
) -> list[str]:
    """What to type, one way out a line, the one that changes least first."""
    zone, there, commands = declaration.lab.tz, _there(meeting, absent), []
    replaced = _replaced(meeting, absent, best.replacement)
    if not _is_closed(declaration, meeting, around):
        if replaced not in (meeting.staff, there):
            commands.append(f"coop meeting assign {meeting.name} --staff {','.join(replaced)}")
        if there and absent and _able(meeting, there, people):
            commands.append(f"coop meeting assign {meeting.name} --staff {','.join(there)}")
    for place in best.elsewhere:
        slot = typed(meeting.at, zone)
        commands.append(f'coop meeting move {meeting.name} --slot "{slot}" --place {place}{_with(meeting, replaced)}')
    for at in best.slot:
        commands.append(f'coop meeting move {meeting.name} --slot "{typed(at, zone)}"{_with(meeting, best.staff)}')
    return [*commands, f'coop meeting cancel {meeting.name} --note "…"']


def _with(meeting: Planned, staff: tuple[str, ...]) -> str:
    return "" if staff == meeting.staff else f" --staff {','.join(staff) or 'none'}"


def _able(meeting: Planned, there: Sequence[str], people: Sequence[Person]) -> bool:
    """Whether those who are there hold the skill that was asked for."""
    return meeting.skill is None or any(meeting.skill in p.skills for p in people if p.id in there)


def typed(at: str, zone: Any) -> str:
    """An instant as one types it in the lab's zone, never ambiguous: `16/03/2026 9h30`."""
    here = local(at, zone)
    minutes = f"{here.minute:02d}" if here.minute else ""
    return f"{here:%d/%m/%Y} {here.hour}h{minutes}"


def fallen_document(declaration: Declaration, fallen: Fallen) -> dict[str, Any]:
    """One line of `at_risk` in contract.md."""
    zone, meeting = declaration.lab.tz, fallen.meeting
    return {
        "ref": meeting.ref,
        "meeting_id": meeting.id,
        "at": offset_time(meeting.at, zone),
        "duration_minutes": meeting.duration,
        "place": meeting.place,
        "staff": list(meeting.staff),
        "reasons": [reason.document() for reason in fallen.reasons],
        "replacements": list(fallen.ways_out.replacements),
        "slots": [offset_time(slot, zone) for slot in fallen.ways_out.slots],
        "elsewhere": list(fallen.ways_out.elsewhere),
        "commands": list(fallen.ways_out.commands),
    }


def document(declaration: Declaration, cause: Cause, fallen: Sequence[Fallen]) -> dict[str, Any]:
    """The `staff what-if` document of contract.md; for a place or the lab, `place` in place of `absent`."""
    who = {"absent": cause.staff} if cause.staff is not None else {"place": cause.place}
    return {
        **who,
        "from": min((first.isoformat() for first, _last in cause.days), default=None),
        "to": max((last.isoformat() for _first, last in cause.days), default=None),
        "at_risk": [fallen_document(declaration, one) for one in fallen],
    }
