"""`activity list`, `show`, `history`: activities to read. What leads them is in `cli.commands.lead.shorthands`."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import click

from cli.commands.lead.shorthands import EventGroup
from cli.commands.look.requests import history_of, show_whole
from cli.input.codes import codes_meant
from cli.options import Listing, json_option, print_json, times, with_session
from cli.output.request import registrations
from cli.output.terminal import echo, table
from cli.session import Session
from states.declaration.outline import Outline
from states.declaration.types import instant
from states.language import _, numeric_date


@click.command("list", help=_("Activities, in order of their day, filtered."))
@click.option("--type", "type_", multiple=True, metavar="CODE", help=_("Only of this type (repeat for several)."))
@click.option("--axis", multiple=True, metavar="CODE", help=_("Only on this axis."))
@click.option("--state", multiple=True, metavar="CODE", help=_("Only in this state."))
@click.option("--from", "first", metavar="D", help=_("From this day on: 10/03, 2026-03-10, tomorrow…"))
@click.option("--to", "last", metavar="D", help=_("Up to this day, included."))
@json_option
@with_session
def list_(session: Session, as_json: bool, first: str | None, last: str | None, **given: tuple[str, ...]) -> None:
    from workflow.history.in_force import every_code
    from workflow.views.activities import Filters, listed

    with session.reader() as reader:
        outline = every_code(reader.tx)
        filters = Filters(
            codes_meant(outline.activity_types, "--type", given["type_"]),
            codes_meant(outline.axes, "--axis", given["axis"]),
            codes_meant(outline.activities.states, "--state", given["state"]),
            _midnight(session, first, "--from", 0) if first else None,
            _midnight(session, last, "--to", 1) if last else None,
        )
        found = listed(reader, filters)
    if as_json:
        print_json(found)
    elif found:
        _show(outline.activities, found)
    else:
        echo(_("No activity matches."))


def _midnight(session: Session, text: str, name: str, days: int) -> str:
    """The first instant of the day people mean, or of one so many days later."""
    day = session.day(text, name, "near") + timedelta(days=days)
    return instant(datetime.combine(day, time(0), session.declaration.lab.tz))


def _show(outline: Outline, found: list[dict[str, Any]]) -> None:
    rows = [
        [
            row["ref"],
            row["title"] or "—",
            outline.label("activity_types", row["type"]),
            numeric_date(datetime.fromisoformat(row["at"]).date()),
            outline.label("states", row["state"]),
            _people(row),
        ]
        for row in found
    ]
    table([_("Ref."), _("Title"), _("Type"), _("Day"), _("State"), _("People")], rows)


def _people(row: dict[str, Any]) -> str:
    """Who came; until then who has registered."""
    if row["attended"] is not None:
        return _("{n} attended", n=row["attended"])
    return registrations(row["registered"], row["capacity"]) or "—"


@click.command(help=_("One activity, whole: as it is, as it was (--as-of), or as it was known (--known-at)."))
@click.argument("ref")
@times
@json_option
@with_session
def show(session: Session, ref: str, as_of: str | None, known_at: str | None, as_json: bool) -> None:
    show_whole(session, [(session.activity_ref(ref), None)], as_of, known_at, as_json)


@click.command(help=_("Everything that happened to an activity, oldest first; undone entries stay, marked."))
@click.argument("ref")
@times
@json_option
@with_session
def history(session: Session, ref: str, as_of: str | None, known_at: str | None, as_json: bool) -> None:
    history_of(session, session.activity_ref(ref), as_of, known_at, as_json)


class _Activities(EventGroup, Listing):
    """The list alone; events join it."""


activity = _Activities(
    "activity",
    alone="list",
    help=_("Activities: visits, workshops, peer groups…"),
    commands=[list_, show, history],
)
