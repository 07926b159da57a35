"""The engine, timed: one durable transaction per event, as a runner that compares several programs can call it.

    python bench/contestant.py [--requests N] [--warm N] [--synchronous full|normal] [--pg] [--store FILE]

leads N requests (BENCH_REQUESTS, else 100) along the path of `bench/lab.py`, one after the other, and prints last the
line `{"name", "transitions", "seconds", "tps", "p50_us", "p99_us"}`: any runner that takes a command printing this
line can include it. Before the clock starts it checks that a wrong order and a meeting too many are refused and that
the history is whole, then leads `--warm` requests, because SQLite's write-ahead log grows at first and costs twice
as much while it does. `--pg` uses the PostgreSQL of BENCH_PG_DSN, in a schema of its own that it drops at the end.
"""

from __future__ import annotations

import argparse
import gc
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import workflow.store.database
from bench.bare import p99, told
from bench.figures import Pace
from bench.lab import WEEKS, SimulatedClock, Step, command, copied, holidays_of, open_lab, opened, path, submission
from states.errors import Refused
from workflow.engine import Command, Engine

CHECKED = 15_000  # the number of the request that the checks lead; warm-up takes those that follow
SCHEMA = "coop_bench"


def verify(engine: Engine, clock: SimulatedClock, holidays: frozenset[date], number: int) -> None:
    """The cap and the order are enforced, and the history has every event."""
    steps = path(number, holidays)
    clock.at = steps[0].at
    ref = engine.apply(submission(number, steps[0])).request.ref
    fourth = next(s for s in steps if s.event == "plan_meeting")
    for rank, step in enumerate(steps[1:], 1):
        if step.event == "prequalify":
            _refused(engine, command(ref, number, 900, steps[-1]), "state")
        if step.event == "plan_session":
            late = {**fourth.inputs, "at": (step.at + timedelta(days=100)).isoformat()}
            extra = type(fourth)("plan_meeting", step.at, late)
            _refused(engine, command(ref, number, 901, extra), "cap_reached")
        clock.at = step.at
        applied = engine.apply(command(ref, number, rank, step))
        assert applied.entry.seq == rank + 1, applied.entry
    assert applied.request.state == "closed", applied.request.state


def _refused(engine: Engine, asked: Command, rule: str) -> None:
    rules: list[str] = []
    try:
        engine.apply(asked)
    except Refused as refused:
        rules = [refusal.rule for refusal in refused.refusals]
    assert rule in rules, (rule, rules)


def drive(
    engine: Engine,
    clock: SimulatedClock,
    holidays: frozenset[date],
    numbers: Iterable[int],
    pace: Pace | None = None,
    sized: int = 1,
) -> list[float]:
    """Leads these requests, so many to a slice; the seconds of each event."""
    taken: list[float] = []
    paths = [(number, path(number, holidays)) for number in numbers]
    for first in range(0, len(paths), sized):
        if pace:
            pace.wait()
        some = [one for number, steps in paths[first : first + sized] for one in _lead(engine, clock, number, steps)]
        if pace:
            pace.tell(seconds=sum(some), p99=p99(some))
        taken += some
    return taken


def numbers_of(caller: int | None, first: int, many: int) -> Iterable[int]:
    """The numbers of the requests that a caller leads; those of several at once have weeks of their own."""
    if caller is None:
        return range(first, first + many)
    return (WEEKS * number + 7 * caller + number % 3 for number in range(first, first + many))


def _lead(engine: Engine, clock: SimulatedClock, number: int, steps: Sequence[Step]) -> list[float]:
    now, taken, ref = time.perf_counter, [], ""
    for rank, step in enumerate(steps):
        clock.at = step.at
        if rank:
            asked = command(ref, number, rank, step)
            began = now()
            engine.apply(asked)
        else:
            form = submission(number, step)
            began = now()
            ref = engine.apply(form).entry.stream
        taken.append(now() - began)
    return taken


@contextmanager
def _store(given: Path | None, url: str | None, on_postgresql: bool) -> Iterator[tuple[str, Path]]:
    """The address of a lab to write in, and a SQLite file that holds its holidays."""
    with tempfile.TemporaryDirectory() as directory:
        template = given or Path(directory) / "template.db"
        if given is None:
            open_lab(str(template))
        if url:
            yield url, template
            return
        if not on_postgresql:
            yield str(copied(template, Path(directory) / "engine.db")), template
            return
        import psycopg

        dsn = os.environ["BENCH_PG_DSN"]
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
            connection.execute(f"CREATE SCHEMA {SCHEMA}")
            url = f"{dsn}{'&' if '?' in dsn else '?'}options={quote(f'-csearch_path={SCHEMA}')}"
            try:
                open_lab(url)
                yield url, template
            finally:
                connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=int(os.environ.get("BENCH_REQUESTS", "100")))
    parser.add_argument("--warm", type=int, default=20, help="requests led before the clock starts")
    parser.add_argument("--synchronous", choices=("full", "normal"), default="full")
    parser.add_argument("--pg", action="store_true", help="PostgreSQL, at BENCH_PG_DSN")
    parser.add_argument("--store", type=Path, help="a store to copy; a new one is made by default")
    parser.add_argument("--url", help="a lab on PostgreSQL, opened already")
    parser.add_argument("--caller", type=int, help="which of several at once, from 0 to 7")
    parser.add_argument("--slice", type=int, default=1, help="requests to a slice")
    parser.add_argument("--paced", action="store_true", help="wait for a line before each slice, tell what it took")
    given = parser.parse_args()
    # The product offers synchronous=FULL alone: this shows what the processor, not the disk, takes.
    pragma = f"synchronous={given.synchronous.upper()}"
    pragmas = workflow.store.database.PRAGMAS
    workflow.store.database.PRAGMAS = tuple(pragma if p.startswith("synchronous") else p for p in pragmas)  # type: ignore[assignment]
    with _store(given.store, given.url, given.pg) as (url, template), opened(url) as (_opened, clock, engine):
        holidays = holidays_of(template)
        first, *warm = numbers_of(given.caller, CHECKED, 1 + given.warm)
        verify(engine, clock, holidays, first)
        drive(engine, clock, holidays, warm)
        gc.collect()
        gc.freeze()  # as the bare driver does
        numbers = numbers_of(given.caller, 0, given.requests)
        taken = drive(engine, clock, holidays, numbers, Pace(given.paced), given.slice)
    told("coop" + (":pg" if given.pg or given.url else ""), taken, len(taken))


if __name__ == "__main__":
    main()
