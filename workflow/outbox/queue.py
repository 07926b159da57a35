"""The outbox: what is to be sent, queued in the transaction of its cause; `workflow.outbox.delivery` sends it.

Nothing here is personal: names and addresses are read when a message leaves.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from attrs import evolve

from states.canonical import canonical
from states.declaration.model import Declaration
from states.notifications import (
    ABOUT_MEETINGS,
    ESCALATION,
    TAKING_AWAY,
    Message,
    leaves_at,
    messages,
    pressing,
)
from states.requests.entry import Entry
from states.requests.request import Change, Request
from states.risks.rules import CRITICAL, Risk
from workflow.history.facts import Facts
from workflow.store import statements as q
from workflow.store.transaction import Transaction

WAITING, CLAIMED, SENT, FAILED, DROPPED = STATUSES = ("waiting", "claimed", "sent", "failed", "dropped")
UNCERTAIN = "uncertain"  # how people see one that is claimed


class Queued(NamedTuple):
    """A row of `outbox`."""

    key: str
    kind: str
    recipient: str
    ref: str | None
    meeting: str | None
    sequence: int
    payload: Mapping[str, Any]
    urgent: bool
    created_at: str
    not_before: str
    status: str = WAITING
    claimed_by: str | None = None
    claimed_at: str | None = None
    attempts: int = 0
    last_error: str | None = None
    sent_at: str | None = None

    @classmethod
    def of(cls, row: Any) -> Queued:
        """The message of a row, however it was read."""
        columns = {name: getattr(row, name) for name in cls._fields}
        return cls(**{**columns, "payload": json.loads(row.payload), "urgent": bool(row.urgent)})

    @property
    def shown(self) -> str:
        """Its status as people see it."""
        return UNCERTAIN if self.status == CLAIMED else self.status


def queue(tx: Transaction, found: Iterable[Message], now: str, leaves: str = "") -> None:
    """Stores messages to send, from `leaves` on; one queued already is left as it is."""
    for m in found:
        queued = Queued(
            key=m.key,
            kind=m.kind,
            recipient=m.recipient,
            ref=m.ref,
            meeting=m.meeting,
            sequence=m.sequence,
            payload=m.payload,
            urgent=m.urgent,
            created_at=now,
            not_before=m.not_before or leaves or now,
        )
        tx.run(q.insert_message, **{**queued._asdict(), "payload": canonical(dict(m.payload))})


def of_one_meeting(tx: Transaction, queued: Queued) -> list[Queued]:
    """What its recipient is, or was, to be told of the same meeting, itself among it."""
    rows = tx.all(q.messages_alike, ref=queued.ref, meeting=queued.meeting, recipient=queued.recipient)
    return [other for other in map(Queued.of, rows) if other.kind in ABOUT_MEETINGS]


def announced(tx: Transaction, queued: Queued) -> Queued | None:
    """The last message that its recipient was sent, before it, of a meeting that they then expected."""
    sent = [m for m in of_one_meeting(tx, queued) if m.sequence < queued.sequence and m.status in (SENT, CLAIMED)]
    last = max(sent, key=lambda m: m.sequence, default=None)
    return last if last and last.kind not in TAKING_AWAY else None


def queue_meetings(
    facts: Facts, declaration: Declaration, changed: Mapping[str, Change], request: Request, entry: Entry
) -> None:
    """Queues what an event owes about meetings it changed, in its own transaction; they leave in working hours."""
    found = messages(changed, request, entry)
    if not found:
        return
    now = entry.recorded_at
    leaves = leaves_at(declaration.lab, facts.calendar(declaration), now)
    for message in found:
        urgent = _pressing(message, changed, leaves)
        queue(facts.tx, [evolve(message, urgent=urgent, not_before=now if urgent else leaves)], now)


def _pressing(message: Message, changed: Mapping[str, Change], leaves: str) -> bool:
    # A move concerns whoever would come at the former time, too.
    former, _now = changed[message.meeting or ""]
    return pressing(min([message.payload["at"], *([former.at] if former else [])]), leaves)


def queue_alert(tx: Transaction, declaration: Declaration, id: int, risk: Risk, now: str) -> None:
    """Queues an escalation for each person an alert is addressed to.

    Only what is critical, an escalated deadline among others: the rest is in the digest. One settled before it leaves,
    by a higher stage among others, is not sent.
    """
    if risk.level != CRITICAL:
        return
    people = tx.all(q.active_in_role, role=risk.addressed_to) or tx.all(q.active_in_role, role=declaration.keeper)
    queue(
        tx,
        (
            Message(
                f"alert/{id}/{person.id}",
                ESCALATION,
                person.id,
                risk.ref,
                risk.meeting,
                payload={"alert": id},
                urgent=risk.level == CRITICAL,
            )
            for person in people
        ),
        now,
    )
