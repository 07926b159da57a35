"""A database that is not fit, or not free: exit 7 with the reason, at the first connection, and nothing left behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from states.errors import CoopError, NoStore, StoreBusy, StoreUnreachable
from workflow.lab.opening import open_lab
from workflow.store.database import Store
from workflow.store.failures import unreachable
from workflow.store.upgrade import check_revision
from workflow.testing import NOTE, Lab, SimulatedClock


@contextmanager
def told(url: str, *statements: str) -> Iterator[None]:
    """Has said something to a database, as its owner."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    yield
    engine.dispose()


def made(places: Any, encoding: str) -> str:
    """The URL of a new database in an encoding."""
    name = f"{places._prefix}_{encoding.lower()}"
    places._run(f"DROP DATABASE IF EXISTS {name}")
    places._run(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    return places._url.set(database=name).render_as_string(hide_password=False)


def fails(url: str, act: str = "init") -> CoopError:
    """What a command says of a store that it cannot use."""
    store, acts = Store(url), {"init": lambda: open_lab(store, SimulatedClock(), "camille", None)}
    with pytest.raises(StoreUnreachable) as caught:
        acts.get(act, lambda: check_revision(store))()
    store.close()
    return caught.value


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_of_another_encoding_is_refused_at_once(postgresql_places: Any, encoding: str) -> None:
    url = made(postgresql_places, encoding)
    for act in ("init", "list"):
        error = fails(url, act)
        assert encoding in error.message
        assert error.hint is not None
        assert "ENCODING 'UTF8' TEMPLATE template0" in error.hint
    engine = create_engine(url, connect_args={"client_encoding": "utf8"})
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar() == 0
    engine.dispose()
    postgresql_places.drop(url)


def as_reader(places: Any, url: str, *statements: str) -> str:
    """The URL of a role of few rights on a database."""
    role = f"lecteur_{make_url(url).database}"
    with told(url, f"CREATE ROLE {role} LOGIN", *(s.format(role=role) for s in statements)):
        return make_url(url).set(username=role).render_as_string(hide_password=False)


def test_a_user_of_few_rights_is_told_so(postgresql_places: Any) -> None:
    with postgresql_places.lab() as lab:
        ref = lab.request()
        reader = as_reader(postgresql_places, lab.store.url, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
        other = Lab(Store(reader), lab.clock)
        assert other.now(ref).state == "received"
        with pytest.raises(StoreUnreachable, match=r"rights|droits"):
            other.apply(ref, "comment", note=NOTE)
        other.close()
        with told(lab.store.url, f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {make_url(reader).username}"):
            error = fails(reader, "list")
        assert not isinstance(error, NoStore), "a store one may not read is not one that is missing"
        assert lab.now(ref).seq == 1
    empty = postgresql_places.empty()
    error = fails(as_reader(postgresql_places, empty, "REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    assert "droits" in error.message or "rights" in error.message
    postgresql_places.drop(empty)


@pytest.mark.parametrize(
    ("setting", "words"),
    [("default_transaction_read_only = on", "lire|read"), ("search_path = nulle_part", "search_path")],
)
def test_a_server_set_so_that_nothing_can_be_written_is_told(postgresql_places: Any, setting: str, words: str) -> None:
    url = postgresql_places.empty()
    with told(url, f"ALTER DATABASE {make_url(url).database} SET {setting}"):
        assert any(each in fails(url).message for each in words.split("|"))
    postgresql_places.drop(url)


def test_while_someone_else_writes_one_is_told_to_try_again(lab: Lab) -> None:
    ref = lab.request()
    store = Store(lab.store.url, wait=0.1)
    other = Lab(store, lab.clock)
    with lab.store.writing() as tx:
        lab.engine.apply_in(tx, lab.command(ref, "comment", note=NOTE))
        with pytest.raises(StoreBusy) as caught:
            other.apply(ref, "comment", note=NOTE)
    assert (caught.value.exit, caught.value.hint) == (7, None)
    assert other.apply(ref, "comment", note=NOTE).entry.seq == 3
    store.close()


def test_a_file_that_is_only_to_be_read_is_told(tmp_path: Path) -> None:
    """In the user's language, not the library's. Root may write to any file, so it is opened to be read."""

    def write() -> None:
        with closing(sqlite3.connect(f"file:{tmp_path / 'a.db'}?mode=ro", uri=True)) as connection:
            connection.execute("CREATE TABLE t (x)")

    sqlite3.connect(tmp_path / "a.db").close()
    (tmp_path / "a.db").touch()
    with pytest.raises(StoreUnreachable) as caught, unreachable(str(tmp_path / "a.db")):
        write()
    assert "readonly" not in caught.value.message
