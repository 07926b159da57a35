"""The counts that the pages of a review show beside its figures: requests by service, meetings by place, reasons…

Each has the entries behind it, as a figure has. None of them is in the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any

from states.declaration.model import Declaration
from states.declaration.vocabulary import CANCELLED, CLOSED, DECLINED, DELIVERABLE, EFFORT, FOLLOW_UP
from states.lifecycle.effects import Accept, Create
from states.planning.meeting import planned
from states.requests.request import Stay
from states.review.dataset import Held, Scope, Story
from states.review.figures import Figure, Item, count, tally
from states.review.governance import deadline_item, judged
from states.review.indicators import (
    academy_of,
    accompanied_by,
    days_of,
    family_of,
    participations_counted,
    scored,
    used_half_days,
)
from states.review.persons import evaluations
from states.risks.workload import effort

MEETINGS = ("interview", "work", "session", "debrief")  # the kinds of what is held for a request, in their order
# How far a request to accompany had come, each step within the one before.
STEPS = ("received", "accepted", "interviewed", "begun", "gathered", "closed")
Named = Iterator[tuple[str, Item]]
Splits = Mapping[str, Any]  # figures by name, some of them below a name


def splits(scope: Scope) -> Splits:
    """Every count of a period that is part of another, or of a list of its own."""
    return {
        "received": received(scope),
        "furthest": tally(partial(_furthest, scope)),
        "answered": count(partial(_answered, scope)),
        "cancelled": tally(lambda: ((e.data.get("reason") or "", Item.of(e)) for _s, e in scope.ended(CANCELLED))),
        "tiers": tally(partial(_tiers, scope)),
        "held": {kind: tally(partial(_held, scope, kind)) for kind in MEETINGS},
        "gathered": {axis: _gathered(scope, axis) for axis in scope.declaration.axes},
        "proposed": tally(partial(_proposed, scope)),
        "taking_part": tally(partial(participations_counted, scope)),
        "produced": tally(partial(_produced, scope)),
        "judged": tally(lambda: ((group, scored(e)) for group, e in evaluations(scope))),
        "met": tally(partial(_due, scope, in_time=True)),
        "missed": tally(partial(_due, scope, in_time=False)),
        "space": tally(partial(_space, scope)),
        "money": {kind: count(partial(_money, scope, kind)) for kind in (EFFORT, FOLLOW_UP)},
    }


# --- The demand ---


def received(scope: Scope) -> Splits:
    """The requests received, by what their forms say."""
    of_declaration = partial(academy_of, scope.declaration)
    ways: dict[str, Callable[[Story], str | None]] = {
        **{field: partial(_of_form, field) for field in ("service", "department", "axis", "wanted_tier")},
        "family": family_of,
        "academy": of_declaration,
    }
    return {by: tally(partial(_received, scope, name_of)) for by, name_of in ways.items()}


def _of_form(field: str, story: Story) -> str | None:
    return story.request.form.get(field)


def _received(scope: Scope, name_of: Callable[[Story], str | None]) -> Named:
    return ((name_of(story) or "", Item.of(entry)) for story, entry in scope.of_effect(Create))


def _furthest(scope: Scope) -> Named:
    """The requests received that were to be accompanied, by the furthest step they had come to at the end."""
    for story, entry in scope.of_effect(Create):
        if story.request.accompanied:
            yield _step(story, scope.limit), Item.of(entry)


def _step(story: Story, limit: str) -> str:
    reached = {
        "accepted": any(e.occurred_at < limit and story.does(e, Accept) for e in story.effective),
        "interviewed": _was_held(story, limit, "interview"),
        "begun": _was_held(story, limit, "work", "session"),
        "gathered": _was_held(story, limit, "session"),
        "closed": _closed(story, limit),
    }
    return next((step for step, following in pairwise(STEPS) if not reached[following]), STEPS[-1])


def _was_held(story: Story, limit: str, *kinds: str) -> bool:
    return any(held.meeting.kind in kinds and held.meeting.begins_at < limit for held in story.held)


def _closed(story: Story, limit: str) -> bool:
    stay = story.stay_at(limit)
    return stay is not None and story.declaration.outcome(stay.state) == CLOSED


def _answered(scope: Scope) -> Iterator[Item]:
    """Each yes and no, with the days it took."""
    for story, entry in scope.entries:
        if story.does(entry, Accept) or story.ending(entry) == DECLINED:
            first = next(e for e in story.effective if story.does(e, Create))
            days = days_of(Stay("", 0, first.occurred_at, until=entry.occurred_at))
            yield Item.of(entry, days=days)


# --- The support ---


def _tiers(scope: Scope) -> Named:
    """The accompanied requests by tier, with the work meetings each had and may have.

    Those of earlier semesters too: the cap is that of the whole request.
    """
    stories = {story.ref: story for story in scope.accompanied}
    for tier, item in accompanied_by(scope, lambda story: story.tier_at(scope.period.end)):
        story = stories[item.ref]
        used = sum(h.meeting.kind == "work" and h.meeting.begins_at < scope.period.end for h in story.held)
        cap = story.request.cap(story.declaration) or 0
        yield tier, Item(item.ref, item.seq, item.event, item.occurred_at, {"work_held": used, "cap": cap})


def _held(scope: Scope, kind: str) -> Named:
    """The meetings of a kind by place, with the effort they were for the lab."""
    for held in scope.held:
        if held.meeting.kind == kind:
            yield held.meeting.place, Item.of(held.entry, meeting=held.meeting.id, effort=_hours(scope, held))


def _hours(scope: Scope, held: Held) -> Fraction:
    meeting = held.story.request.meeting(held.entry.data["meeting"])
    minutes = effort(scope.declaration, planned(held.story.request, meeting)) if meeting else 0
    return Fraction(minutes, 60)


# --- Culture ---


def _gathered(scope: Scope, axis: str) -> dict[str, Figure]:
    """Sessions of requests and activities of the lab on an axis, with who came and who was expected."""
    held = [h for h in scope.gatherings if h.axis == axis]
    activities = {h.story.ref for h in scope.activities}

    def of(proposed: bool) -> Iterable[Item]:
        several = (h for h in held if (h.story.ref in activities) is proposed)
        return (Item.of(h.entry, attended=h.meeting.attended, expected=h.expected) for h in several)

    return {"session": count(partial(of, False)), "activity": count(partial(of, True))}


def _proposed(scope: Scope) -> Named:
    """The activities held, by type."""
    for held in scope.activities:
        said = {"registered": held.expected, "attended": held.meeting.attended, "managers": held.meeting.managers}
        yield held.story.request.form["type"], Item.of(held.entry, **said, services=held.services)


# --- What came of it ---


def _produced(scope: Scope) -> Named:
    return ((e.data["type"], Item.of(e, type=e.data["type"])) for _story, e in scope.recorded(DELIVERABLE))


def _due(scope: Scope, *, in_time: bool) -> Named:
    """The deadlines met, or missed, by what they are called."""
    codes = _codes(scope.declaration)
    for story, deadline, met in judged(scope):
        if met is in_time:
            own = f"{deadline.kind}{OF}{story.request.kind}"
            yield codes.get(own) or codes.get(deadline.kind, deadline.kind), deadline_item(story, deadline)


def _codes(declaration: Declaration) -> dict[str, str]:
    """Each kind of deadline, and each that a kind of request has its own word for, by the first called alike."""
    first: dict[str, str] = {}
    found = {}
    for kind, spec in declaration.deadlines.items():
        own = {f"{kind}{OF}{request}": labels for request, labels in spec.label_for.items()}
        for code, labels in {kind: spec.label, **own}.items():
            found[code] = first.setdefault(repr(labels), code)
    return found


def kind_of(code: str) -> str:
    """The kind of the deadlines that are counted together under a code."""
    return code.partition(OF)[0]


OF = " of "  # between a kind of deadline and the kind of request that has its own word for it


def _money(scope: Scope, kind: str) -> Iterator[Item]:
    """What was recorded of hours, costs and gains."""
    for _story, entry in scope.recorded(kind):
        said = {name: Fraction(entry.data[name]) for name in ("hours", "cost", "gain") if name in entry.data}
        if said:
            yield Item.of(entry, **said)


def _space(scope: Scope) -> Named:
    """What was held in the lab's own place, by the month of each half-day it took."""
    for (day, half), several in used_half_days(scope).items():
        for held in several:
            yield f"{day:%Y-%m}", Item.of(held.entry, day=day.isoformat(), half_day=half)
