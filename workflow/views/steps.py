"""What the steps of a request say beside moving it: how it came to where it stands, who agreed, what was explained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from states.deadlines import Deadline
from states.declaration.types import offset_time
from states.lifecycle.effects import Explain, effect_of
from states.requests.entry import Entry, effective
from workflow.history.facts import Facts
from workflow.history.vault import Texts


def steps_document(facts: Facts, entries: Sequence[Entry], texts: Texts) -> dict[str, Any]:
    """The step by which the request stands where it does, and what the requester agreed to, or did not."""
    stand = effective(entries)
    moved = [entry for entry in stand if entry.source != entry.to]
    return {
        "last_step": _step(facts, moved[-1], texts) if moved else None,
        "agreements": [_step(facts, entry, texts) for entry in stand if _agrees(facts, entry)],
    }


def _step(facts: Facts, entry: Entry, texts: Texts) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "event": entry.event,
        "at": offset_time(entry.occurred_at, facts.declaration_of(entry.declaration).lab.tz),
        "data": texts.filled(entry.data, entry.seq),
        "note": texts.get(entry.seq, "note"),
    }


def _agrees(facts: Facts, entry: Entry) -> bool:
    """Whether an entry says that the requester agrees, or does not: of a meeting, it is its place that does."""
    event = facts.declaration_of(entry.declaration).events.get(entry.event)
    return event is not None and "agreed" in entry.data and not (event.meeting or effect_of(event).of_a_meeting)


def explanations(facts: Facts, entries: Sequence[Entry], found: Sequence[Deadline], texts: Texts) -> dict[str, str]:
    """What was said of deadlines past their moment, by their keys: the last word of each."""
    said = {}
    for entry in effective(entries):
        declaration = facts.declaration_of(entry.declaration)
        event, note = declaration.events.get(entry.event), texts.get(entry.seq, "note")
        if note and event and isinstance(effect_of(event), Explain):
            for deadline in Explain.meant(entry.data, found, entry.occurred_at, declaration.lab.tz)[-1:]:
                said[deadline.key] = note
    return said
