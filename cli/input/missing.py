"""What an event needs and was not given, once the state has been checked: asked for at a keyboard, or suggested."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from cli.input.prompts import ask, choose, is_asked, required
from cli.output.terminal import echo, is_terminal
from cli.session import Session
from states.errors import Refused
from states.forms.recommendation import recommend
from states.language import _, label_of

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from states.forms.recommendation import Advice


def missing(declaration: Any, event: Any, given: Mapping[str, Any], note: str | None) -> list[str]:
    """The names of what is required and absent: keys of the event, and `note`."""
    if event.form:
        names = []
    else:
        names = [n for n, (key, needed) in declaration.keys_of(event).items() if needed and given.get(n) in (None, ())]
    return [*names, "note"] if event.note == "required" and not note else names


def ask_missing(
    session: Session, declaration: Any, code: str, ref: str, given: Mapping[str, Any], common: dict[str, Any]
) -> dict[str, Any]:
    """The answers by key, a note kept in `common`; nothing is asked off a terminal, or where nothing is missing."""
    event = declaration.events[code]
    absent = missing(declaration, event, given, common["note"])
    if not absent or common["as_json"] or not (is_asked() and is_terminal()):
        return {}
    if ref and not common["waive"]:
        _request, options = session.engine.options(ref, session.actor)
        refusals = next((option.refusals for option in options if option.event == code), ())
        if refusals:
            raise Refused(refusals)
    try:
        if "note" in absent:
            common["note"] = required(_("Note: why, for the history"))
        return {name: _answer(declaration, *declaration.keys_of(event)[name]) for name in absent if name != "note"}
    except EOFError:
        raise click.Abort from None


def _answer(declaration: Any, key: Any, _required: bool) -> str:
    text = key.text + (f" ({label_of(key.help)})" if key.help else "")
    if key.codes and not key.many:
        return choose(text, {code: row.text for code, row in declaration.vocabulary(key.codes).items()})
    if key.type == "datetime":
        return ask(text, _("first"))
    return required(text)


def advised(session: Session, ref: str) -> tuple[Declaration, Advice]:
    """The declaration of a request, and the tier recommended for it."""
    with session.reader() as reader:
        request = reader.request(ref)
        declaration = reader.declaration_of(request.declaration)
    return declaration, recommend(declaration, request.form)


def tell_advice(declaration: Declaration, advice: Advice) -> None:
    label = declaration.label("tiers", advice.tier) or _("none")
    echo(_("Recommended: {tier} ({reason}).", tier=label, reason=advice.reason))


def assigned(session: Session, ref: str, common: dict[str, Any]) -> Mapping[str, str]:
    """The tier to assign when none was typed: at a keyboard it is asked for, Enter taking the recommended one.

    Elsewhere the recommended one, if there is. Another tier asks for its note too, kept in `common`.
    """
    declaration, advice = advised(session, ref)
    if common["as_json"] or not (is_asked() and is_terminal()):
        if advice.tier and not common["as_json"]:
            tell_advice(declaration, advice)
        return {"tier": advice.tier} if advice.tier else {}
    tell_advice(declaration, advice)
    tiers = {code: f"{tier.text}, {label_of(tier.meant_for)}" for code, tier in declaration.tiers.items()}
    try:
        tier = choose(_("Tier"), tiers, advice.tier or "")
        if advice.tier and tier != advice.tier and not common["note"]:
            common["note"] = required(_("Why another tier than the recommended one"))
    except EOFError:
        raise click.Abort from None
    return {"tier": tier}
