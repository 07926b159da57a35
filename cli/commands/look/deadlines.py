"""`deadlines`: each deadline of a request, and each day counted or skipped with its cause."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from cli.commands.look.next_steps import short
from cli.options import json_option, print_json, with_session
from cli.output.lines import line, title
from cli.output.request import explained
from cli.output.terminal import echo, printable, table
from cli.session import Session
from states.language import _, _n, long_date, short_date, short_time

if TYPE_CHECKING:
    from states.declaration.model import Declaration


@click.command(
    help=_("Each deadline of a request: open, paused, met, missed or dropped; --explain tells it day by day.")
)
@click.argument("ref")
@click.option("--explain", is_flag=True, help=_("Each day, counted or skipped, with its cause."))
@json_option
@with_session
def deadlines(session: Session, ref: str, explain: bool, as_json: bool) -> None:
    from workflow.views.agenda import deadlines_of

    ref = session.ref(ref)
    with session.reader() as reader:
        request = reader.request(ref)
        declaration = reader.declaration_of(request.declaration)
        found = deadlines_of(reader, request, days=explain)
    session.touch(ref)
    if as_json:
        print_json(found)
    elif not found:
        echo(_("{ref} has no deadline.", ref=ref))
    elif explain:
        for one in found:
            _explained(declaration, request.kind, one)
    else:
        table([_("What"), _("Due"), _("Status"), _("Settled")], [_row(declaration, request.kind, one) for one in found])
        for said in explained(declaration, request.kind, found):
            echo(printable(said))
        echo()
        echo(_("Day by day: coop deadlines {ref} --explain", ref=short(session, ref)))


def _label(declaration: Declaration, kind: str, one: dict[str, Any]) -> str:
    meeting = f" ({one['meeting_id']})" if "meeting_id" in one else ""
    return declaration.deadline_label(one["kind"], kind) + meeting


def _status(one: dict[str, Any]) -> str:
    """Its status, and its stage while it is open; “!” marks what is late."""
    status = {
        "open": _("open"),
        "paused": _("paused"),
        "met": _("met"),
        "missed": _("missed"),
        "dropped": _("dropped"),
    }[one["status"]]
    stage = {"none": "", "reminder": _("reminder"), "due": _("late"), "escalated": _("escalated")}[one["stage"]]
    sign = "! " if one["status"] == "missed" or one["stage"] in ("due", "escalated") else ""
    return sign + status + (f", {stage}" if stage else "")


def _when(text: str | None) -> str:
    return short_time(datetime.fromisoformat(text)) if text else "—"


def _row(declaration: Declaration, kind: str, one: dict[str, Any]) -> list[str]:
    return [_label(declaration, kind, one), _when(one["due_at"]), _status(one), _when(one["settled_at"])]


def _explained(declaration: Declaration, kind: str, one: dict[str, Any]) -> None:
    title(_label(declaration, kind, one))
    line("  ", _("{status}, before {moment}", status=_status(one), moment=_when(one["due_at"])))
    line("  ", _counted(one))
    for step in one["days"]:
        number = "·" if step["number"] is None else str(step["number"] or "•")
        style = "" if step["counted"] else "dim"
        line(
            "  ",
            (f"{number:>3}  {short_date(date.fromisoformat(step['day']))}".ljust(22), style),
            (step["text"] or "", style),
        )


def _counted(one: dict[str, Any]) -> str:
    """What is counted, and from when."""
    start = long_date(date.fromisoformat(one["counted_from"]))
    if one["months"]:
        return _n(
            "{n} month after {day}, or the next working day",
            "{n} months after {day}, or the next working day",
            one["months"],
            day=start,
        )
    return _n("{n} working day after {day}", "{n} working days after {day}", one["working_days"], day=start)
