"""What the comité de projet follows between two committees: the accompanied requests under way, project by project."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from states.deadlines import next_due
from states.declaration.types import offset_time
from states.declaration.vocabulary import DELIVERABLE
from states.lifecycle.effects import Comment, Correct, effect_of
from states.lifecycle.landmarks import awaits
from states.requests.request import HELD, Request
from workflow.store import schema as s
from workflow.views.reader import Reader


def projects(reader: Reader) -> dict[str, Any]:
    """Each project under way that has a tier: where it is, what is planned, what it waits for, when it was last told.

    `committee_at`: when the comité de projet last spoke of it, by a comment recorded with `committee`.
    """
    declaration, r = reader.declaration, s.requests.c
    states = [state for version in reader.versions.values() for state in version.states.items()]
    going_on = {code for code, state in states if not state.final}
    query = select(r.ref, r.document).where(r.state.in_(going_on), r.tier.is_not(None)).order_by(r.ref)
    requests = list(reader.readable(reader.connection.execute(query)))
    spoken = _spoken(reader, [request.ref for request in requests])
    found = [_project(reader, request, spoken.get(request.ref)) for request in requests]
    return {"now": offset_time(reader.now, declaration.lab.tz), "projects": found}


def _project(reader: Reader, request: Request, spoken_at: str | None) -> dict[str, Any]:
    declaration = reader.declaration_of(request.declaration)
    zone = declaration.lab.tz
    ahead = min((m for m in request.planned()), key=lambda m: m.at, default=None)
    due = next_due(reader.deadlines(request))
    return {
        "ref": request.ref,
        "title": reader.texts(request.ref).filled(request.form, 1)["title"],
        "project": reader.project(request.ref),
        "service": request.form["service"],
        "tier": request.tier,
        "state": request.state,
        "work_held": len(request.of_kind("work", HELD)),
        "work_cap": request.cap(declaration),
        "next_meeting": None if ahead is None else {"id": ahead.id, "at": offset_time(ahead.at, zone)},
        "next_due_at": offset_time(due.due_at, zone) if due else None,
        "overdue": due is not None and due.due_at <= reader.now,
        "awaits": awaits(declaration, request),
        "deliverables": sum(1 for r in request.records if declaration.recorded(r.event) == DELIVERABLE),
        "committee_at": offset_time(spoken_at, zone),
    }


def _spoken(reader: Reader, refs: Sequence[str]) -> dict[str, str]:
    """When the comité de projet last spoke of each, by its effective comments."""
    found: dict[str, str] = {}
    e = s.entries.c
    events = [event for version in reader.versions.values() for event in version.events.items()]
    telling = {code for code, event in events if isinstance(effect_of(event), Comment | Correct)}
    query = select(e.stream, e.seq, e.occurred_at, e.data).where(e.stream.in_(refs), e.event.in_(telling))
    rows = [(row.stream, row.seq, row.occurred_at, json.loads(row.data)) for row in reader.connection.execute(query)]
    gone = {(stream, data["corrects"]) for stream, _seq, _at, data in rows if "corrects" in data}
    for stream, seq, at, data in rows:
        if data.get("committee") and (stream, seq) not in gone:
            found[stream] = max(at, found.get(stream, at))
    return found
