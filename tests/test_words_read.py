"""Help, wrong usage and questions as people read them, in both languages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

# --- What people read ---

ROOT = Path(__file__).parent.parent


def coop(folder: Path, *args: str, lang: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("COOP_", "LC_", "LANG"))}
    env |= {"COOP_DB": str(folder / "lab.db"), "COOP_STATE": str(folder), "COOP_CONFIG": str(folder / "none.toml")}
    env |= {"COLUMNS": "100", "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", "from cli.main import main; main()", "--lang", lang, *args]
    return subprocess.run(command, env=env, input=typed, capture_output=True, text=True, encoding="utf-8", check=False)


def plain(text: str) -> str:
    """Lines joined, spaces made one kind: what is looked for may be wrapped."""
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize(
    ("lang", "args", "expected"),
    [
        ("fr", ("--help",), ("Usage : coop", "Options : ", "Recevoir : ", "Afficher cette aide.")),
        ("en", ("--help",), ("Usage: coop", "Options: ", "Receive: ", "Show this message and exit.")),
        ("fr", ("submit", "--help"), ("Usage : coop submit", "Recevoir des fiches : ", "Tout vérifier")),
        ("en", ("submit", "--help"), ("Usage: coop submit", "Receive forms: ", "Check everything")),
    ],
)
def test_help(tmp_path: Path, lang: str, args: tuple[str, ...], expected: tuple[str, ...]) -> None:
    done = coop(tmp_path, *args, lang=lang)
    assert done.returncode == 0
    for text in expected:
        assert text in plain(done.stdout)


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("fr", ("Il n’y a pas d’option « --frm ».", "Voir : coop lifecycle diagram --help")),
        ("en", ("No such option “--frm”.", "See: coop lifecycle diagram --help")),
    ],
)
def test_wrong_usage(tmp_path: Path, lang: str, expected: tuple[str, ...]) -> None:
    done = coop(tmp_path, "lifecycle", "diagram", "--frm", lang=lang)
    assert done.returncode == 2
    for text in expected:
        assert text in plain(done.stderr)


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("fr", ("Remplacer ", "Interrompu : rien de plus n’a été enregistré.")),
        ("en", ("Replace ", "Interrupted: nothing more was stored.")),
    ],
)
def test_a_question_of_a_command(tmp_path: Path, lang: str, expected: tuple[str, ...]) -> None:
    (tmp_path / "copy.db").touch()
    done = coop(tmp_path, "db", "restore", str(tmp_path / "copy.db"), lang=lang, typed="n\n")
    assert done.returncode == 130
    for text in expected:
        assert text in plain(done.stdout + done.stderr)


@pytest.mark.parametrize(("lang", "expected"), [("fr", "Réponse non comprise : "), ("en", "Error: invalid input")])
def test_a_question_of_click(lang: str, expected: str) -> None:
    script = f"import click; from cli.main import speak; speak({lang!r}); click.confirm('?')"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT)},
        input="x\nn\n",
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert expected in plain(done.stdout)
