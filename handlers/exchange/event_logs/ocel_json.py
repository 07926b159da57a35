"""A log of events and objects as OCEL 2.0 JSON: values are texts, as its schema wants; their types are declared."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from tempfile import TemporaryFile
from typing import IO, Any

from handlers.exchange.event_logs.log import Advance
from handlers.exchange.event_logs.ocel import ALWAYS, Event, Kinds, Object, Ocel, Relation

PIECE = 1 << 20


def pieces(log: Ocel, advance: Advance) -> Iterator[bytes]:
    """The file, a history after another; its objects wait on the disk until the last event is written."""
    yield f'{{"objectTypes":{_types(log.object_types)},\n"eventTypes":{_types(log.event_types)},\n"events":['.encode()
    with TemporaryFile() as objects:
        first = True
        for some_events, some_objects in log.histories(advance):
            yield _listed(map(_event, some_events), first=first)
            first = False
            objects.write(_listed(map(_object, some_objects), first=objects.tell() == 0))
        yield b'],\n"objects":['
        objects.seek(0)
        yield from _all_of(objects)
    yield b"]}\n"


def _all_of(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def _listed(documents: Iterable[Any], *, first: bool) -> bytes:
    """Documents as members of a list, each on its line."""
    lines = [json.dumps(document, ensure_ascii=False, separators=(",", ":")) for document in documents]
    return ((("\n" if first else ",\n") if lines else "") + ",\n".join(lines)).encode()


def _types(types: Mapping[str, Kinds]) -> str:
    found = [
        {"name": name, "attributes": [{"name": one, "type": kind} for one, kind in kinds.items()]}
        for name, kinds in types.items()
    ]
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def _event(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "time": event.time,
        "attributes": [{"name": name, "value": _text(value)} for name, value in event.values],
        "relationships": _relations(event.relations),
    }


def _object(found: Object) -> dict[str, Any]:
    begun = ((ALWAYS, name, value) for name, value in found.values)
    return {
        "id": found.id,
        "type": found.type,
        "attributes": [
            {"name": name, "time": time, "value": _text(value)} for time, name, value in (*begun, *found.changes)
        ],
        "relationships": _relations(found.relations),
    }


def _relations(relations: Iterable[Relation]) -> list[dict[str, str]]:
    return [{"objectId": relation.object, "qualifier": relation.qualifier} for relation in relations]


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
