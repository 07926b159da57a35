"""What events do, as named effects the declaration binds to.

To add one: write the class here or in `effects_of_meetings`, add its line to EFFECTS, name it in the declaration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from states.declaration.headcounts import in_words
from states.declaration.types import local
from states.errors import FieldError, Unchanged
from states.language import _
from states.lifecycle import effects_of_meetings as of_meetings
from states.lifecycle.effect import Effect, placed_of
from states.requests.entry import last_to_undo
from states.requests.request import HELD, PLANNED, Meeting, Record, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from states.declaration.model import Declaration, Edge
    from states.declaration.tables import Event
    from states.lifecycle.attempt import Attempt
    from states.requests.entry import Entry


class Create(Effect):
    creates = True

    def begin(self, entry: Entry) -> Request:
        return Request(
            ref=entry.stream,
            declaration=entry.declaration,
            state=entry.to,
            submitted_at=entry.occurred_at,
            form=placed_of(entry),
        )


class Accept(Effect):
    changes = ("accepted",)

    def apply(self, request: Request, entry: Entry) -> None:
        request.accepted = True


class Amend(Effect):
    changes = ("form",)

    def idle(self, request: Request, event: Event, inputs: Mapping[str, Any], note: str | None) -> Iterator[FieldError]:
        # An answer may change no field: it is then the note. A private value cannot be compared without the vault.
        answered = event.moves and bool(note)
        if not answered and all(request.form.get(name) == value for name, value in inputs.items()):
            yield nothing_changes(inputs)

    def apply(self, request: Request, entry: Entry) -> None:
        request.form.update(placed_of(entry))


class AmendActivity(Amend):
    """What is told of an activity and, once it was held, its start and its figures: both values stay in the history."""

    def idle(self, request: Request, event: Event, inputs: Mapping[str, Any], note: str | None) -> Iterator[FieldError]:
        held = _held(request)
        figures = {name: value for name, value in inputs.items() if name in of_meetings.FIGURES}
        if not inputs or all(
            (getattr(held, name, None) if name in figures else request.form.get(name)) == value
            for name, value in inputs.items()
        ):
            yield nothing_changes(inputs)
        elif held:
            yield from of_meetings.wrong_share(held, figures)

    def prepare(self, attempt: Attempt) -> dict[str, Any]:
        data, held = dict(attempt.inputs), _held(attempt.request)
        figures = [name for name in data if name in of_meetings.FIGURES]
        if held and figures:
            data |= {"meeting": held.id, "was": {name: getattr(held, name) for name in figures}}
        return data

    def apply(self, request: Request, entry: Entry) -> None:
        mine = ("meeting", "was", *of_meetings.FIGURES)
        request.form.update({name: value for name, value in placed_of(entry).items() if name not in mine})
        if held := request.meeting(entry.data.get("meeting")):
            of_meetings.put_right(held, entry)


def _held(request: Request) -> Meeting | None:
    return next((meeting for meeting in request.meetings if meeting.status == HELD), None)


class AssignTier(Effect):
    needs = weighs = ("tier",)
    counts = True
    changes = ("tier",)

    def apply(self, request: Request, entry: Entry) -> None:
        request.tier = entry.data["tier"]


class ChangeTier(Effect):
    """Another tier: the validation falls if only the new tier needs one; derogations not used lapse."""

    needs = weighs = ("tier",)
    counts = True
    changes = ("tier",)

    def idle(self, request: Request, event: Event, inputs: Mapping[str, Any], note: str | None) -> Iterator[FieldError]:
        if inputs.get("tier") and inputs["tier"] == request.tier:
            yield Unchanged("tier", _("expected another tier: this is the present one"))

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
    needs = weighs = ("basis",)
    changes = ("validated",)

    def stands(self, request: Request, event: Event) -> bool:
        return request.validated is not None

    def apply(self, request: Request, entry: Entry) -> None:
        request.validated, request.ratified, request.refused = entry.data["basis"], False, False


class Comment(Effect):
    note_is_content = True

    @staticmethod
    def of_committee(data: Mapping[str, Any]) -> bool:
        """Whether what an entry says was said in a comité de projet."""
        return bool(data.get("committee"))

    @staticmethod
    def who_came(declaration: Declaration, entry: Entry) -> str:
        """Who came to that comité de projet, by role or function, in words; empty when it was not said."""
        if "participants" not in entry.data:
            return ""
        key, _required = declaration.keys_of(declaration.events[entry.event])["participants"]
        return in_words(entry.data["participants"], lambda code: declaration.label(key.codes or "", code))


def nothing_changes(inputs: Mapping[str, Any]) -> FieldError:
    """The error of inputs that are what already stands; without any, that something is to be given."""
    if not inputs:
        return FieldError("set", _("nothing was given: say what changes"))
    return Unchanged(next(iter(inputs)), _("nothing would change: this is what stands already"))


class Keep(Effect):
    """Keeps the entry among the request's records."""

    changes: tuple[str, ...] = ("records",)
    records = True

    def idle(self, request: Request, event: Event, inputs: Mapping[str, Any], note: str | None) -> Iterator[FieldError]:
        if not inputs:
            yield FieldError("set", _("nothing was given: an empty entry records nothing"))

    def apply(self, request: Request, entry: Entry) -> None:
        request.records.append(Record(entry.seq, entry.event, entry.occurred_at, dict(entry.data)))


