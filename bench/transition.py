"""One durable transition: the engine against the bare driver that writes the same rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bench.figures import Contest, Figure, Measure, Preparing, Side, program, worker
from bench.lab import STEPS, copied, open_lab
from bench.recording import line_of, record, same_contents

TRANSITION = Figure("transition", "one transition of the engine ÷ bare sqlite3, per second", least=0.65, aim=0.75)
P99 = Figure("transition-p99", "its 99th percentile ÷ that of bare sqlite3", most=2.0, aim=1.3)
PROCESSOR = Figure("transition-normal", "the same without waiting for the disk (synchronous=NORMAL)", least=0.55)
REQUESTS = 10  # of each side to a round, turn about
SLICE = 6  # requests to a slice of the percentile: a hundred events


def _prepare(synchronous: str, sized: int, preparing: Preparing) -> tuple[Side, Side]:
    directory, requests = preparing.directory, preparing.times * sized
    template, recording = directory / "template.db", directory / "recording.jsonl"
    recorded, again, bare = (directory / name for name in ("recorded.db", "again.db", "bare.db"))
    if not template.exists():
        open_lab(str(template))
    written = record(copied(template, recorded), range(requests))
    recording.write_text("".join(line_of(one) for one in written), "utf-8")
    program("bare.py", copied(template, again), recording)
    same_contents(recorded, again)
    slices, how = ("--slice", str(STEPS * sized)), ("--synchronous", synchronous)
    ours = ("--store", template, "--requests", str(requests), "--warm", "1", "--slice", str(sized))
    return (
        worker(preparing.closing, "contestant.py", *ours, *how),
        worker(preparing.closing, "bare.py", copied(template, bare), recording, *slices, *how),
    )


def _per_second(name: str) -> Callable[[Measure, Measure], Measure]:
    return lambda ours, limit: {name: limit["seconds"] / ours["seconds"]}


def _p99(ours: Measure, limit: Measure) -> Measure:
    return {P99.name: ours["p99"] / limit["p99"]}


def contests() -> list[Contest]:
    """The figures of this module."""
    return [
        Contest((TRANSITION,), 11, REQUESTS, partial(_prepare, "full", 1), _per_second("transition")),
        Contest(
            (P99,), 7, 5, partial(_prepare, "full", SLICE), lambda ours, limit: {P99.name: ours["p99"] / limit["p99"]}
        ),
        Contest(
            (PROCESSOR,), 11, REQUESTS, partial(_prepare, "normal", 1), _per_second("transition-normal"), default=False
        ),
    ]
