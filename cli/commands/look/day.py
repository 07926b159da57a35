"""`today` and `agenda`: what to do, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from cli.commands.look.next_steps import recording, short
from cli.options import json_option, print_json, with_session
from cli.output.lines import Part, hours, kind_of_meeting, line, named_day, title
from cli.output.terminal import is_terminal, one_line, width
from cli.output.watch import watch_sentence
from cli.session import Session
from states.declaration.types import local, offset_time
from states.errors import FieldError, Invalid
from states.language import _, _n, enumeration, long_date, numeric_date, short_date, short_time

if TYPE_CHECKING:
    from states.declaration.outline import Outline

MANY = 8  # forms told one by one; the rest are counted
LONGEST = 732  # days of an agenda: two years
LONG = 35  # days beyond which an agenda leaves out those with nothing
ROOMY = 110  # columns from which a meeting stands on one line
INDENT = " " * 14


@click.command(help=_("The day: what is late, due this week, planned, to record, just received; with what to type."))
@json_option
@with_session
def today(session: Session, as_json: bool) -> None:
    from workflow.history.in_force import every_code
    from workflow.store.heartbeat import rounds
    from workflow.views.agenda import Overview
    from workflow.views.alerts import standing

    watch = rounds(session.store, session.now)
    standing_, _critical, snoozed, _to_raise = standing(session.store, session.now)
    with session.reader() as reader:
        found, outline = Overview(reader).today(), every_code(reader.tx)
    found["alerts"] = standing_ - snoozed
    found["watch"] = {"last_tick": offset_time(watch.last, outline.lab.tz), "stale": watch.stale}
    for target in (*found["late"], *found["due"]):
        target["command"] = target["command"].replace(target["ref"], short(session, target["ref"]))
    for meeting in found["to_record"]:
        meeting["command"] = recording(session, meeting["ref"], meeting["meeting_id"])
    if as_json:
        print_json(found)
    else:
        _show_today(outline, found, watch_sentence(watch, outline.lab.tz))


def _show_today(outline: Outline, found: dict[str, Any], watched: str) -> None:
    day = date.fromisoformat(found["day"])
    line((named_day(day), "bold"), ", " + _("week {n}", n=found["week"]))
    for text in (*_marks(outline, found), *_school([found])):
        line(f"  {text}")
    _targets(_("Late"), found["late"])
    if found["to_record"]:
        title(_("To record"))
        whens = [short_time(datetime.fromisoformat(m["at"])) for m in found["to_record"]]
        _to_do(found["to_record"], whens, [kind_of_meeting(m["kind"]) for m in found["to_record"]])
    if not any(m["at"][:10] == found["day"] for m in found["to_record"]) or found["meetings"][0]["meetings"]:
        _planned(outline, found["meetings"], day)
    _targets(_("Due this week"), found["due"])
    _forms(outline, _("For the lab to do"), found["to_do"], "coop board")
    _forms(outline, _("New forms"), found["new"], "coop triage")
    _forms(outline, _("Waiting for the requester"), found["awaited"])
    line()
    waits = any(found[name] for name in ("late", "due", "to_record", "to_do", "new", "awaited", "alerts"))
    if not waits and not found["watch"]["stale"] and not found["meetings"][0]["meetings"]:
        line(_("Nothing waits for you."))
    if found["alerts"]:
        line(_n("{n} alert stands: coop alerts", "{n} alerts stand: coop alerts", found["alerts"]))
    line(watched)


def _targets(text: str, targets: Sequence[dict[str, Any]]) -> None:
    if targets:
        title(f"{text} ({len(targets)})")
        whens = [_by(target["due_at"]) for target in targets]
        _to_do(targets, whens, [target["label"] for target in targets])


def _to_do(rows: Sequence[dict[str, Any]], whens: Sequence[str], whats: Sequence[str]) -> None:
    """Two lines each: the request with its date, then what to do and what to type, which is never cut."""
    widest = max(map(len, whens))
    for row, when, what in zip(rows, whens, whats, strict=True):
        _request(row, when.ljust(widest))
        line(INDENT, what, ("  → ", "dim"), (row["command"], "bold"))


def _request(row: dict[str, Any], when: str, *after: Part) -> None:
    late = row.get("overdue", False)
    signed: Part = (f"{'!' if late else ' '} {when}  ", "bold red" if late else "")
    line("  ", (f"{row['ref']} ", "cyan"), signed, one_line(row["title"] or "—"), *after, cut=True)


def _by(due: str) -> str:
    return _("by {day}", day=short_date(datetime.fromisoformat(due).date()))


def _planned(outline: Outline, days: Sequence[dict[str, Any]], today: date) -> None:
    if not any(found["meetings"] for found in days):
        line()
        line(_("No meeting today, nor on {day}.", day=long_date(date.fromisoformat(days[-1]["day"]))))
        return
    for found in days:
        day = date.fromisoformat(found["day"])
        if found["meetings"]:
            title(_("Today") if day == today else named_day(day))
            _meetings(outline, found["meetings"])


def _meetings(outline: Outline, meetings: Sequence[dict[str, Any]]) -> None:
    """A line for each, in columns; where there is little room, a second one for the place and the people."""
    rows = []
    for m in meetings:
        times = hours(datetime.fromisoformat(m["at"]), datetime.fromisoformat(m["end_at"]))
        who = ", ".join(m["staff"]) or _("nobody")
        rows.append((times, kind_of_meeting(m["kind"]), outline.label("places", m["place"]), who))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for m, row in zip(meetings, rows, strict=True):
        times, kind, place, who = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sign: Part = ("✓ ", "green") if m["status"] == "held" else ("? ", "yellow") if m["to_record"] else "  "
        what: list[Part] = [sign, f"{times}  {kind}  ", (f"{m['ref']}  ", "cyan")]
        where: list[Part] = [f"{place}  ", (who, "" if m["staff"] else "yellow"), "  "]
        text = one_line(m["title"] or "—")
        if is_terminal() and width() < ROOMY:
            line(*what, text, cut=True)
            line(" " * (4 + len(times)), *where)
        else:
            line(*what, *where, text, cut=True)


def _forms(outline: Outline, text: str, rows: Sequence[dict[str, Any]], command: str = "") -> None:
    if not rows:
        return
    line()
    line((f"{text} ({len(rows)})", "bold"), *([("  → ", "dim"), (command, "bold")] if command else []))
    whens = [_by(row["next_due_at"]) if row["next_due_at"] else "" for row in rows[:MANY]]
    for row, when in zip(rows, whens, strict=False):
        service = one_line(outline.label("services", row["service"]).partition(" — ")[0])
        _request(row, when.ljust(max(map(len, whens))), (f"  {service}", "dim"))
    if len(rows) > MANY:
        line("  ", _n("and {n} more", "and {n} more", len(rows) - MANY))


def _marks(outline: Outline, day: dict[str, Any]) -> list[str]:
    """What is particular to a day, in people's words."""
    found = [_("public holiday: {name}", name=day["holiday"])] if day["holiday"] else []
    for closure in day["closures"]:
        place = outline.label("places", closure["place"])
        text = _("{place} is closed", place=place) if closure["place"] else _("the lab is closed")
        found.append(text + (f" ({one_line(closure['note'])})" if closure["note"] else ""))
    found += [_("{place} is ours by a swap", place=outline.label("places", code)) for code in day["gained"]]
    found += [_("{place} is lent by a swap", place=outline.label("places", code)) for code in day["given"]]
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
    from workflow.history.in_force import every_code
    from workflow.views.agenda import Overview

    start, end = _period(session, first, last)
    with session.reader() as reader:
        found, outline = Overview(reader).agenda(start, end), every_code(reader.tx)
    if as_json:
        print_json(found)
    else:
        _show_agenda(outline, found, start, end)


