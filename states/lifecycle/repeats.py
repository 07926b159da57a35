"""Doing something twice: by which entry an attempt is done already, and what says so.

One rule: the last effective entry of the same event did it, unless the request has since come back to where the event
is possible. What is about a meeting that is no longer planned was done by the entry that settled it; what would change
nothing, by the last entry that says the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from states.declaration.types import PROSE, local
from states.errors import FieldError, Refusal
from states.forms.wording import value_text
from states.language import _, enumeration, long_date
from states.lifecycle.effects import effect_of
from states.requests.entry import Entry, effective
from states.requests.request import PLANNED, Meeting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from states.declaration.model import Declaration
    from states.lifecycle.attempt import Attempt


def may_be_done(attempt: Attempt) -> bool:
    """Whether an attempt may be something done already, as far as its request tells without its history."""
    if attempt.event.creates:
        return False
    elsewhere = not attempt.asking and attempt.request.state not in _sources(attempt)
    stands = effect_of(attempt.event).stands(attempt.request, attempt.event)
    return elsewhere or stands or settled(attempt) is not None


def done_by(attempt: Attempt, entries: Sequence[Entry]) -> Entry | None:
    """The entry of a history by which an attempt is done already; None when it is not."""
    standing = [*reversed(effective(entries))]
    if meeting := settled(attempt):
        return next(_settling(attempt.declaration, standing, meeting), None)
    last = next((entry for entry in standing if entry.event == attempt.code), None)
    if last is None or effect_of(attempt.event).stands(attempt.request, attempt.event):
        return last
    return last if _led_away(attempt, last) else None


def settled(attempt: Attempt) -> Meeting | None:
    """The meeting an event is about that is planned no more: the one named, or the last when none of its kind is."""
    event, request = attempt.event, attempt.request
    if not effect_of(event).of_a_meeting:
        return None
    meeting = request.meeting(attempt.inputs.get("meeting"))
    if meeting is None and event.meeting and request.next_planned(event.meeting) is None:
        meeting = next((one for one in reversed(request.meetings) if one.kind == event.meeting), None)
    return meeting if meeting and meeting.status != PLANNED else None


def already_done(attempt: Attempt, entry: Entry) -> Refusal:
    """What says that an entry did it already; with what it said, where that is not what is asked now."""
    event = attempt.declaration.events[entry.event]
    done = effect_of(event).done(event, entry.data)
    date = long_date(local(entry.occurred_at, attempt.declaration.lab.tz).date())
    if values := list(_said_otherwise(attempt, entry)):
        what = f"{done} ({enumeration(values)})"
        message = _("Already done otherwise, by entry {seq} of {date}: {what}.", seq=entry.seq, date=date, what=what)
    else:
        message = _("Already done, by entry {seq} of {date}: {what}.", seq=entry.seq, date=date, what=done)
    return Refusal("state", message, _("See what can be done now with: coop next {ref}", ref=attempt.request.ref))


def _said_otherwise(attempt: Attempt, entry: Entry) -> Iterator[str]:
    """What an entry says otherwise than is asked now, in words; of what people write, nothing."""
    declaration, inputs = attempt.declaration, attempt.inputs
    for name, spec in declaration.specs_of(declaration.events[entry.event]).items():
        if spec.type not in PROSE and name in inputs and name in entry.data and inputs[name] != entry.data[name]:
            yield value_text(declaration, spec, entry.data[name])


def entry_number(attempt: Attempt) -> int | str:
    """The number of the entry by which an attempt is done already; “…” where nobody asked the history."""
    entry: Entry | None = attempt.facts.get("done_by")
    return entry.seq if entry else "…"


def said_by(error: FieldError, inputs: Mapping[str, Any], entries: Sequence[Entry]) -> FieldError:
    """The error of what would change nothing, with the last entry that says it already, if one says it all."""
    for entry in reversed(effective(entries)):
        if all(entry.data.get(name) == value for name, value in inputs.items()):
            return error._replace(message=_("nothing would change: entry {seq} says so already", seq=entry.seq))
    return error


def _sources(attempt: Attempt) -> set[str]:
    return {edge.source for edge in attempt.declaration.edges[attempt.code]}


def _settling(declaration: Declaration, entries: Sequence[Entry], meeting: Meeting) -> Iterator[Entry]:
    """The entries that told what became of a meeting, or cancelled it with the rest."""
    for entry in entries:
        told = effect_of(declaration.events[entry.event]).settles and entry.data.get("meeting") == meeting.id
        if told or meeting.id in entry.data.get("cancelled", ()):
            yield entry


def _led_away(attempt: Attempt, last: Entry) -> bool:
    """Whether an entry led away from where its event is possible, for good; what leads back, only while it is there."""
    request, sources = attempt.request, _sources(attempt)
    since = [stay.state for stay in request.stays if stay.seq >= last.seq]
    there = last.to == request.state or not effect_of(attempt.event).goes_back
    return last.to != last.source and there and not sources & {last.to, *since}
