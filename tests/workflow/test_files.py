"""A file that is asked for is written whole, or what was there stays."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from states.errors import StoreUnreachable
from workflow.files import write_whole
from workflow.restoration import restore
from workflow.store import backup as backups
from workflow.store.database import Store
from workflow.testing import Lab


def test_a_disk_that_fills_up_leaves_what_was_there(tmp_path: Path, full_disk: None) -> None:
    old, new = tmp_path / "avant.txt", tmp_path / "nouveau.txt"
    old.write_bytes(b"avant")
    for path in (old, new):
        with pytest.raises(OSError, match="space"):
            write_whole(path, b"maintenant")
    assert [path.name for path in tmp_path.iterdir()] == ["avant.txt"]
    assert old.read_bytes() == b"avant"


def test_a_file_that_is_replaced_keeps_its_rights_and_a_link_stays_one(tmp_path: Path) -> None:
    old, link, new = (tmp_path / name for name in ("avant.txt", "lien.txt", "nouveau.txt"))
    old.write_bytes(b"avant")
    old.chmod(0o604)
    link.symlink_to(old)
    write_whole(link, b"maintenant")
    write_whole(new, b"secret", mode=0o600)
    assert (link.is_symlink(), old.read_bytes()) == (True, b"maintenant")
    assert [oct(path.stat().st_mode & 0o777) for path in (old, new)] == ["0o604", "0o600"]


def test_what_is_no_file_is_written_to(tmp_path: Path) -> None:
    write_whole(Path("/dev/null"), b"rien")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path, b"rien")


def test_a_disk_that_is_full_is_told_of_the_file_that_is_on_it(
    sqlite_lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not of the store that is copied, nor of the copy that is put back."""
    copy = tmp_path / "copie.db"
    backups.backup(sqlite_lab.store, copy)
    copied = backups.sqlite3.connect

    def small(target: Any, **how: Any) -> Any:
        connection = copied(target, **how)
        if "part-" in str(target):
            connection.execute("PRAGMA max_page_count = 3")
        return connection

    monkeypatch.setattr(backups.sqlite3, "connect", small)
    new = Store(str(tmp_path / "ailleurs" / "labo.db"))
    with pytest.raises(StoreUnreachable, match=r"autre\.db .*(plein|full)"):
        backups.backup(sqlite_lab.store, tmp_path / "autre.db")
    with pytest.raises(StoreUnreachable, match=r"labo\.db .*(plein|full)"):
        restore(new, copy, sqlite_lab.clock)
    assert os.listdir(tmp_path / "ailleurs") == []
