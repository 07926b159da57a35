"""What people have typed, without what no page may hold: before any format, so that none has to think of it.

History keeps control characters as given; they are never published. XML refuses them, archives refuse code points
without meaning, and the library that draws charts ends the whole process on one.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any, TypeVar

import attrs

from handlers.review.pack import Cell, Listed, Pack
from states.declaration.marks import is_plain

Piece = TypeVar("Piece")


def clean(pack: Pack) -> Pack:
    """The same pack, all its text printable."""
    return _clean(pack)


def _clean(piece: Piece) -> Piece:
    """The piece itself where nothing in it changes: a review lists thousands of entries."""
    found: Any = piece
    if isinstance(piece, Cell) and _is_plain(piece.value) and _is_plain(piece.evidence):
        return piece  # nearly all that a review is made of
    if isinstance(piece, str):
        return printable(piece)  # type: ignore[return-value]
    if isinstance(piece, Listed):
        return Listed(lambda: map(_clean, piece))  # type: ignore[return-value]
    if isinstance(piece, tuple):
        found = tuple(map(_clean, piece))
        return piece if all(a is b for a, b in zip(piece, found, strict=True)) else found
    kind: Any = type(piece)
    fields = ((name, getattr(piece, name)) for name in _fields(kind))
    changed = {name: after for name, value in fields if (after := _clean(value)) is not value}
    return attrs.evolve(found, **changed) if changed else piece


def _is_plain(value: object) -> bool:
    return not isinstance(value, str) or is_plain(value)


@cache
def _fields(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(kind)) if attrs.has(kind) else ()


def printable(text: str) -> str:
    """The text with U+FFFD for each control character or code point without meaning; line ends and spaces stay."""
    if is_plain(text):
        return text
    return "".join(map(_printable, text))


def _printable(c: str) -> str:
    if c == "\n" or not unicodedata.category(c).startswith("C"):
        return c
    if c == "\t":
        return " "
    # Marks of direction, joiners and soft hyphens have no shape of their own: nothing is lost to the eye.
    return "" if unicodedata.category(c) == "Cf" else "\N{REPLACEMENT CHARACTER}"
