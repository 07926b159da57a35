"""The activities of an invented half-year: planned, opened, moved, held, evaluated, called off, or still to come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from half_year.desk import Desk, Wanted, words
from states.declaration.tables import ACTIVITY
from states.declaration.types import end_of
from states.requests.request import PLANNED, Request

Story = Iterator[str]
_TOLD = ("title", "type", "axis", "place", "capacity", "description")


def programme() -> list[tuple[float, Mapping[str, Any]]]:
    """What words.toml tells of each activity, and how far into the period it is planned."""
    return [(told["when"], told) for told in words()["activities"]]


def story(desk: Desk, told: Mapping[str, Any]) -> Story:
    """One activity, from its planning to whatever becomes of it."""
    rng = Random(told["title"])
    slot = desk.slot(rng, Wanted(told["place"], told["minutes"], (desk.coordinator,), told["ahead"]))
    if slot is None:
        return
    given = {name: told.get(name) for name in _TOLD}
    agreed = desk.declaration.places[told["place"]].by_agreement or None
    planned = desk.do(
        "", "plan_activity", at=slot, duration=f"{told['minutes']}m", staff=desk.coordinator, agreed=agreed, **given
    )
    yield from _registrations(desk, planned.ref, told, rng)
    if "moved" in told:
        yield desk.office(rng, 1)
        later = desk.slot(rng, Wanted(told["place"], told["minutes"], (desk.coordinator,), told["moved"]))
        if later is not None and _awaited(desk.request(planned.ref)):
            desk.do(planned.ref, "move_activity", note=words()["notes"]["move"][0], at=later)
    if "cancelled" in told:
        yield desk.office(rng, 1)
        desk.do(planned.ref, "cancel_activity", note=told["cancelled"])
    elif "attended" in told:
        yield from _holding(desk, planned.ref, told, rng)


def _registrations(desk: Desk, ref: str, told: Mapping[str, Any], rng: Random) -> Story:
    """Registrations are opened, and counted as they come."""
    if "registered" not in told:
        return
    yield desk.office(rng, 1)
    desk.do(ref, "open_activity")
    for registered in told["registered"]:
        yield desk.office(rng, 2)
        if _awaited(desk.request(ref)):
            desk.do(ref, "register", registered=registered)


def _holding(desk: Desk, ref: str, told: Mapping[str, Any], rng: Random) -> Story:
    """It takes place, whenever it was moved to meanwhile; some days later those who came have said what they think."""
    while _awaited(desk.request(ref)):
        meeting = desk.request(ref).meetings[0]
        over = end_of(meeting.at, meeting.duration)
        if over <= desk.now:
            counted = {name: told[name] for name in ("attended", "managers", "services")}
            desk.do(ref, "hold_activity", **counted)
        else:
            yield over
    if "score" in told and desk.request(ref).state == "held":
        yield desk.office(rng, 3)
        desk.do(ref, "evaluate_activity", score=told["score"], respondents=told["respondents"])


def _awaited(activity: Request) -> bool:
    return any(meeting.kind == ACTIVITY and meeting.status == PLANNED for meeting in activity.meetings)
