"""The persons a review counts, and the cells that say something of them.

Two gatherings that the same cells count are one block: no published cell tells them apart. Every cell about persons
is a sum over blocks, or one sum over another, whatever the format it is written in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from attrs import frozen

from states.declaration.vocabulary import ATTENDANCE, MANAGERS, SATISFACTION
from states.requests.entry import Entry
from states.review.dataset import Scope
from states.review.indicators import weighed

# Who is counted together. An axis, or a group of evaluations, is named after its code.
EVERYBODY, ON_ATTENDANCE, ON_MANAGEMENT, EVALUATIONS = "all", "attendance", "managers", "evaluations"
ACTIVITIES = "activities"  # those who judged an activity

# What a cell says of those it is about: a sum, or one sum over another.
SAYS: Mapping[str, tuple[str, str | None]] = {
    "present": ("present", None),
    "expected": ("expected", None),
    "rate": ("present", "expected"),
    "managers": ("managers", None),
    "respondents": ("respondents", None),
    "mean": ("score", "respondents"),
}


class About(NamedTuple):
    """A cell about persons: what it says, and of whom."""

    says: str
    whom: str


# The figures of the document that are about persons.
FIGURES: Mapping[str, About] = {
    "indicators.managers_participating": About("managers", ON_MANAGEMENT),
    "indicators.attendance_rate": About("rate", ON_ATTENDANCE),
    "indicators.satisfaction": About("mean", EVALUATIONS),
    "indicators.attendance_rate_all": About("rate", EVERYBODY),
}


def on_axis(code: str) -> str:
    return f"axis.{code}"


def after(code: str) -> str:
    """Those who judged what was done after a tier, a kind of request, or at activities."""
    return f"after.{code}"


class Block(NamedTuple):
    """What is added up (persons present, scores…) over the persons that the same cells are about."""

    measure: str
    whom: frozenset[str]


class Sum(NamedTuple):
    """How many persons, and what is added up over them: these persons, or what they said."""

    persons: int
    amount: Fraction


@frozen
class Persons:
    """The persons of a semester."""

    sums: Mapping[Block, Sum]

    def of(self, measure: str, whom: str) -> dict[Block, Sum]:
        """What a sum is made of."""
        return {block: found for block, found in self.sums.items() if block.measure == measure and whom in block.whom}

    def value(self, cell: About) -> Fraction | None:
        """What a cell says; None when nobody can compute it."""
        over, under = SAYS[cell.says]
        above = self.of(over, cell.whom)
        if not above:
            return None
        total = sum((found.amount for found in above.values()), Fraction())
        if under is None:
            return total
        below = sum((found.amount for found in self.of(under, cell.whom).values()), Fraction())
        return total / below if below else None

    def behind(self, cell: About) -> list[int]:
        """The numbers of persons that a cell is, or is computed from."""
        sums = (self.of(measure, cell.whom).values() for measure in SAYS[cell.says] if measure)
        return [sum(found.persons for found in found_of) for found_of in sums]

    def groups(self, named: str) -> list[str]:
        """Those counted together under such a name, the largest group first."""
        sizes: dict[str, int] = {}
        for block, found in self.sums.items():
            for whom in block.whom:
                if whom.startswith(named):
                    sizes[whom] = sizes.get(whom, 0) + found.persons
        return sorted(sizes, key=lambda whom: (-sizes[whom], whom))


def persons(scope: Scope) -> Persons:
    """Those of a period: present and expected where both were said, managers, those who gave a score."""
    sums: dict[Block, Sum] = {}
    for block, people, amount in _counted(scope):
        before = sums.get(block, Sum(0, Fraction()))
        sums[block] = Sum(before.persons + people, before.amount + amount)
    return Persons(sums)


def _counted(scope: Scope) -> Iterator[tuple[Block, int, Fraction]]:
    for held in scope.gatherings:
        meeting, counts = held.meeting, held.story.declaration.axes[held.axis].counts
        if meeting.managers is not None and counts == MANAGERS:
            yield Block("managers", frozenset({ON_MANAGEMENT})), meeting.managers, Fraction(meeting.managers)
        if meeting.attended is not None and held.expected is not None:
            whom = frozenset({EVERYBODY, on_axis(held.axis)} | ({ON_ATTENDANCE} if counts == ATTENDANCE else set()))
            yield Block("present", whom), meeting.attended, Fraction(meeting.attended)
            yield Block("expected", whom), held.expected, Fraction(held.expected)
    for group, entry in evaluations(scope):
        score, people = weighed(entry)
        whom = frozenset({EVALUATIONS, after(group)})
        yield Block("respondents", whom), people, Fraction(people)
        yield Block("score", whom), people, score * people


def evaluations(scope: Scope) -> Iterator[tuple[str, Entry]]:
    """Each score given in the period, by the tier of its request then, else its kind; those of activities together."""
    for story, entry in scope.recorded(SATISFACTION):
        yield story.tier_at(scope.period.end) or story.request.kind, entry
    for story, entry in scope.activity_entries:
        if story.declaration.recorded(entry.event) == SATISFACTION:
            yield ACTIVITIES, entry
