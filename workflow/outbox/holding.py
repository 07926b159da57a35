"""A copy sends nothing: why a store keeps its messages, until someone says that it is the one that writes to people.

Where a store was opened, that it was put back from a copy, that its lab moved, and that someone let it send, are
entries of the lab's stream; where it last sent from stands in the marks of its messages.
"""

from __future__ import annotations

import json

from sqlalchemy import select

from states.references import LAB
from workflow.clock import Clock, now_of
from workflow.engine import Engine
from workflow.history.lab_log import LabWriter
from workflow.lab.opening import OPENED
from workflow.lab.service import keeper, work_of
from workflow.outbox.queue import CLAIMED, SENT
from workflow.store import schema as s
from workflow.store import statements as q
from workflow.store import turns
from workflow.store.database import Store
from workflow.store.place import place_of

RESTORED, RELEASED, MOVED = "store_restored", "outbox_released", "lab_moved"
REHEARSAL, ELSEWHERE = "rehearsal", "elsewhere"  # why messages are kept, besides RESTORED
_SAYING = (OPENED, RESTORED, RELEASED, MOVED)  # the entries that say where a store may send from, or that it may not
_MARK = "/at:"


def signed(store: Store, claimer: str) -> str:
    """Who claims a message, and in which place: the mark that tells where a store last sent from."""
    return f"{claimer}{_MARK}{place_of(store)}"


def held(store: Store, *, rehearsal: bool) -> str | None:
    """Why the messages of a store are kept: REHEARSAL, RESTORED, ELSEWHERE; None where they may leave.

    `rehearsal`: the clock is set by the environment.
    """
    e, o = s.entries.c, s.outbox.c
    decided = select(e.event, e.data).where(e.stream == LAB, e.event.in_(_SAYING)).order_by(e.seq.desc())
    sent = select(o.claimed_by).where(o.status.in_((SENT, CLAIMED)), o.claimed_by.contains(_MARK))
    with store.reading() as connection:
        last = connection.execute(decided.limit(1)).first()
        before = connection.execute(sent.order_by(o.claimed_at.desc()).limit(1)).scalar()
    if last is not None and last.event == RESTORED:
        return RESTORED
    allowed = json.loads(last.data) if last is not None else {}
    here = place_of(store)
    if rehearsal and not (allowed.get("place") == here and allowed.get(REHEARSAL)):
        return REHEARSAL
    known = {place for place in (allowed.get("place"), before and before.rpartition(_MARK)[2]) if place}
    return ELSEWHERE if known and here not in known else None


def moved_to(store: Store) -> str | None:
    """The place to which the lab of a store has moved; None where it has not."""
    e = s.entries.c
    moved = select(e.data).where(e.stream == LAB, e.event == MOVED).order_by(e.seq.desc()).limit(1)
    with store.reading() as connection:
        data = connection.execute(moved).scalar()
    return json.loads(data)["place"] if data else None


def release(engine: Engine, actor: str, *, rehearsal: bool) -> None:
    """Someone who keeps the registers says that this store, here, is the one that writes to people."""
    data = {"place": place_of(engine.store), REHEARSAL: rehearsal}
    with engine.store.writing() as tx:
        turns.of_lab(tx)
        work_of(engine, tx, actor, keeper(engine, tx, actor)).write(RELEASED, data)


def mark_restored(store: Store, clock: Clock) -> None:
    """Says in a copy, before it is put in place of a store, that it is one."""
    with store.writing() as tx:
        lab = tx.one(q.lab, stream=LAB)
        if lab is not None:
            LabWriter(tx, Engine(store, clock).in_force(tx), now_of(clock)).write(RESTORED, {})
