"""The review of a semester of 200 requests: in a store of 20,000 against the store it is made from; and as known then.

The semester is the invented half-year, three times over; the store of 20,000 has, before it, a hundred semesters of
as many requests, all ended. The other store has of them those that the review compares and draws, so that both print
the same review to the letter: what differs is the time that the rest of the lab costs.
"""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from bench.figures import Contest, Figure, Measure, Preparing, Side, process
from bench.lab import environment
from handlers.demo.player import play, recorded
from states.review.document import COURSE
from workflow.testing import Lab, SimulatedClock

SEMESTER, NOW, KNOWN = "2026-S1", "2026-07-10T09:00:00+02:00", "2026-07-09T09:00+02:00"
COMMAND = (Path(sys.executable).with_name("coop"), "review", SEMESTER, "--json")
COPIES = 3  # of the half-year, in the semester reviewed: some 200 requests
OLDER, ENDED_COPIES = 106, 4  # semesters before it, and the copies in each, of the requests that ended: 20,000 in all
HALF_YEAR = 182.625  # days
LONG = Figure("review", "coop review --json, 200 requests among 20,000 ÷ the four semesters it shows alone", most=1.3)
KNOWN_AT = Figure("review-known-at", "coop review --json --known-at ÷ the plain one, among 20,000", most=3)

_TABLES = {"requests": "ref", "entries": "stream", "vault": "stream", "meetings": "stream", "activities": "ref"}
_MOMENT = re.compile(r"\b(\d{4}-\d\d-\d\d)(?=T|\")|\b2026-(A?)(\d{3,4})\b")


def lived(file: Path) -> Path:
    """The invented half-year, played through the engine."""
    lab = Lab.open(
        f"sqlite:///{file}", clock=SimulatedClock("2026-01-05T08:00+01:00"), people={"camille": "coordinator"}
    )
    play(lab.engine, lab.clock, recorded())
    lab.close()
    return file


def filled(half_year: Path, to: Path, older: int, copies: int = COPIES) -> Path:
    """The half-year so many times over, after so many older semesters of requests that ended.

    Each copy has references and moments of its own. Chains and heads are those of the original: a review reads none.
    """
    source, database = sqlite3.connect(half_year), sqlite3.connect(to, isolation_level=None)
    source.backup(database)
    database.execute("PRAGMA synchronous = OFF")
    final = "SELECT ref FROM requests WHERE state IN ('closed', 'declined', 'withdrawn', 'cancelled')"
    database.execute("BEGIN")
    database.execute("DROP TRIGGER entries_refuse_delete")
    for table, key in _TABLES.items():
        names = [row[1] for row in source.execute(f"PRAGMA table_info({table})")]
        values = ", ".join("NULL" if name == "external_id" else name for name in names)
        rows = source.execute(f"SELECT {values} FROM {table} WHERE {key} <> 'lab'").fetchall()
        ended = source.execute(f"SELECT {values} FROM {table} WHERE {key} IN ({final})").fetchall()
        database.execute(f"DELETE FROM {table} WHERE {key} <> 'lab'")
        marks = ", ".join("?" * len(names))
        for back, moved in _moves(older, copies):
            found = map(moved, ended if back else rows)
            database.executemany(f"INSERT INTO {table} VALUES ({marks})", found)
    database.execute("COMMIT")
    database.execute("ANALYZE")
    source.close()
    database.close()
    return to


def _moves(older: int, copies: int) -> Iterator[tuple[int, Callable[[tuple[object, ...]], tuple[object, ...]]]]:
    for back in range(older + 1):
        for copy in range(ENDED_COPIES if back else copies):
            yield back, _mover(back, copy)


def _mover(back: int, copy: int) -> Callable[[tuple[object, ...]], tuple[object, ...]]:
    """Moves a row so many semesters back, under another reference."""
    days = timedelta(days=round(HALF_YEAR * back))
    year, first = 2026 - (back + 1) // 2, (copy + ENDED_COPIES * (back % 2)) * 100

    @cache
    def moved(day: str) -> str:
        return (date.fromisoformat(day) - days).isoformat()

    def replaced(found: re.Match[str]) -> str:
        if found[1]:
            return moved(found[1])
        return f"{year}-{found[2]}{int(found[3]) + first:0{len(found[3])}d}"

    return lambda row: tuple(_MOMENT.sub(replaced, value) if isinstance(value, str) else value for value in row)


def _command(store: Path, *more: str) -> Side:
    return process([*COMMAND, *more], _of(store))


def _answer(store: Path) -> bytes:
    return subprocess.run(COMMAND, env=_of(store), check=True, stdout=subprocess.PIPE).stdout


def _of(store: Path) -> dict[str, str]:
    return environment(COOP_DB=str(store), COOP_NOW=NOW)


def _stores(directory: Path) -> tuple[Path, Path]:
    half_year, large, alone = (directory / f"review-{name}.db" for name in ("lived", "large", "alone"))
    if not large.exists():
        lived(half_year)
        filled(half_year, large, OLDER)
        filled(half_year, alone, COURSE - 1)
    return large, alone


def _among_many(preparing: Preparing) -> tuple[Side, Side]:
    large, alone = _stores(preparing.directory)
    if _answer(large) != _answer(alone):
        raise SystemExit("The two stores give two reviews: their times say nothing of each other.")
    return _command(large), _command(alone)


def _as_known(preparing: Preparing) -> tuple[Side, Side]:
    large, _alone = _stores(preparing.directory)
    return _command(large, "--known-at", KNOWN), _command(large)


def _ratio(name: str) -> Callable[[Measure, Measure], Measure]:
    return lambda ours, limit: {name: ours["seconds"] / limit["seconds"]}


def contests() -> list[Contest]:
    return [
        Contest((LONG,), 5, 3, _among_many, _ratio("review")),
        Contest((KNOWN_AT,), 3, 3, _as_known, _ratio("review-known-at")),
    ]