class Explain(Keep):
    needs = ("kind",)
    records = False

    @staticmethod
    def meant(given: Mapping[str, Any], deadlines: Iterable[Any], at: str, zone: ZoneInfo) -> list[Any]:
        """The deadlines past their moment by `at` that an explanation may be of; the last is the one it is of."""
        late = [d for d in deadlines if d.kind == given["kind"] and d.status in ("open", "missed") and d.due_at]
        late = sorted((d for d in late if d.due_at <= at), key=lambda d: d.due_at)
        due = given.get("due")
        return [d for d in late if not due or local(d.due_at, zone).date().isoformat() == due]


class Ratify(Keep):
    needs = weighs = ("decision",)
    changes = ("records", "validated")

    def idle(self, request: Request, event: Event, inputs: Mapping[str, Any], note: str | None) -> Iterator[FieldError]:
        if inputs.get("decision") == "refuse" and not note:
            yield FieldError("note", _("a note is required here: say why, with --note"))
        elif seq := self._standing(request, inputs):
            yield FieldError("decision", _("nothing would change: entry {seq} says so already", seq=seq))

    def _standing(self, request: Request, inputs: Mapping[str, Any]) -> int:
        """The entry by which the decision is taken already; 0 when none is. Put off again, it is at another review."""
        given, decided = inputs.get("decision"), [r for r in request.records if "decision" in r.data]
        if given == "ratify" and request.ratified:
            return next((r.seq for r in reversed(decided) if r.data["decision"] == given), 0)
        last = decided[-1] if decided else None
        if last is None or last.data["decision"] != given or given == "ratify":
            return 0
        same = request.refused if given == "refuse" else last.data.get("review") == inputs.get("review")
        return last.seq if same else 0

    def changing(self, inputs: Mapping[str, Any]) -> tuple[str, ...]:
        return self.changes if inputs.get("decision") == "refuse" else ("records",)

    def prepare(self, attempt: Attempt) -> dict[str, Any]:
        data = dict(attempt.inputs)
        return {**data, "ends_validation": True} if data.get("decision") == "refuse" else data

    def apply(self, request: Request, entry: Entry) -> None:
        super().apply(request, entry)
        request.ratified = request.ratified or entry.data["decision"] == "ratify"
        if entry.data["decision"] == "refuse":
            request.validated, request.ratified = None, False
            # Entries of before that rule do not say it, and end nothing more when they are replayed.
            request.refused = bool(entry.data.get("ends_validation"))


