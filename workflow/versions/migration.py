"""Running requests moved to the declaration in force: each by one entry, in one transaction, as the plan said.

Interrupted, it is typed again: who has moved already is not planned any more. Who cannot follow stays, and is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from states.deadlines import deadlines
from states.errors import Invalid
from states.forms.inputs import note_errors
from states.language import _
from states.lifecycle.migrating import migrated
from states.references import is_activity
from states.requests.request import Request
from workflow import projections as projection
from workflow.alerts import Scribe, alerts_of, settle_deadlines
from workflow.engine import Engine
from workflow.history.entries import sealed, to_row
from workflow.history.facts import Facts
from workflow.history.readable import request_of
from workflow.history.vault import store_private
from workflow.integrity.report import Advance
from workflow.lab.service import LabWork, keeping
from workflow.store import statements as q
from workflow.versions.plan import FOLLOWS, Row, Terms, draft, row_of


class Outcome(NamedTuple):
    """What became of a request of the plan; `otherwise`: what is not as it was planned."""

    row: Row
    moved: bool
    otherwise: tuple[str, ...] = ()


def migrate(
    engine: Engine, actor: str, rows: Sequence[Row], terms: Terms, note: str, advance: Advance
) -> list[Outcome]:
    """Moves each request of a plan that follows; those that do not are left as they are."""
    if errors := note_errors(note):
        raise Invalid(errors)
    outcomes = []
    for done, row in enumerate(rows, 1):
        outcomes.append(_moved(engine, actor, row, terms, note) if row.verdict == FOLLOWS else Outcome(row, False))
        advance(done, len(rows))
    return outcomes


def _moved(engine: Engine, actor: str, row: Row, terms: Terms, note: str) -> Outcome:
    with keeping(engine, actor) as work:
        facts = work.facts
        locked = q.activity_locked if is_activity(row.ref) else q.request_locked
        request = request_of(work.tx.one(locked, ref=row.ref, known=""))
        if request is None or request.declaration == work.declaration.digest:
            return Outcome(row, False, (_("somebody moved it meanwhile"),))
        again = row_of(facts, request, terms)
        if again.verdict != FOLLOWS:
            return Outcome(again, False, tuple(row.otherwise(again)))
        _write(work, facts, request, terms, note)
    with engine.store.looking() as tx:
        return Outcome(row, True, (*row.otherwise(again), *_not_as_planned(engine.facts(tx), again)))


def _write(work: LabWork, facts: Facts, request: Request, terms: Terms, note: str) -> None:
    """The entry, and what follows from it: the request, its deadlines, the alerts that they settle."""
    tx, after = work.tx, work.declaration.of(request.ref)
    entry = draft(request, after, terms.mapped, work.now)
    entry = entry._replace(
        actor=work.actor,
        role=work.role,
        entered_by=tx.entered_by,
        note_digest=store_private(tx, request.ref, entry.seq, "note", note),
    )
    entry = sealed(entry)
    tx.run(q.insert_entry, **to_row(entry))
    migrated(after, request, entry)
    waiting = projection.awaiting(after, request, facts.calendar(after), work.now)
    alerts = alerts_of(tx, request.ref)
    projection.update(tx, request, waiting, projection.raised_stages(alerts))
    if not is_activity(request.ref):
        tx.run(q.move_request, which=request.ref, declaration=request.declaration)
    settle_deadlines(Scribe(tx, work.declaration, work.now), alerts, request.ref, waiting)


def _not_as_planned(facts: Facts, row: Row) -> Iterator[str]:
    """What the store now says otherwise than the plan: looked at once the entry is stored."""
    request = facts.find(row.ref)
    if request is None or request.state != row.states[1]:
        yield _("its state")
    if request is not None:
        after = facts.declaration_of(request.declaration).of(row.ref)
        due = {one.key: one.due_at for one in deadlines(after, request, facts.calendar(after), facts.now)}
        if any(due.get(one.key) != one.after for one in row.deadlines):
            yield _("its deadlines")
        if request.cap(after) != row.cap[1]:
            yield _("its cap")
