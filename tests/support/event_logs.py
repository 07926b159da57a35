"""What readers of event logs do not check, checked here on the file alone: no line is shared with what writes it."""

from __future__ import annotations

import json
import re
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from pathlib import Path
from typing import Any

NAMESPACE = "{http://www.xes-standard.org/}"
OFFSET = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[+-]\d{2}:\d{2}"
READ = {"string": str, "date": str, "int": int, "float": float, "boolean": {"true": True, "false": False}.__getitem__}
STANDARD = ("concept", "time", "lifecycle", "org")


class Trace(dict[str, Any]):
    """The attributes of a trace of XES, and its events, each a dictionary."""

    events: list[dict[str, Any]]


def traces(file: Path, version: str = "1849-2016") -> list[Trace]:
    """The traces of a XES file; AssertionError for what a file may not hold."""
    root = ET.fromstring(file.read_bytes())
    assert (root.tag, root.get("xes.version")) == (f"{NAMESPACE}log", version)
    declared = {found.get("prefix") for found in root.iter(f"{NAMESPACE}extension")}
    assert declared == set(STANDARD)
    found = []
    for element in root.findall(f"{NAMESPACE}trace"):
        trace = Trace(_attributes(element))
        trace.events = [_attributes(event) for event in element.findall(f"{NAMESPACE}event")]
        assert trace.events, f"{trace['concept:name']} has no event: readers drop it"
        found.append(trace)
    _globals(root, found)
    names = [trace["concept:name"] for trace in found]
    assert len(names) == len(set(names))
    return found


