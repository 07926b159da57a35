"""What tests/states notices: each mutant is a change of one thing in states/, and is killed when a test fails of it.

    python bench/mutants.py [--sample N] [--seed S] [--children N] [GLOB …]   e.g. "states.risks.*"; without, all of it

With --sample, N of them drawn at random, the same ones for the same seed and code, and how sure that makes the share.
They are tried in the order drawn, so that a run cut short is a smaller draw; each verdict is printed as it comes.
mutmut makes them and runs the tests. It leaves decorated functions alone, since a decorator may do anything; ours bind
a guard to its name or make a property, so their bodies are changed too. Constants of modules are not. Each mutant runs
in a process that has imported libraries and nothing of ours: what is answered when a module is imported, it answers.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib import import_module
from math import sqrt
from typing import Any

import libcst
from mutmut import __main__ as mutmut
from mutmut.mutation import file_mutation
from mutmut.runners.harness import PytestRunner
from mutmut.state import state

HARMLESS = ("guard", "property", "cached_property", "cache", "staticmethod", "classmethod")  # decorators
KILLED, ALIVE, UNSEEN, ENDLESS = "killed", "alive", "no test goes there", "killed, out of time"
LIBRARIES = ("pytest", "attrs", "cattrs", "babel.dates", "holidays")  # too dear to import again for each mutant
VERDICTS = {0: ALIVE, 5: UNSEEN, 33: UNSEEN}  # the exit code of the tests, or that there was none to run
VERDICTS |= dict.fromkeys((36, 24, -24, 152, 255), ENDLESS)
_skips = file_mutation.MutationVisitor._skip_node_and_children
_arranged = file_mutation.function_trampoline_arrangement
_arguments, _register = PytestRunner._pytest_args_regular_run, mutmut._register_mutant_result


def _name(decorator: libcst.Decorator) -> str:
    expression = decorator.decorator
    if isinstance(expression, libcst.Call):
        expression = expression.func
    return expression.value if isinstance(expression, libcst.Name) else ""


def _skip(visitor: file_mutation.MutationVisitor, node: libcst.CSTNode) -> bool:
    if isinstance(node, libcst.FunctionDef) and all(_name(one) in HARMLESS for one in node.decorators):
        return False
    return bool(_skips(visitor, node))


def _arrange(
    function: libcst.FunctionDef, mutants: Iterable[file_mutation.Mutation], class_name: str | None
) -> tuple[Sequence[libcst.CSTNode], Sequence[libcst.CSTNode], Sequence[libcst.CSTNode], Sequence[str]]:
    """The decorators stay on the function that chooses; the original and the mutants it chooses from are bare."""
    if {_name(one) for one in function.decorators} <= {"staticmethod", "classmethod"}:
        return _arranged(function, mutants, class_name)
    before, nodes, after, names = _arranged(function.with_changes(decorators=[]), mutants, class_name)
    chooser = nodes[0]
    assert isinstance(chooser, libcst.FunctionDef)
    return (
        before,
        [chooser.with_changes(decorators=[*function.decorators, *chooser.decorators]), *nodes[1:]],
        after,
        names,
    )


def _warm_up(_runner: PytestRunner) -> None:
    for name in LIBRARIES:
        import_module(name)


def _quickest_first(runner: PytestRunner, tests: Iterable[str]) -> list[str]:
    """Most mutants die of a test of a millisecond: an exploration is for those that outlive them."""
    return _arguments(runner, sorted(tests, key=lambda test: (state().duration_by_test.get(test, 0), test)))


def _say(result: Any, of: dict[str, Any]) -> None:
    _register(result, of)
    print(f"\n{VERDICTS.get(result.exit_code, KILLED)}: {result.mutant_name}", flush=True)


def draw(sample: int, seed: int) -> None:
    """Has mutmut try only so many of the mutants it would, in the order drawn."""
    collect = mutmut.collect_source_file_mutation_data

    def collected(*, mutant_names: tuple[str, ...]) -> tuple[list[Any], dict[str, Any]]:
        mutants, by_path = collect(mutant_names=mutant_names)
        mutants.sort(key=lambda mutant: mutant[1])
        return random.Random(seed).sample(mutants, min(sample, len(mutants))), by_path

    mutmut.collect_source_file_mutation_data = collected
    mutmut.estimated_worst_case_time = lambda _name: 0  # by which it would sort them


def likely(alive: int, tried: int) -> tuple[float, float]:
    """Between what shares the true one is, 19 times in 20 (Wilson), when `alive` are of `tried` drawn at random."""
    share, z = alive / tried, 1.96
    middle, spread = share + z * z / (2 * tried), z * sqrt(share * (1 - share) / tried + (z / (2 * tried)) ** 2)
    return (middle - spread) / (1 + z * z / tried), (middle + spread) / (1 + z * z / tried)


def tally(globs: tuple[str, ...], whole: int) -> int:
    """Prints the mutants alive and, by module, how many were tried; the exit code says whether one in ten is."""
    counts: dict[str, Counter[str]] = {}
    # What was drawn a moment ago is drawn again, now with its verdict.
    for data, name, _before in mutmut.collect_source_file_mutation_data(mutant_names=globs)[0]:
        verdict = VERDICTS.get(data.exit_code_by_key[name], KILLED)
        counts.setdefault(str(data.path), Counter())[verdict] += 1
        if verdict != KILLED:
            print(f"{verdict}: {name}")
    for path, found in sorted(counts.items()):
        print(f"{path:45} {found[KILLED] + found[ENDLESS]:5} of {found.total():5} killed")
    total = sum(counts.values(), Counter[str]())
    tried, alive = total.total(), total[ALIVE] + total[UNSEEN]
    print(f"{tried} tried of {whole}, {alive} alive: {100 * alive / max(1, tried):.1f} %; {total[ENDLESS]} out of time")
    if 0 < tried < whole:
        low, high = likely(alive, tried)
        print(f"Drawn at random: the whole would leave {100 * low:.1f} to {100 * high:.1f} % (19 times in 20)")
    return int(10 * alive > tried)


def main() -> int:
    parser = argparse.ArgumentParser(description="What tests/states does not notice of changes in states/")
    parser.add_argument("globs", nargs="*", default=["states.*"])
    parser.add_argument("--sample", type=int, help="how many to draw at random; all of them otherwise")
    parser.add_argument("--seed", type=int, default=1, help="of what is drawn: another one, another draw")
    parser.add_argument("--children", type=int, default=2, help="how many processes")
    asked = parser.parse_args()
    file_mutation.MutationVisitor._skip_node_and_children = _skip
    file_mutation.function_trampoline_arrangement = _arrange
    PytestRunner.warm_up, PytestRunner._pytest_args_regular_run = _warm_up, _quickest_first
    mutmut._register_mutant_result = _say
    globs, collect = tuple(asked.globs), mutmut.collect_source_file_mutation_data
    if asked.sample:
        draw(asked.sample, asked.seed)
    shutil.rmtree("mutants/tests", ignore_errors=True)  # copied again, without the tests that are no more
    mutmut._run(globs, max_children=asked.children)
    return tally(globs, len(collect(mutant_names=globs)[0]))


if __name__ == "__main__":
    sys.exit(main())
