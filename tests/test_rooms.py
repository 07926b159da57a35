"""The house keeps its order: a room imports only from rooms below, a folder only from those before it in its room."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("states", "workflow", "handlers", "cli")
FORBIDDEN = {  # what a room must not know, besides the rooms above it
    "states": {"sqlalchemy", "sqlite3", "click", "rich", "alembic", "apscheduler", "smtplib"},
    "workflow": {"click", "rich", "smtplib", "apscheduler"},
    "handlers": {"click", "rich", "sqlalchemy"},
    "cli": {"apscheduler"},
}

# Inside a room, the lowest first: what stands here imports only what stands before it, or what is in the same folder.
ORDER = {
    "states": """
        catalogue language causes canonical references errors declaration calendar requests forms notifications planning
        lifecycle deadlines risks flow review verification
    """,
    "workflow": """
        clock durable files store history.entries history.in_force history.readable history.vault history.erasures
        history.reference_data history.latest history.days_log history.lab_log history.facts history.registered
        outbox.queue outbox.letters
        alerts preconditions projections guard_inputs rivals engine lab outbox.delivery outbox.holding resubmission
        conflicts views sweep reviews integrity versions privacy restoration copying testing
    """,
    "handlers": """
        plain_text secrets layout forms intake batch calendars diagrams mail documents demo review exchange scheduler
    """,
    "cli": """
        words settings settings_file output failures input.dates input.codes session options input completion commands
        main
    """,
}
LONGEST = 400  # lines of a module


def modules() -> list[Path]:
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """The top-level packages a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_from_below(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    above = set(ROOMS[ROOMS.index(room) + 1 :])
    assert not set(imported(path)) & (above | FORBIDDEN[room])


def test_the_tests_of_states_need_no_room_above_the_store() -> None:
    """`make mutants` runs them where there is no other; each mutant would import it again."""
    program = "import runpy, sys; runpy.run_path('tests/conftest.py'); print(*sys.modules)"
    path = os.pathsep.join(map(str, (ROOT, ROOT / "tests/support")))
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path},
        check=True,
        capture_output=True,
    )
    assert not {"handlers", "cli"} & set(loaded.stdout.decode().split())


def test_the_clock_is_read_in_one_place() -> None:
    readers = {"now", "utcnow", "today"}
    found = [
        str(path.relative_to(ROOT))
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in readers
        and isinstance(node.value, ast.Name)
        and node.value.id in ("datetime", "date")
    ]
    assert found == ["workflow/clock.py"]


# --- The order of the folders, wherever an import stands: at the top, under TYPE_CHECKING, inside a function ---


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports() -> dict[str, set[str]]:
    """Each module of the house and those that it imports."""
    known = {dotted(path): path for path in modules()}
    graph: dict[str, set[str]] = {}
    for name, path in known.items():
        graph[name] = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            wanted = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                wanted = [f"{node.module}.{alias.name}" for alias in node.names]
            found = {target if target in known else target.rpartition(".")[0] for target in wanted}
            graph[name] |= (found & known.keys()) - {name}
    return graph


def place(room: str, name: str) -> int:
    """Where a module stands in the order of its room; AssertionError for one that has no place in it."""
    inside = name.removeprefix(f"{room}.")
    for rank, folder in enumerate(ORDER[room].split()):
        if inside == folder or inside.startswith(f"{folder}."):
            return rank
    raise AssertionError(f"{name} has no place in ORDER")


@pytest.mark.parametrize("room", ORDER)
def test_a_folder_imports_only_from_those_before_it(room: str) -> None:
    graph = {
        name: found for name, found in imports().items() if name.startswith(f"{room}.") and "migrations" not in name
    }
    packages = {folder.partition(".")[0] for folder in ORDER[room].split() if "." in folder}
    upward = [
        f"{name} -> {other}"
        for name, found in graph.items()
        if name.removeprefix(f"{room}.") not in packages
        for other in found & graph.keys()
        if place(room, other) > place(room, name)
    ]
    assert upward == []


def test_no_module_imports_itself_by_way_of_another() -> None:
    try:
        tuple(TopologicalSorter(imports()).static_order())
    except CycleError as circle:
        pytest.fail(f"a circle of imports: {' -> '.join(circle.args[1])}")


def test_a_module_is_read_in_one_sitting() -> None:
    read = (*modules(), *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "bench").rglob("*.py")))
    found = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in read}
    assert {name: lines for name, lines in found.items() if lines > LONGEST} == {}
