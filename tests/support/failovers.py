"""A failover under load: several write under keys, the watch goes round, a command is typed while nobody answers."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from time import monotonic, sleep

from attrs import frozen
from replicated import pair
from sqlalchemy import select

from workflow.store import schema as s
from workflow.store.database import Store
from workflow.store.heartbeat import last_tick
from workflow.testing import NOTE, Lab, problems

PATIENCE = 60.0  # seconds
SILENCE = 0.5  # seconds
COOP = "from cli.main import main; main()"
WATCH = """
import sys
from handlers.scheduler import run
from workflow.clock import wall_clock
from workflow.engine import Engine
from workflow.store.database import Store
run(Engine(Store(sys.argv[1]), wall_clock), None, every=1, backups=None, keep=1, say=print)
"""


@frozen
class Failover:
    """What became of a failover: the keys acknowledged, the entries stored under each key, and what was wrong."""

    acknowledged: list[str]
    stored: dict[str, int]
    wrong: list[str]
    gap: float  # seconds during which nothing was acknowledged

    @property
    def lost(self) -> list[str]:
        return [key for key in self.acknowledged if key not in self.stored]


def fail_over(folder: Path, writers: int = 3, each: int = 40, standby: str = "second") -> Failover:
    """Kills the server of a lab once so many were acknowledged, and goes on until so many more are.

    For its last moments what it is told no longer reaches the other server.
    """
    acknowledged = folder / "acknowledged"
    acknowledged.touch()
    with pair(folder, standby) as servers:
        lab = Lab.open(servers.url)
        ref = lab.request()
        lab.close()  # a child shares no connection
        with _writing(lab, ref, writers, acknowledged), _watching(servers.url, folder) as watch:
            _until(lambda: len(_lines(acknowledged)) >= each and _rounds(servers.url))
            rounds, began = _rounds(servers.url), monotonic()
            servers.first.fall_silent()
            sleep(SILENCE)
            servers.first.kill()
            typed = _coop(servers.url, folder, "comment", ref, "--note", NOTE, "--key", "typed", now=lab.clock.now)
            servers.second.run("pg_ctl", "-w", "promote")
            reached = len(_lines(acknowledged))
            _until(lambda: len(_lines(acknowledged)) > reached)
            gap = monotonic() - began
            _until(lambda: len(_lines(acknowledged)) >= reached + each and _rounds(servers.url) != rounds)
            exits = typed.wait(PATIENCE), watch.poll()
        wrong = [line for line in _lines(acknowledged) if line.startswith("!")]
        wrong += [f"exits {exits}"] if exits != (0, None) else []
        with closing(Lab(Store(servers.url), lab.clock)) as after_all:
            wrong += problems(after_all)
            with after_all.store.reading() as connection:
                k = s.keys.c
                stored = {row.key: row.seq for row in connection.execute(select(s.keys).where(k.stream == ref))}
            comments = [entry["seq"] for entry in after_all.history(ref) if entry["event"] == "comment"]
        wrong += [f"{len(comments)} entries of {len(stored)} keys"] if sorted(stored.values()) != comments else []
    keys = [line for line in _lines(acknowledged) if not line.startswith("!")] + ["typed"]
    return Failover(keys, stored, wrong, gap)


def _rounds(url: str) -> str | None:
    """When the watch last went round."""
    with closing(Store(url)) as store:
        return last_tick(store)


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines()


def _until(done: Callable[[], object]) -> None:
    until = monotonic() + PATIENCE
    while not done():
        assert monotonic() < until, "not in time"
        sleep(0.05)


@contextmanager
def _writing(lab: Lab, ref: str, writers: int, acknowledged: Path) -> Iterator[None]:
    """Several processes that comment a request, each under keys of its own, and note each key once it is stored."""
    children = [_child(lambda number=number: _write(lab, ref, number, acknowledged)) for number in range(writers)]
    try:
        yield
    finally:
        acknowledged.with_suffix(".stop").touch()
        for child in children:
            os.waitpid(child, 0)


def _child(act: Callable[[], object]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        act()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def _write(lab: Lab, ref: str, number: int, acknowledged: Path) -> None:
    stop = acknowledged.with_suffix(".stop")
    with acknowledged.open("ab", buffering=0) as file, lab.elsewhere() as other:
        for time in count():
            if stop.exists():
                return
            key = f"{number}-{time}"
            try:
                other.apply(ref, "comment", note=NOTE, key=key)
            except Exception as problem:
                key = f"! {key} {problem!r}".replace("\n", " ")
            file.write(f"{key}\n".encode())


@contextmanager
def _watching(url: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The watch, that goes round every second."""
    with _python(WATCH, url, folder, url) as process:
        try:
            yield process
        finally:
            process.terminate()


def _coop(url: str, folder: Path, *words: str, now: str = "") -> subprocess.Popen[str]:
    """A command, as another machine runs it."""
    return _python(COOP, url, folder, *words, now=now)


def _python(program: str, url: str, folder: Path, *words: str, now: str = "") -> subprocess.Popen[str]:
    settings = {"COOP_DB": url, "COOP_ACTOR": "camille", "COOP_NOW": now, "COOP_STATE": str(folder)}
    settings["COOP_CONFIG"] = str(folder / "none.toml")
    quiet = subprocess.DEVNULL
    command = [sys.executable, "-c", program, *words]
    return subprocess.Popen(command, env={**os.environ, **settings}, text=True, stdout=quiet, stderr=quiet)
