"""`lifecycle migrate`: running requests moved to the declaration in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.input.prompts import confirm
from cli.options import json_option, print_json, with_session
from cli.output.terminal import progress
from cli.session import Session
from states.errors import FieldError, Invalid
from states.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow.versions.migration import Outcome
    from workflow.versions.plan import Row


@click.command(
    help=_("What each running request becomes under the declaration in force; --apply moves those that follow.")
)
@click.option("--plan/--apply", "planning", default=True, help=_("Only say it (default), or do it."))
@click.option(
    "--map", "mapped", multiple=True, metavar="OLD=NEW", help=_("What a state that is gone becomes; repeats.")
)
@click.option(
    "--recount", is_flag=True, help=_("Count the running deadlines again by the new rule; else they keep theirs.")
)
@click.option("--over-cap", is_flag=True, help=_("Move also those that are over the new cap."))
@click.option("--note", metavar="TEXT", help=_("Why, with --apply: kept with each request."))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@json_option
@with_session
def migrate(
    session: Session, planning: bool, mapped: Sequence[str], note: str | None, yes: bool, as_json: bool, **how: bool
) -> None:
    from cli.output.migration import tell_outcomes, tell_plan
    from workflow.versions.migration import migrate as move
    from workflow.versions.plan import FOLLOWS, Terms, planned
    from workflow.views.forecast import Outlook

    terms = Terms(_states(mapped), **how)
    if not planning and not note:
        raise Invalid([FieldError("note", _("a note is required here: say why, with --note"))])
    with session.reader() as reader:
        rows = planned(reader, terms)
        titles = {} if as_json else Outlook(reader).titles([row.ref for row in rows])
        declaration = reader.declaration
    if planning and as_json:
        print_json(_plan(rows, session))
        return
    if not as_json:
        tell_plan(rows, declaration, titles)
    if planning:
        return
    if not as_json and not yes and any(row.verdict == FOLLOWS for row in rows):
        confirm(_("Move them?"))
    with progress(_("Moving requests")) as advance:
        outcomes = move(session.engine, session.actor, rows, terms, note or "", advance)
    if as_json:
        print_json(_outcomes(outcomes))
    else:
        tell_outcomes(outcomes)


def _states(mapped: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in mapped:
        old, sign, new = text.partition("=")
        if not (old and sign and new):
            raise Invalid([FieldError("map", _("expected OLD=NEW, got “{given}”", given=text))])
        found[old] = new
    return found


def _plan(rows: Sequence[Row], session: Session) -> dict[str, Any]:
    declaration = session.declaration
    return {
        "version": declaration.lab.version,
        "digest": declaration.digest,
        "requests": [row.document(declaration.lab.tz) for row in rows],
    }


def _outcomes(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "moved": [one.row.ref for one in outcomes if one.moved],
        "left": [
            {"ref": one.row.ref, "verdict": one.row.verdict, "reasons": list(one.row.reasons)}
            for one in outcomes
            if not one.moved
        ],
        "otherwise": [{"ref": one.row.ref, "what": list(one.otherwise)} for one in outcomes if one.otherwise],
    }
