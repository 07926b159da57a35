"""`db verify` and `db rebuild` of a long history: against one pass that reads and hashes it, and in how much memory.

    python bench/verifying.py verify|rebuild|pass STORE

does that once and prints `{"seconds", "mb"}`: the processor's time, and the peak of the process's memory.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench.applying import peak
from bench.bare import digest
from bench.contestant import drive
from bench.figures import HERE, Contest, Figure, Measure, Preparing, Side, answered
from bench.lab import STEPS, holidays_of, open_lab, opened
from states.canonical import canonical
from workflow.history.entries import ORIGIN, from_row, sealed, to_row
from workflow.integrity.rebuilding import rebuild
from workflow.integrity.verification import verify

MANY, FEW = 1_000_000, 100_000  # entries
WORK = ("verify", "rebuild")
ALL = f"{MANY:,} entries ÷"
TIME = {name: Figure(f"db-{name}", f"coop db {name}, {ALL} one pass over them", most=4, aim=2) for name in WORK}
MEMORY = {name: Figure(f"db-{name}-memory", f"peak memory of db {name}, {ALL} {FEW:,}", most=1.2) for name in WORK}


def filled(directory: Path, entries: int) -> Path:
    """A store with so many entries: one request, closed, under other references, each history with its own chain."""
    store = directory / f"entries-{entries}.db"
    if store.exists():
        return store
    open_lab(str(store), 0)
    with opened(str(store)) as (opened_store, clock, engine):
        drive(engine, clock, holidays_of(store), [0])
        database = sqlite3.connect(store, isolation_level=None)
        database.row_factory = sqlite3.Row
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN")
        model = database.execute("SELECT * FROM entries WHERE stream <> 'lab' ORDER BY seq").fetchall()
        texts = database.execute("SELECT * FROM vault WHERE stream = ?", (model[0]["stream"],)).fetchall()
        for number in range(2, entries // STEPS + 1):
            _add(database, "entries", _history(model, f"2026-{number:04}", number))
            _add(database, "vault", ({**dict(text), "stream": f"2026-{number:04}"} for text in texts))
        database.execute("COMMIT")
        database.close()
        rebuild(opened_store, clock, lambda _done, _total: None)
    return store


def _history(model: list[Any], ref: str, number: int) -> Iterator[dict[str, Any]]:
    previous = ORIGIN
    for row in model:
        entry = from_row(_Named(row))._replace(stream=ref, previous=previous)
        if row["seq"] == 1:
            entry = entry._replace(data={**entry.data, "external_id": f"dossier-{number}"})
        entry = sealed(entry)
        previous = entry.digest
        yield to_row(entry)


class _Named:
    """A row read by attribute."""

    def __init__(self, row: Any) -> None:
        self.__dict__.update(dict(row))


def _add(database: sqlite3.Connection, table: str, rows: Iterator[dict[str, Any]]) -> None:
    values = list(rows)
    names = ", ".join(values[0])
    database.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{n}' for n in values[0])})", values)


def one_pass(store: Path) -> None:
    """Reads each entry and each text of the vault, and hashes it as it was hashed when it was written."""
    database = sqlite3.connect(store)
    columns = [row[1] for row in database.execute("PRAGMA table_info(entries)")]
    behalf, data = columns.index("on_behalf"), columns.index("data")
    for found in database.execute("SELECT * FROM entries ORDER BY stream, seq"):
        row = list(found)
        row[behalf], row[data] = bool(row[behalf]), json.loads(row[data])
        assert digest(canonical(row[:-1])) == row[-1]
    for salt, value in database.execute("SELECT salt, value FROM vault ORDER BY stream, seq, field"):
        hashlib.sha256((salt + canonical(json.loads(value))).encode()).hexdigest()


def _measured(work: str, store: Path) -> Measure:
    return answered([sys.executable, HERE / "verifying.py", work, store])


def _times(name: str, preparing: Preparing) -> tuple[Side, Side]:
    store = filled(preparing.directory, MANY)
    return partial(_measured, name, store), partial(_measured, "pass", store)


def _memory(name: str, preparing: Preparing) -> tuple[Side, Side]:
    many, few = (filled(preparing.directory, entries) for entries in (MANY, FEW))
    return partial(_measured, name, many), partial(_measured, name, few)


def _ratio(figure: str, of: str, ours: Measure, limit: Measure) -> Measure:
    return {figure: ours[of] / limit[of]}


def contests() -> list[Contest]:
    """Measured when asked for: the long history takes minutes to make, and gigabytes."""
    return [
        *(
            Contest((figure,), 3, 1, partial(_times, name), partial(_ratio, figure.name, "seconds"), default=False)
            for name, figure in TIME.items()
        ),
        *(
            Contest((figure,), 1, 1, partial(_memory, name), partial(_ratio, figure.name, "mb"), default=False)
            for name, figure in MEMORY.items()
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("work", choices=(*WORK, "pass"))
    parser.add_argument("store", type=Path)
    given = parser.parse_args()
    with opened(str(given.store)) as (store, clock, _engine):
        began = time.process_time()
        if given.work == "pass":
            one_pass(given.store)
        elif given.work == "verify":
            assert not verify(store, clock, lambda _done, _total: None).problems
        else:
            rebuild(store, clock, lambda _done, _total: None)
        print(json.dumps({"seconds": time.process_time() - began, "mb": peak()}))


if __name__ == "__main__":
    main()
