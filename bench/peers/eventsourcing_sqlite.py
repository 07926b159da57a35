"""A peer: the `eventsourcing` library (pyeventsourcing 9.5) on the lifecycle of ten steps, its own tables, SQLite.

    python bench/peers/eventsourcing_sqlite.py [--requests N] [--warm N]

in an environment of its own (`pip install eventsourcing==9.5.6`: it is no dependency of ours) leads requests one after
the other and prints last the line `{"name", "transitions", "seconds", "tps", "p50_us", "p99_us"}`. One transition is
one durable transaction: the aggregate is read again from its events, its state and its cap are checked, one event is
stored with the number that makes two writers meet. WAL, synchronous=FULL.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

CAP = 3
EVENTS = {  # event -> the states it is possible from, and where it leads
    "prequalify": (("received",), "prequalified"),
    "schedule_interview": (("prequalified",), "interview_scheduled"),
    "qualify": (("interview_scheduled",), "qualified"),
    "assign_tier": (("qualified",), "tier_assigned"),
    "hold_meeting": (("tier_assigned", "meeting"), "meeting"),
    "debrief": (("meeting",), "debrief"),
    "close": (("debrief",), "closed"),
}
PATH = (
    "prequalify", "schedule_interview", "qualify", "assign_tier", "hold_meeting", "hold_meeting", "hold_meeting",
    "debrief", "close",
)  # fmt: skip
SAID = {
    "actor": "staff:17",
    "reason": "criteria met; reviewed with the requester",
    "payload": {"tier": "seed", "criteria": ["public value", "feasible", "owner"], "score": 7, "note": "n/a"},
}


class Refused(Exception):
    """The guard said no."""


class Request(Aggregate):
    """A request, as its events make it."""

    @event("Received")
    def __init__(self, actor: str, reason: str, payload: dict[str, Any]) -> None:
        self.state, self.meetings = "received", 0

    def fire(self, name: str, **said: Any) -> None:
        sources, to = EVENTS[name]
        if self.state not in sources or (name == "hold_meeting" and self.meetings >= CAP):
            raise Refused(name, self.state)
        self._moved(name=name, source=self.state, to=to, **said)

    @event("Moved")
    def _moved(self, name: str, source: str, to: str, actor: str, reason: str, payload: dict[str, Any]) -> None:
        self.state = to
        self.meetings += name == "hold_meeting"


class Requests(Application[UUID]):
    """The requests of a lab."""

    def receive(self) -> UUID:
        request = Request(**SAID)
        self.save(request)
        return request.id

    def fire(self, id: UUID, name: str) -> None:
        request: Request = self.repository.get(id)
        request.fire(name, **SAID)
        self.save(request)


def _verify(requests: Requests) -> None:
    """A wrong order and a meeting too many are refused, and the history is whole. Not timed."""
    id, refused = requests.receive(), 0
    for name in ("close", *PATH[:7], "hold_meeting", *PATH[7:]):
        try:
            requests.fire(id, name)
        except Refused:
            refused += 1
    assert refused == 2, refused
    assert len(list(requests.events.get(id))) == 1 + len(PATH)
    assert requests.repository.get(id).state == "closed"


def _lead(requests: Requests, many: int) -> list[float]:
    clock, taken = time.perf_counter, []
    for _number in range(many):
        began = clock()
        id = requests.receive()
        taken.append(clock() - began)
        for name in PATH:
            began = clock()
            requests.fire(id, name)
            taken.append(clock() - began)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=int(os.environ.get("BENCH_REQUESTS", "100")))
    parser.add_argument("--warm", type=int, default=40)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        env = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(Path(directory) / "events.db")}
        requests = Requests(env=env)
        _verify(requests)
        _lead(requests, given.warm)
        taken = sorted(_lead(requests, given.requests))
        requests.close()
    seconds, many = sum(taken), len(taken)
    p50, p99 = (round(taken[int(many * part)] * 1e6, 1) for part in (0.5, 0.99))
    told = {"name": "eventsourcing", "transitions": many, "seconds": round(seconds, 4), "tps": round(many / seconds, 1)}
    print(json.dumps({**told, "p50_us": p50, "p99_us": p99}))


if __name__ == "__main__":
    main()
