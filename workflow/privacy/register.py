"""The register of erasures, outside the store: which texts are gone, by their digests, and never whose they were.

A store put back from an older copy brings the dead back: what the register says is then erased again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from states.canonical import canonical
from states.causes import cause
from states.errors import StoreUnreachable, WrongUsage
from states.language import _
from workflow.files import write_whole
from workflow.history.erasures import recorded
from workflow.store.database import Store
from workflow.store.transaction import Transaction

SUFFIX = ".erasures"
Line = dict[str, Any]  # the data of an entry, with its `day` and its `entry`: the digest


def beside(path: Path) -> Path:
    """Where the register of a SQLite store is."""
    return path.with_name(f"{path.name}{SUFFIX}")


def lines_of(tx: Transaction) -> list[Line]:
    """What the history of a store says, line by line."""
    return [{"day": row.recorded_at[:10], "entry": row.digest, **json.loads(row.data)} for row in recorded(tx)]


@frozen
class Register:
    """The file where the erasures of a lab are kept."""

    path: Path

    def read(self) -> list[Line]:
        """Its lines, oldest first; none where there is no such file. WrongUsage for what is no register."""
        if not self.path.exists():
            return []
        try:
            lines = [json.loads(line) for line in self.path.read_text("utf-8").splitlines() if line.strip()]
            if not all(isinstance(line, dict) and {"day", "entry", "texts"} <= line.keys() for line in lines):
                raise ValueError
        except OSError as problem:
            raise WrongUsage(_("{file} cannot be read: {reason}.", file=self.path, reason=cause(problem))) from None
        except ValueError:
            raise WrongUsage(_("{file} is no register of erasures.", file=self.path)) from None
        return lines

    def add(self, lines: Iterable[Line]) -> None:
        """Adds the lines that it has not, and is on the disk once this is done."""
        kept = self.read()
        known = {line["entry"] for line in kept}
        added = [line for line in lines if line["entry"] not in known]
        if not added:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.path, "".join(f"{canonical(line)}\n" for line in (*kept, *added)).encode())
        except OSError as problem:
            message = _("{file} cannot be written: {reason}.", file=self.path, reason=cause(problem))
            raise StoreUnreachable(message) from None

    def lacks(self, lines: Sequence[Line]) -> bool:
        """Whether some erasure of a store was not finished: it is written here last."""
        known = {line["entry"] for line in self.read()}
        return any(line["entry"] not in known for line in lines)


def lines_in(store: Store) -> list[Line]:
    """The same, of a store that nobody has open yet."""
    with store.looking() as tx:
        return lines_of(tx)
