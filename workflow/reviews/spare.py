"""Histories kept in little room: a review holds those of a whole semester at once, which may be 20,000.

Every word is kept once (a state, an instant, a reference come again and again), and nothing that no figure is made of:
who typed, digests, what in the vault a value stands for.
"""

from __future__ import annotations

import json
from functools import cache
from sys import intern
from typing import Any

from states.requests.entry import Entry

_NOTHING: list[Any] = []  # the one list of all that are empty: what was read is never changed


def spare(text: str) -> Any:
    """A stored document, read so."""
    return json.loads(text, object_hook=_spare)


def _spare(part: dict[str, Any]) -> Any:
    if "vault" in part:
        return _private(part.get("seq"))
    return {intern(name): _once(value) for name, value in part.items()}


def _once(value: Any) -> Any:
    if type(value) is str:
        return intern(value)
    return _NOTHING if value == [] else value


@cache
def _private(seq: int | None) -> dict[str, Any]:
    """That a value is in the vault, and by which entry where that is said."""
    return {"vault": ""} if seq is None else {"seq": seq, "vault": ""}


def spared(entry: Entry) -> Entry:
    """An entry kept so, whose data were."""
    words = map(intern, (entry.stream, entry.event, entry.to, entry.occurred_at, entry.recorded_at, entry.declaration))
    stream, event, to, occurred_at, recorded_at, declaration = words
    source = entry.source and intern(entry.source)
    return Entry(
        stream, entry.seq, event, source, to, "", "", "", False, occurred_at, recorded_at, entry.data, None,
        declaration, "",
    )  # fmt: skip
