"""The history of a store, read once: each stream after the other, and what other tables hold beside it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from workflow.store import statements as q
from workflow.store.prepared import Statement
from workflow.store.transaction import Transaction

_stream = itemgetter(0)  # what a row is of


def histories(tx: Transaction) -> Iterator[tuple[Any, list[Any]]]:
    """The rows of each stream, by its name; in the order of the names as `Heads` wants it."""
    for stream, rows in groupby(chain.from_iterable(tx.parts(q.history)), _stream):
        yield stream, [*rows]


class Beside:
    """The rows of a table whose first column says which stream they are of, in that order; each is taken once."""

    def __init__(self, tx: Transaction, statement: Statement) -> None:
        self._streams = groupby(chain.from_iterable(tx.parts(statement)), _stream)
        self._next = next(self._streams, None)

    def upto(self, stream: Any) -> list[Any]:
        """Those of a stream, and those before that no stream has taken."""
        taken: list[Any] = []
        while self._next and (self._next[0] == stream or _place(self._next[0]) < _place(stream)):
            taken += self._next[1]
            self._next = next(self._streams, None)
        return taken

    def rest(self) -> Iterator[Any]:
        """Those that are left."""
        while self._next:
            yield from self._next[1]
            self._next = next(self._streams, None)


def _place(name: Any) -> tuple[bool, Any]:
    """Where a name stands in the order of the database: SQLite keeps bytes where a text is to be, after every text."""
    return isinstance(name, bytes), name
