"""Where a lab is kept: one SQLite file, or one PostgreSQL database. Opens it, and lends write transactions."""

from __future__ import annotations

import errno
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from attrs import define
from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event

from states.causes import cause
from states.errors import ConnectionLost, MissingExtra, OutcomeUnknown, RightMissing, StoreBusy, StoreUnreachable
from states.language import _
from workflow import durable
from workflow.files import made_private
from workflow.store import turns
from workflow.store.address import SQLITE, Address, looks_like_url
from workflow.store.failures import away, outcome_unknown, unfit, unreachable
from workflow.store.transaction import Asked, Looking, Transaction

T = TypeVar("T")
PROGRAM = "coop"  # how PostgreSQL names whoever is connected, where nothing more is said
_UNHEARD = logging.NullHandler()  # what the driver would print of a failure is raised too
_USER = "user"  # whom PostgreSQL has let in, in what is kept of a connection
_PAUSE = 0.1  # seconds between two attempts to reach whichever server takes over
# So that a server that has died without a word is noticed: in seconds, the last in milliseconds.
_NOTICING = {
    "connect_timeout": "5", "keepalives_idle": "20", "keepalives_interval": "5", "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}  # fmt: skip
_TAKING_OVER = {"target_session_attrs": "read-write"}  # of several servers, the one that may be written to
PRAGMAS = (
    "synchronous=FULL",
    "foreign_keys=ON",
    "recursive_triggers=ON",  # so that INSERT OR REPLACE counts as the DELETE it is
)


def login() -> str:
    """Who sits at the keyboard, as the system knows it. No option and no variable sets it."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        import getpass

        return getpass.getuser()


@define
class Stored:
    """What a store has committed since it was opened."""

    transactions: int = 0
    entries: int = 0
    last: tuple[str, int] | None = None  # the stream and the number of the last entry

    def count(self, entries: Sequence[tuple[str, int]]) -> None:
        """Adds a transaction, and the entries of it."""
        self.transactions += 1
        self.entries += len(entries)
        self.last = entries[-1] if entries else self.last


class Store:
    """An open store. `url` is what `Address.of` understands; `wait`, the seconds a writer waits for another one.

    `named` gives what whoever opens it is called by those who wait for them, on PostgreSQL.
    """

    def __init__(self, url: str, wait: float = turns.PATIENCE, named: Callable[[], str] = lambda: PROGRAM) -> None:
        self.address = Address.of(url)
        self.url = url if looks_like_url(url) else f"{SQLITE}{self.address.path}"
        self.wait = wait
        try:
            self.engine = _file(self.address.path, wait) if self.address.path else _server(self.address, wait, named)
        except ImportError:
            raise MissingExtra(
                _("PostgreSQL needs its driver, which is not installed."),
                hint='pip install "la-cooperative[postgres]"',
            ) from None
        self.stored = Stored()
        self._writer: tuple[Any, str] | None = None

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    @property
    def path(self) -> Path | None:
        """The file of a SQLite store."""
        return self.address.path

    @property
    def exists(self) -> bool:
        """Whether there is a store at all: a SQLite file with something in it; a database always is."""
        return self.path is None or (self.path.exists() and self.path.stat().st_size > 0)

    def make_folder(self) -> None:
        """Makes the folder of a SQLite file, if it is not there. Raises StoreUnreachable where it cannot be."""
        if self.path is None:
            return
        folder = self.path.absolute().parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            if isinstance(problem, FileExistsError):  # as mkdir says that it is no folder
                problem.errno = errno.ENOTDIR
            message = _("{file} cannot be written: {reason}.", file=folder, reason=cause(problem))
            raise StoreUnreachable(message, hint="coop config") from None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment of the store."""

        def forbidden(words: str, statement: str | None) -> RightMissing:
            return self.forbidden(words, statement or "SELECT")

        with unreachable(self.url, self.busy, forbidden), self.engine.connect() as connection:
            yield connection

    def entered_by(self, connection: Connection) -> str:
        """Who sits at the keyboard of a connection: the user of the database, or the login."""
        return str(connection.info.get(_USER) or login())

    def busy(self, asked: Sequence[Asked] = ()) -> StoreBusy:
        """The error for a wait in vain, for whoever keeps one of some statements (on SQLite, any) waiting."""
        from workflow.store import blockers

        if self.path is not None:
            return blockers.busy(blockers.of_file(self.path), self.wait, known=False)
        return blockers.busy(blockers.of_statements(self.engine, asked) if asked else [], self.wait, known=True)

    def forbidden(self, words: str, *asked: str | None) -> RightMissing:
        """The error for one of some statements, that the server does not let its user do, in its words."""
        from workflow.store import rights

        return rights.missing(self.engine, words, [statement for statement in asked if statement])

    @contextmanager
    def writing(self, *, at_once: bool = True) -> Iterator[Transaction]:
        """The write lock, from begin to commit; anything raised inside rolls everything back.

        Not `at_once`, PostgreSQL is told to begin with what is asked first, in one round trip: for whoever tries
        `again`, as only then is it known that the connection was lost meanwhile.
        """
        tx: Transaction | None = None

        def forbidden(words: str, statement: str | None) -> RightMissing:
            return self.forbidden(words, *([text for text, _values in tx.asked] if tx else [statement]))

        with unreachable(self.url, lambda: self.busy(tx.asked if tx else ()), forbidden):
            begin, begun = turns.write(self.dialect, self.wait), at_once or self.path is not None
            cursor, entered_by = self._begin(begin) if begun else self._idle()
            try:
                tx = Transaction(cursor, self.engine.dialect, entered_by, begin, begun=begun)
                turns.begin(tx)
                yield tx
                self._commit(cursor, tx)
            except BaseException as problem:
                try:
                    cursor.execute("ROLLBACK")
                except Exception:  # the connection is lost, or the database has rolled back by itself
                    self._close_writer()
                    if type(problem).__module__.startswith("psycopg"):
                        raise ConnectionLost from problem
                raise

    def again(self, act: Callable[[], T], keyed: Callable[[], bool]) -> T:
        """Does what is stored as one or not at all; once more where the connection was lost on the way.

        What may have been stored is done again only if it bears the keys by which it is stored once.
        """
        until = time.monotonic() + self.wait
        while True:
            try:
                return act()
            except (ConnectionLost, OutcomeUnknown) as problem:
                if time.monotonic() > until or (isinstance(problem, OutcomeUnknown) and not keyed()):
                    raise

    def _commit(self, cursor: Any, tx: Transaction) -> None:
        """Ends a transaction; OutcomeUnknown where the answer was lost: it may be stored all the same."""
        try:
            durable.commit(tx.send)
        except Exception as problem:
            if getattr(cursor.connection, "closed", False):
                raise outcome_unknown(tx.entries) from problem
            raise
        except BaseException:  # interrupted, once it was stored or before
            if not _in_transaction(cursor.connection):
                self.stored.count(tx.entries)
            raise
        self.stored.count(tx.entries)

    @contextmanager
    def looking(self) -> Iterator[Looking]:
        """The statements by name, and those of Core, over one moment of the store, without a lock; nothing is kept."""
        with self.reading() as connection:
            connection.begin()
            yield Looking(connection)

    def _begin(self, begin: Sequence[str]) -> tuple[Any, str]:
        """The writer, in a transaction; opened again if its connection was lost while it was idle."""
        if self._writer is not None:
            cursor, _entered_by = self._writer
            try:
                self._begin_with(cursor, begin)
                return self._writer
            except Exception:
                if not getattr(cursor.connection, "closed", False):
                    raise
                self._close_writer()
        writer = self._idle()
        self._begin_with(writer[0], begin)
        return writer

    def _begin_with(self, cursor: Any, begin: Sequence[str]) -> None:
        # Of several statements in one of PostgreSQL's round trips none can be prepared.
        cursor.execute("; ".join(begin), **({"prepare": False} if self.path is None else {}))

    def _idle(self) -> tuple[Any, str]:
        """The writer, which has begun nothing."""
        self._writer = self._writer or self._open_writer()
        return self._writer

    def _open_writer(self) -> tuple[Any, str]:
        raw = self.engine.raw_connection()
        driver = raw.driver_connection
        assert driver is not None
        who = raw.info.get(_USER) or login()
        raw.detach()
        if self.path is None:
            driver.rollback()
            driver.autocommit = True
        return driver.cursor(), who

    def _close_writer(self) -> None:
        if self._writer is not None:
            cursor, _entered_by = self._writer
            self._writer = None
            with suppress(Exception):
                connection = cursor.connection
                cursor.close()
                connection.close()

    def close(self) -> None:
        self._close_writer()
        self.engine.dispose()


def _in_transaction(connection: Any) -> bool:
    """Whether a driver's connection is in a transaction that is not over."""
    if isinstance(connection, sqlite3.Connection):
        return connection.in_transaction
    return bool(connection.info.transaction_status)  # 0: idle


def _file(path: Path, wait: float) -> Engine:
    url = URL.create("sqlite", database=str(path.absolute()))
    engine = create_engine(url, connect_args={"isolation_level": None, "cached_statements": 128})

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Dialect, _record: Any, _given: list[Any], named: dict[str, Any]) -> Any:
        made_private(path)
        archive = _archive(path)
        return sqlite3.connect(archive, uri=True, **named) if archive else None

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        if _archive(path):
            connection.execute(turns.at_most("sqlite", wait))
        else:
            prepare_file(connection, wait)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", turns.LOOK["sqlite"]))

    return engine


