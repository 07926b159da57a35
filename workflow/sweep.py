"""The sweep: what is due now is raised, what is no longer so is settled. Safe to run anywhere, any number of times.

It looks without a lock, through indexes on what is due; only if there is something to write does it take the write
lock, and what another sweep wrote meanwhile is not written again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import islice

from attrs import frozen
from sqlalchemy import select

from states.calendar.day_ranges import monday
from states.declaration.types import local
from states.errors import NotFound, StoreDamaged
from states.language import _
from states.planning.meeting import Planned
from states.risks.rules import AHEAD, DUE, STAGES, Risk, deadline_cause, deadline_risk, rank
from workflow.alerts import Alert, Scribe, meeting_risks, overloads, standing
from workflow.clock import now_of
from workflow.engine import Engine
from workflow.outbox.letters import queue_due_letters
from workflow.store import schema as s
from workflow.store import statements as q
from workflow.store import turns
from workflow.views.forecast import Outlook
from workflow.views.reader import Reader

BATCH = 500  # entries a transaction: nobody waits long for the lock


@frozen
class Swept:
    """What a sweep did; of those raised, how many a higher stage replaced at once."""

    raised: int
    replaced: int
    resolved: int
    now: str
    odd: Mapping[str, str]  # the requests it could not read, and why


@frozen
class _Seen:
    """What a sweep saw without a lock: what to raise, and which alerts have lost their cause."""

    risks: tuple[Risk, ...]
    gone: tuple[int, ...]


def sweep(engine: Engine) -> Swept:
    """One sweep at the clock's moment. After a long stop every stage passed is raised, late, once."""
    now = now_of(engine.clock)
    with engine.store.looking() as tx:
        reader = Reader(tx, now)
        declaration = reader.declaration
        seen = _look(reader)
    raised = replaced = resolved = 0
    for batch in _batches(seen):
        with engine.store.writing() as tx:
            turns.of_lab(tx)
            scribe = Scribe(tx, declaration, now)
            for work in batch:
                if isinstance(work, Risk):
                    new = scribe.raise_(work)
                    raised += new
                    if new and work.stage == DUE:
                        queue_due_letters(engine.facts(tx), work)
                elif (alert := tx.one(q.alert, which=work)) and alert.status != "resolved":
                    scribe.settle(work, "gone")
                    resolved += 1
            replaced += scribe.replaced
    return Swept(raised, replaced, resolved, now, dict(reader.odd))


def _batches(seen: _Seen) -> Iterator[list[Risk | int]]:
    work: Iterator[Risk | int] = iter([*seen.gone, *seen.risks])
    while batch := list(islice(work, BATCH)):
        yield batch


def _look(reader: Reader) -> _Seen:
    alerts = standing(reader.tx)
    today = local(reader.now, reader.declaration.lab.tz).date()
    risks = [
        *meeting_risks(reader, _watched(reader, today)),
        *overloads(reader, monday(today), reader.declaration.lab.load_weeks),
    ]
    levels = {risk.cause: rank(risk.level) for risk in risks}
    # What has become less grave is settled, and raised again for what it is.
    gone = [a.id for a in alerts if a.risk.rule != "deadline" and rank(a.risk.level) > levels.get(a.risk.cause, -1)]
    gone += _moved_deadlines(reader, [a for a in alerts if a.risk.rule == "deadline"])
    known = {(a.risk.cause, a.risk.level) for a in alerts}
    new = [risk for risk in risks if (risk.cause, risk.level) not in known]
    return _Seen((*_due_deadlines(reader), *new), tuple(gone))


def _due_deadlines(reader: Reader) -> Iterator[Risk]:
    """Every stage passed and not yet raised, the lower ones first."""
    d = s.deadlines.c
    rows = reader.connection.execute(
        select(s.deadlines, s.requests.c.declaration)
        .join(s.requests, s.requests.c.ref == d.stream)
        .where(d.next_stage_at <= reader.now)
        .order_by(d.next_stage_at)
    )
    for row in rows:
        try:
            declaration = reader.declaration_of(row.declaration)
            if row.kind not in declaration.deadlines:
                raise StoreDamaged(_("{ref} has a deadline that its declaration does not know.", ref=row.stream))
        except (StoreDamaged, NotFound) as problem:
            reader.leave_out(row.stream, problem)
            continue
        moments = dict(zip(STAGES, (row.reminder_at, row.due_at, row.escalation_at), strict=True))
        for stage, at in moments.items():
            if at is not None and row.next_stage_at <= at <= reader.now:
                yield deadline_risk(declaration, row.stream, row.kind, row.anchor, row.due_at, stage)


def _moved_deadlines(reader: Reader, alerts: Sequence[Alert]) -> list[int]:
    """The deadline alerts whose deadline is no longer awaited at that moment, because the calendar changed."""
    if not alerts:
        return []
    d = s.deadlines.c
    refs = {alert.risk.ref for alert in alerts}
    # Their statuses are looked at here: asked for, SQLite would go through every open deadline of the lab.
    rows = reader.connection.execute(select(d.status, d.stream, d.kind, d.anchor, d.due_at).where(d.stream.in_(refs)))
    awaited = {deadline_cause(*named) for status, *named in rows if status == "open"}
    return [alert.id for alert in alerts if alert.risk.cause not in awaited]


def _watched(reader: Reader, today: date) -> list[Planned]:
    """The meetings of the next ten working days, those an absence or a closure hits, those that ask for a skill."""
    calendar = reader.calendar(reader.declaration)
    horizon = calendar.at_due_hour(calendar.add(today, AHEAD) + timedelta(days=1))
    meetings = [*reader.planned(reader.now, horizon), *_hit(reader, today), *reader.planned_with_skill()]
    return list({m.name: m for m in meetings}.values())


def _hit(reader: Reader, today: date) -> Iterator[Planned]:
    """The meetings on the days ahead on which someone of theirs is away, or their place closed."""
    around = Outlook(reader).days_off
    for away in around.absences:
        yield from reader.planned_on((max(away.first, today), away.last), staff=away.staff)
    for closure in around.closures:
        if closure.last >= today:
            yield from reader.planned_on((max(closure.first, today), closure.last), place=closure.place)
    for swap in around.swaps:
        if swap.given >= today:
            yield from reader.planned_on((swap.given, swap.given), place=swap.place)
