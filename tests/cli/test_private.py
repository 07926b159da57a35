"""What is written is for its owner alone; a password stands where nobody else reads it, and is shown nowhere."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import SAMPLES, Desk

from cli import settings

SECRET = "hunter2"
URL = f"postgresql://u:{SECRET}@127.0.0.1:1/lab"


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def test_whatever_is_written_is_for_its_owner_alone(desk: Desk, tmp_path: Path, umask: None) -> None:
    """The store, a backup, what is put back, a calendar, a review in each format, a letter."""
    folder = tmp_path / "other"
    store = folder / "lab.db"
    coop = desk.coop
    for words in (
        ("--db", str(store), "init"),
        ("--db", str(store), "submit", str(SAMPLES / "fiche-1.toml")),
        ("--db", str(store), "db", "backup", str(folder / "b.db")),
        ("--db", str(folder / "restored.db"), "db", "restore", str(folder / "b.db"), "--yes"),
        ("--db", str(store), "export", "ics", "--out", str(folder / "c.ics")),
        *(
            ("--db", str(store), "review", "now", "--format", f, "--out", str(tmp_path / f"r.{f}"))
            for f in ("html", "json")
        ),
        ("--db", str(store), "letter", "1", "reception", "--out", str(folder / "l.html")),
    ):
        printed = coop(*words)
        assert printed.exit == 0, (words, printed.err)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) >= 6
    assert {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in files if path.stat().st_mode & 0o077} == {}


def test_a_password_in_a_file_that_others_may_read_is_refused(desk: Desk, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'db = "{URL}"\n')
    desk.monkeypatch.setenv("COOP_CONFIG", str(config))
    desk.monkeypatch.delenv("COOP_DB", raising=False)
    settings.from_file.cache_clear()
    for mode, exit in ((0o644, 2), (0o640, 2), (0o600, 7)):
        config.chmod(mode)
        printed = desk.coop("list")
        assert (printed.exit, SECRET in printed.err) == (exit, False), oct(mode)
        assert ("chmod 600" in printed.err) == (exit == 2)
    settings.from_file.cache_clear()


def test_the_list_of_processes_shows_no_password() -> None:
    """Typed on the line all the same, it is taken from it before anything else is done."""
    line = [sys.executable, "-c", "from cli.main import main; main()"]
    slow = "import os, sys; print(open('/proc/self/cmdline').read().replace(chr(0), ' '), os.environ['COOP_DB'])"
    code = f"import os, cli.settings as s\ns.out_of_sight()\n{slow}"
    for words in (("--db", URL, "list"), (f"--db={URL}", "list"), ("list", "--db", URL)):
        shown = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True).stdout
        command, _space, store = shown.strip().rpartition(" ")
        command = command.strip()
        assert (SECRET in command, store, command.endswith(" list")) == (False, URL, True)
    done = subprocess.run([*line, "--db", URL, "--debug", "list"], capture_output=True, text=True, check=False)
    assert done.returncode == 7
    assert SECRET not in done.stdout + done.stderr
