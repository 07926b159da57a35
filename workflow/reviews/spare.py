"""Histories kept in little room: a review holds those of a whole semester at once, which may be 20,000.

Every word is kept once (a state, an instant, a reference come again and again), and nothing that no figure is made of:
who typed, digests, what in the vault a value stands for.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from sys import intern
from typing import Any

from states.requests.entry import Entry
from workflow.store import schema as s

_NOTHING: list[Any] = []  # the one list of all that are empty: what was read is never changed


SHORT = 64  # characters of a document that comes again and again, and is read once: a meeting held, a task done


def spare(text: str) -> Any:
    """A stored document, read so; one that is short is the same for all who read it."""
    return _short(text) if len(text) <= SHORT else _DECODER.decode(text)


@lru_cache(4096)
def _short(text: str) -> Any:
    return _DECODER.decode(text)


def _spare(part: dict[str, Any]) -> Any:
    if "vault" in part:
        return _private(part.get("seq"))
    return {
        intern(name): intern(value) if type(value) is str else _NOTHING if value == [] else value
        for name, value in part.items()
    }


_DECODER = json.JSONDecoder(object_hook=_spare)  # made once: `json.loads` would make one for each document


@cache
def _private(seq: int | None) -> dict[str, Any]:
    """That a value is in the vault, and by which entry where that is said."""
    return {"vault": ""} if seq is None else {"seq": seq, "vault": ""}


_e = s.entries.c
# The columns of which figures are made.
READ = (
    *(_e.stream, _e.seq, _e.event, _e.from_state, _e.to_state),
    *(_e.occurred_at, _e.recorded_at, _e.declaration, _e.data),
)


def entry_of(row: Any) -> Entry:
    """The entry of a row of the columns READ."""
    stream, seq, event, source, to, occurred, recorded, declaration, data = row
    return _kept(stream, seq, event, source, to, occurred, recorded, declaration, spare(data))


def spared(entry: Entry) -> Entry:
    """An entry kept so, whose data were."""
    e = entry
    return _kept(e.stream, e.seq, e.event, e.source, e.to, e.occurred_at, e.recorded_at, e.declaration, e.data)


def _kept(
    stream: str, seq: int, event: str, source: str | None, to: str, occurred: str, recorded: str, declaration: str,
    data: Any,
) -> Entry:  # fmt: skip
    return Entry(
        intern(stream), seq, intern(event), source and intern(source), intern(to), "", "", "", False,
        intern(occurred), intern(recorded), data, None, intern(declaration), "",
    )  # fmt: skip
