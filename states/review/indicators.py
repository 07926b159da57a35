"""The indicators of a period, and its flow: contract.md, “How the review counts”. Each with the entries behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from functools import partial

from states.declaration.model import Declaration
from states.declaration.types import moment
from states.declaration.vocabulary import (
    ATTENDANCE,
    DECLINED,
    DELIVERABLE,
    EFFORT,
    FOLLOW_UP,
    MANAGERS,
    OUTCOMES,
    SATISFACTION,
    UNSAID,
)
from states.lifecycle.effects import Accept, Create
from states.planning.slots import closed_because
from states.requests.entry import Entry
from states.requests.request import HELD, Stay
from states.review.dataset import AFTERNOON, MORNING, HalfDay, Held, Scope, Story
from states.review.figures import MEDIAN, P90, Figure, Item, count, figure, kept, quantile, ratio, tally

_DAY_SECONDS = 86_400


def indicators(scope: Scope) -> dict[str, Figure]:
    """The figures of domain.md's “Impact indicators”."""
    return {
        "projects_accompanied": _projects(scope),
        "projects_accompanied_year": _projects(scope.year),
        "managers_participating": _managers(scope),
        "attendance_rate": attendance(_gathered(scope, ATTENDANCE)),
        "attendance_rate_all": attendance(scope.gatherings),
        "services_participating": _services(scope),
        "services_declared": figure(len(regional(scope.declaration))),
        "deliverables": count(Item.of(e, type=e.data["type"]) for _story, e in scope.recorded(DELIVERABLE)),
        "satisfaction": satisfaction(scope),
        "space_usage_rate": _space(scope),
        "return_on_investment": _return(scope),
    }


def flow(scope: Scope) -> dict[str, Figure | dict[str, Figure]]:
    """What came in, what was answered, where requests were at the end of the period.

    What was open at the start, received and reopened is what ended and what is open at the end: nothing else is there.
    """
    found: dict[str, Figure | dict[str, Figure]] = {
        "open_at_start": count(lambda: (_since(story, stay) for story, stay in open_at(scope, scope.period.start))),
        "received": count(lambda: (Item.of(e) for _story, e in scope.of_effect(Create))),
        "reopened": count(lambda: (Item.of(e) for story, e in scope.entries if story.begins_again(e))),
        "accepted": count(lambda: (Item.of(e) for _story, e in scope.of_effect(Accept))),
        **{outcome: count(partial(_ended, scope, outcome)) for outcome in OUTCOMES},
        "open": count(lambda: (_since(story, stay) for story, stay in open_at(scope, scope.limit))),
        "open_by_state": tally(
            lambda: ((stay.state, _since(story, stay)) for story, stay in open_at(scope, scope.limit))
        ),
        "by_tier": tally(partial(accompanied_by, scope, lambda story: story.tier_at(scope.period.end))),
        "by_axis": tally(partial(accompanied_by, scope, lambda story: story.request.form["axis"])),
        "by_department": tally(partial(accompanied_by, scope, lambda story: story.request.form["department"])),
        "by_family": tally(partial(accompanied_by, scope, family_of)),
        "by_academy": tally(partial(_in_academies, scope)),
        "off_site_by_department": tally(partial(_off_site, scope)),
        "decline_reasons": tally(lambda: ((e.data["reason"], Item.of(e)) for _story, e in scope.ended(DECLINED))),
    }
    return found


def regional(declaration: Declaration) -> list[str]:
    """The services whose participation is measured."""
    return [code for code, service in declaration.services.items() if service.regional]


# --- Projects, people, services ---


def project_of(scope: Scope, ref: str) -> str:
    """The first request of the chain one belongs to."""
    while before := scope.sources.follows.get(ref):
        ref = before
    return ref


def _projects(scope: Scope) -> Figure:
    if not scope.explained:
        return figure(len({project_of(scope, ref) for ref in _worked_on(scope)}))
    held = [h for h in scope.support if h.story.request.accompanied]
    projects = {project_of(scope, h.story.ref) for h in held}
    items = (Item.of(h.entry, project=project_of(scope, h.story.ref), meeting=h.entry.data["meeting"]) for h in held)
    return figure(len(projects), items)


def _worked_on(scope: Scope) -> Iterator[str]:
    """The accompanied requests of the period, from what they add up to: no entry is read."""
    for story in scope.sources.requests:
        if story.request.accompanied and story.told_since(scope.period.start):
            for m in story.request.of_kind("work", HELD) + story.request.of_kind("session", HELD):
                if m.settled_at and scope.period.holds(m.settled_at):
                    yield story.ref


def _gathered(scope: Scope, counted: str) -> list[Held]:
    """What was held on the axes of which the review counts managers, or attendance."""
    return [held for held in scope.gatherings if held.story.declaration.axes[held.axis].counts == counted]


