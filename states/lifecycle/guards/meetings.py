"""The guards about meetings: planned, begun, recorded, in a valid slot, and still valid when they come back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from states.declaration.model import ACTIVITY
from states.declaration.types import local
from states.errors import Refusal
from states.language import _, long_time
from states.lifecycle.attempt import Attempt
from states.lifecycle.effects import Amend, effect_of
from states.lifecycle.guards.registry import guard
from states.planning.slots import Slot, Surroundings, people_problems, problems
from states.requests.request import PLANNED, Meeting

if TYPE_CHECKING:
    from states.requests.entry import Entry


@guard()
def recorded(attempt: Attempt) -> Iterator[Refusal]:
    """What is still planned is cancelled by an ending; what has begun must first be told: held, or cancelled."""
    for meeting in attempt.request.planned():
        if meeting.at <= attempt.occurred_at:
            yield Refusal(
                "not_recorded",
                _(
                    "{meeting} began on {moment} and is neither held nor cancelled.",
                    meeting=meeting.id,
                    moment=long_time(local(meeting.at, attempt.declaration.lab.tz)),
                ),
                _(
                    "First record it as held, or cancel it: coop meeting cancel {ref}/{id}",
                    ref=attempt.request.ref,
                    id=meeting.id,
                ),
            )


@guard()
def planned(attempt: Attempt) -> Iterator[Refusal]:
    meeting, kind, ref = attempt.named_meeting, attempt.event.meeting, attempt.request.ref
    if meeting is None:
        if kind:
            yield Refusal("none_planned", _none_planned(kind), _plan_first(attempt, kind))
        elif not attempt.request.planned():
            yield Refusal(
                "none_planned", _("No meeting is planned."), _("See what can be done with: coop next {ref}", ref=ref)
            )
        return
    if meeting.status != PLANNED or (kind and meeting.kind != kind):
        status = {"held": _("already held"), "cancelled": _("cancelled")}.get(meeting.status, _("of another kind"))
        yield Refusal(
            "none_planned",
            _("{meeting} is not planned: it is {status}.", meeting=meeting.id, status=status),
            _("See the calendar of the request with: coop show {ref}", ref=ref),
        )


def _none_planned(kind: str) -> str:
    return {
        "interview": _("No interview is planned."),
        "work": _("No work meeting is planned."),
        "session": _("No session is planned."),
        "debrief": _("No debrief is planned."),
        "activity": _("The activity is not planned any more."),
    }[kind]


def _plan_first(attempt: Attempt, kind: str) -> str:
    """How to plan one, where the lab's lifecycle makes it possible from here."""
    ref, declaration, state = attempt.request.ref, attempt.declaration, attempt.request.state
    planning = [code for code, e in declaration.events.items() if effect_of(e).makes_meeting and e.meeting == kind]
    possible = any(edge.source == state for code in planning for edge in declaration.edges[code])
    if kind == ACTIVITY or not possible:
        return _("See what can be done with: coop next {ref}", ref=ref)
    noun = "meeting" if kind == "work" else kind
    return _("First plan it: coop {noun} plan {ref} --slot …", noun=noun, ref=ref)


@guard()
def begun(attempt: Attempt) -> Iterator[Refusal]:
    started = attempt.data.get("started_at")
    if attempt.named_meeting is not None and started and started > attempt.occurred_at:
        zone = attempt.declaration.lab.tz
        yield Refusal(
            "not_yet",
            _(
                "{meeting} starts on {start}, after the moment of this entry.",
                meeting=attempt.data["meeting"],
                start=long_time(local(started, zone)),
            ),
            _("Record it once it has begun; if it began earlier, say when with --started."),
        )


@guard()
def one_at_most(attempt: Attempt) -> Iterator[Refusal]:
    kind = attempt.event.meeting or ""
    for meeting in attempt.request.of_kind(kind, PLANNED)[:1]:
        yield Refusal(
            "already_planned",
            _(
                "{meeting} is already planned, on {moment}.",
                meeting=meeting.id,
                moment=long_time(local(meeting.at, attempt.declaration.lab.tz)),
            ),
            _(
                "Move it (coop meeting move {ref}/{id} --slot …), hold it, or cancel it first.",
                ref=attempt.request.ref,
                id=meeting.id,
            ),
        )


