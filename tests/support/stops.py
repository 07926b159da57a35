"""A PostgreSQL server that stops, or cuts its connections, under two writers who go on until they are answered."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import count
from threading import Event, Thread
from time import sleep

from places import Server
from sqlalchemy import text

from states.errors import CoopError
from workflow.store.database import Store
from workflow.testing import Lab, SimulatedClock, crash, problems

PAUSE = 0.3  # seconds of work between two stops
CUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def cut(url: str) -> None:
    """Cuts every connection to a database."""
    with closing(Store(url)) as store, store.engine.connect() as connection:
        connection.execute(text(CUT))


def stopped_under_load(server: Server, url: str, stops: Sequence[Callable[[str], object]]) -> int:
    """How many events were acknowledged around these stops; AssertionError where one is missing, or there twice.

    Each writer repeats a command, under its key, until it is answered.
    """
    lab = Lab.open(url)
    refs = [lab.request(), lab.request()]
    lab.close()
    over = Event()

    def stop() -> None:
        for each in stops:
            sleep(PAUSE)
            each(url)
            server.start()
        sleep(PAUSE)
        over.set()

    stopping = Thread(target=stop)
    stopping.start()
    end = crash(lambda: _write(url, refs), until=lambda _said: over.is_set())
    stopping.join()
    assert end.killed, end.said
    acknowledged = [line for line in end.said.splitlines() if line.count(" ") == 1]
    stored = Counter(f"{ref} {each['note']}" for ref in refs for each in lab.history(ref) if each["note"])
    assert {*acknowledged} <= {*stored}, "something acknowledged is not there"
    assert {*stored.values()} == {1}, "something is there twice"
    assert (wrong := problems(lab)) == [], wrong
    lab.close()
    return len(acknowledged)


def _write(url: str, refs: Sequence[str]) -> None:
    threading.excepthook = lambda fault: (print(fault.exc_value), os._exit(1))  # a fault of one ends both
    threads = [Thread(target=_write_to, args=(url, ref), daemon=True) for ref in refs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _write_to(url: str, ref: str) -> None:
    lab = Lab(Store(url), SimulatedClock("2027-01-01T00:00:00+01:00"))
    for number in count():
        while True:
            try:
                lab.apply(ref, "comment", note=f"{number}", key=f"{ref}-{number}")
            except CoopError:  # away, cut, or stored without an answer: the key tells
                sleep(0.05)
            else:
                print(f"{ref} {number}", flush=True)
                break
