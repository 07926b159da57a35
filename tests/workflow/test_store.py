"""The store as a place: what it says when it cannot be used, and how it goes on after a fault."""

from __future__ import annotations

import logging
import os
import pwd
import re
import socket
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from states.errors import ConnectionLost, NoStore, OutcomeUnknown, StoreDamaged, StoreUnreachable
from workflow.lab.calendar import close
from workflow.store import schema as s
from workflow.store import statements as q
from workflow.store.database import Store, log_ahead
from workflow.store.upgrade import check_revision
from workflow.testing import NOTE, Lab, SimulatedClock, problems, tables


@pytest.mark.parametrize(
    "url",
    ["sqlite:////nowhere/at/all/lab.db", "postgresql://nobody:secret@127.0.0.1:1/lab", "oracle://x/y", "sqlite://["],
)
def test_a_store_that_cannot_be_reached_says_so(url: str) -> None:
    def use() -> None:
        store = Store(url)
        try:
            with store.writing() as tx:
                tx.one(q.lab, stream="lab")
        finally:
            store.close()

    with pytest.raises(Exception) as caught:  # noqa: PT011 - its exit is what counts
        use()
    assert getattr(caught.value, "exit", 1) in (2, 7)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_store_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "lab.db"
    file.write_bytes(b"Ceci n'est pas une base.\n" * 100)
    store = Store(str(file))
    with pytest.raises(StoreDamaged):
        check_revision(store)
    store.close()
    assert file.read_bytes().startswith(b"Ceci")


def test_an_empty_place_holds_no_lab(empty_store: Store) -> None:
    with pytest.raises(NoStore):
        check_revision(empty_store)


def test_who_sits_at_the_keyboard_is_known_to_the_system(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "LOGNAME", "USERNAME", "COOP_ACTOR"):
        monkeypatch.setenv(name, "quelqu'un d'autre")
    lab.store.close()
    entry = lab.apply(lab.request(), "comment", note=NOTE, actor="rene").entry
    expected = pwd.getpwuid(os.getuid()).pw_name if lab.store.dialect == "sqlite" else "postgres"
    if lab.store.dialect == "sqlite" or "COOP_TEST_PG" not in os.environ:
        assert entry.entered_by == expected
    assert entry.actor == "rene"


def test_a_fault_inside_leaves_nothing_and_the_next_goes_on(lab: Lab) -> None:
    ref = lab.request()
    before = tables(lab.store, (*s.PRIMARY, *s.DERIVED))

    def fail(error: BaseException) -> None:
        with lab.store.writing() as tx:
            lab.engine.apply_in(tx, lab.command(ref, "prequalify"))
            raise error

    for error in (RuntimeError("panne"), KeyboardInterrupt()):
        with pytest.raises(type(error)):
            fail(error)
        assert tables(lab.store, (*s.PRIMARY, *s.DERIVED)) == before
    assert lab.apply(ref, "prequalify").entry.seq == 2


def test_a_statement_that_fails_is_the_error_that_is_seen(lab: Lab) -> None:
    def fail() -> None:
        with lab.store.writing() as tx:
            tx.run(q.insert_key, key="k1", content=None, stream=None, seq=None)

    with pytest.raises(Exception, match=r"(?i)null") as caught:
        fail()
    assert not isinstance(caught.value, AssertionError)
    assert lab.request() == "2026-0001"


class Refusing:
    """A cursor whose commits fail, as they do when the disk is full."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def execute(self, sql: str, *values: Any, **how: Any) -> Any:
        if sql == "COMMIT":
            raise OSError("the disk is full")
        return self._cursor.execute(sql, *values, **how)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


def test_a_commit_that_fails_is_undone(lab: Lab) -> None:
    ref = lab.request()
    cursor, entered_by = lab.store._writer
    lab.store._writer = (Refusing(cursor), entered_by)
    with pytest.raises(OSError, match="full"):
        lab.apply(ref, "prequalify")
    lab.store._writer = (cursor, entered_by)
    assert lab.now(ref).seq == 1
    assert lab.apply(ref, "prequalify").entry.seq == 2
    assert problems(lab) == []


class Cutting:
    """A cursor that does something before a commit, and something after it, before it is answered."""

    def __init__(
        self, cursor: Any, *, before: Callable[[], object] = lambda: None, after: Callable[[], object] = lambda: None
    ) -> None:
        self._cursor, self._before, self._after = cursor, before, after

    def execute(self, sql: str, *values: Any, **how: Any) -> Any:
        if sql != "COMMIT":
            return self._cursor.execute(sql, *values, **how)
        self._before()
        self._cursor.execute(sql)
        self._after()
        return self._cursor.execute("SELECT 1")  # by which the driver sees that its connection is gone

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


def cut(lab: Lab, when: str) -> None:
    """The connection of a lab's writer is lost, before its next commit, or after it, before it is answered."""
    cursor, entered_by = lab.store._writer

    def lose() -> None:
        line = socket.socket(fileno=os.dup(cursor.connection.fileno()))
        line.shutdown(socket.SHUT_RDWR)
        line.close()

    lab.store._writer = (Cutting(cursor, **{when: lose}), entered_by)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_commit_whose_answer_is_lost_is_neither_done_nor_undone(lab: Lab, when: str) -> None:
    """It is told as it is, with the way to look; under a key it is done again, and stored once, whichever it was."""
    if lab.store.dialect != "postgresql":
        pytest.skip("a file loses no connection")
    ref, stored = lab.request(), when == "after"
    cut(lab, when)
    transactions = lab.store.stored.transactions
    with pytest.raises(OutcomeUnknown) as caught:
        lab.apply(ref, "comment", note=NOTE)
    assert caught.value.exit == 7
    assert f"coop history {ref}" in str(caught.value.hint)
    assert not re.search(r"(?i)nothing|rien", caught.value.message)
    assert lab.store.stored.transactions == transactions
    assert lab.now(ref).seq == 1 + stored
    lab.apply(ref, "comment", note=NOTE)
    cut(lab, when)
    again = lab.apply(ref, "comment", note=NOTE, key="k1")
    assert (again.entry.seq, again.replayed) == (3 + stored, stored)
    assert lab.now(ref).seq == 3 + stored
    assert problems(lab) == []


