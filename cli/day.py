"""`today` and `agenda`: what to do, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from cli.base import json_option, print_json, with_session
from cli.lines import Part, hours, kind_of_meeting, line, named_day, title
from cli.session import Session
from cli.suggesting import for_target, recording
from cli.terminal import one_line
from states.language import _, _n, enumeration, long_date, numeric_date, short_date, short_time

if TYPE_CHECKING:
    from states.declaration import Declaration

MANY = 8  # forms told one by one; the rest are counted
LONG = 35  # days beyond which an agenda leaves out those with nothing
INDENT = " " * 13


@click.command(help=_("The day: what is late, due this week, planned, to record, just received; with what to type."))
@json_option
@with_session
def today(session: Session, as_json: bool) -> None:
    from workflow.overview import Overview

    with session.reader() as reader:
        found = Overview(reader).today()
        declaration = reader.declaration
    for target in (*found["late"], *found["due"]):
        target["command"] = for_target(session, target)
    for meeting in found["to_record"]:
        meeting["command"] = recording(session, meeting["ref"], meeting["meeting_id"])
    if as_json:
        print_json(found)
    else:
        _show_today(declaration, found)


def _show_today(declaration: Declaration, found: dict[str, Any]) -> None:
    day = date.fromisoformat(found["day"])
    line((named_day(day), "bold"), ", " + _("week {n}", n=found["week"]))
    for text in (*_marks(declaration, found), *_school([found])):
        line(f"  {text}")
    _targets(declaration, _("Late"), found["late"])
    if found["to_record"]:
        title(_("To record"))
        for m in found["to_record"]:
            _two_lines(m, f"{kind_of_meeting(m['kind'])}, {short_time(datetime.fromisoformat(m['at']))}")
    _planned(declaration, found["meetings"], day)
    _targets(declaration, _("Due this week"), found["due"])
    _forms(declaration, _("New forms"), found["new"], "coop triage")
    _forms(declaration, _("Waiting for the requester"), found["awaited"])
    if not any(found[name] for name in ("late", "due", "to_record", "new", "awaited")):
        line()
        line(_("Nothing waits for you."))


def _targets(declaration: Declaration, text: str, targets: Sequence[dict[str, Any]]) -> None:
    if targets:
        title(f"{text} ({len(targets)})")
    for target in targets:
        what = declaration.label("deadlines", target["kind"])
        due = short_time(datetime.fromisoformat(target["due_at"]))
        _two_lines(target, _("{what}, before {moment}", what=what, moment=due))


def _two_lines(found: dict[str, Any], what: str) -> None:
    late = found.get("overdue", False)
    sign: Part = ("! ", "bold red") if late else "  "
    line("  ", (f"{found['ref']}  ", "cyan"), one_line(found["title"] or "—"))
    line(INDENT[2:], sign, (what, "red" if late else ""), ("  → ", "dim"), (found["command"], "bold"))


def _planned(declaration: Declaration, days: Sequence[dict[str, Any]], today: date) -> None:
    if not any(found["meetings"] for found in days):
        line()
        line(_("No meeting today, nor on {day}.", day=long_date(date.fromisoformat(days[-1]["day"]))))
        return
    for found in days:
        day = date.fromisoformat(found["day"])
        if found["meetings"]:
            title(_("Today") if day == today else named_day(day))
            _meetings(declaration, found["meetings"])


def _meetings(declaration: Declaration, meetings: Sequence[dict[str, Any]]) -> None:
    """One line a meeting, in columns."""
    rows = []
    for m in meetings:
        times = hours(datetime.fromisoformat(m["at"]), datetime.fromisoformat(m["end_at"]))
        who = ", ".join(m["staff"]) or _("nobody")
        rows.append((times, kind_of_meeting(m["kind"]), m["ref"], declaration.label("places", m["place"]), who))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for m, row in zip(meetings, rows, strict=True):
        times, kind, ref, place, who = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sign: Part = ("✓ ", "green") if m["status"] == "held" else ("? ", "yellow") if m["to_record"] else "  "
        unstaffed = "" if m["staff"] else "yellow"
        line(
            sign,
            f"{times}  {kind}  ",
            (f"{ref}  ", "cyan"),
            f"{place}  ",
            (who, unstaffed),
            f"  {one_line(m['title'] or '—')}",
        )


def _forms(declaration: Declaration, text: str, rows: Sequence[dict[str, Any]], command: str = "") -> None:
    if not rows:
        return
    line()
    line((f"{text} ({len(rows)})", "bold"), *([("  → ", "dim"), (command, "bold")] if command else []))
    for row in rows[:MANY]:
        due = ""
        if row["next_due_at"]:
            due = _("by {day}", day=short_date(datetime.fromisoformat(row["next_due_at"]).date())) + " · "
        service = one_line(declaration.label("services", row["service"]).partition(" — ")[0])
        line("  ", (f"{row['ref']}  ", "cyan"), (f"{due}{service} · ", "dim"), one_line(row["title"] or "—"))
    if len(rows) > MANY:
        line("  ", _n("and {n} more", "and {n} more", len(rows) - MANY))


def _marks(declaration: Declaration, day: dict[str, Any]) -> list[str]:
    """What is particular to a day, in people's words."""
    found = [_("public holiday: {name}", name=day["holiday"])] if day["holiday"] else []
    for closure in day["closures"]:
        place = declaration.label("places", closure["place"])
        text = _("{place} is closed", place=place) if closure["place"] else _("the lab is closed")
        found.append(text + (f" ({one_line(closure['note'])})" if closure["note"] else ""))
    found += [_("{place} is ours by a swap", place=declaration.label("places", code)) for code in day["gained"]]
    found += [_("{place} is lent by a swap", place=declaration.label("places", code)) for code in day["given"]]
    away = [
        _("{person} until {day}", person=absence["staff"], day=short_date(date.fromisoformat(absence["to"])))
        for absence in day["absences"]
    ]
    return found + ([_("away: {people}", people=enumeration(away))] if away else [])


