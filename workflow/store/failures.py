"""What a database says when it cannot be used, in words that tell its user what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from states.causes import in_its_words
from states.errors import Conflict, CoopError, OutcomeUnknown, RightMissing, StoreBusy, StoreMoved, StoreUnreachable
from states.language import N_, _
from states.references import LAB
from workflow.store.address import Address, shown

Forbidden = Callable[[str, str | None], RightMissing]
# What PostgreSQL says when two writers met (SQLSTATE): a row both added, an order that cannot be, a deadlock.
MET = ("23505", "40001", "40P01")
NO_TABLE, BUSY, NO_RIGHT = "42P01", "55P03", "42501"
MOVED = "this lab has moved"  # what a store says whose lab has moved, to those who were using it
# What each database says of a store that cannot be used, and what that means.
REASONS: Mapping[str | int, str] = {
    NO_TABLE: N_("there is no lab in it, or part of one"),
    "25006": N_("it can only be read: a standby server, or one set so"),
    "3F000": N_("its search_path names no schema where tables can be"),
    "3D000": N_("the server has no database of that name"),
    "28P01": N_("the server refuses the password"),
    "28000": N_("the server does not let this user in"),
    "53100": N_("the disk of the server is full"),
    "53300": N_("the server has no connection left"),
    "57014": N_("the server gave the command up: it took too long"),
    sqlite3.SQLITE_READONLY: N_("it can only be read"),
    sqlite3.SQLITE_CANTOPEN: N_("the file cannot be opened, or its folder is not there"),
    sqlite3.SQLITE_NOTADB: N_("the file is not a database"),
    sqlite3.SQLITE_CORRUPT: N_("the file is damaged"),
    sqlite3.SQLITE_FULL: N_("the disk is full"),
    sqlite3.SQLITE_IOERR: N_("the disk does not answer as it should"),
    sqlite3.SQLITE_PERM: N_("the system does not allow it"),
    sqlite3.SQLITE_AUTH: N_("the system does not allow it"),
}
# The same, where the driver gives only words: by a part of them.
UNCODED: Mapping[str, str] = {
    "onnection refused": N_("nobody answers at this address"),
    "timeout expired": N_("nobody answers at this address in time"),
    "No route to host": N_("no way leads to this machine"),
    "Network is unreachable": N_("no way leads to this machine"),
    "resolve host": N_("there is no machine of that name"),
    "translate host name": N_("there is no machine of that name"),
    "No such file or directory": N_("no server listens in that folder"),
    "no password supplied": N_("the server asks for a password"),
    "password authentication failed": N_("the server refuses the password"),
    "does not exist": N_("the server has no database or user of that name"),
    "closed the connection": N_("the server closed the connection"),
}
# Parts of what is said by a server, or of one, that may answer again soon, or of which another takes the place.
AWAY = (
    "onnection refused", "timeout expired", "No route to host", "Network is unreachable", "closed the connection",
    "read-only", "starting up", "shutting down", "not yet accepting", "in recovery", "No such file or directory",
)  # fmt: skip
ELSEWHERE = ("3D000", sqlite3.SQLITE_CANTOPEN)  # the address may be another one


def away(problem: Exception) -> bool:
    """Whether a connection that failed may be had a moment later."""
    return any(part in str(problem) for part in AWAY)


@contextmanager
def unreachable(
    url: str,
    busy: Callable[[], StoreBusy] = StoreBusy,
    forbidden: Forbidden = lambda _words, _statement: RightMissing(),
) -> Iterator[None]:
    """Turns what a driver says of a store that cannot be used into StoreUnreachable (exit 7).

    Where someone was faster it is Conflict; where someone is not done, what `busy` makes; where a right is missing,
    what `forbidden` makes of the driver's words and the statement. What is a fault of ours stays one.
    """
    try:
        yield
    except Exception as problem:  # psycopg's own among them, without importing it
        origin = problem.orig if isinstance(problem, DBAPIError) and problem.orig is not None else problem
        error: CoopError | None
        if code_of(origin) == NO_RIGHT:
            error = forbidden(in_its_words(str(origin)), problem.statement if isinstance(problem, DBAPIError) else None)
        else:
            error = _error(url, problem, origin, busy)
        if error is None:
            raise
        raise error from problem


def _error(
    url: str, problem: Exception, origin: BaseException, busy: Callable[[], StoreBusy]
) -> StoreUnreachable | StoreMoved | Conflict | None:
    code = code_of(origin)
    if code in MET:
        return Conflict(_("Someone else changed the same thing at the same time; nothing was stored."))
    if code in (BUSY, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return busy()
    if MOVED in str(origin):
        return StoreMoved(_("The lab of {url} has moved; nothing was stored.", url=shown(url)), hint="coop today")
    lost = isinstance(problem, DBAPIError) and problem.connection_invalidated
    operational = any(kind.__name__ == "OperationalError" for kind in type(origin).__mro__)
    if not (code in REASONS or lost or operational or isinstance(origin, sqlite3.DatabaseError)):
        return None
    if isinstance(origin, sqlite3.IntegrityError):
        return None
    return StoreUnreachable(
        _("The store {url} cannot be used: {cause}.", url=shown(url), cause=_reason(code, str(origin))),
        hint="coop db verify"
        if code == NO_TABLE
        else _("Check the address with “coop config”; in an empty place, “coop init” makes the store.")
        if code in ELSEWHERE or code is None
        else None,
    )


def _reason(code: str | int | None, words: str) -> str:
    """Why, by the code; by the words of the driver, which are then quoted, where it gives none."""
    if code is not None and code in REASONS:
        return _(REASONS[code])
    known = next((_(reason) for part, reason in UNCODED.items() if part in words), None)
    return f"{known} ({in_its_words(words)})" if known else in_its_words(words)


def code_of(origin: BaseException) -> str | int | None:
    """The code a database gives its error: SQLSTATE, or SQLite's primary one; None where it gives none."""
    if "no such table" in str(origin):  # as SQLite says it, without a code of its own
        return NO_TABLE
    state = getattr(origin, "sqlstate", None)
    if state is not None:
        return str(state)
    number = getattr(origin, "sqlite_errorcode", None)
    return number & 0xFF if isinstance(number, int) and number & 0xFF != sqlite3.SQLITE_ERROR else None


def outcome_unknown(entries: Sequence[tuple[str, int]]) -> OutcomeUnknown:
    """The error for a commit that nobody answered, and how to see whether these entries are stored."""
    stream, seq = entries[-1] if entries else (LAB, 0)
    if stream == LAB:
        return OutcomeUnknown(hint=_("Look at what stands now before you do it again: it may be done."))
    return OutcomeUnknown(hint=_("See whether entry {seq} is there: coop history {ref}", seq=seq, ref=stream))


def unfit(address: Address, encoding: str) -> StoreUnreachable:
    """The error for a database that does not keep every letter as it is."""
    name = address.database or "coop"
    return StoreUnreachable(
        _(
            "The database “{name}” is in {encoding}: a lab needs UTF8. Nothing was stored.",
            name=name,
            encoding=encoding,
        ),
        hint=f"CREATE DATABASE {name}_utf8 ENCODING 'UTF8' TEMPLATE template0",
    )
