"""What an entry names that a declaration does not know."""

from __future__ import annotations

from collections.abc import Iterator

from states.declaration.model import Declaration
from states.requests.entry import Entry


def undeclared(declaration: Declaration, entry: Entry) -> Iterator[tuple[str, str]]:
    """Of which vocabulary, and the code: its event, its states, the codes that it holds."""
    event = declaration.events.get(entry.event)
    if event is None:
        yield "events", entry.event
    for state in dict.fromkeys(filter(None, (entry.source, entry.to))):
        if state not in declaration.states:
            yield "states", state
    for name, spec in declaration.specs_of(event).items() if event else ():
        codes = entry.data.get(name)
        if spec.type == "code" and spec.codes and codes is not None:
            known = declaration.vocabulary(spec.codes)
            yield from ((spec.codes, one) for one in ([codes] if isinstance(codes, str) else codes) if one not in known)
