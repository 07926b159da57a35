"""What readers of event logs do not check, checked here on the file alone: no line is shared with what writes it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
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
