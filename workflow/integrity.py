"""What the history proves: recomputing the chain and every derived table, and making those again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

from attrs import define, field, frozen
from sqlalchemy import Connection, Row, Table, func, select

from states.canonical import digest
from states.causes import cause
from states.errors import StoreDamaged, StoreUnreachable
from states.language import _
from states.lifecycle.replay import replay
from states.references import LAB, numbered
from states.requests.entry import Entry
from workflow.alerts import alerts_of
from workflow.clock import Clock, now_of
from workflow.engine import Engine
from workflow.history.entries import ORIGIN, covered, from_row, head
from workflow.history.lab_log import fold_row
from workflow.history.vault import salted
from workflow.projections import awaiting, insert, raised_stages
from workflow.store import schema as s
from workflow.store import statements as q
from workflow.store import turns
from workflow.store.database import Store
from workflow.store.transaction import Transaction
from workflow.store.upgrade import make_derived, missing

Advance = Callable[[int, int], None]


@frozen
class Problem:
    """Something that is not what the history says it should be."""

    where: str
    message: str


@define
class Report:
    """What `db verify` found."""

    streams: int = 0
    entries: int = 0
    head: str = ""
    problems: list[Problem] = field(factory=list)

    def document(self) -> dict[str, Any]:
        return {
            "streams": self.streams,
            "entries": self.entries,
            "head": self.head,
            "problems": [{"where": p.where, "message": p.message} for p in self.problems],
        }


def verify(store: Store, clock: Clock, advance: Advance) -> Report:
    """Recomputes every digest, the head and every derived row; changes nothing."""
    report = Report()
    with store.reading() as connection:
        absent = missing(connection)
        report.problems += (Problem(name, _("it is missing")) for name in absent)
        if {table.name for table in s.PRIMARY}.isdisjoint(absent):
            _verify_declarations(connection, report)
            heads = _verify_chains(connection, report, advance)
            report.head = head(heads)
    if not {*s.metadata.tables} & {*absent}:
        report.problems += _derived_differences(store, clock)
    return report


def _verify_declarations(connection: Connection, report: Report) -> None:
    for row in connection.execute(select(s.declarations)):
        if _digest_of(row.document) != row.digest:
            report.problems.append(Problem(f"declaration {row.digest[:12]}", _("its text is not what its digest says")))


def _digest_of(document: str, salt: str = "") -> str | None:
    """The digest a stored JSON text has; None if it is not one any more."""
    try:
        return salted(salt, json.loads(document))
    except ValueError:
        return None


def _verify_chains(connection: Connection, report: Report, advance: Advance) -> list[tuple[str, int, str]]:
    total = connection.execute(select(func.count()).select_from(s.entries)).scalar_one()
    heads = []
    for stream, entries in _streams(connection):
        report.streams += 1
        report.entries += len(entries)
        report.problems += _chain_problems(stream, entries)
        report.problems += _vault_problems(connection, stream, entries)
        heads.append((stream, entries[-1].seq, entries[-1].digest))
        advance(report.entries, total)
    report.problems += _lost_texts(connection)
    return heads


def _streams(connection: Connection) -> Iterator[tuple[str, list[Entry]]]:
    rows = connection.execute(select(s.entries).order_by(s.entries.c.stream, s.entries.c.seq))
    current: list[Entry] = []
    for row in rows:
        entry = _entry(row)
        if current and current[0].stream != entry.stream:
            yield current[0].stream, current
            current = []
        current.append(entry)
    if current:
        yield current[0].stream, current


def _entry(row: Row[Any]) -> Entry:
    """The entry of a row, even one whose data are no longer what an entry holds: its digest will tell."""
    try:
        entry = from_row(row)
    except ValueError:
        entry = from_row(SimpleNamespace(**{**row._mapping, "data": json.dumps({"not JSON": row.data})}))
    return entry if isinstance(entry.data, dict) else entry._replace(data={"not an object": entry.data})


def _chain_problems(stream: str, entries: list[Entry]) -> Iterator[Problem]:
    previous = ORIGIN
    for expected, entry in enumerate(entries, 1):
        where = f"{stream} #{entry.seq}"
        if entry.seq != expected:
            yield Problem(where, _("entry {n} is missing", n=expected))
            return
        if entry.previous != previous:
            yield Problem(where, _("it does not follow the entry before"))
        if digest(covered(entry)) != entry.digest:
            yield Problem(where, _("it was changed after it was written"))
        previous = entry.digest


def _vault_problems(connection: Connection, stream: str, entries: list[Entry]) -> Iterator[Problem]:
    c = s.vault.c
    known = {entry.seq: entry for entry in entries}
    for row in connection.execute(select(c.seq, c.field, c.salt, c.value).where(c.stream == stream)):
        entry = known.get(row.seq)
        stands = None
        if entry is not None:
            stands = entry.note_digest if row.field == "note" else entry.data.get(row.field)
        expected = stands.get("vault") if isinstance(stands, dict) else stands
        if expected is None or _digest_of(row.value, row.salt) != expected:
            yield Problem(f"{stream} #{row.seq} {row.field}", _("this text is not the one the history knows"))


def _lost_texts(connection: Connection) -> Iterator[Problem]:
    """The texts of the vault whose whole stream is unknown."""
    c, known = s.vault.c, select(s.entries.c.stream).distinct()
    for row in connection.execute(select(c.stream, c.seq, c.field).where(c.stream.not_in(known))):
        yield Problem(f"{row.stream} #{row.seq} {row.field}", _("this text is not the one the history knows"))


class _RolledBack(Exception):
    """Ends a transaction whose work was only to be looked at."""


def _derived_differences(store: Store, clock: Clock) -> list[Problem]:
    """Rebuilds inside a transaction, compares with what was there, and rolls back."""
    found: list[Problem] = []
    try:
        with store.writing() as tx:
            turns.of_everyone(tx)
            before = {table.name: _rows(tx, table) for table in s.DERIVED}
            _rebuild_in(tx, store, clock, lambda _done, _total: None)
            for table in s.DERIVED:
                found += _differences(table, before[table.name], _rows(tx, table))
            raise _RolledBack
    except _RolledBack:
        return found
    except StoreDamaged as problem:
        return [Problem("history", problem.message)]


def _rows(tx: Transaction, table: Table) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    names = [column.name for column in table.columns]
    index = [names.index(column.name) for column in table.primary_key]
    return {tuple(row[i] for i in index): tuple(row) for row in tx.all(q.WHOLE[table.name])}


def _differences(table: Table, there: dict[Any, Any], expected: dict[Any, Any]) -> Iterator[Problem]:
    for key in sorted(there.keys() | expected.keys(), key=str):
        where = f"{table.name} {'/'.join(map(str, key))}"
        if key not in expected:
            yield Problem(where, _("this row follows from nothing in the history"))
        elif key not in there:
            yield Problem(where, _("this row is missing"))
        elif there[key] != expected[key]:
            names = [column.name for column in table.columns]
            changed = [n for n, a, b in zip(names, there[key], expected[key], strict=True) if a != b]
            yield Problem(where, _("these columns differ: {names}", names=", ".join(changed)))


def rebuild(store: Store, clock: Clock, advance: Advance) -> int:
    """Empties every derived table and makes it again from the history; the number of streams."""
    make_derived(store)
    with store.writing() as tx:
        turns.of_everyone(tx)
        return _rebuild_in(tx, store, clock, advance)


def _rebuild_in(tx: Transaction, store: Store, clock: Clock, advance: Advance) -> int:
    try:
        return _replay_all(tx, Engine(store, clock), clock, advance)
    except StoreUnreachable:
        raise
    except Exception as problem:  # a history that was tampered with fails anywhere
        raise StoreDamaged(_("it cannot be replayed: {problem}", problem=cause(problem))) from problem


def _replay_all(tx: Transaction, engine: Engine, clock: Clock, advance: Advance) -> int:
    for table in s.DERIVED:
        tx.run(q.EMPTY[table.name])
    for row in tx.all(q.entries, stream=LAB):
        fold_row(tx, from_row(row))
    refs = [row.stream for row in tx.all(q.request_streams, lab=LAB)]
    last: dict[tuple[str, int], int] = {}
    now = now_of(clock)
    for done, ref in enumerate(refs, 1):
        entries = [from_row(row) for row in tx.all(q.entries, stream=ref)]
        declaration = engine.facts(tx).declaration_of(entries[-1].declaration).of(ref)
        request = replay(declaration, entries)
        calendar = engine.facts(tx).calendar(declaration)
        insert(tx, request, awaiting(declaration, request, calendar, now), raised_stages(alerts_of(tx, ref)))
        series, year, number = numbered(ref)
        last[series, year] = max(last.get((series, year), 0), number)
        advance(done, len(refs))
    for (series, year), highest in last.items():
        tx.run(q.set_counter, series=series, year=year, last=highest)
    return len(refs) + 1


def stats(store: Store) -> dict[str, Any]:
    """How many rows each table holds, the size of the file, the revision of the schema."""
    with store.reading() as connection:
        found: dict[str, Any] = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (*s.PRIMARY, *s.DERIVED)
        }
    if store.path is not None:
        found["bytes"] = store.path.stat().st_size
    found["revision"] = s.REVISION
    return found