def _archive(path: Path) -> str | None:
    """The URI of a file that can only be read, be it alone on its medium; None for one that can be written."""
    if not path.is_file():
        return None
    folder = path.absolute().parent
    if os.access(path, os.W_OK) and os.access(folder, os.W_OK):
        return None
    log = path.with_name(f"{path.name}-wal")
    alone = not os.access(folder, os.W_OK) and not (log.exists() and log.stat().st_size)
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if alone else ''}"


def _server(address: Address, wait: float, named: Callable[[], str]) -> Engine:
    logging.getLogger("psycopg").addHandler(_UNHEARD)
    told = _NOTICING | (_TAKING_OVER if address.several else {}) | address.libpq()
    engine = create_engine(
        "postgresql+psycopg://",
        paramstyle="format",
        connect_args=told,
        isolation_level="REPEATABLE READ",
        pool_pre_ping=True,
    )

    @event.listens_for(engine, "do_connect")  # before anything is read in an encoding that says nothing
    def _connect(dialect: Dialect, record: Any, given: list[Any], told: dict[str, Any]) -> Any:
        connection: Any = _answering(
            lambda: dialect.connect(*given, **{"application_name": named(), **told}), wait if address.several else 0
        )
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            connection.close()
            raise unfit(address, str(encoding))
        record.info[_USER] = _look_behind(connection)
        return connection

    return engine


