"""Who is in the registers: the people of the lab, and those who asked, each with what is theirs in the vault.

Two names or two addresses that are alike are not one person: someone is known by a name and an address together, or by
an id of the staff. One who changes address within a request stays the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from attrs import define, field, frozen
from sqlalchemy import bindparam, or_, select

from states.declaration.written import simplified
from states.references import LAB
from workflow.history.erasures import Place, whole_vault
from workflow.history.facts import Facts
from workflow.privacy.passages import address_of
from workflow.store import schema as s
from workflow.store.prepared import Statement

NAME, ADDRESS = "requester.name", "requester.email"
STAFF_NAME, STAFF_ADDRESS = "name", "email"
OF_STAFF = (STAFF_NAME, STAFF_ADDRESS)


class Text(NamedTuple):
    """A row of the vault."""

    stream: str
    seq: int
    field: str
    salt: str
    document: str

    @property
    def place(self) -> Place:
        return self.stream, self.seq, self.field

    @property
    def value(self) -> Any:
        return json.loads(self.document)


@define(eq=False)
class Person:
    """Someone of the registers. `names` and `addresses` by how they are compared, as they were written."""

    names: dict[str, str] = field(factory=dict)
    addresses: dict[str, str] = field(factory=dict)
    ids: dict[str, bool] = field(factory=dict)  # of the staff, and whether they are still part of the lab
    texts: list[Text] = field(factory=list)  # what is theirs alone
    into: Person | None = None  # whom they turned out to be

    @property
    def whole(self) -> Person:
        return self.into.whole if self.into else self

    def is_also(self, other: Person) -> None:
        """Both are one."""
        one, same = self.whole, other.whole
        if one is same:
            return
        one.names |= same.names
        one.addresses |= same.addresses
        one.ids |= same.ids
        one.texts += same.texts
        same.into = one

    @property
    def refs(self) -> list[str]:
        """The requests they made."""
        return sorted({text.stream for text in self.texts} - {LAB})

    @property
    def typed(self) -> str:
        """What to type to mean them and nobody else."""
        if self.ids:
            return next(iter(self.ids))
        name, address = next(iter(self.names.values()), ""), next(iter(self.addresses.values()), "")
        return f"{name} <{address}>" if name and address else name or address


@frozen
class People:
    """Everyone in the registers, and every text of the vault."""

    everyone: Collection[Person]
    texts: Collection[Text]

    @classmethod
    def read(cls, facts: Facts) -> People:
        texts = [Text(*row) for row in whole_vault(facts.tx)]
        register = _Register(_personal(facts))
        register.add_staff(facts, [text for text in texts if text.stream == LAB])
        for stream, of_one in groupby(texts, attrgetter("stream")):
            if stream != LAB:
                register.add_request(list(of_one))
        return cls(register.people(), texts)

    def known_as(self, given: str) -> list[Person]:
        """Who is meant by an id, an address, a whole name, or `Name <address>`."""
        words = given.strip()
        both = re.fullmatch(r"(.*\S)\s*<(\S+)>", words, flags=re.DOTALL)
        name, address = (both[1], both[2]) if both else ("", words) if "@" in words else (words, "")
        of_staff = [person for person in self.everyone if words in person.ids]
        return of_staff or [one for one in self.everyone if _is(one, simplified(name), address_of(address))]

    def like(self, given: str) -> list[Person]:
        """Whose name has a word of what was given."""
        words = set(simplified(given).split())
        return [one for one in self.everyone if any(words & set(name.split()) for name in one.names)]

    def others(self, person: Person) -> Iterable[Person]:
        return (one for one in self.everyone if one is not person)


def _is(person: Person, name: str, address: str) -> bool:
    """Whether someone has that name, its words in any order, and that address; an empty one is anybody's."""
    named = not name or any(sorted(name.split()) == sorted(one.split()) for one in person.names)
    return named and (not address or address in person.addresses) and bool(name or address)


def _personal(facts: Facts) -> frozenset[str]:
    """The fields of the form that are about whoever asks, in any version of the declaration."""
    versions = facts.versions.values()
    return frozenset(name for one in versions for name, spec in one.form.items() if spec.personal) | {NAME, ADDRESS}


@define
class _Register:
    """Finds who is who, text by text."""

    personal: frozenset[str]
    known: dict[tuple[str, str], Person] = field(factory=dict)  # by name and address

    def people(self) -> list[Person]:
        found = {id(person.whole): person.whole for person in self.known.values()}
        return [person for person in found.values() if person.texts or person.ids]

    def person(self, name: str, address: str) -> Person:
        key = simplified(name), address_of(address)
        person = self.known.setdefault(key, Person()).whole
        if name:
            person.names.setdefault(key[0], name)
        if address:
            person.addresses.setdefault(key[1], address)
        return person

    def add_request(self, texts: Iterable[Text]) -> None:
        """Whoever made a request, then whoever it was said to be."""
        name = address = ""
        before: tuple[str, Person] | None = None
        ours = (text for text in texts if text.field in self.personal)
        for _seq, together in groupby(ours, attrgetter("seq")):
            given = {text.field: text for text in together}
            name = str(given[NAME].value) if NAME in given else name
            address = str(given[ADDRESS].value) if ADDRESS in given else address
            person = self.person(name, address)
            if before and before[0] == simplified(name):
                before[1].is_also(person)
            person.whole.texts += given.values()
            before = simplified(name), person

    def add_staff(self, facts: Facts, texts: Iterable[Text]) -> None:
        """The people of the lab, entry by entry; each id is one person."""
        of_id = {row.seq: json.loads(row.data)["id"] for row in facts.tx.all(_registrations, of=LAB)}
        active = {person.id: person.active for person in facts.people}
        said: dict[str, dict[str, str]] = {}
        first: dict[str, Person] = {}
        for seq, given in _by_entry(texts, of_id):
            id = of_id[seq]
            now = said.setdefault(id, {})
            now |= {text.field: str(text.value) for text in given}
            person = self.person(now.get(STAFF_NAME, ""), now.get(STAFF_ADDRESS, ""))
            first.setdefault(id, person).is_also(person)
            person.whole.texts += given
            person.whole.ids[id] = active.get(id, False)
        for id in active.keys() - first.keys():  # whose name is erased
            self.known["", id] = Person(ids={id: active[id]})


_e = s.entries.c
_registrations = Statement(
    lambda _: (
        select(_e.seq, _e.data)
        .where(_e.stream == bindparam("of"), or_(_e.event == "staff_added", _e.event == "staff_changed"))
        .order_by(_e.seq)
    )
)


def _by_entry(texts: Iterable[Text], entries: Mapping[int, str]) -> Iterator[tuple[int, list[Text]]]:
    ours = (text for text in texts if text.seq in entries and text.field in OF_STAFF)
    for seq, together in groupby(ours, attrgetter("seq")):
        yield seq, list(together)
