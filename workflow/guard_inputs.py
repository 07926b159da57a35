"""What guards read beyond the request itself. The engine fetches only the facts that the event's guards declare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from attrs import evolve, frozen

from states.deadlines import deadlines
from states.declaration.model import Declaration
from states.lifecycle.decision import facts_read
from states.lifecycle.guards.meetings import returning
from states.lifecycle.replay import without
from states.planning.slots import Slot, Surroundings, problems
from states.requests.entry import Entry, last_to_undo
from states.requests.request import Meeting, Request
from workflow.history.facts import LONGEST, Facts
from workflow.preconditions import leads_to

_LONGEST = LONGEST // timedelta(minutes=1)
SHARED = frozenset({"surroundings", "invalid_slots"})  # the facts that other requests make too


@frozen
class Asked:
    """Who asks for facts: an event on a request, with its inputs."""

    facts: Facts
    declaration: Declaration
    request: Request
    inputs: Mapping[str, Any]
    now: str


def concerns_others(declaration: Declaration, code: str, inputs: Mapping[str, Any]) -> bool:
    """Whether an event is judged by what other requests hold (places, people, a chain), so that two must take turns."""
    event = declaration.events.get(code)
    if event is None:
        return False
    return bool(SHARED & facts_read(event)) or (event.form and "follows" in inputs)


def fetch(names: frozenset[str], asked: Asked) -> dict[str, Any]:
    """The facts, by name. Some are made of others, so they are fetched in the order of FACTS."""
    found: dict[str, Any] = {}
    for name, fetcher in FACTS.items():
        if name in names:
            found[name] = fetcher(asked, found)
    return found


def _surroundings(asked: Asked, _found: Mapping[str, Any]) -> Surroundings | None:
    inputs, request = asked.inputs, asked.request
    meeting = request.meeting(inputs.get("meeting"))
    at = inputs.get("at") or (meeting.at if meeting else None)
    if at is None:
        return None
    duration = inputs.get("duration") or (meeting.duration if meeting else _LONGEST)
    slot = Slot(at, duration, inputs.get("place") or request.form["place"], (), asked.now)
    around = asked.facts.around(slot)
    return _but(around, request.ref, meeting)


def _but(around: Surroundings, ref: str, meeting: Meeting | None) -> Surroundings:
    """Without the meeting that is itself being moved or brought back."""
    if meeting is None:
        return around
    return evolve(around, bookings=[b for b in around.bookings if (b.ref, b.meeting) != (ref, meeting.id)])


def _entries(asked: Asked, _found: Mapping[str, Any]) -> tuple[Entry, ...]:
    return tuple(asked.facts.entries_of(asked.request.ref))


def _undone(asked: Asked, found: Mapping[str, Any]) -> Request | None:
    """The request without the entry that a correction takes away; None when it cannot be."""
    seq = asked.inputs.get("seq") or last_to_undo(asked.declaration, found["entries"])
    return without(asked.declaration, found["entries"], seq)


def _cancelled_by_end(asked: Asked, found: Mapping[str, Any]) -> list[str]:
    ending = next((e for e in found["entries"] if e.seq == asked.request.last_seq), None)
    return list(ending.data.get("cancelled", ())) if ending else []


def _invalid_slots(asked: Asked, found: Mapping[str, Any]) -> list[tuple[str, list[Any]]]:
    """The meetings that would come back to a slot no longer valid, judged as of their planning entry, and why."""
    request, declaration = asked.request, asked.declaration
    if "cancelled_by_end" in found:
        back = [m for m in request.meetings if m.id in found["cancelled_by_end"]]
    else:
        after = found["undone"]
        back = returning(request.meetings, after.meetings) if after else []
    invalid = []
    for meeting in back:
        slot = Slot.of(meeting)
        around = _but(asked.facts.around(slot), request.ref, meeting)
        reasons = problems(declaration, slot, around)
        passed = "cancelled_by_end" in found and meeting.at <= asked.now  # what is past is not to come again
        if reasons or passed:
            invalid.append((meeting.id, reasons))
    return invalid


def _circle(asked: Asked, found: Mapping[str, Any]) -> bool:
    """Whether undoing an entry would make the request follow itself."""
    after = found["undone"]
    follows = after.form.get("follows") if after else None
    return follows != asked.request.form.get("follows") and leads_to(asked.facts.tx, follows, asked.request.ref)


def _deadlines(asked: Asked, _found: Mapping[str, Any]) -> list[Any]:
    return deadlines(asked.declaration, asked.request, asked.facts.calendar(asked.declaration), asked.now)


def _people(asked: Asked, _found: Mapping[str, Any]) -> dict[str, str]:
    """Someone of each role that the register has: whom a remedy names."""
    return {person.role: person.id for person in reversed(asked.facts.people) if person.active}


FACTS: dict[str, Callable[[Asked, Mapping[str, Any]], Any]] = {
    "deadlines": _deadlines,
    "surroundings": _surroundings,
    "entries": _entries,
    "undone": _undone,
    "cancelled_by_end": _cancelled_by_end,
    "invalid_slots": _invalid_slots,
    "circle": _circle,
    "people": _people,
}
