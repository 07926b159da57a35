"""Rewrites the file of a store, so that nothing of what was deleted is left in its pages, nor in its log."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from sqlalchemy import text

from states.errors import StoreUnreachable
from states.language import _
from workflow import durable
from workflow.store.database import Store, prepare_file
from workflow.store.failures import unreachable

_OWNED = text(
    "SELECT pg_has_role(relowner, 'USAGE'), pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'vault'::regclass"
)


def clean(store: Store) -> list[str]:
    """Leaves nothing of what was deleted from a store where it can be; what it could not do, in sentences."""
    return _clean_file(store) if store.path is not None else _clean_tables(store)


def _clean_file(store: Store) -> list[str]:
    """SQLite: the file is written again page by page, then the log is emptied."""
    assert store.path is not None
    store.close()
    with (
        unreachable(store.url, store.busy),
        closing(sqlite3.connect(store.path, isolation_level=None)) as connection,
    ):
        prepare_file(connection, store.wait)
        connection.execute("PRAGMA secure_delete=ON")
        durable.step("rewrite", lambda: connection.execute("VACUUM"))
        busy = durable.step("empty the log", lambda: _emptied(connection))
    if busy:
        raise StoreUnreachable(
            _("Someone is reading the store: what was erased is still in its log."),
            hint=_("Close the other programs, then type the same command again."),
        )
    return []


def _emptied(connection: sqlite3.Connection) -> bool:
    """Empties the log; whether somebody who reads it is in the way."""
    return bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])


def _clean_tables(store: Store) -> list[str]:
    """PostgreSQL: the table of texts is written again, and what the planner kept of its values with it."""
    with unreachable(store.url, store.busy), store.engine.connect() as connection:
        owned, owner = connection.execute(_OWNED).one()
        connection.rollback()
        if not owned:
            return [
                _(
                    "The former pages of the table vault, until its owner “{owner}” does: {command}",
                    owner=owner,
                    command="VACUUM (FULL, ANALYZE) vault",
                )
            ]
        alone: Any = connection.execution_options(isolation_level="AUTOCOMMIT")
        alone.execute(text("SELECT set_config('lock_timeout', :wait, false)"), {"wait": f"{int(store.wait * 1000)}ms"})
        durable.step("rewrite", lambda: alone.execute(text("VACUUM (FULL, ANALYZE) vault")))
    return [_("The server’s log and its archives, its replicas and its dumps, until they are recycled.")]
