"""How people and their tools write numbers, days, moments and codes: the same thing in many ways, read as one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

# --- Numbers ---

# Three digits after the point may be thousands: those are nobody's to guess.
_WHOLE = r"([+-]?[0-9]{1,3}(?:[ \u00a0\u202f]?[0-9]{3}){0,5}|[+-]?[0-9]{1,18})(?:[.,](?:0{1,2}|0{4,}))?"


def whole(value: Any) -> Any:
    """A whole number, however it is written: `1 234`, `12,0`, 12.0; anything else as it is."""
    if isinstance(value, str) and (number := re.fullmatch(_WHOLE, value.strip(), flags=re.ASCII)):
        return int(re.sub(r"[ \u00a0\u202f]", "", number[1]))
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


# --- Days and moments ---

_DAY = r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})"  # as people write it in French
YEAR = r"(?:19|2\d)\d\d"  # of what people mean: there is room on both sides for all that follows from it
_MIDNIGHT = r"(?:[ T]+00:00(?::00)?)?"  # what a spreadsheet adds to a day
_FRENCH_DATE = _DAY + _MIDNIGHT
_ISO_DATE = r"(\d{4}-\d{2}-\d{2})" + _MIDNIGHT
_FRENCH_TIME = _DAY + r"(?:[ T]+|\s+à\s+)(\d{1,2})[:hH ]+(\d{2})(?::(\d{2}))?\s*(Z|UTC|[+-]\d{2}:?\d{2})?"


def iso_day(text: str) -> str:
    """A day as `2026-03-10`, whether it is written so, in French or with a spreadsheet's midnight; else the text."""
    if french := re.fullmatch(_FRENCH_DATE, text):
        return f"{french[4]}-{int(french[3]):02d}-{int(french[1]):02d}"
    iso = re.fullmatch(_ISO_DATE, text)
    return iso[1] if iso else text


def iso_time(text: str) -> str:
    """A moment as `2026-03-10T14:00:00`, with its offset if it has one, whether it is written so or in French."""
    if text.endswith("UTC"):
        text = text.removesuffix("UTC").rstrip() + "Z"
    if french := re.fullmatch(_FRENCH_TIME, text):
        day = f"{french[4]}-{int(french[3]):02d}-{int(french[1]):02d}"
        return f"{day}T{int(french[5]):02d}:{french[6]}:{french[7] or '00'}{french[8] or ''}"
    return text


# --- Codes ---


def simplified(text: str) -> str:
    """A label without case, accents, variants of quotes, or repeated spaces: how labels are compared."""
    text = text.replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ")
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return re.sub(r"\s+", " ", text).strip().casefold()


def one_code(given: str, vocabulary: Mapping[str, Any]) -> str | None:
    """The code that is given by itself, by its label, or without the zero that a spreadsheet has eaten."""
    if given in vocabulary:
        return given
    same = simplified(given)
    labels = {simplified(text): code for code, item in vocabulary.items() for text in item.label.values()}
    if same in labels or same in vocabulary:
        return labels.get(same, same)
    number = re.sub(r"[.,]0+$", "", same) if re.fullmatch(r"\d+[.,]0+", same) else same
    return padded if (padded := number.rjust(2, "0")) in vocabulary else None
