"""What the comité de projet follows between two committees: the accompanied requests under way, project by project."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import select

from states.deadlines import next_due
from states.declaration.types import offset_time
from states.declaration.vocabulary import DELIVERABLE
from states.lifecycle.effects import Comment, Correct, effect_of
from states.lifecycle.landmarks import awaits
from states.requests.entry import Entry
from states.requests.request import HELD, Request
from workflow.history.entries import from_row
from workflow.store import schema as s
from workflow.views.committee import committee_document, committee_entries
from workflow.views.reader import Reader


def projects(reader: Reader) -> dict[str, Any]:
    """Each project under way that has a tier: where it is, what is planned, what it waits for, when it was last told.

    `committee`: what the comité de projet last said of it, in a comment with `committee`; `committee_at`: when.
    """
    declaration, r = reader.declaration, s.requests.c
    states = [state for version in reader.versions.values() for state in version.states.items()]
    going_on = {code for code, state in states if not state.final}
    query = select(r.ref, r.document).where(r.state.in_(going_on), r.tier.is_not(None)).order_by(r.ref)
    requests = list(reader.readable(reader.connection.execute(query)))
    spoken = _spoken(reader, [request.ref for request in requests])
    found = [_project(reader, request, spoken.get(request.ref)) for request in requests]
    return {"now": offset_time(reader.now, declaration.lab.tz), "projects": found}


def _project(reader: Reader, request: Request, spoken: Entry | None) -> dict[str, Any]:
    declaration = reader.declaration_of(request.declaration)
    zone = declaration.lab.tz
    ahead = min((m for m in request.planned()), key=lambda m: m.at, default=None)
    due, texts = next_due(reader.deadlines(request)), reader.texts(request.ref)
    return {
        "ref": request.ref,
        "title": texts.filled(request.form, 1)["title"],
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
        "committee_at": offset_time(spoken and spoken.occurred_at, zone),
        "committee": committee_document(reader, spoken, texts) if spoken else None,
    }


def _spoken(reader: Reader, refs: Sequence[str]) -> dict[str, Entry]:
    """The last time the comité de projet spoke of each."""
    e = s.entries.c
    events = [event for version in reader.versions.values() for event in version.events.items()]
    telling = {code for code, event in events if isinstance(effect_of(event), Comment | Correct)}
    query = select(s.entries).where(e.stream.in_(refs), e.event.in_(telling)).order_by(e.stream, e.seq)
    entries = map(from_row, reader.connection.execute(query))
    return {
        ref: entry
        for ref, those in groupby(entries, lambda entry: entry.stream)
        for entry in committee_entries(reader, those)
    }
