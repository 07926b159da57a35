"""A request as its history makes it: the entries, and the state they fold into.

`Request` is derived: `fold` adds one entry, `replay` starts again from all of them. The store keeps the folded
request beside the history so that an event reads one row; `coop db rebuild` and a test prove both are the same.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
from attrs import Factory, define, frozen

from states.declaration.model import ACTIVITY, KINDS_OF_MEETING, Declaration

PLANNED, HELD, CANCELLED = "planned", "held", "cancelled"


@frozen
class Entry:
    """One line of a history, as stored. Private values in `data` are `{"vault": digest}`; instants are stored text."""

    stream: str
    seq: int
    event: str
    source: str | None
    to: str
    actor: str
    role: str
    entered_by: str
    on_behalf: bool
    occurred_at: str
    recorded_at: str
    data: Mapping[str, Any]
    note_digest: str | None
    declaration: str
    previous: str
    digest: str = ""


@define
class Meeting:
    """A meeting of a request; its id is its kind and its number in order of planning."""

    id: str
    kind: str
    status: str
    at: str  # instant
    duration: int  # minutes
    place: str
    staff: list[str]
    planned_at: str  # when the plan, or the last move, occurred: what `slot_in_past` is judged by
    waived: list[str] = Factory(list)
    agreed: bool | None = None
    address: Any = None
    facilitation: str | None = None
    skill: str | None = None
    started_at: str | None = None
    settled_at: str | None = None  # when it was recorded as held or cancelled
    expected: int | None = None
    attended: int | None = None
    managers: int | None = None

    def slot(self) -> tuple[str, int, str]:
        return self.at, self.duration, self.place


@define
class Stay:
    """A time spent in a state.

    `marks` are the entries that move an `activity` deadline: when, and the last moment planned ahead.
    """

    state: str
    seq: int
    since: str
    days: int | None = (
        None  # the working days its deadline had when it began: a later declaration changes no running one
    )
    until: str | None = None
    left_to: str | None = None
    marks: list[list[str | None]] = Factory(list)


@define
class Record:
    """A deliverable, a satisfaction, an effort, a follow-up, an explained deadline or a decision of the committee."""

    seq: int
    event: str
    at: str
    data: dict[str, Any]


@define
class Request:
    """What the effective entries of one stream add up to."""

    ref: str
    declaration: str
    state: str
    submitted_at: str
    form: dict[str, Any]
    seq: int = 0
    head: str = ""
    recorded_at: str = ""  # when its last entry was
    tier: str | None = None
    accepted: bool = False
    validated: str | None = None  # the basis, once validated
    ratified: bool = False  # whether the committee has ratified that validation
    extra: int = 0  # meetings granted beyond the tier's cap
    before: dict[str, str] = Factory(dict)  # final state, or the suspension -> the state it came from
    meetings: list[Meeting] = Factory(list)
    numbers: dict[str, int] = Factory(dict)  # kind -> last number given, struck entries included
    waivers: list[dict[str, Any]] = Factory(list)
    records: list[Record] = Factory(list)
    tasks: dict[str, bool] = Factory(dict)
    stays: list[Stay] = Factory(list)
    last_at: str = ""  # when the last effective entry that `correct` undoes in turn occurred
    last_seq: int = 0  # its number; 0 when none is left

    @property
    def kind(self) -> str:
        kind: str = self.form["kind"]
        return kind

    @property
    def accompanied(self) -> bool:
        return self.kind == "accompanied"

    def meeting(self, id: str | None) -> Meeting | None:
        return next((m for m in self.meetings if m.id == id), None)

    def of_kind(self, kind: str, *statuses: str) -> list[Meeting]:
        """The meetings of a kind with one of these statuses, in order of planning."""
        return [m for m in self.meetings if m.kind == kind and m.status in statuses]

    def planned(self) -> list[Meeting]:
        return [m for m in self.meetings if m.status == PLANNED]

    def next_planned(self, kind: str) -> Meeting | None:
        """The earliest planned meeting of a kind."""
        return min(self.of_kind(kind, PLANNED), key=lambda m: m.at, default=None)

    def counted(self) -> int:
        """Work meetings that count against the cap: planned and held."""
        return len(self.of_kind("work", PLANNED, HELD))

    def cap(self, declaration: Declaration) -> int | None:
        """The tier's cap of work meetings with what was granted beyond it; None before a tier is assigned."""
        return declaration.tiers[self.tier].work.max + self.extra if self.tier else None

    def needs_validation(self, declaration: Declaration) -> bool:
        return bool(self.tier) and declaration.tiers[self.tier or ""].validation != "none"

    def awaits(self, declaration: Declaration) -> str | None:
        """The decision of a project it waits for: `validate`; `ratify`, of a validation by delegation; none."""
        if not self.needs_validation(declaration):
            return None
        if self.validated is None:
            return None if declaration.is_final(self.state) else "validate"
        pending = self.validated == "delegation" and not self.ratified
        return "ratify" if pending and self.state in declaration.ratifying else None

    def document(self) -> dict[str, Any]:
        """The request as JSON values, as the store keeps it."""
        found = {name: getattr(self, name) for name in _NAMES}
        for name, names in _PARTS:
            found[name] = [{n: getattr(part, n) for n in names} for part in found[name]]
        return found

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Request:
        """The request of a stored document, which it takes over."""
        document["meetings"] = [Meeting(**part) for part in document["meetings"]]
        document["records"] = [Record(**part) for part in document["records"]]
        document["stays"] = [Stay(**part) for part in document["stays"]]
        return cls(**document)

    def copy(self) -> Request:
        return copy.deepcopy(self)


