"""A consistent copy of a SQLite store while it is in use, and putting one in its place, under the store's own lock."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from states.causes import cause
from states.errors import Conflict, StoreDamaged, StoreUnreachable, WrongUsage
from states.language import _
from workflow import durable
from workflow.clock import Clock, now_of, wall_clock
from workflow.files import made_private
from workflow.store.copies import note_copy
from workflow.store.database import Store, prepare_file
from workflow.store.failures import code_of, unreachable

PAGES = 16  # a step of a copy; a store has more of them, so that there is a moment between its first step and its last
UNREADABLE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
REPLACED, BEFORE = "replaced", "before"  # why a store is kept beside itself: another is put there, it is upgraded
FULL = {  # what SQLite says when what it writes to cannot be written, and what the system calls it
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_IOERR_WRITE: errno.EIO,
    sqlite3.SQLITE_IOERR_FSYNC: errno.EIO,
    sqlite3.SQLITE_IOERR_TRUNCATE: errno.EIO,
}
FORGOTTEN = 3600  # seconds after which a part left by a program that was killed is taken away


def backup(store: Store, target: Path, clock: Clock = wall_clock) -> int:
    """Copies a SQLite store to a new file, with SQLite's own online backup, and checks the copy; its size in bytes.

    That it was made is noted beside the store.
    """
    source = file_of(store)
    if target.exists():
        raise _never_overwrites(target)
    with staged(target) as part:
        with unreachable(store.url, store.busy):
            copy_pages(source, part)
        check_whole(part, target)
        _put(part, target)
    note_copy(source, target, now_of(clock))
    return target.stat().st_size


def copy_pages(source: Path, target: Path) -> None:
    """Copies all the pages of a SQLite file, as they are at one moment, to one that nobody uses: one file, no log.

    A disk that is full is an OSError: it is that of the target.
    """
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as here,
        closing(sqlite3.connect(target)) as there,
    ):
        try:
            durable.step("copy", lambda: here.backup(there))
            there.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as problem:
            number = FULL.get(problem.sqlite_errorcode)
            if number is None:
                raise
            raise OSError(number, os.strerror(number), str(target)) from problem


def replace_content(store: Store, copy: Path, clock: Clock) -> Path | None:
    """Puts a checked copy in place of all that a store holds, in one transaction of the store; where that is now kept.

    From the first page on nobody else can write; what is there then is kept before anything is committed. Whoever
    has the store open goes on with what was put in it.
    """
    path = file_of(store)
    empty = not path.exists() or path.stat().st_size == 0
    kept = None if empty else free_name(path, REPLACED, clock)
    try:
        made_private(path)
        with unreachable(store.url, store.busy), closing(sqlite3.connect(path)) as live:
            prepare_file(live, store.wait)
            _fit(copy, live.execute("PRAGMA page_size").fetchone()[0])
            with closing(sqlite3.connect(copy)) as here:
                between = _Between(store, path, kept)
                durable.step("commit", lambda: here.backup(live, pages=PAGES, progress=between))
    except StoreUnreachable as problem:
        if kept is None or not _unreadable(problem.__cause__):
            raise
        _replace_file(path, copy, kept)
    return kept


class _Between:
    """What is done between the first step of a copy, which takes the store's write lock, and the last."""

    def __init__(self, store: Store, path: Path, kept: Path | None) -> None:
        self._store, self._path, self._kept = store, path, kept

    def __call__(self, status: int, _remaining: int, _pages: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise self._store.busy()
        if self._kept is not None:
            with staged(self._kept) as part:
                _copy_even_damaged(self._path, part)
                shutil.copymode(self._path, part)
                _put(part, self._kept)
            self._kept = None


def _fit(copy: Path, size: int) -> None:
    """Gives a copy pages of the store's size: it could not be written into it otherwise."""
    with closing(sqlite3.connect(copy, isolation_level=None)) as here:
        here.execute("PRAGMA journal_mode=DELETE")
        if here.execute("PRAGMA page_size").fetchone()[0] != size:
            here.execute(f"PRAGMA page_size={size}")
            here.execute("VACUUM")


def _unreadable(problem: BaseException | None) -> bool:
    return problem is not None and code_of(problem) in UNREADABLE


def _copy_even_damaged(source: Path, target: Path) -> None:
    try:
        copy_pages(source, target)
    except sqlite3.DatabaseError as problem:
        if not _unreadable(problem):
            raise
        _copy_bytes(source, target)


def _copy_bytes(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    durable.sync(target)


def _replace_file(path: Path, copy: Path, kept: Path) -> None:
    """For a file that is no store any more, which nobody can write to: keeps its bytes, and puts the copy there."""
    with staged(kept) as part:
        _copy_bytes(path, part)
        _put(part, kept)
    log = path.with_name(f"{path.name}-wal")
    if log.exists():  # never left beside another file than its own
        durable.replace(log, kept.with_name(f"{kept.name}-wal"))
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    durable.replace(copy, path.resolve())


# --- Files ---


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """A new file beside a target, for its owner alone, taken away at the end unless it has become the target."""
    folder, prefix = target.absolute().parent, f"{target.name}.part-"
    try:
        handle, name = tempfile.mkstemp(prefix=prefix, dir=folder)
        os.close(handle)
        made = os.stat(name).st_mtime  # by the clock of the disk, as theirs
        for old in folder.glob(f"{prefix}*"):
            if made - old.stat().st_mtime > FORGOTTEN:
                old.unlink(missing_ok=True)
    except OSError as problem:
        raise _unwritable(target, problem) from None
    part = Path(name)
    try:
        yield part
    except OSError as problem:
        raise _unwritable(target, problem) from None
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            part.with_name(f"{part.name}{suffix}").unlink(missing_ok=True)


def _put(part: Path, target: Path) -> None:
    """Gives a finished file its name, never that of another, so that a power cut leaves all of it or nothing."""
    try:
        durable.name(part, target)
    except FileExistsError:
        raise _never_overwrites(target) from None
    except OSError:  # a file system without links
        durable.replace(part, target)


def free_name(path: Path, kind: str, clock: Clock) -> Path:
    """A name that no file has yet, for what is kept beside a store: what it was at this moment, and why it is kept."""
    stem = f"{path.name}.{kind}-{now_of(clock).replace(':', '')}"
    kept, n = path.with_name(stem), 1
    while kept.exists():
        n += 1
        kept = path.with_name(f"{stem}-{n}")
    return kept


def kept_beside(path: Path | None) -> list[Path]:
    """What earlier restorations and upgrades of a store have kept beside it, the newest first."""
    if path is None:
        return []
    found = [old for kind in (REPLACED, BEFORE) for old in path.absolute().parent.glob(f"{path.name}.{kind}-*")]
    whole = [old for old in found if ".part-" not in old.name and not old.name.endswith(("-wal", "-shm"))]
    return sorted(whole, key=lambda old: (old.stat().st_mtime_ns, old.name), reverse=True)


# --- Checking ---


def check_whole(copy: Path, named: Path) -> None:
    """Raises StoreDamaged for a file that is no whole copy of a lab."""
    try:
        with closing(sqlite3.connect(copy)) as connection:
            whole = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            has_entries = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'entries'").fetchone()
    except sqlite3.DatabaseError:
        whole = False
    if not (whole and has_entries):
        raise no_copy(named)


def no_copy(file: Path) -> StoreDamaged:
    """The error for a file that holds no lab, or part of one."""
    return StoreDamaged(_("{file} is not a whole copy of a lab.", file=file))


def file_of(store: Store) -> Path:
    """The file of a SQLite store; WrongUsage for another."""
    if store.path is None:
        raise WrongUsage(_("A PostgreSQL database is copied with its own tools: pg_dump and pg_restore."))
    return store.path


def _never_overwrites(target: Path) -> Conflict:
    return Conflict(_("{file} exists already: a backup never overwrites.", file=target))


def _unwritable(target: Path, problem: OSError) -> StoreUnreachable:
    return StoreUnreachable(_("{file} cannot be written: {reason}.", file=target, reason=cause(problem)))
