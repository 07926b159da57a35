"""Requests in rows, filtered and sorted. Apart from the rest of the read side, so that `coop list` starts fast."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, and_, func, select

from states.declaration.outline import Outline
from states.declaration.types import offset_time
from states.declaration.written import simplified
from workflow.store import schema as s

SEARCHED = ("title", "need", "requester.name", "requester.email", "note")  # of the vault: what --text looks through
SORTS = ("ref", "submitted_at", "next_due_at", "state", "tier", "axis", "service", "department", "place")


class Filters(NamedTuple):
    """What `list` keeps, and its order. Empty tuples keep everything."""

    state: Sequence[str] = ()
    tier: Sequence[str] = ()
    axis: Sequence[str] = ()
    service: Sequence[str] = ()
    department: Sequence[str] = ()
    place: Sequence[str] = ()
    kind: Sequence[str] = ()
    without: Sequence[str] = ()  # states
    overdue: bool = False
    text: str | None = None
    sort: str = "ref"
    reverse: bool = False
    limit: int | None = None


def listed(connection: Connection, zone: ZoneInfo, now: str, filters: Filters) -> list[dict[str, Any]]:
    """The `list` document of contract.md."""
    containing = _containing(connection, filters.text) if filters.text else None
    found = []
    for row in connection.execute(_query(filters, now)):
        title = json.loads(row.title) if row.title else None
        if containing is not None and row.ref not in containing:
            continue
        found.append(
            {
                "ref": row.ref,
                "title": title,
                "state": row.state,
                "tier": row.tier,
                "axis": row.axis,
                "service": row.service,
                "department": row.department,
                "place": row.place,
                "submitted_at": offset_time(row.submitted_at, zone),
                "next_due_at": offset_time(row.next_due_at, zone),
                "overdue": row.next_due_at is not None and row.next_due_at <= now,
            }
        )
    return found[: filters.limit] if filters.limit else found


def _containing(connection: Connection, text: str) -> set[str]:
    """The references in whose title, need, requester, notes or deliverables a text stands, without case or accent."""
    v, wanted = s.vault.c, simplified(text)
    query = select(v.stream, v.value).where(v.field.in_(SEARCHED))
    return {row.stream for row in connection.execute(query) if wanted in simplified(str(json.loads(row.value)))}


def board(connection: Connection, outline: Outline, now: str, filters: Filters) -> dict[str, Any]:
    """Requests by state, in the order of the lifecycle, the first due first; those not final unless states are said."""
    declared = outline.states
    wanted = filters.state or [code for code, state in declared.items() if not state.final]
    rows = listed(connection, outline.lab.tz, now, filters._replace(state=wanted, sort="next_due_at"))
    columns = []
    for code in declared:
        if code in wanted:
            found = [row for row in rows if row["state"] == code]
            columns.append({"state": code, "count": len(found), "requests": found})
    return {"now": offset_time(now, outline.lab.tz), "columns": columns}


def _states_but(without: Sequence[str]) -> Select[Any]:
    """The states that requests are in, but for some: each found after another in their index, however many they are."""
    r = s.requests.c
    used = select(func.min(r.state).label("state")).cte("used", recursive=True)
    following = select(func.min(r.state)).where(r.state > used.c.state).scalar_subquery()
    used = used.union_all(select(following).where(used.c.state.is_not(None)))
    return select(used.c.state).where(used.c.state.not_in(without))


def _query(filters: Filters, now: str) -> Select[Any]:
    r, v = s.requests.c, s.vault.c
    columns = [r.ref, r.state, r.tier, r.axis, r.service, r.department, r.place, r.submitted_at, r.next_due_at]
    titles = s.requests.outerjoin(s.vault, and_(v.stream == r.ref, v.seq == r.title_seq, v.field == "title"))
    query = select(*columns, v.value.label("title")).select_from(titles)
    for name in ("state", "tier", "axis", "service", "department", "place", "kind"):
        wanted = getattr(filters, name)
        if wanted:
            query = query.where(r[name].in_(wanted))
    if filters.without:
        query = query.where(r.state.in_(_states_but(filters.without)))
    if filters.overdue:
        query = query.where(r.next_due_at <= now)
    by = r[filters.sort]
    order = by.desc() if filters.reverse else by.asc()
    query = query.order_by(order.nulls_last(), r.ref)
    return query.limit(filters.limit) if filters.limit and not filters.text else query
