"""What the pages of a PDF say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from pikepdf import parse_content_stream


def bare_text(page: Any) -> str:
    """What a page says, without spaces: the codes of the glyphs, through the tables that say what they mean."""
    return "".join(_said(page))


def bare_word(said: str) -> str:
    """The same of what is looked for."""
    return re.sub(r"\s", "", said)


def _said(page: Any) -> Iterator[str]:
    meaning: dict[str, str] = {}
    for operands, operator in parse_content_stream(page):
        if str(operator) == "Tf":
            meaning = _meanings(page.Resources.Font[operands[0]].ToUnicode.read_bytes().decode())
        if str(operator) in ("Tj", "TJ"):
            parts = operands[0] if str(operator) == "TJ" else operands
            codes = "".join(
                bytes(part).hex() for part in parts if not isinstance(part, int | float) and hasattr(part, "__bytes__")
            )
            yield re.sub(r"\s", "", "".join(meaning.get(codes[n : n + 4], "") for n in range(0, len(codes), 4)))


@cache
def _meanings(table: str) -> dict[str, str]:
    found = {}
    for block in re.findall(r"beginbfchar\n(.*?)endbfchar", table, re.DOTALL):
        for code, unicode in re.findall(r"<(\w+)> <(\w+)>", block):
            found[code.lower()] = bytes.fromhex(unicode).decode("utf-16-be")
    for block in re.findall(r"beginbfrange\n(.*?)endbfrange", table, re.DOTALL):
        for first, last, start in re.findall(r"<(\w+)> <(\w+)> <(\w+)>", block):
            for n in range(int(last, 16) - int(first, 16) + 1):
                found[f"{int(first, 16) + n:04x}"] = chr(int(start, 16) + n)
    return found


def filled(page: Any) -> float:
    """How much of a page is used from its top, foot apart: 1 where texts or pictures go down to the foot."""
    _left, bottom, _right, top = (float(side) for side in page.MediaBox)
    placed = [y for y in _heights(page) if y > bottom + FOOT]
    return (top - min(placed, default=top)) / (top - bottom - FOOT)


FOOT = 50  # points that the foot of a page takes


def _heights(page: Any) -> Iterator[float]:
    """How high each text and each picture begins, in points: their matrices, one within another."""
    whole, kept = (1.0, 0.0), []  # scale and shift of what is upright
    for operands, operator in parse_content_stream(page):
        match str(operator):
            case "q":
                kept.append(whole)
            case "Q":
                whole = kept.pop()
            case "cm":
                whole = (whole[0] * float(operands[3]), whole[0] * float(operands[5]) + whole[1])
            case "Tm":
                yield whole[0] * float(operands[5]) + whole[1]
            case "Do":
                yield whole[1]