def _answering(connect: Callable[[], Any], wait: float) -> Any:
    """A connection; where one server is taking over from another, it is waited for so many seconds."""
    until = time.monotonic() + wait
    while True:
        try:
            return connect()
        except Exception as problem:
            if time.monotonic() > until or not away(problem):
                raise
            time.sleep(_PAUSE)


def _look_behind(connection: Any) -> str:
    """The user whom the server has let in. Where a pooler stands between, no statement is prepared from here on.

    Its next transaction may be of another connection to the server, which knows none of ours. It is seen by the process
    that answers, which is not the one that let us in.
    """
    connection.autocommit = True
    user, process = connection.execute("SELECT session_user, pg_backend_pid()").fetchone()
    connection.autocommit = False
    if process != connection.info.backend_pid:
        connection.prepare_threshold = None
    return str(user)


def prepare_file(connection: sqlite3.Connection, wait: float) -> None:
    """What each connection to a SQLite store is asked first."""
    connection.execute(turns.at_most("sqlite", wait))
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    log_ahead(connection, wait)


def log_ahead(connection: sqlite3.Connection, wait: float = turns.PATIENCE) -> None:
    """Puts a SQLite file in WAL mode, which it then keeps; someone may be opening it at the same moment.

    SQLite does not wait by itself here: of two that would both turn a lock to read into one to write, it sends one off.
    """
    until = time.monotonic() + wait
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
