"""A compiled catalogue (.mo), searched where it lies.

gettext's own class reads every message of it at each start, which a command that says ten of them waits for: 4 ms of
60, and more with every message the product gains. The messages of a .mo are in order: a dozen steps find each.
"""

from __future__ import annotations

import gettext
import re
from functools import cached_property
from struct import unpack_from
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAGIC = 0x950412DE  # of a catalogue written by a machine of this kind: the smallest byte first


class Catalogue(gettext.NullTranslations):
    """The messages of a file; each is looked for once. ValueError where it is no catalogue."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._bytes = file.read_bytes()
        magic, _revision, self._many, self._ids, self._texts = unpack_from("<5I", self._bytes)
        if magic != MAGIC:
            raise ValueError(f"{file} is no compiled catalogue")
        self._found: dict[str, tuple[str, ...]] = {}

    def gettext(self, message: str) -> str:
        return self._forms(message)[0]

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        forms = self._forms(msgid1)
        if len(forms) > 1:
            return forms[self._plural(n)]
        return msgid1 if n == 1 else msgid2

    def _forms(self, message: str) -> tuple[str, ...]:
        """What a message is in this language, for one and for several; itself where it is not there."""
        found = self._found.get(message)
        if found is None:
            text = self._text(message.encode())
            found = self._found[message] = (message,) if text is None else tuple(text.decode().split("\0"))
        return found

    def _text(self, message: bytes) -> bytes | None:
        low, high = 0, self._many
        while low < high:
            middle = (low + high) // 2
            if self._at(self._ids, middle) < message:
                low = middle + 1
            else:
                high = middle
        # Of a message with a plural, the plural stands after it, behind a zero.
        if low < self._many and self._at(self._ids, low).partition(b"\0")[0] == message:
            return self._at(self._texts, low)
        return None

    def _at(self, table: int, number: int) -> bytes:
        length, start = unpack_from("<2I", self._bytes, table + 8 * number)
        return self._bytes[start : start + length]

    @cached_property
    def _plural(self) -> Callable[[int], int]:
        rule = re.search(rb"plural=([^;\n]*)", self._text(b"") or b"")
        return gettext.c2py(rule[1].decode() if rule else "n != 1")
