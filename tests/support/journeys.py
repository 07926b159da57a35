"""Requests that waited in one state for their closing, made of a few numbers: what forecasts are tried on."""

from __future__ import annotations

from datetime import date
from typing import Any

from attrs import evolve
from pure import at, calendar, day, lab

from states.flow.journeys import Journey

STATE, CLOSED = "debriefed", "closed"  # of the shipped lab: all that is left there is to close
CALENDAR = calendar()


def noon(of: date) -> str:
    return at(f"{of.isoformat()} 12:00")


def after(since: date, days: int) -> date:
    """The day that many working days later."""
    return CALENDAR.add(since, days)


def waiting(ref: str, came: date, **how: Any) -> Journey:
    """One that is still there."""
    begun = Journey(
        ref, lab(), "accompanied", is_accompanied=True, tier="tuto", state=STATE, before=STATE, since=noon(came),
        stays={STATE: (noon(came), None)}, reached={},
    )  # fmt: skip
    return evolve(begun, **how)


def ended(ref: str, since: date, days: int, state: str = CLOSED, **how: Any) -> Journey:
    """One that left after so many working days: closed, or ended otherwise."""
    until = noon(after(since, days))
    reached = {CLOSED: (until,)} if state == CLOSED else {}
    stays = {STATE: (noon(since), until), state: (until, None)}
    return waiting(ref, since, state=state, before=state, since=until, stays=stays, reached=reached, **how)


def closed(*days: int, since: str = "2025-09-01", **how: Any) -> list[Journey]:
    """Some that closed after so many working days each."""
    return [ended(f"2025-{n:04d}", day(since), one, **how) for n, one in enumerate(days, start=1)]
