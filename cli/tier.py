"""`tier suggest`: the recommendation, with its reason."""

from __future__ import annotations

import click

from cli.base import json_option, print_json, with_session
from cli.session import Session
from cli.terminal import echo
from states.language import _


@click.command(help=_("The tier that fits, with its reason, and what each tier is meant for."))
@click.argument("ref")
@json_option
@with_session
def suggest(session: Session, ref: str, as_json: bool) -> None:
    from states.language import label_of
    from states.recommendation import recommend

    ref = session.ref(ref)
    with session.reader() as reader:
        request = reader.request(ref)
        declaration = reader.declaration_of(request.declaration)
    advice = recommend(declaration, request.form)
    session.touch(ref)
    if as_json:
        print_json({"ref": ref, "recommended_tier": advice.tier, "reason": advice.reason})
        return
    label = declaration.label("tiers", advice.tier) or _("none")
    echo(_("Recommended: {tier} ({reason}).", tier=label, reason=advice.reason))
    for code, tier in declaration.tiers.items():
        echo(f"  {'→' if code == advice.tier else ' '} {tier.text} ({code}) : {label_of(tier.meant_for)}")
    echo(_("Assign it: coop tier assign {ref}", ref=ref))
