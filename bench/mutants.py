"""What tests/states notices: each mutant is a change of one thing in states/, and is killed when a test fails of it.

    python bench/mutants.py [GLOB …]        e.g. "states.risks.*"; without one, all of states/

mutmut makes them and runs the tests. It leaves decorated functions alone, since a decorator may do anything; ours bind
a guard to its name or make a property, so their bodies are changed too. Constants of modules are not.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence

import libcst
from mutmut import __main__ as mutmut
from mutmut.mutation import file_mutation

HARMLESS = ("guard", "property", "cached_property", "cache", "staticmethod", "classmethod")  # decorators
KILLED, ALIVE, UNSEEN = "killed", "alive", "no test goes there"
VERDICTS = {0: ALIVE, 5: UNSEEN, 33: UNSEEN}  # the exit code of the tests, or that there was none to run
_skips = file_mutation.MutationVisitor._skip_node_and_children
_arranged = file_mutation.function_trampoline_arrangement


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


def tally() -> int:
    """Prints the mutants alive and, by module, how many were tried; the exit code says whether one in ten is."""
    counts: dict[str, Counter[str]] = {}
    for path, data in mutmut.collect_source_file_mutation_data(mutant_names=())[1].items():
        for name, code in data.exit_code_by_key.items():
            if code is None:
                continue
            verdict = VERDICTS.get(code, KILLED)
            counts.setdefault(str(path), Counter())[verdict] += 1
            if verdict != KILLED:
                print(f"{verdict}: {name}")
    for path, found in sorted(counts.items()):
        print(f"{path:45} {found[KILLED]:5} of {found.total():5} killed")
    whole = sum(counts.values(), Counter[str]())
    alive = whole.total() - whole[KILLED]
    print(f"{whole.total()} tried, {alive} alive: {100 * alive / max(1, whole.total()):.1f} %")
    return int(10 * alive > whole.total())


if __name__ == "__main__":
    file_mutation.MutationVisitor._skip_node_and_children = _skip
    file_mutation.function_trampoline_arrangement = _arrange
    mutmut._run(sys.argv[1:], max_children=2)
    sys.exit(tally())
