"""The commands that an answer proposes, typed as printed: what is marked as to be filled in, filled in."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from desk import Desk, Printed

PLACEHOLDER = "…"
# What somebody would write at the place of a mark, by the option before it.
FILLING = {
    "--note": "Une raison",
    "-n": "Une raison",
    "--orientation": "Vers un autre laboratoire",
    "--decision": "ratify",
    "--reason": "other",
    "--staff": "camille",
    "--score": "4",
    "--title": "Un guide",
    "--type": "method",
    "--set": "participants=12",
    "--extra": "1",
    "--attended": "8",
    "--hours": "3",
    "--tier": "tuto",
    "--slot": "first",
}
POSITIONAL = {"explain": "received", "change": "tuto", "assign": "tuto"}  # by the word of the command
_COMMAND = re.compile(r"coop (?!next\b)[^\n;»”)]*[^\s\n;»”.,:)]")


def proposed(text: str) -> Iterator[str]:
    """The commands in a text for people: after an arrow or a colon, to the end of what is one."""
    for line in text.splitlines():
        _before, mark, after = line.rpartition("→ ")
        for found in _COMMAND.findall(after if mark else line):
            yield from (part for part in re.split(r", ou |, or ", found) if part.startswith("coop "))


def in_document(document: Any) -> Iterator[str]:
    """Those of a JSON answer: every `command`, `suggestions`, `commands`, `remedy` and `hint`."""
    if isinstance(document, list):
        for part in document:
            yield from in_document(part)
    if isinstance(document, dict):
        for name, value in document.items():
            if name in ("command", "remedy", "hint") and isinstance(value, str):
                yield from proposed(value)
            elif name in ("suggestions", "commands"):
                yield from (line for line in value if line.startswith("coop "))
            else:
                yield from in_document(value)


def filled(command: str) -> list[str]:
    """The words to type after `coop`."""
    words = shlex.split(command)[1:]
    found: list[str] = []
    for word in words:
        if PLACEHOLDER in word:
            before = found[-1] if found else ""
            name = next((w for w in found if w in POSITIONAL), "")
            filling = FILLING.get(before) or POSITIONAL.get(name, "camille")
            word = word.replace(PLACEHOLDER, filling)
        found.append(word)
    return found


def typed(desk: Desk, command: str, store: Path) -> Printed:
    """What a command answers, on the store as it is; the store is then as it was."""
    kept = {path: path.read_bytes() for path in store.parent.glob(f"{store.name}*") if path.is_file()}
    try:
        return desk.coop(*filled(command))
    finally:
        for path in store.parent.glob(f"{store.name}*"):
            if path.is_file():
                path.unlink()
        for path, content in kept.items():
            path.write_bytes(content)