def _managers(scope: Scope) -> Figure:
    """Participations, not persons; unknown when people met on that axis and nobody said how many managers came."""
    held = _gathered(scope, MANAGERS)
    said = [h for h in held if h.meeting.managers is not None]
    total = sum(h.meeting.managers or 0 for h in said) if said or not held else None
    return figure(total, (Item.of(h.entry, managers=h.meeting.managers) for h in said), (len(said), len(held)))


def attendance(held: Sequence[Held]) -> Figure:
    """Attended ÷ expected or registered, over what gave both."""
    said = [h for h in held if h.meeting.attended is not None and h.expected is not None]
    items = (Item.of(h.entry, attended=h.meeting.attended, expected=h.expected) for h in said)
    present, expected = sum(h.meeting.attended or 0 for h in said), sum(h.expected or 0 for h in said)
    return figure(ratio(present, expected), items, (len(said), len(held)))


def participations(scope: Scope) -> Iterator[tuple[str, Item]]:
    """Each participation of a service: a request of its own worked on in the period, or its people at an activity.

    A request is one participation, however often it was worked on: by the first time.
    """
    firsts: dict[str, Held] = {}
    for held in sorted(scope.support, key=lambda held: (held.meeting.begins_at, held.entry.seq)):
        firsts.setdefault(held.story.ref, held)
    for held in (*firsts.values(), *scope.activities):
        for service in dict.fromkeys(held.services):
            yield service, Item.of(held.entry, service=service)


def participations_counted(scope: Scope) -> Iterator[tuple[str, Item]]:
    """Those of the services whose participation is measured, by some version of the declaration."""
    stories = (*scope.sources.requests, *scope.sources.activities)
    versions = {story.declaration.digest: story.declaration for story in stories}
    declared = {service for version in versions.values() for service in regional(version)}
    return ((service, item) for service, item in participations(scope) if service in declared)


def _services(scope: Scope) -> Figure:
    found = list(participations_counted(scope))
    part = {service for service, _item in found}
    return figure(len(part), (item for _service, item in found), (len(part), len(regional(scope.declaration))))


def satisfaction(scope: Scope) -> Figure:
    """The mean score, weighted by how many answered: 1 if it was not said. It rests on those who gave one."""
    entries = [e for _story, e in (*scope.recorded(SATISFACTION), *_evaluations(scope))]
    weights = [weighed(e) for e in entries]
    mean = ratio(sum((score * n for score, n in weights), Fraction()), sum(n for _score, n in weights))
    those = {e.stream for e in entries}
    return figure(mean, map(scored, entries), (len(those), len(those | {h.story.ref for h in scope.gatherings})))


def scored(entry: Entry) -> Item:
    """An entry that gives a score."""
    return Item.of(entry, score=entry.data["score"], respondents=entry.data.get("respondents"))


def weighed(entry: Entry) -> tuple[Fraction, int]:
    """A score out of 5, and how many gave it: one when their number was not said."""
    return Fraction(entry.data["score"]), entry.data.get("respondents", 1)


def _evaluations(scope: Scope) -> Iterator[tuple[Story, Entry]]:
    return ((story, e) for story, e in scope.activity_entries if story.declaration.recorded(e.event) == SATISFACTION)


# --- Space and money ---


def spaces(declaration: Declaration) -> list[str]:
    """The places that are the lab's own: open on days of the week, without asking anyone."""
    return [code for code, p in declaration.places.items() if p.open_days and not p.anywhere and not p.by_agreement]


def open_half_days(scope: Scope) -> set[HalfDay]:
    """The half-days of the period on which the lab's own place was open to it, of those begun if it runs."""
    declaration, around, found = scope.declaration, scope.sources.around, set()
    day = scope.period.first
    while day <= scope.last_day:
        if any(closed_because(declaration, place, day, around) is None for place in spaces(declaration)):
            found |= {half_day for half_day in ((day, MORNING), (day, AFTERNOON)) if scope.has_begun(half_day)}
        day += timedelta(days=1)
    return found


def used_half_days(scope: Scope) -> dict[HalfDay, list[Held]]:
    """The half-days of the period on which something was held in the lab's own place, and what."""
    found: dict[HalfDay, list[Held]] = {}
    for held in (*scope.held, *scope.activities):
        if held.meeting.place in spaces(scope.declaration):
            for half_day in held.half_days(scope.declaration):
                if scope.period.first <= half_day[0] <= scope.period.last:
                    found.setdefault(half_day, []).append(held)
    return found


