"""The watch as a process: APScheduler is only a clock that calls an idempotent tick.

Any number of them may run, anywhere: what they write is decided in the store. No job is stored, so nothing runs
twice because two processes share a list of jobs.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from attrs import frozen

from handlers.mail import deliver
from handlers.mailing import MailSettings
from states.language import _
from states.values import local, moment, offset_time
from workflow.backup import backup
from workflow.clock import now_of
from workflow.engine import Engine
from workflow.outbox import counted, queue_digests
from workflow.store import Store
from workflow.sweep import sweep
from workflow.ticks import beat, last_tick, standing

NIGHT = 2  # the local hour from which a nightly copy is made


@frozen
class Tick:
    """What one round of the watch did. `late_minutes`: how long ago the one before was."""

    raised: int
    resolved: int
    delivered: int
    now: str
    late_minutes: int = 0
    problem: str | None = None  # why the mail stopped early

    def document(self, zone: ZoneInfo) -> dict[str, Any]:
        """The document of contract.md."""
        return {
            "raised": self.raised,
            "resolved": self.resolved,
            "delivered": self.delivered,
            "now": offset_time(self.now, zone),
        }


@frozen
class Status:
    """What the watch has done and what waits."""

    now: str
    last_tick: str | None
    alerts: int
    critical: int
    to_raise: int
    messages: Mapping[str, int]  # how many wait, are uncertain, have failed

    def stale(self, minutes: int) -> bool:
        """Whether the last tick is older than so many minutes, or there was none."""
        return self.last_tick is None or moment(self.now) - moment(self.last_tick) > timedelta(minutes=minutes)

    def document(self, zone: ZoneInfo) -> dict[str, Any]:
        return {
            "now": offset_time(self.now, zone),
            "last_tick": offset_time(self.last_tick, zone),
            "alerts": self.alerts,
            "critical": self.critical,
            "to_raise": self.to_raise,
            "messages": dict(self.messages),
        }


def tick(engine: Engine, mail: MailSettings | None) -> Tick:
    """One round: raises what is due, settles what no longer is, sends what waits, and leaves its mark."""
    now = now_of(engine.clock)
    before = last_tick(engine.store)
    swept = sweep(engine)
    queue_digests(engine)
    sent = deliver(engine, mail)
    beat(engine.store, now)
    late = int((moment(now) - moment(before)).total_seconds() // 60) if before else 0
    return Tick(swept.raised, swept.resolved, sent.sent, now, late, sent.problem)


def status(store: Store, now: str) -> Status:
    """What `coop status` shows."""
    alerts, critical, to_raise = standing(store, now)
    return Status(now, last_tick(store), alerts, critical, to_raise, counted(store))


def run(
    engine: Engine,
    mail: MailSettings | None,
    *,
    every: int,
    backups: Path | None,
    keep: int,
    say: Callable[[str], None],
) -> None:
    """Ticks until SIGTERM or Ctrl-C. A round under way ends before the process does."""
    from apscheduler.schedulers.blocking import BlockingScheduler

    scheduler = BlockingScheduler(timezone=UTC)
    options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}

    def go_round() -> None:
        done = tick(engine, mail)
        if done.raised or done.resolved:
            say(
                _(
                    "{now}: {raised} raised, {resolved} settled",
                    now=done.now,
                    raised=done.raised,
                    resolved=done.resolved,
                )
            )
        if backups is not None:
            copied = nightly(engine, backups, keep)
            if copied:
                say(_("{now}: copied to {file}", now=done.now, file=copied))

    scheduler.add_job(go_round, "interval", seconds=every, next_run_time=engine.clock(), **options)

    def stop(_number: int, _frame: object) -> None:
        scheduler.shutdown(wait=False)

    signal.signal(signal.SIGTERM, stop)
    try:
        scheduler.start()
    except KeyboardInterrupt:
        scheduler.shutdown(wait=True)


def nightly(engine: Engine, folder: Path, keep: int) -> Path | None:
    """Copies the store once a night into `folder`, where the `keep` newest stay; the new copy, if one was due."""
    if engine.store.path is None:
        return None
    with engine.store.looking() as tx:
        zone = engine.in_force(tx).lab.tz
    here = local(now_of(engine.clock), zone)
    target = folder / f"coop-{here.date().isoformat()}.db"
    if here.hour < NIGHT or target.exists():
        return None
    folder.mkdir(parents=True, exist_ok=True)
    backup(engine.store, target)
    for old in sorted(folder.glob("coop-????-??-??.db"))[:-keep]:
        old.unlink()
    return target
