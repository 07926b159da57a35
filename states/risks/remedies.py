"""How a planned meeting can be saved: who is free for it, when and where else it could be, and what to type.

Pure: given the meeting, what surrounds it and the people of the lab. Whatever threatens it (an absence, a closure, a
departure, nobody assigned) the ways out are looked for in the same way, so alerts offer them too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import evolve, frozen

from states.calendar.day_ranges import monday
from states.declaration.tables import ACTIVITY
from states.declaration.types import instant, local
from states.declaration.vocabulary import CANCELLED
from states.lifecycle.effects import effect_of
from states.lifecycle.effects_of_meetings import AssignStaff
from states.planning.availability import HORIZON, PROPOSED, next_slots
from states.planning.meeting import Planned, Slot
from states.planning.slots import Surroundings, closed_because, people_problems, problems

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from states.declaration.tables import Event

_DAY = timedelta(days=1)
_LOOKED_AT = 40  # slots, to find one at which somebody else is free too


class Person(NamedTuple):
    """Someone of the lab, as far as taking a meeting goes. `hours` a week."""

    id: str
    role: str
    skills: tuple[str, ...] = ()
    hours: int = 35
    active: bool = True
    site: str = ""


class WaysOut(NamedTuple):
    """How a meeting can be saved: who is free for it, when and where else it could be, and what to type."""

    replacements: tuple[str, ...]
    slots: tuple[str, ...]  # instants
    elsewhere: tuple[str, ...]  # places that are free at the same time
    commands: tuple[str, ...]
    picked: tuple[Planned, ...] = ()  # what the commands would take up: a place, someone's time


@frozen
class Forecast:
    """The lab as it is to be seen ahead: what surrounds its meetings, its people, from a moment on."""

    declaration: Declaration
    around: Surroundings
    people: Sequence[Person]
    now: str

    def but(self, meeting: Planned) -> Forecast:
        """Without a meeting, which is no obstacle to its own moving."""
        return evolve(self, around=self.around.without(meeting.ref, meeting.id))

    def is_closed(self, meeting: Planned) -> bool:
        """Whether the place of a meeting is closed on its day."""
        day = local(meeting.at, self.declaration.lab.tz).date()
        return bool(closed_because(self.declaration, meeting.place, day, self.around))


def absentees(meeting: Planned, ahead: Forecast) -> tuple[str, ...]:
    """Those assigned to a meeting who are away that day, or have left."""
    zone, gone = ahead.declaration.lab.tz, set(left(meeting, ahead.people))
    first, last = local(meeting.at, zone).date(), local(meeting.end, zone).date()
    gone |= {a.staff for a in ahead.around.absences if a.first <= last and first <= a.last}
    return tuple(id for id in meeting.staff if id in gone)


def left(meeting: Planned, people: Sequence[Person]) -> list[str]:
    """Those assigned to a meeting who are no longer part of the lab."""
    return [person.id for person in people if person.id in meeting.staff and not person.active]


def replacements(meeting: Planned, ahead: Forecast) -> tuple[str, ...]:
    """Who could take a meeting: free then, of a role that does, with the skill asked for, and not yet assigned to it.

    First those of the meeting's own site, then whoever has the fewest meetings that week.
    """
    declaration, around = ahead.declaration, ahead.around
    found = [
        person
        for person in ahead.people
        if person.active
        and declaration.takes_meetings(person.role)
        and person.id not in meeting.staff
        and (meeting.skill is None or meeting.skill in person.skills)
        and not people_problems(declaration, evolve(meeting.slot, staff=(person.id,)), around)
    ]
    week = monday(local(meeting.at, declaration.lab.tz).date())
    busy = [id for b in around.bookings if monday(local(b.at, declaration.lab.tz).date()) == week for id in b.staff]
    found.sort(key=lambda person: (person.site != meeting.place, busy.count(person.id), person.id))
    return tuple(person.id for person in found)


def ways_out(
    meeting: Planned,
    ahead: Forecast,
    *,
    rule: str = "",
    absent: Sequence[str] = (),
    picked: Sequence[Planned] = (),
) -> WaysOut:
    """How a meeting could be saved, whatever threatens it: an absence, a closure, nobody assigned, a missing skill.

    Another slot must cure what `rule` says. `picked` is what the commands for other meetings would take up already: the
    slots and the commands for this one leave it alone.
    """
    others = then = ahead.but(meeting)
    able = replacements(meeting, others)
    elsewhere = _elsewhere(meeting, others, absent, able)
    if picked:
        # Meetings moved for the same people keep their order: each is looked for after the one before.
        same = [b.at for b in picked if b.place == meeting.place and set(b.staff) & set(meeting.staff)]
        around = evolve(others.around, bookings=[*others.around.bookings, *picked])
        then = evolve(others, around=around, now=max([ahead.now, *same]))
    staff, slots = _slots(meeting, then, absent, rule)
    free = replacements(meeting, then)
    best = _Best(free[:1], _elsewhere(meeting, then, absent, free)[:1], tuple(slots[:1]), staff)
    commands = _commands(meeting, ahead, absent, rule, best)
    shown = () if rule == "place_closed" else able  # whoever else is free opens no place
    return WaysOut(shown, tuple(slots), elsewhere, tuple(commands), tuple(_picked(meeting, best)))


class _Best(NamedTuple):
    """What the commands propose: at most one of each."""

    replacement: tuple[str, ...]
    elsewhere: tuple[str, ...]
    slot: tuple[str, ...]
    staff: tuple[str, ...]  # with whom it would be held then


def _picked(meeting: Planned, best: _Best) -> Iterator[Planned]:
    for person in best.replacement:
        yield evolve(meeting, place="", staff=(person,))
    for place in best.elsewhere:
        yield evolve(meeting, place=place, staff=())
    for at in best.slot:
        yield evolve(meeting, at=at, staff=best.staff)


def _slots(meeting: Planned, ahead: Forecast, absent: Sequence[str], rule: str) -> tuple[tuple[str, ...], list[str]]:
    """With whom, and when, a meeting could be held later."""
    for staff in _teams(meeting, ahead, absent, rule):
        after = _possible_from(evolve(meeting, staff=staff), ahead)
        if after is None:
            continue
        wanted = Slot(after, meeting.duration, meeting.place, staff, after)
        if rule != "single_point_of_failure":
            slots = next_slots(ahead.declaration, ahead.around, wanted)
        else:  # there, somebody else could come
            found = next_slots(ahead.declaration, ahead.around, wanted, _LOOKED_AT)
            slots = [at for at in found if replacements(evolve(meeting, at=at, staff=staff), ahead)][:PROPOSED]
        if slots:
            return staff, slots
    return (), []


def _teams(meeting: Planned, ahead: Forecast, absent: Sequence[str], rule: str) -> Iterator[tuple[str, ...]]:
    """With whom it could be held: those assigned who come back, else the rest, else whoever could replace them.

    Whoever was missing (a skill, somebody at all) is among them.
    """
    gone, there = left(meeting, ahead.people), _there(meeting, absent)
    back = tuple(id for id in meeting.staff if id not in gone)
    rest = there or (replacements(meeting, ahead)[:1] if meeting.staff else ())
    missing = rule == "unstaffed" or (rule == "skill_gap" and not _able(meeting, rest, ahead.people))
    for team in dict.fromkeys([back or rest, rest]):
        if missing:
            yield from ((*team, person.id) for person in _takers(meeting, ahead) if person.id not in team)
        else:
            yield team


def _takers(meeting: Planned, ahead: Forecast) -> Iterator[Person]:
    """Those who take meetings and hold the skill asked for, whenever they are free."""
    for person in ahead.people:
        skilled = meeting.skill is None or meeting.skill in person.skills
        if person.active and skilled and ahead.declaration.takes_meetings(person.role):
            yield person


def _possible_from(meeting: Planned, ahead: Forecast) -> str | None:
    """The moment from which a later slot is worth looking for: once everyone is back and the place is open."""
    zone, start = ahead.declaration.lab.tz, max(meeting.end, ahead.now)
    day = first = local(start, zone).date()
    away = [absence for absence in ahead.around.absences if absence.staff in meeting.staff]
    while closed_because(ahead.declaration, meeting.place, day, ahead.around) or any(
        a.first <= day <= a.last for a in away
    ):
        day += _DAY
        if (day - first).days > HORIZON * 3:
            return None
    return start if day == first else instant(datetime.combine(day, time(0), zone))


def _elsewhere(meeting: Planned, ahead: Forecast, absent: Sequence[str], able: Sequence[str]) -> tuple[str, ...]:
    """The other places that are free at the same time, if the meeting's own is closed, whoever is absent replaced."""
    if not ahead.is_closed(meeting):
        return ()
    places = ahead.declaration.places
    others = [code for code in places if code != meeting.place]
    others.sort(key=lambda code: places[code].by_agreement)  # what needs nobody's word comes first
    # Moving would ask for the waiver again.
    slot = evolve(meeting.slot, waived=frozenset(), staff=_replaced(meeting, absent, able))
    return tuple(code for code in others if not problems(ahead.declaration, evolve(slot, place=code), ahead.around))


