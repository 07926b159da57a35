"""The sweep: what is due now is raised, what is no longer so is settled. Safe to run anywhere, any number of times.

It looks without a lock, through indexes on what is due; only if there is something to write does it take the write
lock, and what another sweep wrote meanwhile is not written again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice

from attrs import frozen
from sqlalchemy import select

from states.days import Days, monday
from states.request import PLANNED
from states.risks import AHEAD, STAGES, Risk, Watch, deadline_cause, deadline_risk, open_tasks, overload_risk, risks_of
from states.values import local
from workflow import schema as s
from workflow.alerts import Alert, Scribe
from workflow.clock import now_of
from workflow.engine import Engine
from workflow.outlook import Outlook
from workflow.reading import Reader

BATCH = 500  # entries a transaction: nobody waits long for the lock
WEEKS = 3  # the weeks whose load is watched: those of the next ten working days


@frozen
class Swept:
    """What a sweep did."""

    raised: int
    resolved: int
    now: str


@frozen
class _Seen:
    """What a sweep saw without a lock: what to raise, and which alerts have lost their cause."""

    risks: tuple[Risk, ...]
    gone: tuple[int, ...]


def sweep(engine: Engine) -> Swept:
    """One sweep at the clock's moment. After a long stop every stage passed is raised, late, once."""
    now = now_of(engine.clock)
    with engine.store.reading() as connection:
        reader = Reader(connection, now)
        declaration = reader.declaration
        seen = _look(reader)
    raised = resolved = 0
    for batch in _batches(seen):
        with engine.store.writing() as tx:
            tx.queue()
            scribe = Scribe(tx, declaration, now)
            for work in batch:
                if isinstance(work, Risk):
                    raised += scribe.raise_(work)
                elif (tx.one("alert", work) or ("resolved",))[0] != "resolved":
                    scribe.settle(work, "gone")
                    resolved += 1
    return Swept(raised, resolved, now)


def _batches(seen: _Seen) -> Iterator[list[Risk | int]]:
    work: Iterator[Risk | int] = iter([*seen.gone, *seen.risks])
    while batch := list(islice(work, BATCH)):
        yield batch


def _look(reader: Reader) -> _Seen:
    unsettled = select(s.alerts).where(s.alerts.c.status != "resolved").order_by(s.alerts.c.id)
    alerts = [Alert.of(row) for row in reader.connection.execute(unsettled)]
    risks = [*_meeting_risks(reader), *_overloads(reader)]
    standing = {risk.cause: risk for risk in risks}
    gone = [a.id for a in alerts if a.risk.rule != "deadline" and a.risk.cause not in standing]
    gone += _moved_deadlines(reader, [a for a in alerts if a.risk.rule == "deadline"])
    known = {(a.risk.cause, a.risk.level) for a in alerts}
    new = [risk for risk in risks if (risk.cause, risk.level) not in known]
    return _Seen((*_due_deadlines(reader), *new), tuple(gone))


def _due_deadlines(reader: Reader) -> Iterator[Risk]:
    """Every stage passed and not yet raised, the lower ones first."""
    d = s.deadlines.c
    rows = reader.connection.execute(select(s.deadlines).where(d.next_stage_at <= reader.now).order_by(d.next_stage_at))
    for row in rows:
        moments = dict(zip(STAGES, (row.reminder_at, row.due_at, row.escalation_at), strict=True))
        for stage, at in moments.items():
            if at is not None and row.next_stage_at <= at <= reader.now:
                yield deadline_risk(row.stream, row.kind, row.anchor, row.due_at, stage)


def _moved_deadlines(reader: Reader, alerts: Sequence[Alert]) -> list[int]:
    """The deadline alerts whose deadline is no longer awaited at that moment, because the calendar changed."""
    if not alerts:
        return []
    d = s.deadlines.c
    refs = {alert.risk.ref for alert in alerts}
    rows = reader.connection.execute(
        select(d.stream, d.kind, d.anchor, d.due_at).where(d.stream.in_(refs), d.status == "open")
    )
    awaited = {deadline_cause(*row) for row in rows}
    return [alert.id for alert in alerts if alert.risk.cause not in awaited]


def _meeting_risks(reader: Reader) -> list[Risk]:
    """The risks of the meetings of the next ten working days, and of those that an absence or a closure hits."""
    outlook = Outlook(reader)
    calendar, zone = reader.calendar(outlook.declaration), outlook.declaration.lab.tz
    today = local(reader.now, zone).date()
    horizon = calendar.at_due_hour(calendar.add(today, AHEAD) + timedelta(days=1))
    meetings = {m.name: m for m in outlook.between(reader.now, horizon, (PLANNED,))}
    for first, last in _hit(outlook):
        start, end = calendar.at_due_hour(first - timedelta(days=1)), calendar.at_due_hour(last + timedelta(days=1))
        meetings.update({m.name: m for m in outlook.between(max(start, reader.now), end, (PLANNED,))})
    meetings.update({m.name: m for m in outlook.skilled()})
    if not meetings:
        return []
    organising = {
        ref: open_tasks(reader.request(ref), outlook.declaration) for ref in {m.ref for m in meetings.values()}
    }
    watch = Watch(outlook.declaration, calendar, outlook.around, outlook.people, reader.now, organising)
    return [risk for meeting in meetings.values() for risk in risks_of(meeting, watch)]


def _hit(outlook: Outlook) -> list[Days]:
    """The days ahead on which someone is away or something is closed."""
    around, today = outlook.around, local(outlook.reader.now, outlook.declaration.lab.tz).date()
    ranges = [(a.first, a.last) for a in around.absences] + [(c.first, c.last) for c in around.closures]
    ranges += [(swap.given, swap.given) for swap in around.swaps]
    return [(max(first, today), last) for first, last in ranges if last >= today]


def _overloads(reader: Reader) -> list[Risk]:
    outlook = Outlook(reader)
    first = monday(local(reader.now, outlook.declaration.lab.tz).date())
    found = []
    for load in outlook.load(first, WEEKS):
        if load.person is not None:
            found += [risk for week in load.weeks if (risk := overload_risk(load.person.id, week))]
    return found
