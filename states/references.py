"""References: `2026-0001` for a request, `2026-A001` for an activity, numbered without gaps by year of reception."""

from __future__ import annotations

LAB = "lab"  # the stream of the lab itself
REQUESTS, ACTIVITIES = "requests", "activities"  # the series


def is_activity(ref: str) -> bool:
    """Whether a reference is an activity's rather than a request's."""
    return ref[4:6] == "-A"


def spelled(series: str, year: int, number: int) -> str:
    """The reference of a number in its series."""
    return f"{year}-A{number:03d}" if series == ACTIVITIES else f"{year}-{number:04d}"


def numbered(ref: str) -> tuple[str, int, int]:
    """The series, the year and the number of a reference."""
    year, _dash, number = ref.partition("-")
    return (ACTIVITIES, int(year), int(number[1:])) if is_activity(ref) else (REQUESTS, int(year), int(number))
