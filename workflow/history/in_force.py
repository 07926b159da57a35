"""The declaration in force. Apart from the other facts, so that `coop list` starts fast."""

from __future__ import annotations

import json
from typing import Any

from states.errors import NotFound
from states.language import _
from states.references import LAB
from workflow.store import statements as q
from workflow.store.database import Transaction


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
        raise NotFound(_("The store does not hold the declaration {digest}.", digest=wanted[:12]))
    document: dict[str, Any] = json.loads(row.document)
    return document
