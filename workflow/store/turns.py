"""Who waits for whom when several write to one store: the same sentence on both databases.

A writer waits for whoever is changing the same request, until they commit. Where what it does concerns others too (a
place, a person, the request that another follows, a new reference, an alert, the lab's days and people, several
requests as one) it first takes the lab's turn, which one writer has at a time, and only then a request's: so no two
wait for each other. Whoever makes the derived tables again keeps every writer waiting. Those who only look wait for
nobody. A writer that has waited too long is told that the store is busy, and stores nothing.

SQLite lets one writer in at a time, from its BEGIN on: it has every turn, and asks for none. On PostgreSQL a request's
turn is its row, locked as it is read; the lab's is the row of its stream; everyone's, the tables themselves. What a
statement reads there is what was committed before it (READ COMMITTED): what is read once the turn has come stands.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from states.references import is_activity
from workflow.store import statements as q
from workflow.store.transaction import Asking, Transaction

PATIENCE = 10.0  # seconds a writer waits for another one, unless told otherwise

# How a transaction begins: one that writes, and one that only looks, at one moment.
WRITE = {"sqlite": ("BEGIN IMMEDIATE",), "postgresql": ("BEGIN ISOLATION LEVEL READ COMMITTED", "{patience}")}
LOOK = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
_AT_MOST = {"sqlite": "PRAGMA busy_timeout={wait}", "postgresql": "SET LOCAL lock_timeout = {wait}"}


def at_most(dialect: str, wait: float) -> str:
    """The statement that says how long one waits for a turn: seconds, a millisecond at least.

    On SQLite it holds for a connection; on PostgreSQL for a transaction, as the next one may be of another connection
    to the server (a pooler's).
    """
    return _AT_MOST[dialect].format(wait=max(1, round(wait * 1000)))  # to some, none is for ever


@cache
def write(dialect: str, wait: float) -> tuple[str, ...]:
    """The statements that begin a transaction that writes, and waits so many seconds for a turn."""
    return tuple(text.format(patience=at_most(dialect, wait)) for text in WRITE[dialect])


def begin(tx: Transaction) -> None:
    """The turns a transaction has as it begins to write: all of them on SQLite, none on PostgreSQL."""
    tx.has_labs_turn = tx.dialect == "sqlite"


class Row(NamedTuple):
    """What is stored of a request; no document where it is as it is known."""

    ref: str
    document: str | None


def of_event(
    tx: Transaction, ref: str, known: str, concerns_others: Callable[[Any], bool], then: Asking
) -> tuple[Row | None, Any]:
    """The turn of an event on a request (an empty `ref`: one to begin): the lab's if it concerns others, then its own.

    The row of the request, None where there is none; and the row of what is asked `then`, once the turn has come, by
    which it is known for certain whether others are concerned. Without it, that is guessed: what was wrongly begun
    without the lab's turn is begun again. `known`: the head of the request as it is at hand, if it is. What this
    transaction has written nobody else can have changed.
    """
    written = bool(known) and ref in tx.written
    own: list[Asking] = []
    if ref and not written:
        own = [(q.activity_locked if is_activity(ref) else q.request_locked, {"ref": ref, "known": known})]
    first = not tx.has_labs_turn and (not ref or bool(tx.written) or concerns_others(None))
    labs: list[Asking] = [(q.labs_turn, {})] if first else []
    found = tx.each(*labs, *own, then)
    if not labs and not tx.has_labs_turn and concerns_others(next(iter(found[-1]), None)):
        tx.begin_again()  # the request's turn is given back: the lab's comes before it
        labs = [(q.labs_turn, {})]
        found = tx.each(*labs, *own, then)
    tx.has_labs_turn |= bool(labs)
    row = next(iter(found[-2]), None) if own else Row(ref, None) if written else None
    return row, next(iter(found[-1]), None)


def of_lab(tx: Transaction) -> None:
    """The lab's turn, for what concerns more than one request. To be taken before any request's."""
    if not tx.has_labs_turn:
        tx.one(q.labs_turn)
        tx.has_labs_turn = True


def of_everyone(tx: Transaction) -> None:
    """Keeps every writer waiting until the end. To be taken before any other turn."""
    if tx.dialect != "sqlite":
        tx.touched(q.everyones_turn)
    tx.has_labs_turn = True
