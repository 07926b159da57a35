"""`list`, `show`, `history`, `next`, `tasks`: what is, what was, what can be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from cli.input.codes import codes_meant
from cli.input.events import command_of
from cli.options import COUNT, json_option, print_json, times, with_session
from cli.output.history import show_history
from cli.output.request import show_activity, show_request
from cli.output.terminal import echo, table, tell_odd
from cli.session import Session
from states.declaration.outline import Outline
from states.declaration.types import local
from states.errors import WrongUsage, did_you_mean
from states.language import _, _n, long_time, numeric_date
from states.references import is_activity

if TYPE_CHECKING:
    from states.declaration.model import Declaration

_FILTERS = ("state", "tier", "axis", "service", "department", "place", "kind")


def _filter_options(command: Any) -> Any:
    helps = {
        "state": _("Only in this state (repeat for several)."),
        "tier": _("Only of this tier."),
        "axis": _("Only on this axis."),
        "service": _("Only from this service."),
        "department": _("Only from this department."),
        "place": _("Only wished for at this place."),
        "kind": _("Only accompanied, or only autonomous."),
    }
    for name in reversed(_FILTERS):
        command = click.option(f"--{name}", multiple=True, metavar="CODE", help=helps[name])(command)
    return command


@click.command("list", help=_("Requests, filtered and sorted."))
@_filter_options
@click.option("--open", is_flag=True, help=_("Only those that are not finished."))
@click.option("--overdue", is_flag=True, help=_("Only with a deadline past its moment."))
@click.option("--text", help=_("Only with this text in the title, the need, the requester, a note or a deliverable."))
@click.option(
    "--sort",
    default="ref",
    metavar="COLUMN",
    show_default=True,
    help=_(
        "By ref, submitted_at, next_due_at, state, tier, axis, service, department or place; -COLUMN for the reverse."
    ),
)
@click.option("--limit", type=COUNT, help=_("At most so many."))
@click.option("--csv", "as_csv", is_flag=True, help=_("Print it for a spreadsheet."))
@json_option
@with_session
def list_(session: Session, as_json: bool, as_csv: bool, sort: str, **given: Any) -> None:
    from workflow.history.in_force import every_code
    from workflow.history.readable import unreadable
    from workflow.views.list import SORTS, Filters, listed

    column = sort.removeprefix("-")
    if column not in SORTS:
        raise WrongUsage(_("There is no column “{name}” to sort by.", name=column) + did_you_mean(column, SORTS))
    with session.reading() as tx:
        outline = every_code(tx)
        wanted: dict[str, Any] = {
            name: codes_meant(outline.vocabulary({"axis": "axes"}.get(name, f"{name}s")), f"--{name}", given.pop(name))
            for name in _FILTERS
        }
        if given.pop("open"):
            wanted["without"] = [code for code, row in outline.states.items() if row.final]
        filters = Filters(**wanted, **given, sort=column, reverse=sort.startswith("-"))
        found = listed(tx.connection, outline.lab.tz, session.now, filters)
        odd = unreadable(tx, {row["ref"] for row in found})
    tell_odd(odd)
    if as_json:
        print_json(found)
    elif as_csv:
        _print_csv(outline, found)
    elif found:
        _print_table(outline, found)
    else:
        echo(_("No request matches."))


def _print_table(outline: Outline, found: list[dict[str, Any]]) -> None:
    rows = [
        [
            row["ref"],
            row["title"] or "—",
            outline.label("states", row["state"]),
            outline.label("tiers", row["tier"]) or "—",
            _due(row),
        ]
        for row in found
    ]
    table(
        [_("Ref."), _("Title"), _("State"), _("Tier"), _("Due")],
        rows,
        styles=["red" if r["overdue"] else "" for r in found],
    )


def _print_csv(outline: Outline, found: list[dict[str, Any]]) -> None:
    """Rows for a spreadsheet: French separators, outline beside no code, no cell that would be a formula."""
    from handlers.review.formats.csv import spreadsheet

    tables = {"state": "states", "tier": "tiers", "axis": "axes", "service": "services", "department": "departments",
              "place": "places"}  # fmt: skip
    headings = {"ref": _("Ref."), "title": _("Title"), "state": _("State"), "tier": _("Tier"), "axis": _("Axis"),
                "service": _("Service"), "department": _("Department"), "place": _("Place"),
                "submitted_at": _("Received"), "next_due_at": _("Due"), "overdue": _("Late")}  # fmt: skip
    lines = [list(headings.values())]
    for row in found:
        cells = {name: outline.label(tables[name], row[name]) if name in tables else row[name] for name in headings}
        cells |= {name: (row[name] or "")[:16].replace("T", " ") for name in ("submitted_at", "next_due_at")}
        cells["overdue"] = _("yes") if row["overdue"] else _("no")
        lines.append([str(cell or "") for cell in cells.values()])
    echo(spreadsheet(lines))


def _due(row: dict[str, Any]) -> str:
    if row["next_due_at"] is None:
        return "—"

    day = numeric_date(datetime.fromisoformat(row["next_due_at"]).date())
    return ("! " if row["overdue"] else "") + day


@click.command(help=_("One request, whole: as it is, as it was (--as-of), or as it was known (--known-at)."))
@click.argument("refs", nargs=-1, required=True, metavar="REF[/MEETING]…")
@times
@json_option
@with_session
def show(session: Session, refs: tuple[str, ...], as_of: str | None, known_at: str | None, as_json: bool) -> None:
    show_whole(session, [session.ref_and_meeting(ref) for ref in refs], as_of, known_at, as_json)


def show_whole(
    session: Session, refs: Sequence[tuple[str, str | None]], as_of: str | None, known_at: str | None, as_json: bool
) -> None:
    """Requests, or activities, whole: each by its reference, and the meeting that was named with it, if one was."""
    as_of, known_at = _moments(session, as_of, known_at)
    documents = []
    with session.reader() as reader:
        for ref, meeting in refs:
            request = reader.request(ref, as_of=as_of, known_at=known_at)
            if meeting is not None:
                request.existing_meeting(meeting)
            document = reader.show(request, now=as_of or known_at, known_at=known_at)
            documents.append((reader.declaration_of(request.declaration), document))
    session.touch(refs[-1][0])
    if as_json:
        print_json([document for _declaration, document in documents] if len(refs) > 1 else documents[0][1])
        return
    _tell_moments(documents[0][0], as_of, known_at)
    for n, (declaration, document) in enumerate(documents):
        if n:
            echo()
        (show_activity if is_activity(document["ref"]) else show_request)(declaration, document)


def _moments(session: Session, as_of: str | None, known_at: str | None) -> tuple[str | None, str | None]:
    return (
        session.moment_past(as_of, "--as-of"),
        session.moment_past(known_at, "--known-at"),
    )


def _tell_moments(declaration: Declaration, as_of: str | None, known_at: str | None) -> None:
    """The moments understood."""
    zone = declaration.lab.tz
    if as_of:
        echo(_("As it was on {moment}.", moment=long_time(local(as_of, zone))))
    if known_at:
        echo(_("As it was known on {moment}.", moment=long_time(local(known_at, zone))))


@click.command(help=_("Everything that happened to a request, oldest first; undone entries stay, marked."))
@click.argument("ref")
@times
@json_option
@with_session
def history(session: Session, ref: str, as_of: str | None, known_at: str | None, as_json: bool) -> None:
    history_of(session, session.ref(ref), as_of, known_at, as_json)


def history_of(session: Session, ref: str, as_of: str | None, known_at: str | None, as_json: bool) -> None:
    """Every entry of a request, or of an activity."""
    as_of, known_at = _moments(session, as_of, known_at)
    with session.reader() as reader:
        history = reader.history(ref, as_of=as_of, known_at=known_at)
        entries = [] if as_json else reader.entries(ref)
        versions = {e.seq: reader.declaration_of(e.declaration).of(ref) for e in entries}
    session.touch(ref)
    if as_json:
        print_json(history)
    else:
        _tell_moments(versions[1], as_of, known_at)
        show_history(versions, ref, history)


@click.command(help=_("The checklist of who does what; --done ticks a task."))
@click.argument("ref")
@click.option("--done", multiple=True, metavar="ID", help=_("Tick this task (repeat for several)."))
@click.option("--undone", multiple=True, metavar="ID", help=_("Untick this task."))
@json_option
@with_session
def tasks(session: Session, ref: str, done: tuple[str, ...], undone: tuple[str, ...], as_json: bool) -> None:
    from states.lifecycle.effects import CompleteTask, event_with

    ref = session.ref(ref)
    event = event_with(session.lifecycle(ref), CompleteTask) or ""
    commands = [
        command_of(session, ref, event, {"task": t, "done": v})
        for v, ids in ((True, done), (False, undone))
        for t in ids
    ]
    if commands:
        session.engine.apply_all(commands)
    with session.reader() as reader:
        request = reader.request(ref)
        found = reader.show(request)["tasks"]
    session.touch(ref)
    if as_json:
        print_json(found)
        return
    if not found:
        echo(_("{ref} has no tier yet: the checklist comes with it.", ref=ref))
        return
    owners = {"lab": _("lab"), "requester": _("requester"), "both": _("both")}
    rows = [
        [
            "✓" if t["done"] else " ",
            t["id"],
            owners[t["owner"]],
            t["label"] + (" " + _("(optional)") if t["optional"] else ""),
        ]
        for t in found
    ]
    table(["", _("Task"), _("Who"), _("What")], rows)
    left = sum(not t["done"] and not t["optional"] for t in found)
    echo(_n("{n} task open.", "{n} tasks open.", left) if left else _("No task open."))
