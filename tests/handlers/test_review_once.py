"""What a review says, it says once: no figure stands in two chapters, no column that nobody could fill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import combinations

import pytest
from attrs import evolve
from packs import sample
from reviews import told

from handlers.review.cells import Telling
from handlers.review.formats.tables import identity, page_one, tables
from handlers.review.pack import Cell, Chapter, Evidence, Pack, Table
from handlers.review.text import written
from handlers.review.words import figure_name
from states.language import spoken
from workflow.testing import Lab

# The first of the lab, which is over, and the second, which runs: each with the moment it is looked at.
SEMESTERS = {"2026-S1": None, "2026-S2": "2026-12-01T10:00:00Z"}
ENOUGH = 3  # numbers of which two series that are alike are no chance


@pytest.fixture(scope="module", params=SEMESTERS)
def review(request: pytest.FixtureRequest, half_year: Lab) -> Pack:
    return told(half_year, code=request.param, now=SEMESTERS[request.param])


def series(found: Pack) -> Iterator[tuple[str, str, tuple[tuple[str, Fraction], ...]]]:
    """Every column and every row of numbers of the chapters: its table, its name, the numbers that are not 0."""
    for chapter in found.chapters:
        for one in (*(chart.table for chart in chapter.charts), *chapter.tables):
            for n, column in enumerate(one.columns[1:], start=1):
                yield one.code, column, _numbers(row[n] for row in one.rows)
            for row in one.rows:
                yield one.code, written(row[0]), _numbers(row[1:])


def _numbers(cells: Iterable[Cell]) -> tuple[tuple[str, Fraction], ...]:
    """What is counted or measured, with what it is, in whatever order; 0 tells nothing."""
    known = ((cell.kind, cell.value) for cell in cells if cell.value)
    return tuple(sorted((kind, Fraction(value)) for kind, value in known if isinstance(value, int | Fraction)))


def alike(found: Pack) -> list[str]:
    """The series of two tables that say the same numbers."""
    known = [one for one in series(found) if len(set(one[2])) >= ENOUGH]
    return [
        f"{one[0]} {one[1]} = {other[0]} {other[1]}"
        for one, other in combinations(known, 2)
        if one[0] != other[0] and one[2] == other[2]
    ]


def test_no_two_tables_of_the_chapters_say_the_same_numbers(review: Pack) -> None:
    assert alike(review) == []


def test_two_tables_that_say_the_same_numbers_are_found() -> None:
    pack = sample("fr")
    kept = pack.chapters[0].charts[1].table
    again = evolve(kept, code="again", rows=tuple(reversed(kept.rows)))
    twice = evolve(pack, chapters=(*pack.chapters, Chapter("again", "Encore", tables=(again,))))
    assert len(alike(twice)) == len(alike(pack)) + 1


@pytest.mark.parametrize("semester", SEMESTERS)
def test_each_figure_is_shown_by_one_table(half_year: Lab, semester: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page one alone says again what a chapter says: it is the summary of them."""
    asked: Counter[str] = Counter()
    real = Telling.cell

    def counted(self: Telling, name: str, kind: str = "count") -> Cell:
        asked[name] += 1
        return real(self, name, kind)

    monkeypatch.setattr("handlers.review.contents.front", lambda _told: sample("fr").front)
    monkeypatch.setattr(Telling, "cell", counted)
    told(half_year, code=semester, now=SEMESTERS[semester])
    assert len(asked) > 60
    assert {name for name, times in asked.items() if times > 1} == set()


def unfilled(found: Pack) -> list[tuple[str, str]]:
    """The columns in which nobody could say anything; what is unknown of one thing alone is said."""
    return [
        (one.code, column)
        for _chapter, one in tables(found)
        for n, column in enumerate(one.columns)
        if len(one.rows) > 1 and all(_unsaid(row[n]) for row in one.rows)
    ]


def _unsaid(cell: Cell) -> bool:
    return not cell.masked and cell.value in (None, "")


@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize("semester", SEMESTERS)
def test_no_column_is_one_that_nobody_could_fill(half_year: Lab, semester: str, public: bool) -> None:
    assert unfilled(told(half_year, code=semester, public=public, now=SEMESTERS[semester])) == []


def test_in_the_first_semester_the_one_before_is_spoken_of_nowhere(half_year: Lab) -> None:
    found = told(half_year)
    texts = [*found.front.reading, *(column for _chapter, one in tables(found) for column in one.columns)]
    assert page_one(found.front).tables[-1].columns == ("Chiffre", "Ce semestre", "Sur quoi il repose")
    assert not [text for text in texts if "précédent" in text]
    assert "\n".join(texts).count("Premier semestre") == 1


def test_what_a_semester_is_compared_with_stands_beside_it(half_year: Lab) -> None:
    shown: Table = page_one(told(half_year, code="2026-S2", now=SEMESTERS["2026-S2"]).front).tables[-1]
    assert len(shown.columns) == 5
    assert any(row[2].value for row in shown.rows)


@pytest.mark.parametrize("semester", SEMESTERS)
def test_a_figure_is_called_by_one_name(half_year: Lab, semester: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On page one, in a chapter and over the entries behind it; a row may leave out what its table says."""
    real, figures = Telling.cell, set[str]()

    def named(self: Telling, name: str, kind: str = "count") -> Cell:
        figures.update(self.figures)
        shown = real(self, name, kind)
        return evolve(shown, evidence=name) if name in self.figures else shown

    monkeypatch.setattr(Telling, "cell", named)
    found = told(half_year, code=semester, now=SEMESTERS[semester])
    titles = {code: title for one in found.evidence for code, title in _titles(one)}
    declaration = half_year.declaration
    wrong = []
    with spoken("fr"):
        labels = [(one.label, one.cell.evidence) for one in found.front.headlines]
        assert all(label == figure_name(declaration, str(name)) for label, name in labels)
        for _chapter, one in found.tables():
            for row in one.rows:
                for heading, cell in zip(one.columns, row, strict=True):
                    names = [written(row[0]).partition(", dont ")[0], heading, one.title]
                    called = [titles[cell.evidence]] if cell.evidence in titles and cell.kind == "count" else []
                    called += [figure_name(declaration, cell.evidence)] if cell.evidence in figures else []
                    if called and not any(_within(text, name) for text in names for name in called):
                        wrong.append((one.code, *names, cell.evidence))
    assert wrong == []


def _titles(one: Evidence) -> Iterator[tuple[str, str]]:
    """What each list, and each part of one, is called."""
    yield one.code, one.title
    yield from ((part.code, part.title) for part in one.parts)


def _within(label: str, name: str) -> bool:
    return label == "Ensemble" or label.casefold() in name.casefold()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_names_a_review_is_called_as_in_its_method(half_year: Lab, language: str) -> None:
    """At the head of a file, and where it says how all of it was counted."""
    found = told(half_year, language)
    with spoken(language):
        named = {text: label for label, text in identity(found)}
    rows = [row for _chapter, one in found.tables() if one.code == "provenance" for row in one.rows]
    method = {row[1].value: row[0].value for row in rows if row[1].value in named}
    assert len(method) == 3
    assert method.items() <= named.items()
