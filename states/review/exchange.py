"""What the lab and those who host it give each other (usage charter): days swapped, meetings where others agreed to."""

from __future__ import annotations

from datetime import date

from states.declaration.model import Declaration
from states.declaration.types import local
from states.review.dataset import Scope
from states.review.figures import Figure, Item, count
from states.review.semesters import midnight


def exchange(scope: Scope) -> dict[str, Figure]:
    """Days and meetings up to the moment known at: none of these figures counts persons."""
    gained = [(swap, entry) for swap, entry in scope.sources.swaps if _passed(scope, swap.gained)]
    given = [(swap, entry) for swap, entry in scope.sources.swaps if _passed(scope, swap.given)]
    hosted = [held for held in (*scope.held, *scope.activities) if _asks(held.story.declaration, held.meeting.place)]
    used = _used(scope)
    return {
        "days_gained": count(Item.of(entry, day=swap.gained.isoformat()) for swap, entry in gained),
        "days_gained_used": count(
            Item.of(entry, day=swap.gained.isoformat()) for swap, entry in gained if (swap.place, swap.gained) in used
        ),
        "days_given": count(Item.of(entry, day=swap.given.isoformat()) for swap, entry in given),
        "held_agreed": count(Item.of(h.entry, meeting=h.meeting.id) for h in hosted if h.meeting.agreed),
        "held_not_agreed": count(Item.of(h.entry, meeting=h.meeting.id) for h in hosted if not h.meeting.agreed),
    }


def _passed(scope: Scope, day: date) -> bool:
    return scope.period.first <= day <= scope.period.last and midnight(scope.declaration, day) < scope.limit


def _asks(declaration: Declaration, code: str) -> bool:
    place = declaration.places.get(code)
    return place is not None and place.by_agreement


def _used(scope: Scope) -> set[tuple[str, date]]:
    """The places in which something was held, each day."""
    zone = scope.declaration.lab.tz
    return {(h.meeting.place, local(h.meeting.begins_at, zone).date()) for h in (*scope.held, *scope.activities)}
