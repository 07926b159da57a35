"""How the history of a request or of an activity looks to people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cli.output.terminal import echo, heading, one_line, printable
from handlers.review.words import rule_name
from states.declaration.tables import ACTIVITY
from states.forms.wording import value_text
from states.language import _, _n, labelled, listing, short_time

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from states.declaration.tables import Event


def show_history(versions: Mapping[int, Declaration], ref: str, entries: list[dict[str, Any]]) -> None:
    """One block an entry, in the words of the version it was written under: number, when, what, who; then the note.

    `versions`: that of each entry, by its number.
    """
    from states.lifecycle.effects import effect_of  # the shell, which completes, does not wait for the effects

    heading(_("History of {ref}", ref=ref))
    several = len({e["entered_by"] for e in entries}) > 1
    for e in entries:
        declaration = versions[e["seq"]]
        event = declaration.events.get(e["event"])
        label = effect_of(event).done(event, e["data"]) if event else _passage(e)
        when = datetime.fromisoformat(e["occurred_at"])
        struck = " " + _("— undone by entry {seq}", seq=e["corrected_by"]) if e["corrected_by"] else ""
        state = declaration.label("states", e["to"])
        moved = f" → {state}" if e["from"] != e["to"] and state != label else ""
        echo(printable(f"{e['seq']:>3}  {short_time(when)}  {label}{moved}{struck}"))
        for line in entry_lines(declaration, e, several=several):
            echo(printable(f"     {line}"))


def _passage(e: dict[str, Any]) -> str:
    """What an entry is that no event of a declaration made: the passage to another version of it."""
    if "migrates" in e["data"]:
        return _("Moved to version {version} of the rules", version=e["data"]["version"])
    return str(e["event"])


def values_told(declaration: Declaration, event: Event, data: Mapping[str, Any]) -> list[str]:
    """What an entry holds, each value with its label: `score : 4,5`."""
    specs = declaration.specs_of(event)
    return [
        labelled(specs[name].text.lower(), one_line(value_text(declaration, specs[name], value)) or _none(specs[name]))
        for name, value in data.items()
        if name in specs
    ]


def _none(spec: Any) -> str:
    """Of a list in which nothing is."""
    return _("nobody") if spec.type == "staff" else "—"


def _named(declaration: Declaration, name: str, codes: list[str]) -> list[str]:
    return [rule_name(declaration, rule) for rule in codes] if name == "waived" else codes


def _followed(declaration: Declaration, data: Mapping[str, Any]) -> Iterator[str]:
    """What followed from a change of tier, or from a refusal of the committee."""
    if "from_tier" in data:
        yield _("instead of {tier}", tier=declaration.label("tiers", data["from_tier"]))
        if data.get("extra"):
            yield _n("{n} extra meeting kept", "{n} extra meetings kept", data["extra"])
    if data.get("validation_cleared"):
        yield _("to be validated again")
    if data.get("ends_validation"):
        yield _("no longer validated: only the committee may validate it again")


def _makes_one(declaration: Declaration, event: Event, data: Mapping[str, Any]) -> bool:
    """Whether an entry holds a meeting that nobody named: one it planned. Of an activity, there is only one."""
    return "meeting" in data and "meeting" not in declaration.specs_of(event) and event.meeting != ACTIVITY


def entry_lines(declaration: Declaration, e: dict[str, Any], *, several: bool) -> list[str]:
    """What an entry holds and who recorded it; from which login, where several have."""
    lines = []
    event = declaration.events.get(e["event"])
    if event and not event.creates:
        made = [labelled(_("meeting"), e["data"]["meeting"])] if _makes_one(declaration, event, e["data"]) else []
        if parts := [*made, *values_told(declaration, event, e["data"])]:
            lines.append(" · ".join(parts))
        for name, text in (
            ("waived", _("waived: {what}")),
            ("cancelled", _("cancelled with it: {what}")),
            ("restored", _("back in the calendar: {what}")),
        ):
            if e["data"].get(name):
                lines.append(text.format(what=listing(_named(declaration, name, e["data"][name]))))
        lines += _followed(declaration, e["data"])
        if "corrects" in e["data"]:
            lines.append(_("undoes entry {seq}", seq=e["data"]["corrects"]))
    who = _("by {actor} ({role})", actor=e["actor"], role=declaration.label("roles", e["role"]))
    if e["on_behalf"]:
        who += ", " + _("on behalf of the requester")
    if e["recorded_at"] != e["occurred_at"]:
        who += ", " + _("entered {when}", when=short_time(datetime.fromisoformat(e["recorded_at"])))
    if several:
        who += ", " + _("from the login {login}", login=e["entered_by"])
    lines.append(who)
    if e["note"]:
        lines.append(_("“{words}”", words=one_line(e["note"])))
    return lines
