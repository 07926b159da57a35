"""Copies of a store in use, and putting one back. A PostgreSQL database has tools of its own for it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path
from threading import Event, Thread
from time import sleep

import pytest

from states.errors import (
    Conflict,
    CoopError,
    NoStore,
    StoreBusy,
    StoreDamaged,
    StoreOutdated,
    StoreUnreachable,
    WrongUsage,
)
from workflow.lab.calendar import close
from workflow.outbox.holding import RESTORED
from workflow.restoration import restore
from workflow.store import schema as s
from workflow.store.backup import backup, kept_beside
from workflow.store.database import Store
from workflow.store.upgrade import check_revision
from workflow.sweep import sweep
from workflow.testing import NOTE, Lab, SimulatedClock, crash, problems, tables

EVERYTHING = (*s.PRIMARY, *s.DERIVED)


def opened(file: Path) -> Lab:
    return Lab(Store(str(file)), SimulatedClock())


def content(lab: Lab) -> dict[str, list[tuple[object, ...]]]:
    """All that a store holds, but the entry that says that it was put back from a copy."""
    found = {name: rows for name, rows in tables(lab.store, EVERYTHING).items() if name != "streams"}
    return {**found, "entries": [row for row in found["entries"] if RESTORED not in row]}


def test_a_copy_holds_everything(sqlite_lab: Lab, tmp_path: Path) -> None:
    sqlite_lab.request("closed")
    size = backup(sqlite_lab.store, tmp_path / "copie.db")
    copy = opened(tmp_path / "copie.db")
    assert size == (tmp_path / "copie.db").stat().st_size
    assert tables(copy.store, EVERYTHING) == tables(sqlite_lab.store, EVERYTHING)
    assert copy.verify().head == sqlite_lab.verify().head
    assert problems(copy) == []
    copy.close()


def test_a_copy_is_of_one_moment_while_others_write(sqlite_lab: Lab, tmp_path: Path) -> None:
    ref = sqlite_lab.request()

    def write(other: Lab) -> int:
        return [other.apply(ref, "comment", note=NOTE).entry.seq for _time in range(40)][-1]

    def copy(other: Lab) -> list[int]:
        return [backup(other.store, tmp_path / f"copie-{number}.db") for number in range(4)]

    last, sizes = sqlite_lab.race(write, copy)
    assert (last, len(sizes)) == (41, 4)
    lengths = []
    for number in range(4):
        found = opened(tmp_path / f"copie-{number}.db")
        assert problems(found) == []
        lengths.append(len(found.history(ref)))
        found.close()
    assert lengths == sorted(lengths)


def test_what_is_not_committed_is_in_no_copy(sqlite_lab: Lab, tmp_path: Path) -> None:
    ref = sqlite_lab.request()
    with sqlite_lab.store.writing() as tx:
        sqlite_lab.engine.apply_in(tx, sqlite_lab.command(ref, "prequalify"))
        backup(sqlite_lab.store, tmp_path / "copie.db")
    copy = opened(tmp_path / "copie.db")
    assert copy.now(ref).state == "received"
    assert problems(copy) == []
    copy.close()


def test_a_copy_never_overwrites(sqlite_lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "copie.db").write_text("précieux")
    with pytest.raises(Conflict):
        backup(sqlite_lab.store, tmp_path / "copie.db")
    assert (tmp_path / "copie.db").read_text() == "précieux"
    with pytest.raises(StoreUnreachable):
        backup(sqlite_lab.store, tmp_path / "nulle" / "part.db")
    assert [path.name for path in tmp_path.iterdir()] == ["copie.db"]


def test_putting_a_copy_back_keeps_what_was_there(sqlite_lab: Lab, tmp_path: Path) -> None:
    ref = sqlite_lab.request("prequalified")
    backup(sqlite_lab.store, tmp_path / "copie.db")
    then = content(sqlite_lab)
    sqlite_lab.apply(ref, "withdraw", note=NOTE)
    now = content(sqlite_lab)
    kept = restore(sqlite_lab.store, tmp_path / "copie.db", sqlite_lab.clock).kept
    assert kept is not None
    assert content(sqlite_lab) == then
    former = opened(kept)
    assert content(former) == now
    former.close()
    assert sqlite_lab.apply(ref, "suspend", note=NOTE).entry.seq == 3
    assert problems(sqlite_lab) == []
    again = restore(sqlite_lab.store, tmp_path / "copie.db", sqlite_lab.clock).kept
    assert again is not None
    assert again != kept


def test_a_copy_is_put_where_there_was_nothing(sqlite_lab: Lab, tmp_path: Path) -> None:
    sqlite_lab.request()
    backup(sqlite_lab.store, tmp_path / "copie.db")
    store = Store(str(tmp_path / "ailleurs" / "lab.db"))
    assert restore(store, tmp_path / "copie.db", sqlite_lab.clock).kept is None
    assert content(Lab(store, sqlite_lab.clock)) == content(sqlite_lab)
    store.close()


def test_killed_at_any_step_of_a_restoration_the_store_is_whole(sqlite_lab: Lab, tmp_path: Path) -> None:
    """It holds what it held or what was put back, and in the second case the former is kept whole."""
    ref = sqlite_lab.request("prequalified")
    backup(sqlite_lab.store, tmp_path / "copie.db")
    then = content(sqlite_lab)
    sqlite_lab.apply(ref, "withdraw", note=NOTE)
    now = content(sqlite_lab)
    sqlite_lab.close()
    path = sqlite_lab.store.path
    assert path is not None
    model, ends, step = path.read_bytes(), [], 0
    while True:
        step += 1
        path.write_bytes(model)
        end = crash(partial(restore, opened(path).store, tmp_path / "copie.db", sqlite_lab.clock), at=step)
        if not end.killed:
            assert end.exit == 0, end.said
            break
        lab = opened(path)
        found, kept = content(lab), kept_beside(path)
        assert found in (then, now)
        assert found == now or kept
        for old in kept:
            former = opened(old)
            assert content(former) == now
            former.close()
            old.unlink()
        ends.append(found == then)
        assert lab.apply(ref, "comment", note=NOTE).entry.seq == (3 if found == then else 4)
        lab.close()
    assert ends == sorted(ends)
    assert {*ends} == {False, True}


def test_beside_a_writer_at_work_nothing_acknowledged_is_lost(sqlite_lab: Lab, tmp_path: Path) -> None:
    """Each entry is in what is kept, or in the store that goes on."""
    ref = sqlite_lab.request("prequalified")
    backup(sqlite_lab.store, tmp_path / "copie.db")
    acknowledged: list[int] = []
    command, restored = sqlite_lab.command(ref, "comment", note=NOTE), Event()

    def goes_on(numbers: list[int]) -> bool:
        return restored.is_set() and 10 < numbers[-1] < max(numbers)  # in what was put back, and some entries further

    def write() -> None:
        acknowledged.extend(sqlite_lab.killed("at_work", command, until=goes_on))

    writer = Thread(target=write)
    writer.start()
    while sqlite_lab.now(ref).seq < 20:
        sleep(0.01)
    with sqlite_lab.elsewhere() as other:
        kept = restore(other.store, tmp_path / "copie.db", sqlite_lab.clock).kept
    restored.set()
    writer.join()
    assert kept is not None
    former = opened(kept)
    falls = [n for n in range(1, len(acknowledged)) if acknowledged[n] <= acknowledged[n - 1]]
    assert len(falls) == 1
    before, after = acknowledged[: falls[0]], acknowledged[falls[0] :]
    for lab, numbers in ((former, before), (sqlite_lab, after)):
        assert numbers == list(range(3, 3 + len(numbers)))
        assert lab.now(ref).seq - len(numbers) in (
            2,
            3,
        )  # 3: one not yet acknowledged when it was killed
        assert problems(lab) == []
    former.close()


def test_whoever_has_the_store_open_goes_on_with_what_was_put_back(sqlite_lab: Lab, tmp_path: Path) -> None:
    ref = sqlite_lab.request()
    backup(sqlite_lab.store, tmp_path / "copie.db")
    day = date(2026, 2, 3)
    close(sqlite_lab.engine, "camille", "montpellier", (day, day), NOTE)
    with sqlite_lab.elsewhere() as other:
        sqlite_lab.apply(ref, "prequalify")
        assert other.now(ref).state == "prequalified"
        restore(other.store, tmp_path / "copie.db", other.clock)
        for lab in (sqlite_lab, other):
            assert lab.now(ref).state == "received"
            sweep(lab.engine)
        assert sqlite_lab.apply(ref, "prequalify").entry.seq == 2
        assert other.apply(ref, "plan_interview", {"at": f"{day}T10:00", "place": "montpellier"}).entry.seq == 3
    assert problems(sqlite_lab) == []


def test_beside_a_writer_that_does_not_end_nothing_is_put_back(sqlite_lab: Lab, tmp_path: Path) -> None:
    ref = sqlite_lab.request()
    backup(sqlite_lab.store, tmp_path / "copie.db")
    with sqlite_lab.store.writing() as tx:
        sqlite_lab.engine.apply_in(tx, sqlite_lab.command(ref, "prequalify"))
        other = Store(sqlite_lab.store.url, wait=0.05)
        with pytest.raises(StoreBusy):
            restore(other, tmp_path / "copie.db", sqlite_lab.clock)
        other.close()
    assert sqlite_lab.now(ref).seq == 2
    assert kept_beside(sqlite_lab.store.path) == []


def test_a_store_that_cannot_be_read_is_replaced_and_kept_as_it_is(sqlite_lab: Lab, tmp_path: Path) -> None:
    sqlite_lab.request()
    backup(sqlite_lab.store, tmp_path / "copie.db")
    then = content(sqlite_lab)
    sqlite_lab.close()
    path = sqlite_lab.store.path
    assert path is not None
    whole = path.read_bytes()
    no_base, holed, cut = b"Ceci n'est plus une base. " * 300, whole[:100] + bytes(4000) + whole[4100:], whole[:9000]
    for damaged in (no_base, holed, cut, b"\n"):
        path.write_bytes(damaged)
        kept = restore(sqlite_lab.store, tmp_path / "copie.db", sqlite_lab.clock).kept
        assert content(sqlite_lab) == then
        sqlite_lab.close()
        assert kept is not None
        assert damaged != no_base or kept.read_bytes() == no_base


def test_a_copy_with_other_pages_is_put_back_through_a_link(sqlite_lab: Lab, tmp_path: Path) -> None:
    ref = sqlite_lab.request()
    backup(sqlite_lab.store, tmp_path / "copie.db")
    with closing(sqlite3.connect(tmp_path / "copie.db", isolation_level=None)) as copy:
        copy.execute("PRAGMA page_size=8192")
        copy.execute("VACUUM")
    sqlite_lab.apply(ref, "prequalify")
    (tmp_path / "lien.db").symlink_to(str(sqlite_lab.store.path))
    store = Store(str(tmp_path / "lien.db"))
    kept = restore(store, tmp_path / "copie.db", sqlite_lab.clock).kept
    assert kept in kept_beside(store.path)
    assert (tmp_path / "lien.db").is_symlink()
    assert sqlite_lab.now(ref).state == "received"
    store.close()


def test_where_a_store_is_missing_what_was_kept_is_named(sqlite_lab: Lab, tmp_path: Path) -> None:
    sqlite_lab.request()
    backup(sqlite_lab.store, tmp_path / "copie.db")
    kept = restore(sqlite_lab.store, tmp_path / "copie.db", sqlite_lab.clock).kept
    sqlite_lab.close()
    assert sqlite_lab.store.path is not None
    sqlite_lab.store.path.unlink()
    with pytest.raises(NoStore, match=r"\.replaced-") as caught:
        check_revision(sqlite_lab.store)
    assert caught.value.hint == f"coop db restore {kept}"


# What someone did to a copy, and what it is then refused for.
TAMPERED: dict[str, tuple[str, type[CoopError]]] = {
    "newer": ("UPDATE alembic_version SET version_num = '9999'", StoreOutdated),
    "without revision": ("DROP TABLE alembic_version", StoreDamaged),
    "changeable": ("DROP TRIGGER entries_refuse_update", StoreDamaged),
    "with a trigger": ("CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM vault; END", StoreDamaged),
    "changed": ("UPDATE requests SET state = 'closed'", StoreDamaged),
    "without a table": ("DROP TABLE outbox", StoreDamaged),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_copy_is_checked_as_a_store_is(sqlite_lab: Lab, tmp_path: Path, how: str) -> None:
    sqlite_lab.request()
    backup(sqlite_lab.store, tmp_path / "copie.db")
    before = tables(sqlite_lab.store, EVERYTHING)
    sql, error = TAMPERED[how]
    with closing(sqlite3.connect(tmp_path / "copie.db")) as copy:
        copy.execute(sql)
        copy.commit()
    with pytest.raises(error) as caught:
        restore(sqlite_lab.store, tmp_path / "copie.db", sqlite_lab.clock)
    assert "part-" not in str(caught.value)
    assert tables(sqlite_lab.store, EVERYTHING) == before
    assert sqlite_lab.store.path is not None
    assert [path.name for path in sqlite_lab.store.path.parent.iterdir() if "part-" in path.name] == []


def test_what_is_no_copy_is_not_put_back(sqlite_lab: Lab, tmp_path: Path) -> None:
    sqlite_lab.request()
    before = tables(sqlite_lab.store, EVERYTHING)
    (tmp_path / "texte.db").write_text("Ceci n'est pas une base. " * 300)
    with closing(sqlite3.connect(tmp_path / "autre.db")) as other:
        other.execute("CREATE TABLE autre (x)")
    backup(sqlite_lab.store, tmp_path / "coupée.db")
    cut = (tmp_path / "coupée.db").read_bytes()
    (tmp_path / "coupée.db").write_bytes(cut[: len(cut) // 2])
    for name, error in (
        ("absent.db", WrongUsage), ("", WrongUsage),
        ("texte.db", StoreUnreachable), ("autre.db", StoreDamaged), ("coupée.db", CoopError),
    ):  # fmt: skip
        with pytest.raises(error):
            restore(sqlite_lab.store, tmp_path / name, sqlite_lab.clock)
        assert tables(sqlite_lab.store, EVERYTHING) == before


def test_postgresql_has_its_own_tools(lab: Lab, tmp_path: Path) -> None:
    if lab.store.dialect == "sqlite":
        pytest.skip("a file is copied")
    for act in (
        lambda: backup(lab.store, tmp_path / "copie.db"),
        lambda: restore(lab.store, tmp_path / "copie.db", lab.clock),
    ):
        with pytest.raises(WrongUsage):
            act()


def test_a_part_left_by_a_program_that_was_killed_is_taken_away_after_an_hour(sqlite_lab: Lab, tmp_path: Path) -> None:
    target = tmp_path / "copie.db"
    forgotten, of_another = (target.with_name(f"{target.name}.part-{name}") for name in ("old", "new"))
    for part in (forgotten, of_another):
        part.touch()
    hours_ago = part.stat().st_mtime - 2 * 3600
    os.utime(forgotten, (hours_ago, hours_ago))
    backup(sqlite_lab.store, target)
    assert (forgotten.exists(), of_another.exists(), target.exists()) == (False, True, True)