def _space(scope: Scope) -> Figure:
    used = used_half_days(scope)
    items = (
        Item.of(held.entry, day=day.isoformat(), half_day=half)
        for (day, half), several in used.items()
        for held in several
    )
    opened = len(open_half_days(scope))
    return figure(ratio(len(used), opened), items, (len(used), opened))


def _return(scope: Scope) -> Figure:
    """Gains expected (of efforts) and stated (of follow-ups), less the costs, over the costs.

    None where no gain was recorded. It rests on the requests that gave one, of those accompanied.
    """
    hourly, gains, costs, items = scope.declaration.lab.hourly_cost, Fraction(), Fraction(), []
    gained = set()
    for _story, e in scope.recorded(EFFORT, FOLLOW_UP):
        said = {"cost", "hours", "gain"} & set(e.data)
        cost = Fraction(e.data.get("cost", 0)) + Fraction(e.data.get("hours", 0)) * hourly
        gain = Fraction(e.data.get("gain", 0))
        gains, costs = gains + gain, costs + cost
        if "gain" in said:
            gained.add(e.stream)
        if said:
            items.append(Item.of(e, gain=gain if "gain" in said else None, cost=cost if said - {"gain"} else None))
    rate = ratio(gains - costs, costs) if gained else None
    return figure(rate, items, (len(gained), len(gained | {story.ref for story in scope.accompanied})))


# --- Where requests are, and for how long ---


def open_at(scope: Scope, at: str) -> Iterator[tuple[Story, Stay]]:
    """The requests not final at an instant, and where they were."""
    for story in scope.sources.requests:
        stay = story.stay_at(at)
        if stay and not story.declaration.is_final(stay.state):
            yield story, stay


def _ended(scope: Scope, outcome: str) -> Iterator[Item]:
    return (Item.of(entry) for _story, entry in scope.ended(outcome))


def _since(story: Story, stay: Stay) -> Item:
    return Item.of(story.by_seq[stay.seq], state=stay.state)


def accompanied_by(scope: Scope, name_of: Callable[[Story], str | None]) -> Iterator[tuple[str, Item]]:
    """The accompanied requests of the period by some name, with the first entry that makes them so."""
    firsts = {h.story.ref: h for h in reversed(scope.support)}
    for story in scope.accompanied:
        yield name_of(story) or "", Item.of(firsts[story.ref].entry)


def family_of(story: Story) -> str:
    """The family of the service a request comes from."""
    declared = story.declaration.services.get(story.request.form["service"])
    return story.request.form.get("family") or (declared.family if declared else "")


def academy_of(declaration: Declaration, story: Story) -> str | None:
    """The academy of the department a request comes from, as a lab declares it now; None where none is."""
    department = declaration.departments.get(story.request.form["department"])
    return department.academy if department else None


def _in_academies(scope: Scope) -> Iterator[tuple[str, Item]]:
    return (one for one in accompanied_by(scope, partial(academy_of, scope.declaration)) if one[0])


def _off_site(scope: Scope) -> Iterator[tuple[str, Item]]:
    """What was held outside the lab's places, by the department it was in."""
    for held in (*scope.held, *scope.activities):
        if held.story.declaration.places[held.meeting.place].anywhere:
            yield held.meeting.department or UNSAID, Item.of(held.entry, meeting=held.meeting.id)


def lead_times(scope: Scope) -> dict[str, dict[str, Figure]]:
    """Per state, how long stays that ended in the period lasted, in calendar days."""
    found: dict[str, list[Fraction]] = {}
    for _story, stay in _stays(scope):
        found.setdefault(stay.state, []).append(days_of(stay))
    return {state: _lead_time(scope, state, found[state]) for state in scope.declaration.states if state in found}


def _stays(scope: Scope) -> Iterator[tuple[Story, Stay]]:
    """The stays that ended in the period."""
    for story in scope.sources.requests:
        for stay in story.request.stays if story.told_since(scope.period.start) else ():
            if stay.until is not None and scope.period.holds(stay.until):
                yield story, stay


def days_of(stay: Stay) -> Fraction:
    """The calendar days a stay that is over lasted."""
    assert stay.until is not None
    lasted = moment(stay.until) - moment(stay.since)
    return Fraction(lasted.days * _DAY_SECONDS + lasted.seconds, _DAY_SECONDS)


def _left(story: Story, stay: Stay) -> Item:
    return Item.of(story.by_seq[stay.seq], state=stay.state, until=stay.until, days=days_of(stay))


def _lead_time(scope: Scope, state: str, days: list[Fraction]) -> dict[str, Figure]:
    stays = kept(lambda: (_left(story, stay) for story, stay in _stays(scope) if stay.state == state))
    return {
        "n": Figure(len(days), stays),
        "median_days": Figure(quantile(days, MEDIAN), stays),
        "p90_days": Figure(quantile(days, P90), stays),
    }
