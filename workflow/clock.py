"""The one clock. Everything that needs the time takes a clock; `datetime.now` appears here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from states.declaration.types import instant

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """Now, in whole seconds: what is stored, shown and typed is then the same moment."""
    return datetime.now(UTC).replace(microsecond=0)


def now_of(clock: Clock) -> str:
    """The clock's moment as a stored instant."""
    return instant(clock())
