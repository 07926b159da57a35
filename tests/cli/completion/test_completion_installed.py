"""`coop completion`: the script, its installation, and the shells themselves."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import Desk
from shell import HOSTILE, Shell

from cli import settings
from cli.completion.shells import SHELLS

ROOT = Path(__file__).parents[3]


# --- The command ---


@pytest.mark.parametrize("shell", [*SHELLS])
def test_the_script_is_printed(desk: Desk, shell: str) -> None:
    printed = desk.coop("completion", shell)
    assert printed.exit == 0
    assert "_COOP_COMPLETE" in printed.out
    assert desk.json("completion", shell)["script"].rstrip("\n") == printed.out.rstrip("\n")
    desk.fails(2, "completion", "tcsh")


@pytest.fixture
def home(desk: Desk, tmp_path: Path) -> Path:
    found = tmp_path / "a home"
    found.mkdir()
    desk.monkeypatch.setenv("HOME", str(found))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "ZDOTDIR", "BASH_COMPLETION_USER_DIR"):
        desk.monkeypatch.delenv(name, raising=False)
    return found


def test_installing_for_fish(desk: Desk, home: Path) -> None:
    file = home / ".config/fish/completions/coop.fish"
    assert desk.json("completion", "fish", "--install") == {
        "shell": "fish",
        "file": str(file),
        "changed": [str(file)],
    }
    assert file.read_text() == desk.json("completion", "fish")["script"]
    assert desk.json("completion", "fish", "--install")["changed"] == []


@pytest.mark.parametrize("known", [True, False])
def test_installing_for_bash(desk: Desk, home: Path, known: bool) -> None:
    from cli.completion import install as installing

    desk.monkeypatch.setattr(installing, "BASH_COMPLETION", (str(home) if known else "/nowhere",))
    start = home / ".bashrc"
    start.write_text("alias ll='ls -l'")
    file = home / ".local/share/bash-completion/completions/coop"
    changed = desk.json("completion", "bash", "--install")["changed"]
    assert changed == [str(file)] if known else [str(file), str(start)]
    if not known:
        assert start.read_text().startswith("alias ll='ls -l'\n\n# ")
        assert start.read_text().endswith(f"\nsource '{file}'\n")
    before = start.read_text()
    assert desk.json("completion", "bash", "--install")["changed"] == []
    assert start.read_text() == before


def test_installing_for_zsh_says_what_was_done(desk: Desk, home: Path) -> None:
    printed = desk.coop("--lang", "en", "completion", "zsh", "--install")
    assert printed.exit == 0
    assert f"Written: {home}/.zfunc/_coop" in printed.out
    assert f"Added to {home}/.zshrc: fpath+=" in printed.out
    assert "Already there" in desk.coop("--lang", "en", "completion", "zsh", "--install").out


def test_installing_for_powershell_asks_it_where(desk: Desk, home: Path, tmp_path: Path) -> None:
    desk.monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert desk.fails(2, "completion", "powershell", "--install")["code"] == "usage"
    asked = tmp_path / "bin" / "pwsh"
    asked.parent.mkdir()
    asked.write_text(f"#!/bin/sh\necho '{home}/profile.ps1'\n")
    asked.chmod(0o755)
    found = desk.json("completion", "powershell", "--install")
    assert found["changed"] == [str(home / "coop-completion.ps1"), str(home / "profile.ps1")]
    assert (home / "profile.ps1").read_text().endswith(f". '{home}/coop-completion.ps1'\n")


def test_what_cannot_be_written_is_said(desk: Desk, home: Path) -> None:
    (home / ".config").write_text("a file, not a folder")
    desk.fails(2, "completion", "fish", "--install")


# --- The shells themselves ---


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(request: pytest.FixtureRequest, lab: Desk, tmp_path: Path) -> Iterator[Shell]:
    """An interactive shell in which coop completes, in front of the same lab."""
    name = request.param
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    (tmp_path / "bin").mkdir()
    coop = tmp_path / "bin" / "coop"
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from cli.main import main; main()"
    coop.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$@"\n')
    coop.chmod(0o755)
    (tmp_path / "fiche.toml").write_text("")
    env = {**os.environ, "PATH": f"{coop.parent}:{os.environ['PATH']}", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    found = Shell(name, env)
    found.does("coop completion fish | source" if name == "fish" else f"source <(coop completion {name})")
    yield found
    found.close()


def test_a_shell_completes(shell: Shell) -> None:
    shell.types("coop show 2026-0004\t", "2026-0004 ")
    listed = shell.types("coop show 2026-000\t\t", "Reçue")
    assert "Au travail" in listed
    shell.types("coop advance 4 plan_meeting --set pl\t", "--set place=")
    shell.types("coop advance 4 plan_meeting --set place=to\t", "place=toulouse")
    shell.types("coop list --state=wor\t", "--state=working")
    shell.types("coop meeting move 4/work-2\t", "4/work-2 ")
    shell.types("coop meeting plan 4 --staff lou,c\t", "lou,camille")
    shell.types("coop submit fi\t", "fiche.toml")
    shell.types("coop preq\t", "prequalify ")


def test_a_title_does_nothing_in_a_shell(shell: Shell, lab: Desk, tmp_path: Path) -> None:
    for _n in range(2):
        lab.received(title=HOSTILE)
    listed = shell.types("coop show 2026-000\t\t", "touch")
    assert "\x07C" not in listed
    shell.does("true")
    assert not (tmp_path / "touched").exists()


def test_an_installed_completion_is_found_by_zsh(lab: Desk, home: Path, tmp_path: Path) -> None:
    """Loaded by itself from $fpath: at the first key, and again at the second."""
    if shutil.which("zsh") is None:
        pytest.skip("zsh is not installed")
    lab.json("completion", "zsh", "--install")
    settings.from_file.cache_clear()
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    found = Shell("zsh", env)
    found.does(f"source '{home}/.zshrc'")
    for _time in range(2):
        found.types("coop preq\t", "prequalify ")
    found.close()
