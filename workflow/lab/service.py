"""How an entry of the lab's own stream is written, whatever it says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from states.declaration.model import Declaration
from states.declaration.types import instant
from states.errors import NotFound, Refusal, Refused
from states.language import _
from states.requests.entry import Entry
from states.requests.request import Request
from workflow import projections as projection
from workflow.alerts import Scribe, alerts_of, attend, settle_deadlines
from workflow.clock import now_of
from workflow.engine import Engine
from workflow.history.entries import LAB
from workflow.history.reference_data import Registers, record
from workflow.lab.relief import Relief, standing
from workflow.store.database import Transaction

KEEPERS = ("coordinator", "referent", "pilot")  # who keeps the registers


class LabStream:
    """Writes the lab's stream, through the engine's store and clock."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def _writing(self) -> Iterator[Transaction]:
        """A write transaction in which nobody else changes the lab, so that what was checked holds to the end.

        The alerts whose cause has gone by then (back from an absence, a place open after all) are settled in it.
        """
        with self.engine.store.writing() as tx:
            tx.queue()
            yield tx
            if alerts := standing(tx):
                scribe = Scribe(tx, self.engine.in_force(tx), now_of(self.engine.clock))
                Relief(scribe, self.engine.registers(tx)).settle(alerts)

    def keeper(self, tx: Transaction, actor: str) -> str:
        """The role of an actor who may keep the registers, else Refused."""
        row = tx.one("staff_member", actor)
        if row is None or not row[1]:
            raise NotFound(_("“{actor}” is not registered in this lab.", actor=actor), hint="coop staff list")
        if row[0] not in KEEPERS:
            label = self.engine.in_force(tx).label("roles", row[0])
            raise Refused(
                [
                    Refusal(
                        "role", _("The registers are not for the role {role}.", role=label), _("Ask the coordinator.")
                    )
                ]
            )
        return str(row[0])

    def write(
        self,
        tx: Transaction,
        event: str,
        data: Mapping[str, Any],
        actor: str,
        role: str,
        declaration: Declaration,
        note: str | None = None,
    ) -> Entry:
        """One entry of the lab's stream, with its rows in the registers; its note goes to the vault."""
        now = now_of(self.engine.clock)
        return record(tx, event, data, actor=actor, role=role, declaration=declaration.digest, now=now, note=note)

    def attend_alert(self, actor: str, id: int, until: date | None = None) -> None:
        """Acknowledges an alert, or silences it until the morning of a day."""
        with self.engine.store.writing() as tx:
            tx.queue()
            declaration = self.engine.in_force(tx)
            scribe = Scribe(tx, declaration, now_of(self.engine.clock), actor, self.keeper(tx, actor))
            lab = declaration.lab
            attend(scribe, id, instant(datetime.combine(until, lab.opens, lab.tz)) if until else None)

    def refresh_deadlines(self, tx: Transaction) -> int:
        """Writes the deadlines of every open request again, after the calendar changed.

        How many requests have another next deadline.
        """
        newest = tx.one("lab", LAB)
        assert newest is not None
        # Read anew, and not kept: should this transaction fail, another entry will bear the same number.
        registers, now, moved = Registers.read(tx, newest[0]), now_of(self.engine.clock), 0
        scribe = Scribe(tx, self.engine.in_force(tx), now)
        for document, due_at in tx.all("awaiting"):
            request = Request.from_document(json.loads(document))
            declaration = self.engine.declaration(tx, request.declaration)
            waiting = projection.awaiting(declaration, request, registers.calendar(declaration), now)
            alerts = alerts_of(tx, request.ref)
            raised = projection.raised_stages(alerts)
            projection.update(tx, request, waiting, projection.meeting_rows(request), request.seq, raised)
            settle_deadlines(scribe, alerts, request.ref, waiting)
            moved += min((d.due_at for d in waiting if d.status == "open"), default=None) != due_at
        return moved
