"""Who may do what in a PostgreSQL database: asked only once the server has said no, so that others pay nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import Engine, text

from states.errors import RightMissing
from states.language import _

# Who asks, and whose the tables are; the database, where there are none yet.
_OWNER = text("""
    SELECT session_user AS me, pg_get_userbyid(coalesce(
        (SELECT relowner FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
         WHERE relname = 'entries' AND nspname = ANY (current_schemas(false)) LIMIT 1), datdba)) AS owner
    FROM pg_database WHERE datname = current_database()
""")


DAILY = ("SELECT", "INSERT", "UPDATE", "DELETE", "LOCK")  # what takes no owner, once it is granted


def missing(engine: Engine, words: str, asked: Sequence[str]) -> RightMissing:
    """The error for a right that the server says is missing for one of some statements: which, to whom, who has it.

    Without a statement, what was refused is to come in.
    """
    right = _right(words, asked)
    with suppress(Exception), engine.connect() as connection:
        asked = connection.execute(_OWNER).one()
        message = _(
            "The user “{user}” of the database has not the right {right}: {words}.",
            user=asked.me,
            right=right,
            words=words,
        )
        return RightMissing(message, hint=_way_out(right, asked.me, asked.owner))
    return RightMissing(_("The user of the database has not the right {right}: {words}.", right=right, words=words))


def _way_out(right: str, user: str, owner: str) -> str:
    if user == owner:
        return _("Whoever administers the server may grant it.")
    if right in DAILY:
        return _(
            "“{owner}”, who owns the tables, may grant it: after an upgrade, all rights are granted again.", owner=owner
        )
    return _("This is for the role that owns the tables, “{owner}”: do it with its address.", owner=owner)


def _right(words: str, asked: Sequence[str]) -> str:
    """The right that a statement takes, as PostgreSQL calls it: of several, the one about what the server names."""
    name = re.findall(r"\w+", words)[-1]
    about = next((one for one in asked if re.search(rf"\b{name}\b", one)), next(iter(asked), "CONNECT"))
    return "UPDATE" if "FOR UPDATE" in about.upper() else about.split()[0].upper()
