"""What a committee decides on, and what it should know of a period: deadlines, derogations, decisions, signals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

from attrs import evolve

from states.deadlines import MET, MISSED, Deadline
from states.declaration.vocabulary import CLOSED, DECLINED, UNSAID
from states.lifecycle.effect import Effect
from states.lifecycle.effects import Accept, AssignTier, ChangeTier, Comment, Create, Derogate, Ratify, Validate
from states.lifecycle.landmarks import awaits
from states.requests.entry import Entry
from states.review.dataset import Raised, Scope, Story
from states.review.figures import Figure, Item, count, figure, kept, ratio, tally
from states.review.indicators import participations, regional, satisfaction

# When the offer does not match needs (domain.md, “Risks”): each threshold, and what is over or under it.
DECLINED_SHARE, MEAN_SATISFACTION, CHANGED_SHARE = Fraction(3, 10), Fraction(7, 2), Fraction(1, 3)


# --- Requesters ---

AGREED = {True: "yes", False: "no", None: UNSAID}


def agreement(scope: Scope) -> dict[str, dict[str, Figure]]:
    """Whether requesters agreed to a closing, a refusal, another tier, as it was recorded: opinions of persons."""
    asked = {
        "closed": scope.ended(CLOSED),
        "declined": scope.ended(DECLINED),
        "tier_changed": scope.of_effect(ChangeTier),
    }
    return {what: tally(partial(_opinions, list(those))) for what, those in asked.items()}


def _opinions(those: Iterable[tuple[Story, Entry]]) -> Iterator[tuple[str, Item]]:
    return ((AGREED[e.data.get("agreed")], Item.of(e)) for _story, e in those)


# --- Deadlines ---


def judged(scope: Scope) -> Iterator[tuple[Story, Deadline, bool]]:
    """Each deadline whose due moment lies in the period and has come, with whether it was met.

    One still open past its due moment is missed; one that is paused moves with its due moment; one dropped does not
    count, nor a duty only to record what was held.
    """
    for story in scope.sources.requests:
        for deadline in story.deadlines(scope.sources.calendar, scope.sources.now):
            if scope.period.holds(deadline.due_at) and not story.declaration.deadlines[deadline.kind].is_to_record:
                if deadline.status in (MET, MISSED):
                    yield story, deadline, deadline.status == MET
                elif deadline.is_late(scope.sources.now):
                    yield story, deadline, False


def deadline_figures(scope: Scope) -> dict[str, Figure]:
    """How many deadlines of the period were met, how many missed, and the rate."""
    counted = Counter(in_time for _story, _deadline, in_time in judged(scope))

    def of(*in_times: bool) -> Iterator[Item]:
        return (deadline_item(story, deadline) for story, deadline, in_time in judged(scope) if in_time in in_times)

    return {
        "met": Figure(counted[True], kept(partial(of, True))),
        "missed": Figure(counted[False], kept(partial(of, False))),
        "rate": Figure(ratio(counted[True], counted.total()), kept(partial(of, True, False))),
    }


def deadline_item(story: Story, deadline: Deadline) -> Item:
    """A deadline by the entry it is counted from: that of its state, or the plan of its meeting."""
    entry = story.by_seq.get(deadline.seq)
    if entry is None:
        entry = next(e for e in story.effective if e.data.get("meeting") == deadline.meeting)
    return Item.of(entry, kind=deadline.kind, due_at=deadline.due_at, settled_at=deadline.settled_at)


# --- Out of the ordinary ---


def waivers(scope: Scope) -> list[Item]:
    """Each rule waived in the period."""
    found = [Item.of(e, rule=rule) for _story, e in scope.entries for rule in e.data.get("waived", ())]
    return list(figure(None, found).items)


def derogations(scope: Scope) -> list[Item]:
    """Each time meetings beyond a tier's cap were granted."""
    return list(count(Item.of(e, extra=e.data["extra"]) for _story, e in scope.of_effect(Derogate)).items)


def corrections(scope: Scope) -> Figure:
    """The entries that were struck, by when they had occurred; of whom is counted nowhere."""
    stories = (*scope.sources.requests, *scope.sources.activities)
    told = (story for story in stories if story.told_since(scope.period.start))
    struck = ((story, e) for story in told for e in story.entries if e.seq in story.gone)
    return count(Item.of(e, corrected_by=story.gone[e.seq]) for story, e in struck if scope.period.holds(e.occurred_at))


def alerts(scope: Scope) -> dict[str, Figure] | None:
    """How many alerts were raised, by rule; None when the watch, which raises them, did not go round."""
    if not scope.watched:
        return None
    return tally(partial(_raised, scope))


def _raised(scope: Scope) -> Iterator[tuple[str, Item]]:
    for a in scope.sources.alerts:
        if scope.period.holds(a.raised_at):
            yield a.rule, Item(a.ref or "", a.id, "alert_raised", a.raised_at, {"level": a.level})


def standing(scope: Scope) -> list[Raised]:
    """The alerts that stood at the end of the period, or at the moment known at if earlier."""
    limit = scope.limit
    return [a for a in scope.sources.alerts if a.raised_at < limit and (a.settled_at is None or a.settled_at >= limit)]


