"""What an absence, a closure or a departure does to what is planned: which meetings fall, why, and the ways out.

Pure: given the meetings planned ahead, what surrounds them and the people of the lab.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from states.calendar.day_ranges import Days
from states.declaration.types import local, offset_time
from states.errors import Refusal
from states.language import _
from states.planning.availability import soonest
from states.planning.meeting import Planned
from states.planning.slots import problems
from states.risks.remedies import Forecast, WaysOut, absentees, assigning, left, ways_out

if TYPE_CHECKING:
    from states.declaration.model import Declaration

FALLING = ("place_closed", "staff_absent")  # the rules that a planned meeting may stop meeting


@frozen
class Cause:
    """What changed: days of someone, of a place, or of the whole lab when neither is named."""

    days: tuple[Days, ...]
    staff: str | None = None
    place: str | None = None

    def concerns(self, declaration: Declaration, meeting: Planned) -> bool:
        """Whether a meeting takes place on those days, there or with that person."""
        zone = declaration.lab.tz
        first, last = local(meeting.at, zone).date(), local(meeting.end, zone).date()
        if not any(start <= last and first <= end for start, end in self.days):
            return False
        if self.staff is not None:
            return self.staff in meeting.staff
        if self.place is not None:
            return self.place == meeting.place
        return not declaration.places[meeting.place].anywhere


@frozen
class Fallen:
    """A planned meeting that can no longer be held as it is. `absent`: those of its staff who will not be there."""

    meeting: Planned
    reasons: tuple[Refusal, ...]
    absent: tuple[str, ...]
    ways_out: WaysOut


def what_falls(meetings: Iterable[Planned], ahead: Forecast, cause: Cause | None = None) -> list[Fallen]:
    """The meetings to come that are no longer possible as planned, the earliest first.

    The forecast already holds what changed, who has left included, and covers a year and a half. With a `cause`, only
    the meetings it concerns are looked at. No two commands ask for the same place or person at once.
    """
    fallen: list[Fallen] = []
    picked: list[Planned] = []
    declaration, now = ahead.declaration, ahead.now
    gone = {person.id for person in ahead.people if not person.active}
    soon = soonest(declaration, ahead.around, now)
    absences = [a for a in ahead.around.absences if a.staff not in gone]  # one reason is enough
    ahead = evolve(ahead, around=evolve(ahead.around, absences=absences), now=soon)
    for meeting in sorted(meetings, key=lambda m: (m.at, m.ref, m.id)):
        if meeting.at < now or (cause and not cause.concerns(declaration, meeting)):
            continue
        reasons = [*_broken(meeting, ahead), *_gone(meeting, ahead)]
        if reasons:
            absent = absentees(meeting, ahead)
            out = ways_out(meeting, ahead, absent=absent, picked=picked)
            picked += out.picked
            if not absent:  # the place is at fault: whoever else is free is no way out
                out = out._replace(replacements=())
            fallen.append(Fallen(meeting, tuple(reasons), absent, out))
    return fallen


def _broken(meeting: Planned, ahead: Forecast) -> list[Refusal]:
    return [r for r in problems(ahead.declaration, meeting.slot, ahead.but(meeting).around) if r.rule in FALLING]


def _gone(meeting: Planned, ahead: Forecast) -> list[Refusal]:
    return [
        Refusal(
            "staff_absent",
            _("{person} is no longer part of the lab.", person=id),
            _("Assign someone else with: {command}", command=assigning(meeting, "…", ahead.declaration)),
        )
        for id in left(meeting, ahead.people)
    ]


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
