"""A declaration whose every code has another name, and the gestures that name them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

MARK = "zz_"
TABLES = ("states", "events", "roles", "places", "tiers", "services", "deadlines", "axes")
CODES = ("departments", "families", "skills", "semesters")  # their gestures are not renamed
WITHIN = ("tasks", "activity_types", "form")  # tables of other tables
REASONS = ("decline_reasons", "cancel_reasons")
VOCABULARIES = (*REASONS, "moments", "deliverable_types")
EVERY = (*TABLES, *CODES, *WITHIN, *VOCABULARIES)
FREE = ("external_id", "sponsor", "moment", "follows", "participants", "wanted_from", "requester.phone")  # form fields
# What a gesture names, by the key it names it under.
NAMED = {
    "event": "events",
    "tier": "tiers",
    "wanted_tier": "tiers",
    "place": "places",
    "site": "places",
    "role": "roles",
    "service": "services",
    "services": "services",
    "reused_by": "services",
    "task": "tasks",
    "reason": "reasons",
    "kind": "deadlines",
    "axis": "axes",
}


def toml(value: Any) -> str:
    """A value in TOML, tables written on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


class Renaming:
    """The other names of a declaration's codes: those of its document, and of gestures."""

    def __init__(self, document: Mapping[str, Any], tables: Collection[str] = (*TABLES, "tasks", *REASONS)) -> None:
        activity = document["activity"]
        known = {table: set(document[table]) for table in (*TABLES, *CODES)}
        known["states"] |= set(activity["states"])
        known["events"] |= set(activity["events"])
        known["tasks"] = {task for tier in document["tiers"].values() for task in tier["tasks"]}
        known["activity_types"] = set(activity["types"])
        known["form"] = set(FREE)
        known |= {table: set(document["codes"][table]) for table in VOCABULARIES}
        self.known = {table: codes if table in tables else set() for table, codes in known.items()}
        self.known["reasons"] = set().union(*(self.known[table] for table in REASONS))
        self.document = self._declaration(document)

    def _new(self, table: str, code: Any) -> Any:
        if isinstance(code, list):
            return [self._new(table, one) for one in code]
        return MARK + code if code in self.known[table] else code

    def _keys(self, table: str, items: Mapping[str, Any]) -> dict[str, Any]:
        return {self._new(table, code): item for code, item in items.items()}

    def _declaration(self, document: Mapping[str, Any]) -> dict[str, Any]:
        found = {**document, **{table: self._keys(table, document[table]) for table in (*TABLES, *CODES, "form")}}
        found["codes"] = {
            table: self._keys(table, codes) if table in VOCABULARIES else codes
            for table, codes in document["codes"].items()
        }
        found["roles"] = {
            code: {**role, "includes": self._new("roles", role.get("includes", []))}
            for code, role in found["roles"].items()
        }
        found["tiers"] = {
            code: {
                **tier,
                "tasks": self._keys("tasks", tier["tasks"]),
            }
            for code, tier in found["tiers"].items()
        }
        found["services"] = {code: self._service(one) for code, one in found["services"].items()}
        found["eligibility"] = {code: self._rule(rule) for code, rule in document["eligibility"].items()}
        found["recommendation"] = [self._row(row) for row in document["recommendation"]]
        found["deadlines"] = {code: self._deadline(one) for code, one in found["deadlines"].items()}
        found["letters"] = {
            code: {
                **letter,
                "after": self._new("events", letter.get("after", [])),
                "due": self._new("deadlines", letter.get("due", [])),
            }
            for code, letter in document.get("letters", {}).items()
        }
        found["events"] = self._events(document["events"])
        activity = document["activity"]
        found["activity"] = {
            **activity,
            "axes": self._new("axes", activity["axes"]),
            "types": self._keys("activity_types", activity["types"]),
            "states": self._keys("states", activity["states"]),
            "events": self._events(activity["events"]),
        }
        return found

    def _service(self, service: Mapping[str, Any]) -> dict[str, Any]:
        named = {"department": "departments", "family": "families"}
        return {key: self._new(named[key], value) if key in named else value for key, value in service.items()}

    def _rule(self, rule: Mapping[str, Any]) -> dict[str, Any]:
        if "families" not in rule:
            return dict(rule)
        families = {self._new("axes", axis): self._new("families", codes) for axis, codes in rule["families"].items()}
        return {**rule, "families": families}

    def _row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        named = {k: self._new("tiers", row[k]) for k in ("tier", "unless_wanted") if k in row}
        return {**row, **named}

    def _deadline(self, deadline: Mapping[str, Any]) -> dict[str, Any]:
        commands = [
            {**c, **({"event": self._new("events", c["event"])} if "event" in c else {})}
            for c in deadline.get("commands", [])
        ]
        return {**deadline, "commands": commands}

    def _events(self, events: Mapping[str, Any]) -> dict[str, Any]:
        return {self._new("events", code): self._event(event) for code, event in events.items()}

    def _event(self, event: Mapping[str, Any]) -> dict[str, Any]:
        ways = [
            {**way, "from": self._new("states", way["from"]), "to": self._new("states", way["to"])}
            for way in event["transitions"]
        ]
        waives = {rule: self._new("roles", roles) for rule, roles in event.get("waives", {}).items()}
        return {**event, "transitions": ways, "roles": self._new("roles", event["roles"]), "waives": waives}

    def text(self) -> str:
        """The declaration, in TOML."""
        return "\n".join(f"{table} = {toml(value)}" for table, value in self.document.items()) + "\n"

    def gestures(self, lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The same gestures, with the other names."""
        return [self._gesture(line) for line in lines]

    def _gesture(self, line: Mapping[str, Any]) -> dict[str, Any]:
        found = self._values(line)
        for part in ("set", "submit"):
            if part in line:
                found[part] = self._values(line[part])
        return found

    def _values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {key: self._new(NAMED[key], value) if key in NAMED else value for key, value in given.items()}
