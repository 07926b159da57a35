"""A sweep that raises 100 due deadlines: among 1,000,000 open requests against the same among 10,000.

    python bench/sweeping.py STORE [--paced] [--rounds N]

goes round a store that `_filled` made, 100 deadlines falling due each time, and prints
`{"name", "raised", "seconds", "ms"}`.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from statistics import median

from bench.figures import Contest, Figure, Measure, Pace, Preparing, Side, worker
from bench.lab import ZONE, copied, open_lab, opened
from workflow.sweep import sweep

FEW, MANY = 10_000, 1_000_000  # open requests
DUE = 100  # deadlines that fall due at each sweep
TURNS = 5
BEGIN = datetime(2026, 3, 2, 9, tzinfo=ZONE)  # the stages of the lab's own deadlines are at 18:00: none interferes
SWEEP = Figure("sweep", f"one sweep, {DUE} due among {MANY:,} open ÷ among {FEW:,} open", most=1.5, aim=1.2)
MEETING_EVERY = 20  # one request in so many has a meeting planned, months ahead

_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :many)"
_REF = "printf('2026-%07d', 1000000 + n)"
_LATER = "strftime('%Y-%m-%dT%H:%M:%SZ', '{day}', '+' || (n * 7919 % 500000) || ' minutes')"
_FELL = "strftime('%Y-%m-%dT%H:%M:%SZ', :begin, '+' || (n / :stride / :due) || ' minutes')"


def _filled(template: Path, to: Path, many: int, rounds: int) -> Path:
    """A copy of a lab with so many more open requests, 100 of whose deadlines fall due each minute from BEGIN on.

    Each is a real request under another reference: its row, its deadlines and, for one in twenty, a meeting. A sweep
    reads nothing of their histories, which are left out.
    """
    copied(template, to)
    database = sqlite3.connect(to, isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    database.execute("BEGIN")
    begin = BEGIN.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    stride = many // (rounds * DUE)
    given = {"many": many, "begin": begin, "stride": stride, "due": DUE, "last": rounds * DUE}
    for part, wanted in (("received", f"n % {MEETING_EVERY}"), ("working", f"n % {MEETING_EVERY} = 0")):
        _multiply(database, part, wanted, given)
    database.execute("COMMIT")
    database.close()
    return to


def _multiply(database: sqlite3.Connection, state: str, wanted: str, given: dict[str, object]) -> None:
    """Copies the rows of one request in a state, once for each number wanted."""
    model = database.execute("SELECT ref FROM requests WHERE state = ? ORDER BY ref LIMIT 1", (state,)).fetchone()[0]
    at = database.execute("SELECT at FROM meetings WHERE stream = ? AND status = 'planned'", (model,)).fetchone()
    document = f"replace(replace(document, :model, {_REF}), :at, {_later('2026-07-01')})"
    changes = {
        "requests": {"ref": _REF, "document": document, "external_id": "NULL"},
        "meetings": {"stream": _REF, "at": _later("2026-07-01"), "end_at": _later("2026-07-02")},
        "deadlines": {"stream": _REF, **_moments()},
    }
    only = {"meetings": "status = 'planned'"}
    for table, changed in changes.items():
        names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        values = ", ".join(changed.get(name, name) for name in names)
        key = "ref" if table == "requests" else "stream"
        database.execute(
            f"{_NUMBERS} INSERT INTO {table} SELECT {values} FROM numbers, "
            f"(SELECT * FROM {table} WHERE {key} = :model AND {only.get(table, '1')}) WHERE {wanted} ORDER BY n",
            {**given, "model": model, "at": at[0] if at else "nothing"},
        )


def _later(day: str) -> str:
    return _LATER.format(day=day)


def _moments() -> dict[str, str]:
    """The moments of a deadline: one request in `stride` has one that falls due in a round; the others come later."""
    falls = "n % :stride = 1 AND n / :stride < :last AND kind <> 'meeting'"
    first = f"CASE WHEN {falls} THEN {_FELL} ELSE {_later('2026-09-01')} END"
    return {
        "reminder_at": first,
        "next_stage_at": first,
        "due_at": _later("2028-01-01"),
        "escalation_at": _later("2029-01-01"),
    }


def _prepare(preparing: Preparing) -> tuple[Side, Side]:
    directory = preparing.directory
    template = directory / "template.db"
    if not template.exists():
        open_lab(str(template))
    stores = [_filled(template, directory / f"sweep-{many}.db", many, preparing.times) for many in (MANY, FEW)]
    ours, limit = (worker(preparing.closing, "sweeping.py", store) for store in stores)
    return ours, limit


def _ratios(ours: Measure, limit: Measure) -> Measure:
    return {"sweep": ours["seconds"] / limit["seconds"]}


def contests() -> list[Contest]:
    """Measured when asked for: the larger store takes minutes to fill, and five gigabytes."""
    return [Contest((SWEEP,), 9, TURNS, _prepare, _ratios, default=False)]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--paced", action="store_true", help="wait for a line before each sweep, and tell what it took")
    given = parser.parse_args()
    pace, taken = Pace(given.paced), []
    with opened(str(given.store)) as (store, clock, engine):
        clock.at = BEGIN - timedelta(minutes=1)
        sweep(engine)  # what the lab has of its own
        for minute in islice(count(), None if given.paced else given.rounds):
            clock.at = BEGIN + timedelta(minutes=minute)
            pace.wait()
            began = time.perf_counter()
            found = sweep(engine)
            taken.append(time.perf_counter() - began)
            assert found.raised == DUE, found
            pace.tell(seconds=taken[-1])
            # Someone deals with them: what stands already is no part of the measure.
            with store.engine.begin() as connection:
                connection.exec_driver_sql("UPDATE alerts SET status = 'resolved' WHERE rule = 'deadline'")
    told = {"name": "coop sweep", "raised": DUE * len(taken), "seconds": sum(taken)}
    print(json.dumps({**told, "ms": median(taken) * 1000}))


if __name__ == "__main__":
    main()