_NAMES = tuple(a.name for a in attrs.fields(Request))
_PARTS = tuple(
    (name, tuple(a.name for a in attrs.fields(cls)))
    for name, cls in (("meetings", Meeting), ("records", Record), ("stays", Stay))
)


def struck(entries: Iterable[Entry]) -> dict[int, int]:
    """The entries that were corrected: their number -> the number of the correction."""
    return {entry.data["corrects"]: entry.seq for entry in entries if "corrects" in entry.data}


def fold(declaration: Declaration, request: Request | None, entry: Entry) -> Request:
    """The request after one more effective entry (changed in place). A correction is not folded: replay instead."""
    from states.lifecycle.effects import EFFECTS

    event = declaration.events[entry.event]
    effect = EFFECTS[event.effect]
    if request is None:
        request = effect.begin(entry)
    effect.apply(request, entry)
    for rule in entry.data.get("waived", ()):
        request.waivers.append({"seq": entry.seq, "rule": rule})
    for id in entry.data.get("cancelled", ()):
        _settle(request, id, CANCELLED, entry.occurred_at)
    if event.undo == "in_turn" or event.creates:
        _arrive(request, entry, declaration)
    _mark(request, entry, declaration)
    _end(request, entry)
    return request


def _end(request: Request, entry: Entry) -> None:
    request.seq, request.head, request.recorded_at = entry.seq, entry.digest, entry.recorded_at


def _settle(request: Request, id: str, status: str, at: str) -> None:
    meeting = request.meeting(id)
    if meeting:
        meeting.status, meeting.settled_at = status, at


def _arrive(request: Request, entry: Entry, declaration: Declaration) -> None:
    """Sets the state and closes the stay in the last one. Only entries undone in turn do: no other sets the state."""
    request.last_at = entry.occurred_at
    if entry.source is not None:
        request.last_seq = entry.seq
    stay = request.stays[-1] if request.stays else None
    if stay is None or stay.state != entry.to:
        if stay:
            stay.until, stay.left_to = entry.occurred_at, entry.to
        deadline = declaration.deadlines.get(entry.to)
        request.stays.append(Stay(entry.to, entry.seq, entry.occurred_at, deadline.days if deadline else None))
        # A request reopened to its suspension goes back, once resumed, to where it was first suspended from.
        if declaration.is_final(entry.to) or (
            entry.to == declaration.suspension and not declaration.is_final(request.state)
        ):
            request.before[entry.to] = request.state
    request.state = entry.to


def _mark(request: Request, entry: Entry, declaration: Declaration) -> None:
    deadline = declaration.deadlines.get(request.state)
    if deadline and deadline.anchor == "activity":
        ahead = max((m.at for m in request.meetings if m.status == PLANNED), default=None)
        request.stays[-1].marks.append([entry.occurred_at, ahead])


def replay(declaration: Declaration, entries: Iterable[Entry]) -> Request:
    """The request that a history makes.

    Struck entries and corrections leave nothing but the meeting numbers they used and the slots a correction released.
    """
    entries = list(entries)
    gone = struck(entries)
    request: Request | None = None
    for entry in entries:
        if "corrects" in entry.data:
            if request is not None:
                release(declaration, request, entry.data.get("released", ()), entry.occurred_at)
        elif entry.seq not in gone:
            request = fold(declaration, request, entry)
        elif request is not None:
            _use_number(request, entry)
    if request is None:
        raise ValueError("a history without its first entry")
    _end(request, entries[-1])
    return request


def release(declaration: Declaration, request: Request, ids: Sequence[str], at: str) -> None:
    """Leaves meetings that a correction would bring back cancelled; an interview among them is then to be planned."""
    for id in ids:
        _settle(request, id, CANCELLED, at)
    interviewing, fallback = declaration.interviewing
    if ids and request.state == interviewing and request.next_planned("interview") is None:
        request.state = fallback
        request.stays[-1].state = fallback


def _use_number(request: Request, entry: Entry) -> None:
    # Meeting numbers are never used again, not even those of a plan that was struck.
    kind, _dash, number = str(entry.data.get("meeting", "")).partition("-")
    if kind in (*KINDS_OF_MEETING, ACTIVITY) and number.isdigit():
        request.numbers[kind] = max(request.numbers.get(kind, 0), int(number))