def _there(meeting: Planned, absent: Sequence[str]) -> tuple[str, ...]:
    return tuple(id for id in meeting.staff if id not in absent)


def _replaced(meeting: Planned, absent: Sequence[str], able: Sequence[str]) -> tuple[str, ...]:
    """The staff of a meeting with whoever could replace those who are absent, or come where nobody was assigned."""
    there = _there(meeting, absent)
    return (*there, *able[:1]) if absent or not meeting.staff else there


def _commands(meeting: Planned, ahead: Forecast, absent: Sequence[str], rule: str, best: _Best) -> list[str]:
    """What to type, one way out a line, the one that changes least first; only what this lab's lifecycle has."""
    there, lines = _there(meeting, absent), _Lines(ahead.declaration, meeting)
    replaced = _replaced(meeting, absent, best.replacement)
    if not absent and not _able(meeting, there, ahead.people):  # who holds the skill joins those who are there
        replaced = (*there, *best.replacement)
    found: list[str | None] = []
    if not ahead.is_closed(meeting):
        if replaced not in (meeting.staff, there):
            found.append(lines.assign(",".join(replaced)))
        elif rule == "skill_gap":
            found.append(_taught(meeting, there, ahead.people))
        if there and absent and _able(meeting, there, ahead.people):
            found.append(lines.assign(",".join(there)))
    found += [lines.move(meeting.at, f" --place {place}{_with(meeting, replaced)}") for place in best.elsewhere]
    found += [lines.move(at, _with(meeting, best.staff)) for at in best.slot]
    return [line for line in (*found, lines.cancel()) if line]


