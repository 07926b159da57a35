"""What a situation does not keep of a request cannot be looked at: whatever reads it stops there.

A guard that looked at something left out would judge every made-up request alike, and what is then said of all
situations would be said of none. It says what it looks at instead: `@guard(reads_request=("records.deliverable",))`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from states.requests.request import CANCELLED, HELD, Meeting


class NotKept(Exception):
    """Something left out of situations was looked at."""

    def __init__(self, aspect: str) -> None:
        self.aspect = aspect
        super().__init__(aspect)


class Unkept:
    """Stands where something is left out, and stops whoever asks anything of it."""

    def __init__(self, aspect: str) -> None:
        self.aspect = aspect

    def _stop(self, *_given: object) -> NoReturn:
        raise NotKept(self.aspect)

    def __eq__(self, other: object) -> NoReturn:
        self._stop()

    __iter__ = __len__ = __bool__ = __getitem__ = __contains__ = __lt__ = __gt__ = _stop
    get = items = keys = values = _stop
    __hash__ = object.__hash__


class UnkeptText(str):
    """A text of which only that there is one is kept."""

    aspect: str

    def __new__(cls, aspect: str) -> UnkeptText:
        found = super().__new__(cls, "?")
        found.aspect = aspect
        return found

    def __eq__(self, _other: object) -> bool:
        raise NotKept(self.aspect)

    __hash__ = str.__hash__


class _Past(str):
    """The status of a meeting that is surely not planned; whether it was held or cancelled is left out."""

    kind: str

    def __new__(cls, kind: str) -> _Past:
        found = super().__new__(cls, "?")
        found.kind = kind
        return found

    def __eq__(self, other: object) -> bool:
        if other in (HELD, CANCELLED):
            raise NotKept(f"held.{self.kind}" if other == HELD else "cancelled")
        return False

    __hash__ = str.__hash__


def ghost(kind: str, at: str, place: str) -> Meeting:
    """A meeting of which nobody may ask whether it was held."""
    return Meeting(f"{kind}-0", kind, _Past(kind), at, 60, place, [], at)


class KeptOnly(dict[str, Any]):
    """A table of which only some rows may be looked at."""

    __slots__ = ("aspect", "shown")

    def __init__(self, rows: Mapping[str, Any], shown: Iterable[str], aspect: str) -> None:
        super().__init__(rows)
        self.shown, self.aspect = frozenset(shown), aspect

    def _look(self, name: object) -> None:
        if name not in self.shown:
            raise NotKept(f"{self.aspect}.{name}")

    def __getitem__(self, name: str) -> Any:
        self._look(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._look(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self._look(name)
        return super().__contains__(name)

    def __iter__(self) -> NoReturn:
        raise NotKept(self.aspect)

    def __len__(self) -> NoReturn:
        raise NotKept(self.aspect)

    def keys(self) -> NoReturn:
        raise NotKept(self.aspect)

    def values(self) -> NoReturn:
        raise NotKept(self.aspect)

    def items(self) -> NoReturn:
        raise NotKept(self.aspect)
