"""`tier suggest`: the recommendation, with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.commands.lead.shorthands import EventGroup
from cli.input.missing import advised, tell_advice
from cli.options import json_option, print_json, with_session
from cli.output.terminal import echo
from cli.session import Session
from states.language import _, label_of, labelled

if TYPE_CHECKING:
    from states.declaration.model import Declaration


@click.group(cls=EventGroup, help=_("Suggest, assign or change the tier of support."))
def tier() -> None:
    """Events that assign or change one join it."""


@tier.command(help=_("The tier that fits, with its reason, and what each tier is meant for."))
@click.argument("ref")
@json_option
@with_session
def suggest(session: Session, ref: str, as_json: bool) -> None:
    ref = session.ref(ref)
    declaration, advice = advised(session, ref)
    session.touch(ref)
    if as_json:
        print_json({"ref": ref, "recommended_tier": advice.tier, "reason": advice.reason})
        return
    tell_advice(declaration, advice)
    for code, tier in declaration.tiers.items():
        sign = "→" if code == advice.tier else " "
        echo(f"  {sign} {labelled(f'{tier.text} ({code})', label_of(tier.meant_for))}")
    echo(_how_to_assign(session, declaration, ref))


def _how_to_assign(session: Session, declaration: Declaration, ref: str) -> str:
    """The command, where a tier can be assigned now; else where it is said what can be done."""
    from states.lifecycle.effects import AssignTier, effect_of

    _request, options = session.engine.options(ref, session.actor)
    possible = [declaration.events[option.event] for option in options if option.allowed]
    command = next((event.command for event in possible if isinstance(effect_of(event), AssignTier)), None)
    if not command:
        return _("See what can be done with: coop next {ref}", ref=ref)
    return _("Assign it: coop {command} {ref}", command=command, ref=ref)
