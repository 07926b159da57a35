"""`codes`: the codes that may be typed, with their labels, vocabulary by vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from cli.input.codes import code_meant
from cli.options import json_option, print_json, with_session
from cli.output.terminal import echo, table
from cli.session import Session
from handlers.review.words import alert_names
from states.language import _, _n


@click.command(help=_("The codes that may be typed, with their labels; without VOCABULARY, the vocabularies."))
@click.argument("vocabulary", required=False)
@json_option
@with_session
def codes(session: Session, vocabulary: str | None, as_json: bool) -> None:
    known = vocabularies(session.declaration)
    if vocabulary is None:
        if as_json:
            print_json({name: list(found) for name, found in known.items()})
            return
        rows = [[name, _n("{n} code", "{n} codes", len(found)), ", ".join(found)] for name, found in known.items()]
        table([_("Vocabulary"), _("How many"), _("Codes")], rows)
        echo()
        echo(_("Their labels: coop codes VOCABULARY"))
        return
    found = known[code_meant({name: name for name in known}, "VOCABULARY", vocabulary)]
    if as_json:
        print_json([{"code": code, "label": label} for code, label in found.items()])
    else:
        table([_("Code"), _("Label")], [[code, label] for code, label in found.items()])


def vocabularies(declaration: Any) -> Mapping[str, Mapping[str, str]]:
    """Every vocabulary whose codes are typed somewhere: name -> code -> label in the language of the moment."""
    tables = ("states", "events", "tiers", "axes", "departments", "families", "services", "places", "skills")
    rows: dict[str, Mapping[str, Any]] = {name: found for name in tables if (found := getattr(declaration, name, None))}
    rows |= declaration.codes
    rows["roles"] = declaration.held_roles
    rows["fields"], rows["eligibility"] = declaration.form, declaration.eligibility
    if declaration.activity:
        rows["activity_states"], rows["activity_types"] = declaration.activities.states, declaration.activity_types
    labels = {name: {code: row.text for code, row in found.items()} for name, found in rows.items()}
    return {**labels, "rules": alert_names()}
