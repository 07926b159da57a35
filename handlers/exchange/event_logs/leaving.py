"""What of a history leaves the lab in a log of its events: codes, figures and moments.

Never a person, never a text that somebody wrote: a key is let out for what its type is, and any other stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from states.declaration.model import Declaration
from states.declaration.tables import Event, Field, Key
from states.lifecycle.effects import effect_of

TEXT, WHOLE, NUMBER, TRUTH, MOMENT = "string", "integer", "float", "boolean", "time"  # as OCEL calls them

# What the values of a type are for programs. Who, and what somebody wrote or another system calls it, have none.
LEAVING: Mapping[str, str] = {
    "code": TEXT, "headcount": TEXT, "reference": TEXT, "semester": TEXT, "meeting": TEXT, "task": TEXT, "date": TEXT,
    "bool": TRUTH, "integer": WHOLE, "percent": WHOLE, "duration": WHOLE, "entry": WHOLE, "decimal": NUMBER,
    "datetime": MOMENT,
}  # fmt: skip
# What effects keep beside what was given, all codes (rules, meetings, a tier), and of which events.
KEPT: Mapping[str, Callable[[Event], bool]] = {
    "meeting": lambda event: bool(event.meeting) or effect_of(event).of_a_meeting or effect_of(event).of_held,
    "waived": lambda event: bool(event.waives),
    "cancelled": lambda event: event.moves,
    "restored": lambda event: effect_of(event).goes_back,
    "released": lambda event: effect_of(event).goes_back,
    "from_tier": lambda event: "tier" in effect_of(event).changes,
}


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
    """What leaves of the entries and of the form of one lifecycle, by name."""

    def __init__(self, declaration: Declaration) -> None:
        self.declaration = declaration
        self.form = _leaving(declaration.form)

    def of_event(self, code: str) -> dict[str, Attribute]:
        """What leaves of an entry of an event; of one that is not declared, nothing."""
        event = self.declaration.events.get(code)
        if event is None:
            return {}
        keys = self.declaration.keys_of(event)
        specs = self.declaration.form if event.form else {name: key for name, (key, _required) in keys.items()}
        kept = {name: Attribute(name, TEXT) for name, keeps in KEPT.items() if keeps(event)}
        return kept | _leaving(specs)


def _leaving(specs: Mapping[str, Any]) -> dict[str, Attribute]:
    return {name: found for name, spec in specs.items() if (found := attribute(name, spec)) is not None}


def is_there(value: Any) -> bool:
    """Whether a value is said: an absent one is absent, and what is in the vault stays there."""
    return value is not None and value != [] and not isinstance(value, dict)
