"""The house keeps its order: a room imports only from rooms below it, and the pure rooms stay pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
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
