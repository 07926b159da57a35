"""What is published: the source distribution and the wheel built from it, each installed, and run from nowhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("states", "workflow", "handlers", "cli")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
BESIDE = ("CHANGELOG.md", "LICENSE", "Makefile", "README.md", "hatch_build.py", "pyproject.toml", "requirements.lock")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where `make dist` would have built."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT))
    return folder


def run(*words: str | Path, folder: Path | None = None, environment: Mapping[str, str] = os.environ) -> str:
    ended = subprocess.run([*map(str, words)], cwd=folder, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, f"{words}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout


def files_of_the_house() -> set[str]:
    """Every file of the four rooms, and the catalogues that the build compiles."""
    found = {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".mo"
    }
    return found | {name.removesuffix(".po") + ".mo" for name in found if name.endswith(".po")}


def test_the_wheel_holds_the_house_and_nothing_else(built: Path) -> None:
    with zipfile.ZipFile(built / f"la_cooperative-{VERSION}-py3-none-any.whl") as wheel:
        names = {name for name in wheel.namelist() if not name.startswith(f"la_cooperative-{VERSION}.dist-info/")}
        metadata = wheel.read(f"la_cooperative-{VERSION}.dist-info/METADATA").decode()
    assert names == files_of_the_house()
    assert f"Version: {VERSION}\n" in metadata
    assert "License-Expression: EUPL-1.2\n" in metadata


def test_the_source_distribution_holds_what_it_takes_to_build_and_test(built: Path) -> None:
    with tarfile.open(built / f"la_cooperative-{VERSION}.tar.gz") as source:
        names = {name.partition("/")[2] for name in source.getnames()}
    assert names >= {name for name in files_of_the_house() if not name.endswith(".mo")} | {*BESIDE}
    assert names >= {str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("*.py")}
    assert not [name for name in names if re.search(r"(^|/)(\.venv|__pycache__|\.git)/|\.db$|\.mo$", name)]


def test_the_version_is_that_of_the_last_changes() -> None:
    changes = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert changes[0] == VERSION


class Installed:
    """The product, alone in an environment of its own; its dependencies are those of this one."""

    def __init__(self, folder: Path, distribution: Path) -> None:
        self.folder = folder / "nowhere"
        self.folder.mkdir()
        venv.create(folder / "venv", symlinks=True)
        self._programs = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        paths = {name: str(folder / "venv") for name in ("base", "platbase")}
        site = Path(sysconfig.get_path("purelib", "venv", vars=paths))
        # Not those of an editable installation, which are named in a file that a path of a path is not read for.
        (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
        self._environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "COOP_CONFIG": str(folder / "config.toml"),
            "COOP_STATE": str(folder / "state"), "COOP_ACTOR": "camille", "COOP_LANG": "fr",
            "COOP_NOW": "2026-07-03T17:00:00+02:00",
        }  # fmt: skip
        options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
        self.python("-m", "pip", "install", "--ignore-installed", *options, str(distribution))

    def python(self, *words: str) -> str:
        return run(self._programs / "python", *words, folder=self.folder, environment=self._environment)

    def coop(self, *words: str) -> str:
        return run(self._programs / "coop", *words, folder=self.folder, environment=self._environment)


@pytest.mark.parametrize("kind", ["py3-none-any.whl", "tar.gz"])
def test_it_is_installed_and_run_from_an_empty_folder(built: Path, kind: str, tmp_path: Path) -> None:
    (distribution,) = built.glob(f"*{kind}")
    there = Installed(tmp_path, distribution)
    where = there.python("-c", f"import {', '.join(ROOMS)}; print(*({', '.join(f'{r}.__file__' for r in ROOMS)},))")
    assert all(path.startswith(str(tmp_path)) for path in where.split())
    assert there.coop("--version") == f"coop {VERSION}\n"
    assert "Créer la base" in there.coop("--help")
    if kind == "tar.gz":
        assert "camille est dans l’équipe" in there.coop("--db", "labo.db", "init")
        assert "Chaîne intacte" in there.coop("--db", "labo.db", "db", "verify")
        return
    assert there.coop("demo", "--keep", "labo")
    store = ("--db", "labo/coop.db")
    for format in ("html", "pdf"):
        there.coop(*store, "review", "2026-S1", "--format", format, "--out", f"revue.{format}")
        assert (there.folder / f"revue.{format}").stat().st_size > 10_000
    there.coop(*store, "sheet", "1", "--format", "pdf", "--out", "fiche.pdf")
    assert (there.folder / "fiche.pdf").read_bytes().startswith(b"%PDF-")
    assert "BEGIN:VCALENDAR" in there.coop(*store, "export", "ics")
    assert "Bonjour" in there.coop(*store, "letter", "1", "reception")
