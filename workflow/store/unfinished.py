"""A store into which a lab is being copied: the mark that keeps everyone else away until all of it is there.

The mark stands in place of the revision, which every command reads first: it costs nothing where there is none, and
an older program stays away too. As long as it stands, a table of its own says where the copy comes from.
"""

from __future__ import annotations

import shlex
from secrets import token_hex

from sqlalchemy import Column, Connection, MetaData, Table, Text, select

from states.errors import Conflict, StoreUnfinished
from states.language import _
from workflow.store.address import shown
from workflow.store.database import Store

revisions = Table("alembic_version", MetaData(), Column("version_num", Text, primary_key=True))
copy_under_way = Table("copy_under_way", MetaData(), Column("source", Text, nullable=False))
_MARK = "copy-"


def marked(revision: str) -> bool:
    """Whether what stands as the revision of a store is the mark of a copy."""
    return revision.startswith(_MARK)


def mark(connection: Connection, source: Store) -> str:
    """Marks a store of which the tables have just been made; the mark, which no other copy has."""
    found = _MARK + token_hex(4)
    copy_under_way.create(connection)
    where = shown(source.url) if source.path is None else str(source.path.absolute())
    connection.execute(copy_under_way.insert().values(source=where))
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


def unfinished(connection: Connection, target: Store) -> StoreUnfinished:
    """The error for a store that is marked, with the command that begins the copy again."""
    source = connection.execute(select(copy_under_way.c.source)).scalar_one()
    return StoreUnfinished(
        _("A copy of a lab into {url} was begun, and is not finished.", url=shown(target.url)),
        hint=shlex.join(["coop", "db", "copy", source, shown(target.url)]),
    )
