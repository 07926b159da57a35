"""The labels of a stored declaration, read from its document: enough for a list, without typing the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from states.language import label_of


class Labels:
    """A light view of a declaration that was checked before it was stored."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self.zone = ZoneInfo(document["lab"]["zone"])

    def codes(self, table: str) -> Mapping[str, Any]:
        """The codes of a table (`states`, `tiers`, `axes`…)."""
        found: Mapping[str, Any] = self._document[table]
        return found

    def label(self, table: str, code: str | None) -> str:
        """The label of a code in the current language; the code itself when it is not declared (any more)."""
        if code is None:
            return ""
        found = self.codes(table).get(code)
        return label_of(found["label"], code) if found else code
