"""The declaration in force. Apart from the other facts, so that `coop list` starts fast."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from states.declaration.outline import Outline
from states.errors import NotFound, StoreDamaged
from states.language import _
from states.references import LAB
from workflow.store import statements as q
from workflow.store.transaction import Transaction


def newest_of_lab(tx: Transaction) -> Any:
    """The last entry of the lab's stream: its number, the declaration it was written under, its digest."""
    newest = tx.one(q.lab, stream=LAB)
    if newest is None:
        raise NotFound(_("This store holds no lab yet."), hint="coop init")
    return newest


def declaration_document(tx: Transaction, digest: str | None = None) -> dict[str, Any]:
    """A version of the declaration as the store keeps it: the one in force, or the one of a digest."""
    wanted = digest or newest_of_lab(tx).declaration
    row = tx.one(q.declaration, digest=wanted)
    if row is None:
        said = _("The store does not hold the declaration {digest}.", digest=wanted[:12])
        raise StoreDamaged(said, hint="coop db verify")
    document: dict[str, Any] = json.loads(row.document)
    return document


def versions_obeyed(tx: Transaction) -> list[str]:
    """The digests of the declarations that requests and activities obey, oldest first or not."""
    return [row.digest for row in tx.all(q.versions_obeyed)]


# The tables of codes that requests and activities bear.
_BORNE = ("states", "tiers", "services", "departments", "places", "axes", "kinds")
_BORNE_BY_ACTIVITIES = ("states", "types")


def every_code(tx: Transaction) -> Outline:
    """The declaration in force, with the codes that only the versions of some requests declare: lists name them too."""
    document = declaration_document(tx)
    for digest in versions_obeyed(tx):
        try:
            older = declaration_document(tx, digest)
        except (StoreDamaged, ValueError):  # its requests are listed all the same, by their codes
            continue
        _complete(document, older, _BORNE)
        if "activity" in document and "activity" in older:
            _complete(document["activity"], older["activity"], _BORNE_BY_ACTIVITIES)
    return Outline(document)


def _complete(document: dict[str, Any], older: Mapping[str, Any], tables: Iterable[str]) -> None:
    for table in tables:
        rows = older.get(table)
        if isinstance(rows, dict):
            document[table] = document[table] | {code: row for code, row in rows.items() if code not in document[table]}
