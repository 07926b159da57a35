"""A million inputs, as strangers write them: each is taken, or refused in a sentence."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from random import Random

from hostile import held_to, mutated, swollen
from strangers import readers, tried

from soak.course import Course, Tally
from workflow.testing import Lab

SECONDS = 5  # of the processor, for one input of some kilobytes
SHARE = 10  # of so many turns, one is a slow reader's
FRESH = 20_000  # inputs after which a new lab is opened: what is taken is stored


def run(tally: Tally, random: Random) -> None:
    megabytes = swollen()
    while not tally.done:
        with tempfile.TemporaryDirectory() as folder, _lab(Path(folder)) as lab:
            everything = readers(lab, Path(folder))
            for name, what, data in megabytes:
                with tally.trying(f"{name}, a megabyte", what):
                    problem = held_to(everything[name], data)
                    assert not problem, problem
            for turn, (name, reader) in enumerate(cycle(everything.items())):
                if turn == FRESH or tally.done:
                    break
                if reader.slow and random.randrange(SHARE):
                    continue
                data = mutated(random, reader.samples)
                with tally.trying(name, repr(data[:2000])) as kind, _in_time():
                    taken = tried(reader, data)
                    kind.figures["taken"] = kind.figures.get("taken", 0) + taken
            with tally.trying("the store after them", "verify", 0):
                assert lab.verify().problems == []


@contextmanager
def _lab(folder: Path) -> Iterator[Lab]:
    lab = Lab.open(f"sqlite:///{folder / 'lab.db'}")
    try:
        lab.request()
        yield lab
    finally:
        lab.close()


@contextmanager
def _in_time() -> Iterator[None]:
    def late(_signal: int, _frame: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


INPUTS = Course("inputs", 1_000_000, run)
