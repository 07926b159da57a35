"""One durable transition: the engine against the bare driver that writes the same rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from bench.figures import Contest, Figure, Side, child
from bench.lab import STEPS, copied, open_lab
from bench.recording import line_of, record, same_contents

TRANSITION = Figure("transition", "one transition of the engine ÷ bare sqlite3, per second", least=0.45, aim=0.75)
PROCESSOR = Figure("transition-normal", "the same without waiting for the disk (synchronous=NORMAL)")
REQUESTS, WARM = 60, 20  # requests timed, and led before the clock starts


def _prepare(synchronous: str, directory: Path) -> tuple[Side, Side]:
    template, recording = directory / "template.db", directory / "recording.jsonl"
    if not template.exists():
        open_lab(str(template))
    if not recording.exists():
        recorded = copied(template, directory / "recorded.db")
        written = record(recorded, range(WARM + REQUESTS))
        recording.write_text("".join(line_of(one) for one in written), "utf-8")
        again = copied(template, directory / "again.db")
        child("bare.py", again, recording)
        same_contents(recorded, again)
    how = ("--synchronous", synchronous)

    def ours() -> Mapping[str, float]:
        numbers = ("--requests", str(REQUESTS), "--first", str(WARM), "--warm", str(WARM))
        return child("contestant.py", "--store", template, *numbers, *how)

    def limit() -> Mapping[str, float]:
        fresh = copied(template, directory / "bare.db")
        return child("bare.py", fresh, recording, "--skip", str(WARM * STEPS), *how)

    return ours, limit


def _per_second(name: str) -> Callable[[Mapping[str, float], Mapping[str, float]], Mapping[str, float]]:
    return lambda ours, limit: {name: ours["tps"] / limit["tps"]}


def contests() -> list[Contest]:
    """The figures of this module."""
    return [
        Contest((TRANSITION,), 9, partial(_prepare, "full"), _per_second("transition")),
        Contest((PROCESSOR,), 5, partial(_prepare, "normal"), _per_second("transition-normal"), default=False),
    ]