def _period(session: Session, first: str | None, last: str | None) -> tuple[date, date]:
    """The days asked for, by default this week and the next. Invalid when they are no period one could look at."""
    now = local(session.now, session.declaration.lab.tz).date()
    start = session.day(first, "--from", "near") if first else now - timedelta(days=now.weekday())
    end = session.day(last, "--to", "near") if last else start + timedelta(days=13 - start.weekday())
    said = ""
    if end < start:
        said = _("the end is before the beginning, {start}", start=numeric_date(start))
    elif (end - start).days > LONGEST or abs(start.year - now.year) > 100:
        said = _("at most two years are shown at once")
    if said:
        raise Invalid([FieldError("to", said)], _("The date was not understood."))
    return start, end


def _show_agenda(outline: Outline, found: dict[str, Any], start: date, end: date) -> None:
    line((_("From {first} to {last}", first=long_date(start), last=long_date(end)), "bold"))
    for week, days in groupby(found["days"], key=lambda day: day["week"]):
        _show_week(outline, week, list(days), brief=len(found["days"]) > LONG)
    line()
    meetings = sum(len(day["meetings"]) for day in found["days"])
    line(_n("{n} meeting.", "{n} meetings.", meetings) if meetings else _("No meeting."))


def _show_week(outline: Outline, week: int, days: Sequence[dict[str, Any]], *, brief: bool) -> None:
    """Its days; `brief`, or at the weekend, only those with something."""
    marks = [" · ".join(_marks(outline, day)) for day in days]
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
            _meetings(outline, day["meetings"])


def _school(days: Sequence[dict[str, Any]]) -> list[str]:
    """The school holidays of some days: teams are harder to gather."""
    names = dict.fromkeys(day["school_holidays"] for day in days if day["school_holidays"])
    return [_("school holidays: {name}", name=name) for name in names]
