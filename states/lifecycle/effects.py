"""What events do, as named effects the declaration binds to.

Each effect has two halves: `prepare` turns what was given into the entry's data (defaults filled in, nothing
changed), and `apply` folds a stored entry into the request. An effect that can lead to several states chooses in
`target`. To add one: write the class, add its line to EFFECTS, name it in the declaration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from states.requests.request import CANCELLED, HELD, PLANNED, Meeting, Record, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from states.declaration.model import Edge
    from states.lifecycle.attempt import Attempt
    from states.requests.entry import Entry


class Effect:
    """An effect that keeps what was given and changes nothing but the state.

    What is to be known of an effect stands on it, here with what is so of most.
    """

    needs: tuple[str, ...] = ()  # the keys its event must have, required or with a default
    reads: tuple[str, ...] = ()  # the facts the engine fetches for it
    creates = False  # a history begins with it
    makes_meeting = False
    of_a_meeting = False  # it is about a planned meeting: the one named, else the earliest of the event's kind
    holds_meeting = False
    counts = False  # it changes what `correct` brings back only if it is undone in turn
    goes_back = False  # it leads where the request has been before
    reverts = False  # it may leave a final state
    changes: tuple[str, ...] = ()  # what it changes of the request, in the words of `states.verification.situations`

    def prepare(self, attempt: Attempt) -> dict[str, Any]:
        """The entry's data. Never refuses: guards do."""
        return dict(attempt.inputs)

    def target(self, attempt: Attempt, edge: Edge) -> str:
        """The state this leads to, one of the edge's targets."""
        return edge.targets[0]

    def form_after(self, attempt: Attempt) -> Mapping[str, Any]:
        """What the form, or what is told of an activity, would say once this is done."""
        return {**attempt.request.form, **attempt.data}

    def begin(self, entry: Entry) -> Request:
        raise ValueError(f"a history begins with a creation, not with {entry.event}")

    def apply(self, request: Request, entry: Entry) -> None:
        """Folds the entry into the request."""


class Create(Effect):
    creates = True

    def begin(self, entry: Entry) -> Request:
        return Request(
            ref=entry.stream,
            declaration=entry.declaration,
            state=entry.to,
            submitted_at=entry.occurred_at,
            form=_placed(entry),
        )


def _placed(entry: Entry) -> dict[str, Any]:
    """The form fields of an entry; a private one also says in which entry it stands, so that it can be found."""
    return {
        name: {**value, "seq": entry.seq} if isinstance(value, dict) else value for name, value in entry.data.items()
    }


class Accept(Effect):
    changes = ("accepted",)

    def apply(self, request: Request, entry: Entry) -> None:
        request.accepted = True


class Amend(Effect):
    changes = ("form",)

    def apply(self, request: Request, entry: Entry) -> None:
        request.form.update(_placed(entry))


class Plan(Effect):
    needs: tuple[str, ...] = ("at",)
    makes_meeting = counts = True
    changes = ("meetings",)

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
        data, placed = entry.data, _placed(entry)
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
                **{name: placed[name] for name in ("agreed", "address", "facilitation", "skill") if name in placed},
            )
        )


class Convene(Plan):
    """Begins an activity: what is told of it, and the one meeting that it is."""

    needs = ("title", "type", "axis", "at", "place")
    creates = True
    counts = False

    def begin(self, entry: Entry) -> Request:
        told = {name: value for name, value in _placed(entry).items() if name not in _OF_THE_SLOT}
        return Request(entry.stream, entry.declaration, entry.to, entry.occurred_at, told)


_OF_THE_SLOT = ("meeting", "at", "duration", "address", "agreed", "staff", "waived")


class _OfMeeting(Effect):
    """An effect on a planned meeting: the one named, else the earliest planned of the event's kind."""

    of_a_meeting = counts = True

    def prepare(self, attempt: Attempt) -> dict[str, Any]:
        found = dict(attempt.inputs)
        if "meeting" not in found and attempt.event.meeting:
            earliest = attempt.request.next_planned(attempt.event.meeting)
            if earliest:
                found["meeting"] = earliest.id
        return found


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

    def apply(self, request: Request, entry: Entry) -> None:
        meeting = request.meeting(entry.data["meeting"])
        if meeting is None:
            return
        meeting.status, meeting.settled_at = HELD, entry.occurred_at
        for name in ("started_at", "duration", "expected", "attended", "managers"):
            if name in entry.data:
                setattr(meeting, name, entry.data[name])


class HoldActivity(Hold):
    """Holds an activity: how many had registered and which services came are told of it, beside who attended."""

    def apply(self, request: Request, entry: Entry) -> None:
        super().apply(request, entry)
        request.form.update({n: entry.data[n] for n in ("registered", "services") if n in entry.data})


class Move(_OfMeeting):
    """Moves a planned meeting to another slot; what is not given stays."""

    def apply(self, request: Request, entry: Entry) -> None:
        meeting = request.meeting(entry.data["meeting"])
        if meeting is None:
            return
        for name in ("at", "duration", "place", "agreed", "staff"):
            if name in entry.data:
                setattr(meeting, name, entry.data[name])
        meeting.planned_at, meeting.waived = entry.occurred_at, list(entry.data.get("waived", ()))


class AssignStaff(_OfMeeting):
    needs = ("staff",)

    def apply(self, request: Request, entry: Entry) -> None:
        meeting = request.meeting(entry.data["meeting"])
        if meeting:
            meeting.staff = list(entry.data["staff"])


