"""The rounds of the watch: nightly copies and how many are kept; what fails is told and stops nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from handlers import scheduler as watch
from handlers.scheduler import nightly
from states.errors import StoreUnreachable
from workflow.store.database import Store
from workflow.store.heartbeat import last_tick
from workflow.testing import Lab, tables


@pytest.fixture
def lab(sqlite_lab: Lab) -> Lab:
    return sqlite_lab


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_copy_a_night_and_the_newest_are_kept(lab: Lab, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    for day in (13, 14, 15):
        lab.clock.to(f"2026-01-{day}T01:59+01:00")
        assert nightly(lab.engine, folder, 2) is None
        lab.clock.to(f"2026-01-{day}T02:00+01:00")
        assert nightly(lab.engine, folder, 2) == folder / f"coop-2026-01-{day}.db"
        lab.clock.forward(hours=1)
        assert nightly(lab.engine, folder, 2) is None
    assert names(folder) == ["coop-2026-01-14.db", "coop-2026-01-15.db"]


def test_a_copy_missed_at_night_is_made_once_the_machine_is_awake(lab: Lab, tmp_path: Path) -> None:
    lab.clock.to("2026-01-13T11:00+01:00")
    assert nightly(lab.engine, tmp_path / "copies", 2) is not None


def test_nothing_but_its_own_copies_is_thrown_away(lab: Lab, tmp_path: Path) -> None:
    for name in ("coop-2025-12-01.db", "coop-avant-migration.db", "notes.txt"):
        (tmp_path / name).write_text("", "utf-8")
    lab.clock.to("2026-01-13T11:00+01:00")
    nightly(lab.engine, tmp_path, 1)
    kept = ["coop-2026-01-13.db", "coop-avant-migration.db", "notes.txt"]
    assert [name for name in names(tmp_path) if name.startswith(("coop-", "notes"))] == kept


def test_a_copy_is_a_whole_store(lab: Lab, tmp_path: Path) -> None:
    ref = lab.request("received")
    lab.clock.to("2026-01-13T11:00+01:00")
    copied = nightly(lab.engine, tmp_path / "copies", 2)
    assert copied is not None
    other = Lab(Store(str(copied)), lab.clock)
    try:
        assert other.now(ref) == lab.now(ref)
        assert other.verify().problems == []
    finally:
        other.close()


PARTS = ("last_tick", "sweep", "queue_digests", "deliver", "beat", "nightly")


def fails(*_given: object) -> None:
    raise StoreUnreachable("la base ne répond pas")


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_a_round_that_fails_is_told_and_the_others_are_done(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    said: list[str] = []
    lab.request("received")
    lab.clock.to("2026-01-15T18:00+01:00")
    done: list[str] = []
    for name in PARTS:
        original = getattr(watch, name)
        monkeypatch.setattr(watch, name, lambda *given, n=name, do=original: (done.append(n), do(*given))[1])
    with monkeypatch.context() as patched:
        patched.setattr(watch, part, fails)
        watch.go_round(lab.engine, None, tmp_path, 1, said.append)
    left_out = {part} | ({"beat"} if part == "sweep" else set())  # a round that did not look leaves no mark
    assert set(PARTS) - set(done) == left_out
    assert "2026-01-15T17:00:00Z: la base ne répond pas" in said
    done.clear()
    watch.go_round(lab.engine, None, tmp_path, 1, said.append)
    assert set(done) == set(PARTS)


def test_a_fault_of_ours_is_told_in_words(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(watch, "sweep", lambda _engine: {}["nothing"])
    watch.go_round(lab.engine, None, None, 1, said.append)
    assert "KeyError" in said[0]


def test_a_watch_leaves_alone_a_store_that_a_newer_program_has_taken(lab: Lab) -> None:
    lab.request()
    lab.clock.forward(days=30)
    with lab.store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    said: list[str] = []
    before = tables(lab.store)
    watch.go_round(lab.engine, None, None, 1, said.append)
    assert len(said) == 1
    assert "0999" in said[0]
    assert tables(lab.store) == before
    assert last_tick(lab.store) is None


def test_how_late_a_round_is(lab: Lab) -> None:
    assert watch.tick(lab.engine, None).late_minutes == 0
    lab.clock.forward(minutes=59)
    assert not watch.tick(lab.engine, None).late
    lab.clock.to(lab.clock() + timedelta(minutes=60))
    assert watch.tick(lab.engine, None).late
