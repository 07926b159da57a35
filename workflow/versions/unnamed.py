"""What running requests and activities bear that another declaration no longer names: they keep their own version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import select

from states.declaration.model import Declaration
from states.errors import Refusal
from workflow.lab.leaving_out import in_use
from workflow.store import schema as s
from workflow.views.reader import Reader

# The column of a request or of an activity, and the vocabulary that its codes are of.
_BORNE: Mapping[Any, Mapping[str, str]] = {
    s.requests: {
        "state": "states", "tier": "tiers", "kind": "kinds", "axis": "axes", "service": "services",
        "department": "departments", "place": "places",
    },
    s.activities: {"state": "states", "type": "activity_types", "axis": "axes"},
}  # fmt: skip


class Unnamed(NamedTuple):
    """A code that a declaration no longer names, and the running requests or activities that bear it."""

    vocabulary: str
    code: str
    label: str
    refs: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        return {**self._asdict(), "refs": list(self.refs)}


class Borne(NamedTuple):
    """What the store bears that a declaration no longer names, and what keeps that from being put in force."""

    unnamed: list[Unnamed]
    in_use: list[Refusal]

    def document(self) -> dict[str, Any]:
        return {"unnamed": [one.document() for one in self.unnamed], "in_use": [one.document() for one in self.in_use]}


def borne(reader: Reader, after: Declaration) -> Borne:
    """What the store bears that another declaration than the one in force no longer names."""
    return Borne(_unnamed(reader, after), list(in_use(reader, after)))


def _unnamed(reader: Reader, after: Declaration) -> list[Unnamed]:
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for vocabulary, code, label, ref in _borne(reader, after):
        found[vocabulary, code, label].append(ref)
    return [Unnamed(*what, tuple(refs)) for what, refs in sorted(found.items())]


def _borne(reader: Reader, after: Declaration) -> Iterator[tuple[str, str, str, str]]:
    for table, columns in _BORNE.items():
        names = ("ref", "declaration", *columns)
        for row in reader.connection.execute(select(*(table.c[name] for name in names)).order_by(table.c.ref)):
            own, then = reader.declaration_of(row.declaration).of(row.ref), after.of(row.ref)
            if row.state in own.states and own.is_final(row.state):
                continue
            for column, vocabulary in columns.items():
                code = getattr(row, column)
                if code is not None and code not in then.vocabulary(vocabulary):
                    yield vocabulary, code, own.label(vocabulary, code), row.ref
