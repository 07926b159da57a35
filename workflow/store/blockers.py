"""Who is being waited for: asked only once the wait was in vain, so that those who need not wait pay nothing.

PostgreSQL knows who keeps whom waiting. SQLite does not say who writes to a file, but Linux does: it lists who has
locked which part of it, a program that is killed leaves that list by itself, and nothing is written to be found again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from threading import Thread
from typing import Any

from sqlalchemy import Engine, text

from states.errors import StoreBusy
from states.language import _, duration, enumeration
from workflow.store import turns
from workflow.store.transaction import Asked

LONGER, LONGEST = 60, 3600  # seconds proposed to whoever did not wait long enough
_LOOK = 1.0  # seconds during which PostgreSQL is asked who is in the way
# Whoever keeps a connection waiting, and waits for nobody.
_IN_THE_WAY = text("""
    WITH RECURSIVE blocker(pid) AS (
        SELECT unnest(pg_blocking_pids(:waiting))
        UNION SELECT unnest(pg_blocking_pids(pid)) FROM blocker
    )
    SELECT pid, usename, application_name, extract(epoch FROM clock_timestamp() - xact_start) AS seconds
    FROM blocker JOIN pg_stat_activity USING (pid) WHERE cardinality(pg_blocking_pids(pid)) = 0 ORDER BY pid
""")
_PROC = Path("/proc")
# What SQLite locks of a file to write to it, and of the index of its log: the first and the last byte.
_FILE, _INDEX = (0x40000000, 0x40000000 + 511), (120, 122)


def busy(blockers: Sequence[str], wait: float, *, known: bool) -> StoreBusy:
    """The error for a wait of so many seconds in vain. `known`: whether this database knows who writes to it."""
    message = StoreBusy().message
    if blockers:
        message += " " + _("It is {who}.", who=enumeration([*blockers]))
    elif not known:
        message += " " + _("SQLite does not say who: another command at work, or a program that has the file open.")
    longer = min(LONGEST, max(LONGER, round(wait * 6)))
    return StoreBusy(message, hint=_("To wait longer, add to the command: --wait {seconds}", seconds=longer))


def of_statements(engine: Engine, asked: Sequence[Asked]) -> list[str]:
    """Who keeps one of some statements waiting on PostgreSQL: they are made to wait again, and then undone.

    Nobody, once they have ended.
    """
    with suppress(Exception), engine.connect() as waiting, engine.connect() as asking:
        driver: Any = waiting.connection.driver_connection
        cursor = driver.cursor()
        cursor.execute(turns.at_most("postgresql", _LOOK))
        pid = cursor.execute("SELECT pg_backend_pid()").fetchone()[0]
        again = Thread(target=_try, args=(cursor, asked))
        again.start()
        rows: Sequence[Any] = ()
        while again.is_alive() and not rows:
            asking.rollback()  # what PostgreSQL says of others is of one moment of a transaction
            rows = asking.execute(_IN_THE_WAY, {"waiting": pid}).all()
        driver.cancel()
        again.join()
        waiting.invalidate()  # to cancel may take effect late: on nobody else
        return [_named(row.application_name, row.usename, row.pid, row.seconds) for row in rows]
    return []


def _try(cursor: Any, asked: Sequence[Asked]) -> None:
    with suppress(Exception):
        for statement, values in asked:
            cursor.execute(statement, values)


def of_file(path: Path) -> list[str]:
    """Who is writing to a SQLite file, as far as the system says it."""
    return [_of_process(pid) for pid in sorted(set(_lockers(path)))]


def _lockers(path: Path) -> Iterator[int]:
    """The processes that have locked a part of a file to write to it.

    The file is not opened to ask: closing it again would give up the locks that this process has on it.
    """
    parts = {}
    for file, part in ((path, _FILE), (path.with_name(f"{path.name}-shm"), _INDEX)):
        with suppress(OSError):
            parts[file.stat().st_ino] = part
    with suppress(OSError):
        for line in (_PROC / "locks").read_text("ascii").splitlines():
            found = re.search(r"POSIX +\w+ +WRITE (\d+) [0-9a-f]+:[0-9a-f]+:(\d+) (\d+) (\d+)$", line)
            if found and "->" not in line:
                pid, inode, first, last = map(int, found.groups())
                low, high = parts.get(inode, (1, 0))
                if pid and low <= last and first <= high:
                    yield pid


def _of_process(pid: int) -> str:
    program = user = ""
    with suppress(OSError, KeyError, ImportError):
        import pwd

        user = pwd.getpwuid((_PROC / str(pid)).stat().st_uid).pw_name
        words = (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
        program = _program(words)
    return _named(program, user, pid, None)


def _program(words: Sequence[str]) -> str:
    """A program and its command, by its words: neither an option nor what the command is told."""
    names = [Path(word).name for word in words[:2]]
    if len(names) == 2 and names[0].startswith("python") and not words[1].startswith("-"):
        words = words[1:]
    command = takewhile(lambda word: re.fullmatch(r"[a-z][a-z-]*", word), words[1:3])
    return " ".join([Path(words[0]).name, *command])


def _named(program: str | None, user: str | None, pid: int, seconds: float | None) -> str:
    who = _("{program} (user {user}, process {pid})", program=program or "?", user=user or "?", pid=pid)
    minutes = int(seconds or 0) // 60
    return _("{who}, for {duration} already", who=who, duration=duration(minutes)) if minutes else who
