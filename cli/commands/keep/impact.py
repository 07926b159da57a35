"""What falls, and how to save it: printed at once when an absence, a closure or a swap is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cli.input.days import slot_told
from cli.output.terminal import echo, heading, is_terminal, one_line, printable, width
from states.declaration.types import local
from states.language import _, _n, duration, short_time

if TYPE_CHECKING:
    from states.risks.impact import Fallen
    from workflow.views.forecast import Outlook


def tell_falls(outlook: Outlook, fallen: Sequence[Fallen], *, would: bool = False) -> None:
    """Each meeting that falls: why, who could replace, the next slots, and the commands that settle it."""
    if not fallen:
        echo(_("Nothing planned would fall.") if would else _("Nothing planned falls."))
        return
    n = len(fallen)
    heading(_n("{n} meeting would fall:", "{n} meetings would fall:", n) if would else _falls(n))
    titles = outlook.titles([one.meeting.ref for one in fallen])
    for one in fallen:
        echo()
        _tell(outlook, one, titles.get(one.meeting.ref))


def _falls(n: int) -> str:
    return _n("{n} meeting falls:", "{n} meetings fall:", n)


def _tell(outlook: Outlook, one: Fallen, title: str | None) -> None:
    declaration, meeting = outlook.declaration, one.meeting
    when = short_time(local(meeting.at, declaration.lab.tz))
    place = declaration.label("places", meeting.place)
    _title(f"{meeting.name} · {when}, {duration(meeting.duration)}, {place} — {one_line(title or '—')}")
    for reason in one.reasons:
        say(reason.message, "  ")
    out = one.ways_out
    if one.absent:
        who = ", ".join(out.replacements) or _("nobody who is free")
        if meeting.skill:
            who += " " + _("({skill} asked for)", skill=declaration.label("skills", meeting.skill))
        say(_("Could replace: {people}", people=who), "  ")
    if out.elsewhere:
        places = ", ".join(declaration.label("places", place) for place in out.elsewhere)
        say(_("At the same time elsewhere: {places}", places=places), "  ")
    slots = " · ".join(slot_told(declaration, slot) for slot in out.slots) or _("none in the months ahead")
    say(_("Next slots: {slots}", slots=slots), "  ")
    for command in out.commands:
        echo(printable("    " + command))


def say(text: str, margin: str = "") -> None:
    """A sentence of what an absence or a closure does."""
    echo(margin + printable(text))


def _title(text: str) -> None:
    """One line, its end cut on a terminal that has no room for it."""
    text, room = printable(text), width()
    echo(text if len(text) <= room or not is_terminal() else text[: room - 1] + "…")
