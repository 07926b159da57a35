"""Which backups of a SQLite store were made, when and where: what an erasure then looks through, or names."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from states.canonical import canonical
from workflow.files import write_whole

KEPT = 1000  # the last ones


class Copy(NamedTuple):
    """A backup: the day it was made, and the file."""

    day: str
    file: Path


def note_copy(store: Path, file: Path, now: str) -> None:
    """Notes a backup beside the store; where nothing can be written beside it, nothing is noted."""
    lines = [*_lines(store), canonical({"day": now[:10], "file": str(file.absolute())})]
    with suppress(OSError):
        write_whole(_journal(store), "".join(f"{line}\n" for line in lines[-KEPT:]).encode("utf-8", "surrogatepass"))


def copies_of(store: Path) -> list[Copy]:
    """The backups that were noted, the oldest first; a line that cannot be read is none."""
    found = []
    for line in _lines(store):
        with suppress(KeyError, TypeError, ValueError):
            noted = json.loads(line)
            found.append(Copy(str(noted["day"]), Path(noted["file"])))
    return found


def _lines(store: Path) -> list[str]:
    try:
        return _journal(store).read_text("utf-8", "surrogatepass").splitlines()
    except (OSError, UnicodeError):
        return []


def _journal(store: Path) -> Path:
    return store.with_name(f"{store.name}.copies")
