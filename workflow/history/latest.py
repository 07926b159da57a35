"""What the history says of the present: a clock that is behind the last entry was set back, or was ahead then."""

from __future__ import annotations

from sqlalchemy import text

from states.references import LAB
from workflow.store.transaction import Looking

# The lab's last entry, and that of the last request received: each by its key, however long the history.
_LATEST = text("""
    SELECT at FROM (SELECT recorded_at AS at FROM entries WHERE stream = :lab ORDER BY seq DESC LIMIT 1) AS of_lab
    UNION ALL
    SELECT at FROM (SELECT recorded_at AS at FROM requests ORDER BY ref DESC LIMIT 1) AS of_last
""")


def recorded_after(tx: Looking, now: str) -> str | None:
    """When the last entry was recorded, where that is later than what the clock says; a glance, not a search."""
    latest: list[str] = list(tx.connection.execute(_LATEST, {"lab": LAB}).scalars())
    return max((at for at in latest if at > now), default=None)
