"""How an entry of the lab's own stream is written, whatever it says: a unit of work that lab's functions share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from attrs import define, field

from states.declaration.types import instant
from states.errors import Refusal, Refused
from states.language import _
from workflow import projections as projection
from workflow.alerts import Scribe, alerts_of, attend, resolve_gone, settle_deadlines, standing
from workflow.clock import now_of
from workflow.engine import Engine
from workflow.history.facts import Facts
from workflow.history.lab_log import LabWriter
from workflow.history.registered import acting
from workflow.store import statements as q
from workflow.store import turns
from workflow.store.transaction import Transaction


@define
class LabWork(LabWriter):
    """What one person changes of the lab in one transaction, under the declaration in force."""

    engine: Engine = field(kw_only=True)

    @property
    def facts(self) -> Facts:
        """What the store says now."""
        return self.engine.facts(self.tx)


@contextmanager
def changing(engine: Engine) -> Iterator[Transaction]:
    """A write transaction in which nobody else changes the lab, so that what was checked holds to the end.

    The alerts whose cause has gone by then (back from an absence, a place open after all) are settled in it.
    """
    with engine.store.writing() as tx:
        turns.of_lab(tx)
        yield tx
        if alerts := standing(tx):
            resolve_gone(Scribe(tx, engine.in_force(tx), now_of(engine.clock)), engine.facts(tx), alerts)


@contextmanager
def keeping(engine: Engine, actor: str) -> Iterator[LabWork]:
    """The work of someone who keeps the registers, else NotFound or Refused."""
    with changing(engine) as tx:
        yield work_of(engine, tx, actor, keeper(engine, tx, actor))


def work_of(engine: Engine, tx: Transaction, actor: str, role: str) -> LabWork:
    """Someone's work in a transaction of `changing`, whatever their role lets them do."""
    return LabWork(tx, engine.in_force(tx), now_of(engine.clock), actor, role, engine=engine)


def keeper(engine: Engine, tx: Transaction, actor: str) -> str:
    """The role of an actor who may keep the registers, else Refused."""
    role = acting(tx, actor)
    declaration = engine.in_force(tx)
    if not declaration.keeps(role):
        label = declaration.label("roles", role)
        asked = declaration.label("roles", declaration.keeper)
        refusal = Refusal(
            "role",
            _("The registers are not for the role {role}.", role=label),
            _("Ask who has the role {role}.", role=asked),
        )
        raise Refused([refusal])
    return str(role)


def attend_alert(engine: Engine, actor: str, id: int, until: date | None = None) -> None:
    """Acknowledges an alert, or silences it until the morning of a day."""
    with engine.store.writing() as tx:
        turns.of_lab(tx)
        declaration = engine.in_force(tx)
        scribe = Scribe(tx, declaration, now_of(engine.clock), actor, keeper(engine, tx, actor))
        lab = declaration.lab
        attend(scribe, id, instant(datetime.combine(until, lab.opens, lab.tz)) if until else None)


def refresh_deadlines(engine: Engine, tx: Transaction) -> int:
    """Writes the deadlines of every open request again, after the calendar changed.

    How many requests have another next deadline.
    """
    facts, moved = engine.facts(tx), 0
    scribe = Scribe(tx, facts.declaration, facts.now)
    rows = tx.all(q.awaiting)
    due = {row.ref: row.next_due_at for row in rows}
    for request in facts.readable(rows):
        declaration = facts.declaration_of(request.declaration)
        waiting = projection.awaiting(declaration, request, facts.calendar(declaration), facts.now)
        alerts = alerts_of(tx, request.ref)
        raised = projection.raised_stages(alerts)
        projection.update(tx, request, waiting, raised)
        settle_deadlines(scribe, alerts, request.ref, waiting)
        moved += min((d.due_at for d in waiting if d.status == "open"), default=None) != due[request.ref]
    return moved
