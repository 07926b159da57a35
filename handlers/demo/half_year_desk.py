"""The desk at which an invented half-year is lived: the hands of the lab's people, on the engine and its clock.

Every gesture goes through the engine, as if typed. Instants are stored text, in UTC.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property
from importlib.resources import files
from random import Random
from typing import Any, Protocol

from attrs import define, evolve, field, frozen

from states.calendar.working_days import WorkingCalendar
from states.declaration.model import Declaration
from states.declaration.types import instant, local, moment
from states.planning.availability import HORIZON, next_slots
from states.planning.slots import Surroundings
from states.references import is_activity
from states.requests.request import Request
from workflow.clock import now_of
from workflow.engine import Applied, Command, Engine, Submission
from workflow.history.reference_data import bookings

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


class Forward(Protocol):
    """A clock that goes where it is told, never back."""

    def __call__(self) -> datetime: ...

    def to(self, moment: datetime, /) -> object: ...


class MovingClock:
    """A clock that stands still until it is moved forward."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def __call__(self) -> datetime:
        return self._now

    def to(self, moment: datetime, /) -> None:
        """Moves to a moment; an earlier one is refused (ValueError)."""
        if moment < self._now:
            raise ValueError(f"a clock does not go back: it is {self._now}, not {moment}")
        self._now = moment


@cache
def words() -> Mapping[str, Any]:
    """Subjects, people and notes, as half_year.toml has them."""
    return tomllib.loads(files("handlers.demo").joinpath("half_year.toml").read_text("utf-8"))


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
            return self.engine.reference(tx).calendar(self.declaration)

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
        found = next_slots(
            self.declaration, self._around(day), place=wanted.place, duration=wanted.minutes, staff=wanted.staff,
            after=self.at(day, 8), count=4,
        )  # fmt: skip
        return rng.choice(found) if found else None

    def _around(self, day: date) -> Surroundings:
        """What slots from a day on are judged against, as `Reader.surroundings` has it, at a tenth of its price."""
        last = day + timedelta(days=HORIZON + 1)
        with self.engine.store.looking() as tx:
            registers = self.engine.reference(tx)
            return evolve(
                registers.around(),
                bookings=bookings(tx, self.at(day, 0), self.at(last, 0)),
                absences=registers.absences_between(tx, day, last),
            )

    # --- Gestures ---

    def receive(self, form: Mapping[str, Any]) -> Request:
        return self._kept(self.engine.submit(Submission(form, self.coordinator, on_behalf=True)))

    def do(self, ref: str, event: str, actor: str | None = None, note: str | None = None, **more: Any) -> Request:
        """Applies an event as someone, the coordinator by default; what is None is not given."""
        return self._kept(self.engine.apply(self._command(ref, event, actor, note, **more)))

    def do_all(self, ref: str, event: str, actor: str, several: Sequence[Mapping[str, Any]]) -> None:
        """Applies an event several times, all at once."""
        for applied in self.engine.apply_all([self._command(ref, event, actor, **more) for more in several]):
            self._kept(applied)

    def _command(
        self,
        ref: str,
        event: str,
        actor: str | None,
        note: str | None = None,
        *,
        waive: tuple[str, ...] = (),
        on_behalf: bool = False,
        **inputs: Any,
    ) -> Command:
        given = {name: value for name, value in inputs.items() if value is not None}
        return Command(ref, event, actor or self.coordinator, given, note, waive=waive, on_behalf=on_behalf)

    def _kept(self, applied: Applied) -> Request:
        found = self._requests[applied.request.ref] = applied.request
        return found

    def request(self, ref: str) -> Request:
        """The request as it is now, whoever changed it."""
        return self._requests[ref]

    @property
    def requests(self) -> list[Request]:
        """All of them, in order of reception; not the activities."""
        return [self._requests[ref] for ref in sorted(self._requests) if not is_activity(ref)]
