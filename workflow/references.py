"""References: `2026-0001` for a request, `2026-A001` for an activity, numbered without gaps by year of reception."""

from __future__ import annotations

from states.declaration import Declaration, is_activity
from states.values import local
from workflow.store import Transaction

REQUESTS, ACTIVITIES = "requests", "activities"


def following(tx: Transaction, declaration: Declaration, series: str, received_at: str) -> str:
    """The next reference of a series, taken in this transaction: rolled back, its number is not used."""
    year = local(received_at, declaration.lab.tz).year
    row = tx.one("next_number", series, year, 1)
    assert row is not None
    return f"{year}-A{row[0]:03d}" if series == ACTIVITIES else f"{year}-{row[0]:04d}"


def numbered(ref: str) -> tuple[str, int, int]:
    """The series, the year and the number of a reference."""
    year, _dash, number = ref.partition("-")
    return (ACTIVITIES, int(year), int(number[1:])) if is_activity(ref) else (REQUESTS, int(year), int(number))
