"""A declaration as the store keeps it: JSON values, checked before they were stored, and read back without a check.

Light on purpose: every command reads one. What checks a declaration is `states.verification.loading`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import time
from functools import cache
from types import UnionType
from typing import Any, NewType, get_args, get_origin

import attrs

from states.declaration import tables as d
from states.declaration.documents import completed
from states.declaration.model import Declaration
from states.declaration.types import parse_minutes

Build = Callable[[Any], Any]

_stored: dict[str, Declaration] = {}


def stored(document: Mapping[str, Any], known_digest: str) -> Declaration:
    """A declaration that was checked before it was stored: no second check, so every command starts fast.

    The same digest gives the same object, with all that was derived from it.
    """
    known = _stored.get(known_digest)
    if known is None:
        known = _stored[known_digest] = _builder(Declaration)(completed(document))
        known.digest = known_digest
    return known


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
    known = {field.name: _builder(field.type) for field in attrs.fields(kind) if field.init}
    renamed = {"from": "sources"} if kind is d.Transition else {}

    def build(value: Mapping[str, Any]) -> Any:
        given = ((renamed.get(name, name), item) for name, item in value.items())
        return kind(**{name: known[name](item) for name, item in given if name in known})

    return build
