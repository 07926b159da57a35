"""`next`: what can be done now and what to type for it, by whom; then the nearest that cannot, why, what would help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from cli.commands.lead.typed import Asked, typed_command
from cli.commands.look.next_steps import short
from cli.options import json_option, print_json, with_session
from cli.output.terminal import echo, heading, printable
from cli.session import Session
from states.deadlines import MISSED
from states.declaration.types import local
from states.language import _

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from states.lifecycle.decision import Option


@click.command(
    "next", help=_("What can be done now and by whom; then the nearest that cannot, why, and what would help.")
)
@click.argument("ref")
@click.option("--all", "everything", is_flag=True, help=_("Every event of the lifecycle."))
@json_option
@with_session
def next_(session: Session, ref: str, everything: bool, as_json: bool) -> None:
    look = _Look(session, session.ref(ref))
    session.touch(look.ref)
    rows = [look.row(option) for option in look.options]
    if as_json:
        print_json({"ref": look.ref, "state": look.request.state, "seq": look.request.seq, "events": rows})
        return
    _show(look.declaration, look.ref, look.request.state, rows, everything=everything)


class _Look:
    """What one may do with a request, and the others of the register."""

    def __init__(self, session: Session, ref: str) -> None:
        self.session, self.ref = session, ref
        self.request, self.options = session.engine.options(ref, session.actor)
        with session.reader() as reader:
            self.declaration = reader.declaration_of(self.request.declaration).of(ref)
            self.staff = [person for person in reader.staff() if person["active"]]
            deadlines = reader.deadlines(self.request) if self.declaration.deadlines else []
        self.late = [d.kind for d in deadlines if d.status == MISSED or d.is_late(session.now)]
        self.today = local(session.now, self.declaration.lab.tz).date()

    def row(self, option: Option) -> dict[str, Any]:
        """One event; with the command to type if it can be done now, by the actor or by someone of the register."""
        return {
            "event": option.event,
            "to": option.to,
            "allowed": option.allowed,
            "roles": list(option.roles),
            "needs": list(option.needs),
            "refusals": [refusal.document() for refusal in option.refusals],
            "command": self._command(option),
        }

    def _command(self, option: Option) -> str | None:
        """What to type; None when it is not possible now, or when nobody registered may."""
        able, someone = option, ""
        if not option.allowed:
            if any(refusal.rule != "role" for refusal in option.refusals):
                return None
            other = next(((id, o) for id, of in self._others.items() if (o := of[option.event]).allowed), None)
            if other is None:
                return None
            someone, able = other
        asked = Asked(self.declaration, self.request, short(self.session, self.ref), self.today, self.late)
        return typed_command(asked, able, someone)

    @cached_property
    def _others(self) -> Mapping[str, Mapping[str, Option]]:
        """What someone else of each role may do: whose role it is first, then whoever may all of it."""
        found: dict[str, Mapping[str, Option]] = {}
        roles = {person["role"]: person["id"] for person in reversed(self.staff)}
        for role in self.declaration.roles:
            if role in roles and roles[role] != self.session.actor:
                _request, options = self.session.engine.options(self.ref, roles[role])
                found[roles[role]] = {option.event: option for option in options}
        return found


def _show(declaration: Declaration, ref: str, state: str, rows: Sequence[dict[str, Any]], *, everything: bool) -> None:
    heading(f"{ref} · {declaration.states[state].text}")
    for row in rows:
        if row["command"]:
            to = "" if row["to"] == state else f"  ⇒ {declaration.states[row['to']].text}"
            echo(f"  {declaration.events[row['event']].text}{to}")
            echo(printable(f"      → {row['command']}"))
    blocked = [row for row in rows if not row["command"] and row["refusals"]]
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
