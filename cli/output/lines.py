"""Lines of a screen: one thing a line; on a terminal it goes on below at a space, in a pipe it is whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from cli.output.layout import ranges
from cli.output.terminal import console, echo, is_terminal, one_line, printable, width
from states.language import _, clock_time, current, enumeration, long_date, short_date

if TYPE_CHECKING:
    from handlers.intake import Skipped
    from states.declaration.model import Declaration

Part = str | tuple[str, str]  # a text, or a text and its style

KINDS = ("interview", "work", "session", "debrief")


def line(*parts: Part, cut: bool = False) -> None:
    """One line made of parts. On a terminal too narrow for it, it goes on below, or with `cut` loses its end."""
    said = [(printable(part), "") if isinstance(part, str) else (printable(part[0]), part[1]) for part in parts]
    if not is_terminal():
        echo("".join(text for text, _style in said).rstrip())
        return
    from rich.text import Text

    text = Text.assemble(*said)
    if cut:
        console().print(text, no_wrap=True, overflow="ellipsis")
        return
    margin, places = ranges(text.plain.rstrip(), width())
    for number, (start, end) in enumerate(places):
        whole = Text(" " * margin if number else "").append_text(text[start:end])
        console().print(whole, no_wrap=True, overflow="ignore", crop=False)


def side_by_side(texts: Sequence[str], gap: str = "   ") -> list[str]:
    """The texts in as few lines as a terminal has room for, none of them broken; on one line in a pipe."""
    lines = list(texts[:1])
    for text in texts[1:]:
        together = lines[-1] + gap + text
        if is_terminal() and len(together) > width():
            lines.append(text)
        else:
            lines[-1] = together
    return lines


def alike(refs: Sequence[str]) -> str:
    """That other requests look the same; the nearest in time are the last."""
    shown = list(refs[-3:])
    named = enumeration(shown) if len(shown) == len(refs) else "…, " + enumeration(shown)
    return _("same title and same e-mail as {refs}", refs=named)


def title(text: str) -> None:
    """A section, after an empty line."""
    line()
    line((text, "bold"))


def kind_of_meeting(kind: str) -> str:
    """`work` as people say it."""
    return {
        "interview": _("interview"),
        "work": _("work meeting"),
        "session": _("session"),
        "debrief": _("debrief"),
        "activity": _("activity"),
    }.get(kind, kind)


def hours(start: Any, end: Any) -> str:
    """`9 h – 10 h 30`; two datetimes in the lab's zone. The end of another day says which."""
    there = clock_time(end) if end.date() == start.date() else f"{short_date(end.date())} {clock_time(end)}"
    return f"{clock_time(start)} – {there}"


def named_day(day: Any) -> str:
    """`Mardi 10 mars 2026`, as it begins a line."""
    text = long_date(day)
    return text[:1].upper() + text[1:] if current() == "fr" else text


def tell_skipped(skipped: Skipped, declaration: Declaration) -> None:
    """A form known already, what its source has changed since, and the command that takes it over."""
    echo(_("Already received: {id} ({ref})", id=one_line(skipped.external_id), ref=skipped.ref))
    tell_changed(skipped, declaration)


def tell_changed(skipped: Skipped, declaration: Declaration) -> None:
    """What the source of a form has changed since, and the command that takes it over."""
    for frozen, sentence in (
        (False, _("Changed since: {fields}")),
        (True, _("Changed since, but no longer changed once prequalified: {fields}")),
    ):
        names = [declaration.form[c.field].text for c in skipped.changed if c.frozen == frozen]
        if names:
            echo("  " + sentence.format(fields=enumeration(names)))
        if frozen and names:
            echo("  → " + _("First undo back to “received”: coop undo {ref} --note …", ref=skipped.ref))
        elif names and skipped.command:
            click.echo(f"  → {printable(skipped.command)}")  # never folded: it is to be typed
