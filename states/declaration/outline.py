"""The outline of a declaration: its codes, labels, events and keys, read from its document.

Enough for a list, a board, `coop --help` and completion, which cannot wait for thirty classes of tables. What is
asked of an outline is answered as `states.declaration.model.Declaration` answers it: a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from states.declaration.documents import shipped
from states.declaration.vocabulary import ACCEPT, ANSWER, ASK, DECLINE
from states.language import label_of
from states.references import is_activity

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


class Item:
    """A row of a table: what it says under its names, else what it then means."""

    _UNSAID: Mapping[str, Any] = {
        "help": {}, "waives": {}, "needs": (), "takes": (), "dated": True, "amendable": True, "note": "optional",
        "undo": "never", "since": "last", "many": False, "final": False, "command": "", "positional": False,
        "registered": True, "off": False, "kinds": (),
    }  # fmt: skip

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._row.get(name, self._UNSAID.get(name))

    @property
    def text(self) -> str:
        return label_of(self._row["label"])

    @property
    def receives(self) -> bool:
        """Whether this event answers what has just been received."""
        return self.triage in (ACCEPT, ASK, ANSWER, DECLINE)

    @property
    def creates(self) -> bool:
        """Whether a history begins with this event."""
        return not any(way["from"] for way in self._row["transitions"])

    @property
    def tz(self) -> ZoneInfo:
        from zoneinfo import ZoneInfo

        return ZoneInfo(self._row["zone"])


class Outline:
    """A declaration that was checked before it was stored."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._tables: dict[str, Mapping[str, Item]] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.vocabulary(name)

    @cached_property
    def lab(self) -> Item:
        return Item(self._document["lab"])

    @cached_property
    def activities(self) -> Outline:
        """The same lab, with the lifecycle of an activity."""
        declared = self._activity
        return Outline({**self._document, "states": declared["states"], "events": declared["events"]})

    @property
    def _activity(self) -> Mapping[str, Any]:
        """What is declared of activities; nothing where the lab has none."""
        return self._document.get("activity") or {"states": {}, "events": {}, "types": {}, "axes": ()}

    def of(self, ref: str) -> Outline:
        """The lifecycle that a reference obeys."""
        return self.activities if is_activity(ref) else self

    @property
    def activity_types(self) -> Mapping[str, Item]:
        return {code: Item(row) for code, row in self._activity["types"].items()}

    @property
    def activity_axes(self) -> Mapping[str, Item]:
        axes = self.vocabulary("axes")
        return {code: axes[code] for code in self._activity["axes"]}

    def vocabulary(self, name: str) -> Mapping[str, Item]:
        """The rows of a table, one of `codes` included."""
        if name in ("activity_types", "activity_axes"):
            made: Mapping[str, Item] = getattr(self, name)
            return made
        items = self._tables.get(name)
        if items is None:
            codes = self._document.get("codes", {})
            table = codes[name] if name in codes else self._document[name]
            items = self._tables[name] = {code: Item(row) for code, row in table.items()}
        return items

    @property
    def held_roles(self) -> Mapping[str, Item]:
        """The roles that someone of the staff may have."""
        return {code: role for code, role in self.vocabulary("roles").items() if role.registered}

    def letters_for(self, kind: str) -> Mapping[str, Item]:
        """The letters that a request of a kind may have."""
        letters = self.vocabulary("letters").items()
        return {code: one for code, one in letters if not one.off and (not one.kinds or kind in one.kinds)}

    def label(self, vocabulary: str, code: str | None) -> str:
        """The label of a code in the current language; the code itself when it is not declared (any more)."""
        if code is None:
            return ""
        item = self.vocabulary(vocabulary).get(code)
        return item.text if item else code

    def keys_of(self, event: Item) -> Mapping[str, tuple[Item, bool]]:
        """What an event takes: name -> (key, whether it is required)."""
        keys = self.vocabulary("keys")
        codes = [*((code, True) for code in event.needs), *((code, False) for code in event.takes)]
        return {keys[code].name or code: (keys[code], required) for code, required in codes}

    def sources(self, event: str) -> list[str]:
        """The states from which an event is possible, groups written out."""
        sources: dict[str, None] = {}
        for way in self._document["events"][event]["transitions"]:
            for word in way["from"]:
                sources.update(dict.fromkeys(self._group(word)))
        return list(sources)

    def _group(self, word: str) -> list[str]:
        if word not in ("any", "active", "final"):
            return [word]
        states = self.vocabulary("states")
        return [code for code, state in states.items() if word == "any" or state.final == (word == "final")]


_OF_COMMANDS = ("[", "label = ", "help = ", "command = ", "triage = ")


def shipped_commands() -> Outline:
    """The commands that come with the product: their events stand last in its file, of which no other line is read."""
    import tomllib

    text = shipped()
    lines = text[text.index("\n[commands.") :].splitlines()
    return Outline(tomllib.loads("\n".join(line for line in lines if line.startswith(_OF_COMMANDS))))
