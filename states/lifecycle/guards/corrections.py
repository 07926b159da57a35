"""What may be undone: what was typed last; a recording at any time, a step if no step follows it.

What is left behind must be what the other doors let in: a form that `amend` would take, the deliverable a closing rests
on, meetings in slots that are still valid.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from states.declaration.types import local
from states.errors import Refusal
from states.forms.form import inconsistencies
from states.language import _, long_time
from states.lifecycle.attempt import Attempt
from states.lifecycle.effects import Amend, effect_of
from states.lifecycle.guards.registry import guard
from states.lifecycle.guards.requests import deliverable_recorded
from states.requests.entry import Entry, struck
from states.requests.request import PLANNED, Request


@guard(reads=("entries", "undone", "invalid_slots", "circle"))
def correctable(attempt: Attempt) -> Iterator[Refusal]:
    """Source: domain.md, `correct`."""
    seq, ref = attempt.data["corrects"], attempt.request.ref
    taken = next((e for e in attempt.facts["entries"] if e.seq == seq), None)
    undone: Request | None = attempt.facts["undone"]
    if by := struck(attempt.facts["entries"]).get(seq):
        yield Refusal(
            "nothing_to_correct",
            _("Entry {seq} is already undone, by entry {by}.", seq=seq, by=by),
            _("See the history with: coop history {ref}", ref=ref),
        )
        return
    if taken is None or undone is None:
        yield Refusal(
            "nothing_to_correct",
            _("Entry {seq} of {ref} cannot be undone.", seq=seq, ref=ref)
            if seq
            else _("Nothing of {ref} is left to undo.", ref=ref),
            _("See the history with: coop history {ref}", ref=ref),
        )
        return
    yield from _followed(attempt, taken)
    declaration = attempt.declaration
    if taken.actor != attempt.actor and not declaration.oversees(attempt.role):
        role, overseer = (declaration.label("roles", code) for code in (attempt.role, declaration.overseer))
        yield Refusal(
            "role",
            _(
                "Entry {seq} was made by {actor}: who has the role {role} undoes only their own.",
                seq=seq,
                actor=taken.actor,
                role=role,
            ),
            _("Ask {actor}, or who has the role {role} and may undo any last entry.", actor=taken.actor, role=overseer),
        )
    yield from _form_lost(attempt, taken, undone)
    yield from _rested_on(attempt, taken, undone)
    yield from _slots_lost(attempt)


def _followed(attempt: Attempt, taken: Entry) -> Iterator[Refusal]:
    """A step is undone only if no step follows it; the figures of what was held are put right without undoing it."""
    request, event = attempt.request, attempt.declaration.events[taken.event]
    if event.undo != "in_turn" or taken.seq == request.last_seq:
        return
    ref, last = request.ref, request.last_seq
    if effect_of(event).holds_meeting:
        yield Refusal(
            "nothing_to_correct",
            _("Entry {seq} is followed by another step, entry {last}.", seq=taken.seq, last=last),
            _(
                "Put its figures right without undoing it: coop meeting amend {ref}/{id} --attended … --note …; "
                "or undo entry {last} first: coop undo {ref} --seq {last} --note …",
                ref=ref,
                id=taken.data["meeting"],
                last=last,
            ),
        )
        return
    yield Refusal(
        "nothing_to_correct",
        _("Entry {seq} is followed by another step, entry {last}.", seq=taken.seq, last=last),
        _("Undo entry {last} first: coop undo {ref} --seq {last} --note …", last=last, ref=ref),
    )


def _form_lost(attempt: Attempt, taken: Entry, undone: Request) -> Iterator[Refusal]:
    """What the form would be without an amendment: what was prequalified, one that holds together, no circle."""
    seq, ref, declaration = taken.seq, attempt.request.ref, attempt.declaration
    amends = isinstance(effect_of(declaration.events[taken.event]), Amend)
    amended = [declaration.form[name] for name in taken.data if amends and name in declaration.form]
    if undone.accepted and any(field.frozen for field in amended):
        yield Refusal(
            "form_inconsistent",
            _("{ref} was prequalified with what entry {seq} says: it stays.", seq=seq, ref=ref),
            _("First undo back to “received”: coop undo {ref} --note …", ref=ref),
        )
    known = set(inconsistencies(attempt.request.form, declaration))
    for wrong in inconsistencies(undone.form, declaration):
        if wrong not in known:
            yield Refusal(
                "form_inconsistent",
                _(
                    "Without entry {seq}, the form of {ref} would not hold together: {why}.",
                    seq=seq,
                    ref=ref,
                    why=wrong.message,
                ),
                _(
                    "Amend the fields as they should be instead: coop amend {ref} --set {field}=…",
                    ref=ref,
                    field=wrong.field,
                ),
            )
    if attempt.facts.get("circle"):
        yield Refusal(
            "form_inconsistent",
            _("Without entry {seq}, {ref} would follow itself.", seq=seq, ref=ref),
            _("First change what the later requests of the project follow: coop amend REF --set follows=…"),
        )


def _rested_on(attempt: Attempt, taken: Entry, undone: Request) -> Iterator[Refusal]:
    """The deliverable a request was closed on stays, as long as it is closed and nobody waived it."""
    request, declaration = attempt.request, attempt.declaration
    ending = next((e for e in attempt.facts["entries"] if e.seq == request.last_seq), None)
    if ending is None or undone.state != request.state or not declaration.is_final(request.state):
        return
    if deliverable_recorded.name in declaration.events[ending.event].guards:
        waived = frozenset(ending.data.get("waived", ()))
        for refusal in deliverable_recorded.check(evolve(attempt, request=undone, waive=waived)):
            yield Refusal(
                refusal.rule,
                _("{ref} was closed with what entry {seq} records: it stays.", ref=request.ref, seq=taken.seq),
                _(
                    "Record the right one first (coop deliverable {ref} --title … --type …), then undo this one: "
                    "coop undo {ref} --seq {seq} --note …",
                    ref=request.ref,
                    seq=taken.seq,
                ),
            )


def _slots_lost(attempt: Attempt) -> Iterator[Refusal]:
    """Meetings that would come back to a slot no longer valid; only one that had been cancelled can be left so."""
    request, zone = attempt.request, attempt.declaration.lab.tz
    invalid: tuple[tuple[str, list[Refusal]], ...] = attempt.facts["invalid_slots"]
    for id, reasons in invalid:
        now = request.meeting(id)
        stands = now is not None and now.status == PLANNED
        for reason in reasons:
            if now is not None and stands:
                yield Refusal(
                    reason.rule,
                    _(
                        "{meeting} stays as it is, on {moment}: it cannot go back to what it was. {reason}",
                        meeting=id,
                        moment=long_time(local(now.at, zone)),
                        reason=reason.message,
                    ),
                    _("Move it elsewhere: coop meeting move {ref}/{id} --slot …", ref=request.ref, id=id),
                )
            elif not attempt.inputs.get("release"):
                yield Refusal(
                    reason.rule,
                    _("{meeting} cannot come back: {reason}", meeting=id, reason=reason.message),
                    _("Leave it cancelled with --release, then plan it again."),
                )
