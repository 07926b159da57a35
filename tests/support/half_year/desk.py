"""The desk at which an invented half-year is lived: the hands of the lab's people, on the engine and its clock.

Every gesture is a line that `coop demo` plays, and is played so. Instants are stored text, in UTC.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property
from importlib.resources import files
from random import Random
from typing import Any

from attrs import define, field, frozen

from handlers.demo.player import Forward, Line, play_line
from states.calendar.working_days import WorkingCalendar
from states.declaration.model import Declaration
from states.declaration.types import instant, local, moment
from states.planning.availability import HORIZON, next_slots
from states.planning.meeting import Slot
from states.planning.slots import Surroundings
from states.references import is_activity
from states.requests.request import Request
from workflow.clock import now_of
from workflow.engine import Applied, Engine

PILOT, COMMITTEE, REFERENT, DESIGNER, WATCHER = "dominique", "claude", "noa", "sacha", "eden"
TOULOUSE = ("09", "12", "31", "32", "46", "65", "81", "82")  # the departments of its academy
# id, name, role, skills, hours a week, site: whoever opens the lab is registered already.
PEOPLE = (
    (PILOT, "Dominique Modèle", "pilot", ("innovation_project_management", "facilitation"), 35, "montpellier"),
    (COMMITTEE, "Claude Exemple", "committee", (), 35, "montpellier"),
    (REFERENT, "Noa Témoin", "referent", ("facilitation", "project_coaching"), 35, "toulouse"),
    (DESIGNER, "Sacha Maquette", "specialist", ("design", "facilitation"), 14, "montpellier"),
    (WATCHER, "Éden Patron", "specialist", ("innovation_watch", "communication"), 7, "toulouse"),
)


@cache
def words() -> Mapping[str, Any]:
    """Subjects, people and notes, as words.toml has them."""
    return tomllib.loads(files("half_year").joinpath("words.toml").read_text("utf-8"))


@frozen
class Wanted:
    """A slot someone looks for: `minutes` long, at least `days` working days ahead."""

    place: str
    minutes: int
    staff: tuple[str, ...]
    days: int


@define
class Desk:
    """What the people of the lab do, at the moment the clock says."""

    engine: Engine
    clock: Forward
    coordinator: str
    end: str  # nothing happens from then on
    closed: dict[str, str] = field(factory=dict)  # the requests closed and their titles: what later ones follow
    lines: list[Line] = field(factory=list)  # every gesture so far, as the demonstration plays them
    _requests: dict[str, Request] = field(factory=dict)  # as they are: nobody else writes

    @property
    def now(self) -> str:
        return now_of(self.clock)

    @cached_property
    def declaration(self) -> Declaration:
        with self.engine.store.looking() as tx:
            return self.engine.in_force(tx)

    @property
    def calendar(self) -> WorkingCalendar:
        """The working calendar as it is known now."""
        with self.engine.store.looking() as tx:
            return self.engine.facts(tx).calendar(self.declaration)

    # --- Time ---

    def today(self) -> date:
        return local(self.now, self.declaration.lab.tz).date()

    def at(self, day: date, hour: int, minute: int = 0) -> str:
        """A local time of a day."""
        return instant(datetime.combine(day, time(hour, minute), self.declaration.lab.tz))

    def office(self, rng: Random, days: int) -> str:
        """A moment of the n-th working day from now, in office hours; 0: in the next quarters of an hour."""
        calendar, here = self.calendar, local(self.now, self.declaration.lab.tz)
        if days == 0 and calendar.is_working(here.date()) and 9 <= here.hour < 17:
            return self.later(rng.randrange(5, 45))
        day = calendar.add(here.date(), max(1, days))
        return self.at(day, rng.choice((9, 9, 10, 11, 14, 15, 16)), rng.randrange(60))

    def later(self, minutes: int) -> str:
        return instant(moment(self.now) + timedelta(minutes=minutes))

    def slot(self, rng: Random, wanted: Wanted) -> str | None:
        """One of the next valid slots; None when there is none for months."""
        day = self.calendar.add(self.today(), wanted.days)
        after = self.at(day, 8)
        slot = Slot(after, wanted.minutes, wanted.place, tuple(wanted.staff), after)
        found = next_slots(self.declaration, self._around(day), slot, 4)
        return rng.choice(found) if found else None

    def _around(self, day: date) -> Surroundings:
        """What slots from a day on are judged against, as `Reader.surroundings` has it, at a tenth of its price."""
        last = day + timedelta(days=HORIZON + 1)
        with self.engine.store.looking() as tx:
            return self.engine.facts(tx).surroundings(self.at(day, 0), self.at(last, 0))

    # --- Gestures ---

    def receive(self, form: Mapping[str, Any]) -> Request:
        return self._kept({"submit": form, "as": self.coordinator, "on_behalf": True})

    def do(
        self,
        ref: str,
        event: str,
        actor: str | None = None,
        note: str | None = None,
        *,
        waive: tuple[str, ...] = (),
        on_behalf: bool = False,
        **inputs: Any,
    ) -> Request:
        """Applies an event as someone, the coordinator by default; what is None is not given."""
        given = {name: value for name, value in inputs.items() if value is not None}
        line = {"ref": ref, "event": event, "as": actor or self.coordinator, "set": given, "note": note}
        return self._kept({**line, "waive": list(waive), "on_behalf": on_behalf})

    def of_lab(self, act: str, actor: str | None = None, **given: Any) -> None:
        """What someone does to the lab itself, the coordinator by default."""
        self._played({"lab": act, "as": actor or self.coordinator, "set": given})

    def _kept(self, line: Line) -> Request:
        applied = self._played(line)
        assert applied
        found = self._requests[applied.request.ref] = applied.request
        return found

    def _played(self, line: Line) -> Applied | None:
        """Plays a line now, and keeps it as it will be read again: what says nothing is left out."""
        said = {"now": self.now, **{name: value for name, value in line.items() if value}}
        self.lines.append(json.loads(json.dumps(said)))
        return play_line(self.engine, self.clock, self.lines[-1])

    def request(self, ref: str) -> Request:
        """The request as it is now, whoever changed it."""
        return self._requests[ref]

    @property
    def requests(self) -> list[Request]:
        """All of them, in order of reception; not the activities."""
        return [self._requests[ref] for ref in sorted(self._requests) if not is_activity(ref)]
