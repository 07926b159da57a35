"""Activities of a lab, as tests plan and hold them."""

from __future__ import annotations

from typing import Any

from workflow.testing import Lab

SLOT = "2026-02-03T10:00"
HELD = {"attended": 8, "managers": 3, "services": "drajes, drari"}
PEERS = {"title": "Entre pairs", "type": "peer_group", "axis": "management"}


def done(lab: Lab, ref: str, event: str, given: dict[str, Any] | None = None, **how: Any) -> dict[str, Any]:
    """The activity after an event."""
    lab.apply(ref, event, given, **how)
    return lab.show(ref)


def held(lab: Lab, ref: str) -> dict[str, Any]:
    lab.clock.to(lab.clock().replace(month=2, day=10))
    return done(lab, ref, "hold_activity", HELD)
