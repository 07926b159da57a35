"""The histories as a log of events and objects (OCEL 2.0): requests, meetings, activities, services and places.

What an event or an object is related to is read in the types of what is said: a key of the services is a service, one
of the places a place, a meeting a meeting. Whatever is named is an object of the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from attrs import define, field

from handlers.exchange.event_logs.leaving import MOMENT, TEXT, TRUTH, WHOLE, Attribute, Leaving, is_there
from handlers.exchange.event_logs.log import Advance, Log, called
from states.declaration.model import Declaration
from states.lifecycle.effects import effect_of
from states.references import is_activity
from states.requests.request import PLANNED, Meeting
from workflow.store import schema as s
from workflow.views.event_log import History, Logged, happened, histories
from workflow.views.reader import Reader

Kinds = Mapping[str, str]  # of each attribute of a type, what it is
Values = list[tuple[str, Any]]

ALWAYS = "1970-01-01T00:00:00+00:00"  # since when what an object begins with is so, as OCEL says it
REQUEST, MEETING, ACTIVITY, SERVICE, PLACE = OBJECTS = ("request", "meeting", "activity", "service", "place")
_OF_VOCABULARY = {"services": SERVICE, "places": PLACE}  # the objects that codes are of
_OF_ENTRY = {
    "coop_seq": WHOLE, "coop_role": TEXT, "coop_on_behalf": TRUTH, "coop_from": TEXT, "coop_to": TEXT,
    "coop_recorded_at": MOMENT,
}  # fmt: skip
_OF_CORRECTION = {"coop_corrected_by": WHOLE, "coop_corrects": WHOLE}
_OF_MEETING = {
    "kind": TEXT, "status": TEXT, "at": MOMENT, "duration": WHOLE, "place": TEXT, "department": TEXT, "agreed": TRUTH,
    "facilitation": TEXT, "skill": TEXT, "started_at": MOMENT, "expected": WHOLE, "attended": WHOLE, "managers": WHOLE,
}  # fmt: skip
_OF_CODES: Mapping[str, Kinds] = {SERVICE: {"label": TEXT, "family": TEXT, "department": TEXT}, PLACE: {"label": TEXT}}
_MEETINGS = ("meeting", "cancelled", "restored", "released")  # the keys of an entry that name meetings of its request


class Relation(NamedTuple):
    object: str
    qualifier: str


class Event(NamedTuple):
    id: str
    type: str
    time: str
    values: Values
    relations: list[Relation]


class Change(NamedTuple):
    """A value that an attribute of an object has from a moment on."""

    time: str
    name: str
    value: Any


class Object(NamedTuple):
    id: str
    type: str
    values: Values  # what it begins with
    changes: list[Change]
    relations: list[Relation]


@define
class _Named:
    """The codes that the log names, each with the type of its object."""

    codes: dict[str, str] = field(factory=dict)

    def relations(self, attributes: Mapping[str, Attribute], data: Mapping[str, Any]) -> Iterator[Relation]:
        """What is related by codes of some values: a service, a place."""
        value: Any
        for name, attribute in attributes.items():
            kind, value = _OF_VOCABULARY.get(attribute.codes), data.get(name)
            if kind and is_there(value):
                yield from (self.relation(kind, code, name) for code in (value if isinstance(value, list) else [value]))

    def relation(self, kind: str, code: str, qualifier: str) -> Relation:
        id = f"{kind}:{code}"
        self.codes[id] = kind
        return Relation(id, qualifier)


class Ocel(Log):
    """A log of requests and activities, and of what they are related to."""

    def __init__(self, reader: Reader, *, whole: bool) -> None:
        super().__init__(reader, whole=whole)
        self._known: dict[tuple[str, str, bool], tuple[str, Mapping[str, Attribute]]] = {}
        self._forms: dict[tuple[str, bool], Mapping[str, Attribute]] = {}
        self._named = _Named()
        self.event_types: dict[str, dict[str, str]] = {}
        self.object_types: dict[str, Kinds] = {}
        self._declare()

    # --- The types ---

    def _declare(self) -> None:
        more = _OF_CORRECTION if self.whole else {}
        forms: dict[str, dict[str, str]] = {REQUEST: {}, ACTIVITY: {}}
        for table, kind in ((s.requests, REQUEST), (s.activities, ACTIVITY)):
            lived = happened(self.reader, table)
            for one in lived:
                type, attributes = self._of_event(one.event, one.declaration, kind == ACTIVITY)
                _merge(self.event_types.setdefault(type, {**_OF_ENTRY, **more}), attributes.values())
            for digest in dict.fromkeys([*(one.declaration for one in lived), *self.reader.versions]):
                _merge(forms[kind], self._of_form(digest, kind == ACTIVITY).values())
        own = {"coop_state": TEXT}
        self.object_types = {
            REQUEST: {**forms[REQUEST], **own, "coop_tier": TEXT},
            MEETING: _OF_MEETING,
            ACTIVITY: {**forms[ACTIVITY], **own, "at": MOMENT, "duration": WHOLE, "place": TEXT},
            **_OF_CODES,
        }

    def _of_event(self, event: str, digest: str, of_activity: bool) -> tuple[str, Mapping[str, Attribute]]:
        """The type of an event, and what leaves of its entries."""
        found = self._known.get((event, digest, of_activity))
        if found is None:
            found = called(event, of_activity), Leaving(self._lifecycle(digest, of_activity)).of_event(event)
            self._known[event, digest, of_activity] = found
        return found

    def _of_form(self, digest: str, of_activity: bool) -> Mapping[str, Attribute]:
        """What leaves of the form; of an activity, which has none, of what begins it and changes what is told of it."""
        found = self._forms.get((digest, of_activity))
        if found is None:
            found = self._forms[digest, of_activity] = self._read_form(
                self._lifecycle(digest, of_activity), of_activity
            )
        return found

    def _read_form(self, declaration: Declaration, of_activity: bool) -> Mapping[str, Attribute]:
        if not of_activity:
            return Leaving(declaration).form
        codes = [code for code, event in declaration.events.items() if event.creates or _changes(event, "form")]
        found = {name: one for code in codes for name, one in Leaving(declaration).of_event(code).items()}
        return {name: one for name, one in found.items() if name not in (*_MEETINGS, *_OF_MEETING)}

    def _lifecycle(self, digest: str, of_activity: bool) -> Declaration:
        declaration = self.reader.declaration_of(digest)
        return declaration.activities if of_activity else declaration

    # --- What there is ---

    def histories(self, advance: Advance) -> Iterator[tuple[Iterable[Event], Iterable[Object]]]:
        """The events and the objects of each history in turn, then the objects that they named."""
        for table in (s.requests, s.activities):
            for history in histories(self.reader, table):
                entries = self.kept(history, advance)
                yield [self._event(entry, history) for entry in entries], [*self._objects(history, entries)]
        yield (), [self._coded(id, kind) for id, kind in sorted(self._named.codes.items())]

    def _event(self, entry: Logged, history: History) -> Event:
        of_activity = is_activity(entry.stream)
        type, attributes = self._of_event(entry.event, entry.declaration, of_activity)
        own = {
            "coop_seq": entry.seq, "coop_role": entry.role, "coop_from": entry.source, "coop_to": entry.to,
            "coop_recorded_at": entry.recorded_at, "coop_on_behalf": True if entry.on_behalf else None,
        }  # fmt: skip
        if self.whole:
            own |= {"coop_corrected_by": history.corrected.get(entry.seq), "coop_corrects": entry.data.get("corrects")}
        said = {name: value for name, value in entry.data.items() if name in attributes}
        related = [Relation(entry.stream, ACTIVITY if of_activity else REQUEST)]
        if not of_activity:
            related += [Relation(f"{entry.stream}/{id}", name) for name, id in _meetings_of(entry.data)]
        related += self._named.relations(attributes, entry.data)
        values = self._values({**own, **said}, self.event_types[type])
        return Event(f"{entry.stream}/{entry.seq}", type, self.moments(entry.occurred_at), values, _once(related))

    def _objects(self, history: History, entries: list[Logged]) -> Iterator[Object]:
        request, effective = history.request, history.effective
        kind = ACTIVITY if is_activity(request.ref) else REQUEST
        attributes = self._of_form(request.declaration, kind == ACTIVITY)
        begun = {name: value for name, value in effective[0].data.items() if name in attributes}
        changes = [*self._changes(effective, attributes)]
        related = [*self._named.relations(attributes, request.form)]
        if kind == ACTIVITY:
            held = request.meetings[0]  # the one that it is
            related.append(self._named.relation(PLACE, held.place, "place"))
            begun |= {"at": held.begins_at, "duration": held.duration, "place": held.place}
        elif before := request.form.get("follows"):
            related.append(Relation(before, "follows"))
        begun["coop_state"] = effective[0].to
        yield Object(request.ref, kind, self._values(begun, self.object_types[kind]), changes, _once(related))
        if kind == REQUEST:
            known = [self._meeting(request.ref, meeting) for meeting in request.meetings]
            yield from known
            yield from self._struck(request.ref, entries, {one.id for one in known})

    def _changes(self, effective: list[Logged], attributes: Mapping[str, Attribute]) -> Iterator[Change]:
        """What changed of a request or an activity, in the order of its history, whose last word is the last."""
        state, at = effective[0].to, effective[0].occurred_at
        for entry in effective[1:]:
            at = max(at, entry.occurred_at)
            event = self._lifecycle(entry.declaration, is_activity(entry.stream)).events.get(entry.event)
            changed: dict[str, Any] = {}
            if event and _changes(event, "form"):
                changed |= {name: value for name, value in entry.data.items() if name in attributes}
            if event and _changes(event, "tier"):
                changed["coop_tier"] = entry.data["tier"]
            if (event is None or event.moves) and entry.to != state:
                changed["coop_state"] = state = entry.to
            kinds = self.object_types[ACTIVITY if is_activity(entry.stream) else REQUEST]
            yield from (Change(self.moments(at), *one) for one in self._values(changed, kinds))

    def _meeting(self, ref: str, meeting: Meeting) -> Object:
        told = {name: getattr(meeting, name) for name in _OF_MEETING}
        settled = meeting.settled_at
        begun = {**told, "status": PLANNED if settled else meeting.status}
        changes = [Change(self.moments(settled), "status", meeting.status)] if settled else []
        related = [Relation(ref, REQUEST), self._named.relation(PLACE, meeting.place, "place")]
        return Object(f"{ref}/{meeting.id}", MEETING, self._values(begun, _OF_MEETING), changes, related)

    def _struck(self, ref: str, entries: list[Logged], known: set[str]) -> Iterator[Object]:
        """The meetings that entries name and that are no longer: planned by an entry that was corrected."""
        named = dict.fromkeys(f"{ref}/{id}" for entry in entries for _name, id in _meetings_of(entry.data))
        for id in named:
            if id not in known:
                kind = id.rpartition("/")[2].partition("-")[0]
                yield Object(id, MEETING, [("kind", kind)], [], [Relation(ref, REQUEST)])

    def _coded(self, id: str, kind: str) -> Object:
        """A service or a place, as the last version that declares it says it."""
        code = id.partition(":")[2]
        tables = (getattr(one, f"{kind}s") for one in self.reader.versions.values())
        found = next((table[code] for table in tables if code in table), None)
        told = {"label": code} if found is None else {"label": found.text}
        told |= {name: value for name in ("family", "department") if (value := getattr(found, name, None))}
        return Object(id, kind, self._values(told, _OF_CODES[kind]), [], [])

    def _values(self, data: Mapping[str, Any], kinds: Kinds) -> Values:
        """The values that there are; moments with their offset, several codes as one text, in their order."""
        return [(name, self._value(value, kinds[name])) for name, value in data.items() if is_there(value)]

    def _value(self, value: Any, kind: str) -> Any:
        if kind == MOMENT:
            return self.moments(value)
        return ",".join(value) if isinstance(value, list) else value


def _merge(kinds: dict[str, str], attributes: Iterable[Attribute]) -> None:
    """Adds what some attributes are; one that two versions say otherwise is a text."""
    for name, kind, _codes in attributes:
        kinds[name] = kind if kinds.get(name, kind) == kind else TEXT


def _changes(event: Any, what: str) -> bool:
    return what in effect_of(event).changes


def _meetings_of(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The meetings that an entry names, each under the name of what says it."""
    for name in _MEETINGS:
        named = data.get(name) or ()
        yield from ((name, id) for id in ([named] if isinstance(named, str) else named))


def _once(related: Iterable[Relation]) -> list[Relation]:
    return list(dict.fromkeys(related))
