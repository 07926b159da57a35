"""Activities in rows: the `activity list` document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import and_, select

from states.requests.request import Request
from workflow.history.vault import Texts
from workflow.store import schema as s
from workflow.views.documents import activity_document
from workflow.views.reader import Reader


class Filters(NamedTuple):
    """What `activity list` keeps; empty keeps everything. `first` and `last` are instants, the last one excluded."""

    type: Sequence[str] = ()
    axis: Sequence[str] = ()
    state: Sequence[str] = ()
    first: str | None = None
    last: str | None = None


def listed(reader: Reader, filters: Filters) -> list[dict[str, Any]]:
    """The activities kept, in order of their day: each without the texts of its history, but its title."""
    a, v = s.activities.c, s.vault.c
    titled = s.activities.outerjoin(s.vault, and_(v.stream == a.ref, v.seq == a.title_seq, v.field == "title"))
    query = select(a.ref, a.document, v.value.label("title")).select_from(titled).order_by(a.at, a.ref)
    for name in ("type", "axis", "state"):
        if wanted := getattr(filters, name):
            query = query.where(a[name].in_(wanted))
    if filters.first is not None:
        query = query.where(a.at >= filters.first)
    if filters.last is not None:
        query = query.where(a.at < filters.last)
    rows = reader.connection.execute(query)
    return [_row(reader, activity, row) for row in rows for activity in reader.readable([row])]


def _row(reader: Reader, activity: Request, row: Any) -> dict[str, Any]:
    declaration = reader.declaration_of(activity.declaration)
    seq = activity.form["title"]["seq"]
    texts = Texts({(seq, "title"): json.loads(row.title)} if row.title else {})
    whole = activity_document(declaration, activity, texts)
    names = ("ref", "type", "axis", "title", "state", "at", "duration_minutes", "place", "staff", "capacity")
    figures = ("registered", "attended", "managers", "services", "satisfaction")
    return {name: whole[name] for name in (*names, *figures)}
