"""A lab copied into another store, of the same kind or of the other: SQLite to PostgreSQL, and back.

The source is read at one moment, while it is in use. The target is marked before anything is in it, filled in one
transaction, read back, verified as any store is, and only then a lab: whoever kills the copy finds the mark, and the
same command begins again. Every table is copied, what is derived too: the verification shows that it follows.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from hashlib import sha256
from typing import Any

from attrs import define, field
from sqlalchemy import Connection, Table, func, select, text

from states.errors import Conflict, StoreDamaged, StoreUnfinished, WrongUsage
from states.language import _
from workflow.clock import Clock
from workflow.integrity.report import Advance
from workflow.integrity.verification import verify
from workflow.store import schema as s
from workflow.store import unfinished
from workflow.store.address import shown
from workflow.store.database import Store
from workflow.store.heartbeat import beat, last_tick
from workflow.store.upgrade import alone, check_revision, make_tables, revision_in

TABLES = (*s.PRIMARY, *s.DERIVED)
AT_ONCE = 1000  # rows that are in memory at a time
TOLD = 5  # problems that are told; db verify tells all

Progress = Callable[[str], AbstractContextManager[Advance]]


def _quiet(_label: str) -> AbstractContextManager[Advance]:
    return nullcontext(lambda _done, _total: None)


@define
class Weight:
    """How many rows a table holds, and one number over all of them, whatever their order."""

    rows: int = 0
    total: int = 0

    def add(self, row: Iterable[Any]) -> None:
        self.rows += 1
        self.total += int.from_bytes(sha256(repr(tuple(row)).encode("utf-8", "surrogatepass")).digest(), "big")
        self.total %= 1 << 256


@define
class Copied:
    """What was copied: how many rows of each table, how many entries and streams they make, and their head."""

    rows: dict[str, int] = field(factory=dict)
    entries: int = 0
    streams: int = 0
    head: str = ""

    def document(self) -> dict[str, Any]:
        return {"entries": self.entries, "streams": self.streams, "head": self.head, "rows": self.rows}


def copy(source: Store, target: Store, clock: Clock, progress: Progress = _quiet) -> Copied:
    """Copies a lab into an empty store, and verifies it there; nothing of the source changes.

    Raises Conflict where the target holds another lab. One that holds this very lab is only verified.
    """
    check_revision(source)
    _check_apart(source, target)
    target.make_folder()
    with source.reading() as here:
        total = _count(here)
        mark = _prepare(here, source, target)
        if mark is not None:
            with progress(_("Copying")) as advance:
                written = _fill(here, target, mark, _counting(advance, total))
        else:
            written = {table.name: _weight(here, table) for table in TABLES}
    with progress(_("Verifying")) as advance:
        copied = _check(source, target, written, clock, advance)
    if mark is not None:
        _finish(source, target, mark)
    return copied


def _check_apart(source: Store, target: Store) -> None:
    if source.path is not None and target.path is not None:
        same = source.path.resolve() == target.path.resolve()
    else:
        same = source.address == target.address
    if same:
        raise WrongUsage(_("{url} is the store itself.", url=shown(target.url)))


def _count(connection: Connection) -> int:
    return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES)


def _prepare(here: Connection, source: Store, target: Store) -> str | None:
    """Makes the tables of the target, and marks it: the mark. None where it holds this very lab already."""
    with alone(target) as there:
        try:
            if revision_in(there, target) == s.REVISION and _holds_lab(there):
                if all(_weight(there, table) == _weight(here, table) for table in s.PRIMARY):
                    return None
                raise _occupied(target)
        except StoreUnfinished:
            _clear(there)
        make_tables(there)
        if _holds_lab(there):  # of an older program
            raise _occupied(target)
        return unfinished.mark(there, source)


def _holds_lab(connection: Connection) -> bool:
    return connection.execute(select(s.entries.c.seq).limit(1)).first() is not None


def _occupied(target: Store) -> Conflict:
    return Conflict(
        _("{url} holds a lab already, and a copy never overwrites one.", url=shown(target.url)),
        hint=_("Give a new file, or an empty database."),
    )


def _clear(there: Connection) -> None:
    """Takes away what a copy that was not finished has left: nothing of it is the only one of its kind."""
    s.metadata.drop_all(there)
    unfinished.copy_under_way.drop(there)
    unfinished.revisions.drop(there)
    for statement in s.APPEND_ONLY[there.dialect.name]:
        for name in re.findall(r"CREATE FUNCTION (\w+)", statement):
            there.execute(text(f"DROP FUNCTION {name}"))


def _fill(here: Connection, target: Store, mark: str, advance: Callable[[int], None]) -> dict[str, Weight]:
    """Copies every row, in one transaction of the target; what was read of each table."""
    written = {}
    with alone(target) as there:
        unfinished.check_mark(there, target, mark)
        for table in TABLES:
            weight = written[table.name] = Weight()
            for rows in _rows(here, table):
                for row in rows:
                    weight.add(row)
                there.execute(table.insert(), [dict(row._mapping) for row in rows])
                advance(len(rows))
    return written


def _rows(connection: Connection, table: Table) -> Iterable[Any]:
    """The rows of a table, some at a time."""
    asked = select(table).execution_options(yield_per=AT_ONCE)
    with connection.execute(asked) as result:
        yield from result.partitions()


def _weight(connection: Connection, table: Table) -> Weight:
    found = Weight()
    for rows in _rows(connection, table):
        for row in rows:
            found.add(row)
    return found


def _counting(advance: Advance, total: int) -> Callable[[int], None]:
    done = 0

    def count(rows: int) -> None:
        nonlocal done
        done += rows
        advance(done, total)

    return count


def _check(source: Store, target: Store, written: dict[str, Weight], clock: Clock, advance: Advance) -> Copied:
    """Reads back every row, then verifies the copy; StoreDamaged where anything is not as it should be."""
    with target.reading() as there:
        differing = [name for name, weight in written.items() if _weight(there, s.metadata.tables[name]) != weight]
    if differing:
        names = ", ".join(differing)
        raise StoreDamaged(_("In {url}, these are not what was copied: {names}.", url=shown(target.url), names=names))
    report = verify(target, clock, advance)
    if report.problems:
        here = shown(source.url)
        told = " ".join(f"{problem.where}: {problem.message}." for problem in report.problems[:TOLD])
        raise StoreDamaged(
            _("{url} is not as it was written: its copy is not finished. {problems}", url=here, problems=told),
            hint=shlex.join(["coop", "--db", here, "db", "verify"]),
        )
    rows = {name: weight.rows for name, weight in written.items()}
    return Copied(rows, report.entries, report.streams, report.head)


def _finish(source: Store, target: Store, mark: str) -> None:
    last = last_tick(source)
    if last is not None:
        beat(target, last)
    with alone(target) as there:
        unfinished.check_mark(there, target, mark)
        unfinished.unmark(there, s.REVISION)
