"""Commands that change what lasts, killed (-9) at any moment and at each crash point, several times on one store."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

from knocks import Knock, Stage
from places import Files, databases

from soak.course import Course, Tally

MOST = 4  # kills on one store before the command is let end


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
            database = random.choice([*stages])
            _kill(tally, random, database, stages[database])


def _kill(tally: Tally, random: Random, database: str, stage: Stage) -> None:
    knock = random.choice(stage.knocks)
    ways = [_way(random, stage, knock) for _time in range(random.randint(1, MOST))]
    with tally.trying(f"{knock.name}, {database}", str(ways), times=0) as kind:
        for end in stage.kill(knock, *ways):
            kind.tried += end.killed
            where = "in time" if not end.killed else "at a point" if "at" in ways[0] else "at any moment"
            kind.figures[where] = kind.figures.get(where, 0) + 1


def _way(random: Random, stage: Stage, knock: Knock) -> Mapping[str, Any]:
    """At a crash point, or after some part of the time it takes when nobody kills it."""
    _whole, end = stage.control(knock)
    if random.random() < 0.3:
        return {"at": random.randint(1, len(end.points))}
    return {"after": random.uniform(0, end.seconds)}


KILLS = Course("kills", 10_000, run)
