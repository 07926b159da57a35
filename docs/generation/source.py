"""What only the source says: the rules of refusal, where each comes from, the sentences they are told with.

Rules and sentences are literals in calls of `Refusal`, so they are read from the syntax tree; what a guard may refuse
is what it says itself, and what the functions it calls say.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache

from attrs import Factory, define, frozen

from generation.markdown import ROOT

ROOMS = ("states", "workflow", "handlers", "cli")
PLURAL = "\x1f"  # between the two forms of a sentence that counts
_TRANSLATED = ("_", "_n", "N_")


@frozen
class Told:
    """A refusal as the code makes it: its sentences and remedies in English, as they stand in the catalogue."""

    rule: str
    messages: tuple[str, ...]
    remedies: tuple[str, ...]


@define
class Function:
    """A function of the product: the refusals it makes, the functions it calls."""

    name: str
    module: str
    told: list[Told] = Factory(list)
    calls: set[tuple[str, str]] = Factory(set)  # module and name
    forwards: bool = False  # makes a refusal whose rule comes from elsewhere


@cache
def functions() -> Mapping[tuple[str, str], Function]:
    """Every function of the four rooms, by module (`states.lifecycle.guards.requests`) and name."""
    found = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for function in _functions_of(module, ast.parse(path.read_text("utf-8"))):
                found[module, function.name] = function
    return found


def _functions_of(module: str, tree: ast.Module) -> Iterator[Function]:
    inside = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    known = {name: (module, name) for name in inside}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            known.update({alias.asname or alias.name: (node.module, alias.name) for alias in node.names})
    for node in inside.values():
        function = Function(node.name, module)
        for part in ast.walk(node):
            if isinstance(part, ast.Call) and _name(part.func) == "Refusal" and part.args:
                _refusal(function, part, node, inside)
            elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in known:
                function.calls.add(known[part.func.id])
        yield function


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _refusal(function: Function, call: ast.Call, node: ast.FunctionDef, inside: Mapping[str, ast.FunctionDef]) -> None:
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    rule = values[0]
    if not (isinstance(rule, ast.Constant) and isinstance(rule.value, str)):
        function.forwards = True
        return
    said = [tuple(dict.fromkeys(_sentences(value, node, inside))) for value in values[1:3]]
    function.told.append(Told(rule.value, *said))


def _sentences(value: ast.AST, node: ast.FunctionDef, inside: Mapping[str, ast.FunctionDef]) -> Iterator[str]:
    """The sentences a value may be: its own, those of the variables and of the functions of the module it names."""
    for part in ast.walk(value):
        if isinstance(part, ast.Call) and _name(part.func) in _TRANSLATED:
            texts = [a.value for a in part.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            yield from [PLURAL.join(texts[:2])] if _name(part.func) == "_n" else texts[:1]
        elif isinstance(part, ast.Call) and _name(part.func) in inside:
            yield from _sentences(inside[_name(part.func)], node, {})
    if isinstance(value, ast.Name):
        for part in ast.walk(node):
            if isinstance(part, ast.Assign) and any(_name(t) == value.id for t in part.targets):
                yield from _sentences(part.value, node, inside)


def refusals() -> dict[str, list[Told]]:
    """Every refusal the code makes, by rule, in the order of the source."""
    found: dict[str, list[Told]] = {}
    for function in functions().values():
        for told in function.told:
            if told not in found.setdefault(told.rule, []):
                found[told.rule].append(told)
    return found


def rules_of(module: str, name: str) -> tuple[list[str], bool]:
    """The rules a function may refuse for, by itself or through those it calls; and whether it passes on others."""
    found: dict[str, None] = {}
    forwards, seen, todo = False, {(module, name)}, [(module, name)]
    while todo:
        function = functions().get(todo.pop(0))
        if function is None:
            continue
        found.update(dict.fromkeys(told.rule for told in function.told))
        forwards = forwards or function.forwards
        fresh = function.calls - seen
        seen |= fresh
        todo += sorted(fresh)
    return list(found), forwards


def findings() -> dict[str, str]:
    """What `coop lifecycle check` may find: the code of each finding, and its sentence in English."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "states").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                found |= {code: said for code, said in _found_in(node) if code not in found or said}
    return found


def _found_in(node: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    for part in ast.walk(node):
        if isinstance(part, ast.Yield) and isinstance(part.value, ast.Tuple) and len(part.value.elts) == 3:
            code, said = part.value.elts[0], part.value.elts[2]
        elif isinstance(part, ast.Call) and _name(part.func) in ("Counterexample", "Finding") and len(part.args) >= 3:
            code, said = part.args[0], part.args[2]
        else:
            continue
        if isinstance(code, ast.Constant) and isinstance(code.value, str):
            yield code.value, next(_said_before(said, node, part.lineno), "")


def _said_before(said: ast.expr, node: ast.FunctionDef, line: int) -> Iterator[str]:
    direct = [text for part in ast.walk(said) for text in _translated(part)]
    if direct:
        yield direct[0]
        return
    names = {part.id for part in ast.walk(said) if isinstance(part, ast.Name)}
    before = [p for p in ast.walk(node) if isinstance(p, ast.Assign) and p.lineno <= line]
    for assigned in sorted(before, key=lambda p: -p.lineno):
        targets = {t.id for target in assigned.targets for t in ast.walk(target) if isinstance(t, ast.Name)}
        if targets & names:
            yield from (text for part in ast.walk(assigned.value) for text in _translated(part))


def _translated(part: ast.AST) -> list[str]:
    if not (isinstance(part, ast.Call) and _name(part.func) in _TRANSLATED):
        return []
    texts = [a.value for a in part.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    return [PLURAL.join(texts[:2])] if _name(part.func) == "_n" else texts[:1]
