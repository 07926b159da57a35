"""The half-year recorded as `coop demo` plays it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from half_year.simulation import build
from handlers.demo.player import Line
from workflow.testing import Lab, SimulatedClock

FILE = Path(__file__).parents[3] / "handlers" / "demo" / "events.jsonl"
BEGUN = "2026-01-05T08:00+01:00"  # the lab's first Monday


def record() -> tuple[Line, ...]:
    """The gestures of the half-year, simulated once more."""
    with TemporaryDirectory() as folder:
        lab = Lab.open(f"sqlite:///{folder}/lab.db", clock=SimulatedClock(BEGUN), people={"camille": "coordinator"})
        try:
            return build(lab.engine, lab.clock).lines
        finally:
            lab.close()


def written(lines: Iterable[Line]) -> str:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