def test_what_was_not_stored_when_the_connection_was_lost_is_done_again(lab: Lab) -> None:
    if lab.store.dialect != "postgresql":
        pytest.skip("a file loses no connection")
    ref = lab.request()
    tries: list[int] = []

    def act(losses: int) -> int:
        with lab.store.writing() as tx:
            tries.append(lab.engine.apply_in(tx, lab.command(ref, "comment", note=NOTE)).entry.seq)
            if len(tries) <= losses:
                tx._cursor.connection.pgconn.finish()
                tx.one(q.request, ref=ref)
            return tries[-1]

    with pytest.raises(ConnectionLost):
        act(1)
    assert lab.now(ref).seq == 1
    assert lab.store.again(lambda: act(3), keyed=lambda: False) == 2
    assert tries == [2, 2, 2, 2]


def test_what_is_interrupted_once_it_is_stored_counts_as_stored(lab: Lab) -> None:
    ref = lab.request()
    cursor, entered_by = lab.store._writer

    def interrupt() -> None:
        raise KeyboardInterrupt

    for seq, when in ((1, "before"), (2, "after")):
        lab.store._writer = (Cutting(cursor, **{when: interrupt}), entered_by)
        transactions = lab.store.stored.transactions
        with pytest.raises(KeyboardInterrupt):
            lab.apply(ref, "comment", note=NOTE)
        assert lab.now(ref).seq == seq
        assert lab.store.stored.transactions == transactions + (when == "after")
    lab.store.close()
    assert lab.apply(ref, "prequalify").entry.seq == 3


def test_a_lost_connection_is_opened_again(lab: Lab) -> None:
    """A server that was restarted, or a failover: what was not committed is told, the next command goes through."""
    if lab.store.dialect != "postgresql":
        pytest.skip("a file loses no connection")
    ref = lab.request()
    with lab.reading() as reader:
        reader.request(ref)
    lose_connections(lab)
    assert lab.apply(ref, "prequalify").entry.seq == 2
    lose_connections(lab)
    assert lab.show(ref)["state"] == "prequalified"

    def cut() -> None:
        with lab.store.writing() as tx:
            lab.engine.apply_in(tx, lab.command(ref, "suspend", note=NOTE))
            lose_connections(lab)

    with pytest.raises(StoreUnreachable):
        cut()
    assert lab.now(ref).seq == 2
    assert lab.apply(ref, "suspend", note=NOTE).entry.seq == 3


def lose_connections(lab: Lab) -> None:
    with lab.elsewhere() as other, other.store.engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def test_a_second_engine_sees_what_the_first_wrote(lab: Lab) -> None:
    """Each keeps what it has read of the registers; a change by another is seen at the next event."""
    ref = lab.request("tier_assigned", place="montpellier")
    day = date(2026, 2, 3)
    with lab.elsewhere() as other:
        other.engine.options(ref, "camille")
        close(lab.engine, "camille", "montpellier", (day, day), NOTE)
        assert other.refused(ref, "plan_meeting", {"at": f"{day}T10:00"}) == {"place_closed"}


def test_a_store_needs_no_lab_to_be_asked(empty_store: Store) -> None:
    lab = Lab(empty_store, SimulatedClock())
    with pytest.raises(StoreUnreachable):
        lab.request()
    with pytest.raises(StoreUnreachable), lab.reading() as reader:
        reader.request("2026-0001")


def test_a_file_that_someone_else_is_opening_is_waited_for(tmp_path: Path) -> None:
    """Of two that put a new file in WAL mode at once, SQLite sends one off without waiting."""

    class Busy(sqlite3.Connection):
        sent_off = 0

        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            if sql == "PRAGMA journal_mode=WAL" and self.sent_off < 3:
                self.sent_off += 1
                problem = sqlite3.OperationalError("database is locked")
                problem.sqlite_errorcode = sqlite3.SQLITE_BUSY
                raise problem
            return super().execute(sql, *values)

    connection = sqlite3.connect(tmp_path / "a.db", factory=Busy)
    log_ahead(connection)
    assert connection.sent_off == 3
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_what_the_driver_logs_is_not_printed_beside_what_is_raised(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Of two who were as fast, whoever is told so would read it twice, once in the words of a library."""
    monkeypatch.setattr(logging.root, "handlers", [])
    with lab.store.reading():
        logging.getLogger("psycopg").warning("error ignored terminating: pipeline aborted")
    assert lab.store.dialect == "sqlite" or capfd.readouterr().err == ""
