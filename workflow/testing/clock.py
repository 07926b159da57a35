"""A clock that goes where it is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from states.declaration.types import instant

ZONE = ZoneInfo("Europe/Paris")
START = "2026-01-12T09:00:00+01:00"  # a Monday with nothing closed around it


class SimulatedClock:
    """A clock that goes where it is told, and refuses to go back."""

    def __init__(self, start: str = START) -> None:
        self._now = datetime.fromisoformat(start)
        instant(self._now)  # naive: refused

    def __call__(self) -> datetime:
        return self._now

    @property
    def now(self) -> str:
        """The present as a stored instant."""
        return instant(self._now)

    def to(self, moment_: str | datetime) -> str:
        """Goes to a moment (ISO 8601 with its offset), never an earlier one (ValueError); the stored instant."""
        wanted = datetime.fromisoformat(moment_) if isinstance(moment_, str) else moment_
        if wanted < self._now:
            raise ValueError(f"a clock does not go back: it is {self._now.isoformat()}, not {wanted.isoformat()}")
        self._now = wanted
        return self.now

    def forward(self, **by: float) -> str:
        """Goes on by `days`, `hours`, `minutes`… of elapsed time; the stored instant."""
        return self.to(self._now + timedelta(**by))
