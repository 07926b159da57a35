"""`next`: what can be done now and what to type for it, by whom; then the nearest that cannot, why, what would help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from cli.commands.lead.typed import typed_command
from cli.options import json_option, print_json, with_session
from cli.output.next_steps import short
from cli.output.terminal import echo, heading, printable
from cli.session import Session
from states.declaration.types import local
from states.language import _

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from states.lifecycle.decision import Option
    from states.requests.request import Request


@click.command(
    "next", help=_("What can be done now and by whom; then the nearest that cannot, why, and what would help.")
)
@click.argument("ref")
@click.option("--all", "everything", is_flag=True, help=_("Every event of the lifecycle."))
@json_option
@with_session
def next_(session: Session, ref: str, everything: bool, as_json: bool) -> None:
    ref = session.ref(ref)
    request, options = session.engine.options(ref, session.actor)
    with session.reader() as reader:
        declaration = reader.declaration_of(request.declaration).of(ref)
        staff = [person for person in reader.staff() if person["active"]]
    session.touch(ref)
    rows = [_row(session, declaration, request, option, staff) for option in options]
    if as_json:
        print_json({"ref": ref, "state": request.state, "seq": request.seq, "events": rows})
        return
    heading(f"{ref} · {declaration.states[request.state].text}")
    for row in rows:
        if row["command"]:
            to = "" if row["to"] == request.state else "  ⇒ " + declaration.states[row["to"]].text
            echo(f"  {declaration.events[row['event']].text}{to}")
            echo(printable(f"      → {row['command']}"))
    blocked = [row for row in rows if not row["command"]]
    if not everything:
        blocked = [row for row in blocked if all(r["rule"] not in ("state", "role") for r in row["refusals"])]
    if blocked:
        echo()
        heading(_("Not possible now"))
    for row in blocked:
        echo(f"  {declaration.events[row['event']].text} ({row['event']})")
        for refusal in row["refusals"]:
            echo(printable(f"    · {refusal['message']}"))
            if f"coop next {ref}" not in refusal["remedy"]:  # it is what one is reading
                echo(printable(f"      → {refusal['remedy']}"))


def _row(
    session: Session, declaration: Declaration, request: Request, option: Option, staff: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """One event; with the command to type if it can be done now, by the actor or by someone of the register."""
    return {
        "event": option.event,
        "to": option.to,
        "allowed": option.allowed,
        "roles": list(option.roles),
        "needs": list(option.needs),
        "refusals": [refusal.document() for refusal in option.refusals],
        "command": _command(session, declaration, request, option, staff),
    }


def _command(
    session: Session, declaration: Declaration, request: Request, option: Option, staff: Sequence[dict[str, Any]]
) -> str | None:
    """What to type; None when it is not possible now, or when nobody registered may."""
    someone = ""
    if not option.allowed:
        if any(refusal.rule != "role" for refusal in option.refusals):
            return None
        able = [p for p in staff if declaration.roles_of(p["role"]) & set(option.roles)]
        if not able:
            return None
        order = {role: number for number, role in enumerate(option.roles)}
        someone = min(able, key=lambda p: order.get(p["role"], len(order)))["id"]
    today = local(session.now, declaration.lab.tz).date()
    return typed_command(declaration, request, option, short(session, request.ref), today, someone)
