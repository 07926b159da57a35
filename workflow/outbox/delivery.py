"""Delivery: messages claimed one at a time, marked once they have left.

A message claimed and never marked may or may not have left: it is *uncertain*, and only a person decides. Any number
of processes may deliver at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import func, select

from states.declaration.types import instant, local, moment
from states.errors import Conflict, NotFound
from states.language import _
from states.notifications import ABOUT_MEETINGS, CHANGE, DIGEST, INVITATION, LETTER, TAKING_AWAY, Message, leaves_at
from workflow.clock import now_of
from workflow.engine import Engine
from workflow.history.facts import Facts
from workflow.lab.service import keeper
from workflow.outbox.letters import why_not
from workflow.outbox.queue import (
    CLAIMED,
    DROPPED,
    FAILED,
    SENT,
    UNCERTAIN,
    WAITING,
    Queued,
    announced,
    of_one_meeting,
    queue,
)
from workflow.store import schema as s
from workflow.store import statements as q
from workflow.store.database import Store
from workflow.store.transaction import Transaction

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)  # between two attempts, doubling
GIVE_UP = 24  # attempts: about five days


def claim(engine: Engine, claimer: str) -> Queued | None:
    """Takes the next message that may leave now, durably, before anything is sent; None when there is none.

    On the way, drops those that nothing needs any more.
    """
    now = now_of(engine.clock)
    while _any_due(engine.store, now):
        with engine.store.writing() as tx:
            declaration = engine.in_force(tx)
            working = leaves_at(declaration.lab, engine.facts(tx).calendar(declaration), now) == now
            row = tx.one(q.due_message if working else q.due_urgent_message, now=now)
            if row is None:
                return None
            found = Queued.of(row)
            sent_as, why = _still_wanted(engine.facts(tx), found)
            taken = found._replace(
                status=CLAIMED, claimed_by=claimer, claimed_at=now, attempts=found.attempts + 1, last_error=None
            )
            if why:
                taken = found._replace(status=DROPPED, last_error=why)
            if not _mark(tx, found, taken) or why:
                continue
        return taken._replace(kind=sent_as)
    return None


def _any_due(store: Store, now: str) -> bool:
    # Without a lock: a round with nothing to send keeps nobody waiting.
    o = s.outbox.c
    with store.reading() as connection:
        query = select(o.key).where(o.status == WAITING, o.not_before <= now).limit(1)
        return connection.execute(query).first() is not None


def _still_wanted(facts: Facts, found: Queued) -> tuple[str, str | None]:
    """As what a message leaves, and why it does not: a later one stands for it, or there is nothing left to say."""
    if found.kind == LETTER:
        return found.kind, why_not(facts, found)
    if found.kind not in ABOUT_MEETINGS:
        return found.kind, None
    if any(m.sequence > found.sequence and m.status == WAITING for m in of_one_meeting(facts.tx, found)):
        return found.kind, "superseded"
    before = announced(facts.tx, found)
    if found.kind in TAKING_AWAY and before is None:
        return found.kind, "never_announced"
    if found.payload["at"] <= facts.now:
        return found.kind, "past"
    if before is None:
        return (INVITATION if found.kind == CHANGE else found.kind), None
    said_already = found.kind not in TAKING_AWAY and before.payload == found.payload
    return found.kind, "as_announced" if said_already else None


def leaving(engine: Engine) -> tuple[list[Queued], dict[str, str]]:
    """What waits and would leave if its hour had come, as what it would; why each of the others would not, by key.

    By the very rules of `claim`; nothing is marked.
    """
    wanted, unwanted = [], {}
    waiting = listed(engine.store, (WAITING,))
    with engine.store.looking() as tx:
        facts = engine.facts(tx)
        for queued in waiting:
            sent_as, why = _still_wanted(facts, queued)
            if why:
                unwanted[queued.key] = why
            else:
                wanted.append(queued._replace(kind=sent_as))
    return wanted, unwanted


def settle(
    engine: Engine, claimed: Queued, status: str, error: str | None = None, *, wait: timedelta | None = None
) -> bool:
    """Marks a claimed message: sent, failed, dropped, or waiting again. False when a person decided meanwhile."""
    now = now_of(engine.clock)
    not_before = instant(moment(now) + wait) if wait is not None else claimed.not_before
    marked = claimed._replace(
        status=status, last_error=error, sent_at=now if status == SENT else None, not_before=not_before
    )
    with engine.store.writing() as tx:
        return _mark(tx, claimed, marked)


def again(engine: Engine, claimed: Queued, error: str, *, forever: bool = False) -> str:
    """Puts a claimed message back, to be tried later and later, and given up one day unless `forever`; its status."""
    if claimed.attempts >= GIVE_UP and not forever:
        settle(engine, claimed, FAILED, error)
        return FAILED
    wait = min(FIRST_WAIT * 2 ** min(claimed.attempts - 1, 12), LONGEST_WAIT)
    settle(engine, claimed, WAITING, error, wait=wait)
    return WAITING


def _mark(tx: Transaction, before: Queued, after: Queued) -> bool:
    """Writes the marks of a message, unless someone else has changed them."""
    marks = {name: getattr(after, name) for name in q.MARKS}
    return tx.touched(q.update_message, **marks, which=before.key, was=before.status, tried=before.attempts) == 1


def listed(store: Store, statuses: Sequence[str] = (WAITING, CLAIMED, FAILED)) -> list[Queued]:
    """The messages with one of these statuses, the oldest first."""
    o = s.outbox.c
    query = select(s.outbox).where(o.status.in_(statuses)).order_by(o.created_at, o.sequence, o.key)
    with store.reading() as connection:
        return [Queued.of(row) for row in connection.execute(query)]


def decidable(store: Store, decision: str) -> list[str]:
    """The keys of the messages that a decision makes sense for: those given up are not sent again unless named."""
    gone = (DROPPED, WAITING) if decision == "retry" else ()
    return [queued.key for queued in listed(store, [s for s in DECISIONS[decision][1] if s not in gone])]


def counted(store: Store) -> dict[str, int]:
    """How many messages wait, are uncertain, failed: what `coop status` shows."""
    o = s.outbox.c
    with store.reading() as connection:
        rows = connection.execute(select(o.status, func.count()).group_by(o.status))
        found = {str(status): int(n) for status, n in rows}
    return {WAITING: found.get(WAITING, 0), UNCERTAIN: found.get(CLAIMED, 0), FAILED: found.get(FAILED, 0)}


DECISIONS: Mapping[str, tuple[str, tuple[str, ...]]] = {  # decision -> the status it gives, those it is for
    "retry": (WAITING, (CLAIMED, FAILED, DROPPED, WAITING)),
    "sent": (SENT, (CLAIMED, FAILED, WAITING)),
    "drop": (DROPPED, (CLAIMED, FAILED, WAITING)),
}


def decide(engine: Engine, actor: str, key: str, decision: str) -> Queued:
    """A person says what becomes of a message: sent again, taken as sent, or given up."""
    now = now_of(engine.clock)
    status, possible = DECISIONS[decision]
    with engine.store.writing() as tx:
        keeper(engine, tx, actor)
        row = tx.one(q.message, key=key)
        if row is None:
            raise NotFound(_("There is no message {key}.", key=key), hint="coop outbox --all")
        found = Queued.of(row)
        if found.status not in possible:
            raise Conflict(_("The message {key} is settled already.", key=key), hint="coop outbox --all")
        decided = found._replace(
            status=status,
            claimed_by=actor,
            claimed_at=now,
            not_before=now,
            last_error="by_hand" if status == DROPPED else None,
            sent_at=now if status == SENT else None,
        )
        _mark(tx, found, decided)
        return decided


def queue_digests(engine: Engine) -> int:
    """Queues the day's digest for each coordinator, once a working day from the lab's opening on; how many are new."""
    now = now_of(engine.clock)
    with engine.store.looking() as tx:
        declaration = engine.in_force(tx)
        if leaves_at(declaration.lab, engine.facts(tx).calendar(declaration), now) != now:
            return 0
        people = [row.id for row in tx.all(q.active_in_role, role=declaration.keeper)]
    day = local(now, declaration.lab.tz).date().isoformat()
    wanted = {f"{DIGEST}/{day}/{person}": person for person in people}
    with engine.store.reading() as connection:
        known = set(connection.execute(select(s.outbox.c.key).where(s.outbox.c.key.in_(wanted))).scalars())
    new = [Message(key, DIGEST, p, payload={"day": day}) for key, p in wanted.items() if key not in known]
    if new:
        with engine.store.writing() as tx:
            queue(tx, new, now)
    return len(new)
