"""Looks for what was erased: in every table, and byte by byte in every file that the product wrote."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from attrs import define
from sqlalchemy import Connection, select, text

from states.canonical import canonical
from states.causes import cause
from states.language import _
from workflow.privacy.erasing import Sought
from workflow.store import schema as s
from workflow.store.database import Store

BLOCK = 1 << 20  # bytes of a file that are in memory at a time
_KEPT = text("SELECT tablename || '.' || attname, most_common_vals::text, histogram_bounds::text FROM pg_stats")


FEW = 64  # salts that are looked for one by one; of more, every text as long as a salt is looked up
SALT = 32  # letters of a salt, from 0 to f
_RUN = re.compile(rb"[0-9a-f]{32,}")


@define
class Needles:
    """What is looked for: each word as it may be written, and each salt."""

    sought: Sought

    @cached_property
    def _spelled(self) -> tuple[bytes, ...]:
        """As it may be written, its letters from A to Z in small."""
        forms = set(self.sought.salts if len(self.sought.salts) <= FEW else ())
        for word in self.sought.words:
            spelled = {word, word.upper(), word.lower(), unicodedata.normalize("NFC", word)}
            forms |= spelled | {unicodedata.normalize("NFD", form) for form in spelled} | {canonical(word)[1:-1]}
        return tuple(sorted({form.encode("utf-8", "surrogatepass").lower() for form in forms if form}))

    @cached_property
    def _salts(self) -> frozenset[bytes]:
        return frozenset(salt.encode() for salt in self.sought.salts)

    @cached_property
    def longest(self) -> int:
        """In bytes, of what is looked for."""
        return max(SALT, *(3 * len(word.encode("utf-8", "surrogatepass")) for word in self.sought.words), 0)

    def stand_in(self, content: bytes) -> bool:
        """Whether something of it is there."""
        small = content.lower()
        if any(form in small for form in self._spelled):
            return True
        return len(self._salts) > FEW and any(
            run[0][n : n + SALT] in self._salts for run in _RUN.finditer(content) for n in range(len(run[0]) - SALT + 1)
        )

    def stand_in_text(self, text: str) -> bool:
        return self.stand_in(text.encode("utf-8", "surrogatepass"))


def in_tables(store: Store, needles: Needles) -> list[str]:
    """The tables and columns where something of it stands."""
    with store.reading() as connection:
        return [*_in_rows(connection, needles), *_in_statistics(connection, needles)]


def _in_rows(connection: Connection, needles: Needles) -> Iterator[str]:
    for table in s.metadata.sorted_tables:
        names, hits = [column.name for column in table.c], set[str]()
        rows = connection.execution_options(yield_per=1000).execute(select(table))
        for row in rows:
            if needles.stand_in_text("\0".join(map(str, row))):
                hits |= {name for name, value in zip(names, row, strict=True) if needles.stand_in_text(str(value))}
        yield from (f"{table.name}.{name}" for name in sorted(hits))


def _in_statistics(connection: Connection, needles: Needles) -> Iterator[str]:
    """What PostgreSQL keeps of values to plan by."""
    if connection.dialect.name == "postgresql":
        for where, common, bounds in connection.execute(_KEPT):
            if needles.stand_in_text(f"{common}\0{bounds}"):
                yield f"pg_stats {where}"


# --- Files ---


# What stands beside a SQLite store and lives with it: its log, what lets it be read, its marks.
OWN = ("", "-wal", "-shm", "-journal", ".tick", ".erasures", ".copies")


def files_of(store: Store) -> list[Path]:
    """The files in which a SQLite store lives."""
    if store.path is None:
        return []
    path = store.path.absolute()
    return [one for suffix in OWN if (one := path.with_name(f"{path.name}{suffix}")).is_file()]


def copies_beside(store: Store) -> list[Path]:
    """The other files that are called after a SQLite store: what was kept of it, by the product or by anybody."""
    if store.path is None:
        return []
    path, own = store.path.absolute(), {*files_of(store)}
    return sorted(one for one in path.parent.glob(f"{path.name}*") if one.is_file() and one not in own)


def in_files(paths: Iterable[Path], needles: Needles) -> list[Path]:
    """The files where something of it stands."""
    return [path for path in paths if path.is_file() and _in_file(path, needles)]


def _in_file(path: Path, needles: Needles) -> bool:
    """Whether something of it stands in a file, looked at block after block, each with the end of the one before."""
    end = b""
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                if needles.stand_in(end + block):
                    return True
                end = (end + block)[-needles.longest :]
    except OSError as problem:
        raise OSError(_("{file} cannot be read: {reason}.", file=path, reason=cause(problem))) from None
    return False


def whole(folders: Collection[Path]) -> Sequence[Path]:
    """Every file of some folders, and the files among them."""
    return sorted(
        one for folder in folders for one in ([folder] if folder.is_file() else folder.rglob("*")) if one.is_file()
    )
