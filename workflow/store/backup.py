"""A consistent copy of a store while it is in use, and putting one back."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from states.errors import Conflict, StoreDamaged, StoreUnreachable, WrongUsage
from states.language import _
from workflow.clock import Clock, now_of
from workflow.store.database import Store, unreachable


def backup(store: Store, target: Path) -> int:
    """Copies a SQLite store to a new file, with SQLite's own online backup, and checks the copy; its size in bytes."""
    source = _file_of(store)
    if target.exists():
        raise Conflict(_("{file} exists already: a backup never overwrites.", file=target))
    part = target.with_name(f"{target.name}.part")
    try:
        with unreachable(store.url), closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(part)) as there:
            here.backup(there)
            _check(there, part)
        os.replace(part, target)
    except OSError as problem:
        raise StoreUnreachable(_("{file} cannot be written: {reason}.", file=target, reason=problem.strerror)) from None
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def restore(store: Store, source: Path, clock: Clock) -> Path | None:
    """Puts a checked copy in place of the store; where the former one is now kept."""
    if store.path is None:
        raise _only_sqlite()
    if not source.exists():
        raise WrongUsage(_("There is no file {file}.", file=source))
    target, part = store.path, store.path.with_name(f"{store.path.name}.part")
    part.unlink(missing_ok=True)
    target.absolute().parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            unreachable(str(source)),
            closing(sqlite3.connect(source)) as here,
            closing(sqlite3.connect(part)) as there,
        ):
            here.backup(there)
            _check(there, source)
        store.close()
        kept = _keep(target, clock) if target.exists() else None
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return kept


def _keep(target: Path, clock: Clock) -> Path:
    stamp = now_of(clock).replace(":", "")
    kept = target.with_name(f"{target.name}.replaced-{stamp}")
    n = 1
    while kept.exists():
        n += 1
        kept = target.with_name(f"{target.name}.replaced-{stamp}-{n}")
    with closing(sqlite3.connect(target)) as old:  # what the write-ahead log still holds goes into the file
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    os.replace(target, kept)
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    return kept


def _check(connection: sqlite3.Connection, file: Path) -> None:
    result = connection.execute("PRAGMA integrity_check").fetchone()[0]
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if result != "ok" or "entries" not in tables:
        raise StoreDamaged(_("{file} is not a whole copy of a lab.", file=file))


def _file_of(store: Store) -> Path:
    if store.path is None:
        raise _only_sqlite()
    return store.path


def _only_sqlite() -> WrongUsage:
    return WrongUsage(_("A PostgreSQL database is copied with its own tools: pg_dump and pg_restore."))
