"""The vault: personal data and free text, kept apart from the history, which knows them by a salted digest only."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from states.canonical import canonical, digest
from states.declaration.model import Declaration
from states.declaration.tables import Event
from states.requests.request import Meeting
from workflow.store import statements as q
from workflow.store.transaction import Transaction


class Texts(NamedTuple):
    """The private values of one stream that the vault still holds, by entry and field."""

    values: Mapping[tuple[int, str], Any]

    def get(self, seq: int, field: str) -> Any:
        """The value, or None once it is erased."""
        return self.values.get((seq, field))

    def address(self, meeting: Meeting) -> str | None:
        """The address that was given for a meeting."""
        return self.get(meeting.address["seq"], "address") if isinstance(meeting.address, dict) else None

    def filled(self, data: Mapping[str, Any], seq: int) -> dict[str, Any]:
        """The data with its private values in place of their digests; None for those erased."""
        return {
            name: self.get(value.get("seq", seq), name) if isinstance(value, dict) and "vault" in value else value
            for name, value in data.items()
        }


def salted(salt: str, written: str) -> str:
    """The digest under which a private value, written in its canonical form, stands in the chain."""
    return digest(salt + written)


def private_names(declaration: Declaration, event: Event, data: Mapping[str, Any]) -> list[str]:
    """The names in an entry's data whose values belong in the vault."""
    specs = declaration.specs_of(event)
    return [name for name in data if name in specs and specs[name].private]


def put_away(tx: Transaction, stream: str, seq: int, data: Mapping[str, Any], private: Iterable[str]) -> dict[str, Any]:
    """Stores the private values in the vault; the data with each one replaced by its salted digest."""
    kept = dict(data)
    for name in private:
        if kept.get(name) is not None:
            kept[name] = {"vault": store_private(tx, stream, seq, name, kept[name])}
    return kept


def store_private(tx: Transaction, stream: str, seq: int, field: str, value: Any) -> str:
    """One private value into the vault; its salted digest."""
    salt = os.urandom(16).hex()
    written = canonical(value)
    tx.run(q.insert_vault, stream=stream, seq=seq, field=field, salt=salt, value=written)
    return salted(salt, written)
