"""Makes the tables, and brings those of an older program up to date."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from states.errors import CoopError, NoStore, StoreDamaged, StoreOutdated
from states.language import _
from workflow import durable
from workflow.store import turns
from workflow.store.address import shown
from workflow.store.backup import kept_beside
from workflow.store.database import Store
from workflow.store.failures import NO_TABLE, code_of, unreachable
from workflow.store.marks import error_of
from workflow.store.schema import DERIVED, PRIMARY, REVISION, metadata, ticks

if TYPE_CHECKING:
    from alembic.config import Config

_VERSIONS = "alembic_version"
_HEADER = b"SQLite format 3\0"  # how each file of SQLite begins
_NO_LOG = b"\1\1"  # what follows, in a file without a log ahead


def revision(store: Store) -> str | None:
    """The revision of the store's tables; None where a lab may be opened.

    Raises StoreDamaged for the file of something else, the tables of another program, or a part of a lab's.
    """
    _check_file(store)
    with store.reading() as connection:
        return revision_in(connection, store)


def revision_in(connection: Connection, store: Store) -> str | None:
    """The same, as a transaction sees it; StoreUnfinished or StoreMoved where nobody is to use the store."""
    found = None
    names = set(inspect(connection).get_table_names())
    if _VERSIONS in names:
        found = connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalar()
    if found is not None and (error := error_of(connection, store, found)):
        raise error
    if found is not None and (known(found) or _newer(found)):
        return str(found)
    if names & {*metadata.tables}:
        raise StoreDamaged(
            _("In {url}, a part of a lab’s tables is missing, or their revision was altered.", url=shown(store.url)),
            hint=_way_back(store),
        )
    if _VERSIONS in names or (names and store.path is not None):
        raise _of_another(store)
    return None


def _of_another(store: Store) -> StoreDamaged:
    return StoreDamaged(_("{url} belongs to another program.", url=shown(store.url)), hint="coop config")


def _check_file(store: Store) -> None:
    """Raises StoreDamaged for a file that is no database, that was cut, or that is another program's.

    Whatever connects to such a file would write to it: SQLite takes it for an empty one, and a lab has its log ahead.
    """
    if store.path is None or not store.path.is_file():
        return
    with unreachable(store.url), store.path.open("rb") as file:
        header = file.read(20)
    begins = header[: len(_HEADER)]
    if not begins and _has_lived(store.path):
        raise StoreDamaged(_("{file} is empty, and held a lab: it was cut.", file=store.path), hint=_way_back(store))
    if begins and begins != _HEADER:
        raise StoreDamaged(_("{file} is no database, or no longer one.", file=store.path), hint=_way_back(store))
    if header[18:] == _NO_LOG:  # a lab's has been put in WAL mode, unless it is a backup that nobody opened yet
        with (
            unreachable(store.url),
            closing(sqlite3.connect(f"{store.path.absolute().as_uri()}?mode=ro", uri=True)) as connection,
        ):
            names = {str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if names and not names & {*metadata.tables}:
            raise _of_another(store)


def _has_lived(path: Path) -> bool:
    """Whether something beside a file says that it held a lab: the mark of a watch, a log, what was kept of it."""
    beside = (path.with_name(f"{path.name}{suffix}") for suffix in (".tick", "-wal"))
    return bool(kept_beside(path)) or any(file.exists() and file.stat().st_size for file in beside)


def _way_back(store: Store) -> str | None:
    """How a store that was damaged is put back."""
    if store.path is None:
        return None
    kept = kept_beside(store.path)
    return f"coop db restore {kept[0]}" if kept else _("Restore a backup: coop db restore FILE")


def upgrade(store: Store) -> bool:
    """Brings the tables to this program's revision; whether anything was done."""
    found = revision(store)
    if found == REVISION:
        with store.reading() as connection:
            absent = missing(connection)
        if absent:
            raise _incomplete(store, absent)
        return False
    if found is not None and not known(found):
        raise outdated(found)
    with alone(store) as connection:
        make_tables(connection)
    return True


