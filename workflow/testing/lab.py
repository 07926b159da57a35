"""A lab at work in a store of its own, and the few gestures tests are made of."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

from attrs import asdict, field, frozen

from states.declaration.model import Declaration
from states.declaration.types import local, moment
from states.errors import Refused
from states.requests.request import Request
from workflow.engine import Applied, Command, Engine
from workflow.history.facts import unknown_request
from workflow.integrity.rebuilding import rebuild
from workflow.integrity.report import Report
from workflow.integrity.verification import verify
from workflow.lab.opening import open_lab
from workflow.lab.staff import add_staff
from workflow.store.database import Store
from workflow.store.transaction import Transaction
from workflow.sweep import sweep
from workflow.testing.clock import ZONE, SimulatedClock
from workflow.testing.forms import GIVEN, KINDS, NOTE, form, form_for, way_to
from workflow.views.reader import Reader

PILOT, COMMITTEE = "paule", "comite"
# The first opens the lab and does what is said of nobody else; the others are registered in this order.
PEOPLE: Mapping[str, str] = {
    "camille": "coordinator",
    "rene": "referent",
    "sacha": "specialist",
    COMMITTEE: "committee",
    PILOT: "pilot",
}


@frozen
class Lab:
    """A lab at work: its store, its clock, and the few gestures tests are made of."""

    store: Store
    clock: SimulatedClock
    coordinator: str = "camille"  # who acts when nobody is named
    engine: Engine = field(init=False)

    @engine.default
    def _engine(self) -> Engine:
        return Engine(self.store, self.clock)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        clock: SimulatedClock | None = None,
        declaration: str | Path | None = None,
        people: Mapping[str, str] = PEOPLE,
    ) -> Lab:
        """A new lab in an empty store, by the path of `coop init`, with its people (id → role)."""
        first, *others = people
        lab = cls(Store(url), clock or SimulatedClock(), first)
        try:
            open_lab(lab.store, lab.clock, first, str(declaration) if declaration else None)
            for id in others:
                lab.register(id, people[id])
        except BaseException:
            lab.close()
            raise
        return lab

    def register(self, id: str, role: str = "coordinator", *, actor: str | None = None, **given: Any) -> None:
        """Registers someone."""
        person = {"id": id, "name": id.title(), "email": f"{id}@example.org", "role": role, "skills": []}
        add_staff(self.engine, actor or self.coordinator, {**person, "hours": 35, "site": "montpellier", **given})

    def close(self) -> None:
        self.store.close()

    # --- Writing ---

    def submit(self, *, actor: str | None = None, key: str | None = None, **changes: Any) -> Applied:
        """Receives a form: see `form`."""
        return self.engine.apply(self.reception(form(**changes), actor=actor or self.coordinator, key=key))

    def receive(self, **changes: Any) -> str:
        """The reference of a form received now, made of whatever declaration is in force: see `form_for`."""
        return self.engine.apply(self.reception(form_for(self.declaration, **changes))).request.ref

    def reception(self, given: Mapping[str, Any], **how: Any) -> Command:
        """The command that receives a form, whatever the lab calls its event; `how` as in `apply`."""
        return self.command("", self.declaration.creation, given, local_times=False, **how)

    def apply(self, ref: str, event: str, given: Mapping[str, Any] | None = None, **how: Any) -> Applied:
        """Applies an event. `given` are its keys; `how` is any other part of a Command (actor, note, at, waive…)."""
        return self.engine.apply(self.command(ref, event, given, **how))

    def command(self, ref: str, event: str, given: Mapping[str, Any] | None = None, **how: Any) -> Command:
        """The command of an event, by the coordinator unless told otherwise."""
        return Command(ref, event, how.pop("actor", self.coordinator), given or {}, **how)

    def refused(self, ref: str, event: str, given: Mapping[str, Any] | None = None, **how: Any) -> set[str]:
        """The rules that refuse an event; nothing if none does, and then it is applied."""
        try:
            self.apply(ref, event, given, **how)
        except Refused as refused:
            return {refusal.rule for refusal in refused.refusals}
        return set()

    def request(self, state: str = "received", *, after: str | None = None, tier: str = "tuto", **changes: Any) -> str:
        """The reference of a new request, led to a state; the clock goes forward as it is.

        `after`: the state it comes from, where there is a choice (suspended, declined, withdrawn, cancelled).
        `changes`: see `form`.
        """
        reception = self.reception(form(**changes))
        with self.store.writing() as tx:
            request = self.engine.apply_in(tx, reception).request
            for event in way_to(state, after, accompanied=request.accompanied):
                request = self._step(tx, request, event, tier)
        return request.ref

    def activity(self, *, actor: str | None = None, key: str | None = None, **changes: Any) -> str:
        """The reference of an activity planned now, by default at the next free day in Montpellier."""
        given = {
            "title": "Visite du lieu", "type": "visit", "axis": "acculturation", "place": "montpellier",
            "at": self.slot(), **changes,
        }  # fmt: skip
        return self.apply("", "plan_activity", given, actor=actor or self.coordinator, key=key).request.ref

    def step(self, ref: str, event: str, *, tier: str = "tuto") -> Request:
        """One event of the usual way, with what it needs; the clock goes on to the meeting that is to be held."""
        request = self.now(ref)
        with self.store.writing() as tx:
            return self._step(tx, request, event, tier)

    def _step(self, tx: Transaction, request: Request, event: str, tier: str) -> Request:
        given, actor = dict(GIVEN.get(event, {})), self.coordinator
        if event == "validate":
            declaration = self.engine.facts(tx).declaration_of(request.declaration)
            if not request.needs_validation(declaration):
                return request
            prior = declaration.tiers[request.tier or ""].validation == "prior"
            given, actor = ({"basis": "committee"}, COMMITTEE) if prior else (given, PILOT)
        elif event == "assign_tier":
            given = {"tier": tier}
        elif event.startswith("plan_"):
            given = {"at": self.slot()}
        elif event.startswith("hold_"):
            planned = request.next_planned(KINDS[event])
            if planned:
                self.clock.to(moment(max(planned.at, self.clock.now)))
        command = self.command(request.ref, event, given, note=NOTE, actor=actor)
        return self.engine.apply_in(tx, command).request

    def slot(self, hour: int = 10) -> str:
        """The next time it is that hour in Paris, on a day when every place may be open: not a Thursday."""
        here = local(self.clock.now, ZONE)
        day = here.date() + timedelta(days=here.time() >= time(hour))
        while day.weekday() in (3, 5, 6):
            day += timedelta(days=1)
        return datetime.combine(day, time(hour), here.tzinfo).isoformat()

    def wait(self, days: int) -> None:
        """“I wait 5 working days”: the same hour, so many working days of the lab later; then the watch goes round."""
        with self.reading() as reader:
            zone, calendar = reader.declaration.lab.tz, reader.calendar(reader.declaration)
        here = local(self.clock.now, zone)
        self.clock.to(datetime.combine(calendar.add(here.date(), days), here.time(), zone))
        sweep(self.engine)

    # --- Reading ---

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        with self.store.looking() as tx:
            yield Reader(tx, self.clock.now)

    @property
    def declaration(self) -> Declaration:
        """The declaration in force."""
        with self.store.looking() as tx:
            return self.engine.in_force(tx)

    def now(self, ref: str) -> Request:
        """The request, or the activity, as the store keeps it."""
        with self.store.looking() as tx:
            request = self.engine.facts(tx).find(ref)
        if request is None:
            raise unknown_request(ref)
        return request

    def show(self, ref: str) -> dict[str, Any]:
        with self.reading() as reader:
            return reader.show(reader.request(ref))

    def history(self, ref: str) -> list[dict[str, Any]]:
        with self.reading() as reader:
            return reader.history(ref)

    def verify(self) -> Report:
        """What `coop db verify` finds."""
        return verify(self.store, self.clock, _quietly)

    def rebuild(self) -> None:
        rebuild(self.store, self.clock, _quietly)

    # --- Two at once ---

    @contextmanager
    def elsewhere(self) -> Iterator[Lab]:
        """The same lab through a connection of its own, as another program has it; for one thread."""
        other = Lab(Store(self.store.url), self.clock, self.coordinator)
        try:
            yield other
        finally:
            other.close()

    def race(self, *tries: Callable[[Lab], Any]) -> list[Any]:
        """Runs each try at the same moment, in a thread and on a connection of its own.

        What each gave, or the exception it raised, in the order given.
        """
        barrier = Barrier(len(tries))

        def run(number: int) -> None:
            with self.elsewhere() as other:
                barrier.wait(10)
                found[number] = _outcome(lambda: tries[number](other))

        found: list[Any] = [None] * len(tries)
        threads = [Thread(target=run, args=(number,)) for number in range(len(tries))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return found

    def meet(self, first: Command, second: Command, patience: float = 0.15) -> list[Any]:
        """The first is written and not yet committed when the second is tried on another connection.

        The second either waits for the commit (it is given `patience` seconds to do otherwise) or must be told no.
        What each gave, or raised: unlike a race, this meets at the worst moment every time.
        """
        begun, found = Event(), [None, None]

        def run() -> None:
            with self.elsewhere() as other:
                begun.set()
                found[1] = _outcome(lambda: other.engine.apply(second))

        thread = Thread(target=run)
        with self.store.writing() as tx:
            found[0] = _outcome(lambda: self.engine.apply_in(tx, first))
            tx.send()
            thread.start()
            begun.wait(10)
            thread.join(patience)
        thread.join()
        return found

    # --- Killed ---

    def killed(
        self, where: str, *commands: Command, after: int = 1, until: Callable[[list[int]], bool] | None = None
    ) -> list[int]:
        """Applies commands in another process, which kills itself (-9); the numbers of the entries it acknowledged.

        `where` is "before_commit" (all is written, nothing is committed), "after_commit" (of the last one), or
        "at_work": the process goes on repeating the commands until it is killed from outside, at any moment, once
        `after` entries have been acknowledged, and `until` is true of their numbers.
        """
        asked = [asdict(command) for command in commands]
        words = [sys.executable, "-m", "workflow.testing.victim", self.store.url, self.clock.now, where]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(asked))
            process.stdin.close()
            acknowledged = []
            for line in process.stdout:
                acknowledged.append(int(line))
                if where == "at_work" and len(acknowledged) >= after and (until is None or until(acknowledged)):
                    process.kill()
        if process.returncode != -signal.SIGKILL:
            raise RuntimeError(f"the other process ended by itself, with {process.returncode}")
        return acknowledged


def _quietly(_done: int, _total: int) -> None:
    """Nobody watches the progress of a test."""


def _outcome(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except Exception as problem:
        return problem