def _taught(meeting: Planned, there: Sequence[str], people: Sequence[Person]) -> str | None:
    """What says that somebody of the team holds the skill, when nobody free does."""
    first = next((person for person in people if person.id in there), None)
    if first is None:
        return None
    return f"coop staff change {first.id} " + " ".join(f"--skill {s}" for s in (*first.skills, meeting.skill or ""))


@frozen(eq=False, repr=False)
class _Lines:
    """What to type about a meeting, by the events that the lab's declaration has; None for one that it has not."""

    declaration: Declaration
    meeting: Planned

    def _command(self, does: Callable[[Event], bool]) -> str | None:
        events = self.declaration.of(self.meeting.ref).events.values()
        words = next((event.command for event in events if event.command and does(event)), None)
        return f"coop {words} {self.meeting.name}" if words else None

    def assign(self, staff: str) -> str | None:
        """Gives it to other people: of an activity, a move to its own slot."""
        if self.meeting.kind == ACTIVITY:
            return self.move(self.meeting.at, f" --staff {staff}")
        start = self._command(lambda event: isinstance(effect_of(event), AssignStaff))
        return start and f"{start} --staff {staff}"

    def move(self, at: str, more: str) -> str | None:
        start = self._command(lambda event: effect_of(event).moves_meeting)
        return start and f'{start} --slot "{typed(at, self.declaration.lab.tz)}"{more}'

    def cancel(self) -> str | None:
        start = self._command(self._cancels)
        return start and f'{start} --note "…"'

    def _cancels(self, event: Event) -> bool:
        lifecycle = self.declaration.of(self.meeting.ref)
        ends = {lifecycle.outcome(state) for way in event.transitions for state in way.to}
        return effect_of(event).cancels_meeting or (self.meeting.kind == ACTIVITY and ends == {CANCELLED})


def assigning(meeting: Planned, staff: str, declaration: Declaration) -> str:
    """What gives a meeting to other people; what shows its request where the lab has no such event."""
    return _Lines(declaration, meeting).assign(staff) or f"coop show {meeting.ref}"


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
