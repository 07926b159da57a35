"""What is in a store, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from workflow.store import schema
from workflow.store.database import Store
from workflow.store.transaction import Transaction
from workflow.testing.lab import Lab


def tables(store: Store, which: Sequence[Any] = schema.DERIVED) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of some tables (the derived ones), to compare a store with itself later."""
    with store.reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(table.select())), key=repr) for table in which
        }


@contextmanager
def undone(store: Store) -> Iterator[Transaction]:
    """A write transaction of which nothing is kept."""
    try:
        with store.writing() as tx:
            yield tx
            raise _Undone
    except _Undone:
        return


class _Undone(Exception):
    """Ends a transaction that was only tried."""


def problems(lab: Lab) -> list[str]:
    """What is wrong with a store: what `db verify` finds, and what a rebuild changes. Nothing, in a sound one."""
    found = [f"{problem.where}: {problem.message}" for problem in lab.verify().problems]
    before = tables(lab.store)
    lab.rebuild()
    after = tables(lab.store)
    return found + [f"{name}: a rebuild changes it" for name in before if before[name] != after[name]]
