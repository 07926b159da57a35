"""A history folded into a request: `fold` adds one entry, `replay` starts again from all of them.

`coop db rebuild` and a test prove that both are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from states.declaration.model import Declaration
from states.declaration.tables import ACTIVITY, KINDS_OF_MEETING
from states.errors import CapPassed
from states.language import _
from states.lifecycle.effects import effect_of
from states.lifecycle.landmarks import landmarks
from states.lifecycle.migrating import migrated
from states.requests.entry import Entry, effective, struck
from states.requests.request import CANCELLED, PLANNED, Request, Stay


def fold(declaration: Declaration, request: Request | None, entry: Entry) -> Request:
    """The request after one more effective entry (changed in place). A correction is not folded: replay instead."""
    event = declaration.events[entry.event]
    effect = effect_of(event)
    if request is None:
        request = effect.begin(entry)
    effect.apply(request, entry)
    for rule in entry.data.get("waived", ()):
        request.waivers.append({"seq": entry.seq, "rule": rule})
    for id in entry.data.get("cancelled", ()):
        request.settle(id, CANCELLED, entry.occurred_at)
    if event.undo == "in_turn" or event.creates:
        _arrive(request, entry, declaration)
    _mark(request, entry, declaration)
    _end(request, entry)
    return request


def _end(request: Request, entry: Entry) -> None:
    request.seq, request.head, request.recorded_at = entry.seq, entry.digest, entry.recorded_at


def check_cap(declaration: Declaration, request: Request, excess: int) -> None:
    """CapPassed when the last entry leaves more work meetings beyond the cap than there were, whatever let it by."""
    if request.excess(declaration) > excess:
        tier = declaration.tiers[request.tier or ""]
        raise CapPassed(
            _(
                "{ref} would have {n} work meetings planned or held in “{tier}”: at most {cap}. Nothing was stored.",
                ref=request.ref,
                n=request.counted(),
                tier=tier.text,
                cap=request.cap(declaration),
            ),
            hint="coop lifecycle check",
        )


def _arrive(request: Request, entry: Entry, declaration: Declaration) -> None:
    """Sets the state and closes the stay in the last one. Only entries undone in turn do: no other sets the state."""
    request.last_at = entry.occurred_at
    if entry.source is not None:
        request.last_seq = entry.seq
    stay = request.stays[-1] if request.stays else None
    if stay is None or stay.state != entry.to:
        if stay:
            stay.until, stay.left_to = entry.occurred_at, entry.to
        deadline = declaration.deadlines.get(entry.to)
        request.stays.append(Stay(entry.to, entry.seq, entry.occurred_at, deadline.days if deadline else None))
        # A request reopened to its suspension goes back, once resumed, to where it was first suspended from.
        if declaration.is_final(entry.to) or (
            entry.to == landmarks(declaration).suspension and not declaration.is_final(request.state)
        ):
            request.before[entry.to] = request.state
    request.state = entry.to


def _mark(request: Request, entry: Entry, declaration: Declaration) -> None:
    deadline = declaration.deadlines.get(request.state)
    if deadline and deadline.anchor == "activity":
        ahead = max((m.at for m in request.meetings if m.status == PLANNED), default=None)
        request.stays[-1].marks.append([entry.occurred_at, ahead])


Versions = Callable[[str], Declaration]  # a version of the declaration, by its digest


def replay(
    declaration: Declaration,
    entries: Iterable[Entry],
    versions: Versions | None = None,
    upon: Callable[[Request | None, Entry], None] | None = None,
) -> Request:
    """The request that a history makes, each entry folded under the version it was written with.

    Struck entries and corrections leave nothing but the meeting numbers they used and the slots a correction released.
    Without `versions` it is as though it had obeyed `declaration` from its first entry on. `upon` looks at each
    effective entry before it is folded, with the request that it came upon.
    """
    entries = list(entries)
    gone = struck(entries)
    request: Request | None = None
    for entry in entries:
        if versions is not None and entry.declaration != declaration.digest:
            declaration = versions(entry.declaration)
        if "migrates" in entry.data and request is not None:
            if versions is not None:
                migrated(declaration, request, entry)
        elif "corrects" in entry.data:
            if request is not None:
                _release(declaration, request, entry)
        elif entry.seq not in gone:
            if upon is not None:
                upon(request, entry)
            request = fold(declaration, request, entry)
        elif request is not None:
            _use_number(request, entry)
    if request is None:
        raise ValueError("a history without its first entry")
    _end(request, entries[-1])
    return request


def _release(declaration: Declaration, request: Request, entry: Entry) -> None:
    """Leaves the meetings that a correction would bring back cancelled; an interview is then to be planned again."""
    for id in entry.data.get("released", ()):
        request.settle(id, CANCELLED, entry.occurred_at)
        interview = request.next_planned("interview") is not None
        request.state = request.stays[-1].state = landmarks(declaration).standing(request.state, interview=interview)


def _use_number(request: Request, entry: Entry) -> None:
    # Meeting numbers are never used again, not even those of a plan that was struck.
    kind, _dash, number = str(entry.data.get("meeting", "")).partition("-")
    if kind in (*KINDS_OF_MEETING, ACTIVITY) and number.isdigit():
        request.numbers[kind] = max(request.numbers.get(kind, 0), int(number))


def without(
    declaration: Declaration, entries: Sequence[Entry], seq: int, versions: Versions | None = None
) -> Request | None:
    """The request as if entry `seq` had not been; None when that entry cannot be taken away."""
    taken = next((e for e in effective(entries) if e.seq == seq), None)
    if taken is None or declaration.events[taken.event].undo == "never":
        return None
    return replay(declaration, [e for e in entries if e.seq != seq], versions)
