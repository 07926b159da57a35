"""Stored instants as logs write them: ISO 8601 in the lab's zone, always with its offset."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from states.declaration.types import local


class Moments:
    """From a stored instant to the same in the lab's zone.

    A million of them have few hours in common: what begins an hour and ends it is looked for once.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._hours: dict[str, tuple[str, str] | None] = {}

    def __call__(self, instant: str) -> str:
        hour = instant[:13]
        if hour not in self._hours:
            self._hours[hour] = self._ends(hour)
        ends = self._hours[hour]
        return f"{ends[0]}{instant[13:19]}{ends[1]}" if ends else local(instant, self._zone).isoformat()

    def _ends(self, hour: str) -> tuple[str, str] | None:
        """How the times of an hour begin and end; None where its minutes or its offset change on the way."""
        first, last = (local(f"{hour}:{rest}Z", self._zone).isoformat() for rest in ("00:00", "59:59"))
        same = first[:13] == last[:13] and first[19:] == last[19:]
        return (first[:13], first[19:]) if same else None
