"""`board`: requests by state, in columns where there is room, in a list where there is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import zip_longest
from math import ceil
from typing import TYPE_CHECKING, Any

import click

from cli.input.codes import codes_meant
from cli.options import json_option, print_json, with_session
from cli.output.lines import Part, line, named_day, title
from cli.output.request import committee_text
from cli.output.terminal import console, is_terminal, one_line, tell_odd, width
from cli.session import Session
from states.declaration.outline import Outline
from states.language import _, _n

if TYPE_CHECKING:
    from rich.text import Text

NARROW = 80  # columns of the terminal under which the board is a list
COLUMN = 24  # the least a column needs
GAP = 2
MANY = 6  # cards of a column, unless its state is asked for


@click.command(help=_("Requests by state, the first due first; “!” marks those past their moment."))
@click.option("--state", "states", multiple=True, metavar="CODE", help=_("Only this state (repeat for several)."))
@click.option("--service", "services", multiple=True, metavar="CODE", help=_("Only from this service."))
@click.option("--all", "everything", is_flag=True, help=_("The final states too."))
@click.option(
    "--project-committee",
    "committee",
    is_flag=True,
    help=_("The projects under way, as the comité de projet follows them."),
)
@json_option
@with_session
def board(
    session: Session,
    states: tuple[str, ...],
    services: tuple[str, ...],
    everything: bool,
    committee: bool,
    as_json: bool,
) -> None:
    if committee:
        if states or services or everything:
            raise click.UsageError(_("--project-committee shows every project under way: it takes no filter."))
        _for_committee(session, as_json)
        return
    from workflow.history.in_force import every_code
    from workflow.history.readable import unreadable
    from workflow.views.list import Filters
    from workflow.views.list import board as look

    with session.reading() as tx:
        outline = every_code(tx)
        wanted = codes_meant(outline.states, "--state", states or (tuple(outline.states) if everything else ()))
        filters = Filters(state=wanted, service=codes_meant(outline.services, "--service", services))
        found = look(tx.connection, outline, session.now, filters)
        odd = unreadable(tx, {row["ref"] for column in found["columns"] for row in column["requests"]})
    tell_odd(odd)
    if as_json:
        print_json(found)
        return
    today = datetime.fromisoformat(found["now"]).date()
    _headline(found["columns"], today)
    shown = [column for column in found["columns"] if column["count"]]
    limit = None if states else MANY
    if is_terminal() and width() >= NARROW:
        each = _each(len(shown), width())
        for start in range(0, len(shown), each):
            _drawn(outline, shown[start : start + each], today, limit, (width() + GAP) // each - GAP)
    else:
        for column in shown:
            _listed(outline, column, today)
    _empty(outline, found["columns"])


def _for_committee(session: Session, as_json: bool) -> None:
    """Each project on a line: where it is, what comes next, what it waits for, when it was last spoken of."""
    from workflow.history.in_force import every_code
    from workflow.views.projects import projects

    with session.reader() as reader:
        found, outline = projects(reader), every_code(reader.tx)
    if as_json:
        print_json(found)
        return
    day, rows = datetime.fromisoformat(found["now"]).date(), found["projects"]
    counted = _n("{n} project", "{n} projects", len(rows))
    line((named_day(day), "bold"), f" — {counted}")
    for state in outline.states:
        those = [row for row in rows if row["state"] == state]
        if those:
            title(f"{outline.label('states', state)} ({len(those)})")
            _projects(outline, those)
    line()
    line(
        (_("Meetings held of the cap, the next one, the decision awaited, when the committee last spoke of it."), "dim")
    )
    how = _("What it said of one: coop comment {ref} --committee --participants … --decisions … --note …", ref="REF")
    line((how, "dim"))


def _projects(outline: Outline, rows: Sequence[dict[str, Any]]) -> None:
    waits = {"validate": _("to validate"), "ratify": _("to ratify")}
    cells = [
        [
            outline.label("tiers", row["tier"]),
            f"{row['work_held']}/{row['work_cap']}",
            _short_day(row["next_meeting"] and row["next_meeting"]["at"]),
            waits.get(row["awaits"] or "", "—"),
            _short_day(row["committee_at"]),
        ]
        for row in rows
    ]
    wide = [max(len(one[n]) for one in cells) for n in range(len(cells[0]))]
    for row, one in zip(rows, cells, strict=True):
        ref: Part = (f"  {row['ref']}  ", "cyan")
        padded = "  ".join(cell.ljust(room) for cell, room in zip(one, wide, strict=True))
        line(ref, padded, f"  {one_line(row['title'] or '—')}", cut=True)
        if row["committee"]:
            line((f"      {committee_text(row['committee'])}", "dim"), cut=True)


def _short_day(at: str | None) -> str:
    return datetime.fromisoformat(at).strftime("%d/%m") if at else "—"


def _headline(columns: Sequence[dict[str, Any]], today: date) -> None:
    rows = [row for column in columns for row in column["requests"]]
    late = sum(row["overdue"] for row in rows)
    counted = _n("{n} request", "{n} requests", len(rows)) if rows else _("no request")
    line((named_day(today), "bold"), f" — {counted}", (", " + _n("{n} late", "{n} late", late) if late else "", "red"))


def _empty(outline: Outline, columns: Sequence[dict[str, Any]]) -> None:
    # Two versions of the declaration may call one state by two codes.
    taken = {outline.label("states", c["state"]) for c in columns if c["count"]}
    empty = dict.fromkeys(outline.label("states", c["state"]) for c in columns if not c["count"])
    if names := [name for name in empty if name not in taken]:
        line()
        line((_("Empty: {states}", states=", ".join(names)), "dim"))


def _due(row: dict[str, Any], today: date) -> tuple[str, str]:
    """When it is due, as short as can be, with the sign of what is late; and its style."""
    if row["next_due_at"] is None:
        return "", ""
    day = datetime.fromisoformat(row["next_due_at"]).date()
    text = f"{day.day:02d}/{day.month:02d}" + ("" if day.year == today.year else f"/{day.year}")
    return ("! " + text, "bold red") if row["overdue"] else (text, "dim")


def _kind(outline: Outline, row: dict[str, Any]) -> str:
    """The tier, and the short name of the service."""
    service = outline.label("services", row["service"]).partition(" — ")[0]
    return one_line(" · ".join(filter(None, [outline.label("tiers", row["tier"]), service])))


def _listed(outline: Outline, column: dict[str, Any], today: date) -> None:
    title(f"{outline.label('states', column['state'])} ({column['count']})")
    rows = [(*_due(row, today), _kind(outline, row), row) for row in column["requests"]]
    dues, kinds = (max(len(row[n]) for row in rows) for n in (0, 2))
    for due, style, kind, row in rows:
        ref: Part = (f"  {row['ref']}  ", "cyan")
        line(ref, (due.rjust(dues), style), f"  {kind.ljust(kinds)}  {one_line(row['title'] or '—')}", cut=True)


# --- Columns ---


def _each(count: int, room: int) -> int:
    """How many columns stand side by side: as few rows of them as the room allows, about as many in each."""
    fit = max(1, (room + GAP) // (COLUMN + GAP))
    return ceil(count / ceil(count / fit)) if count else 1


def _drawn(outline: Outline, band: Sequence[dict[str, Any]], today: date, limit: int | None, room: int) -> None:
    from rich.text import Text

    drawn = [list(_column(outline, column, today, limit, room)) for column in band]
    line()
    for cells in zip_longest(*drawn):
        whole = Text()
        for cell in cells:
            padded = cell or Text()
            padded.truncate(room, overflow="ellipsis", pad=True)
            whole.append_text(padded).append(" " * GAP)
        whole.rstrip()
        console().print(whole, no_wrap=True, crop=True)


def _column(outline: Outline, column: dict[str, Any], today: date, limit: int | None, room: int) -> Iterator[Text]:
    from rich.text import Text

    count = f" ({column['count']})"
    heading = Text(outline.label("states", column["state"]), style="bold")
    heading.truncate(room - len(count), overflow="ellipsis")
    yield heading.append(count)
    yield Text("─" * room, style="dim")
    for row in column["requests"][:limit]:
        yield from _card(outline, row, today, room)
        yield Text()
    if limit is not None and column["count"] > limit:
        yield Text(_n("and {n} more:", "and {n} more:", column["count"] - limit), style="italic")
        yield Text(f"--state {column['state']}", style="dim")


def _card(outline: Outline, row: dict[str, Any], today: date, room: int) -> Iterator[Text]:
    from rich.cells import cell_len
    from rich.text import Text

    due, style = _due(row, today)
    space = " " * max(1, room - cell_len(row["ref"]) - cell_len(due))
    yield Text.assemble((row["ref"], "cyan"), space, (due, style))
    lines = Text(one_line(row["title"] or "—")).wrap(console(), room)
    yield lines[0]
    if len(lines) > 1:
        rest = Text(" ".join(found.plain.strip() for found in lines[1:]))
        rest.truncate(room, overflow="ellipsis")
        yield rest
    yield Text(_kind(outline, row), style="dim")
