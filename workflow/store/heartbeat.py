"""The mark each round of the watch leaves.

A mark is no history: it says only that the watch lives. On SQLite it is a file beside the store, because a round
with nothing due must not take the write lock; on PostgreSQL a row.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from attrs import frozen
from sqlalchemy import Connection, select

from states.declaration.types import moment
from workflow.files import write_whole
from workflow.store import schema as s
from workflow.store import statements as q
from workflow.store.database import Store

OLD = timedelta(minutes=60)  # a round older than that is worth a warning


@frozen
class Rounds:
    """When the watch last went round (None: never), and the moment it is asked."""

    last: str | None
    now: str

    @property
    def stale(self) -> bool:
        """Whether the last round is old, or there was none: what has happened since nobody has looked at."""
        return self.last is None or moment(self.now) - moment(self.last) > OLD


def beat(store: Store, now: str) -> None:
    """Leaves the mark of a round."""
    if store.path is not None:
        write_whole(_file(store.path), now.encode("ascii"), mode=store.path.stat().st_mode & 0o777)
        return
    with store.writing() as tx:
        tx.run(q.set_tick, id=1, at=now)


def last_tick(store: Store) -> str | None:
    """When the watch last went round; None if it never did."""
    if store.path is not None:
        return _marked(store.path)
    with store.reading() as connection:
        return last_round(connection)


def last_round(connection: Connection) -> str | None:
    """The same, of the store that a connection is to."""
    file = connection.engine.url.database if connection.dialect.name == "sqlite" else None
    if file:
        return _marked(Path(file))
    at = connection.execute(select(s.ticks.c.at)).scalar()
    return str(at) if at else None


def _marked(path: Path) -> str | None:
    try:
        return _file(path).read_text("ascii").strip() or None
    except OSError:
        return None


def rounds(store: Store, now: str) -> Rounds:
    """The rounds of the watch as they stand at a moment."""
    return Rounds(last_tick(store), now)


def _file(path: Path) -> Path:
    return path.with_name(f"{path.name}.tick")
