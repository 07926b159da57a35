"""A lab whose words are completed, made once and then copied."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from desk import Desk


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the store of `lab` is kept once it is made: it is then copied."""
    return tmp_path_factory.mktemp("model") / "coop.db"


@pytest.fixture
def lab(desk: Desk, tmp_path: Path, model: Path) -> Desk:
    """Four requests: received, prequalified, with a planned interview, with two planned work meetings."""
    if model.exists():
        for leftover in ("coop.db-wal", "coop.db-shm"):
            (tmp_path / leftover).unlink(missing_ok=True)
        shutil.copyfile(model, tmp_path / "coop.db")
        return desk.at("2026-01-12T12:00+01:00")
    desk.coop(*["staff", "add", "lou", "--name", "Lou", "--email", "lou@example.org", "--role", "pilot"])
    for title in ("Reçue", "Préqualifiée", "Entretien", "Au travail"):
        desk.received(title=title)
    for ref in ("2", "3", "4"):
        desk.json("prequalify", ref)
    desk.json("interview", "plan", "3", "--slot", "14/01 14h")
    desk.json("interview", "plan", "4", "--slot", "12/01 10h")
    desk.at("2026-01-12T12:00+01:00")
    desk.json("interview", "done", "4")
    desk.json("tier", "assign", "4")
    desk.json("meeting", "plan", "4", "--slot", "20/01 10h", "--slot", "27/01 10h")
    desk.json("db", "backup", str(model))
    return desk
