"""A lab copied into another store, of the same kind or of the other: SQLite to PostgreSQL, and back.

The source is read at one moment, while it is in use. The target is marked before anything is in it, filled in one
transaction, read back, verified as any store is, and only then a lab: whoever kills the copy finds the mark, and the
same command begins again. Every table is copied, what is derived too: the verification shows that it follows.

A lab that moves is copied likewise, while nobody writes to it: that it moves, and to which place, is the last entry of
its history, in both. Then its former store refuses every command, and it goes on in the other, where it may send.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from hashlib import sha256
from typing import Any

from attrs import define, evolve, field, frozen
from sqlalchemy import Connection, Table, func, select, text

from states.errors import Conflict, StoreDamaged, StoreMoved, StoreUnfinished, WrongUsage
from states.language import _
from workflow.clock import Clock
from workflow.engine import Engine
from workflow.integrity.report import Advance
from workflow.integrity.verification import verify
from workflow.lab.service import keeper, work_of
from workflow.outbox.holding import MOVED, moved_to
from workflow.store import marks, turns
from workflow.store import schema as s
from workflow.store.address import shown
from workflow.store.database import Store
from workflow.store.failures import unreachable
from workflow.store.heartbeat import beat, last_tick
from workflow.store.place import place_of
from workflow.store.transaction import Transaction
from workflow.store.upgrade import alone, check_revision, make_tables, outdated, revision_in

TABLES = (*s.PRIMARY, *s.DERIVED)
AT_ONCE = 1000  # rows that are in memory at a time
TOLD = 5  # problems that are told; db verify tells all

Progress = Callable[[str], AbstractContextManager[Advance]]


def _quiet(_label: str) -> AbstractContextManager[Advance]:
    return nullcontext(lambda _done, _total: None)


def copy(source: Store, target: Store, clock: Clock, progress: Progress = _quiet) -> Copied:
    """Copies a lab into an empty store, and verifies it there; nothing of the source changes.

    Raises Conflict where the target holds another lab. One that holds this very lab is only verified. The store of a
    lab that has moved can be copied too.
    """
    left = False
    try:
        check_revision(source)
    except StoreMoved as moved:
        if moved.revision != s.REVISION:
            raise outdated(moved.revision) from None
        left = True
    copying = _Copying(source, target, clock, progress)
    with source.reading() as here:
        mark = copying.prepare(here)
        copied = copying.fill(here, mark)
    copying.finish(mark)
    return evolve(copied, left=left)


def move(source: Store, target: Store, clock: Clock, actor: str, progress: Progress = _quiet) -> Copied:
    """The same for a lab that goes on in the target, and nowhere else; whoever does it keeps the registers.

    Killed on the way, the lab is where it was, or closed there: then the same command opens it in the target.
    """
    try:
        check_revision(source)
    except StoreMoved:
        if not (target.exists and place_of(target) == moved_to(source)):
            raise
        return copy(source, target, clock, progress)
    copying = _Copying(source, target, clock, progress, moving=True)
    engine = Engine(source, clock)
    with alone(source) as here:
        tx = Transaction(here.connection.cursor(), here.dialect, source.entered_by(here))
        turns.begin(tx)
        turns.of_everyone(tx)
        work = work_of(engine, tx, actor, keeper(engine, tx, actor))
        mark = copying.prepare(here)
        work.write(MOVED, {"place": place_of(target)})
        tx.send()
        copied = copying.fill(here, mark)
        marks.close(here, target, s.REVISION)
    copying.finish(mark)
    return copied


@define
class Copied:
    """What was copied: how many rows of each table, how many entries and streams they make, and their head."""

    rows: dict[str, int] = field(factory=dict)
    entries: int = 0
    streams: int = 0
    head: str = ""
    left: bool = False  # whether the lab had moved from there before

    def document(self) -> dict[str, Any]:
        return {"entries": self.entries, "streams": self.streams, "head": self.head, "rows": self.rows}


@define
class _Weight:
    """How many rows a table holds, and one number over all of them, whatever their order."""

    rows: int = 0
    total: int = 0

    def add(self, rows: Iterable[Any]) -> None:
        for row in rows:
            self.rows += 1
            self.total += int.from_bytes(sha256(repr(tuple(row)).encode("utf-8", "surrogatepass")).digest(), "big")
        self.total %= 1 << 256


@frozen
class _Copying:
    """The steps of a copy. `here` is a connection to its source: what it reads there is of one moment."""

    source: Store
    target: Store
    clock: Clock
    progress: Progress
    moving: bool = False

    def prepare(self, here: Connection) -> str | None:
        """Makes the tables of the target, and marks it: the mark. None where it holds this very lab already."""
        self._check_apart()
        self.target.make_folder()
        with alone(self.target) as there:
            try:
                if revision_in(there, self.target) == s.REVISION and _holds_lab(there):
                    if not self._same(here, there):
                        raise self._occupied()
                    if not self.moving:
                        return None
                    _clear(there)
            except StoreUnfinished:
                _clear(there)
            make_tables(there)
            if _holds_lab(there):  # of an older program
                raise self._occupied()
            return marks.mark(there, self.source, moving=self.moving)

    def _same(self, here: Connection, there: Connection) -> bool:
        """Whether the target holds this very lab, as it now is."""
        return all(_weight(self.source, here, table) == _weight(self.target, there, table) for table in s.PRIMARY)

    def _check_apart(self) -> None:
        here, there = self.source, self.target
        same = here.address == there.address
        if here.path is not None and there.path is not None:
            same = here.path.resolve() == there.path.resolve()
        if same or (here.path is there.path is None and place_of(here) == place_of(there)):
            raise WrongUsage(_("{url} is the store itself.", url=shown(there.url)))

    def _occupied(self) -> Conflict:
        return Conflict(
            _("{url} holds a lab already, and a copy never overwrites one.", url=shown(self.target.url)),
            hint=_("Give a new file, or an empty database."),
        )

    def fill(self, here: Connection, mark: str | None) -> Copied:
        """Copies every row, in one transaction of the target, reads all of it back, and verifies it.

        Without a mark, all is there. Raises StoreDamaged where anything is not as it should be.
        """
        if mark is None:
            read = {table.name: _weight(self.source, here, table) for table in TABLES}
        else:
            with self.progress(_("Copying")) as advance:
                read = self._pour(here, mark, advance)
        with self.target.reading() as there:
            differing = [table.name for table in TABLES if _weight(self.target, there, table) != read[table.name]]
        if differing:
            where, names = shown(self.target.url), ", ".join(differing)
            raise StoreDamaged(_("In {url}, these are not what was copied: {names}.", url=where, names=names))
        with self.progress(_("Verifying")) as advance:
            report = verify(self.target, self.clock, advance)
        if report.problems:
            url = shown(self.source.url)
            told = " ".join(f"{problem.where}: {problem.message}." for problem in report.problems[:TOLD])
            raise StoreDamaged(
                _("{url} is not as it was written: its copy is not finished. {problems}", url=url, problems=told),
                hint=shlex.join(["coop", "--db", url, "db", "verify"]),
            )
        rows = {name: weight.rows for name, weight in read.items()}
        return Copied(rows, report.entries, report.streams, report.head)

    def _pour(self, here: Connection, mark: str, advance: Advance) -> dict[str, _Weight]:
        read: dict[str, _Weight] = {}
        total = sum(here.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES)
        with alone(self.target) as there:
            marks.check_mark(there, self.target, mark)
            for table in TABLES:
                weight = read[table.name] = _Weight()
                for rows in _rows(self.source, here, table):
                    weight.add(rows)
                    there.execute(table.insert(), [dict(row._mapping) for row in rows])
                    advance(sum(weight.rows for weight in read.values()), total)
        return read

    def finish(self, mark: str | None) -> None:
        """Says that all is there; the mark of the watch's last round is taken along."""
        if mark is None:
            return
        last = last_tick(self.source)
        if last is not None:
            beat(self.target, last)
        with alone(self.target) as there:
            marks.check_mark(there, self.target, mark)
            marks.unmark(there, s.REVISION)


def _holds_lab(connection: Connection) -> bool:
    return connection.execute(select(s.entries.c.seq).limit(1)).first() is not None


def _clear(there: Connection) -> None:
    """Takes away what an earlier copy has left: nothing of it is the only one of its kind."""
    s.metadata.drop_all(there)
    marks.copy_under_way.drop(there, checkfirst=True)
    marks.revisions.drop(there)
    for statement in s.APPEND_ONLY[there.dialect.name]:
        for name in re.findall(r"CREATE FUNCTION (\w+)", statement):
            there.execute(text(f"DROP FUNCTION {name}"))


def _rows(store: Store, connection: Connection, table: Table) -> Iterable[Any]:
    """The rows of a table of a store, some at a time; what is wrong is said of that store."""
    asked = select(table).execution_options(yield_per=AT_ONCE)
    with unreachable(store.url, store.busy, store.forbidden), connection.execute(asked) as result:
        yield from result.partitions()


def _weight(store: Store, connection: Connection, table: Table) -> _Weight:
    found = _Weight()
    for rows in _rows(store, connection, table):
        found.add(rows)
    return found
