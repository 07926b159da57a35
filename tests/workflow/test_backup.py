"""Copies of a store in use, and putting one back. A PostgreSQL database has tools of its own for it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from states.errors import Conflict, CoopError, StoreDamaged, StoreUnreachable, WrongUsage
from workflow.store import schema as s
from workflow.store.backup import backup, restore
from workflow.store.database import Store
from workflow.testing import NOTE, Lab, SimulatedClock, problems, tables

EVERYTHING = (*s.PRIMARY, *s.DERIVED)


def opened(file: Path) -> Lab:
    return Lab(Store(str(file)), SimulatedClock())


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
    then = tables(sqlite_lab.store, EVERYTHING)
    sqlite_lab.apply(ref, "withdraw", note=NOTE)
    now = tables(sqlite_lab.store, EVERYTHING)
    kept = restore(sqlite_lab.store, tmp_path / "copie.db", sqlite_lab.clock)
    assert kept is not None
    assert tables(sqlite_lab.store, EVERYTHING) == then
    former = opened(kept)
    assert tables(former.store, EVERYTHING) == now
    former.close()
    assert sqlite_lab.apply(ref, "suspend", note=NOTE).entry.seq == 3
    assert problems(sqlite_lab) == []
    again = restore(sqlite_lab.store, tmp_path / "copie.db", sqlite_lab.clock)
    assert again is not None
    assert again != kept


def test_a_copy_is_put_where_there_was_nothing(sqlite_lab: Lab, tmp_path: Path) -> None:
    sqlite_lab.request()
    backup(sqlite_lab.store, tmp_path / "copie.db")
    store = Store(str(tmp_path / "ailleurs" / "lab.db"))
    assert restore(store, tmp_path / "copie.db", sqlite_lab.clock) is None
    assert tables(store, EVERYTHING) == tables(sqlite_lab.store, EVERYTHING)
    store.close()


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
        ("absent.db", WrongUsage), ("texte.db", StoreUnreachable), ("autre.db", StoreDamaged), ("coupée.db", CoopError),
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
