"""Commands that change what lasts, killed (-9) at any moment and at each crash point, several times on one store."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

from knocks import Knock, Stage, full_at
from places import Files, databases

from soak.course import Course, Tally

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
        while not tally.done:
            (database,) = random.choices([*stages], weights=OFTEN)
            _kill(tally, random, database, stages[database])


def _kill(tally: Tally, random: Random, database: str, stage: Stage) -> None:
    knock = random.choice(stage.knocks)
    ways = [_way(random, stage, knock) for _time in range(random.randint(1, MOST))]
    with tally.trying(f"{knock.name}, {database}", str(ways), times=0) as kind:
        for end, how in zip(stage.kill(knock, *ways), ways, strict=False):
            kind.tried += end.killed
            way = "at a point" if "at" in how else "at any moment"
            where = way if end.killed else "ended by itself"
            kind.figures[where] = kind.figures.get(where, 0) + 1


def _way(random: Random, stage: Stage, knock: Knock) -> Mapping[str, Any]:
    """At a crash point, or after some part of the time it takes when nobody kills it; at times on a disk that fills."""
    _whole, end = stage.control(knock)
    full = {"prepare": full_at(random.randint(1, FULLEST))} if random.random() < 0.1 else {}
    if random.random() < 0.3:
        return {"at": random.randint(1, len(end.points)), **full}
    return {"after": random.uniform(0, end.seconds), **full}


KILLS = Course("kills", 10_000, run)
