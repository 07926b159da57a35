"""What lasts: each step by which something is on the disk for good goes through here, under its name.

Before and after a step is a crash point: a test stops the program there (`workflow.testing.crashes`), at each in turn.
Where nobody watches, a step costs a comparison.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
Watcher = Callable[[str], None]
_watcher: Watcher | None = None


def watch(watcher: Watcher) -> None:
    """Has each crash point of this process told to a watcher, for good."""
    global _watcher
    _watcher = watcher


def step(name: str, act: Callable[[], T]) -> T:
    """Does one step that lasts."""
    if _watcher is None:
        return act()
    _watcher(f"before {name}")
    result = act()
    _watcher(f"after {name}")
    return result


def commit(send: Callable[[str], None]) -> None:
    """Ends a transaction of a driver, by what sends it its last word."""
    step("commit", lambda: send("COMMIT"))


@contextmanager
def committing(connection: Any) -> Iterator[None]:
    """A transaction of SQLAlchemy, rolled back by whatever is raised in it."""
    with connection.begin() as transaction:
        yield
        step("commit", transaction.commit)


def write(file: int, content: Iterable[bytes]) -> None:
    """Writes all of a new file, which is on the disk once this is done, and closes it."""

    def act() -> None:
        with os.fdopen(file, "wb") as opened:
            opened.writelines(content)
            opened.flush()
            os.fsync(opened.fileno())

    step("write", act)


def sync(path: Path) -> None:
    """Waits until the disk has all of a file."""

    def act() -> None:
        with path.open("rb+") as file:
            os.fsync(file.fileno())

    step("sync", act)


def name(part: Path, target: Path) -> None:
    """Gives a finished file a name of its own too; FileExistsError where it is another's."""
    step("name", lambda: os.link(part, target))
    _settle(target)


def replace(part: Path, target: Path) -> None:
    """Gives a finished file the place of another, or one where there was none."""
    step("replace", lambda: os.replace(part, target))
    _settle(target)


def _settle(path: Path) -> None:
    """Waits until the disk has the names of a folder: a power cut leaves the name that was given."""
    if os.name != "posix":
        return

    def act() -> None:
        folder = os.open(path.absolute().parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    step("settle", act)
