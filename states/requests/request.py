"""A request as its history makes it. The store keeps it beside the history so that an event reads one row."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs
from attrs import Factory, define

from states.errors import NotFound, did_you_mean
from states.language import _

if TYPE_CHECKING:
    from states.declaration.model import Declaration

PLANNED, HELD, CANCELLED = "planned", "held", "cancelled"


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
    department: str | None = None  # of a meeting outside the lab's places, once it is said
    facilitation: str | None = None
    skill: str | None = None
    started_at: str | None = None
    settled_at: str | None = None  # when it was recorded as held or cancelled
    expected: int | None = None
    attended: int | None = None
    managers: int | None = None

    def slot(self) -> tuple[str, int, str]:
        return self.at, self.duration, self.place

    @property
    def begins_at(self) -> str:
        """When it began, or is to begin."""
        return self.started_at or self.at

    def copy(self) -> Meeting:
        """As it is now, whatever becomes of it."""
        return Meeting(*_ALL_OF_IT(self))


Change = tuple[Meeting | None, Meeting | None]  # a meeting before and after; None where there was or is none


def changes(before: Mapping[str, Meeting], after: Mapping[str, Meeting]) -> dict[str, Change]:
    """The meetings that are not what they were, by their ids, in the order of planning."""
    pairs = {id: (before.get(id), after.get(id)) for id in dict.fromkeys((*before, *after))}
    return {id: (old, new) for id, (old, new) in pairs.items() if old != new}


_ALL_OF_IT = attrgetter(*(part.name for part in attrs.fields(Meeting)))  # a fifth of the time that `evolve` takes


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
    refused: bool = False  # by the committee: nothing more is planned until it validates itself
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

    @property
    def by_id(self) -> dict[str, Meeting]:
        """Its meetings, by their ids."""
        return {meeting.id: meeting for meeting in self.meetings}

    def meeting(self, id: str | None) -> Meeting | None:
        return next((m for m in self.meetings if m.id == id), None) if id else None

    def existing_meeting(self, id: str) -> Meeting:
        """The meeting of that id; NotFound (exit 4), with the nearest, where there is none."""
        meeting = self.meeting(id)
        if meeting is None:
            message = _("{ref} has no meeting “{id}”.", ref=self.ref, id=id)
            raise NotFound(message + did_you_mean(id, [m.id for m in self.meetings]))
        return meeting

    def of_kind(self, kind: str, *statuses: str) -> list[Meeting]:
        """The meetings of a kind with one of these statuses, in order of planning."""
        return [m for m in self.meetings if m.kind == kind and m.status in statuses]

    def planned(self) -> list[Meeting]:
        return [m for m in self.meetings if m.status == PLANNED]

    def next_planned(self, kind: str) -> Meeting | None:
        """The earliest planned meeting of a kind."""
        return min(self.of_kind(kind, PLANNED), key=lambda m: m.at, default=None)

    def settle(self, id: str, status: str, at: str) -> None:
        """Says what became of a meeting, if there is one of that id."""
        meeting = self.meeting(id)
        if meeting:
            meeting.status, meeting.settled_at = status, at

    def counted(self) -> int:
        """Work meetings that count against the cap: planned and held."""
        return len(self.of_kind("work", PLANNED, HELD))

    def cap(self, declaration: Declaration) -> int | None:
        """The tier's cap of work meetings with what was granted beyond it; None before a tier is assigned."""
        return declaration.tiers[self.tier].work.max + self.extra if self.tier else None

    def excess(self, declaration: Declaration) -> int:
        """Work meetings planned and held beyond the cap."""
        cap = self.cap(declaration)
        return 0 if cap is None else max(0, self.counted() - cap)

    def needs_validation(self, declaration: Declaration) -> bool:
        return bool(self.tier) and declaration.tiers[self.tier or ""].validation != "none"

    def document(self) -> dict[str, Any]:
        """The request as JSON values, as the store keeps it: what is as it begins is left out."""
        found = {name: value for name, value in zip(_NAMES, _VALUES(self), strict=True) if value or name in _NEEDED}
        for name, (_make, values_of, names) in _PARTS.items():
            if name in found:
                found[name] = [
                    {n: v for (n, begins), v in zip(names, values_of(part), strict=True) if v or v not in begins}
                    for part in found[name]
                ]
        return found

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Request:
        """The request of a stored document, which it takes over."""
        for name, (make, _values_of, _names) in _PARTS.items():
            if name in document:
                document[name] = [make(**part) for part in document[name]]
        return cls(**document)

    def copy(self) -> Request:
        return copy.deepcopy(self)


_NAMES = tuple(a.name for a in attrs.fields(Request))
_NEEDED = {a.name for a in attrs.fields(Request) if a.default is attrs.NOTHING}
_VALUES = attrgetter(*_NAMES)
# What a request is made of: the class, what reads its values, and their names, each with what it may begin as.
_PARTS: dict[str, tuple[Any, Any, list[tuple[str, Any]]]] = {
    name: (
        make,
        attrgetter(*(a.name for a in attrs.fields(make))),
        [(a.name, () if a.default is attrs.NOTHING else (None, [])) for a in attrs.fields(make)],
    )
    for name, make in (("meetings", Meeting), ("records", Record), ("stays", Stay))
}
