"""Entries as rows, and the chain that binds them.

Each stream (a request, an activity, the lab) is one chain: an entry's digest covers every column and the digest of
the entry before. Private values are covered through salted digests, so erasing them leaves the chain whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

from states.canonical import canonical, digest
from states.requests.entry import Entry

ORIGIN = "0" * 64
# Each column of the table by the name that the entry has for it: `from` and `to` are words of SQL.
_COLUMNS = {{"source": "from_state", "to": "to_state"}.get(name, name): name for name in Entry._fields}
_STORED = attrgetter(*_COLUMNS)
_LOADS = json.JSONDecoder().decode  # without what `json.loads` looks at first, which a row never asks for
_ON_BEHALF, _DATA = (Entry._fields.index(name) for name in ("on_behalf", "data"))


def sealed(entry: Entry) -> Entry:
    """The entry with its digest: SHA-256 over its canonical form, the previous digest included."""
    return entry._replace(digest=digest(covered(entry, canonical(entry.data))))


def covered(entry: Entry, data: str) -> str:
    """What an entry's digest covers: every column but the digest, in their order; `data` as it is written."""
    return f"{canonical(entry[:_DATA])[:-1]},{data},{canonical(entry[_DATA + 1 : -1])[1:]}"


def to_row(entry: Entry) -> dict[str, Any]:
    """The values of the entry's row, by column."""
    values: dict[str, Any] = dict(zip(_COLUMNS, entry, strict=True))
    values["data"] = canonical(entry.data)
    return values


def from_row(row: Any, loads: Callable[[str], Any] = _LOADS) -> Entry:
    """The entry of a row of the table `entries`, by the names of its columns; `loads` reads JSON."""
    return from_values(_STORED(row), loads)


def from_values(stored: Iterable[Any], loads: Callable[[str], Any] = _LOADS) -> Entry:
    """The entry of the values of a whole row, in the order of the table."""
    values = [*stored]
    values[_ON_BEHALF], values[_DATA] = bool(values[_ON_BEHALF]), loads(values[_DATA])
    return Entry._make(values)


class Heads:
    """One digest over all streams: of each stream's name, length and last digest, in the order of their names."""

    def __init__(self) -> None:
        self._found = hashlib.sha256()

    def add(self, stream: str, length: int, last: str) -> None:
        """One more stream; nothing, of one without an entry."""
        if length:
            self._found.update(f"{stream}\t{length}\t{last}\n".encode())

    def copy(self) -> Heads:
        other = Heads()
        other._found = self._found.copy()
        return other

    @property
    def digest(self) -> str:
        return self._found.hexdigest()


def head(digests: Iterable[tuple[str, int, str]]) -> str:
    """The digest over all of some streams."""
    found = Heads()
    for stream, length, last in sorted(digests):
        found.add(stream, length, last)
    return found.digest
