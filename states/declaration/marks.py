"""Marks that tools leave on a value and nobody sees or means: invisible characters, a spreadsheet's marks of text.

They are harmless in a sentence and fatal in what a machine will use: an address, an id, a code, a link.
"""

from __future__ import annotations

import re
import unicodedata

from states.language import N_, _

_NAMES = {
    "\u00ad": N_("soft hyphen"),
    "\u200b": N_("zero width space"),
    "\u200c": N_("zero width non-joiner"),
    "\u200d": N_("zero width joiner"),
    "\u2060": N_("word joiner"),
    "\ufeff": N_("byte order mark"),
    **dict.fromkeys("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", N_("direction mark")),
}
# Seen as nothing, though their category is that of letters or symbols.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SPREADSHEET = r'="([^"]*)"'
_SCIENTIFIC = r"\d(?:[.,]\d+)?[eE]\+\d{1,3}"


def is_invisible(character: str) -> bool:
    """Whether a character takes no place on a screen: format characters, variation selectors, blanks."""
    if character.isascii():
        return False
    return (
        unicodedata.category(character) == "Cf"
        or character in _BLANK
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
    )


_OBEYED = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


_APART = str.maketrans(dict.fromkeys("\n\u00a0\u202f", " "))


def is_plain(text: str) -> bool:
    """Whether no character of a text could do harm: all of them printable, no-break spaces and line ends among them."""
    return text.isprintable() or text.translate(_APART).isprintable()


def harmless(text: str) -> str:
    """The text with what a terminal would obey replaced: escapes, controls, direction marks. Line ends stay."""
    if is_plain(text):
        return text
    return "".join(c if c == "\n" or _is_harmless(c) else "\N{REPLACEMENT CHARACTER}" for c in text)


def _is_harmless(c: str) -> bool:
    return c not in _OBEYED and unicodedata.category(c) not in ("Cc", "Cs", "Co", "Zl", "Zp")


def visible(text: str) -> str:
    """The text without the characters nobody can see."""
    return text if text.isascii() else "".join(c for c in text if not is_invisible(c))


def invisible(text: str) -> list[str]:
    """The characters of a text that nobody can see, each once, by number and name."""
    return [_named(c) for c in dict.fromkeys(text) if is_invisible(c)]


def _named(character: str) -> str:
    name = _(_NAMES[character]) if character in _NAMES else unicodedata.name(character, "").lower()
    return f"U+{ord(character):04X}" + (f", {name}" if name else "")


def unmarked(cell: str, *, prose: bool) -> str:
    """A cell of a table without a spreadsheet's marks of text: `="09"`, and `'09` where it is no `prose`."""
    stripped = cell.strip()
    if marked := re.fullmatch(_SPREADSHEET, stripped):
        return marked[1]
    if stripped.startswith("'") and (not prose or re.fullmatch(r"'[+\d][\d .()-]*", stripped)):
        return stripped[1:]
    return cell


def is_scientific(text: str) -> bool:
    """Whether an id was made a number by a spreadsheet, which has lost some of its digits: `1,23457E+12`."""
    return bool(re.fullmatch(_SCIENTIFIC, text.strip()))
