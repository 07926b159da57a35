"""What the comité de projet said of a request: its comments recorded with `committee`, each a meeting of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from states.declaration.headcounts import counts_of
from states.declaration.types import offset_time
from states.lifecycle.effects import Comment, effect_of
from states.requests.entry import Entry, struck
from workflow.history.facts import Facts
from workflow.history.vault import Texts


def committee_entries(facts: Facts, entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries of one stream by which the comité de projet spoke of it, and that stand, oldest first."""
    entries = list(entries)
    gone = struck(entries)
    said = (e for e in entries if Comment.of_committee(e.data) and e.seq not in gone)
    yield from sorted((e for e in said if _comments(facts, e)), key=lambda e: (e.occurred_at, e.seq))


def _comments(facts: Facts, entry: Entry) -> bool:
    event = facts.declaration_of(entry.declaration).of(entry.stream).events.get(entry.event)
    return event is not None and isinstance(effect_of(event), Comment)


def committee_document(facts: Facts, entry: Entry, texts: Texts) -> dict[str, Any]:
    """One meeting: when, who came by role or function (`who`: in words), what was decided, what else was said."""
    data, declaration = texts.filled(entry.data, entry.seq), facts.declaration_of(entry.declaration)
    return {
        "seq": entry.seq,
        "at": offset_time(entry.occurred_at, declaration.lab.tz),
        "participants": counts_of(data.get("participants")),
        "who": Comment.who_came(declaration, entry),
        "decisions": data.get("decisions"),
        "note": texts.get(entry.seq, "note"),
    }
