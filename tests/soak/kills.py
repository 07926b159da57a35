"""Commands that change what lasts, killed (-9) at any moment and at each crash point, several times on one store."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

from attrs import field, frozen
from knocks import Knock, Stage, full_at
from places import Files, databases

from soak.course import Course, Tally
from workflow.testing import End

OFTEN = (3, 1)  # SQLite, which is all in the process that is killed, and PostgreSQL
MOST = 4  # kills on one store before the command is let end
FULLEST = 500_000  # bytes: a little more than a store


def run(tally: Tally, random: Random) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stores = folder / "stores"
        stores.mkdir()
        stages = {
            "SQLite": Stage(Files(stores), folder / "sqlite"),
            "PostgreSQL": Stage(stack.enter_context(databases()), folder / "postgresql"),
        }
        paces = {database: _Pace(stage) for database, stage in stages.items()}
        while not tally.done:
            (database,) = random.choices([*stages], weights=OFTEN)
            _kill(tally, random, database, paces[database])


@frozen
class _Pace:
    """How long each command of a stage takes when nobody kills it: the least that was seen, on a busy machine."""

    stage: Stage
    _seconds: dict[str, float] = field(factory=dict)

    def of(self, knock: Knock) -> float:
        return self._seconds.setdefault(knock.name, self.stage.control(knock)[1].seconds)

    def seen(self, knock: Knock, end: End) -> None:
        if not end.killed:
            self._seconds[knock.name] = min(self.of(knock), end.seconds)


def _kill(tally: Tally, random: Random, database: str, pace: _Pace) -> None:
    knock = random.choice(pace.stage.knocks)
    ways = [_way(random, pace, knock) for _time in range(random.randint(1, MOST))]
    with tally.trying(f"{knock.name}, {database}", str(ways), times=0) as kind:
        for end, how in zip(pace.stage.kill(knock, *ways), ways, strict=False):
            pace.seen(knock, end)
            kind.tried += end.killed
            way = "at a point" if "at" in how else "at any moment"
            where = way if end.killed else "ended by itself"
            kind.figures[where] = kind.figures.get(where, 0) + 1


def _way(random: Random, pace: _Pace, knock: Knock) -> Mapping[str, Any]:
    """At a crash point, or after some part of the time it takes when nobody kills it; at times on a disk that fills."""
    _whole, end = pace.stage.control(knock)
    full = {"prepare": full_at(random.randint(1, FULLEST))} if random.random() < 0.1 else {}
    if random.random() < 0.3:
        return {"at": random.randint(1, len(end.points)), **full}
    return {"after": random.uniform(0, pace.of(knock)), **full}


KILLS = Course("kills", 10_000, run)