def _slot(attempt: Attempt) -> Slot | None:
    """The slot being planned: given, else that of the meeting being moved or staffed."""
    data, meeting = attempt.data, attempt.named_meeting
    base = Slot.of(meeting) if meeting else None
    if base is None and "at" not in data:
        return None
    return Slot(
        at=data.get("at") or (base.at if base else ""),
        duration=data.get("duration") or (base.duration if base else 60),
        place=data.get("place") or (base.place if base else attempt.request.form["place"]),
        staff=tuple(data.get("staff", base.staff if base else ())),
        planned_at=attempt.occurred_at,
        waived=attempt.waive,
    )


def _around(attempt: Attempt) -> Surroundings:
    around: Surroundings = attempt.facts.get("surroundings") or Surroundings()
    return around


@guard(needs=("at",), reads=("surroundings",), waivable=("outside_hours",))
def slot(attempt: Attempt) -> Iterable[Refusal]:
    """Source: usage charter; domain.md "Places"."""
    wanted = _slot(attempt)
    return problems(attempt.declaration, wanted, _around(attempt)) if wanted else ()


@guard(needs=("staff",), reads=("surroundings",))
def staff_free(attempt: Attempt) -> Iterable[Refusal]:
    wanted = _slot(attempt)
    return people_problems(attempt.declaration, wanted, _around(attempt)) if wanted else ()


@guard(reads=("entries", "undone", "invalid_slots", "circle"))
def correctable(attempt: Attempt) -> Iterator[Refusal]:
    entries: tuple[Entry, ...] = tuple(attempt.facts["entries"])
    seq, ref = attempt.data["corrects"], attempt.request.ref
    taken = next((e for e in entries if e.seq == seq), None)
    events = attempt.declaration.events
    if taken is None or attempt.facts["undone"] is None:
        yield Refusal(
            "nothing_to_correct",
            _("Entry {seq} of {ref} cannot be undone.", seq=seq, ref=ref)
            if seq
            else _("Nothing of {ref} is left to undo.", ref=ref),
            _("See the history with: coop history {ref}", ref=ref),
        )
        return
    if events[taken.event].undo == "in_turn" and seq != attempt.request.last_seq:
        yield Refusal(
            "nothing_to_correct",
            _("Entry {seq} is not the last one: entries are undone in turn, the last first.", seq=seq),
            _("Undo entry {last} first: coop undo {ref} --note …", last=attempt.request.last_seq, ref=ref),
        )
    if taken.actor != attempt.actor and not attempt.declaration.oversees(attempt.role):
        yield Refusal(
            "role",
            _("Entry {seq} was made by {actor}: a coordinator undoes only their own.", seq=seq, actor=taken.actor),
            _("Ask {actor}, or the pilot, who may undo any last entry.", actor=taken.actor),
        )
    yield from _form_lost(attempt, taken)
    if not attempt.inputs.get("release"):
        yield from _slots_lost(attempt)


def _form_lost(attempt: Attempt, taken: Entry) -> Iterator[Refusal]:
    """What the form would be without an amendment: it stays what was prequalified, and follows no circle."""
    seq, ref, declaration = taken.seq, attempt.request.ref, attempt.declaration
    amends = isinstance(effect_of(declaration.events[taken.event]), Amend)
    amended = [declaration.form[name] for name in taken.data if amends and name in declaration.form]
    if attempt.request.accepted and any(field.frozen for field in amended):
        yield Refusal(
            "nothing_to_correct",
            _("{ref} was prequalified with what entry {seq} says: it stays.", seq=seq, ref=ref),
            _("First undo back to “received”: coop undo {ref} --note …", ref=ref),
        )
    if attempt.facts.get("circle"):
        yield Refusal(
            "nothing_to_correct",
            _("Without entry {seq}, {ref} would follow itself.", seq=seq, ref=ref),
            _("First change what the later requests of the project follow, with: coop amend"),
        )


def _slots_lost(attempt: Attempt) -> Iterator[Refusal]:
    invalid: tuple[tuple[str, list[Refusal]], ...] = attempt.facts["invalid_slots"]
    for id, reasons in invalid:
        for reason in reasons:
            yield Refusal(
                reason.rule,
                _("{meeting} cannot come back: {reason}", meeting=id, reason=reason.message),
                _("Leave it cancelled with --release, then plan it again."),
            )


def returning(before: list[Meeting], after: list[Meeting]) -> list[Meeting]:
    """The meetings planned after whose slot must still be valid: new ones, moved ones, those someone returns to."""
    known = {m.id: m for m in before if m.status == PLANNED}
    return [m for m in after if m.status == PLANNED and (m.id not in known or _takes_more(m, known[m.id]))]


def _takes_more(meeting: Meeting, than: Meeting) -> bool:
    return meeting.slot() != than.slot() or not set(meeting.staff) <= set(than.staff)
