"""The read side of activities: the `activity show` document, and activities in rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, select

from states.declaration.model import Declaration
from states.declaration.types import offset_time
from states.requests.request import Request
from workflow.store import schema as s
from workflow.views.documents import Texts, meeting

if TYPE_CHECKING:
    from workflow.views.reader import Reader


class Filters(NamedTuple):
    """What `activity list` keeps; empty keeps everything. `first` and `last` are instants, the last one excluded."""

    type: Sequence[str] = ()
    axis: Sequence[str] = ()
    state: Sequence[str] = ()
    first: str | None = None
    last: str | None = None


def shown(declaration: Declaration, activity: Request, texts: Texts) -> dict[str, Any]:
    """One activity, whole. `declaration` is its own version."""
    told, slot, zone = texts.filled(activity.form, 1), activity.meetings[0], declaration.lab.tz
    place = meeting(declaration, slot, texts)
    return {
        "ref": activity.ref,
        "type": told["type"],
        "axis": told["axis"],
        "title": told["title"],
        "state": activity.state,
        **{name: place[name] for name in ("at", "duration_minutes", "place", "staff")},
        "started_at": place.get("started_at"),
        "address": place.get("address"),
        "agreed": place.get("agreed"),
        "capacity": told.get("capacity"),
        "registered": told.get("registered"),
        "attended": slot.attended,
        "managers": slot.managers,
        "services": told.get("services", []),
        "satisfaction": _satisfaction(activity),
        "description": told.get("description"),
        "planned_at": offset_time(activity.submitted_at, zone),
        "seq": activity.seq,
        "lifecycle": {"name": declaration.lab.name, "version": declaration.lab.version, "digest": declaration.digest},
    }


def _satisfaction(activity: Request) -> dict[str, Any] | None:
    for record in activity.records:
        return {"score": float(record.data["score"]), "respondents": record.data.get("respondents")}
    return None


def listed(reader: Reader, filters: Filters) -> list[dict[str, Any]]:
    """The activities kept, in order of their day: each without the texts of its history, but its title."""
    a, v = s.activities.c, s.vault.c
    titled = s.activities.outerjoin(s.vault, and_(v.stream == a.ref, v.seq == a.title_seq, v.field == "title"))
    query = select(a.document, v.value.label("title")).select_from(titled).order_by(a.at, a.ref)
    for name in ("type", "axis", "state"):
        if wanted := getattr(filters, name):
            query = query.where(a[name].in_(wanted))
    if filters.first is not None:
        query = query.where(a.at >= filters.first)
    if filters.last is not None:
        query = query.where(a.at < filters.last)
    return [_row(reader, row) for row in reader.connection.execute(query)]


def _row(reader: Reader, row: Any) -> dict[str, Any]:
    activity = Request.from_document(json.loads(row.document))
    declaration = reader.declaration_of(activity.declaration)
    seq = activity.form["title"]["seq"]
    texts = Texts({(seq, "title"): json.loads(row.title)} if row.title else {})
    whole = shown(declaration, activity, texts)
    names = ("ref", "type", "axis", "title", "state", "at", "duration_minutes", "place", "staff", "capacity")
    figures = ("registered", "attended", "managers", "services", "satisfaction")
    return {name: whole[name] for name in (*names, *figures)}
