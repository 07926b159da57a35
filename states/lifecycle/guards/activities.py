"""The guards of activities: places enough, a type that stays once held, and what a peer group does not keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from states.errors import Refusal
from states.language import _
from states.lifecycle.attempt import Attempt
from states.lifecycle.effects import effect_of
from states.lifecycle.effects_of_meetings import FIGURES
from states.lifecycle.guards.registry import guard
from states.requests.request import HELD


def _after(attempt: Attempt) -> Mapping[str, Any]:
    """What would be told of the activity once this is done."""
    return effect_of(attempt.event).form_after(attempt)


@guard()
def within_capacity(attempt: Attempt) -> Iterator[Refusal]:
    after = _after(attempt)
    registered, capacity = after.get("registered"), after.get("capacity")
    if registered is not None and capacity is not None and registered > capacity:
        ref = attempt.request.ref
        yield Refusal(
            "over_capacity",
            _("{registered} people registered, {capacity} fit.", registered=registered, capacity=capacity),
            _("Find more room first: coop activity amend {ref} --capacity {n}", ref=ref, n=registered),
        )


@guard()
def type_settled(attempt: Attempt) -> Iterator[Refusal]:
    """Figures already counted stay on the axis and type they were counted on."""
    request, after = attempt.request, _after(attempt)
    held = any(meeting.status == HELD for meeting in request.meetings)
    if held and any(after.get(name) != request.form.get(name) for name in ("type", "axis")):
        yield Refusal(
            "state",
            _("{ref} has been held: its type and its axis stay.", ref=request.ref),
            _("Undo back to before it was held: coop activity undo {ref} --note …", ref=request.ref),
        )


@guard()
def counted(attempt: Attempt) -> Iterator[Refusal]:
    """Figures are put right of what was held, and not before."""
    if set(attempt.data) & set(FIGURES) and attempt.named_meeting is None:
        yield Refusal(
            "not_recorded",
            _("{ref} is not recorded as held: it has no figures yet.", ref=attempt.request.ref),
            _("Record it once it is held: coop activity done {ref} --attended …", ref=attempt.request.ref),
        )


@guard()
def keeps_no_minutes(attempt: Attempt) -> Iterator[Refusal]:
    """Source: domain.md, "A peer group keeps no names and no minutes"."""
    declaration, request, event = attempt.declaration, attempt.request, attempt.event
    type_ = declaration.activity_types.get(_after(attempt).get("type", ""))
    if type_ is None or type_.minutes:
        return
    before = declaration.activity_types.get(request.form.get("type", ""))
    if before is not None and before.minutes:
        yield Refusal(
            "peer_group_keeps_no_minutes",
            _(
                "{ref} may hold texts: it does not become “{type}”, of which none is kept.",
                ref=request.ref,
                type=type_.text,
            ),
            _("Cancel it and plan another: coop activity plan"),
        )
    # What cancels, corrects or waives is explained: that is no minutes.
    explained = (event.note == "required" and not effect_of(event).note_is_content) or bool(attempt.waive)
    if "description" in attempt.data or (attempt.note and not explained):
        yield Refusal(
            "peer_group_keeps_no_minutes",
            _("Of “{type}” no minutes are kept: no description, comment or note.", type=type_.text),
            _("Record it without the text; its title says what it is about."),
        )
