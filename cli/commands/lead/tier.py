"""`tier suggest`: the recommendation, with its reason; and what `tier assign` makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from cli.input.prompts import choose, is_asked, required
from cli.options import json_option, print_json, with_session
from cli.output.terminal import echo, is_terminal
from cli.session import Session
from states.forms.recommendation import recommend
from states.language import _, label_of

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from states.forms.recommendation import Advice


@click.group(help=_("Suggest, assign or change the tier of support."))
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
    _told(declaration, advice)
    for code, tier in declaration.tiers.items():
        echo(f"  {'→' if code == advice.tier else ' '} {tier.text} ({code}) : {label_of(tier.meant_for)}")
    echo(_("Assign it: coop tier assign {ref}", ref=ref))


def advised(session: Session, ref: str) -> tuple[Declaration, Advice]:
    """The declaration of a request, and the tier recommended for it."""
    with session.reader() as reader:
        request = reader.request(ref)
        declaration = reader.declaration_of(request.declaration)
    return declaration, recommend(declaration, request.form)


def _told(declaration: Declaration, advice: Advice) -> None:
    label = declaration.label("tiers", advice.tier) or _("none")
    echo(_("Recommended: {tier} ({reason}).", tier=label, reason=advice.reason))


def assigned(session: Session, ref: str, common: dict[str, Any]) -> Mapping[str, str]:
    """The tier to assign when none was typed: at a keyboard it is asked for, Enter taking the recommended one.

    Elsewhere the recommended one, if there is. Another tier asks for its note too, kept in `common`.
    """
    declaration, advice = advised(session, ref)
    if common["as_json"] or not (is_asked() and is_terminal()):
        if advice.tier and not common["as_json"]:
            _told(declaration, advice)
        return {"tier": advice.tier} if advice.tier else {}
    _told(declaration, advice)
    tiers = {code: f"{tier.text}, {label_of(tier.meant_for)}" for code, tier in declaration.tiers.items()}
    try:
        tier = choose(_("Tier"), tiers, advice.tier or "")
        if advice.tier and tier != advice.tier and not common["note"]:
            common["note"] = required(_("Why another tier than the recommended one"))
    except EOFError:
        raise click.Abort from None
    return {"tier": tier}
