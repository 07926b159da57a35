"""What the chapters of the review are made with: its figures as cells, the texts of the vault, labels, the mask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeVar

from attrs import Factory, evolve, frozen

from handlers.review.pack import Cell, Table
from handlers.review.text import signed
from states.declaration.model import Declaration
from states.declaration.types import local
from states.language import _, numeric_date
from states.review.dataset import Scope, Story
from states.review.document import Review, names
from states.review.figures import Figure
from states.review.governance import signals
from states.review.persons import ACTIVITIES, FIGURES, About, Persons, persons
from states.review.publishing import Edition
from states.review.splits import OF, received, splits

Counted = TypeVar("Counted", bound=tuple[Cell, ...])
Texts = Callable[[str, int, str], str | None]  # reference, entry, field -> what the vault still holds


@frozen
class Telling:
    """One review to be told: its figures by full name, those of the semester before, and the words around them."""

    review: Review
    figures: Mapping[str, Figure]
    before: Mapping[str, Figure] | None
    texts: Texts
    orientations: tuple[str, ...] = ()
    edition: Edition | None = None  # what of it is published, when it is for the public
    splits: Mapping[str, Figure] = Factory(dict)  # what only chapters show, by full name too
    proofs: Mapping[str, str] = Factory(dict)  # figure -> the list or part of one that the entries behind it are

    @classmethod
    def of(
        cls, review: Review, texts: Texts, orientations: Iterable[str] = (), *, edition: Edition | None = None
    ) -> Telling:
        """The review without what only chapters show of it."""
        before = None if review.previous is None else names(review.previous)
        return cls(review, names(review.figures), before, texts, tuple(orientations), edition)

    def in_full(self) -> Telling:
        """The same with what chapters show: counts of parts of figures, and of those of the semester before."""
        past = None if self.before is None else {**self.before, **names({"received": received(self.scope.previous)})}
        return evolve(self, before=past, splits=names(splits(self.scope)))

    @property
    def public(self) -> bool:
        return self.edition is not None

    @cached_property
    def stories(self) -> Mapping[str, Story]:
        """The requests and activities it is computed from, by their reference."""
        sources = self.scope.sources
        return {story.ref: story for story in (*sources.requests, *sources.activities)}

    @property
    def scope(self) -> Scope:
        return self.review.scope

    @property
    def declaration(self) -> Declaration:
        return self.review.scope.declaration

    # --- Figures ---

    def cell(self, name: str, kind: str = "count") -> Cell:
        """The figure of that full name, with its evidence. What was counted and never came up is 0."""
        found = self.figure(name)
        if found is None:
            return Cell(0 if kind == "count" else None, kind)
        return self._of_persons(name, self.scope, self.led(name, Cell(found.value, kind)))

    def figure(self, name: str) -> Figure | None:
        """A figure or a part of one; None of what was counted and never came up."""
        return self.figures.get(name) or self.splits.get(name)

    def number(self, name: str) -> int:
        """How many a count is of."""
        found = self.figure(name)
        return found.value if found else 0

    def said(self, name: str) -> list[Mapping[str, Any]]:
        """What each entry behind a part of a figure brings to it."""
        found = self.splits.get(name)
        return [item.said for item in found.items] if found else []

    def led(self, name: str, cell: Cell) -> Cell:
        """A cell that tells of the entries listed under a name, and leads to them if they are."""
        listed = self.proofs.get(name)
        return evolve(cell, evidence=listed) if listed else cell

    def past(self, name: str, kind: str = "count") -> Cell:
        """The same figure of the semester before; no data when nothing precedes the period."""
        return Cell(None, kind) if self.before is None else self._of(self.before, self.scope.previous, name, kind)

    def course(self, name: str, kind: str = "count") -> tuple[Cell, ...]:
        """The figure over the last semesters, oldest first, this one last."""
        semesters = zip(self.review.course, self.review.scopes, strict=True)
        return tuple(self._of(figures, scope, name, kind) for figures, scope in semesters)

    def _of(self, figures: Mapping[str, Figure], scope: Scope, name: str, kind: str) -> Cell:
        found = figures.get(name)
        return self._of_persons(name, scope, Cell(found.value if found else 0 if kind == "count" else None, kind))

    def difference(self, name: str, kind: str = "count") -> str:
        """By how much a figure differs from the semester before: `+12`, `−3 points`; empty when one is not known."""
        now, before = self.cell(name, kind).value, self.past(name, kind).value
        if isinstance(now, int | Fraction) and isinstance(before, int | Fraction):
            return signed(Fraction(now) - before, kind)
        return ""

    def below(self, group: str) -> list[str]:
        """The codes of a group of figures there is something to say about, now or the semester before."""
        known = [*self.figures, *self.splits, *(self.before or ())]
        return list(dict.fromkeys(name.removeprefix(f"{group}.") for name in known if name.startswith(f"{group}.")))

    def broken_down(self, code: str, group: str, title: str, by: str, vocabulary: str) -> Table:
        """A group of counts, a row for each code, the most frequent first, beside the semester before."""
        rows = [
            (
                words(self.label(vocabulary, name) or _("not said")),
                self.cell(f"{group}.{name}"),
                self.past(f"{group}.{name}"),
            )
            for name in self.below(group)
        ]
        return self.compared(code, title, by, by_frequency(rows))

    def headings(self) -> tuple[str, ...]:
        """What the columns of this semester and of the one before are called: how far they go, if not whole.

        One alone where nothing is known of the semester before: nobody could fill its column.
        """
        now, before = _("This semester"), _("Semester before")
        if self.scope.running:
            so_far, until = (numeric_date(scope.last_day) for scope in (self.scope, self.scope.previous))
            now, before = _("Up to {day}", day=so_far), _("Semester before, up to {day}", day=until)
        known = self.before is not None and self.scope.previous.has_history
        return (now, before) if known else (now,)

    def compared(
        self, code: str, title: str, by: str, rows: Iterable[tuple[Cell, Cell, Cell]], note: str = ""
    ) -> Table:
        """Figures by name beside those of the semester before; alone where nothing is known of it."""
        compared, shown = list(rows), self.headings()
        if compared and all(before.value is None and not before.masked for _name, _now, before in compared):
            shown = shown[:1]
        return table(code, title, (by, *shown), (row[: 1 + len(shown)] for row in compared), note)

    # --- Persons ---

    @cached_property
    def persons(self) -> Persons:
        """Those of the period, by what every cell that tells of some is made of."""
        return persons(self.scope)

    def of_persons(self, says: str, whom: str) -> Cell:
        """A cell about persons of the period: what it says, of whom. Whether it is masked is the edition's to say."""
        value = self.persons.value(About(says, whom))
        kind = _KINDS.get(says, "count")
        cell = Cell(int(value) if value is not None and kind == "count" else value, kind)
        return self._masked(cell, About(says, whom), self.scope)

    def _of_persons(self, name: str, scope: Scope, cell: Cell) -> Cell:
        """A figure: masked where it is about persons of whom the edition does not tell."""
        return self._masked(cell, FIGURES[name], scope) if name in FIGURES else cell

    def _masked(self, cell: Cell, about: About, scope: Scope) -> Cell:
        told = self.edition is None or cell.value is None or self.edition.shows(scope.period.code, about)
        return cell if told else Cell(None, cell.kind, masked=True)

    @cached_property
    def signals(self) -> list[dict[str, Any]]:
        """The signals of the review; none that would say a masked figure again."""
        return [one for one in signals(self.scope) if self.edition is None or self.edition.tells(one)]

    # --- Words ---

    def label(self, vocabulary: str, code: str | None) -> str:
        return self.declaration.label(vocabulary, code)

    def places(self, states: Iterable[str]) -> tuple[int, ...]:
        """Where each state is in the declaration; one that only an earlier version knew comes after them all."""
        order = {code: n for n, code in enumerate(self.declaration.states)}
        return tuple(order.get(code, len(order)) for code in states)

    def deadline(self, ref: str, kind: str) -> str:
        """The words of a deadline, for the kind of request it is of."""
        story = self.stories[ref]
        return story.declaration.deadline_label(kind, story.request.kind)

    def due(self, code: str) -> str:
        """The words of the deadlines that are counted together under a code of `splits`."""
        kind, _of, request = code.partition(OF)
        return self.declaration.deadline_label(kind, request)

    def title(self, ref: str) -> str | None:
        """The title of a request or activity; none in a published file, where it could name someone."""
        story = self.stories.get(ref)
        return None if story is None else self.text(ref, story.request.form["title"]["seq"], "title")

    def service(self, ref: str) -> str:
        """The label of the service a request comes from; empty for an activity."""
        story = self.stories.get(ref)
        return "" if story is None else self.label("services", story.request.form.get("service"))

    def text(self, ref: str, seq: int, field: str) -> str | None:
        """What someone wrote; nothing of it is published."""
        return None if self.public else self.texts(ref, seq, field)

    def day(self, at: str) -> Cell:
        return Cell(local(at, self.declaration.lab.tz).date(), "date")


_KINDS = {"rate": "rate", "mean": "number"}


def judges(declaration: Declaration, group: str) -> str:
    """What those who gave a score judge: a tier, a kind of request, activities."""
    if group == ACTIVITIES:
        return _("Activities")
    return declaration.label("tiers" if group in declaration.tiers else "kinds", group)


def by_frequency(rows: Iterable[Counted]) -> list[Counted]:
    """Rows of a name and its counts, the most frequent first."""

    def rank(row: Counted) -> tuple[int, str]:
        counted = row[1].value
        return -counted if isinstance(counted, int) else 0, str(row[0].value)

    return sorted(rows, key=rank)


def count(value: int | None) -> Cell:
    return Cell(value, "count")


def words(value: Any) -> Cell:
    return Cell(None if value is None else str(value))


def ref(value: str) -> Cell:
    return Cell(value, "ref")


def number(value: Fraction | int | None, kind: str) -> Cell:
    return Cell(value, kind)


def table(code: str, title: str, columns: Iterable[str], rows: Iterable[Iterable[Cell]], note: str = "") -> Table:
    return Table(code, title, tuple(columns), tuple(tuple(row) for row in rows), note)
