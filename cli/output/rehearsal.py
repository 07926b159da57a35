"""A rehearsal, told: what another declaration would have refused, moved and raised."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from cli.output.lines import line, title
from cli.output.terminal import one_line
from states.declaration.types import local
from states.language import _, _n, long_date, long_time, short_date

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from workflow.versions.rehearsal import Breach, Moved, Refusing, Rehearsal

SHOWN = 12  # of a list; --json has them all
_Row = TypeVar("_Row")


def shown(rehearsal: Rehearsal) -> list[str]:
    """The requests whose titles are told."""
    return sorted(
        {*(one.entry.stream for one in rehearsal.refused[:SHOWN]), *(one.ref for one in rehearsal.breaches[:SHOWN])}
    )


def tell_rehearsal(
    rehearsal: Rehearsal, declaration: Declaration, titles: Mapping[str, str | None], since: date | None
) -> None:
    """What `coop lifecycle rehearse` prints."""
    named = {"name": declaration.lab.name, "version": declaration.lab.version}
    counted = _n("{n} request", "{n} requests", rehearsal.requests)
    if since is None:
        line((_("{counted} gone through again under {name} {version}.", counted=counted, **named), "bold"))
    else:
        day = long_date(since)
        line(
            (
                _(
                    "{counted} gone through again under {name} {version}, from {day} on.",
                    counted=counted,
                    day=day,
                    **named,
                ),
                "bold",
            )
        )
    if rehearsal.same:
        line(_("Nothing would have been otherwise."))
    telling = _Telling(declaration, titles)
    _section(_refused_title(rehearsal), rehearsal.refused, telling.refused)
    moved = _n("{n} deadline would have moved", "{n} deadlines would have moved", len(rehearsal.moved))
    _section(moved, rehearsal.moved, telling.moved)
    breached = _n("{n} request would be over the cap", "{n} requests would be over the cap", len(rehearsal.breaches))
    _section(breached, rehearsal.breaches, telling.breach)
    if rehearsal.more or rehearsal.fewer:
        title(_("Alerts of deadlines: {more} more, {fewer} fewer.", more=rehearsal.more, fewer=rehearsal.fewer))
    line()
    line((_("Each entry is judged by itself, on what its request then was. Nothing was stored."), "dim"))
    line((_("Who was free and which places were taken is not judged again."), "dim"))


def _refused_title(rehearsal: Rehearsal) -> str:
    entries = _n("{n} entry would have been refused", "{n} entries would have been refused", len(rehearsal.refused))
    refs = len({one.entry.stream for one in rehearsal.refused})
    return _n("{entries}, of {n} request", "{entries}, of {n} requests", refs, entries=entries)


def _section(heading: str, rows: Sequence[_Row], tell: Callable[[_Row], None]) -> None:
    if not rows:
        return
    title(heading)
    for row in rows[:SHOWN]:
        tell(row)
    if len(rows) > SHOWN:
        line("  ", _n("and {n} more: --json names them", "and {n} more: --json names them", len(rows) - SHOWN))


class _Telling:
    """Each row in the words of the declaration that is rehearsed."""

    def __init__(self, declaration: Declaration, titles: Mapping[str, str | None]) -> None:
        self.declaration, self.titles, self.zone = declaration, titles, declaration.lab.tz

    def refused(self, one: Refusing) -> None:
        entry = one.entry
        event = self.declaration.of(entry.stream).label("events", entry.event)
        day = short_date(local(entry.occurred_at, self.zone).date())
        line((f"  {entry.stream}", "cyan"), f"  {self._title(entry.stream)}", cut=True)
        line("    ", _("entry {seq}, {day}: {event}", seq=entry.seq, day=day, event=event))
        for refusal in one.refusals:
            line("    · ", refusal.message)
        if one.ends:
            line("    ", _("Its request was not gone through any further."))

    def moved(self, one: Moved) -> None:
        before, after = (long_time(local(at, self.zone)) if at else _("none") for at in (one.before, one.after))
        label = self.declaration.label("deadlines", one.kind)
        line((f"  {one.ref}", "cyan"), f"  {label}  {before} → {after}")

    def breach(self, one: Breach) -> None:
        used = _n("{n} meeting for a cap of {cap}", "{n} meetings for a cap of {cap}", one.used, cap=one.cap)
        line((f"  {one.ref}", "cyan"), f"  {used}  {self._title(one.ref)}", cut=True)

    def _title(self, ref: str) -> str:
        return one_line(self.titles.get(ref) or "—")
