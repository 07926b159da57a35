"""The lab that every figure is measured on, and the one path its requests are led along.

`open_lab` makes a store with a backlog of open requests. `path` gives the steps of one more request, from its form to
its closing; `commands` leads it through the engine, `lines` writes it for `coop apply`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from workflow.engine import Command, Engine
from workflow.lab.opening import open_lab as first_opening
from workflow.lab.staff import add_staff
from workflow.store.database import Store

ZONE = ZoneInfo("Europe/Paris")
ACTOR = "camille"
COLLEAGUE = "dominique"
BACKLOG = 200  # open requests the lab has before anything is measured
OPENING = datetime(2026, 1, 5, 8, tzinfo=ZONE)
NOW = "2026-03-02T09:00:00+01:00"  # what the commands that look are told the time is
FIRST_WEEK = date(2026, 3, 2)
WEEKS = 60  # the requests begin in as many different weeks, then again in the first
STEPS = 17  # events of a request, from its form to its closing
OPEN_DAYS = (0, 1, 2, 4)  # Montpellier is the lab's from Monday to Wednesday and on Friday
NEED = (
    "Nos équipes accueillent chaque année des personnels stagiaires dans huit départements ; l’information qu’ils "
    "reçoivent dépend du service où ils arrivent. Nous voudrions repenser avec eux les trois premiers mois, sans "
    "ajouter une plateforme de plus."
)
OUTCOME = "Un parcours commun, éprouvé par deux services, que les autres puissent reprendre et adapter."


class SimulatedClock:
    """A clock that says what it is told."""

    def __init__(self, at: datetime = OPENING) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Step:
    """One event of the path: when it happens, what it is given."""

    event: str
    at: datetime
    inputs: Mapping[str, Any] = field(default_factory=dict)
    note: str | None = None


def form(number: int, place: str = "montpellier") -> dict[str, Any]:
    """A form such as a service sends it."""
    services = ("drajes", "drari", "draio", "drafpic", "drane", "rectorat_montpellier", "dsden_34", "dsden_11")
    departments = ("34", "31", "11", "30", "66", "81")
    return {
        "external_id": f"dossier-{number:06d}",
        "title": f"Accueillir autrement les personnels stagiaires, cohorte {number}",
        "need": NEED,
        "expected_outcome": OUTCOME,
        "outcome_predefined": False,
        "collaborative_share": 60 + number % 40,
        "kind": "accompanied",
        "axis": "incubation",
        "requester": {
            "name": f"Claude Exemple {number}",
            "email": f"claude.exemple.{number}@example.org",
            "function": "Cheffe de projet",
        },
        "service": services[number % len(services)],
        "department": departments[number % len(departments)],
        "place": place,
        "participants": 18,
        "managers": 3,
        "experience": "some",
        "complexity": "simple",
    }


def _open_days(first: date, holidays: frozenset[date]) -> Iterator[date]:
    day = first
    while True:
        if day.weekday() in OPEN_DAYS and day not in holidays:
            yield day
        day += timedelta(days=1)


def path(number: int, holidays: frozenset[date]) -> list[Step]:
    """The steps of one request on the tier « tuto »: three meetings planned and held, session, debrief, closing."""
    open_days = _open_days(FIRST_WEEK + timedelta(weeks=number % WEEKS), holidays)
    days = [next(open_days) for _n in range(13)]

    def on(day: int, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(days[day], time(hour, minute), ZONE)

    def slot(day: int, hour: int) -> dict[str, Any]:
        return {"at": on(day, hour).isoformat(), "staff": [ACTOR, COLLEAGUE]}

    people = {"expected": 18, "attended": 16, "managers": 3}
    return [
        Step("submit", on(0, 9)),
        Step("prequalify", on(0, 10)),
        Step("plan_interview", on(0, 10, 5), slot(2, 10)),
        Step("hold_interview", on(2, 11, 30), {"attended": 3}, "Le besoin est partagé par les deux services présents."),
        Step("assign_tier", on(2, 12), {"tier": "tuto"}),
        Step("plan_meeting", on(2, 12, 5), slot(4, 14)),
        Step("plan_meeting", on(2, 12, 6), slot(6, 14)),
        Step("plan_meeting", on(2, 12, 7), slot(8, 14)),
        Step("hold_meeting", on(4, 16), people, "Parcours d’aujourd’hui décrit ; trois irritants retenus."),
        Step("hold_meeting", on(6, 16), people, "Déroulé de la session écrit à deux mains."),
        Step("hold_meeting", on(8, 16), people, "Déroulé relu, matériel listé."),
        Step("plan_session", on(8, 16, 30), slot(10, 9)),
        Step("hold_session", on(10, 13), people, "Deux prototypes de parcours, un essai prévu."),
        Step("plan_debrief", on(10, 13, 30), slot(12, 10)),
        Step("hold_debrief", on(12, 11, 30), {}, "Les deux services continuent ensemble."),
        Step("record_deliverable", on(12, 11, 45), {"title": "Parcours d’accueil, version 1", "type": "method"}),
        Step("close", on(12, 12)),
    ]


def submission(number: int, step: Step) -> Command:
    """The form of a request, with an idempotency key."""
    return command("", number, 0, replace(step, inputs={**form(number), "submitted_at": step.at.isoformat()}))


def command(ref: str, number: int, rank: int, step: Step) -> Command:
    """An event of a request, with an idempotency key: what a program that may have to try again sends."""
    return Command(ref, step.event, ACTOR, step.inputs, step.note, key=_key(number, rank))


def _key(number: int, rank: int) -> str:
    return f"bench-{number}-{rank}"


def lines(number: int, holidays: frozenset[date]) -> Iterator[str]:
    """The same request as lines for `coop apply`."""
    first, *others = path(number, holidays)
    key = _key(number, 0)
    yield json.dumps({"submit": {**form(number), "submitted_at": first.at.isoformat()}, "key": key})
    for rank, step in enumerate(others, 1):
        yield json.dumps(
            {
                "ref": f"@{key}",
                "event": step.event,
                "set": dict(step.inputs),
                "note": step.note,
                "at": step.at.isoformat(),
                "key": _key(number, rank),
            }
        )


def open_lab(url: str, backlog: int = BACKLOG) -> None:
    """Opens a lab in an empty store: two people, and open requests in five states, each with its deadline."""
    clock, store = SimulatedClock(), Store(url)
    try:
        first_opening(store, clock, ACTOR, None)
        holidays = holidays_of(url)
        engine = Engine(store, clock)
        colleague = {"id": COLLEAGUE, "name": "Dominique", "email": "dominique@example.org", "role": "coordinator"}
        add_staff(engine, ACTOR, {**colleague, "skills": ["facilitation"], "hours": 35, "site": "montpellier"})
        for number in range(backlog):
            _lead_part(engine, clock, number, holidays)
    finally:
        store.close()


def _lead_part(engine: Engine, clock: SimulatedClock, number: int, holidays: frozenset[date]) -> None:
    """One open request, somewhere between its form and its first meeting. It takes no slot at Montpellier."""
    clock.at = OPENING + timedelta(days=number % 50, minutes=number % 480)

    def slot(days: int) -> dict[str, Any]:
        day = next(_open_days((clock.at + timedelta(days=days)).date(), holidays))
        return {"at": datetime.combine(day, clock.at.timetz()).isoformat()}

    given = {**form(number, "hors_les_murs"), "external_id": f"backlog-{number}"}
    ref = engine.apply(Command("", "submit", ACTOR, given)).request.ref
    events: list[tuple[str, dict[str, Any]]] = [
        ("prequalify", {}),
        ("plan_interview", slot(7)),
        ("hold_interview", {}),
        ("assign_tier", {"tier": "tuto"}),
        ("plan_meeting", slot(30)),
    ]
    for event, inputs in events[: (0, 1, 2, 4, 5)[number % 5]]:
        if event == "hold_interview":
            clock.at += timedelta(days=10)
        engine.apply(Command(ref, event, ACTOR, inputs))


def holidays_of(store: Path | str) -> frozenset[date]:
    """The public holidays that a lab keeps."""
    opened = Store(str(store))
    try:
        with opened.reading() as connection:
            days = connection.exec_driver_sql("SELECT day FROM holidays").scalars()
            return frozenset(map(date.fromisoformat, days))
    finally:
        opened.close()


def copied(template: Path, to: Path) -> Path:
    """A copy of a store nobody has open."""
    for suffix in ("-wal", "-shm"):
        to.with_name(to.name + suffix).unlink(missing_ok=True)
    to.write_bytes(template.read_bytes())
    return to


@contextmanager
def opened(url: str) -> Iterator[tuple[Store, SimulatedClock, Engine]]:
    """A store, its clock and its engine."""
    store, clock = Store(url), SimulatedClock()
    try:
        yield store, clock, Engine(store, clock)
    finally:
        store.close()


def environment(**more: str) -> dict[str, str]:
    """The environment of a measured process: none of the user's own settings, and compiled modules are kept."""
    own = ("COOP_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if name == "PYTHONPATH" or not name.startswith(own)}
    ours = {
        "COOP_ACTOR": ACTOR,
        "COOP_CONFIG": os.devnull,
        "COOP_STATE": os.devnull,
        "COOP_LANG": "fr",
        "NO_COLOR": "1",
    }
    return {**kept, **ours, **more}
