"""The requests as the store keeps them, read back. One that cannot be read stops no other: it is named.

Apart from the other facts, so that `coop list` starts fast.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, MutableMapping
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import select

from states.declaration.outline import Outline
from states.errors import CoopError, NotFound, StoreDamaged
from states.language import _
from states.references import is_activity
from states.requests.request import Request
from workflow.history.in_force import declaration_document
from workflow.store import schema as s
from workflow.store.transaction import Looking

_BY_REF = 500  # requests that are asked for one by one; of more, all there are are read
NOT_READ = (ValueError, TypeError, KeyError, AttributeError)  # of a document that is not of the shape expected


class Row(NamedTuple):
    """What is stored of a request, under its reference."""

    ref: str
    document: str


def request_of(row: Any) -> Request | None:
    """The request of a row of its `ref` and `document`; None without a row. StoreDamaged when it cannot be read."""
    return _read(row) if row else None


def _read(row: Any, loads: Callable[[str], Any] = json.loads) -> Request:
    try:
        return Request.from_document(loads(row.document))
    except NOT_READ as problem:
        said = _("{ref} cannot be read: what is stored of it is not what this program writes.", ref=row.ref)
        raise StoreDamaged(said, hint="coop db rebuild") from problem


def damaged_version(digest: str) -> StoreDamaged:
    """The error for a version of the declaration that is not of the shape expected."""
    said = _("The declaration {digest} cannot be read by this program.", digest=digest[:12])
    return StoreDamaged(said, hint="coop db verify")


def readable(
    rows: Iterable[Any], states_of: Callable[[str, bool], Collection[str]], odd: MutableMapping[str, str],
    loads: Callable[[str], Any] = json.loads,
) -> Iterator[Request]:  # fmt: skip
    """The requests of rows of `ref` and `document`; in `odd` those that cannot be read, and why.

    `states_of`: the states that a version declares, by its digest, of requests or of activities. `loads` reads JSON.
    """
    for row in rows:
        try:
            request = _read(row, loads)
            if request.state not in states_of(request.declaration, is_activity(row.ref)):
                raise StoreDamaged(_("{ref} is in a state that its declaration does not know.", ref=row.ref))
        except (StoreDamaged, NotFound) as problem:
            leave_out(odd, row.ref, problem)
        else:
            yield request


def leave_out(odd: MutableMapping[str, str], ref: str, problem: CoopError) -> None:
    """Notes a request that cannot be read, and why."""
    why = problem.message
    odd[ref] = why if ref in why else _("{ref}: {why}", ref=ref, why=why)


def unreadable(tx: Looking, refs: Collection[str] | None = None) -> dict[str, str]:
    """Why some requests cannot be read: of those of `refs`, or of all there are, activities too."""

    @cache
    def states_of(digest: str, of_activities: bool) -> Collection[str]:
        try:
            outline = Outline(declaration_document(tx, digest))
            return (outline.activities if of_activities else outline).vocabulary("states")
        except NOT_READ as problem:
            raise damaged_version(digest) from problem

    odd: dict[str, str] = {}
    for table in (s.requests,) if refs is not None else (s.requests, s.activities):
        query = select(table.c.ref, table.c.document).order_by(table.c.ref)
        if refs is not None and len(refs) <= _BY_REF:
            query = query.where(table.c.ref.in_(refs))
        rows = tx.connection.execute(query)
        for _request in readable((row for row in rows if refs is None or row.ref in refs), states_of, odd):
            pass
    return odd
