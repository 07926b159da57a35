"""Where a store is, so that a copy of it can be told from it."""

from __future__ import annotations

from sqlalchemy import text

from states.canonical import digest
from workflow.store.database import Store


def place_of(store: Store) -> str:
    """Where a store is, as a short digest: this very file, at this path; or this database of this server."""
    if store.path is not None:
        return digest(f"{store.path.resolve()}\n{store.path.stat().st_ino}")[:16]
    with store.reading() as connection:
        row = connection.execute(
            text(
                "SELECT (SELECT system_identifier FROM pg_control_system()),"
                " (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        ).one()
    return digest(f"{row[0]}\n{row[1]}")[:16]