class CompleteTask(Effect):
    needs = ("task", "done")
    changes = ("tasks",)

    def idle(self, request: Request, event: Event, inputs: Mapping[str, Any], note: str | None) -> Iterator[FieldError]:
        if request.tasks.get(inputs["task"], False) == inputs["done"]:
            yield nothing_changes(inputs)

    def apply(self, request: Request, entry: Entry) -> None:
        request.tasks[entry.data["task"]] = entry.data["done"]


class Resume(Effect):
    """Back to the state the request came from."""

    goes_back = True

    def target(self, attempt: Attempt, edge: Edge) -> str:
        return attempt.request.before.get(attempt.request.state, "")

    def interview_after(self, attempt: Attempt) -> bool:
        planned = attempt.request.next_planned("interview") is not None
        return planned or any(id.startswith("interview-") for id in attempt.data.get("restored", ()))


class Reopen(Resume):
    """Brings back the meetings the ending cancelled, where their slot is still valid; the others stay cancelled."""

    reads = ("entries", "cancelled_by_end", "invalid_slots")
    reverts = True
    changes = ("meetings",)

    def prepare(self, attempt: Attempt) -> dict[str, Any]:
        ended = attempt.facts.get("cancelled_by_end", ())
        invalid = {id for id, _why in attempt.facts.get("invalid_slots", ())}
        found = {**attempt.inputs, "restored": [id for id in ended if id not in invalid]}
        return {**found, "left_cancelled": [id for id in ended if id in invalid]} if invalid else found

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
        seq = attempt.inputs.get("seq") or last_to_undo(attempt.declaration, attempt.facts.get("entries", ()))
        found: dict[str, Any] = {"corrects": seq}
        if attempt.inputs.get("release"):
            stand = {meeting.id for meeting in attempt.request.planned()}  # what was never cancelled is not left so
            found["released"] = [id for id, _why in attempt.facts.get("invalid_slots", ()) if id not in stand]
        return found

    def target(self, attempt: Attempt, edge: Edge) -> str:
        undone: Request | None = attempt.facts.get("undone")
        return undone.state if undone else edge.source

    def interview_after(self, attempt: Attempt) -> bool:
        undone, released = attempt.facts.get("undone") or attempt.request, attempt.data.get("released", ())
        return any(m.kind == "interview" and m.id not in released for m in undone.planned())

    def form_after(self, attempt: Attempt) -> Mapping[str, Any]:
        undone: Request | None = attempt.facts.get("undone")
        return (undone or attempt.request).form


EFFECTS: dict[str, Effect] = {
    "create": Create(),
    "convene": of_meetings.Convene(),
    "move": Effect(),
    "accept": Accept(),
    "amend": Amend(),
    "amend_activity": AmendActivity(),
    "plan": of_meetings.Plan(),
    "hold": of_meetings.Hold(),
    "hold_activity": of_meetings.HoldActivity(),
    "move_meeting": of_meetings.Move(),
    "assign_staff": of_meetings.AssignStaff(),
    "amend_meeting": of_meetings.AmendMeeting(),
    "cancel_meeting": of_meetings.CancelMeeting(),
    "assign_tier": AssignTier(),
    "change_tier": ChangeTier(),
    "derogate": Derogate(),
    "validate": Validate(),
    "ratify": Ratify(),
    "record": Keep(),
    "explain": Explain(),
    "comment": Comment(),
    "task": CompleteTask(),
    "resume": Resume(),
    "reopen": Reopen(),
    "correct": Correct(),
}


def effect_of(event: Event) -> Effect:
    """What an event does."""
    return EFFECTS[event.effect]


def event_with(declaration: Declaration, effect: type[Effect]) -> str | None:
    """The code of the first event of a lifecycle that has an effect; None where no event has it."""
    return next((code for code, event in declaration.events.items() if isinstance(effect_of(event), effect)), None)
