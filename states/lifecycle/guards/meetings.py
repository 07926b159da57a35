"""The guards about meetings: planned, begun, recorded, in a valid slot, and still valid when they come back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from states.declaration.tables import ACTIVITY
from states.declaration.types import local
from states.errors import Refusal
from states.language import _, long_time
from states.lifecycle.attempt import Attempt
from states.lifecycle.effects import effect_of
from states.lifecycle.guards.registry import guard
from states.lifecycle.guards.requests import accompanied
from states.lifecycle.repeats import entry_number, settled
from states.planning.meeting import Slot
from states.planning.slots import Surroundings, people_problems, problems
from states.requests.request import CANCELLED, HELD, PLANNED, Meeting

if TYPE_CHECKING:
    from states.declaration.tables import Event


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


@guard(reads=("done_by",))
def planned(attempt: Attempt) -> Iterator[Refusal]:
    meeting, kind, ref = attempt.named_meeting, attempt.event.meeting, attempt.request.ref
    if done := held_already(attempt):
        yield _already_held(attempt, done)
    elif meeting is None:
        if kind:
            yield Refusal("none_planned", _none_planned(kind), _plan_first(attempt, kind))
        elif not attempt.request.planned():
            yield Refusal(
                "none_planned", _("No meeting is planned."), _("See what can be done with: coop next {ref}", ref=ref)
            )
    elif meeting.status != PLANNED or (kind and meeting.kind != kind):
        seq = entry_number(attempt)
        status = {
            HELD: _("already held, by entry {seq}", seq=seq),
            CANCELLED: _("cancelled, by entry {seq}", seq=seq),
        }.get(meeting.status, _("of another kind"))
        yield Refusal(
            "none_planned",
            _("{meeting} is not planned: it is {status}.", meeting=meeting.id, status=status),
            _("See the calendar of the request with: coop show {ref}", ref=ref),
        )


def held_already(attempt: Attempt) -> Meeting | None:
    """The meeting that an event would hold a second time: the one it names, or the last, when none is planned.

    By its real start: that one was held changes what is said, not what is decided.
    """
    event, meeting = attempt.event, settled(attempt)
    again = meeting is not None and effect_of(event).holds_meeting and meeting.kind == event.meeting
    return meeting if again and meeting and meeting.started_at is not None else None


def _already_held(attempt: Attempt, meeting: Meeting) -> Refusal:
    started = long_time(local(meeting.begins_at, attempt.declaration.lab.tz))
    ref = attempt.request.ref
    return Refusal(
        "none_planned",
        _(
            "{meeting} is already held (entry {seq}): it began on {moment}.",
            meeting=meeting.id,
            seq=entry_number(attempt),
            moment=started,
        ),
        _("See what can be done now with: coop next {ref}", ref=ref),
    )


def not_held(kind: str) -> str:
    """That a kind of meeting is still to be held."""
    return {
        "interview": _("The interview is not held yet."),
        "work": _("No work meeting is held yet."),
        "session": _("The session is not held yet."),
        "debrief": _("The debrief is not held yet."),
        "activity": _("The activity is not held yet."),
    }[kind]


def next_for(attempt: Attempt, kind: str) -> str:
    """What to type for a kind of meeting to be held."""
    ref, noun = attempt.request.ref, "meeting" if kind == "work" else kind
    if attempt.request.next_planned(kind) is not None:
        return _("Record it as held: coop {noun} done {ref}", noun=noun, ref=ref)
    return _plan_first(attempt, kind)


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
    looking = _("See what can be done with: coop next {ref}", ref=ref)
    if kind == ACTIVITY:  # it is its one meeting
        return looking
    planning = [
        code
        for code, e in declaration.events.items()
        if effect_of(e).makes_meeting
        and e.meeting == kind
        and (attempt.request.accompanied or accompanied.name not in e.guards)
    ]
    possible = any(edge.source == state for code in planning for edge in declaration.edges[code])
    if not possible:
        return looking
    noun = "meeting" if kind == "work" else kind
    return _("First plan it: coop {noun} plan {ref} --slot …", noun=noun, ref=ref)


@guard()
def held(attempt: Attempt) -> Iterator[Refusal]:
    """Source: domain.md, `amend_meeting`: figures are put right of what was held."""
    meeting, ref = attempt.named_meeting, attempt.request.ref
    if attempt.asking and not any(m.status == HELD for m in attempt.request.meetings):
        yield Refusal(
            "not_recorded",
            _("No meeting of {ref} is recorded as held: there are no figures yet.", ref=ref),
            _("See the calendar of the request with: coop show {ref}", ref=ref),
        )
    elif meeting is not None and meeting.status != HELD:
        yield Refusal(
            "not_recorded",
            _("{meeting} is not recorded as held: it has no figures yet.", meeting=meeting.id),
            _("See the calendar of the request with: coop show {ref}", ref=ref),
        )


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


@guard(reads=("done_by",))
def one_at_most(attempt: Attempt) -> Iterator[Refusal]:
    kind = attempt.event.meeting or ""
    for meeting in attempt.request.of_kind(kind, PLANNED)[:1]:
        yield Refusal(
            "already_planned",
            _(
                "{meeting} is already planned (entry {seq}), on {moment}.",
                meeting=meeting.id,
                seq=entry_number(attempt),
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


_WAIVABLE = ("outside_hours", "day_off")


@guard(needs=("at",), reads=("surroundings",), waivable=_WAIVABLE)
def slot(attempt: Attempt) -> Iterable[Refusal]:
    """Source: usage charter; domain.md "Places"."""
    wanted, around, event = _slot(attempt), _around(attempt), attempt.event
    if effect_of(event).moves_meeting and not any(name in attempt.data for name in ("at", "duration", "place")):
        # It stays where it is: an agreement noted, or other people.
        return people_problems(attempt.declaration, wanted, around) if wanted and "staff" in attempt.data else ()
    if effect_of(event).makes_meeting and event.meeting != "work":
        # What is planned of a kind that is planned once never collides with itself.
        own = attempt.request.of_kind(event.meeting or "", PLANNED)
        around = around.without(attempt.request.ref, *(meeting.id for meeting in own))
    found = problems(attempt.declaration, wanted, around) if wanted else ()
    return (_told(refusal, event) for refusal in found)


def _told(refusal: Refusal, event: Event) -> Refusal:
    """A rule of the hours, with a remedy that the lab's event has."""
    if refusal.rule not in _WAIVABLE or refusal.rule in event.waives:
        return refusal
    return Refusal(refusal.rule, refusal.message, _("Choose another time."))


@guard(needs=("staff",), reads=("surroundings",))
def staff_free(attempt: Attempt) -> Iterable[Refusal]:
    wanted = _slot(attempt)
    return people_problems(attempt.declaration, wanted, _around(attempt)) if wanted else ()


def returning(before: list[Meeting], after: list[Meeting]) -> list[Meeting]:
    """The meetings planned after whose slot must still be valid: new ones, moved ones, those someone returns to."""
    known = {m.id: m for m in before if m.status == PLANNED}
    return [m for m in after if m.status == PLANNED and (m.id not in known or _takes_more(m, known[m.id]))]


def _takes_more(meeting: Meeting, than: Meeting) -> bool:
    return meeting.slot() != than.slot() or not set(meeting.staff) <= set(than.staff)