@click.command(
    help=_("The calendar, day by day: meetings, holidays, closures, swaps, absences; this week and the next.")
)
@click.option("--from", "first", metavar="D", help=_("The first day; default: Monday of this week."))
@click.option("--to", "last", metavar="D", help=_("The last day; default: Sunday of the week after."))
@json_option
@with_session
def agenda(session: Session, first: str | None, last: str | None, as_json: bool) -> None:
    from workflow.overview import Overview

    start, end = _period(session, first, last)
    with session.reader() as reader:
        found = Overview(reader).agenda(start, end)
        declaration = reader.declaration
    if as_json:
        print_json(found)
    else:
        _show_agenda(declaration, found, start, end)


def _period(session: Session, first: str | None, last: str | None) -> tuple[date, date]:
    """The days asked for, Malformed ones as exit 6; by default this week and the next."""
    from states.errors import FieldError, Invalid
    from states.values import local

    now = local(session.now, session.declaration.lab.tz).date()
    start = session.day(first, "from", "near") if first else now - timedelta(days=now.weekday())
    end = session.day(last, "to", "near") if last else start + timedelta(days=13 - start.weekday())
    if end < start:
        wrong = FieldError("to", _("the end is before the beginning, {start}", start=numeric_date(start)))
        raise Invalid([wrong], _("The date was not understood."))
    return start, end


def _show_agenda(declaration: Declaration, found: dict[str, Any], start: date, end: date) -> None:
    line((_("From {first} to {last}", first=long_date(start), last=long_date(end)), "bold"))
    for week, days in groupby(found["days"], key=lambda day: day["week"]):
        _show_week(declaration, week, list(days), brief=len(found["days"]) > LONG)
    line()
    line(_n("{n} meeting.", "{n} meetings.", sum(len(day["meetings"]) for day in found["days"])))


def _show_week(declaration: Declaration, week: int, days: Sequence[dict[str, Any]], *, brief: bool) -> None:
    """Its days; `brief`, or at the weekend, only those with something."""
    marks = [" · ".join(_marks(declaration, day)) for day in days]
    shown = []
    for day, mark in zip(days, marks, strict=True):
        if mark or day["meetings"] or not (brief or date.fromisoformat(day["day"]).weekday() >= 5):
            shown.append((day, mark))
    if not shown:
        return
    line()
    line((_("Week {n}", n=week), "bold"), *((f" — {text}", "dim") for text in _school(days)))
    for day, mark in shown:
        text: Part = (mark, "yellow") if mark or day["meetings"] else ("—", "dim")
        line((short_date(date.fromisoformat(day["day"])).ljust(14), "bold"), text)
        if day["meetings"]:
            _meetings(declaration, day["meetings"])


def _school(days: Sequence[dict[str, Any]]) -> list[str]:
    """The school holidays of some days: teams are harder to gather."""
    names = dict.fromkeys(day["school_holidays"] for day in days if day["school_holidays"])
    return [_("school holidays: {name}", name=name) for name in names]
