"""A lab of a half-year, played once for all the tests of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from handlers.demo.player import play, recorded
from workflow.testing import Lab, SimulatedClock


@pytest.fixture(scope="session")
def half_year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    file = tmp_path_factory.mktemp("half-year") / "lab.db"
    clock = SimulatedClock("2026-01-05T08:00+01:00")
    lab = Lab.open(f"sqlite:///{file}", clock=clock, people={"camille": "coordinator"})
    play(lab.engine, lab.clock, recorded())
    yield lab
    lab.close()
