"""One line of a history, as stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from states.declaration.model import Declaration


class Entry(NamedTuple):
    """One line of a history, as stored. Private values in `data` are `{"vault": digest}`; instants are stored text."""

    stream: str
    seq: int
    event: str
    source: str | None
    to: str
    actor: str
    role: str
    entered_by: str
    on_behalf: bool
    occurred_at: str
    recorded_at: str
    data: Mapping[str, Any]
    note_digest: str | None
    declaration: str
    previous: str
    digest: str = ""


def struck(entries: Iterable[Entry]) -> dict[int, int]:
    """The entries that were corrected: their number -> the number of the correction."""
    return {entry.data["corrects"]: entry.seq for entry in entries if "corrects" in entry.data}


def effective(entries: Sequence[Entry]) -> list[Entry]:
    """The entries that stand: neither corrected nor a correction, nor the passage to another declaration."""
    gone = struck(entries)
    return [entry for entry in entries if entry.seq not in gone and not entry.data.keys() & {"corrects", "migrates"}]


def last_to_undo(declaration: Declaration, entries: Sequence[Entry]) -> int:
    """The number of what was typed last and can be undone, whatever it is; 0 when nothing is left."""
    events = declaration.events
    return next((e.seq for e in reversed(effective(entries)) if events[e.event].undo != "never"), 0)
