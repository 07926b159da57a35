"""Who was faster: what somebody else has just entered, without which what is refused would be possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import takewhile

from attrs import evolve

from states.declaration.types import instant, local, moment
from states.errors import Conflict, Faster, Refused
from states.language import _, clock_time
from states.lifecycle.attempt import Attempt
from states.lifecycle.decision import decide
from states.requests.entry import Entry
from workflow.guard_inputs import fetch
from workflow.history.facts import Facts
from workflow.preconditions import Situation

JUST_NOW = timedelta(minutes=10)  # the time to look, to decide and to type
FEW = 5  # entries that one may make meanwhile
TAKEN = frozenset({"place_taken", "staff_busy"})  # the rules by which another request's meeting is in the way


def check_expected(here: Situation, expected: int | None) -> None:
    """Conflict (exit 5) when the request is no longer at the entry the caller saw."""
    ref, seq = here.request.ref, here.request.seq
    if expected is None or expected == seq:
        return
    message = _("{ref} is at entry {seq}, not {expected}: someone changed it.", ref=ref, seq=seq, expected=expected)
    conflict = Conflict(message, hint=f"coop history {ref}")
    if 0 < expected < seq:
        conflict.faster = told(here.facts, here.facts.entries_of(ref)[expected])
    raise conflict


def of_refusal(facts: Facts, attempt: Attempt, refused: Refused) -> Faster | None:
    """Who was faster than what is refused; None where nobody was."""
    rules = {refusal.rule for refusal in refused.refusals}
    entries = [*_in_the_way(facts, attempt)] if rules & TAKEN else []
    entries += [entry for entry in _since(facts, attempt) if _was_possible(facts, attempt, rules, entry)][:1]
    return told(facts, max(entries, key=lambda entry: entry.recorded_at)) if entries else None


def told(facts: Facts, entry: Entry) -> Faster:
    """An entry of somebody else's, as whoever was slower is told of it."""
    declaration = facts.declaration_of(entry.declaration)
    event = declaration.of(entry.stream).label("events", entry.event)
    time = clock_time(local(entry.recorded_at, declaration.lab.tz))
    sentence = _(
        "{actor} was faster: “{event}”, at {time}, entry {seq} of {ref}.",
        actor=entry.actor,
        event=event,
        time=time,
        seq=entry.seq,
        ref=entry.stream,
    )
    return Faster(entry.stream, entry.seq, entry.event, entry.actor, entry.recorded_at, sentence)


def _is_rival(facts: Facts, attempt: Attempt, entry: Entry) -> bool:
    mine = (attempt.actor, facts.tx.entered_by)
    return (entry.actor, entry.entered_by) != mine and entry.recorded_at >= instant(moment(attempt.now) - JUST_NOW)


def _since(facts: Facts, attempt: Attempt) -> Sequence[Entry]:
    """What somebody else has just entered on the request, the last first."""
    if attempt.event.creates:
        return ()
    entries = facts.entries_of(attempt.request.ref)[1:][-FEW:]
    return [*takewhile(lambda entry: _is_rival(facts, attempt, entry), reversed(entries))]


def _was_possible(facts: Facts, attempt: Attempt, rules: set[str], rival: Entry) -> bool:
    """Whether fewer rules would refuse the event, were the request as it was before an entry."""
    entries = [entry for entry in facts.entries_of(attempt.request.ref) if entry.seq < rival.seq]
    before = evolve(
        attempt,
        request=facts.replayed(entries),
        facts={},
        data={},
        refusals=[],
        needs=[],
        edge=None,
        to="",
    )
    fetch(facts, before)
    try:
        decide(before)
    except Refused as refused:
        return {refusal.rule for refusal in refused.refusals} < rules
    return True


def _in_the_way(facts: Facts, attempt: Attempt) -> Iterator[Entry]:
    """What has just put a meeting of another request where this one was to be."""
    around = attempt.facts.get("surroundings")
    for booking in around.bookings if around else ():
        made = [entry for entry in facts.entries_of(booking.ref) if entry.data.get("meeting") == booking.id]
        if made and _is_rival(facts, attempt, made[-1]):
            yield made[-1]