def _attributes(element: ET.Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in element:
        kind = child.tag.removeprefix(NAMESPACE)
        if kind == "event":
            continue
        key, text = child.attrib["key"], child.attrib["value"]
        prefix, colon, _name = key.partition(":")
        assert not colon or prefix in STANDARD, f"{key} is of no extension"
        assert key not in found, f"{key} is there twice"
        assert text not in ("nan", "NaN", "None", "null", ""), f"{key} is absent, and said to be {text!r}"
        assert kind != "date" or re.fullmatch(OFFSET, text), f"{key} has no offset: {text}"
        found[key] = READ[kind](text)
    return found


def _globals(root: ET.Element, found: list[Trace]) -> None:
    """What is said to be on every trace and every event is there."""
    scopes = {element.attrib["scope"]: element for element in root.findall(f"{NAMESPACE}global")}
    assert set(scopes) == {"trace", "event"}
    for scope, some in (("trace", found), ("event", [event for trace in found for event in trace.events])):
        names = {child.attrib["key"] for child in scopes[scope]}
        assert all(names <= one.keys() for one in some)


def in_order(trace: Trace) -> None:
    """The events stand as they were recorded, whatever their times: a number says so."""
    numbers = [event["coop_seq"] for event in trace.events]
    assert numbers == sorted(set(numbers))


# --- OCEL ---

OF_TYPE = {
    "string": r".+", "integer": r"-?\d+", "float": r"-?\d+(\.\d+)?", "boolean": "true|false", "time": OFFSET,
}  # fmt: skip
OBJECTS = {"request", "meeting", "activity", "service", "place"}


def ocel(file: Path) -> dict[str, Any]:
    """The log of a file in JSON; AssertionError for what no log may hold."""
    found: dict[str, Any] = json.loads(file.read_text("utf-8"), parse_constant=_no_constant)
    assert set(found) == {"eventTypes", "objectTypes", "events", "objects"}
    kinds = {
        kind: {one["name"]: {a["name"]: a["type"] for a in one["attributes"]} for one in found[f"{kind}Types"]}
        for kind in ("event", "object")
    }
    assert set(kinds["object"]) == OBJECTS
    ids = [one["id"] for one in (*found["events"], *found["objects"])]
    assert len(ids) == len(set(ids)), "an id is there twice"
    objects = {one["id"]: one for one in found["objects"]}
    for event in found["events"]:
        assert re.fullmatch(OFFSET, event["time"]), f"{event['id']} has no offset"
        assert event["relationships"], f"{event['id']} is of no object: readers drop it"
        _said(event, kinds["event"])
        names = [one["name"] for one in event["attributes"]]
        assert len(names) == len(set(names)), f"{event['id']} says something twice"
    for one in found["objects"]:
        _said(one, kinds["object"])
        assert all(re.fullmatch(OFFSET, a["time"]) for a in one["attributes"]), f"{one['id']} has no offset"
    for one in (*found["events"], *found["objects"]):
        related = [(relation["objectId"], relation["qualifier"]) for relation in one["relationships"]]
        assert len(related) == len(set(related)), f"{one['id']} is related twice"
        assert all(id in objects and qualifier for id, qualifier in related), f"{one['id']} leads nowhere"
    reached = {relation["objectId"] for event in found["events"] for relation in event["relationships"]}
    reached |= {relation["objectId"] for one in found["objects"] for relation in one["relationships"]}
    assert objects.keys() == reached, "an object that nothing leads to"
    return found


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def _said(one: dict[str, Any], kinds: dict[str, dict[str, str]]) -> None:
    """What is said of an event or an object is declared, and of the type that is declared."""
    assert one["type"] in kinds, f"{one['id']} is of a type not declared"
    for attribute in one["attributes"]:
        kind = kinds[one["type"]][attribute["name"]]
        assert re.fullmatch(OF_TYPE[kind], attribute["value"]), f"{one['id']} {attribute}"


def as_json(file: Path) -> dict[str, Any]:
    """What a database says, as the same in JSON; AssertionError where a key leads nowhere."""
    with closing(sqlite3.connect(file)) as database:
        database.row_factory = sqlite3.Row
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        return {f"{of}s": list(_of_kind(database, of)) for of in ("event", "object")}


def _of_kind(database: sqlite3.Connection, of: str) -> list[dict[str, Any]]:
    tables = dict(database.execute(f"SELECT ocel_type, ocel_type_map FROM {of}_map_type").fetchall())
    column = {"event": ("event_object", "ocel_event_id", "ocel_object_id"),
              "object": ("object_object", "ocel_source_id", "ocel_target_id")}[of]  # fmt: skip
    found: dict[str, dict[str, Any]] = {}
    for row in database.execute(f"SELECT * FROM {of}"):
        found[row["ocel_id"]] = {"type": row["ocel_type"], "times": set(), "values": set(), "related": set()}
    for kind, table in tables.items():
        for row in database.execute(f'SELECT * FROM "{of}_{table}"'):
            one = found[row["ocel_id"]]
            assert one["type"] == kind
            one["times"].add(row["ocel_time"])
            named = {name: row[name] for name in row.keys() if not name.startswith("ocel_")}  # noqa: SIM118
            for name, value in named.items():
                if value is not None:
                    one["values"].add((name, row["ocel_time"] if of == "object" else "", value))
    for id, other, qualifier in database.execute(f"SELECT {column[1]}, {column[2]}, ocel_qualifier FROM {column[0]}"):
        found[id]["related"].add((other, qualifier))
    return [{"id": id, **one} for id, one in sorted(found.items())]


def of_json(log: dict[str, Any]) -> dict[str, Any]:
    """The same of a log in JSON: its texts are read as their types say."""
    read = {"string": str, "integer": int, "float": float, "boolean": lambda v: int(v == "true"), "time": str}
    found: dict[str, Any] = {}
    for of in ("event", "object"):
        kinds = {one["name"]: {a["name"]: a["type"] for a in one["attributes"]} for one in log[f"{of}Types"]}
        found[f"{of}s"] = [
            {
                "id": one["id"],
                "type": one["type"],
                "times": {one["time"]} if of == "event" else {BEGINNING, *(a["time"] for a in one["attributes"])},
                "values": {
                    (a["name"], a.get("time", ""), read[kinds[one["type"]][a["name"]]](a["value"]))
                    for a in one["attributes"]
                },
                "related": {(r["objectId"], r["qualifier"]) for r in one["relationships"]},
            }
            for one in sorted(log[f"{of}s"], key=lambda one: one["id"])
        ]
    return found


BEGINNING = "1970-01-01T00:00:00+00:00"
