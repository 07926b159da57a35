"""The effects that plan, hold, move, staff and cancel a meeting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from states.declaration.types import end_of
from states.errors import FieldError, Unchanged
from states.language import _
from states.lifecycle.effect import Effect, placed_of
from states.requests.request import CANCELLED, HELD, PLANNED, Meeting, Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from states.declaration.tables import Event
    from states.lifecycle.attempt import Attempt
    from states.requests.entry import Entry


FIGURES = ("started_at", "duration", "expected", "attended", "managers")  # of a meeting held


_TOLD = ("agreed", "address", "department", "facilitation", "skill")  # of a meeting planned, besides its slot


class Plan(Effect):
    needs: tuple[str, ...] = ("at",)
    makes_meeting = counts = True
    changes = ("meetings",)

    def stands(self, request: Request, event: Event) -> bool:
        return event.meeting != "work" and request.next_planned(event.meeting or "") is not None

    def prepare(self, attempt: Attempt) -> dict[str, Any]:
        request, event, given = attempt.request, attempt.event, attempt.inputs
        kind = event.meeting or "work"
        found = {
            "meeting": f"{kind}-{request.numbers.get(kind, 0) + 1}",
            "duration": getattr(attempt.declaration.durations, kind),
            "place": request.form.get("place"),
            "staff": [],
            **given,
        }
        if kind == "session":
            tier = attempt.declaration.tiers.get(request.tier or "")
            found.setdefault("facilitation", tier.facilitation if tier else "requester")
        return found

    def apply(self, request: Request, entry: Entry) -> None:
        data, placed = entry.data, placed_of(entry)
        kind, _dash, number = data["meeting"].partition("-")
        request.numbers[kind] = int(number)
        request.meetings.append(
            Meeting(
                id=data["meeting"],
                kind=kind,
                status=PLANNED,
                at=data["at"],
                duration=data["duration"],
                place=data["place"],
                staff=list(data["staff"]),
                planned_at=entry.occurred_at,
                waived=list(data.get("waived", ())),
                **{name: placed[name] for name in _TOLD if name in placed},
            )
        )


class Convene(Plan):
    """Begins an activity: what is told of it, and the one meeting that it is."""

    needs = ("title", "type", "axis", "at", "place")
    creates = True
    counts = False

    def begin(self, entry: Entry) -> Request:
        told = {name: value for name, value in placed_of(entry).items() if name not in _OF_THE_SLOT}
        return Request(entry.stream, entry.declaration, entry.to, entry.occurred_at, told)


_OF_THE_SLOT = ("meeting", "at", "duration", "address", "department", "agreed", "staff", "waived")


class _OfMeeting(Effect):
    """An effect on a planned meeting: the one named, else the earliest planned of the event's kind."""

    of_a_meeting = counts = True

    def about(self, request: Request, event: Event, inputs: Mapping[str, Any]) -> Meeting | None:
        """The meeting it is about, whatever became of it."""
        if "meeting" in inputs or not event.meeting:
            return request.meeting(inputs.get("meeting"))
        return request.next_planned(event.meeting)

    def prepare(self, attempt: Attempt) -> dict[str, Any]:
        meeting = self.about(attempt.request, attempt.event, attempt.inputs)
        return {**attempt.inputs, "meeting": meeting.id} if meeting else dict(attempt.inputs)


class Hold(_OfMeeting):
    holds_meeting = True
    changes = ("meetings",)

    def prepare(self, attempt: Attempt) -> dict[str, Any]:
        found = super().prepare(attempt)
        meeting = attempt.request.meeting(found.get("meeting"))
        if meeting:
            found.setdefault("started_at", meeting.at)
            found.setdefault("duration", meeting.duration)
        return found

    def happened(self, request: Request, event: Event, inputs: Mapping[str, Any], now: str) -> str:
        """Source: domain.md, Places: when it ended; never before the last step, never after now."""
        meeting = self.about(request, event, inputs)
        if meeting is None:
            return now
        end = end_of(inputs.get("started_at", meeting.at), inputs.get("duration", meeting.duration))
        return min(max(end, request.last_at), now)

    def apply(self, request: Request, entry: Entry) -> None:
        meeting = request.meeting(entry.data["meeting"])
        if meeting is None:
            return
        meeting.status, meeting.settled_at = HELD, entry.occurred_at
        put_right(meeting, entry)


class AmendMeeting(Effect):
    """Puts the start or the figures of a meeting held right: nothing is unwound, both values stay in the history."""

    needs = ("meeting",)
    of_held = True

    def idle(self, request: Request, event: Event, inputs: Mapping[str, Any], note: str | None) -> Iterator[FieldError]:
        meeting, given = request.meeting(inputs.get("meeting")), [name for name in FIGURES if name in inputs]
        if not given:
            yield FieldError("set", _("nothing was given: say which figure is to be put right"))
        elif meeting is not None and meeting.status == HELD:
            if all(getattr(meeting, name) == inputs[name] for name in given):
                yield Unchanged(given[0], _("nothing would change: this is what stands already"))
            yield from wrong_share(meeting, inputs)

    def prepare(self, attempt: Attempt) -> dict[str, Any]:
        found, meeting = dict(attempt.inputs), attempt.request.meeting(attempt.inputs.get("meeting"))
        if meeting is not None:
            found["was"] = {name: getattr(meeting, name) for name in FIGURES if name in found}
        return found

    def apply(self, request: Request, entry: Entry) -> None:
        meeting = request.meeting(entry.data["meeting"])
        if meeting is not None:
            put_right(meeting, entry)


