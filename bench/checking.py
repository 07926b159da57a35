"""`coop lifecycle check` of the shipped declaration, beside a bare machine that takes as many steps.

    python bench/checking.py check|machine [--paced]

What is timed is the processor's part of reading, checking and exploring the declaration, in a process that has
imported everything. The machine has the same states and edges, and none of the rules: it only moves.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice

from transitions import Machine

from bench.figures import Contest, Figure, Measure, Pace, Preparing, Side, worker
from states.declaration.documents import shipped
from states.lifecycle.machine import Traveller
from states.verification.exploration import survey
from states.verification.loading import load

CHECK = Figure("check", "lifecycle check ÷ a bare machine that takes as many steps", most=12, aim=10)


def contests() -> list[Contest]:
    """The check, against as many bare transitions."""
    return [Contest((CHECK,), rounds=5, turns=2, prepare=_sides, ratios=_ratio)]


def _sides(prepared: Preparing) -> tuple[Side, Side]:
    check = worker(prepared.closing, "checking.py", "check")
    return check, worker(prepared.closing, "checking.py", "machine")


def _ratio(ours: Measure, limit: Measure) -> Measure:
    return {CHECK.name: ours["seconds"] / limit["seconds"]}


def _check() -> None:
    assert not survey(load(shipped())).counterexamples


def _machine() -> Callable[[], None]:
    """Fires the edges of the declaration in turn, as often as the check finds a step."""
    declaration = load(shipped())
    steps = sum(proof.steps for proof in survey(declaration).proofs)
    edges = [
        (code, edge.source, target)
        for code, leaving in declaration.edges.items()
        for edge in leaving
        for target in edge.targets[:1]
    ]
    machine = Machine(None, states=list(declaration.states), initial=declaration.initial, auto_transitions=False)
    for code, source, target in edges:
        machine.add_transition(code, source, target)

    def fire() -> None:
        for code, source, _target in islice(cycle(edges), steps):
            assert machine.events[code].trigger(Traveller(source))

    return fire


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("side", choices=["check", "machine"])
    parser.add_argument("--paced", action="store_true", help="once each time a line is read")
    given = parser.parse_args(words)
    pace, work = Pace(given.paced), _check if given.side == "check" else _machine()
    work()
    while True:
        pace.wait()
        began = time.process_time()
        work()
        pace.tell(seconds=time.process_time() - began)
        if not given.paced:
            return


if __name__ == "__main__":
    main()
