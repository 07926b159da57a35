"""Meetings that something makes fall, seen from Monday 23 February 2026."""

from __future__ import annotations

from typing import Any

from pure import PEOPLE, at, lab, planned, surrounded

from states.planning.meeting import Planned
from states.planning.slots import Surroundings
from states.risks.impact import Fallen, what_falls
from states.risks.remedies import Forecast, Person

NOW = at("02-23 09:00")


def meeting(ref: str, start: str, *staff: str, **how: Any) -> Planned:
    return planned(ref, start, *staff, planned_at=NOW, **how)


def ahead(around: Surroundings) -> Forecast:
    return Forecast(lab(), around, PEOPLE, NOW)


def falls(*meetings: Planned, people: tuple[Person, ...] = PEOPLE, **how: Any) -> list[Fallen]:
    cause = how.pop("cause", None)
    return what_falls(meetings, Forecast(lab(), surrounded(*meetings, **how), people, NOW), cause)
