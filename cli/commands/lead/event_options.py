"""What the command of one event takes: its reference, an option for each key of the event, and what all have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from attrs import frozen

from states.language import _, label_of

# The option that stands for a key, where people would not look for the key's own name.
OPTIONS: Mapping[str, str] = {"at": "slot", "duration": "for", "started_at": "started", "reused_by": "reused-by"}
COMMON = ("note", "when", "on_behalf", "expect_seq", "key", "waive", "as_json")  # what is no key of the event


@frozen
class Shorthand:
    """A command for one event; `positional` keys follow the reference."""

    event: str
    help: str
    positional: tuple[str, ...] = ()
    many: bool = False  # several references
    several_slots: bool = False
    meeting_in_ref: bool = False  # REF/work-2
    own_staff: bool = False  # nobody said: the actor
    keeps_slot: bool = False  # no slot said, something else was: the meeting's present one
    activity: bool = False  # of an activity, not of a request
    begins: bool = False  # no reference: it gives one


def lifecycle_of(declaration: Any, shorthand: Shorthand) -> Any:
    """Where the event of a shorthand is declared."""
    return declaration.activities if shorthand.activity else declaration


def parameters(declaration: Any, event: Any, shorthand: Shorthand) -> list[click.Parameter]:
    """The parameters of a shorthand, as a declaration has its event."""
    found: list[click.Parameter] = []
    if not shorthand.begins:
        word = "REF/MEETING" if shorthand.meeting_in_ref else "REF"
        many, metavar = (-1, f"{word}…") if shorthand.many else (1, word)
        found.append(click.Argument(["refs"], nargs=many, required=True, metavar=metavar))
    for name in shorthand.positional:
        found.append(click.Argument([name], required=False, metavar=f"[{name.upper()}]"))
    if event.form:
        text = _("A field of the form and its value (repeat for several).")
        found.append(click.Option(["--set", "pairs"], multiple=True, metavar="K=V", help=text))
    else:
        for name, (key, required) in declaration.keys_of(event).items():
            if name not in shorthand.positional and not (name == "meeting" and shorthand.meeting_in_ref):
                found.append(_option(declaration, name, key, required, shorthand))
    found += [option for option in _common(event) if option.name != "expect_seq" or not shorthand.begins]
    return found


def option_name(name: str) -> str:
    """The option of a key: `at` is `--slot`, `duration` is `--for`."""
    return "--" + OPTIONS.get(name, name).replace("_", "-")


def _option(declaration: Any, name: str, key: Any, required: bool, shorthand: Shorthand) -> click.Option:
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
    multiple = name == "at" and shorthand.several_slots
    return click.Option([option, name], multiple=multiple, metavar=key.type.upper(), help=text)


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
