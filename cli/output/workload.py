"""The load by week, drawn: bars that read in eighty columns, on a terminal and in a pipe."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import click

from cli.output.terminal import echo, heading, one_line, writes
from states.language import _, duration

if TYPE_CHECKING:
    from states.risks.workload import Load, WeekLoad

CELLS = 20  # of a bar: 100 %
_FRIDAY = timedelta(days=4)


def tell_load(loads: Sequence[Load], names: Mapping[str, str | None]) -> None:
    """A block for each person, a line for each week."""
    if not loads:
        echo(_("Nobody takes meetings in this lab, and none is planned."))
    for n, one in enumerate(loads):
        if n:
            echo()
        if one.person:
            name = f"{one.person.id} · {one_line(names.get(one.person.id) or '—')}"
            heading(_("{person} — {hours} a week", person=name, hours=duration(one.person.hours * 60)))
        else:
            heading(_("Nobody is assigned yet"))
        for week in one.weeks:
            if one.person or week.commitments:
                line = f"  {_days(week.monday)}  {_bar(week) if one.person else _hours(week.committed)}"
                echo(_coloured(week, line.rstrip()) if one.person else line)


def _days(monday: date) -> str:
    number = _("W{n}", n=f"{monday.isocalendar().week:02d}")
    return f"{number}  {monday:%d/%m} – {monday + _FRIDAY:%d/%m}"


def _hours(minutes: int) -> str:
    return duration(minutes) if minutes else "0\u00a0h"


def _bar(week: WeekLoad) -> str:
    full, empty = "█░" if writes("█░") else "#."
    filled = CELLS if week.over else min(CELLS, round(week.committed * CELLS / week.there)) if week.there else 0
    if week.committed and not filled:
        filled = 1
    hours = f"{_hours(week.committed)} / {_hours(week.there)}"
    percent = "—" if week.percent is None else f"{week.percent}\u00a0%"
    sign = "!!" if week.over and week.critical else "!" if week.over else ""
    return f"{full * filled}{empty * (CELLS - filled)}  {hours:>16} {percent:>6} {sign}"


def _coloured(week: WeekLoad, line: str) -> str:
    """Colour only helps the eye: the sign says the same."""
    if not week.over or os.environ.get("NO_COLOR"):
        return line
    return click.style(line, fg="red" if week.critical else "yellow")


def load_document(loads: Sequence[Load], names: Mapping[str, str | None]) -> dict[str, Any]:
    """The load as JSON: hours, not rounded; `ratio` is null when nobody is there."""
    people = [one for one in loads if one.person]
    nobody = next((one for one in loads if one.person is None), None)
    return {
        "staff": [
            {
                "id": one.person.id,
                "name": names.get(one.person.id),
                "hours": one.person.hours,
                "weeks": [_week(week) for week in one.weeks],
            }
            for one in people
            if one.person
        ],
        "unassigned": [_week(week) for week in nobody.weeks if week.commitments] if nobody else [],
    }


def _week(week: WeekLoad) -> dict[str, Any]:
    year, number, _day = week.monday.isocalendar()
    return {
        "week": f"{year}-W{number:02d}",
        "from": week.monday.isoformat(),
        "to": (week.monday + timedelta(days=6)).isoformat(),
        "committed_hours": week.committed / 60,
        "hours_there": week.there / 60,
        "ratio": week.committed / week.there if week.there else None,
        "over": week.over,
        "meetings": [
            {"ref": one.ref, "meeting_id": one.meeting, "hours": one.minutes / 60} for one in week.commitments
        ],
    }
