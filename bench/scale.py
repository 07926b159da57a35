"""A lab that has closed a million requests, beside one that has closed few: does what one reads grow with the past?

    python bench/scale.py STORE [--paced]

leads requests in a store, an event at a time, and prints `{"name", "transitions", "seconds"}`.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
from datetime import timedelta
from functools import partial
from pathlib import Path

from bench.contestant import drive
from bench.figures import Contest, Figure, Measure, Pace, Preparing, Side, process, worker
from bench.lab import ACTOR, NOW, OPENING, copied, environment, form, holidays_of, open_lab, opened
from bench.startup import coop
from workflow.engine import Command

MANY, FEW, SOME = 1_000_000, 1_000, 10_000
OPEN = 100  # open requests in each store
COMMANDS = {"list": ("list", "--open"), **{name: (name,) for name in ("today", "board", "alerts")}}
OF_ONE = ("show", "next")
READING = [
    Figure(f"{name}-of-many", f"`coop {name}`, {OPEN} open among {MANY:,} ÷ among {FEW:,}", most=1.3, aim=1.1)
    for name in (*COMMANDS, *OF_ONE)
]
EVENT = Figure("event-of-many", f"one transition, {MANY:,} closed ÷ {SOME:,} closed", most=1.3, aim=1.1)

_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :many)"
_REF = "printf('2024-%07d', n)"
# Each table, what names the request in it, which of its rows are copied, and the columns that must differ.
_COPIED = {
    "requests": ("ref", "1", {"external_id": "NULL", "document": f"replace(document, :model, {_REF})"}),
    "entries": ("stream", "seq = 1", {}),
    "vault": ("stream", "field = 'title'", {}),
    "keys": ("stream", "1", {"key": f"{_REF} || key"}),
    "meetings": ("stream", "1", {}),
    "meeting_staff": ("stream", "1", {}),
    "outbox": ("ref", "kind = 'letter' AND sequence = 1", {"key": f"{_REF} || key", "status": "'sent'"}),
}


def closed(store: Path) -> str:
    """Leads one request, which only uses the space, from its form to the last follow-up; its reference."""
    with opened(str(store)) as (_opened, clock, engine):
        clock.at = OPENING - timedelta(days=400)
        ref = engine.apply(Command("", "submit", ACTOR, {**form(0), "kind": "autonomous"}, key="model")).request.ref
        slot = {"at": (clock.at + timedelta(days=2)).replace(hour=9).isoformat(), "staff": [ACTOR]}
        steps: list[tuple[int, str, dict[str, object]]] = [
            (0, "prequalify", {}),
            (0, "accept_autonomous", {}),
            (0, "plan_session", slot),
            (3, "hold_session", {"expected": 18, "attended": 16, "managers": 3}),
            (0, "close", {}),
            (80, "record_follow_up", {"done": "Le parcours est en place."}),
            (90, "record_follow_up", {"done": "Deux services l’ont repris."}),
        ]
        for days, event, inputs in steps:
            clock.at += timedelta(days=days)
            engine.apply(Command(ref, event, ACTOR, inputs))
    return ref


def grown(template: Path, to: Path, many: int) -> Path:
    """A copy of a lab that has closed so many more requests: rows of one, under other references."""
    copied(template, to)
    model = closed(to)
    database = sqlite3.connect(to, isolation_level=None)
    for pragma in ("synchronous = OFF", "journal_mode = OFF", "cache_size = -400000"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("BEGIN")
    for table, (named, which, changed) in _COPIED.items():
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        values = ", ".join({named: _REF, **changed}.get(name, name) for name in columns)
        rows = f"(SELECT * FROM {table} WHERE {named} = :model AND {which})"
        copy = f"{_NUMBERS} INSERT INTO {table} SELECT {values} FROM numbers, {rows} ORDER BY n"
        database.execute(copy, {"many": many, "model": model})
    database.execute("COMMIT")
    database.execute("PRAGMA journal_mode = WAL")
    database.close()
    return to


def _store(directory: Path, many: int) -> Path:
    """The store of so many closed requests, made once."""
    template, store = directory / f"open-{OPEN}.db", directory / f"closed-{many}.db"
    if not template.exists():
        open_lab(str(template), OPEN)
    return store if store.exists() else grown(template, store, many)


def _read(words: tuple[str, ...], *, of_one: bool, preparing: Preparing) -> tuple[Side, Side]:
    stores = [_store(preparing.directory, many) for many in (MANY, FEW)]
    env = [environment(COOP_DB=str(store), COOP_NOW=NOW) for store in stores]
    database = sqlite3.connect(stores[0])
    ref = database.execute("SELECT ref FROM requests WHERE state = 'working' ORDER BY ref").fetchone()[0]
    database.close()
    command = [str(coop()), *words, *([ref] if of_one else [])]
    ours, limit = (process(command, one) for one in env)
    return ours, limit


def _event(preparing: Preparing) -> tuple[Side, Side]:
    ours, limit = (worker(preparing.closing, "scale.py", _store(preparing.directory, many)) for many in (MANY, SOME))
    return ours, limit


def _seconds(name: str, ours: Measure, limit: Measure) -> Measure:
    return {name: ours["seconds"] / limit["seconds"]}


def contests() -> list[Contest]:
    """Measured when asked for: the largest store takes minutes to fill, and some gigabytes."""
    kinds = [(words, False) for words in COMMANDS.values()] + [((name,), True) for name in OF_ONE]
    return [
        Contest((figure,), 7, 3, partial(_read, words, of_one=one), partial(_seconds, figure.name), default=False)
        for figure, (words, one) in zip(READING, kinds, strict=True)
    ] + [Contest((EVENT,), 7, 5, _event, partial(_seconds, EVENT.name), default=False)]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--paced", action="store_true", help="wait for a line before each request")
    given = parser.parse_args()
    with opened(str(given.store)) as (_opened, clock, engine):
        holidays = holidays_of(given.store)
        taken = drive(engine, clock, holidays, range(1, 1 + given.requests), Pace(given.paced))
    print(json.dumps({"name": "coop, many closed", "transitions": len(taken), "seconds": sum(taken)}))


if __name__ == "__main__":
    main()
