"""A declaration as the store keeps it: JSON values, checked before they were stored, and read back without a check.

Light on purpose: every command reads one. What checks a declaration is `states.verification.loading`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import time
from functools import cache
from importlib.resources import files
from types import UnionType
from typing import Any, NewType, get_args, get_origin, get_type_hints

import attrs

from states.declaration import model as d
from states.declaration.types import parse_minutes

Build = Callable[[Any], Any]

# What code knew by name before the declaration said it: an older version takes these keys from the shipped one.
_SINCE: Mapping[str, tuple[str, ...]] = {
    "states": ("pauses", "outcome"),
    "roles": ("keeps", "oversees", "decides", "registered"),
    "events": ("records",),
    "deadlines": ("commands", "label_for"),
}


def shipped() -> str:
    """The text of the declaration that comes with the product."""
    return files("states").joinpath("cooperative.toml").read_text("utf-8")


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


_stored: dict[str, d.Declaration] = {}


def stored(document: Mapping[str, Any], known_digest: str) -> d.Declaration:
    """A declaration that was checked before it was stored: no second check, so every command starts fast.

    The same digest gives the same object, with all that was derived from it.
    """
    known = _stored.get(known_digest)
    if known is None:
        known = _stored[known_digest] = _builder(d.Declaration)(_completed(document))
        known.digest = known_digest
    return known


def _completed(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A document of before these keys, with what the shipped declaration says of the same codes."""
    if any("outcome" in state for state in document["states"].values()):  # every final state has one since
        return document
    now = document_of(tomllib.loads(shipped()))
    whole = {**document, **_with_keys(document, now)}
    if "activity" in document:
        whole["activity"] = {**document["activity"], **_with_keys(document["activity"], now["activity"])}
    return whole


def _with_keys(tables: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    return {
        table: {
            code: {
                **({"records": code} if item.get("effect") == "record" else {}),
                **{key: now[table][code][key] for key in keys if key in now[table].get(code, ())},
                **item,
            }
            for code, item in tables[table].items()
        }
        for table, keys in _SINCE.items()
        if table in tables
    }


@cache
def _builder(kind: Any) -> Build:
    """What makes a value of a type of the model out of JSON values."""
    if kind is d.Minutes:
        return lambda value: parse_minutes(str(value))
    if kind is time:
        return lambda value: time.fromisoformat(str(value))
    if attrs.has(kind):
        return _of_class(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is UnionType:
        build = _builder(next(one for one in inner if one is not type(None)))
        return lambda value: None if value is None else build(value)
    if origin is tuple:
        build = _builder(inner[0])
        return lambda value: tuple(map(build, value))
    if origin is Mapping and not (isinstance(inner[1], NewType) and inner[1] is not d.Minutes) and inner[1] is not str:
        build = _builder(inner[1])
        return lambda value: {code: build(item) for code, item in value.items()}
    return _same


def _same(value: Any) -> Any:
    return value


def _of_class(kind: type) -> Build:
    hints = get_type_hints(kind)
    known = {field.name: _builder(hints[field.name]) for field in attrs.fields(kind) if field.init}
    renamed = {"from": "sources"} if kind is d.Transition else {}

    def build(value: Mapping[str, Any]) -> Any:
        given = ((renamed.get(name, name), item) for name, item in value.items())
        return kind(**{name: known[name](item) for name, item in given if name in known})

    return build
