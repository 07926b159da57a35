"""Helpers for tests: this product's own, and those of a lab that has changed its declaration.

A clock that only goes forward; a lab in a store of its own; forms and requests made to order; two connections that
meet on purpose; a program killed at the worst moment; the rule tests that a coordinator writes in TOML, which `coop
lifecycle test` runs. Nothing here needs pytest.

    lab = Lab.open(f"sqlite:///{tmp_path}/lab.db")
    ref = lab.request("working", tier="tuto")
    assert lab.refused(ref, "close") >= {"state"}
"""

from __future__ import annotations

from workflow.testing.clock import START, ZONE, SimulatedClock
from workflow.testing.crashes import End, crash
from workflow.testing.forms import NOTE, form, form_for
from workflow.testing.lab import COMMITTEE, PEOPLE, PILOT, Lab
from workflow.testing.stores import problems, tables, undone

__all__ = [
    "COMMITTEE", "NOTE", "PEOPLE", "PILOT", "START", "ZONE", "End", "Lab", "SimulatedClock", "crash", "form",
    "form_for", "problems", "tables", "undone",
]  # fmt: skip
