"""What the pure tests are given: the shipped declaration, days and moments as one reads them in the lab, people."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from states.calendar.working_days import Closure, WorkingCalendar
from states.declaration.documents import shipped
from states.declaration.model import Declaration
from states.planning.meeting import Planned
from states.planning.slots import Absence, Surroundings
from states.risks.remedies import Person
from states.verification.loading import load

PARIS = ZoneInfo("Europe/Paris")
PEOPLE = (
    Person("awa", "specialist", ("design", "facilitation"), site="montpellier"),
    Person("camille", "coordinator", site="montpellier"),
    Person("comite", "committee", ("facilitation",), site="montpellier"),
    Person("dominique", "referent", ("facilitation",), site="toulouse"),
    Person("paule", "pilot", site="montpellier"),
    Person("yann", "specialist", ("facilitation",), active=False, site="montpellier"),
)


@cache
def lab() -> Declaration:
    """The shipped declaration."""
    return load(shipped())


def edited(*edits: tuple[str, str]) -> str:
    """The text of the shipped declaration with these edits, each made once."""
    text = shipped()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return text


@cache
def french_holidays() -> dict[date, str]:
    return dict(holidays.country_holidays("FR", language="fr", years=range(2025, 2030)).items())


def calendar(*closures: Closure) -> WorkingCalendar:
    """The working days of the shipped lab, with these closures."""
    return WorkingCalendar(french_holidays(), closures, PARIS, time(18))


def at(text: str) -> str:
    """`03-09 18:00`, local, of 2026 unless a year is given → the stored instant."""
    naive = datetime.fromisoformat(text if text.count("-") == 2 else f"2026-{text}")
    return naive.replace(tzinfo=PARIS).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def when(stored: str) -> str:
    """The other way round."""
    local = datetime.fromisoformat(stored).astimezone(PARIS)
    return local.strftime("%m-%d %H:%M" if local.year == 2026 else "%Y-%m-%d %H:%M")


def day(text: str) -> date:
    """`03-09`, of 2026 unless a year is given."""
    return date.fromisoformat(text if text.count("-") == 2 else f"2026-{text}")


def away(person: str, first: str, last: str | None = None) -> Absence:
    """Someone is away from a day to another, or that day."""
    return Absence(person, day(first), day(last or first))


def planned(ref: str, start: str, *staff: str, kind: str = "work", minutes: int = 120, **how: Any) -> Planned:
    """A planned meeting of request 2026-REF, in Montpellier unless said."""
    place = how.pop("place", "montpellier")
    return Planned(f"2026-{ref}", f"{kind}-1", kind, at(start), minutes, place, staff, how.pop("planned_at", ""), **how)


def surrounded(*meetings: Planned, **how: Any) -> Surroundings:
    """What surrounds a slot: these meetings, French holidays, and what else is said."""
    return Surroundings(holidays=french_holidays(), bookings=meetings, **how)
