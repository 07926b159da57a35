"""A course of hard knocks: what is tried again and again, and what came of it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from time import monotonic

from attrs import Factory, define, frozen

SHOWN = 20  # failures that are told in full


@define
class Kind:
    """The tries of one kind."""

    tried: int = 0
    figures: dict[str, int] = Factory(dict)  # what else is counted of them: kills, refusals…
    broken: int = 0


@define
class Tally:
    """What a course has tried so far, by kind; it says where it stands as it goes."""

    course: str
    wanted: int
    kinds: dict[str, Kind] = Factory(dict)
    began: float = Factory(monotonic)
    _told: float = 0.0

    @property
    def tried(self) -> int:
        return sum(kind.tried for kind in self.kinds.values())

    @property
    def broken(self) -> int:
        return sum(kind.broken for kind in self.kinds.values())

    @property
    def done(self) -> bool:
        return self.tried >= self.wanted

    @contextmanager
    def trying(self, kind: str, what: str, times: int = 1, **figures: int) -> Iterator[Kind]:
        """Counts so many tries of a kind; whatever is raised inside is a promise broken, told with `what` was tried."""
        counted = self.kinds.setdefault(kind, Kind())
        try:
            yield counted
        except Exception:
            counted.broken += 1
            if self.broken <= SHOWN:
                print(f"\n{self.course}: {kind}: {what}\n{traceback.format_exc()}", flush=True)
        counted.tried += times
        for name, number in figures.items():
            counted.figures[name] = counted.figures.get(name, 0) + number
        self._tell()

    def _tell(self) -> None:
        """A line every second on a terminal, every half a minute in a log."""
        now = monotonic()
        if now - self._told < (1 if sys.stderr.isatty() else 30) and not self.done:
            return
        self._told = now
        spent = now - self.began
        left = spent * max(0, self.wanted - self.tried) / max(1, self.tried)
        line = f"{self.course}: {self.tried} of {self.wanted}, {self.broken} broken; {spent:.0f} s, {left:.0f} s to go"
        print(f"\r{line:78}" if sys.stderr.isatty() else line, end="" if sys.stderr.isatty() else "\n", file=sys.stderr)


@frozen
class Course:
    """What `make soak` runs: its name is the option that says how many tries, 0 for none."""

    name: str
    full: int  # tries of a run at full length
    run: Callable[[Tally, Random], None]  # goes on until the tally is done
