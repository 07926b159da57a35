"""Forms made to order, and the usual way from one to each state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def form(**changes: Any) -> dict[str, Any]:
    """A form that is valid and eligible, somewhere no two meetings clash; None takes a field away."""
    found = {
        "title": "Un projet",
        "need": "Un besoin, dit simplement",
        "expected_outcome": "Une méthode à partager",
        "outcome_predefined": False,
        "collaborative_share": 60,
        "kind": "accompanied",
        "axis": "incubation",
        "requester": {"name": "Noa Témoin", "email": "noa.temoin@example.org"},
        "service": "draio",
        "department": "34",
        "place": "hors_les_murs",
        **changes,
    }
    return {name: value for name, value in found.items() if value is not None}


# How a request comes to each state: the state it comes from, and the events that follow.
_WAYS: Mapping[str, tuple[str | None, tuple[str, ...]]] = {
    "received": (None, ()),
    "info_requested": ("received", ("request_info",)),
    "prequalified": ("received", ("prequalify",)),
    "interview_planned": ("prequalified", ("plan_interview",)),
    "qualified": ("interview_planned", ("hold_interview",)),
    "tier_assigned": ("qualified", ("assign_tier",)),
    "working": ("tier_assigned", ("validate", "plan_meeting")),
    "hosted": ("prequalified", ("accept_autonomous",)),
    "session_held": ("working", ("hold_meeting", "plan_session", "hold_session")),
    "debriefed": ("session_held", ("plan_debrief", "hold_debrief")),
    "closed": ("debriefed", ("record_deliverable", "close")),
    "suspended": ("received", ("suspend",)),
    "declined": ("received", ("decline",)),
    "withdrawn": ("received", ("withdraw",)),
    "cancelled": ("prequalified", ("cancel",)),
}
_ALONE: Mapping[str, tuple[str | None, tuple[str, ...]]] = {  # what is otherwise for an autonomous request
    "session_held": ("hosted", ("plan_session", "hold_session")),
    "closed": ("session_held", ("close",)),
}
GIVEN: Mapping[str, Mapping[str, Any]] = {
    "validate": {"basis": "delegation"},
    "record_deliverable": {"title": "Une méthode", "type": "method"},
    "decline": {"reason": "no_capacity", "orientation": "Le laboratoire voisin"},
    "cancel": {"reason": "no_space"},
}
KINDS = {"hold_interview": "interview", "hold_meeting": "work", "hold_session": "session", "hold_debrief": "debrief"}
NOTE = "parce que"


def way_to(state: str, after: str | None, *, accompanied: bool) -> list[str]:
    """The events that lead from the reception to a state."""
    ways = _WAYS if accompanied else {**_WAYS, **_ALONE}
    came_from, events = ways[state]
    found = list(events)
    came_from = after or came_from
    while came_from is not None:
        came_from, events = ways[came_from]
        found = [*events, *found]
    return found
