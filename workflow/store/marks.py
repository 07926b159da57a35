"""What stands in place of the revision of a store that nobody is to use: it is being filled, or its lab has moved.

Every command reads the revision first: a mark costs nothing where there is none, and keeps an older program away too.
As long as one stands, a table of its own says where the lab is.
"""

from __future__ import annotations

import shlex
from secrets import token_hex

from sqlalchemy import Boolean, Column, Connection, MetaData, Table, Text, select, text

from states.errors import Conflict, CoopError, StoreMoved, StoreUnfinished
from states.language import _
from workflow.store.address import shown
from workflow.store.database import Store
from workflow.store.failures import MOVED

revisions = Table("alembic_version", MetaData(), Column("version_num", Text, primary_key=True))
copy_under_way = Table(
    "copy_under_way",
    MetaData(),
    Column("source", Text, nullable=False),
    Column("moving", Boolean, nullable=False),
)
moved_to = Table("moved_to", MetaData(), Column("target", Text, nullable=False))
_COPY, _MOVED = "copy-", "moved-"
# What keeps away those who were already using a lab as it moved: they read no revision any more.
_CLOSING = {
    "sqlite": [
        f"CREATE TRIGGER {table}_moved BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{MOVED}'); END"
        for table, verb in (("entries", "INSERT"), ("outbox", "UPDATE"))
    ],
    "postgresql": [
        "CREATE FUNCTION refuse_moved() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{MOVED}'; END $$",
        *(
            f"CREATE TRIGGER {table}_moved BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_moved()"
            for table, verb in (("entries", "INSERT"), ("outbox", "UPDATE"))
        ),
    ],
}


def being_filled(revision: str) -> bool:
    """Whether what stands as the revision of a store says that a lab is being copied into it."""
    return revision.startswith(_COPY)


def error_of(connection: Connection, store: Store, revision: str) -> CoopError | None:
    """Why nobody is to use a store, by what stands as its revision; None where it is no mark."""
    if being_filled(revision):
        row = connection.execute(select(copy_under_way)).one()
        command = ["coop", "db", "copy", *(["--move"] if row.moving else []), row.source, shown(store.url)]
        message = _("A copy of a lab into {url} was begun, and is not finished.", url=shown(store.url))
        return StoreUnfinished(message, hint=shlex.join(command))
    if revision.startswith(_MOVED):
        target = connection.execute(select(moved_to.c.target)).scalar_one()
        message = _("The lab of {url} has moved to {target}.", url=shown(store.url), target=target)
        return StoreMoved(
            message, hint=shlex.join(["coop", "config", "set", "db", target]), revision=revision.removeprefix(_MOVED)
        )
    return None


def _where(store: Store) -> str:
    """The address of a store, from any folder."""
    return shown(store.url) if store.path is None else str(store.path.absolute())


# --- A copy that is not finished ---


def mark(connection: Connection, source: Store, *, moving: bool) -> str:
    """Marks a store of which the tables have just been made; the mark, which no other copy has."""
    found = _COPY + token_hex(4)
    copy_under_way.create(connection)
    connection.execute(copy_under_way.insert().values(source=_where(source), moving=moving))
    connection.execute(revisions.update().values(version_num=found))
    return found


def check_mark(connection: Connection, target: Store, expected: str) -> None:
    """Raises Conflict where someone else has begun the copy again, or ended it."""
    if connection.execute(select(revisions.c.version_num)).scalar() != expected:
        raise Conflict(_("Someone else began to copy into {url} in the meantime.", url=shown(target.url)))


def unmark(connection: Connection, revision: str) -> None:
    """Says that all is there: from here on, the store is as any other."""
    copy_under_way.drop(connection)
    connection.execute(revisions.update().values(version_num=revision))


# --- A lab that has moved ---


def close(connection: Connection, target: Store, revision: str) -> None:
    """Says of a store that its lab is in another one, and keeps away whoever uses it."""
    moved_to.create(connection)
    connection.execute(moved_to.insert().values(target=_where(target)))
    for statement in _CLOSING[connection.dialect.name]:
        connection.execute(text(statement))
    connection.execute(revisions.update().values(version_num=_MOVED + revision))
