"""A file of many events through `apply`: how fast against the bare driver in equal batches, and in how much memory.

    python bench/applying.py STORE FILE [--paced]

applies a file of JSON lines to a store and prints `{"name", "transitions", "seconds", "tps", "early_mb", "mb"}`: the
peak memory of the process after a fifth of the file, and at its end.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import count, islice
from pathlib import Path

from bench.figures import Contest, Figure, Measure, Pace, Preparing, Side, program, worker
from bench.lab import ACTOR, ZONE, SimulatedClock, copied, holidays_of, lines, open_lab
from bench.recording import RecordingStore, Write, Written, line_of, same_contents
from handlers.batch import BATCH, apply_file
from workflow.engine import Engine
from workflow.store.database import Store

BATCHES = 5  # of each side to a round, turn about
AFTERWARDS = datetime(2028, 1, 3, 9, tzinfo=ZONE)  # the clock: every line of the file says when it happened before
APPLY = Figure("apply", "events of a file applied ÷ bare sqlite3 in equal batches, per second", least=0.35, aim=0.5)
MEMORY = Figure("apply-memory", "peak memory at the end of that file ÷ after its first fifth", most=1.1, last=True)


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


def _prepare(preparing: Preparing) -> tuple[Side, Side]:
    directory, batch = preparing.directory, ("--batch", str(BATCH))
    template, file, recording = (directory / name for name in ("template.db", "events.jsonl", "batches.jsonl"))
    recorded, again, bare, applied = (directory / f"{name}.db" for name in ("recorded", "again", "bare", "applied"))
    if not template.exists():
        open_lab(str(template))
    file.write_text("".join(line + "\n" for line in _lines(template, preparing.times * BATCH)), "utf-8")
    _record(copied(template, recorded), file, recording)
    program("bare.py", copied(template, again), recording, *batch)
    same_contents(recorded, again)
    return (
        worker(preparing.closing, "applying.py", copied(template, applied), file),
        worker(preparing.closing, "bare.py", copied(template, bare), recording, *batch),
    )


def _ratios(ours: Measure, limit: Measure) -> Measure:
    return {"apply": limit["seconds"] / ours["seconds"], "apply-memory": ours["mb"] / ours["early_mb"]}


def contests() -> list[Contest]:
    """The figures of this module: 5000 events in the rounds there are by default, 20,000 in 19."""
    return [Contest((APPLY, MEMORY), 4, BATCHES, _prepare, _ratios)]


def peak() -> float:
    """The peak of this process's memory, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says here also counts the process that started this one
        line = next(line for line in status.read_text("utf-8").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--paced", action="store_true", help="wait for a line before each batch, and tell what it took")
    given = parser.parse_args()
    pace, clock = Pace(given.paced), time.perf_counter
    early, seconds, began = 0.0, 0.0, 0.0

    def watch(done: int, total: int) -> None:
        nonlocal early, seconds, began
        taken = clock() - began
        seconds += taken
        early = early if early and done > total / 5 else peak()
        pace.tell(seconds=taken, mb=peak(), early_mb=early)
        if done < total:
            pace.wait()
        began = clock()

    store = Store(str(given.store))
    pace.wait()
    began = clock()
    outcome = apply_file(Engine(store, SimulatedClock(AFTERWARDS)), str(given.file), ACTOR, advance=watch)
    store.close()
    assert outcome.exit == 0, next(result for result in outcome.results if result.error)
    told = {"name": "coop apply", "transitions": outcome.applied, "seconds": seconds}
    print(json.dumps({**told, "tps": outcome.applied / seconds, "early_mb": early, "mb": peak()}))


if __name__ == "__main__":
    main()
