"""What the command of one event takes: its reference, an option for each key of the event, and what all have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from states.language import _, label_of

# The option that stands for a key, where people would not look for the key's own name.
OPTIONS: Mapping[str, str] = {"at": "slot", "duration": "for", "started_at": "started", "reused_by": "reused-by"}
COMMON = ("note", "when", "on_behalf", "expect_seq", "key", "waive", "as_json")  # what is no key of the event
WORK = "work"  # the meetings of which several may be planned


def positional(declaration: Any, event: Any) -> list[str]:
    """The keys that follow the reference."""
    return [name for name, (key, _required) in declaration.keys_of(event).items() if key.positional]


def names_meeting(declaration: Any, event: Any) -> bool:
    """Whether a meeting is named with the reference: REF/work-2."""
    return "meeting" in declaration.keys_of(event)


def parameters(declaration: Any, event: Any) -> list[click.Parameter]:
    """The parameters of the command of an event, as a declaration, or its outline, has it."""
    keys, after = declaration.keys_of(event), positional(declaration, event)
    found: list[click.Parameter] = []
    if not event.creates:
        word = ("REF/MEETING" if keys["meeting"][1] else "REF[/MEETING]") if "meeting" in keys else "REF"
        many = not after and "at" not in keys  # nobody else has that slot
        found.append(
            click.Argument(["refs"], nargs=-1 if many else 1, required=True, metavar=f"{word}…" if many else word)
        )
    for name in after:
        found.append(click.Argument([name], required=False, metavar=f"[{name.upper()}]"))
    if event.form:
        text = _("A field of the form and its value (repeat for several).")
        found.append(click.Option(["--set", "pairs"], multiple=True, metavar="K=V", help=text))
    else:
        for name, (key, required) in keys.items():
            if name not in after and name != "meeting":
                several = name == "at" and event.meeting == WORK and "meeting" not in keys
                found.append(_option(declaration, name, key, required, several=several))
    found += [option for option in _common(event) if option.name != "expect_seq" or not event.creates]
    return found


def option_name(name: str) -> str:
    """The option of a key: `at` is `--slot`, `duration` is `--for`."""
    return "--" + OPTIONS.get(name, name).replace("_", "-")


def _option(declaration: Any, name: str, key: Any, required: bool, *, several: bool) -> click.Option:
    text = key.text + (f" — {label_of(key.help)}" if key.help else "")
    if key.codes:
        vocabulary = declaration.vocabulary(key.codes)
        if len(vocabulary) <= 12:
            text += f" ({', '.join(vocabulary)})"
    if required:
        text += " " + _("[required]")
    option = option_name(name)
    if key.type == "bool":
        return click.Option([f"{option}/--not-{option[2:]}", name], default=None, help=text)
    if name == "at":
        text += " " + _("(“first”: the next that is valid)")
    if several:
        text += " " + _("(repeat for several: all or none)")
    return click.Option([option, name], multiple=several, metavar=key.type.upper(), help=text)


def _common(event: Any) -> list[click.Parameter]:
    found: list[click.Parameter] = [
        click.Option(
            ["--note", "-n"],
            help=_("A word for the history.") + (" " + _("[required]") if event.note == "required" else ""),
        ),
        click.Option(["--on-behalf"], is_flag=True, help=_("The requester said it; you record it.")),
        click.Option(["--expect-seq"], type=int, metavar="N", help=_("Only if the request is still at entry N.")),
        click.Option(["--key"], help=_("Makes it safe to repeat: the same key again changes nothing.")),
        click.Option(["--json", "as_json"], is_flag=True, help=_("Print one JSON document.")),
    ]
    if event.dated:
        found.insert(1, click.Option(["--at", "when"], metavar="TIME", help=_("When it happened; default: now.")))
    if event.waives:
        rules = ", ".join(event.waives)
        found.insert(
            1,
            click.Option(
                ["--waive"],
                multiple=True,
                metavar="RULE",
                help=_("Waive a rule ({rules}), with a --note.", rules=rules),
            ),
        )
    return found
