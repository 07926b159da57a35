"""Erases somebody: their own texts whole, the passages that name them in the others; one entry says where."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from states.canonical import canonical
from states.errors import FieldError, Invalid, Refusal, Refused
from states.language import _
from states.requests.entry import Entry
from workflow.engine import Engine
from workflow.history.erasures import ERASED, Erasure, Span, Standing, put_instead, recorded, standing, take_out
from workflow.history.vault import salted
from workflow.lab.service import LabWork, keeping
from workflow.privacy.holdings import FORM, NAMED, STAFF, Held, held, telephones
from workflow.privacy.passages import Naming, folded, without
from workflow.privacy.people import Person, Text

PERSON, PASSAGE, RETENTION, RESTORED = "person", "passage", "retention", "restored"  # why texts are erased
COMMAND = "coop privacy erase"
MARK = "[…]"  # what stands in place of a passage; in no language: texts are in several


@frozen
class Sought:
    """What must be nowhere any more: names, addresses and numbers that nobody else has, and the salts."""

    words: Sequence[str] = ()
    salts: Sequence[str] = ()


@frozen
class Erased:
    """What was erased of somebody: texts taken away, texts in which a passage was; and what is to be looked for."""

    held: Held
    taken: int
    rewritten: int
    sought: Sought


def erase(engine: Engine, actor: str, given: str, note: str) -> Erased:
    """Erases somebody from the tables, in one transaction. Raises as `held`; Refused for who is still of the lab."""
    with keeping(engine, actor) as work:
        found = held(work.facts, given, COMMAND)
        _check_gone(found.person)
        _check_note(found.person, note)
        own = [one.text for one in found.of(FORM, STAFF) if one.text]
        parts = {one.text: one.spans for one in found.of(NAMED) if one.text}
        writing = Writing(work)
        writing.take_away(own)
        writing.rewrite(parts)
        if writing.done:
            writing.record({"why": PERSON}, note)
    return Erased(found, len(own), len(parts), Sought(_words(found), [text.salt for text in (*own, *parts)]))


def _check_gone(person: Person) -> None:
    working = next((id for id, active in person.ids.items() if active), None)
    if working is not None:
        message = _("“{id}” is still part of the lab, which writes to them.", id=working)
        remedy = _("First: {command}", command=f"coop staff change {working} --left")
        raise Refused([Refusal("still_registered", message, remedy)])


def _check_note(person: Person, note: str) -> None:
    """The reason stays: it does not name whom it is about."""
    naming = Naming()
    for name in person.names.values():
        naming.add_name(name, whole=True)
    for address in person.addresses.values():
        naming.add_address(address, whole=True)
    if naming.surely(folded(canonical(note))):
        raise Invalid([FieldError("note", _("the note stays: it must not name whom it erases"))])


def _words(found: Held) -> list[str]:
    """What identifies somebody by itself: not a name of one word, nor what others have too."""
    person = found.person
    names = [name for name in person.names.values() if len(name.split()) > 1]
    words = [*names, *person.addresses.values(), *telephones(person.texts)]
    return [word for word in words if word and word not in found.shared]


# --- Writing ---


@define
class Writing:
    """Takes texts out of the vault in a transaction, and keeps what its entry is to say."""

    work: LabWork
    done: list[Erasure] = field(factory=list)
    _left: Standing = field(init=False)
    _entries: dict[str, dict[int, Entry]] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self._left = standing(row.data for row in recorded(self.work.tx))

    def digest(self, text: Text) -> str:
        """Under which digest a text stands now."""
        if text.stream not in self._entries:
            self._entries[text.stream] = {entry.seq: entry for entry in self.work.facts.entries_of(text.stream)}
        entry = self._entries[text.stream][text.seq]
        private = entry.data.get(text.field)
        written = private["vault"] if isinstance(private, dict) else entry.note_digest
        return str(self._left.of(text.place, written or ""))

    def take_away(self, texts: Iterable[Text]) -> None:
        """Deletes texts, and their salts."""
        for text in texts:
            take_out(self.work.tx, text.place)
            self._add(Erasure(*text.place, self.digest(text), None))

    def rewrite(self, parts: Mapping[Text, Sequence[Span]]) -> list[Text]:
        """Puts a mark in place of some passages of each text: what is left of them."""
        rest = []
        for text, spans in parts.items():
            salt, left = os.urandom(16).hex(), without(text.document, spans, MARK)
            put_instead(self.work.tx, text.place, salt, left)
            after = salted(salt, left)
            self._add(Erasure(*text.place, self.digest(text), after, tuple(spans)))
            rest.append(text._replace(salt=salt, document=left))
        return rest

    def _add(self, erasure: Erasure) -> None:
        self.done.append(erasure)
        self._left.add(erasure)

    def record(self, data: Mapping[str, Any], note: str | None = None) -> None:
        """The entry that says where something was, and is no more."""
        self.work.write(ERASED, {**data, "texts": [erasure.document() for erasure in self.done]}, note)
