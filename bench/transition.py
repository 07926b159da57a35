"""One durable transition: the engine against the bare driver that writes the same rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bench.figures import Contest, Figure, Measure, Preparing, Side, program, worker
from bench.lab import STEPS, copied, open_lab
from bench.recording import line_of, record, same_contents

TRANSITION = Figure("transition", "one transition of the engine ÷ bare sqlite3, per second", least=0.45, aim=0.75)
PROCESSOR = Figure("transition-normal", "the same without waiting for the disk (synchronous=NORMAL)")
REQUESTS = 10  # of each side to a round, turn about


def _prepare(synchronous: str, preparing: Preparing) -> tuple[Side, Side]:
    directory = preparing.directory
    template, recording = directory / "template.db", directory / "recording.jsonl"
    recorded, again, bare = (directory / name for name in ("recorded.db", "again.db", "bare.db"))
    if not template.exists():
        open_lab(str(template))
    written = record(copied(template, recorded), range(preparing.times))
    recording.write_text("".join(line_of(one) for one in written), "utf-8")
    program("bare.py", copied(template, again), recording)
    same_contents(recorded, again)
    slices, how = ("--slice", str(STEPS)), ("--synchronous", synchronous)
    ours = ("--store", template, "--requests", str(preparing.times), "--warm", "1")
    return (
        worker(preparing.closing, "contestant.py", *ours, *how),
        worker(preparing.closing, "bare.py", copied(template, bare), recording, *slices, *how),
    )


def _per_second(name: str) -> Callable[[Measure, Measure], Measure]:
    return lambda ours, limit: {name: limit["seconds"] / ours["seconds"]}


def contests() -> list[Contest]:
    """The figures of this module."""
    return [
        Contest((TRANSITION,), 11, REQUESTS, partial(_prepare, "full"), _per_second("transition")),
        Contest(
            (PROCESSOR,), 11, REQUESTS, partial(_prepare, "normal"), _per_second("transition-normal"), default=False
        ),
    ]
