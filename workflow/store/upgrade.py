"""Makes the tables, and brings those of an older program up to date."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from states.errors import NoStore, StoreOutdated
from states.language import _
from workflow.store import turns
from workflow.store.address import shown
from workflow.store.backup import kept_beside
from workflow.store.database import Store
from workflow.store.failures import NO_TABLE, code_of, unreachable
from workflow.store.schema import REVISION

if TYPE_CHECKING:
    from alembic.config import Config


def revision(store: Store) -> str | None:
    """The revision of the store's tables; None when it has none."""
    with store.reading() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(store: Store) -> bool:
    """Brings the tables to this program's revision; whether anything was done."""
    from alembic import command

    found = revision(store)
    if found == REVISION:
        return False
    if found is not None and not known(found):
        raise outdated(found)
    with unreachable(store.url, store.busy), store.engine.connect() as connection:
        _take_turns(connection)
        with connection.begin():
            if store.dialect == "postgresql":
                connection.execute(text(turns.at_most("postgresql", store.wait)))
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('la-cooperative'))"))
            command.upgrade(config(connection), "head")
    return True


def _take_turns(connection: Connection) -> None:
    """Two programs may open the same store: the second waits, then finds the tables made."""
    if connection.dialect.name == "postgresql":
        connection.execution_options(isolation_level="READ COMMITTED")
    else:
        connection.execution_options(begin=turns.WRITE["sqlite"])


def config(connection: object) -> Config:
    """Alembic's configuration, with the connection it is to use."""
    from alembic.config import Config

    found = Config()
    found.set_main_option("script_location", str(files("workflow.store").joinpath("migrations")))
    found.attributes["connection"] = connection
    return found


def known(found: str) -> bool:
    """Whether this program knows that revision."""
    return str(found) <= REVISION


def outdated(found: str) -> StoreOutdated:
    newer = not known(found)
    return StoreOutdated(
        _("The store is at revision {found}, this program works with {expected}.", found=found, expected=REVISION),
        hint=_("Install the newer program.") if newer else "coop init",
    )


def check_revision(store: Store) -> None:
    """Raises when the store cannot be worked with as it is: NoStore or StoreOutdated. One cheap read."""
    if not store.exists:
        raise no_store(store)
    with store.reading() as connection:
        try:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        except (OperationalError, ProgrammingError) as problem:
            if code_of(problem.orig or problem) == NO_TABLE or "no such table" in str(problem.orig):
                raise no_store(store) from None
            raise
    if found != REVISION:
        raise outdated(str(found))


def no_store(store: Store) -> NoStore:
    """The error for an address where nothing was opened yet."""
    message = _("There is no lab yet in {url}.", url=shown(store.url))
    if kept := kept_beside(store.path):
        return NoStore(
            message + " " + _("An earlier store is kept in {file}.", file=kept[0]), hint=f"coop db restore {kept[0]}"
        )
    return NoStore(message, hint="coop init")