class CancelMeeting(_OfMeeting):
    changes = ("meetings",)

    def target(self, attempt: Attempt, edge: Edge) -> str:
        meeting = attempt.named_meeting
        interviewing, fallback = attempt.declaration.interviewing
        falls = meeting is not None and meeting.kind == "interview" and attempt.request.state == interviewing
        return fallback if falls else edge.source

    def apply(self, request: Request, entry: Entry) -> None:
        meeting = request.meeting(entry.data["meeting"])
        if meeting:
            meeting.status, meeting.settled_at = CANCELLED, entry.occurred_at


class AssignTier(Effect):
    needs = ("tier",)
    counts = True
    changes = ("tier",)

    def apply(self, request: Request, entry: Entry) -> None:
        request.tier = entry.data["tier"]


class ChangeTier(Effect):
    """Another tier: the validation falls if only the new tier needs one; derogations not used lapse."""

    needs = ("tier",)
    counts = True
    changes = ("tier",)

    def prepare(self, attempt: Attempt) -> dict[str, Any]:
        tiers, request = attempt.declaration.tiers, attempt.request
        found = dict(attempt.inputs)
        old, new = tiers.get(request.tier or ""), tiers[found["tier"]] if "tier" in found else None
        if old and new:
            found["from_tier"] = request.tier
            found["validation_cleared"] = old.validation == "none" and new.validation != "none"
            found["extra"] = min(request.extra, max(0, request.counted() - new.work.max)) if new.derogation else 0
        return found

    def apply(self, request: Request, entry: Entry) -> None:
        request.tier, request.extra = entry.data["tier"], entry.data["extra"]
        if entry.data["validation_cleared"]:
            request.validated, request.ratified = None, False


class Derogate(Effect):
    needs = ("extra",)
    counts = True
    changes = ("extra",)

    def apply(self, request: Request, entry: Entry) -> None:
        request.extra += entry.data["extra"]


class Validate(Effect):
    needs = ("basis",)
    changes = ("validated",)

    def apply(self, request: Request, entry: Entry) -> None:
        request.validated, request.ratified = entry.data["basis"], False


class Keep(Effect):
    """Keeps the entry among the request's records."""

    changes: tuple[str, ...] = ("records",)

    def apply(self, request: Request, entry: Entry) -> None:
        request.records.append(Record(entry.seq, entry.event, entry.occurred_at, dict(entry.data)))


class Explain(Keep):
    needs = ("kind",)


class Ratify(Keep):
    needs = ("decision",)
    changes = ("records", "validated")

    def apply(self, request: Request, entry: Entry) -> None:
        super().apply(request, entry)
        request.ratified = request.ratified or entry.data["decision"] == "ratify"
        if entry.data["decision"] == "refuse":
            request.validated, request.ratified = None, False


class CompleteTask(Effect):
    needs = ("task", "done")
    changes = ("tasks",)

    def apply(self, request: Request, entry: Entry) -> None:
        request.tasks[entry.data["task"]] = entry.data["done"]


class Return(Effect):
    """Back to the state the request came from, or the one before when that waits for an interview no longer planned."""

    goes_back = True

    def target(self, attempt: Attempt, edge: Edge) -> str:
        back = attempt.request.before.get(attempt.request.state, "")
        restored = {id.partition("-")[0] for id in attempt.data.get("restored", ())}
        planned = "interview" in restored or attempt.request.next_planned("interview") is not None
        interviewing, fallback = attempt.declaration.interviewing
        return fallback if back == interviewing and not planned else back


class Reopen(Return):
    """Brings back the meetings the ending cancelled, where their slot is still valid; the others stay cancelled."""

    reads = ("entries", "cancelled_by_end", "invalid_slots")
    reverts = True
    changes = ("meetings",)

    def prepare(self, attempt: Attempt) -> dict[str, Any]:
        ended = attempt.facts.get("cancelled_by_end", ())
        invalid = {id for id, _why in attempt.facts.get("invalid_slots", ())}
        return {**attempt.inputs, "restored": [id for id in ended if id not in invalid]}

    def apply(self, request: Request, entry: Entry) -> None:
        for id in entry.data["restored"]:
            meeting = request.meeting(id)
            if meeting:
                meeting.status, meeting.settled_at = PLANNED, None


class Correct(Effect):
    """Undoes an entry: the request becomes what the history makes without it."""

    reads = ("entries", "undone")
    goes_back = reverts = True

    def prepare(self, attempt: Attempt) -> dict[str, Any]:
        seq = attempt.inputs.get("seq") or attempt.request.last_seq
        found: dict[str, Any] = {"corrects": seq}
        if attempt.inputs.get("release"):
            found["released"] = [id for id, _why in attempt.facts.get("invalid_slots", ())]
        return found

    def target(self, attempt: Attempt, edge: Edge) -> str:
        undone: Request | None = attempt.facts.get("undone")
        if undone is None:
            return edge.source
        after = undone.copy()
        after.release(attempt.declaration, attempt.data.get("released", ()), attempt.occurred_at)
        return after.state

    def form_after(self, attempt: Attempt) -> Mapping[str, Any]:
        undone: Request | None = attempt.facts.get("undone")
        return (undone or attempt.request).form


EFFECTS: dict[str, Effect] = {
    "create": Create(),
    "convene": Convene(),
    "move": Effect(),
    "accept": Accept(),
    "amend": Amend(),
    "plan": Plan(),
    "hold": Hold(),
    "hold_activity": HoldActivity(),
    "move_meeting": Move(),
    "assign_staff": AssignStaff(),
    "cancel_meeting": CancelMeeting(),
    "assign_tier": AssignTier(),
    "change_tier": ChangeTier(),
    "derogate": Derogate(),
    "validate": Validate(),
    "ratify": Ratify(),
    "record": Keep(),
    "explain": Explain(),
    "comment": Effect(),
    "task": CompleteTask(),
    "resume": Return(),
    "reopen": Reopen(),
    "correct": Correct(),
}