def wrong_share(meeting: Meeting, given: Mapping[str, Any]) -> Iterator[FieldError]:
    """What is wrong with the figures of a meeting as they would then stand together."""
    attended, managers = given.get("attended", meeting.attended), given.get("managers", meeting.managers)
    if attended is not None and managers is not None and managers > attended:
        yield FieldError("managers", _("at most as many managers as people attending, {n}", n=attended))


def put_right(meeting: Meeting, entry: Entry) -> None:
    """Gives a meeting held the figures of an entry; one whose holding was undone since has none."""
    if meeting.status == HELD:
        for name in FIGURES:
            if name in entry.data:
                setattr(meeting, name, entry.data[name])


class HoldActivity(Hold):
    """Holds an activity: how many had registered and which services came are told of it, beside who attended."""

    def apply(self, request: Request, entry: Entry) -> None:
        super().apply(request, entry)
        request.form.update({n: entry.data[n] for n in ("registered", "services") if n in entry.data})


class Move(_OfMeeting):
    """Moves a planned meeting to another slot; what is not given stays."""

    moves_meeting = True

    def idle(self, request: Request, event: Event, inputs: Mapping[str, Any], note: str | None) -> Iterator[FieldError]:
        meeting = self.about(request, event, inputs)
        moved = {name: value for name, value in inputs.items() if name != "meeting"}
        if meeting is not None and meeting.status == PLANNED and all(_same(meeting, *one) for one in moved.items()):
            if "agreed" in moved:
                yield Unchanged("agreed", _("nothing would change: this is what stands already"))
            else:
                yield Unchanged("at", _("nothing would change: the meeting is there already"))

    def prepare(self, attempt: Attempt) -> dict[str, Any]:
        """The entry says what changes, and not what the meeting keeps."""
        found = super().prepare(attempt)
        meeting = attempt.request.meeting(found.get("meeting"))
        if meeting is None:
            return found
        changed = {name: value for name, value in found.items() if not _same(meeting, name, value)}
        # Elsewhere, where it was to be no longer says where to go.
        left = [name for name in _THERE if name not in changed and getattr(meeting, name) is not None]
        if "place" not in changed or not left:
            return changed
        return {**changed, "left": left}

    def done(self, event: Event, data: Mapping[str, Any]) -> str:
        if "agreed" in data and not any(name in data for name in (*_WHERE, "staff")):
            return _("Agreement recorded") if data["agreed"] else _("Agreement withdrawn")
        if not any(name in data for name in (*_WHERE, "staff")) and any(name in data for name in _THERE):
            return _("Where the meeting is, recorded")
        return super().done(event, data)

    def apply(self, request: Request, entry: Entry) -> None:
        meeting = request.meeting(entry.data["meeting"])
        if meeting is None:
            return
        placed = {**dict.fromkeys(entry.data.get("left", ())), **placed_of(entry)}
        for name in (*_WHERE, *_THERE, "agreed", "staff"):
            if name in placed:
                setattr(meeting, name, placed[name])
        if any(name in entry.data for name in _WHERE):
            meeting.planned_at, meeting.waived = entry.occurred_at, list(entry.data.get("waived", ()))


_WHERE = ("at", "duration", "place")  # what makes another slot of a meeting
_THERE = ("address", "department")  # what else is told of its place


def _same(meeting: Meeting, name: str, value: Any) -> bool:
    stands = getattr(meeting, name, None)
    return set(stands) == set(value) if name == "staff" and stands is not None else bool(stands == value)


class AssignStaff(_OfMeeting):
    needs = ("staff",)

    def idle(self, request: Request, event: Event, inputs: Mapping[str, Any], note: str | None) -> Iterator[FieldError]:
        meeting = request.meeting(inputs.get("meeting"))
        if meeting is not None and meeting.status == PLANNED and _same(meeting, "staff", inputs.get("staff", ())):
            yield Unchanged("staff", _("nothing would change: they take the meeting already"))

    def apply(self, request: Request, entry: Entry) -> None:
        meeting = request.meeting(entry.data["meeting"])
        if meeting:
            meeting.staff = list(entry.data["staff"])


class CancelMeeting(_OfMeeting):
    cancels_meeting = True
    changes = ("meetings",)

    def interview_after(self, attempt: Attempt) -> bool:
        return any(m.kind == "interview" and m is not attempt.named_meeting for m in attempt.request.planned())

    def apply(self, request: Request, entry: Entry) -> None:
        meeting = request.meeting(entry.data["meeting"])
        if meeting:
            meeting.status, meeting.settled_at = CANCELLED, entry.occurred_at
