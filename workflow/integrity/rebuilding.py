"""Making the derived tables again from the history: in their place, or beside them to see what differs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import MetaData, Select, Table, func, select, type_coerce
from sqlalchemy.types import NullType

from states.causes import cause
from states.errors import StoreDamaged, StoreUnreachable
from states.language import _
from states.lifecycle.replay import replay
from states.references import LAB, numbered
from workflow.alerts import alerts_of
from workflow.clock import Clock, now_of
from workflow.engine import Engine
from workflow.history.entries import from_values
from workflow.history.lab_log import fold_row
from workflow.integrity.report import Advance, Problem
from workflow.projections import awaiting, insert, raised_stages
from workflow.store import schema as s
from workflow.store import statements as q
from workflow.store import turns
from workflow.store.database import Store
from workflow.store.failures import REASONS, code_of
from workflow.store.structure import schema_name, temporary
from workflow.store.transaction import Looking, Transaction
from workflow.store.upgrade import make_derived


def derived_differences(tx: Looking, store: Store, clock: Clock) -> list[Problem]:
    """What a rebuild would change: the derived tables are made again in temporary ones of the same names, and compared.

    Nobody waits for it, and a store that can only be read is compared too.
    """
    live = {table.name: table.to_metadata(MetaData(schema=schema_name(tx.connection))) for table in s.DERIVED}
    for table in s.DERIVED:
        temporary(table).create(tx.connection, checkfirst=False)
    if tx.dialect == "postgresql":  # a statement that it has prepared would go on meaning the table it meant
        tx.connection.exec_driver_sql("DISCARD PLANS")
    _rebuild_in(tx, store, clock, _quietly)
    return [problem for table in s.DERIVED for problem in _differences(tx, live[table.name], table)]


def _quietly(_done: int, _total: int) -> None:
    pass


def _differences(tx: Looking, there: Table, expected: Table) -> Iterator[Problem]:
    """Row by row: what is in one table alone, by its key."""
    found, wanted = _alone(tx, there, expected), _alone(tx, expected, there)
    for key in sorted(found.keys() | wanted.keys(), key=str):
        where = f"{expected.name} {'/'.join(map(str, key))}"
        if key not in wanted:
            yield Problem(where, _("this row follows from nothing in the history"))
        elif key not in found:
            yield Problem(where, _("this row is missing"))
        else:
            names = [column.name for column in expected.columns]
            changed = [n for n, a, b in zip(names, found[key], wanted[key], strict=True) if not _same(a, b)]
            yield Problem(where, _("these columns differ: {names}", names=", ".join(changed)))


def _alone(tx: Looking, one: Table, other: Table) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """The rows of one table that another has not, by their key, as the database holds them."""
    query = _as_held(one).except_(_as_held(other))
    names = [column.name for column in one.columns]
    index = [names.index(column.name) for column in one.primary_key]
    return {tuple(row[n] for n in index): tuple(row) for row in tx.connection.execute(query)}


def _as_held(table: Table) -> Select[Any]:
    columns: list[Any] = [type_coerce(column, NullType()) for column in table.columns]
    return select(*columns)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


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
        if code_of(problem) in REASONS:  # it is the store that cannot be written
            raise
        raise StoreDamaged(_("it cannot be replayed: {problem}", problem=cause(problem))) from problem


def _replay_all(tx: Transaction, engine: Engine, clock: Clock, advance: Advance) -> int:
    for table in s.DERIVED:
        tx.run(q.EMPTY[table.name])
    for row in tx.all(q.entries, stream=LAB):
        fold_row(tx, from_values(row))
    refs = [row.stream for row in tx.all(q.request_streams, lab=LAB)]
    last: dict[tuple[str, int], int] = {}
    now = now_of(clock)
    for done, ref in enumerate(refs, 1):
        entries = [from_values(row) for row in tx.all(q.entries, stream=ref)]
        declaration = engine.facts(tx).declaration_of(entries[-1].declaration).of(ref)
        request = replay(declaration, entries)
        calendar = engine.facts(tx).calendar(declaration)
        insert(tx, request, awaiting(declaration, request, calendar, now), raised_stages(alerts_of(tx, ref)))
        series, year, number = numbered(ref)
        last[series, year] = max(last.get((series, year), 0), number)
        advance(done, len(refs))
    for (series, year), highest in last.items():
        tx.run(q.set_counter, series=series, year=year, last=highest)
    tx.send()
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
