"""The limit: the bare driver writing the rows of a recording again, and nothing else.

`sqlite3`, or `psycopg` for a URL. One connection kept open, one transaction per event (or per `--batch` events), each
statement executed by itself. SQLite: WAL, synchronous=FULL, BEGIN IMMEDIATE. PostgreSQL: BEGIN, each statement and
COMMIT a plain round trip.
Every value is prepared before the clock starts, except what any program that keeps this history must compute itself:
the canonical JSON and the SHA-256 of the entry, of each text of the vault and of what the idempotency key stands for,
and the canonical JSON of the request. What it computes is checked against what was recorded.

    python bench/bare.py STORE RECORDING [--skip N] [--batch N] [--slice N] [--synchronous full|normal]

prints one line of JSON: `{"name", "transitions", "seconds", "tps", "p50_us", "p99_us"}`.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from bench.figures import Pace
from states.canonical import canonical  # no program needs a slower one

PREPARED = 4000  # events made ready at a time, before the clock starts
Operation = Callable[[], None]
Executing = Callable[..., Any]  # a statement, with its values


class Differs(Exception):
    """The bare driver computed something else than the engine: the two cannot be compared."""


def columns_of(text: str) -> list[str]:
    """The columns of a statement, in the order of its values."""
    if text.startswith("INSERT"):
        inside = text[text.index("(") + 1 : text.index(")")]
        return [name.strip() for name in inside.split(",")]
    return re.findall(r"(\w+)\s*=\s*\?", text)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Event:
    """The operations of one event, ready to be run inside a transaction."""

    def __init__(self, line: str, execute: Callable[..., Any]) -> None:
        found = json.loads(line)
        self._execute, self._said = execute, found["content"]
        self._digests: dict[str, str] = {}
        self.operations = [self._operation(text, values) for text, values in found["writes"]]

    def _operation(self, text: str, values: list[Any]) -> Operation:
        columns = columns_of(text)
        if text.startswith("INSERT INTO vault"):
            return self._vault(text, values, columns)
        if text.startswith("INSERT INTO entries"):
            return self._entry(text, values, columns)
        if text.startswith(("INSERT INTO requests", "UPDATE requests")):
            return self._request(text, values, columns)
        if text.startswith("INSERT INTO keys"):
            return self._key(text, values)
        return lambda: self._execute(text, values)

    def _vault(self, text: str, values: list[Any], columns: list[str]) -> Operation:
        at, field, salt = columns.index("value"), values[columns.index("field")], values[columns.index("salt")]
        value, execute, digests = json.loads(values[at]), self._execute, self._digests

        def run() -> None:
            values[at] = written = canonical(value)
            digests[field] = digest(salt + written)
            execute(text, values)

        return run

    def _entry(self, text: str, values: list[Any], columns: list[str]) -> Operation:
        row = dict(zip(columns, values, strict=True))
        data, expected = json.loads(row["data"]), values[columns.index("digest")]
        covered = list(values[: columns.index("digest")])
        at_data, at_note, at_digest = (columns.index(name) for name in ("data", "note_digest", "digest"))
        at_behalf = columns.index("on_behalf")
        covered[at_data], covered[at_behalf] = data, bool(covered[at_behalf])
        execute, digests = self._execute, self._digests

        def run() -> None:
            for field, found in digests.items():
                if field == "note":
                    covered[at_note] = values[at_note] = found
                else:
                    data[field] = {"vault": found}
            values[at_data] = canonical(data)
            values[at_digest] = found = digest(canonical(covered))
            if found != expected:
                raise Differs(text)
            execute(text, values)

        return run

    def _request(self, text: str, values: list[Any], columns: list[str]) -> Operation:
        at, execute = columns.index("document"), self._execute
        document = json.loads(values[at])

        def run() -> None:
            values[at] = canonical(document)
            execute(text, values)

        return run

    def _key(self, text: str, values: list[Any]) -> Operation:
        said, execute = self._said, self._execute

        def run() -> None:
            digest(canonical(said))
            execute(text, values)

        return run


def on_sqlite(store: str, synchronous: str) -> Executing:
    """What executes a statement on a file, on one connection kept open."""
    database = sqlite3.connect(store, isolation_level=None, cached_statements=128)
    for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON", "busy_timeout=10000"):
        database.execute(f"PRAGMA {pragma}")
    return database.cursor().execute


def on_postgresql(url: str) -> Executing:
    """What executes a statement on PostgreSQL: a plain round trip, prepared once it was seen five times."""
    import psycopg

    cursor, texts = psycopg.connect(url, autocommit=True).cursor(), {}

    def execute(text: str, values: Sequence[Any] = ()) -> None:
        known = texts.get(text) or texts.setdefault(text, text.replace("?", "%s"))
        cursor.execute(known, values)

    return execute


def write(execute: Executing, begin: str, recording: Path, *, batch: int, sized: int, pace: Pace) -> list[float]:
    """Writes a recording into a copy of the store it was made on; the seconds of each transaction.

    A slice, what is done each time one is asked for, has `sized` transactions.
    """
    taken: list[float] = []
    with recording.open(encoding="utf-8") as lines:
        slices = _slices(lines, batch * sized, execute)
        while True:
            pace.wait()
            events = next(slices, None)  # whatever this makes ready, it does while nobody else is being timed
            if events is None:
                break
            slice_taken = [_transaction(execute, begin, events[n : n + batch]) for n in range(0, len(events), batch)]
            pace.tell(seconds=sum(slice_taken), p99=p99(slice_taken))
            taken += slice_taken
    return taken


def p99(seconds: Sequence[float]) -> float:
    """What 99 in 100 of them do not exceed."""
    return sorted(seconds)[int(len(seconds) * 0.99)]


def _slices(lines: Iterable[str], size: int, execute: Callable[..., Any]) -> Iterator[list[list[Operation]]]:
    lines = iter(lines)
    while ready := [Event(line, execute).operations for line in islice(lines, PREPARED - PREPARED % size)]:
        gc.collect()
        gc.freeze()
        yield from (ready[n : n + size] for n in range(0, len(ready), size))
        gc.unfreeze()


def _transaction(execute: Executing, begin: str, events: Sequence[Sequence[Operation]]) -> float:
    clock = time.perf_counter
    began = clock()
    execute(begin)
    for operations in events:
        for operation in operations:
            operation()
    execute("COMMIT")
    return clock() - began


def told(name: str, seconds: list[float], transitions: int, **more: Any) -> None:
    """Prints the line a runner reads."""
    ordered, total = sorted(seconds), sum(seconds)
    print(
        json.dumps(
            {
                "name": name,
                "transitions": transitions,
                "seconds": round(total, 4),
                "tps": round(transitions / total, 1),
                "p50_us": round(ordered[len(ordered) // 2] * 1e6, 1),
                "p99_us": round(p99(ordered) * 1e6, 1),
                **more,
            }
        ),
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("store", help="the file of a store, or the URL of one on PostgreSQL")
    parser.add_argument("recording", type=Path)
    parser.add_argument("--skip", type=int, default=0, help="transactions written before the clock starts")
    parser.add_argument("--batch", type=int, default=1, help="events to a transaction")
    parser.add_argument("--slice", type=int, default=1, help="transactions to a slice")
    parser.add_argument("--synchronous", choices=("full", "normal"), default="full")
    parser.add_argument("--paced", action="store_true", help="wait for a line before each slice, and tell what it took")
    given = parser.parse_args()
    on_file = "://" not in given.store
    execute = on_sqlite(given.store, given.synchronous.upper()) if on_file else on_postgresql(given.store)
    begin = "BEGIN IMMEDIATE" if on_file else "BEGIN"
    taken = write(execute, begin, given.recording, batch=given.batch, sized=given.slice, pace=Pace(given.paced))
    with given.recording.open(encoding="utf-8") as lines:
        events = sum(1 for _line in lines)
    told("bare sqlite3" if on_file else "bare psycopg", taken[given.skip :], events - given.skip * given.batch)


if __name__ == "__main__":
    main()
