"""Who acts: somebody of the register. Apart from the other facts, so that `coop list` starts fast."""

from __future__ import annotations

from typing import Any

from states.errors import NotFound, unregistered
from workflow.store import statements as q
from workflow.store.transaction import Transaction


def acting(tx: Transaction, actor: str) -> Any:
    """The role of who acts; NotFound (exit 4) for an actor who is not, or no longer, registered in the lab."""
    row = tx.one(q.staff_member, id=actor)
    if row is None or not row.active:
        raise stranger(tx, actor)
    return row.role


def stranger(tx: Transaction, actor: str) -> NotFound:
    """The error for someone who may do nothing, with what somebody who keeps the registers types to settle it."""
    from workflow.history.facts import Facts

    row = tx.one(q.staff_member, id=actor)
    if row is None:
        words = f"staff add {actor} --name … --email … --role …"
    else:  # they left, or their role did
        words = f"staff change {actor} " + ("--role …" if row.active else "--active")
    facts = Facts(tx, "")
    keepers = [person.id for person in facts.people if person.active and facts.declaration.keeps(person.role)]
    return unregistered(actor, " ".join(["coop", *(["--as", keepers[0]] if keepers else []), words]))
