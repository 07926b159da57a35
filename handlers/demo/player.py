"""The recorded half-year of an invented lab, played again: for a demonstration, and for large tests.

`events.jsonl` holds one gesture a line, in order: a line of `apply` (an event or a form) with `now`, the moment it was
typed; or, with `lab`, what someone did to the lab itself. `make recording` writes it, from tests/support/half_year.

    open_lab(store, clock, "camille", None)
    play(engine, clock, advance=lambda done, total: None)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

from attrs import frozen

from handlers.batch import perform
from handlers.demo import HALF_YEAR
from handlers.forms.raw import unreadable
from states.calendar.day_ranges import Days
from states.causes import cause
from states.declaration.types import local
from states.language import _
from states.review.semesters import semester_of
from workflow.clock import now_of
from workflow.engine import Applied, Engine
from workflow.lab import calendar, staff
from workflow.sweep import sweep

Line = Mapping[str, Any]


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


@frozen
class Played:
    """What was played: when it began and ended (ISO 8601, the lab's offset), and how many requests came in.

    `actor` led it, and opened the lab; `semester` is that in which it begins.
    """

    first: str
    last: str
    requests: int
    actor: str
    semester: str


def recorded(lab: Path | None = None) -> list[Line]:
    """The gestures of a half-year, in order; the last line is only the moment it ends.

    Those of the lab of the product, or those that stand beside the declaration of another. Raises Invalid where there
    are none, and for a line that is no gesture.
    """
    file = lab.with_name(HALF_YEAR) if lab else files("handlers.demo").joinpath("events.jsonl")
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise unreadable(str(file), _("it cannot be read: {problem}.", problem=cause(problem))) from None
    if not lines:
        raise unreadable(str(file), _("there is no line in it."))
    return [_gesture(str(file), number, line) for number, line in enumerate(lines, 1)]


def _gesture(file: str, number: int, line: str) -> Line:
    try:
        gesture: Line = json.loads(line)
        datetime.fromisoformat(gesture["now"])
        if number == 1:
            str(gesture["as"])
    except (ValueError, TypeError, KeyError):
        message = _("a line of “apply” is expected, with `now`, the moment it was typed; the first one says `as`, too.")
        raise unreadable(file, message, line=number) from None
    return gesture


def play(
    engine: Engine,
    clock: Forward,
    lines: Iterable[Line],
    advance: Callable[[int, int], None] = lambda _done, _all: None,
) -> Played:
    """Plays gestures on a lab that was just opened. `advance` is told the lines played and their number."""
    several, first = list(lines), now_of(clock)
    for number, line in enumerate(several, 1):
        play_line(engine, clock, line)
        advance(number, len(several))
    with engine.store.looking() as tx:
        declaration = engine.in_force(tx)
    requests = sum("submit" in line for line in several)
    began, ended = (local(at, declaration.lab.tz) for at in (first, now_of(clock)))
    semester = semester_of(declaration, began.date()).code
    return Played(began.isoformat(), ended.isoformat(), requests, several[0]["as"], semester)


def play_line(engine: Engine, clock: Forward, line: Line) -> Applied | None:
    """One gesture, at its moment; what it made of a request, if it was about one."""
    gesture = dict(line)
    clock.to(datetime.fromisoformat(gesture.pop("now")))
    if "lab" in gesture:
        ACTS[gesture["lab"]](engine, gesture.get("as", ""), **gesture.get("set", {}))
        return None
    if not gesture:
        return None
    with engine.store.writing() as tx:
        return perform(engine, tx, gesture, gesture["as"])


def _absence(engine: Engine, actor: str, id: str, first: str, last: str) -> None:
    calendar.record_absence(engine, actor, id, [_days(first, last)])


def _closed(engine: Engine, actor: str, note: str, place: str | None = None, **days: str) -> None:
    calendar.close(engine, actor, place, _days(**days), note)


def _days(first: str, last: str) -> Days:
    return date.fromisoformat(first), date.fromisoformat(last)


def _swap(engine: Engine, actor: str, place: str, gained: str, given: str) -> None:
    calendar.swap_place(engine, actor, place, date.fromisoformat(gained), date.fromisoformat(given))


ACTS: Mapping[str, Callable[..., object]] = {
    "register": lambda engine, actor, **person: staff.add_staff(engine, actor, person),
    "change": lambda engine, actor, id, **details: staff.change_staff(engine, actor, id, details),
    "absence": _absence,
    "close_place": _closed,
    "close": _closed,
    "swap": _swap,
    "tick": lambda engine, _actor: sweep(engine),
}
