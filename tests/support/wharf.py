"""Half a school year of The Wharf, the lab of examples/wharf: recorded once, played by `coop demo --lab` and by tests.

    PYTHONPATH=tests/support python -m wharf    writes examples/wharf/half-year.jsonl again

Each request is a life: a generator that acts, and says when it wants to act again. They are led in the order of time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from attrs import define, field
from half_year.recording import written

from handlers.demo.player import Line, MovingClock, play_line
from states.calendar.working_days import WorkingCalendar
from workflow.engine import Engine
from workflow.lab.opening import open_lab
from workflow.store.database import Store

FOLDER = Path(__file__).parents[2] / "examples" / "wharf"
DECLARATION, RECORDED = FOLDER / "wharf.toml", FOLDER / "half-year.jsonl"
ZONE = ZoneInfo("Europe/London")
FIRST, LAST, REQUESTS = date(2026, 9, 7), date(2027, 2, 12), 26
SKIPPER, HARBOURMASTER, TRUSTEE = "robin", "jo", "max"
PEOPLE = (
    ("jo", "Jo Sample", "harbourmaster", ("listening",), 35, "boathouse"),
    ("max", "Max Pattern", "trustee", (), 35, "boathouse"),
    ("sam", "Sam Specimen", "mentor", ("making",), 14, "sail_loft"),
)
ROOMS = {"boathouse": (0, 1, 2, 3), "sail_loft": (1, 2, 3, 4)}  # the weekdays they are open
TITLES = (
    "A library in the corridor", "Fractions by the sea", "A garden that counts", "Quiet at lunch",
    "Maps of the way to school",
    "A radio for the isles", "The yard in winter", "Reading to the little ones", "Homework that nobody dreads",
    "A museum of broken things", "Science on the quay", "The staircase of languages", "A kitchen for chemistry",
)  # fmt: skip
Life = Iterator[datetime]


@define
class Term:
    """The lab as it goes through its half-year, and what was done in it so far."""

    engine: Engine
    clock: MovingClock
    days: WorkingCalendar
    random: Random
    lines: list[Line] = field(factory=list)
    taken: set[tuple[date, int]] = field(factory=set)

    def do(self, line: Mapping[str, Any]) -> str:
        """Does one gesture now; the reference of the request it is about, if any."""
        gesture = {"now": self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), **line}
        applied = play_line(self.engine, self.clock, gesture)
        self.lines.append(gesture)
        return applied.request.ref if applied else ""

    def event(self, ref: str, event: str, by: str = SKIPPER, note: str = "", **given: Any) -> None:
        line = {"ref": ref, "event": event, "as": by, "set": given, "note": note}
        self.do({name: value for name, value in line.items() if value})

    def later(self, days: int, hour: int = 0) -> datetime:
        """So many working days from now, in the working hours."""
        day = self.days.add(self.clock().astimezone(ZONE).date(), days)
        return at(day, hour or self.random.randrange(9, 16), self.random.randrange(60))

    def slot(self, room: str, days: int, *, morning: bool = False) -> datetime:
        """A free hour of that room, so many working days ahead; a morning is for the whole of it."""
        day = self.days.add(self.clock().astimezone(ZONE).date(), days)
        while True:
            for hour in (9,) if morning else (9, 11, 14):
                wanted = {(day, one) for one in ((9, 11) if morning else (hour,))}
                if day.weekday() in ROOMS[room] and self.days.is_working(day) and not wanted & self.taken:
                    self.taken |= wanted
                    return at(day, hour)
            day += timedelta(days=1)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)


# --- Lives ---


def _asked(term: Term, number: int) -> str:
    random = term.random
    reach = random.choices(("one_class", "whole_school", "several_schools"), (5, 3, 2))[0]
    pupils = {"one_class": 26, "whole_school": 240, "several_schools": 900}[reach] - number % 7
    title = TITLES[number % len(TITLES)] + ("" if number < len(TITLES) else ", again")
    return term.do(
        {
            "submit": {
                "title": title,
                "wish": f"We would like to try it with {pupils} pupils, and see whether it holds.",
                "pupils": pupils,
                "kind": "accompanied",
                "axis": random.choice(("lessons", "buildings")),
                "requester": {"name": f"Alex Example {number + 1}", "email": f"alex{number + 1}@example.org"},
                "service": random.choice(("primary", "primary", "secondary", "library", "youth")),
                "department": random.choice(("north", "south", "isles")),
                "place": random.choice(tuple(ROOMS)),
                "experience": random.choice(("new", "once", "often")),
                "complexity": reach,
            },
            "as": SKIPPER,
            "on_behalf": True,
        }
    )


def _met(term: Term, ref: str, room: str, plan: str, held: str, *, morning: bool = False, **figures: Any) -> Life:
    """A meeting set, then held and written down the same day."""
    start = term.slot(room, term.random.randrange(3, 8), morning=morning)
    staff = {} if term.random.randrange(6) == 0 else {"staff": SKIPPER}
    term.event(ref, plan, at=start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), place=room, **staff)
    yield start + timedelta(hours=5 if morning else 2)
    kind = {"have_chat": "interview", "have_bench": "work", "launch": "session", "visit": "debrief"}[held]
    number = 1 + sum(line.get("ref") == ref and line.get("event") == held for line in term.lines)
    term.event(ref, held, meeting=f"{kind}-{number}", **figures)


def _life(term: Term, number: int) -> Life:
    ref, room, random = _asked(term, number), term.random.choice(tuple(ROOMS)), term.random
    tier = ("pontoon", "dock", "buoy", "shipyard")[number % 4]
    yield term.later(random.randrange(1, 5))
    yield from _met(term, ref, room, "set_chat", "have_chat", attended=random.randrange(2, 5))
    yield term.later(random.randrange(1, 4))
    if number % 7 == 3:
        orientation = "The music service of the district, which lends what you need."
        term.event(
            ref, "send_elsewhere", note="They have the instruments.", reason="better_placed", orientation=orientation
        )
        return
    term.event(ref, "welcome")
    if number % 11 == 5:
        yield term.later(6)
        term.event(ref, "let_go", note="The school has a new head, and other plans.")
        return
    yield term.later(random.randrange(1, 4))
    term.event(ref, "moor", tier=tier)
    yield term.later(random.randrange(1, 4))
    if tier in ("dock", "shipyard"):
        by = HARBOURMASTER if tier == "dock" else TRUSTEE
        term.event(ref, "agree", by, basis="delegation" if tier == "dock" else "committee")
        yield term.later(1)
    term.event(ref, "lay_keel")
    if number % 9 == 4:
        term.event(ref, "lose_wind", note="The teacher is away until the half-term.")
        yield term.later(15)
        term.event(ref, "set_sail", note="She is back.")
    for _meeting in range({"buoy": 0, "pontoon": 1, "dock": 2, "shipyard": 4}[tier]):
        yield from _met(term, ref, room, "set_bench", "have_bench", attended=random.randrange(3, 9))
        yield term.later(2)
    if number % 13 == 7:
        term.event(ref, "scuttle", HARBOURMASTER, "The quay is under water until spring.", reason="storm")
        return
    yield from _met(term, ref, room, "set_launch", "launch", morning=True, attended=random.randrange(12, 60))
    yield term.later(1)
    term.event(ref, "make", title=f"What {number + 1} made", type=random.choice(("kit", "plan", "lesson")))
    term.event(ref, "hear_pupils", score=random.choice(("3.5", "4", "4.5")), respondents=random.randrange(8, 40))
    yield term.later(4)
    yield from _met(term, ref, room, "set_visit", "visit", attended=random.randrange(3, 9))
    yield term.later(2)
    term.event(ref, "land")


def _watch(term: Term) -> Life:
    while True:
        yield term.later(1, hour=17)
        term.do({"lab": "tick", "as": SKIPPER})


def _arrivals(term: Term, led: Callable[[Life], None]) -> Life:
    for number in range(REQUESTS):
        led(_life(term, number))
        yield term.later(term.random.randrange(2, 5))


# --- The half-year ---


def lived() -> tuple[Line, ...]:
    """Its gestures, in order; the last line is only the moment it ends."""
    with TemporaryDirectory() as folder:
        store, clock = Store(f"sqlite:///{folder}/lab.db"), MovingClock(at(FIRST, 8))
        try:
            open_lab(store, clock, SKIPPER, str(DECLARATION))
            engine = Engine(store, clock)
            with store.looking() as tx:
                days = engine.facts(tx).calendar(engine.in_force(tx))
            return _lived(Term(engine, clock, days, Random(7)))
        finally:
            store.close()


def _lived(term: Term) -> tuple[Line, ...]:
    waiting: list[tuple[datetime, int, Life]] = []
    numbers = count()

    def led(life: Life) -> None:
        if moment := next(life, None):
            heappush(waiting, (max(moment, term.clock()), next(numbers), life))

    term.do(
        {
            "lab": "change",
            "as": SKIPPER,
            "set": {"id": SKIPPER, "name": "Robin Example", "email": "robin@example.org", "site": "boathouse"},
        }
    )
    for person, name, role, skills, hours, site in PEOPLE:
        by = HARBOURMASTER if person == TRUSTEE else SKIPPER
        details = {"id": person, "name": name, "role": role, "skills": list(skills), "hours": hours, "site": site}
        term.do({"lab": "register", "as": by, "set": {**details, "email": f"{person}@example.org"}})
    for life in (_watch(term), _arrivals(term, led)):
        led(life)
    while waiting and waiting[0][0] < at(LAST, 18):
        moment, _number, life = heappop(waiting)
        term.clock.to(moment)
        led(life)
    term.clock.to(at(LAST, 18))
    return (*term.lines, {"now": term.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")})


if __name__ == "__main__":
    RECORDED.write_text(written(lived()), "utf-8")
    print(RECORDED)
