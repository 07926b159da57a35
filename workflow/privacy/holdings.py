"""Everything that is held on somebody: their own texts, those that name them, the messages, what they did here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from attrs import Factory, define, frozen
from sqlalchemy import ColumnElement, func, or_, select

from states.declaration.written import simplified
from states.errors import FieldError, Invalid, NotFound
from states.language import _, enumeration
from states.notifications import REQUESTER
from states.references import LAB
from workflow.history.erasures import Span
from workflow.history.facts import Facts
from workflow.privacy.passages import Naming, address_of
from workflow.privacy.people import ADDRESS, NAME, STAFF_ADDRESS, STAFF_NAME, People, Person, Text
from workflow.store import schema as s
from workflow.store.transaction import Looking

# Where something stands, and what erasing does with it.
FORM, STAFF, NAMED, PERHAPS, ASKED, MESSAGE, HISTORY = (
    "form", "staff", "named", "perhaps", "request", "message", "history"
)  # fmt: skip
NAMES, ADDRESSES = (NAME, STAFF_NAME), (ADDRESS, STAFF_ADDRESS)
CANDIDATES = 8  # that are named where who is meant is not clear


@frozen
class Holding:
    """Something held on somebody. `spans`: the passages of a text that name them, by their places in its JSON."""

    where: str
    ref: str | None
    seq: int | None
    field: str
    value: str
    text: Text | None = None
    spans: tuple[Span, ...] = ()

    @property
    def entry(self) -> str:
        """The entry that it is of, as people read it."""
        of = self.ref or _("the lab")
        return f"{of} #{self.seq}"

    def document(self) -> dict[str, Any]:
        return {"where": self.where, "ref": self.ref, "seq": self.seq, "field": self.field, "value": self.value}


@define
class Held:
    """What is held on somebody, in the order of the register, then of the requests."""

    person: Person
    given: str  # who was asked about, as it was typed
    holdings: list[Holding] = Factory(list)
    shared: list[str] = Factory(list)  # what is somebody else's too: their names or addresses, which stay

    def of(self, *where: str) -> list[Holding]:
        return [one for one in self.holdings if one.where in where]

    def document(self) -> dict[str, Any]:
        return {"person": self.given, "found": [one.document() for one in self.holdings]}


def held(facts: Facts, given: str, command: str) -> Held:
    """What is held on whom was named; NotFound where nothing is, Invalid where several are called so.

    `command` is what was typed, for what is proposed instead.
    """
    people = People.read(facts)
    person = _meant(people, given, command)
    found = Held(person, given)
    found.holdings += _own(person)
    found.holdings += _said_elsewhere(people, person, found)
    if isinstance(facts.tx, Looking):
        found.holdings += _beside(facts.tx, person)
    if not found.holdings:
        raise _nobody(people, given, command)
    return found


def _meant(people: People, given: str, command: str) -> Person:
    known = people.known_as(given)
    if len(known) == 1:
        return known[0]
    if known:
        raise _several(given, known, command)
    return _of_texts(given)


def _of_texts(given: str) -> Person:
    """Someone whom no register knows: their whole name or their address, as it may stand in a text."""
    if "@" in given:
        return Person(addresses={address_of(given): given.strip()})
    return Person(names={simplified(given): given.strip()} if len(given.split()) > 1 else {})


def _several(given: str, known: Sequence[Person], command: str) -> Invalid:
    message = _("Several people are called so. Say which one: {commands}", commands=_typed(known, command))
    return Invalid([FieldError("person", message)], _("“{given}” is not one person.", given=given))


def _nobody(people: People, given: str, command: str) -> NotFound | Invalid:
    like = people.like(given)
    if like:
        message = _(
            "Who is meant? Whole names, addresses and ids are understood: {commands}", commands=_typed(like, command)
        )
        return Invalid([FieldError("person", message)], _("“{given}” is the whole name of nobody.", given=given))
    return NotFound(_("Nothing is held on “{given}”.", given=given), hint="coop staff list")


def _typed(people: Sequence[Person], command: str) -> str:
    from shlex import quote

    lines = sorted(f"{command} {quote(person.typed)}" for person in people)
    more = [_("and {n} others", n=len(lines) - CANDIDATES)] if len(lines) > CANDIDATES else []
    return enumeration([*lines[:CANDIDATES], *more])


# --- Their own ---


def _own(person: Person) -> Iterator[Holding]:
    for text in sorted(person.texts):
        where = STAFF if text.stream == LAB else FORM
        ref = None if where == STAFF else text.stream
        yield Holding(where, ref, text.seq, text.field, said(text.value), text)


def said(value: Any) -> str:
    """A value of the vault, as one text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# --- Texts that name them ---


