"""A database that is not fit, or not free: exit 7 with the reason, at the first connection, and nothing left behind."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from states.errors import CoopError, NoStore, StoreBusy, StoreDamaged, StoreUnreachable
from workflow.lab.opening import open_lab
from workflow.store import blockers, turns
from workflow.store.database import Store
from workflow.store.failures import unreachable
from workflow.store.heartbeat import beat
from workflow.store.schema import DERIVED, PRIMARY
from workflow.store.transaction import Transaction
from workflow.store.upgrade import check_revision, missing
from workflow.testing import NOTE, Lab, SimulatedClock, problems, tables


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
        with pytest.raises(StoreUnreachable, match=r"right|droit"):
            other.apply(ref, "comment", note=NOTE)
        other.close()
        with told(lab.store.url, f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {make_url(reader).username}"):
            error = fails(reader, "list")
        assert not isinstance(error, NoStore), "a store one may not read is not one that is missing"
        assert lab.now(ref).seq == 1
    empty = postgresql_places.empty()
    error = fails(as_reader(postgresql_places, empty, "REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    assert "droit" in error.message or "right" in error.message
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


# --- Busy ---


def in_vain(lab: Lab, ref: str) -> StoreBusy:
    """What someone is told who does not wait long for whoever is writing."""
    other = Lab(Store(lab.store.url, wait=0.1), lab.clock)
    with pytest.raises(StoreBusy) as caught:
        other.apply(ref, "comment", note="Un mot que personne ne doit lire")
    other.close()
    assert caught.value.exit == 7
    assert "personne" not in str(caught.value)
    return caught.value


@contextmanager
def writer(lab: Lab, ref: str) -> Iterator[Lab]:
    """Someone who is not done writing, by a command of theirs."""
    with closing(Store(lab.store.url, named=lambda: "coop comment --as rene")) as store:
        other = Lab(store, lab.clock)
        with store.writing() as tx:
            other.engine.apply_in(tx, other.command(ref, "comment", note=NOTE, actor="rene"))
            yield other


def test_while_someone_else_writes_one_is_told_who_and_how_to_wait_longer(lab: Lab) -> None:
    ref = lab.request()
    with writer(lab, ref):
        error = in_vain(lab, ref)
    me = str(os.getpid()) if lab.store.dialect == "sqlite" else "coop comment --as rene"
    assert me in error.message
    assert error.message.count("process") == 1
    assert error.hint is not None
    assert error.hint.endswith("--wait 60")
    assert lab.apply(ref, "comment", note=NOTE).entry.seq == 3


def test_of_several_who_wait_each_is_told_who_writes(lab: Lab) -> None:
    ref = lab.request()

    def wait(other: Lab) -> object:
        return other.apply(ref, "comment", note=NOTE, actor="rene").entry.seq

    found: list[object] = []
    with lab.elsewhere() as second:
        waiting = Thread(target=lambda: found.append(wait(second)))
        with writer(lab, ref):
            waiting.start()
            waiting.join(0.1)
            error = in_vain(lab, ref)
        waiting.join()
    assert found == [3]
    assert error.message.count("process") == 1
    assert lab.store.dialect == "sqlite" or "coop comment --as rene" in error.message


@pytest.mark.parametrize("turn", [turns.of_everyone, turns.of_lab])
def test_whoever_has_a_turn_is_named(lab: Lab, turn: Callable[[Transaction], None]) -> None:
    """Whatever was waited for: a request's row, as above, the lab's, the tables themselves."""
    with closing(Store(lab.store.url, named=lambda: "coop db rebuild --as rene")) as store, store.writing() as tx:
        turn(tx)
        with closing(Store(lab.store.url, wait=0.1)) as waiting, pytest.raises(StoreBusy) as caught:
            Lab(waiting, lab.clock).submit()
    assert caught.value.message.count("process") == 1
    assert lab.store.dialect == "sqlite" or "coop db rebuild --as rene" in caught.value.message


def test_where_the_system_does_not_say_who_writes_to_a_file_one_is_told_so(
    sqlite_lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blockers, "_PROC", tmp_path)
    ref = sqlite_lab.request()
    with writer(sqlite_lab, ref):
        assert "SQLite" in in_vain(sqlite_lab, ref).message


@pytest.mark.parametrize(
    ("words", "program"),
    [
        (["/usr/bin/python3", "/opt/coop/bin/coop", "scheduler", "run", ""], "coop scheduler run"),
        (["/opt/coop/bin/coop", "comment", "12", "--note", "Entendu au téléphone", ""], "coop comment"),
        (["coop", "--as", "camille", "apply", "événements.jsonl", ""], "coop"),
        (["/usr/bin/python3", "-c", "import sqlite3", ""], "python3"),
        (["sqlite3", "/srv/labo.db", ""], "sqlite3"),
        ([""], ""),
    ],
)
def test_a_program_is_named_without_what_it_is_told(words: list[str], program: str) -> None:
    assert blockers._program(words) == program


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


# --- Not a lab, or no longer one ---


def altered(lab: Lab, *statements: str) -> Store:
    """The store of a lab, of which someone has changed the tables by hand."""
    with lab.store.engine.connect() as connection, connection.begin():
        for statement in statements:
            connection.execute(text(statement))
    lab.close()
    return lab.store


def untouched(store: Store, act: Callable[[], object], error: type[CoopError] = StoreDamaged) -> CoopError:
    """What an act says of a store that it refuses to touch."""
    assert store.path is not None
    before = store.path.read_bytes()
    with pytest.raises(error) as caught:
        act()
    store.close()
    assert store.path.read_bytes() == before
    return caught.value


@pytest.mark.parametrize("content", [b"S", b"\n", b"SQLite format 2\0", b"Ceci n'est pas une base.\n" * 100, None])
def test_what_is_no_store_is_neither_opened_nor_written_to(tmp_path: Path, content: bytes | None) -> None:
    """A file of another kind, a store that was cut, the database of another program (None)."""
    file = tmp_path / "labo.db"
    if content is None:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE mine (x)")
    else:
        file.write_bytes(content)
    store = Store(str(file))
    for act in (lambda: check_revision(store), lambda: open_lab(store, SimulatedClock(), "camille", None)):
        untouched(store, act)
    assert [path.name for path in tmp_path.iterdir()] == ["labo.db"]


def test_an_empty_file_beside_what_a_lab_leaves_was_cut(sqlite_lab: Lab) -> None:
    beat(sqlite_lab.store, sqlite_lab.clock.now)
    store = sqlite_lab.store
    store.close()
    assert store.path is not None
    store.path.write_bytes(b"")
    for act in (lambda: check_revision(store), lambda: open_lab(store, SimulatedClock(), "camille", None)):
        assert "db restore" in str(untouched(store, act).hint)
    store.path.with_name(f"{store.path.name}.tick").unlink()
    assert "db restore" in untouched(store, lambda: check_revision(store), NoStore).message


@pytest.mark.parametrize(
    "statement",
    [
        *(f"UPDATE alembic_version SET version_num = '{number}'" for number in ("0000", "", "1", "abc", "3f2a9c0d11")),
        "DELETE FROM alembic_version", "DROP TABLE alembic_version",
    ],
)  # fmt: skip
def test_a_revision_that_no_program_wrote_is_told(lab: Lab, statement: str) -> None:
    store = altered(lab, statement)
    for act in (lambda: check_revision(store), lambda: open_lab(store, lab.clock, "camille", None)):
        with pytest.raises(StoreDamaged):
            act()


def test_the_tables_of_another_program_are_left_alone(empty_store: Store) -> None:
    """Those that bear the names of ours, or that are at a revision of their own."""
    with empty_store.engine.connect() as connection, connection.begin():
        connection.execute(text("CREATE TABLE staff (x integer)"))
    for act in (lambda: check_revision(empty_store), lambda: open_lab(empty_store, SimulatedClock(), "camille", None)):
        with pytest.raises(StoreDamaged):
            act()
    with empty_store.engine.connect() as connection, connection.begin():
        connection.execute(text("ALTER TABLE staff RENAME TO autre"))
        connection.execute(text("CREATE TABLE alembic_version (version_num varchar(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('3f2a9c0d11ee')"))
    with pytest.raises(StoreDamaged, match=r"other program|autre programme"):
        open_lab(empty_store, SimulatedClock(), "camille", None)


@pytest.mark.parametrize("table", [table.name for table in DERIVED])
def test_a_derived_table_that_was_dropped_is_made_again(lab: Lab, table: str) -> None:
    ref = lab.request("interview_planned")
    before = tables(lab.store)
    store = altered(lab, f"DROP TABLE {table}", "DROP INDEX ix_outbox_ref_meeting")
    assert {problem.where for problem in lab.verify().problems} == {table, "ix_outbox_ref_meeting"}
    with pytest.raises(StoreDamaged, match=table) as caught:
        open_lab(store, lab.clock, "camille", None)
    assert caught.value.hint == "coop db rebuild"
    lab.rebuild()
    assert tables(store) == before
    assert problems(lab) == []
    with store.engine.connect() as connection:
        assert missing(connection) == []
    assert lab.apply(ref, "comment", note=NOTE).entry.seq == 4


@pytest.mark.parametrize("table", [table.name for table in PRIMARY])
def test_a_table_that_nothing_gives_back_is_told(lab: Lab, table: str) -> None:
    lab.request()
    altered(lab, f"DROP TABLE {table}")
    assert [problem.where for problem in lab.verify().problems] == [table]
    for act in (lab.rebuild, lambda: open_lab(lab.store, lab.clock, "camille", None)):
        with pytest.raises(StoreDamaged, match=table) as caught:
            act()
        assert caught.value.hint != "coop db rebuild"
