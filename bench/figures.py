"""What a figure is: a ratio of two sides taken inside one round, and the bound it must keep."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.lab import environment

HERE = Path(__file__).resolve().parent
Side = Callable[[], Mapping[str, float]]


@dataclass(frozen=True)
class Figure:
    """One line of the table. `most` or `least` is the bound; `aim` is what we would like beyond it."""

    name: str
    about: str
    most: float | None = None
    least: float | None = None
    aim: float | None = None

    def keeps(self, ratio: float) -> bool:
        """Whether the ratio is within the bound; a figure without one is only shown."""
        return not ((self.most is not None and ratio > self.most) or (self.least is not None and ratio < self.least))

    @property
    def target(self) -> str:
        bound = f"≤ {self.most:g}" if self.most is not None else f"≥ {self.least:g}" if self.least is not None else "–"
        return bound + (f", aim {self.aim:g}" if self.aim is not None else "")


@dataclass(frozen=True)
class Contest:
    """Two sides measured in turn, and the figures their measures give.

    `prepare` makes in a directory whatever both need, and gives our side and the limit; `ratios` compares one measure
    of each. Nothing that `prepare` does is timed.
    """

    figures: tuple[Figure, ...]
    rounds: int
    prepare: Callable[[Path], tuple[Side, Side]]
    ratios: Callable[[Mapping[str, float], Mapping[str, float]], Mapping[str, float]]
    default: bool = True  # measured when no name is asked for


@dataclass
class Measured:
    """What the rounds gave for one figure."""

    figure: Figure
    ratios: list[float] = field(default_factory=list)
    ours: list[Mapping[str, float]] = field(default_factory=list)
    limit: list[Mapping[str, float]] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return median(self.ratios)

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


def _medians(measures: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: round(median(m[name] for m in measures), 6) for name in measures[0]} if measures else {}


def measure(contest: Contest, directory: Path, rounds: int, tell: Callable[[str], None]) -> list[Measured]:
    """Round 0 warms both sides up and is dropped. Who goes first changes from one round to the next."""
    ours, limit = contest.prepare(directory)
    found = [Measured(figure) for figure in contest.figures]
    for number in range(rounds + 1):
        tell(f"{contest.figures[0].name}: round {number} of {rounds}")
        if number % 2:
            of_limit = limit()
            of_ours = ours()
        else:
            of_ours = ours()
            of_limit = limit()
        if number:
            ratios = contest.ratios(of_ours, of_limit)
            for one in found:
                one.ratios.append(ratios[one.figure.name])
                one.ours.append(of_ours)
                one.limit.append(of_limit)
    return found


def process(command: Sequence[str | Path], env: Mapping[str, str]) -> float:
    """The seconds a command takes from its start to its end."""
    began = time.perf_counter()
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def child(script: str, *arguments: str | Path) -> dict[str, float]:
    """Runs a program of this folder in a process of its own: the numbers of the JSON line it prints last."""
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    done = subprocess.run(command, env=environment(), check=True, stdout=subprocess.PIPE, text=True)
    line = next(line for line in reversed(done.stdout.splitlines()) if line.startswith("{"))
    return {name: value for name, value in json.loads(line).items() if isinstance(value, int | float)}


def only(name: str, value: float) -> Mapping[str, float]:
    """A measure of one number."""
    return {name: value}
