"""A life that leaves a row in every table."""

from __future__ import annotations

from datetime import date

from workflow.lab.calendar import close, record_absence, swap_place
from workflow.sweep import sweep
from workflow.testing import NOTE, Lab


def live(lab: Lab) -> None:
    """Leaves a row in every table."""
    ref = lab.request("working", external_id="D-1", place="montpellier", tier="50_50")
    lab.request(follows=ref)
    lab.apply(ref, "plan_meeting", {"at": "2026-02-03T10:00", "staff": "camille"}, key="k1", note=NOTE)
    lab.activity(place="hors_les_murs")
    day = date(2026, 3, 5)
    record_absence(lab.engine, "camille", "rene", [(day, day)])
    close(lab.engine, "camille", "toulouse", (day, day), NOTE)
    swap_place(lab.engine, "camille", "montpellier", day, date(2026, 3, 4))
    lab.clock.forward(days=30)
    sweep(lab.engine)
