"""What of a history leaves the lab in a log of its events: codes, figures and moments.

Never a person, never a text that somebody wrote: a key is let out for what its type is, and any other stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from states.declaration.model import Declaration
from states.declaration.tables import Event, Field, Key

TEXT, WHOLE, NUMBER, TRUTH, MOMENT = "string", "integer", "float", "boolean", "time"  # as OCEL calls them

# What the values of a type are for programs. Who, and what somebody wrote or another system calls it, have none.
LEAVING: Mapping[str, str] = {
    "code": TEXT, "headcount": TEXT, "reference": TEXT, "semester": TEXT, "meeting": TEXT, "task": TEXT, "date": TEXT,
    "bool": TRUTH, "integer": WHOLE, "percent": WHOLE, "duration": WHOLE, "entry": WHOLE, "decimal": NUMBER,
    "datetime": MOMENT,
}  # fmt: skip
# What effects keep beside what was given, all codes: rules, meetings, a tier.
KEPT = ("meeting", "waived", "cancelled", "restored", "released", "from_tier")


class Attribute(NamedTuple):
    """A value that leaves: its name, what it is for programs, and the vocabulary of its codes, if it has codes."""

    name: str
    kind: str
    codes: str = ""


def attribute(name: str, spec: Field | Key) -> Attribute | None:
    """What leaves of a field or of a key; None where nothing does."""
    kind = LEAVING.get(spec.type)
    return None if kind is None or spec.private else Attribute(name, kind, spec.codes or "")


class Leaving:
    """What leaves of the entries and of the form of one lifecycle."""

    def __init__(self, declaration: Declaration) -> None:
        self.declaration = declaration
        self._of_events: dict[str, tuple[Attribute, ...]] = {}

    @cached_property
    def form(self) -> tuple[Attribute, ...]:
        """What leaves of a form."""
        return tuple(_leaving(self.declaration.form))

    def of_event(self, code: str) -> tuple[Attribute, ...]:
        """What leaves of an entry of an event; of one that is not declared, nothing."""
        found = self._of_events.get(code)
        if found is None:
            event = self.declaration.events.get(code)
            found = self._of_events[code] = tuple(self._of(event)) if event else ()
        return found

    def _of(self, event: Event) -> Iterator[Attribute]:
        keys = self.declaration.keys_of(event)
        specs = self.declaration.form if event.form else {name: key for name, (key, _required) in keys.items()}
        yield from _leaving(specs)
        yield from (Attribute(name, TEXT) for name in KEPT if name not in specs)


def _leaving(specs: Mapping[str, Any]) -> Iterator[Attribute]:
    return filter(None, (attribute(name, spec) for name, spec in specs.items()))


def values(attributes: tuple[Attribute, ...], data: Mapping[str, Any]) -> Iterator[tuple[Attribute, Any]]:
    """The values that there are; an absent one is absent. Several codes are one text, in their order."""
    for attribute in attributes:
        value = data.get(attribute.name)
        if value is None or value == [] or isinstance(value, dict):
            continue
        yield attribute, ",".join(value) if isinstance(value, list) else value
