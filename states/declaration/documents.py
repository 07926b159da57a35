"""A declaration as a document: JSON values, as the store keeps it. Light: every command reads one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Any

# What code knew by name before the declaration said it, one generation after another: what tells that a document is of
# before, and the keys that it then takes from the shipped declaration.
_SINCE: tuple[tuple[tuple[str, str], Mapping[str, tuple[str, ...]]], ...] = (
    (
        ("states", "outcome"),
        {
            "states": ("pauses", "outcome"),
            "roles": ("keeps", "oversees", "decides", "registered"),
            "events": ("records",),
            "deadlines": ("commands", "label_for"),
        },
    ),
    (("events", "command"), {"events": ("command", "triage"), "keys": ("positional",)}),
    (("axes", "counts"), {"axes": ("counts",)}),
)


def shipped() -> str:
    """The text of the declaration that comes with the product."""
    return (Path(__file__).parent.parent / "cooperative.toml").read_text("utf-8")


def document_of(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The declaration as JSON values: what the store keeps, and what the digest covers."""

    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {k: plain(v) for k, v in value.items()}
        if isinstance(value, list):
            return [plain(v) for v in value]
        return value.isoformat() if isinstance(value, time) else value

    document: dict[str, Any] = plain(raw)
    return document


def shipped_document() -> dict[str, Any]:
    """The declaration that comes with the product, as JSON values."""
    import tomllib

    return document_of(tomllib.loads(shipped()))


def completed(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A document of before these keys, with what the shipped declaration says of the same codes."""
    document = _with_days_off(document)
    since = [keys for (table, key), keys in _SINCE if not any(key in item for item in document[table].values())]
    if not since:
        return document
    now = shipped_document()
    for keys in since:
        document = {**document, **_with_keys(document, now, keys)}
        if "activity" in document:
            activity = document["activity"]
            document["activity"] = {**activity, **_with_keys(activity, now["activity"], keys)}
    return {"commands": now["commands"], **document}


def _with_days_off(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A document of before `day_off`: whoever may waive the hours of a slot may waive that too."""
    if "slots" in document:
        return document
    found = {**document, "events": _waiving(document["events"])}
    if "activity" in document:
        found["activity"] = {**document["activity"], "events": _waiving(document["activity"]["events"])}
    return found


def _waiving(events: Mapping[str, Any]) -> dict[str, Any]:
    return {
        code: {**item, "waives": {**waives, "day_off": waives["outside_hours"]}}
        if "outside_hours" in (waives := item.get("waives", {}))
        else item
        for code, item in events.items()
    }


def _with_keys(
    tables: Mapping[str, Any], now: Mapping[str, Any], since: Mapping[str, tuple[str, ...]]
) -> dict[str, Any]:
    return {
        table: {
            code: {
                **({"records": code} if "records" in keys and item.get("effect") == "record" else {}),
                **{key: now[table][code][key] for key in keys if key in now[table].get(code, ())},
                **item,
            }
            for code, item in tables[table].items()
        }
        for table, keys in since.items()
        if isinstance(tables.get(table), Mapping)
    }
