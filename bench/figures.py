"""What a figure is: a ratio of two sides taken inside one round, and the bound it must keep."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from statistics import median
from typing import Any

from bench.lab import environment

HERE = Path(__file__).resolve().parent
Measure = Mapping[str, float]
Side = Callable[[], Measure]  # measures once


@dataclass(frozen=True)
class Figure:
    """One line of the table. `most` or `least` is the bound; `aim` is what we would like beyond it."""

    name: str
    about: str
    most: float | None = None
    least: float | None = None
    aim: float | None = None
    last: bool = False  # what counts is the last round, not the median of all

    def keeps(self, ratio: float) -> bool:
        """Whether the ratio is within the bound; a figure without one is only shown."""
        return not ((self.most is not None and ratio > self.most) or (self.least is not None and ratio < self.least))

    @property
    def target(self) -> str:
        bound = f"≤ {self.most:g}" if self.most is not None else f"≥ {self.least:g}" if self.least is not None else "–"
        return bound + (f", aim {self.aim:g}" if self.aim is not None else "")


@dataclass(frozen=True)
class Preparing:
    """Where a contest prepares: a directory, how often each side will be asked, and what is closed at the end."""

    directory: Path
    times: int
    closing: ExitStack


@dataclass(frozen=True)
class Contest:
    """Two sides measured in turn, and the figures their measures give.

    `prepare` makes whatever both need, and gives our side and the limit; nothing it does is timed. In each round every
    side is asked `turns` times; `ratios` compares the medians of their answers.
    """

    figures: tuple[Figure, ...]
    rounds: int
    turns: int
    prepare: Callable[[Preparing], tuple[Side, Side]]
    ratios: Callable[[Measure, Measure], Measure]
    default: bool = True  # measured when no name is asked for


@dataclass
class Measured:
    """What the rounds gave for one figure."""

    figure: Figure
    ratios: list[float] = field(default_factory=list)
    ours: list[Measure] = field(default_factory=list)
    limit: list[Measure] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return self.ratios[-1] if self.figure.last else median(self.ratios)

    @property
    def ok(self) -> bool:
        return self.figure.keeps(self.ratio)

    def document(self) -> dict[str, Any]:
        """The figure for a program: the ratio and its spread, then what each side measured, by its own median."""
        return {
            "name": self.figure.name,
            "about": self.figure.about,
            "ratio": round(self.ratio, 4),
            "min": round(min(self.ratios), 4),
            "max": round(max(self.ratios), 4),
            "rounds": len(self.ratios),
            "most": self.figure.most,
            "least": self.figure.least,
            "aim": self.figure.aim,
            "ok": self.ok,
            "ours": _medians(self.ours),
            "limit": _medians(self.limit),
        }


def _medians(measures: Sequence[Measure]) -> dict[str, float]:
    return {name: round(median(m[name] for m in measures), 6) for name in measures[0]}


def measure(contest: Contest, directory: Path, rounds: int, tell: Callable[[str], None]) -> list[Measured]:
    """Both sides turn about, round after round. Round 0 warms them up and is dropped; who goes first alternates."""
    found = [Measured(figure) for figure in contest.figures]
    with ExitStack() as closing:
        tell(f"{contest.figures[0].name}: preparing")
        sides = contest.prepare(Preparing(directory, (rounds + 1) * contest.turns, closing))
        for number in range(rounds + 1):
            tell(f"{contest.figures[0].name}: round {number} of {rounds}")
            asked: tuple[list[Measure], list[Measure]] = ([], [])
            for turn in range(contest.turns):
                first = (number + turn) % 2
                for which in (first, 1 - first):
                    asked[which].append(sides[which]())
            if number:
                ours, limit = _medians(asked[0]), _medians(asked[1])
                ratios = contest.ratios(ours, limit)
                for one in found:
                    one.ratios.append(ratios[one.figure.name])
                    one.ours.append(ours)
                    one.limit.append(limit)
    return found


def process(command: Sequence[str | Path], env: Mapping[str, str]) -> Side:
    """A side that times a command, from its start to its end."""
    return processes(repeat(command), env)


def processes(commands: Iterator[Sequence[str | Path]], env: Mapping[str, str]) -> Side:
    """A side that times another command each time it is asked, from its start to its end."""

    def run() -> Measure:
        command = next(commands)
        began = time.perf_counter()
        subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
        return {"seconds": time.perf_counter() - began}

    return run


def answered(command: Sequence[str | Path]) -> Measure:
    """What a program of the bench has measured of itself, and prints."""
    found = subprocess.run(command, env=environment(), check=True, stdout=subprocess.PIPE, text=True).stdout
    measure: Measure = json.loads(found)
    return measure


def busy(command: Sequence[str | Path], env: Mapping[str, str]) -> Side:
    """A side that measures a command's processor time, user and system, and the most memory it held, in megabytes."""

    def run() -> Measure:
        child = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
        _pid, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"{' '.join(map(str, command))}: exit {child.returncode}")
        return {"seconds": used.ru_utime + used.ru_stime, "megabytes": used.ru_maxrss / 1024}

    return run


def program(script: str, *arguments: str | Path) -> None:
    """Runs a program of this folder to its end."""
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    subprocess.run(command, env=environment(), check=True, stdout=subprocess.DEVNULL)


def worker(closing: ExitStack, script: str, *arguments: str | Path) -> Side:
    """A side kept running: each time it is asked, it does its next slice of work and tells what that took.

    The slices of two workers alternate every few hundredths of a second, so what disturbs the machine disturbs both.
    """
    command = [sys.executable, str(HERE / script), *map(str, arguments), "--paced"]
    pipe = subprocess.PIPE
    child = closing.enter_context(subprocess.Popen(command, env=environment(), stdin=pipe, stdout=pipe, text=True))
    assert child.stdin
    assert child.stdout
    to, back = child.stdin, child.stdout
    closing.callback(child.terminate)

    def ask() -> Measure:
        to.write("\n")
        to.flush()
        line = back.readline()
        if not line:
            raise SystemExit(f"{script} ended early")
        found: dict[str, float] = json.loads(line)
        return found

    return ask


class Pace:
    """The other end: waits to be asked before each slice, and tells what it took."""

    def __init__(self, paced: bool) -> None:
        self.paced = paced

    def wait(self) -> None:
        if self.paced:
            sys.stdin.readline()

    def tell(self, **measured: float) -> None:
        if self.paced:
            print(json.dumps(measured), flush=True)
