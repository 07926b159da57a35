"""Meetings of a lab in February 2026, a month without a public holiday: planned, and how they stand."""

from __future__ import annotations

from typing import Any

from workflow.testing import Lab

# The 5th, 12th, 19th and 26th are Thursdays.
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY = (f"2026-02-{day:02}" for day in (3, 4, 5, 6, 7))


def plan(lab: Lab, ref: str, at: str, event: str = "plan_meeting", **given: Any) -> set[str]:
    """The rules that refuse the meeting; none once it is planned."""
    return lab.refused(ref, event, {"at": at, **given})


def statuses(lab: Lab, ref: str) -> dict[str, str]:
    return {meeting.id: meeting.status for meeting in lab.now(ref).meetings}
