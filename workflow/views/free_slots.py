"""`--slot first`: the next valid slots for a meeting to plan or to move."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import and_, select

from states.declaration.model import Declaration
from states.declaration.tables import Event
from states.declaration.types import Malformed, Reading, end_of, read
from states.errors import FieldError, Invalid, Refusal, Refused
from states.language import _
from states.lifecycle.effects import effect_of
from states.requests.request import Meeting, Request
from workflow.store import schema as s
from workflow.views.reader import Reader


class Wanted(NamedTuple):
    """A slot as it was asked for: its instant, or None for the next valid one; and the key of its event."""

    at: str | None
    key: str | None = None


def slots_wanted(
    reader: Reader, request: Request | None, event: Event, given: Mapping[str, Any], slots: Sequence[Wanted]
) -> list[str]:
    """The instants of the slots, where the next valid one meets none of the others.

    A slot whose key was used before is the one it was then, so that repeating it changes nothing.

    `given` are the event's keys as typed: place, duration and staff say what is valid, by default those of the
    meeting to move, or of the event and the request. Raises Invalid for one that cannot be read, NotFound for a
    meeting that is not there, Refused when no slot is left in the coming months. Without a request, one is to begin.
    """
    declaration = reader.declaration_of(request.declaration) if request else reader.declaration
    wanted = [slot.at or _planned_by(reader, request, slot.key) for slot in slots]
    place, duration, staff = _where(declaration, request, event, given)
    taken = [at for at in wanted if at is not None]
    free = iter(reader.next_slots(place, duration, staff, count=2 * len(wanted)))
    instants = []
    for at in wanted:
        if at is None:
            at = next((slot for slot in free if not _meets(slot, taken, duration)), None)
            if at is None:
                raise _none_left(declaration, place)
            taken.append(at)
        instants.append(at)
    return instants


def _planned_by(reader: Reader, request: Request | None, key: str | None) -> str | None:
    """The slot of the entry that a key made."""
    if key is None:
        return None
    k, e = s.keys.c, s.entries.c
    entry = select(e.data).join(s.keys, and_(k.stream == e.stream, k.seq == e.seq)).where(k.key == key)
    if request is not None:
        entry = entry.where(e.stream == request.ref)
    data = reader.connection.execute(entry).scalar()
    return json.loads(data).get("at") if data else None


def _meets(slot: str, taken: Sequence[str], duration: int) -> bool:
    return any(at < end_of(slot, duration) and slot < end_of(at, duration) for at in taken)


def _where(
    declaration: Declaration, request: Request | None, event: Event, given: Mapping[str, Any]
) -> tuple[str, int, list[str]]:
    """Place, minutes and people of the meeting."""
    checked, errors = {}, []
    for name, (key, _required) in declaration.keys_of(event).items():
        if name in ("place", "duration", "staff") and given.get(name) not in (None, ""):
            try:
                checked[name] = read(given[name], key, Reading(declaration))
            except Malformed as problem:
                errors.append(FieldError(name, str(problem)))
    if request is None and "place" not in checked:
        errors.append(FieldError("place", _("this key is required to look for a slot")))
    if errors:
        raise Invalid(errors, _("“{event}” was not given as it expects.", event=event.text))
    meeting = _moved(request, event, given.get("meeting")) if request else None
    wished = request.form["place"] if request else ""
    place, duration, staff = (
        (meeting.place, meeting.duration, meeting.staff)
        if meeting
        else (wished, getattr(declaration.durations, event.meeting or "work"), [])
    )
    return checked.get("place", place), checked.get("duration", duration), checked.get("staff", staff)


def _moved(request: Request, event: Event, id: str | None) -> Meeting | None:
    if id is None and event.meeting and effect_of(event).moves_meeting:
        return request.next_planned(event.meeting)
    return request.existing_meeting(id) if id else None


def _none_left(declaration: Declaration, place: str) -> Refused:
    label = declaration.label("places", place)
    return Refused(
        [
            Refusal(
                "place_taken",
                _("{place} has no slot left in the coming months for these people.", place=label),
                _("Choose another place with --place, or other people with --staff."),
            )
        ]
    )
