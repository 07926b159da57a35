"""A meeting as the lab sees it: the slot it takes, and what it asks for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from attrs import frozen

from states.declaration.tables import ACTIVITY
from states.declaration.types import end_of

if TYPE_CHECKING:
    from states.requests.request import Meeting, Request


@frozen
class Slot:
    """Where, when, for how long (minutes) and with whom; `planned_at` is when it was, or is being, planned."""

    at: str
    duration: int
    place: str
    staff: tuple[str, ...]
    planned_at: str
    waived: frozenset[str] = frozenset()

    @cached_property
    def end(self) -> str:
        return end_of(self.at, self.duration)

    @classmethod
    def of(cls, meeting: Meeting) -> Slot:
        """The slot of a meeting as it was planned."""
        return cls(
            meeting.at,
            meeting.duration,
            meeting.place,
            tuple(meeting.staff),
            meeting.planned_at,
            frozenset(meeting.waived),
        )


@frozen
class Planned:
    """A meeting of some request, as the lab sees it: what falls, what another slot may clash with.

    `at` an instant, `duration` in minutes.
    """

    ref: str
    id: str
    kind: str
    at: str
    duration: int
    place: str
    staff: tuple[str, ...] = ()
    planned_at: str = ""
    waived: frozenset[str] = frozenset()
    skill: str | None = None  # asked for
    tier: str | None = None
    declaration: str = ""  # the version that its request obeys, by digest
    facilitation: str | None = None
    agreed: bool | None = None

    @property
    def name(self) -> str:
        """What commands call it: `2026-0012/work-2`; an activity is its one meeting."""
        return self.ref if self.kind == ACTIVITY else f"{self.ref}/{self.id}"

    @property
    def hosted(self) -> bool:
        """Whether it is the session of an autonomous request, which only uses the space: nobody is owed to it."""
        return self.kind == "session" and self.tier is None

    @cached_property
    def end(self) -> str:
        return end_of(self.at, self.duration)

    @property
    def slot(self) -> Slot:
        return Slot(self.at, self.duration, self.place, self.staff, self.planned_at, self.waived)


def planned(request: Request, meeting: Meeting) -> Planned:
    """A meeting of a request with what it needs; one held, when and as long as it was."""
    return Planned(
        ref=request.ref,
        id=meeting.id,
        kind=meeting.kind,
        at=meeting.begins_at,
        duration=meeting.duration,
        place=meeting.place,
        staff=tuple(meeting.staff),
        planned_at=meeting.planned_at,
        waived=frozenset(meeting.waived),
        skill=meeting.skill,
        tier=request.tier,
        declaration=request.declaration,
        facilitation=meeting.facilitation,
        agreed=meeting.agreed,
    )
