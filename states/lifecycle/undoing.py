"""What an undo takes away and what it puts back, to be said before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from attrs import frozen

from states.declaration.model import Declaration
from states.declaration.tables import Field
from states.declaration.types import local
from states.language import _, long_time
from states.lifecycle.effects import effect_of
from states.lifecycle.replay import Versions, replay, without
from states.requests.entry import Entry, last_to_undo
from states.requests.request import PLANNED, Meeting, Request


@frozen
class Undoing:
    """An entry undone, with the request before and after."""

    declaration: Declaration
    entry: Entry
    before: Request
    after: Request

    @property
    def named(self) -> str:
        """The entry, as people call it: `Comment, entry 4`."""
        event = self.declaration.events[self.entry.event]
        return _("{event}, entry {seq}", event=effect_of(event).done(event, self.entry.data), seq=self.entry.seq)

    @property
    def weighs(self) -> bool:
        """Whether it reopens a request or takes a planned meeting away."""
        reopens = self.declaration.is_final(self.before.state) and not self.declaration.is_final(self.after.state)
        return reopens or any(not _planned(self.after.meeting(m.id)) for m in self.before.planned())

    def put_back(self) -> Iterator[str]:
        """What is again as it was, one line each."""
        if self.before.state != self.after.state:
            labels = [self.declaration.label("states", r.state) for r in (self.before, self.after)]
            yield _("State: {before} → {after}", before=labels[0], after=labels[1])
        if self.before.tier != self.after.tier:
            labels = [self.declaration.label("tiers", r.tier) or "—" for r in (self.before, self.after)]
            yield _("Tier: {before} → {after}", before=labels[0], after=labels[1])
        for name, field in self.declaration.form.items():
            was, now = self.before.form.get(name), self.after.form.get(name)
            if was != now:
                shown = {"before": self._shown(field, was), "after": self._shown(field, now)}
                yield _("{field}: {before} → {after}", field=field.text, **shown)
        for id in dict.fromkeys(m.id for m in (*self.before.meetings, *self.after.meetings)):
            yield from self._meeting(id, self.before.meeting(id), self.after.meeting(id))

    def _shown(self, field: Field, value: Any) -> str:
        if value is None:
            return "—"
        if field.private:
            return "…"
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return self.declaration.label(field.codes, str(value)) if field.codes else str(value)

    def _meeting(self, id: str, before: Meeting | None, after: Meeting | None) -> Iterator[str]:
        zone = self.declaration.lab.tz
        if before == after:
            return
        if after is not None and _planned(after):
            moment = long_time(local(after.at, zone))
            if _planned(before):
                yield _("{meeting} is again as it was: {moment}", meeting=id, moment=moment)
            else:
                yield _("{meeting} is planned again, on {moment}", meeting=id, moment=moment)
        elif _planned(before):
            yield _("{meeting} is no longer planned", meeting=id)
        elif after is not None:
            yield _("{meeting}: its figures are again as they were", meeting=id)


def _planned(meeting: Meeting | None) -> bool:
    return meeting is not None and meeting.status == PLANNED


def undoing(
    declaration: Declaration, entries: Sequence[Entry], seq: int | None = None, versions: Versions | None = None
) -> Undoing | None:
    """What would be undone of a history, by its number or else the last; None when nothing can be."""
    seq = seq or last_to_undo(declaration, entries)
    after = without(declaration, entries, seq, versions)
    if after is None:
        return None
    before = replay(declaration, entries, versions)
    return Undoing(declaration, next(e for e in entries if e.seq == seq), before, after)
