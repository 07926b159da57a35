"""Someone at the command line of a lab: what the tests of the commands and the scenarios share."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from cli import settings
from cli.main import main

OPENING = "2026-01-12T09:00+01:00"
SAMPLES = Path(__file__).parents[1] / "samples"

FORM: dict[str, Any] = {
    "title": "Un projet",
    "need": "Un besoin",
    "expected_outcome": "Quelque chose d’ouvert",
    "outcome_predefined": False,
    "collaborative_share": 80,
    "kind": "accompanied",
    "axis": "incubation",
    "requester": {"name": "Alix Modèle", "email": "alix.modele@example.org"},
    "service": "drajes",
    "department": "34",
    "place": "hors_les_murs",
}


@frozen
class Printed:
    """What a command printed, and the code it ended with."""

    exit: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        return json.loads(self.err.strip().splitlines()[-1])["error"]

    @property
    def rules(self) -> list[str]:
        return [refusal["rule"] for refusal in self.error["refusals"]]


class Desk:
    """A lab, its clock, and someone typing."""

    def __init__(self, run: Callable[..., Printed], monkeypatch: pytest.MonkeyPatch) -> None:
        self.run, self.monkeypatch = run, monkeypatch

    def at(self, moment: str) -> Desk:
        """Sets the clock: ISO 8601 with its offset."""
        self.monkeypatch.setenv("COOP_NOW", moment)
        return self

    def coop(self, *words: str, stdin: str | None = None) -> Printed:
        return self.run(*words, stdin=stdin)

    def json(self, *words: str) -> Any:
        """The JSON document of a command that succeeds."""
        printed = self.run(*words, "--json")
        assert printed.exit == 0, printed.err
        return printed.json

    def refused(self, *words: str) -> list[str]:
        """The rules a command is refused for."""
        printed = self.run(*words, "--json")
        assert printed.exit == 3, (printed.exit, printed.err)
        return printed.rules

    def fails(self, exit: int, *words: str) -> dict[str, Any]:
        """The error of a command that ends with that code, and prints nothing else."""
        printed = self.run(*words, "--json")
        assert printed.exit == exit, (printed.exit, printed.out, printed.err)
        assert printed.error["exit"] == exit
        found: dict[str, Any] = printed.error
        return found

    def offered(self, line: str) -> dict[str, str]:
        """What fish is offered at the end of a line: the values, and their helps."""
        rows = [row.partition(",")[::2] for row in self.completed("fish", line) if row]
        pairs = [(kind, *value.partition("\t")[::2]) for kind, value in rows]
        return {value if kind == "plain" else kind: help for kind, value, help in pairs}

    def completed(self, shell: str, line: str) -> list[str]:
        """The answer to a shell at the end of a line, in click's protocol."""
        words = line.split()
        last = "" if line[-1].isspace() else words[-1]
        return self.answered(shell, line, last if shell == "fish" else str(len(words) - bool(last)))

    def answered(self, shell: str, words: str, current: str) -> list[str]:
        self.monkeypatch.setenv("_COOP_COMPLETE", f"{shell}_complete")
        self.monkeypatch.setenv("COMP_WORDS", words)
        self.monkeypatch.setenv("COMP_CWORD", current)
        printed = self.run()
        self.monkeypatch.delenv("_COOP_COMPLETE")
        assert (printed.exit, printed.err) == (0, "")
        return printed.out.splitlines()

    def received(self, **fields: Any) -> str:
        """The reference of a valid form received now, with some fields of its own."""
        form = {**FORM, "experience": "some", "complexity": "simple", **fields}
        printed = self.run("submit", "-", "--json", stdin=json.dumps(form))
        assert printed.exit == 0, printed.err
        ref: str = printed.json["received"][0]["ref"]
        return ref


@cache
def _opened_store() -> bytes:
    """A store that `coop init` has just opened on Monday 12 January 2026 at 9: made once, copied for each test."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "coop.db"
        environment = {
            **os.environ,
            "COOP_DB": str(file),
            "COOP_CONFIG": str(Path(folder) / "config.toml"),
            "COOP_ACTOR": "camille",
            "COOP_LANG": "fr",
            "COOP_NOW": OPENING,
        }
        command = [sys.executable, "-c", "from cli.main import main; main(['init'])"]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        return file.read_bytes()


@pytest.fixture(name="desk")
def opened_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """An open lab, on Monday 12 January 2026 at 9, with its coordinator at the keyboard."""
    return open_desk(tmp_path, monkeypatch, capsys)


def open_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """The same, for a fixture of a scenario's own."""
    monkeypatch.setenv("COOP_DB", str(tmp_path / "coop.db"))
    monkeypatch.setenv("COOP_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("COOP_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("COOP_ACTOR", "camille")
    monkeypatch.setenv("COOP_LANG", "fr")
    monkeypatch.setenv("LANGUAGE", "fr")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    settings.from_file.cache_clear()

    def run(*words: str, stdin: str | None = None) -> Printed:
        capsys.readouterr()
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        with pytest.raises(SystemExit) as ended:
            main(words)
        printed = capsys.readouterr()
        code = ended.value.code
        assert isinstance(code, int)
        return Printed(code, printed.out, printed.err)

    (tmp_path / "coop.db").write_bytes(_opened_store())
    return Desk(run, monkeypatch).at(OPENING)