def _said_elsewhere(people: People, person: Person, found: Held) -> Iterator[Holding]:
    own = {text.place for text in person.texts}
    naming = _naming(people, person, found)
    named = {*NAMES, *ADDRESSES}
    theirs = {text.place for other in people.others(person) for text in other.texts if text.field in named}
    for text in people.texts:
        if text.place not in own and text.place not in theirs:
            yield from _named(text, naming, person)


def _named(text: Text, naming: Naming, person: Person) -> Iterator[Holding]:
    """A text that names somebody, surely or perhaps; or that is of a request of theirs."""
    ref = None if text.stream == LAB else text.stream
    folded = naming.in_text(text.document)
    sure = naming.surely(folded) if folded else ()
    maybe = naming.maybe(folded) if folded else ()
    if sure:
        yield Holding(NAMED, ref, text.seq, text.field, said(text.value), text, sure)
    if maybe:
        yield Holding(PERHAPS, ref, text.seq, text.field, said(text.value), text, maybe)
    if not sure and not maybe and text.seq == 1 and ref in person.refs:
        yield Holding(ASKED, ref, text.seq, text.field, said(text.value), text)


def _naming(people: People, person: Person, found: Held) -> Naming:
    """What names somebody: of what is somebody else's too, only perhaps."""
    naming = Naming()
    others = list(people.others(person))
    for key, name in person.names.items():
        alone = not any(key in other.names for other in others)
        naming.add_name(name, whole=alone)
        found.shared += [] if alone else [name]
    for key, address in person.addresses.items():
        alone = not any(key in other.addresses for other in others)
        naming.add_address(address, whole=alone)
        found.shared += [] if alone else [address]
    for number in telephones(person.texts):
        naming.add_telephone(number)
    return naming


def telephones(texts: Iterable[Text]) -> list[str]:
    """What, among somebody's texts, identifies them besides their names and addresses."""
    named = {*NAMES, *ADDRESSES}
    values = [str(text.value) for text in texts if text.field not in named]
    return [value for value in values if sum(c.isdigit() for c in value) >= 9]


# --- What stands beside the vault ---


def _beside(tx: Looking, person: Person) -> Iterator[Holding]:
    """The messages to them, and what the history keeps of who they are in the lab."""
    o, e = s.outbox.c, s.entries.c
    theirs: list[ColumnElement[bool]] = [o.recipient.in_(person.ids)]
    if person.refs:
        theirs.append((o.recipient == REQUESTER) & o.ref.in_(person.refs))
    messages = select(o.ref, o.sequence, o.kind, o.status, o.sent_at, o.created_at).where(or_(*theirs))
    for row in tx.connection.execute(messages.order_by(o.created_at, o.key)):
        yield Holding(MESSAGE, row.ref, row.sequence, row.kind, f"{row.status} {row.sent_at or row.created_at}")
    for id in person.ids:
        count = tx.connection.execute(select(func.count()).where(e.actor == id)).scalar_one()
        yield Holding(HISTORY, None, None, "actor", f"{id}: {count}")
        logins = select(e.entered_by, func.count().label("n")).where(e.actor == id).group_by(e.entered_by)
        for row in tx.connection.execute(logins.order_by(e.entered_by)):
            yield Holding(HISTORY, None, None, "entered_by", f"{row.entered_by}: {row.n}")