@contextmanager
def alone(store: Store) -> Iterator[Connection]:
    """A transaction that makes or fills tables. Two programs may do so at once: the second waits, then finds them."""
    with unreachable(store.url, store.busy, store.forbidden), store.engine.connect() as connection:
        if store.dialect == "postgresql":
            connection.execution_options(isolation_level="READ COMMITTED")
        else:
            connection.execution_options(begin=turns.WRITE["sqlite"][0])
        with durable.committing(connection):
            if store.dialect == "postgresql":
                connection.execute(text(turns.at_most("postgresql", store.wait)))
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('la-cooperative'))"))
            yield connection


def make_tables(connection: Connection, revision: str = REVISION) -> None:
    """Makes the tables that are not there, and changes those of an older program, up to a revision."""
    from alembic import command

    command.upgrade(config(connection), revision)


def missing(connection: Connection) -> list[str]:
    """The names of the tables that a store should have and has not, then those of the indexes of the others."""
    found = inspect(connection)
    names = set(found.get_table_names())
    tables = [table for table in metadata.sorted_tables if table.name in names]
    indexes = {table.name: {index["name"] for index in found.get_indexes(table.name)} for table in tables}
    return sorted({*metadata.tables} - names) + sorted(
        str(index.name) for table in tables for index in table.indexes if index.name not in indexes[table.name]
    )


def _lost(absent: Sequence[str]) -> bool:
    """Whether what is missing can be made again from nothing."""
    return any(table.name in absent for table in PRIMARY)


def _incomplete(store: Store, absent: Sequence[str]) -> StoreDamaged:
    return StoreDamaged(
        _("In {url}, these are missing: {names}.", url=shown(store.url), names=", ".join(absent)),
        hint=_way_back(store) if _lost(absent) else "coop db rebuild",
    )


def make_derived(store: Store) -> None:
    """Makes those of the derived tables, and of all the indexes, that are missing; `coop db rebuild` fills them."""
    with alone(store) as connection:
        absent = missing(connection)
        if _lost(absent):
            raise _incomplete(store, absent)
        derived = [table for table in (*DERIVED, ticks) if table.name in absent]
        metadata.create_all(connection, tables=derived)
        for table in metadata.sorted_tables:
            for index in table.indexes:
                if index.name in absent:
                    index.create(connection)


def config(connection: object) -> Config:
    """Alembic's configuration, with the connection it is to use."""
    from alembic.config import Config

    found = Config()
    found.set_main_option("script_location", str(files("workflow.store").joinpath("migrations")))
    found.attributes["connection"] = connection
    return found


def known(found: str) -> bool:
    """Whether this program knows that revision."""
    return bool(re.fullmatch(r"\d{4}", found)) and "0001" <= found <= REVISION


def _newer(found: str) -> bool:
    return bool(re.fullmatch(r"\d{4}", found)) and found > REVISION


def outdated(found: str) -> StoreOutdated:
    newer = not known(found)
    return StoreOutdated(
        _("The store is at revision {found}, this program works with {expected}.", found=found, expected=REVISION),
        hint=_("Install the newer program.") if newer else "coop init",
    )


def check_not_newer(store: Store) -> None:
    """Raises StoreOutdated where a newer program has made the store; whatever else it is, or holds, is no matter."""
    try:
        found = revision(store)
    except CoopError:
        return
    if found is not None and _newer(found):
        raise outdated(found)


def check_revision(store: Store) -> None:
    """Raises when the store cannot be worked with as it is: NoStore, StoreOutdated, StoreDamaged. One cheap read."""
    _check_file(store)  # before a connection makes a database of what is none
    if not store.exists:
        raise no_store(store)
    with store.reading() as connection:
        try:
            found = connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalar()
        except (OperationalError, ProgrammingError) as problem:
            if code_of(problem.orig or problem) != NO_TABLE:
                raise
            found = None
    if found != REVISION:
        raise no_store(store) if (found := revision(store)) is None else outdated(found)


def no_store(store: Store) -> NoStore:
    """The error for an address where nothing was opened yet."""
    message = _("There is no lab yet in {url}.", url=shown(store.url))
    if kept := kept_beside(store.path):
        return NoStore(
            message + " " + _("An earlier store is kept in {file}.", file=kept[0]), hint=f"coop db restore {kept[0]}"
        )
    if store.path is not None and store.path.is_file() and not store.path.stat().st_size:
        message += " " + _("Its file is there, and empty: if it held a lab, restore a backup: coop db restore FILE")
    return NoStore(message, hint="coop init")
