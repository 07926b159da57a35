"""What two declarations have in common, so that no history is gone through for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import Attribute, asdict, evolve, frozen

from states.declaration.model import Declaration
from states.lifecycle.decision import facts_read
from states.requests.entry import Entry
from workflow.versions.undeclared import Naming

_WORDS = ("label", "help", "past", "commands", "label_for", "may", "meant_for")  # what people read
_APART = ("deadlines", "letters", "semesters", "school_holidays", "digest")  # what no rule reads of them
_COUNTED = "deadlines"  # the fact that an event's rules read of deadlines


@frozen
class Comparison:
    """A lifecycle beside another: whether their rules are the same, and whether histories are folded alike."""

    declaration: Declaration
    naming: Naming
    ruled_alike: bool
    folds_alike: bool

    @classmethod
    def of(cls, one: Declaration, other: Declaration) -> Comparison:
        return cls(other, Naming(other), _rules(one) == _rules(other), _folding(one) == _folding(other))

    def unlike(self) -> Comparison:
        """The same, of a history that obeyed other versions too."""
        return evolve(self, ruled_alike=False, folds_alike=False)

    def judges(self, entry: Entry) -> bool:
        """Whether an entry may be refused by the other alone: by rules that are the same, only for what is due."""
        if not self.ruled_alike:
            return True
        return not self.folds_alike and _COUNTED in facts_read(self.declaration.events[entry.event])


def _rules(declaration: Declaration) -> dict[str, Any]:
    """All that a rule may read of a declaration."""

    def read(part: Attribute[Any], _value: Any) -> bool:
        return part.name not in (*_WORDS, *_APART, "version")

    return asdict(declaration, filter=read)


def _folding(declaration: Declaration) -> dict[str, Any]:
    """All that histories are folded by, and deadlines counted by."""
    lab = declaration.lab
    parts: tuple[Mapping[str, Any], ...] = (declaration.states, declaration.events, declaration.deadlines)
    rows = {(n, code): asdict(row) for n, part in enumerate(parts) for code, row in part.items()}
    kept = {key: {name: row[name] for name in row.keys() - set(_WORDS)} for key, row in rows.items()}
    return {"zone": lab.zone, "due_hour": lab.due_hour, "rows": kept}
