"""What guards read beyond the request itself. The engine fetches only the facts that the event's guards declare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from attrs import evolve

from states.deadlines import deadlines
from states.declaration.model import Declaration
from states.lifecycle.attempt import Attempt
from states.lifecycle.decision import facts_read
from states.lifecycle.guards.meetings import returning
from states.lifecycle.repeats import done_by, may_be_done
from states.lifecycle.replay import without
from states.planning.meeting import Slot
from states.planning.slots import Surroundings, problems
from states.requests.entry import Entry, last_to_undo
from states.requests.request import Meeting, Request
from workflow.history.facts import LONGEST, Facts
from workflow.preconditions import leads_to

_LONGEST = LONGEST // timedelta(minutes=1)
SHARED = frozenset({"surroundings", "invalid_slots"})  # the facts that other requests make too


def concerns_others(declaration: Declaration, code: str, inputs: Mapping[str, Any]) -> bool:
    """Whether an event is judged by what other requests hold (places, people, a chain), so that two must take turns."""
    event = declaration.events.get(code)
    if event is None:
        return False
    return bool(SHARED & facts_read(event)) or (event.form and "follows" in inputs)


def fetch(lab: Facts, attempt: Attempt) -> None:
    """Gives an attempt the facts that its rules read. Some are made of others: they come in the order of FACTS."""
    names = facts_read(attempt.event)
    for name, fetcher in FACTS.items():
        if name in names:
            attempt.facts[name] = fetcher(lab, attempt)


def _surroundings(lab: Facts, attempt: Attempt) -> Surroundings | None:
    inputs, request = attempt.inputs, attempt.request
    meeting = request.meeting(inputs.get("meeting"))
    at = inputs.get("at") or (meeting.at if meeting else None)
    if at is None:
        return None
    duration = inputs.get("duration") or (meeting.duration if meeting else _LONGEST)
    slot = Slot(at, duration, inputs.get("place") or request.form["place"], (), attempt.occurred_at)
    return _but(lab.around(slot), request.ref, meeting)


def _but(around: Surroundings, ref: str, meeting: Meeting | None) -> Surroundings:
    """Without the meeting that is itself being moved or brought back."""
    if meeting is None:
        return around
    return around.without(ref, meeting.id)


def _entries(lab: Facts, attempt: Attempt) -> tuple[Entry, ...]:
    return tuple(lab.entries_of(attempt.request.ref))


def _undone(lab: Facts, attempt: Attempt) -> Request | None:
    """The request without the entry that a correction takes away; None when it cannot be."""
    seq = attempt.inputs.get("seq") or last_to_undo(attempt.declaration, attempt.facts["entries"])
    entries, ref = attempt.facts["entries"], attempt.request.ref
    return without(attempt.declaration, entries, seq, lab.versions_of(ref))


def _cancelled_by_end(_lab: Facts, attempt: Attempt) -> list[str]:
    ending = next((e for e in attempt.facts["entries"] if e.seq == attempt.request.last_seq), None)
    return list(ending.data.get("cancelled", ())) if ending else []


def _invalid_slots(lab: Facts, attempt: Attempt) -> list[tuple[str, list[Any]]]:
    """The meetings that would come back to a slot no longer valid, judged as of their planning entry, and why."""
    request, declaration = attempt.request, attempt.declaration
    if "cancelled_by_end" in attempt.facts:
        back = [m for m in request.meetings if m.id in attempt.facts["cancelled_by_end"]]
    else:
        after = attempt.facts["undone"]
        back = returning(request.meetings, after.meetings) if after else []
    invalid = []
    for meeting in back:
        # A day off was looked at when the meeting was planned, as people plan it: nothing closes there since.
        slot = evolve(Slot.of(meeting), waived=frozenset((*meeting.waived, "day_off")))
        around = _but(lab.around(slot), request.ref, meeting)
        reasons = problems(declaration, slot, around)
        # What is past is not to come again.
        passed = "cancelled_by_end" in attempt.facts and meeting.at <= attempt.occurred_at
        if reasons or passed:
            invalid.append((meeting.id, reasons))
    return invalid


def _circle(lab: Facts, attempt: Attempt) -> bool:
    """Whether undoing an entry would make the request follow itself."""
    after = attempt.facts["undone"]
    follows = after.form.get("follows") if after else None
    return follows != attempt.request.form.get("follows") and leads_to(lab.tx, follows, attempt.request.ref)


def _deadlines(lab: Facts, attempt: Attempt) -> list[Any]:
    return deadlines(
        attempt.declaration,
        attempt.request,
        lab.calendar(attempt.declaration),
        attempt.occurred_at,
    )


def _done_by(lab: Facts, attempt: Attempt) -> Entry | None:
    """The entry by which it is done already. The history is read only of what may be."""
    return done_by(attempt, lab.entries_of(attempt.request.ref)) if may_be_done(attempt) else None


def _people(lab: Facts, _attempt: Attempt) -> dict[str, str]:
    return lab.of_each_role


FACTS: dict[str, Callable[[Facts, Attempt], Any]] = {
    "deadlines": _deadlines,
    "surroundings": _surroundings,
    "entries": _entries,
    "undone": _undone,
    "cancelled_by_end": _cancelled_by_end,
    "invalid_slots": _invalid_slots,
    "circle": _circle,
    "people": _people,
    "done_by": _done_by,
}
