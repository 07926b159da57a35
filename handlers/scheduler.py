"""The watch as a process: APScheduler is only a clock that calls an idempotent tick.

Any number of them may run, anywhere: what they write is decided in the store. No job is stored, so nothing runs
twice because two processes share a list of jobs.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from attrs import Factory, frozen

from handlers.mail.settings import MailSettings
from handlers.mail.smtp import Delivered, deliver
from states.causes import cause
from states.declaration.types import local, moment, offset_time
from states.errors import CoopError
from states.language import _
from workflow.clock import now_of, wall_clock
from workflow.engine import Engine
from workflow.history.readable import unreadable
from workflow.outbox.delivery import counted, queue_digests
from workflow.outbox.holding import held
from workflow.store.backup import backup, kept_beside
from workflow.store.database import Store
from workflow.store.heartbeat import OLD, Rounds, beat, last_tick
from workflow.store.upgrade import check_revision
from workflow.sweep import Swept, sweep
from workflow.views.alerts import standing

Result = TypeVar("Result")
NIGHT = 2  # the local hour from which a nightly copy is made


@frozen
class Tick:
    """What one round of the watch did. `late_minutes`: how long ago the one before was."""

    raised: int
    replaced: int  # of those raised, by a higher stage of the same deadline
    resolved: int
    delivered: int
    now: str
    late_minutes: int = 0
    problem: str | None = None  # why the mail stopped early
    failures: tuple[Exception, ...] = ()  # what could not be done; everything else was
    held: str | None = None  # why the store keeps its messages
    odd: Mapping[str, str] = Factory(dict)  # the requests that could not be read, and why

    @property
    def late(self) -> bool:
        """Whether the watch had stopped before, long enough to say so."""
        return timedelta(minutes=self.late_minutes) >= OLD

    def document(self, zone: ZoneInfo) -> dict[str, Any]:
        """The document of contract.md."""
        return {
            "raised": self.raised,
            "replaced": self.replaced,
            "resolved": self.resolved,
            "delivered": self.delivered,
            "now": offset_time(self.now, zone),
            "late_minutes": self.late_minutes if self.late else 0,
            "held": self.held,
            "unreadable": list(self.odd),
        }


@frozen
class Status:
    """What the watch has done and what waits."""

    now: str
    last_tick: str | None
    alerts: int
    critical: int
    snoozed: int
    to_raise: int
    messages: Mapping[str, int]  # how many wait, are uncertain, have failed
    held: str | None = None  # why the store keeps its messages
    kept: Sequence[Path] = ()  # what restorations and upgrades have kept beside the store, the newest first
    odd: Mapping[str, str] = Factory(dict)  # the requests that cannot be read, and why

    @property
    def stale(self) -> bool:
        """Whether the last tick is old, or there was none."""
        return Rounds(self.last_tick, self.now).stale

    def document(self, zone: ZoneInfo) -> dict[str, Any]:
        return {
            "now": offset_time(self.now, zone),
            "last_tick": offset_time(self.last_tick, zone),
            "stale": self.stale,
            "alerts": self.alerts,
            "critical": self.critical,
            "snoozed": self.snoozed,
            "to_raise": self.to_raise,
            "messages": dict(self.messages),
            "held": self.held,
            "kept": [str(path) for path in self.kept],
            "unreadable": list(self.odd),
        }


def tick(engine: Engine, mail: MailSettings | None) -> Tick:
    """One round: raises what is due, settles what no longer is, sends what waits, and leaves its mark.

    What fails is in `failures` and keeps nothing else from being done; a round that did not look leaves no mark.
    """
    now = now_of(engine.clock)
    failures: list[Exception] = []
    before = _tried(failures, lambda: last_tick(engine.store))
    swept = _tried(failures, lambda: sweep(engine))
    _tried(failures, lambda: queue_digests(engine))
    sent = _tried(failures, lambda: deliver(engine, mail)) or Delivered()
    if swept:
        _tried(failures, lambda: beat(engine.store, now))
    late = int((moment(now) - moment(before)).total_seconds() // 60) if before else 0
    swept = swept or Swept(0, 0, 0, now, {})
    return Tick(
        swept.raised,
        swept.replaced,
        swept.resolved,
        sent.sent,
        now,
        late,
        sent.problem,
        tuple(failures),
        sent.held,
        swept.odd,
    )


def _tried(failures: list[Exception], do: Callable[[], Result]) -> Result | None:
    """What a part of a round gives; None when it fails, which is kept for the end of the round."""
    try:
        return do()
    except Exception as problem:
        if not any(type(problem) is type(other) and str(problem) == str(other) for other in failures):
            failures.append(problem)
        return None


def status(store: Store, now: str, *, rehearsal: bool) -> Status:
    """What `coop status` shows. `rehearsal`: the clock is set by the environment."""
    why = held(store, rehearsal=rehearsal)
    with store.looking() as tx:
        odd = unreadable(tx)
    return Status(now, last_tick(store), *standing(store, now), counted(store), why, kept_beside(store.path), odd)


def run(
    engine: Engine,
    mail: MailSettings | None,
    *,
    every: int,
    backups: Path | None,
    keep: int,
    say: Callable[[str], None],
) -> None:
    """Goes round until SIGTERM or Ctrl-C. A round under way ends before the process does."""
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.blocking import BlockingScheduler

    # One thread: the store's connections stay with whoever opened them.
    scheduler = BlockingScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)})
    options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler.add_job(
        lambda: go_round(engine, mail, backups, keep, say),
        "interval",
        seconds=every,
        next_run_time=wall_clock(),  # the scheduler waits by the real time, whatever COOP_NOW says
        **options,
    )
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        scheduler.start()
    except KeyboardInterrupt:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # asked once is enough: the round under way ends
        scheduler.shutdown(wait=True)
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def go_round(
    engine: Engine, mail: MailSettings | None, backups: Path | None, keep: int, say: Callable[[str], None]
) -> None:
    """One round, told in a line if it did anything. What fails is told, and tried again at the next."""
    now = now_of(engine.clock)
    try:
        check_revision(engine.store)  # it may have been brought up to date, or moved, since this process began
    except CoopError as unfit:
        say(f"{now}: {_reason(unfit)}")
        return
    done = tick(engine, mail)
    failures = list(done.failures)
    if done.late:
        say(_("{now}: the watch had stopped; this catches up.", now=now))
    if done.raised or done.resolved:
        counts = {"raised": done.raised, "resolved": done.resolved}
        say(_("{now}: {raised} raised, {resolved} settled", now=now, **counts))
    for why in done.odd.values():
        say(f"{now}: {why}")
    copied = _tried(failures, lambda: nightly(engine, backups, keep)) if backups is not None else None
    if copied:
        say(_("{now}: copied to {file}", now=now, file=copied))
    for problem in failures:
        say(f"{now}: {_reason(problem)}")


def _reason(problem: Exception) -> str:
    if isinstance(problem, CoopError):
        return problem.message
    if isinstance(problem, OSError):
        return _("{path}: {cause}", path=problem.filename or "—", cause=cause(problem))
    return _("a fault of the program ({kind}) in one part of the round; the rest was done", kind=type(problem).__name__)


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
    backup(engine.store, target, engine.clock)
    for old in sorted(folder.glob("coop-????-??-??.db"))[:-keep]:
        old.unlink()
    return target
