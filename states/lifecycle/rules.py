"""All the rules an attempt is judged by once its edge is known: those every event obeys, and the event's own guards."""

from __future__ import annotations

from collections.abc import Iterator

from states.declaration.types import local
from states.errors import Refusal
from states.language import _, enumeration, long_time
from states.lifecycle.attempt import Attempt
from states.lifecycle.guards import GUARDS


def unmet(attempt: Attempt) -> Iterator[Refusal]:
    """Every rule not met. When someone only asks, a guard without its input adds it to what the attempt needs."""
    yield from common(attempt)
    for name in attempt.event.guards:
        guard = GUARDS[name]
        absent = [need for need in guard.needs if need not in attempt.inputs] if attempt.asking else []
        attempt.needs += [need for need in absent if need not in attempt.needs]
        if not absent:
            yield from guard.check(attempt)


def common(attempt: Attempt) -> Iterator[Refusal]:
    """The rules every event obeys: role, waivers, time."""
    declaration, event = attempt.declaration, attempt.event
    held = declaration.roles_of(attempt.role)
    if not held & set(event.roles):
        allowed = [declaration.label("roles", role) for role in event.roles]
        yield Refusal(
            "role",
            _("“{event}” is not for the role {role}.", event=event.text, role=declaration.label("roles", attempt.role)),
            _("It is for: {roles}.", roles=enumeration(allowed)),
        )
    for rule in sorted(attempt.waive):
        if rule not in event.waives or not held & set(event.waives[rule]):
            yield _not_waived(attempt, rule)
    yield from _times(attempt)


def _not_waived(attempt: Attempt, rule: str) -> Refusal:
    declaration, event = attempt.declaration, attempt.event
    if rule in event.waives:
        who = enumeration([declaration.label("roles", role) for role in event.waives[rule]], _("or"))
        remedy = _("It may be waived by: {roles}.", roles=who)
    elif event.waives:
        remedy = _("What may be waived here: {rules}.", rules=", ".join(event.waives))
    else:
        remedy = _("Nothing may be waived here.")
    return Refusal("waiver_not_allowed", _("“{rule}” cannot be waived by you here.", rule=rule), remedy)


def _times(attempt: Attempt) -> Iterator[Refusal]:
    zone, request = attempt.declaration.lab.tz, attempt.request
    if attempt.occurred_at > attempt.now:
        yield Refusal(
            "at_in_future",
            _("{moment} is in the future.", moment=long_time(local(attempt.occurred_at, zone))),
            _("Enter it once it has happened."),
        )
    floor = request.submitted_at if attempt.event.since == "reception" else request.last_at
    if attempt.event.dated and attempt.occurred_at < floor:
        yield Refusal(
            "at_before_previous",
            _(
                "{moment} is before the previous entry, of {previous}.",
                moment=long_time(local(attempt.occurred_at, zone)),
                previous=long_time(local(floor, zone)),
            ),
            _("Give a later --at, or undo the later entry first: coop undo {ref}", ref=request.ref),
        )
