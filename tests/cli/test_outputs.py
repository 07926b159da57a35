"""What cannot be printed is never taken for what cannot be stored: pipes, full disks, code pages, in real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.desk import Desk

FULL = "/dev/full"
needs_full = pytest.mark.skipif(not os.path.exists(FULL), reason="this system has no disk that is always full")


def typed(words: Sequence[str], *, shell: str = '"$@"', **env: str) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own, in a shell where its output can be sent anywhere."""
    coop = [sys.executable, "-W", "error", "-c", "from cli.main import main; main()", *words]
    command = ["bash", "-c", f"set -o pipefail; {shell}", "coop", *coop]
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    return subprocess.run(
        command, env={**os.environ, "PYTHONPATH": root, **env}, capture_output=True, timeout=60, check=False
    )


def count(desk: Desk, ref: str) -> int:
    return len(desk.json("history", ref))


@pytest.mark.parametrize("words", [["next", "1"], ["prequalify", "1"], ["show", "1"], ["history", "1"], ["list"]])
def test_what_a_code_page_lacks_is_replaced(desk: Desk, words: list[str]) -> None:
    desk.received(title="Accueillir ≥ 3 personnes → 🎉")
    for encoding in ("cp1252", "ascii", "latin-1"):
        printed = typed(words, PYTHONIOENCODING=encoding)
        if words == ["prequalify", "1"] and encoding != "cp1252":
            assert printed.returncode == 3  # it was stored the first time
            continue
        assert (printed.returncode, printed.stderr) == (0, b"")
        assert b"1" in printed.stdout
    assert desk.json("show", "1")["state"] == ("prequalified" if words[0] == "prequalify" else "received")


def test_json_is_utf_8_whatever_the_locale(desk: Desk) -> None:
    desk.received(title="Accueillir ≥ 3 personnes → 🎉")
    for encoding in ("cp1252", "ascii"):
        printed = typed(["show", "1", "--json"], PYTHONIOENCODING=encoding)
        assert json.loads(printed.stdout.decode("utf-8"))["title"] == "Accueillir ≥ 3 personnes → 🎉"
        failed = typed(["show", "“é”", "--json"], PYTHONIOENCODING=encoding)
        assert "“é”" in json.loads(failed.stderr.decode("utf-8"))["error"]["message"]


@pytest.mark.parametrize(
    "words",
    [["list"], ["--help"], ["show", "1"], ["comment", "1", "--note", "n"], ["comment", "1", "--note", "n", "--json"]],
    ids=" ".join,
)
def test_a_pipe_that_is_closed_is_no_error(desk: Desk, words: list[str]) -> None:
    """Whatever was to be stored is; nobody is told that it was not."""
    desk.received()
    printed = typed(words, shell='"$@" | true; exit "${PIPESTATUS[0]}"')
    assert (printed.returncode, printed.stderr) == (0, b"")
    assert count(desk, "1") == (2 if words[0] == "comment" else 1)


@needs_full
@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["people", "json"])
def test_a_full_disk_after_the_commit_says_that_it_is_stored(desk: Desk, as_json: list[str]) -> None:
    desk.received()
    printed = typed(["comment", "1", "--note", "n", *as_json], shell=f'"$@" > {FULL}')
    told = printed.stderr.decode("utf-8")
    assert printed.returncode == 0
    assert count(desk, "1") == 2
    assert "2026-0001" in told
    if as_json:
        assert json.loads(told)["stored"] == {"entries": 1, "ref": "2026-0001", "seq": 2}
    else:
        assert "Enregistré (2026-0001, entrée 2)" in told


@needs_full
def test_a_full_disk_when_nothing_was_stored_says_so(desk: Desk) -> None:
    desk.received()
    printed = typed(["list"], shell=f'"$@" > {FULL}')
    assert printed.returncode == 2
    assert "Rien n’a été enregistré" in printed.stderr.decode("utf-8")


def test_a_fault_after_the_commit_says_what_is_stored(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = desk.received()

    def fail(*_words: object, **_named: object) -> None:
        raise KeyError("a fault of ours")

    monkeypatch.setattr("cli.commands.lead.applying.present", fail)
    printed = desk.coop("advance", ref, "comment", "--note", "n")
    assert printed.exit == 1
    assert "Rien n’a été enregistré" not in printed.err
    assert f"{ref}, entrée 2" in printed.err
    printed = desk.coop("advance", ref, "comment", "--note", "n", "--json")
    assert printed.error["stored"] == {"entries": 1, "ref": ref, "seq": 3}
    monkeypatch.setattr("workflow.engine.Engine.apply", fail)
    printed = desk.coop("advance", ref, "comment", "--note", "n")
    assert (printed.exit, count(desk, ref)) == (1, 3)
    assert "Rien n’a été enregistré" in printed.err


@pytest.mark.parametrize(
    "words",
    [
        ["review", "2026-S1", "--format", "csv", "--out"],
        ["review", "2026-S1", "--format", "json", "--out"],
        ["export", "ics", "--out"],
        ["lifecycle", "diagram", "--format", "dot", "--out"],
    ],
)
def test_a_disk_that_fills_up_leaves_the_file_that_was_there(
    desk: Desk, tmp_path: Path, full_disk: None, words: list[str]
) -> None:
    out = tmp_path / "avant"
    for before in (None, b"avant"):
        if before:
            out.write_bytes(before)
        names = sorted(tmp_path.iterdir())
        printed = desk.coop(*words, str(out))
        assert printed.exit in (2, 6)
        assert f"{out}" in printed.err
        assert "disque est plein" in printed.err
        assert sorted(tmp_path.iterdir()) == names
        assert (out.read_bytes() if out.exists() else None) == before


def test_a_disk_that_fills_up_leaves_no_half_of_a_letter(desk: Desk, tmp_path: Path, full_disk: None) -> None:
    ref = desk.received()
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "2026-01-20T10:00")
    assert (
        "disque est plein"
        in desk.coop("outbox", "--to-dir", str(tmp_path / "lettres"), "--sender", "labo@example.org").err
    )
    assert list((tmp_path / "lettres").iterdir()) == []
