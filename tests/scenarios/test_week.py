"""One real week, as docs/semaine.md shows it: the very lines of docs/scenes/semaine.scene, and what they leave."""

from __future__ import annotations

import importlib
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from desk import Desk

ROOT = Path(__file__).parent.parent.parent
SCENE = ROOT / "docs/scenes/semaine.scene"
MOST = 16


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The lines of the scene, in order, read as the documentation reads them."""
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    scene = importlib.import_module("generation.scenes").parse(SCENE)
    return [line for block in scene.blocks.values() for line in block]


def typed(desk: Desk, text: str) -> int:
    """Types one line: a variable, the command, or the command at the end of a pipe."""
    if text.startswith("export "):
        name, _equals, value = text.removeprefix("export ").partition("=")
        desk.monkeypatch.setenv(name, value)
        return 0
    before, pipe, after = text.rpartition(" | ")
    piped = None
    if pipe:
        piped = subprocess.run(["bash", "-c", before], capture_output=True, check=True, encoding="utf-8").stdout
    command, *words = shlex.split(after)
    assert command == "coop"
    return desk.coop(*words, stdin=piped).exit


def test_a_real_week_takes_at_most_sixteen_commands(desk: Desk, lines: list[Any], tmp_path: Path) -> None:
    desk.monkeypatch.setenv("COOP_DB", str(tmp_path / "semaine.db"))
    for line in lines:
        if line.kind == "<":
            name, _space, source = line.text.partition(" ")
            (tmp_path / name).write_bytes((ROOT / source.strip()).read_bytes())
        elif line.kind in "$>":
            assert typed(desk, line.text) == line.exit, line.text
    assert sum(line.kind == "$" and "coop" in line.text for line in lines) <= MOST
    _stands(desk)
    assert desk.coop("db", "verify").exit == 0


def _stands(desk: Desk) -> None:
    """What the week leaves."""
    requests = desk.json("list")
    assert [row["state"] for row in requests] == [
        *("closed", "working", "working", "info_requested", "declined"),
        *["received"] * 9,
    ]
    assert len(requests) == 14  # twelve forms came in
    debriefed = desk.json("show", "1")
    assert [record["score"] for record in debriefed["satisfaction"]] == ["4.6"]
    assert len(debriefed["deliverables"]) == 1
    (away,) = {a["staff"] for day in desk.json("agenda")["days"] for a in day["absences"]}
    assert away == "nadia"
    session = next(m for m in desk.json("show", "2")["calendar"] if m["kind"] == "session")
    assert (session["status"], session["at"][:10] > "2026-03-13") == ("planned", True)
    led = desk.json("show", "3")
    assert led["tier"] == led["recommended_tier"] == "tuto"
    assert led["meetings"]["work"] == {"planned": 3, "held": 0, "cap": 3, "min": 1}
    interview = led["calendar"][0]
    assert (interview["status"], interview["started_at"]) == ("held", "2026-03-12T14:10:00+01:00")
    held = next(e for e in desk.json("history", "3") if e["event"] == "hold_interview")
    assert (held["occurred_at"][:13], held["recorded_at"][:10]) == (
        "2026-03-12T15",
        "2026-03-13",
    )  # entered the day after
    statuses = {(d["kind"], d["status"]) for d in led["deadlines"]}
    assert ("interview_planned", "met") in statuses
    assert not [d for d in led["deadlines"] if d["status"] == "missed"]


def test_the_scene_is_what_the_page_shows(lines: list[Any]) -> None:
    page = (ROOT / "docs/semaine.md").read_text("utf-8")
    assert not [line.text for line in lines if line.kind == "$" and line.text not in page]
