"""One line of a history, as stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen


@frozen
class Entry:
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
