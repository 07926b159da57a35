"""`make soak`: every course at full length, or `--kills 200` tries of one and `--races 0` of another."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from random import Random, SystemRandom

from soak.course import Course, Tally
from soak.failovers import FAILOVERS
from soak.inputs import INPUTS
from soak.kills import KILLS
from soak.races import RUNS
from soak.stops import STOPS

COURSES: tuple[Course, ...] = (KILLS, STOPS, RUNS, FAILOVERS, INPUTS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    seed = _asked("seed", SystemRandom().randrange(10**6))
    parser.add_argument("--seed", type=int, default=seed, help="draws the same tries again")
    for course in COURSES:
        default = _asked(course.name, course.full)
        parser.add_argument(f"--{course.name}", type=int, default=default, metavar="N", help=f"{course.full}")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends it is told what was tried
    print(f"seed {asked.seed}", flush=True)
    tallies = []
    try:
        for course in COURSES:
            tally = Tally(course.name, getattr(asked, course.name))
            tallies.append(tally)
            if tally.wanted:
                course.run(tally, Random(f"{asked.seed} {course.name}"))
    except KeyboardInterrupt:
        print("\nInterrupted: what was tried so far", file=sys.stderr)
    table(tallies)
    return any(tally.broken for tally in tallies)


def _asked(name: str, default: int) -> int:
    """What `make soak NAME=…` asks for: make gives it as a variable."""
    return int(os.environ.get(name.upper(), default))


def table(tallies: list[Tally]) -> None:
    print(f"\n{'course':10} {'kind':32} {'tried':>9} {'broken':>7}  of which")
    for tally in tallies:
        for name, kind in sorted(tally.kinds.items()):
            figures = ", ".join(f"{number} {figure}" for figure, number in sorted(kind.figures.items()))
            print(f"{tally.course:10} {name:32} {kind.tried:9} {kind.broken:7}  {figures}")
        print(f"{tally.course:10} {'all':32} {tally.tried:9} {tally.broken:7}")


if __name__ == "__main__":
    sys.exit(main())
