"""A file of many events through `apply`: how fast against the bare driver in equal batches, and in how much memory.

    python bench/applying.py STORE FILE

applies a file of JSON lines to a store and prints `{"name", "transitions", "seconds", "tps", "early_mb", "late_mb"}`:
the peak memory of the process after a fifth of the file, and at its end.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import count, islice
from pathlib import Path

from bench.figures import Contest, Figure, Side, child
from bench.lab import ACTOR, ZONE, SimulatedClock, copied, holidays_of, lines, open_lab
from bench.recording import RecordingStore, Write, Written, line_of, same_contents
from handlers.batch import BATCH, apply_file
from workflow.engine import Engine
from workflow.store import Store

EVENTS = 5000
AFTERWARDS = datetime(2028, 1, 3, 9, tzinfo=ZONE)  # the clock: every line of the file says when it happened before
APPLY = Figure("apply", "events of a file applied ÷ bare sqlite3 in equal batches, per second", least=0.25)
MEMORY = Figure("apply-memory", "peak memory at the end of that file ÷ after its first fifth", most=1.1)


def _lines(template: Path, events: int) -> Iterator[str]:
    holidays = holidays_of(template)
    return islice((line for number in count() for line in lines(number, holidays)), events)


def _record(store_file: Path, file: Path, recording: Path) -> None:
    """Applies the file on a store of its own, and keeps what each line made the engine write."""
    store = RecordingStore(str(store_file))
    with file.open(encoding="utf-8") as given, recording.open("w", encoding="utf-8") as kept:

        def keep(_done: int, _total: int) -> None:
            for writes in _by_line(store.take()[0]):
                content = json.loads(next(given))
                kept.write(line_of(Written(content.get("event", "submit"), content, writes)))

        outcome = apply_file(Engine(store, SimulatedClock(AFTERWARDS)), str(file), ACTOR, advance=keep)
    store.close()
    assert outcome.exit == 0, next(result for result in outcome.results if result.error)


def _by_line(writes: list[Write]) -> Iterator[list[Write]]:
    """The writes of a batch, line by line: every line has a key, which is written last."""
    one: list[Write] = []
    for write in writes:
        one.append(write)
        if write[0].startswith("INSERT INTO keys"):
            yield one
            one = []
    assert not one, one


def _prepare(events: int, directory: Path) -> tuple[Side, Side]:
    template, file, recording = (directory / name for name in ("template.db", "events.jsonl", "batches.jsonl"))
    if not template.exists():
        open_lab(str(template))
    file.write_text("".join(line + "\n" for line in _lines(template, events)), "utf-8")
    recorded, again = (copied(template, directory / name) for name in ("recorded.db", "again.db"))
    _record(recorded, file, recording)
    child("bare.py", again, recording, "--batch", str(BATCH))
    same_contents(recorded, again)

    def ours() -> Mapping[str, float]:
        return child("applying.py", copied(template, directory / "applied.db"), file)

    def limit() -> Mapping[str, float]:
        return child("bare.py", copied(template, directory / "bare.db"), recording, "--batch", str(BATCH))

    return ours, limit


def _ratios(ours: Mapping[str, float], limit: Mapping[str, float]) -> Mapping[str, float]:
    return {"apply": ours["tps"] / limit["tps"], "apply-memory": ours["late_mb"] / ours["early_mb"]}


def contests(events: int = EVENTS) -> list[Contest]:
    """The figures of this module, over so many events."""
    return [Contest((APPLY, MEMORY), 3, partial(_prepare, events), _ratios)]


def _peak() -> float:
    """The peak of this process's memory, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("file", type=Path)
    given = parser.parse_args()
    early: list[float] = []

    def watch(done: int, total: int) -> None:
        if not early and done >= total / 5:
            early.append(_peak())

    store = Store(str(given.store))
    began = time.perf_counter()
    outcome = apply_file(Engine(store, SimulatedClock(AFTERWARDS)), str(given.file), ACTOR, advance=watch)
    seconds = time.perf_counter() - began
    store.close()
    assert outcome.exit == 0, next(result for result in outcome.results if result.error)
    told = {"name": "coop apply", "transitions": outcome.applied, "seconds": seconds}
    print(json.dumps({**told, "tps": outcome.applied / seconds, "early_mb": early[0], "late_mb": _peak()}))


if __name__ == "__main__":
    main()
