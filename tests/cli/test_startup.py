"""What a command does not wait for."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HEAVY = ("sqlalchemy", "rich", "alembic", "attrs", "cattrs", "transitions", "babel", "holidays")


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_help_and_version_import_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys\nfrom cli.main import main\n"
        f"try: main({words!r})\nexcept SystemExit: pass\nprint('|'.join(sys.modules))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(printed.stdout.splitlines()[-1].split("|"))
    assert not loaded & set(HEAVY)


def test_the_wheel_runs_from_an_empty_directory(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent.parent
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path / "dist"), str(root)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    (tmp_path / "empty").mkdir()
    code = "import cli.main; assert 'site' in cli.main.__file__; cli.main.main(['--lang', 'fr', 'demo'])"
    environment = {"PYTHONPATH": str(tmp_path / "site"), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    printed = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "empty", env=environment, capture_output=True, text=True
    )
    assert printed.returncode == 0, printed.stderr
    assert "coop tier change 2026-0001 50_50" in printed.stderr
    assert "Chaîne intacte" in printed.stdout
    code = "import sys; from datetime import UTC, datetime; from packs import sample;"
    code += "from handlers.review.formats.pdf import pdf;"
    code += "sys.stdout.buffer.write(pdf(sample('fr'), datetime(2026, 7, 15, tzinfo=UTC)))"
    environment["PYTHONPATH"] += f"{os.pathsep}{root / 'tests/support'}"
    paper = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "empty", env=environment, capture_output=True, check=True
    )
    assert paper.stdout.startswith(b"%PDF-")  # its layout and its fonts are inside
