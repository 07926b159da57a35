"""Histories told in a few words, as a review reads them: no store, no guard, only what was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from pure import at, calendar, lab, surrounded

from states.declaration.model import Declaration
from states.lifecycle.replay import replay
from states.requests.entry import Entry
from states.review.dataset import Raised, Scope, Sources, Story
from states.review.semesters import Period, semester

Step = tuple[str, str, dict[str, Any]]  # the event, the local moment, what it keeps

FORM: dict[str, Any] = {
    "kind": "accompanied",
    "axis": "incubation",
    "service": "drajes",
    "department": "34",
    "place": "montpellier",
}


def entries(ref: str, *steps: Step) -> list[Entry]:
    """A history: each entry goes where its event leads; `to` says it where there are two ways."""
    declaration = lab().of(ref)
    found: list[Entry] = []
    state: str | None = None
    for number, (event, moment, data) in enumerate(steps, start=1):
        kept = dict(data)
        to = kept.pop("to", None) or _target(declaration, event, state)
        recorded = at(kept.pop("recorded", moment))
        found.append(
            Entry(
                ref, number, event, state, to, "camille", "coordinator", "camille", False,
                at(moment), recorded, kept, None, "", "", f"{ref}/{number}",
            )
        )  # fmt: skip
        state = to
    return found


def _target(declaration: Declaration, event: str, state: str | None) -> str:
    if state is None:
        return declaration.initial
    return next((e.targets[0] for e in declaration.edges[event] if e.source == state), state)


def story(ref: str, *steps: Step) -> Story:
    """A request, or an activity, by its reference."""
    declaration, told = lab().of(ref), entries(ref, *steps)
    return Story(declaration, replay(declaration, told), lambda: told)


def received(moment: str = "01-12 09:00", **form: Any) -> Step:
    return "submit", moment, {**FORM, **form}


def tiered(moment: str, tier: str = "tuto", **form: Any) -> list[Step]:
    """From the form to a tier, all at one moment."""
    return [
        received(moment, **form),
        ("prequalify", moment, {}),
        planned_step("plan_interview", moment, moment),
        ("hold_interview", moment, {"meeting": "interview-1", "started_at": at(moment), "duration": 60}),
        ("assign_tier", moment, {"tier": tier}),
    ]


def planned_step(event: str, moment: str, start: str, number: int = 1, **how: Any) -> Step:
    """A meeting is planned, in Montpellier for an hour unless said."""
    kind = {"plan_interview": "interview", "plan_session": "session", "plan_debrief": "debrief"}.get(event, "work")
    data = {"meeting": f"{kind}-{number}", "at": at(start), "duration": 60, "place": "montpellier", "staff": [], **how}
    return event, moment, data


def held(kind: str, moment: str, start: str, number: int = 1, **what: Any) -> list[Step]:
    """A work meeting or a session, planned then held when it took place."""
    plan, hold = {"work": ("plan_meeting", "hold_meeting"), "session": ("plan_session", "hold_session")}[kind]
    where = {name: what.pop(name) for name in ("place", "duration", "department", "agreed") if name in what}
    return [
        planned_step(plan, moment, start, number, **where),
        (hold, start, {"meeting": f"{kind}-{number}", "started_at": at(start), **what}),
    ]


def activity(ref: str, moment: str, **held_with: Any) -> Story:
    """A visit of axis 3, held at that moment."""
    told = {"title": {"vault": "x"}, "type": "visit", "axis": "acculturation", "meeting": "activity-1"}
    axis = held_with.pop("axis", "acculturation")
    place = held_with.pop("place", "montpellier")
    where = {"place": place, "department": held_with.pop("department", None)}
    planned = {**told, "axis": axis, "at": at(moment), "duration": 120, "staff": [], **where}
    steps: list[Step] = [("plan_activity", moment, planned)]
    steps.append(
        ("hold_activity", moment, {"meeting": "activity-1", "started_at": at(moment), "duration": 120, **held_with})
    )
    return story(ref, *steps)


@cache
def half() -> Period:
    """The first semester of 2026."""
    return semester(lab(), "2026-S1")


def scope(*stories: Story, now: str = "07-01 09:00", alerts: Sequence[Raised] = (), **how: Any) -> Scope:
    """What happened in the first semester of 2026, as known on the morning after."""
    requests = [one for one in stories if "-A" not in one.ref]
    activities = [one for one in stories if "-A" in one.ref]
    period = how.pop("period", half())
    explained = how.pop("explained", True)
    how.setdefault("first_at", min((one.entries[0].occurred_at for one in stories), default=half().start))
    how.setdefault("watched_at", at(now))
    known = Sources(lab(), at(now), requests, activities, calendar(), how.pop("around", surrounded()), alerts, **how)
    return Scope(known, period, explained=explained)


def worked(ref: str, *steps: Step, **form: Any) -> Story:
    """A request that has its tier since November, and what was then done."""
    return story(ref, *tiered("2025-11-03 09:00", **form), *steps)


MEETING = held("work", "02-02 09:00", "02-10 09:00")
SESSION = held("session", "02-02 09:00", "03-10 09:00")