# --- The committee ---


def to_validate(scope: Scope) -> list[Story]:
    """The projects that wait for their validation, of those that had a tier by the end of the period."""
    return [story for story in _awaiting(scope, "validate") if story.tier_at(scope.period.end)]


def to_ratify(scope: Scope) -> list[Story]:
    """Those validated by delegation by the end of the period, that the committee has not ratified yet."""
    asked = ((story, last(story, Validate)) for story in _awaiting(scope, "ratify"))
    return [story for story, entry in asked if entry and entry.occurred_at < scope.period.end]


def _awaiting(scope: Scope, decision: str) -> Iterator[Story]:
    return (story for story in scope.sources.requests if awaits(story.declaration, story.request) == decision)


def awaited(scope: Scope) -> Figure:
    """The decisions the committee is asked for: each by the entry that asks for it."""
    tiers = ((story, last(story, AssignTier, ChangeTier)) for story in to_validate(scope))
    validations = ((story, last(story, Validate)) for story in to_ratify(scope))
    validating = [Item.of(entry, decision="validate") for _story, entry in tiers if entry]
    return count([*validating, *(Item.of(entry, decision="ratify") for _story, entry in validations if entry)])


def last(story: Story, *effects: type[Effect]) -> Entry | None:
    """The last effective entry with one of these effects."""
    return next((e for e in reversed(story.effective) if story.does(e, *effects)), None)


def _decisions(story: Story) -> list[Entry]:
    decided = any("decision" in record.data for record in story.request.records)
    return [e for e in story.effective if story.does(e, Ratify)] if decided else []


def decisions(scope: Scope) -> list[tuple[Story, Entry]]:
    """What the committee decided on this review: said of its semester, or in it when nothing is said."""
    found = []
    for story in scope.sources.requests:
        for entry in _decisions(story):
            review = entry.data.get("review")
            if review == scope.period.code or (review is None and scope.period.holds(entry.occurred_at)):
                found.append((story, entry))
    return sorted(found, key=lambda one: (one[1].occurred_at, one[1].stream, one[1].seq))


def project_committees(scope: Scope) -> list[tuple[Story, Entry]]:
    """The comités de projet held in the period: each a comment that says so, on one request; oldest first."""
    said = [(story, entry) for story, entry in scope.of_effect(Comment) if Comment.of_committee(entry.data)]
    return sorted(said, key=lambda one: (one[1].occurred_at, one[1].stream, one[1].seq))


# --- Signals ---


def signals(scope: Scope) -> list[dict[str, Any]]:
    """`low_use`: a regional service that neither asked nor came for two semesters. `mismatch`: the offer and needs."""
    return [*_low_use(scope), *_mismatch(scope)]


def reached(scope: Scope) -> set[str]:
    """The services that asked for something or took part in the period."""
    asked = {story.request.form["service"] for story, _entry in scope.of_effect(Create)}
    return asked | {service for service, _item in participations(scope)}


def _low_use(scope: Scope) -> Iterator[dict[str, Any]]:
    """Said of two whole semesters, all of them in the lab's history: of less, silence says nothing."""
    first = scope.sources.first_at
    if scope.running or first is None or first > scope.previous.period.start:
        return
    known = reached(scope) | reached(scope.previous)
    for service in regional(scope.declaration):
        if service not in known:
            yield {"rule": "low_use", "service": service}


def signalled(scope: Scope) -> list[Item]:
    """The entries that a signal was made of, each with its cause; a service that was silent left none."""
    causes = {one["cause"] for one in _mismatch(scope)}
    found: list[Item] = []
    if "declined_share" in causes:
        answers = (*scope.ended(DECLINED), *scope.of_effect(Accept))
        found += [Item.of(entry, cause="declined_share") for _story, entry in answers]
    if "satisfaction" in causes:
        found += [evolve(item, said={**item.said, "cause": "satisfaction"}) for item in satisfaction(scope).items]
    if "tiers_changed" in causes:
        changed = scope.of_effect(AssignTier, ChangeTier)
        found += [Item.of(entry, cause="tiers_changed") for _story, entry in changed]
    return found


def _mismatch(scope: Scope) -> Iterator[dict[str, Any]]:
    declined = sum(1 for _found in scope.ended(DECLINED))
    accepted = sum(1 for _found in scope.of_effect(Accept))
    share = ratio(declined, declined + accepted)
    if share is not None and share > DECLINED_SHARE:
        yield {"rule": "mismatch", "cause": "declined_share", "value": share}
    mean = satisfaction(scope).value
    if mean is not None and mean < MEAN_SATISFACTION:
        yield {"rule": "mismatch", "cause": "satisfaction", "value": mean}
    changed = {story.ref for story, _entry in scope.of_effect(ChangeTier)}
    tiered = changed | {story.ref for story, _entry in scope.of_effect(AssignTier)}
    share = ratio(len(changed), len(tiered))
    if share is not None and share >= CHANGED_SHARE:
        yield {"rule": "mismatch", "cause": "tiers_changed", "value": share}
