"""Forms made to order, and the usual way from one to each state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from states.declaration.model import Declaration
from states.declaration.tables import Field
from states.forms.form import flattened
from states.verification.made_up import form_of


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


def form_for(declaration: Declaration, **changes: Any) -> dict[str, Any]:
    """The same for any declaration: a form that it receives and that is eligible, made of its own fields and codes."""
    kind = changes.get("kind") or next(iter(declaration.kinds))
    found: dict[str, Any] = {}
    meant = form_of(declaration, kind)
    for name, field in declaration.form.items():
        if field.required:
            found[name] = meant.get(name, _value(declaration, field))
    if "service" in found:
        found["service"] = _service(declaration, meant.get("family", ""))
    found |= flattened(changes)
    return {name: value for name, value in found.items() if value is not None}


def _service(declaration: Declaration, family: str) -> str:
    """A service of a family, of which no other is asked."""
    services = declaration.services.items()
    ours = [code for code, service in services if not service.asks_family]
    return next((code for code in ours if not family or declaration.services[code].family == family), ours[0])


def _value(declaration: Declaration, field: Field) -> Any:
    """What fits a field of a form, whatever it is."""
    if field.codes:
        return next(iter(declaration.vocabulary(field.codes)))
    return {
        "bool": False,
        "integer": field.min or 0,
        "percent": field.min or 0,
        "decimal": str(field.min or 0),
        "date": "2026-06-01",
        "datetime": "2026-01-05T09:00:00+01:00",
        "email": "noa.temoin@example.org",
        "reference": None,
    }.get(field.type, "Noa Témoin"[: field.max])


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
