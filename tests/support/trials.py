"""The steps that the exploration of the shipped declaration takes."""

from __future__ import annotations

from functools import cache

from pure import lab

from states.verification.steps import Steps


@cache
def made(kind: str = "accompanied") -> Steps:
    """The steps of the lab, once each event was possible: what changes nothing that is kept is no longer tried."""
    steps = Steps(lab(), kind)
    steps.taken.update(lab().events)
    return steps
