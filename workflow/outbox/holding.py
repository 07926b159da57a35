"""A copy sends nothing: why a store keeps its messages, until someone says that it is the one that writes to people.

Where a store last sent from stands in the marks of its messages; that it was put back from a copy, and that someone
let it send, are entries of the lab's stream.
"""

from __future__ import annotations

import json

from sqlalchemy import select, text

from states.canonical import digest
from states.references import LAB
from workflow.clock import Clock, now_of
from workflow.engine import Engine
from workflow.history.lab_log import record
from workflow.lab.service import keeper
from workflow.outbox.queue import CLAIMED, SENT
from workflow.store import schema as s
from workflow.store import statements as q
from workflow.store import turns
from workflow.store.database import Store

RESTORED, RELEASED = "store_restored", "outbox_released"
REHEARSAL, ELSEWHERE = "rehearsal", "elsewhere"  # why messages are kept, besides RESTORED
_MARK = "/at:"


def place_of(store: Store) -> str:
    """Where a store is, as a short digest: this very file, at this path; or this database of this server."""
    if store.path is not None:
        return digest(f"{store.path.resolve()}\n{store.path.stat().st_ino}")[:16]
    with store.reading() as connection:
        row = connection.execute(
            text(
                "SELECT (SELECT system_identifier FROM pg_control_system()),"
                " (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        ).one()
    return digest(f"{row[0]}\n{row[1]}")[:16]


def signed(store: Store, claimer: str) -> str:
    """Who claims a message, and in which place: the mark that tells where a store last sent from."""
    return f"{claimer}{_MARK}{place_of(store)}"


def held(store: Store, *, rehearsal: bool) -> str | None:
    """Why the messages of a store are kept: REHEARSAL, RESTORED, ELSEWHERE; None where they may leave.

    `rehearsal`: the clock is set by the environment.
    """
    e, o = s.entries.c, s.outbox.c
    decided = select(e.event, e.data).where(e.stream == LAB, e.event.in_((RESTORED, RELEASED))).order_by(e.seq.desc())
    sent = select(o.claimed_by).where(o.status.in_((SENT, CLAIMED)), o.claimed_by.contains(_MARK))
    with store.reading() as connection:
        last = connection.execute(decided.limit(1)).first()
        before = connection.execute(sent.order_by(o.claimed_at.desc()).limit(1)).scalar()
    if last is not None and last.event == RESTORED:
        return RESTORED
    released = json.loads(last.data) if last is not None else {}
    here = place_of(store)
    if rehearsal and not (released.get("place") == here and released.get(REHEARSAL)):
        return REHEARSAL
    known = {place for place in (released.get("place"), before and before.rpartition(_MARK)[2]) if place}
    return ELSEWHERE if known and here not in known else None


def release(engine: Engine, actor: str, *, rehearsal: bool) -> None:
    """Someone who keeps the registers says that this store, here, is the one that writes to people."""
    data = {"place": place_of(engine.store), REHEARSAL: rehearsal}
    with engine.store.writing() as tx:
        turns.of_lab(tx)
        role, declaration = keeper(engine, tx, actor), engine.in_force(tx).digest
        record(tx, RELEASED, data, actor=actor, role=role, declaration=declaration, now=now_of(engine.clock))


def mark_restored(store: Store, clock: Clock) -> None:
    """Says in a copy, before it is put in place of a store, that it is one."""
    with store.writing() as tx:
        lab = tx.one(q.lab, stream=LAB)
        if lab is not None:
            declaration, now = Engine(store, clock).in_force(tx).digest, now_of(clock)
            record(tx, RESTORED, {}, actor="system", role="system", declaration=declaration, now=now)
