"""What of a review may be published: nothing that tells of fewer than five persons, alone or with what is out already.

A total less its parts, a rate times what it is of, an earlier edition less this one are linear combinations of cells.
A cell about persons is published if it is not about so few and if no combination of it with those that are out, in
this edition or in those before, then tells of groups under five persons alone. What counts requests is published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from attrs import frozen

from states.review.document import Review
from states.review.persons import (
    EVALUATIONS,
    EVERYBODY,
    FIGURES,
    SAYS,
    About,
    Block,
    Persons,
    Sum,
    after,
    on_axis,
    persons,
)

FEW = 5  # persons: of a group of fewer nothing is told

Form = Mapping[tuple[Block, Sum], Fraction]  # a cell as an equation: how many times each sum counts in it


@frozen
class Shown:
    """What an edition tells of the persons of one semester."""

    persons: Persons
    cells: frozenset[About]

    def forms(self) -> Iterator[Form]:
        return (_form(self.persons, cell) for cell in self.cells)


@frozen
class Edition:
    """A review as it is published: by semester (its own, and those it is compared with), what it tells of persons."""

    semester: str
    known_at: str
    shown: Mapping[str, Shown]

    def shows(self, semester: str, cell: About) -> bool:
        return cell in self.shown[semester].cells

    def tells(self, signal: Mapping[str, Any]) -> bool:
        """Whether a signal may be told: not one that says again a figure about persons that is masked."""
        return signal.get("cause") != "satisfaction" or self.shows(self.semester, FIGURES["indicators.satisfaction"])

    def masked(self) -> list[tuple[str, About]]:
        """The cells that say something and are not told, each with its semester."""
        return [
            (code, cell)
            for code, shown in self.shown.items()
            for cell in _candidates(shown.persons, whole=code == self.semester)
            if cell not in shown.cells and shown.persons.value(cell) is not None
        ]


def edition(review: Review, earlier: Iterable[Edition] = ()) -> Edition:
    """The edition of a review that tells the most; `earlier`: those that are out, whatever their semester."""
    out: dict[str, list[Shown]] = {}
    for one in earlier:
        for code, told in one.shown.items():
            out.setdefault(code, []).append(told)
    shown = {}
    for scope in review.scopes:
        code = scope.period.code
        shown[code] = _shown(persons(scope), whole=scope is review.scope, out=out.get(code, ()))
    return Edition(review.period.code, review.scope.sources.now, shown)


def _shown(counted: Persons, *, whole: bool, out: Sequence[Shown]) -> Shown:
    earlier = [form for shown in out for form in shown.forms()]
    forms = {cell: _form(counted, cell) for cell in _candidates(counted, whole=whole)}
    steps = _Steps([*earlier, *forms.values()])
    for form in earlier:
        steps.put_out(form)
    kept = set()
    for cell, form in forms.items():
        if not any(0 < n < FEW for n in counted.behind(cell)) and not steps.tells_of_few(form):
            steps.put_out(form)
            kept.add(cell)
    return Shown(counted, frozenset(kept))


def _candidates(counted: Persons, *, whole: bool) -> list[About]:
    """The cells about persons, in the order in which they are kept: what page one says, then the largest groups.

    Of attendance the parts come before their total, of satisfaction the mean of all before its parts. Of a semester
    that this one is compared with, only its figures are told.
    """
    figures = list(FIGURES.values())
    if not whole:
        return figures
    parts = [About(says, whom) for whom in (*counted.groups(on_axis("")), EVERYBODY) for says in _ATTENDANCE]
    judged = [About(says, whom) for whom in (EVALUATIONS, *counted.groups(after(""))) for says in _SATISFACTION]
    return list(dict.fromkeys([*figures[:-1], *parts, *judged]))


_ATTENDANCE, _SATISFACTION = ("present", "expected", "rate"), ("respondents", "mean")


# --- Linear combinations ---


def _form(counted: Persons, cell: About) -> Form:
    """A cell as an equation. Of a rate, that so many times those expected are those present."""
    over, under = SAYS[cell.says]
    value = counted.value(cell)
    found = {one: Fraction(1) for one in counted.of(over, cell.whom).items()}
    if under is not None and value is not None:
        found |= dict.fromkeys(counted.of(under, cell.whom).items(), -value)
    return {one: times for one, times in found.items() if one[1].persons}  # of nobody there is nothing to hide


class _Steps:
    """The same sum in several editions, as what it grew by from one of its values to the next.

    What a sum grew by is about the persons who came in between: it tells of few where these are few.
    """

    def __init__(self, forms: Iterable[Form]) -> None:
        values: dict[Block, set[Sum]] = {}
        for form in forms:
            for block, value in form:
                values.setdefault(block, set()).add(value)
        self._steps: dict[tuple[Block, Sum], list[int]] = {}
        few: list[bool] = []
        for block, several in values.items():
            before, steps = 0, list[int]()
            for value in sorted(several):
                steps = [*steps, len(few)]
                few.append(value.persons - before < FEW)
                self._steps[block, value], before = steps, value.persons
        self._size, self._many = len(few), [n for n, one in enumerate(few) if not one]
        self._all, self._of_many = Combinations(), Combinations()

    def tells_of_few(self, form: Form) -> bool:
        """Whether some combination of this one with those already out is about few persons alone."""
        row = self._row(form)
        return self._all.adds(row) and not self._of_many.adds(self._without_few(row))

    def put_out(self, form: Form) -> None:
        row = self._row(form)
        self._all.add(row)
        self._of_many.add(self._without_few(row))

    def _row(self, form: Form) -> list[Fraction]:
        row = [Fraction(0)] * self._size
        for one, times in form.items():
            for step in self._steps[one]:
                row[step] += times
        return row

    def _without_few(self, row: Sequence[Fraction]) -> list[Fraction]:
        return [row[n] for n in self._many]


class Combinations:
    """All the linear combinations of some rows."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, list[Fraction]]] = []  # each with the column that no later one has

    def adds(self, row: Sequence[Fraction]) -> bool:
        """Whether a row is none of them."""
        return any(self._rest(row))

    def add(self, row: Sequence[Fraction]) -> None:
        rest = self._rest(row)
        pivot = next((n for n, value in enumerate(rest) if value), None)
        if pivot is not None:
            self._rows.append((pivot, rest))

    def _rest(self, row: Sequence[Fraction]) -> list[Fraction]:
        rest = list(row)
        for pivot, other in self._rows:
            if rest[pivot]:
                times = rest[pivot] / other[pivot]
                rest = [a - times * b if b else a for a, b in zip(rest, other, strict=True)]
        return rest
