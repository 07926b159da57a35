"""What an entry names that a declaration does not know."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property

from attrs import define

from states.declaration.model import Declaration
from states.requests.entry import Entry


@define(eq=False, slots=False)
class Naming:
    """All that a lifecycle names, asked of one entry after the other."""

    declaration: Declaration

    @cached_property
    def _codes(self) -> dict[str, list[tuple[str, str, Collection[str]]]]:
        """Of each event, the names under which its entries hold codes, with the vocabulary and what it knows."""
        vocabulary, events = self.declaration.vocabulary, self.declaration.events
        return {
            code: [
                (name, spec.codes, vocabulary(spec.codes))
                for name, spec in self.declaration.specs_of(event).items()
                if spec.type == "code" and spec.codes
            ]
            for code, event in events.items()
        }

    def undeclared(self, entry: Entry) -> Iterator[tuple[str, str]]:
        """What is not known of its event, its states and the codes it holds: of which vocabulary, and the code."""
        states = self.declaration.states
        if entry.event not in self._codes:
            yield "events", entry.event
        if entry.source and entry.source not in states:
            yield "states", entry.source
        if entry.to not in states and entry.to != entry.source:
            yield "states", entry.to
        for name, vocabulary, known in self._codes.get(entry.event, ()):
            if held := entry.data.get(name):
                yield from (
                    (vocabulary, code) for code in ((held,) if isinstance(held, str) else held) if code not in known
                )
