"""What an attentive reader can compute from published reviews: a solver of its own, that knows none of our code.

It reads the numbers of the JSON and of the CSV for programs of each edition, writes them down as linear equations over
the persons present, expected, managing, answering, by axis and by tier, and says which of these follow.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

Equation = tuple[dict[str, Fraction], Fraction]  # how many times each unknown, and their sum
COLUMNS = {"Présents": "present", "Inscrits ou attendus": "expected", "Répondants": "respondents"}
RATES = {"Présence": ("present", "expected"), "Moyenne sur 5": ("score", "respondents")}
TOTALS = ("Tous les axes", "Ensemble")


def exact(text: Any) -> Fraction:
    """The fraction that a number of a file was written from."""
    return Fraction(text).limit_denominator(20_000)


def equations(table: str, document: Mapping[str, Any], edition: int) -> Iterator[Equation]:
    """What one edition says: its CSV for programs and its JSON."""
    rows = [row for row in csv.DictReader(io.StringIO(table)) if row["table"] in ("attendance", "satisfaction")]
    groups: dict[str, list[str]] = {"attendance": [], "satisfaction": []}
    for row in rows:
        if row["label"] not in TOTALS and row["label"] not in groups[row["table"]]:
            groups[row["table"]].append(row["label"])
    for row in rows:
        whom = groups[row["table"]] if row["label"] in TOTALS else [row["label"]]
        if row["status"] == "no_data":  # nobody was counted there
            yield from _said(row["column"], whom, Fraction(0), f"{edition}")
        elif row["value"]:
            yield from _said(row["column"], whom, exact(row["value"]), f"{edition}")
    axes = groups["attendance"]
    yield from _figures(document["indicators"], axes, groups["satisfaction"], f"{edition}")
    if document["previous"]:
        yield from _figures(document["previous"]["indicators"], axes, ["Avant"], f"{edition}-before")


def _figures(figures: Mapping[str, Any], axes: list[str], after: list[str], when: str) -> Iterator[Equation]:
    for name, column, whom in (
        ("attendance_rate", "Présence", ["Acculturation à l’innovation"]),
        ("attendance_rate_all", "Présence", axes),
        ("satisfaction", "Moyenne sur 5", after),
    ):
        if figures[name] is not None:
            yield from _said(column, whom, exact(figures[name]), when)
    if figures["managers_participating"] is not None:
        yield {f"managers {when}": Fraction(1)}, Fraction(figures["managers_participating"])


def _said(column: str, whom: list[str], value: Fraction, when: str) -> Iterator[Equation]:
    if column in COLUMNS:
        yield {f"{COLUMNS[column]} {one} {when}": Fraction(1) for one in whom}, value
    elif column in RATES:
        over, under = RATES[column]
        yield (
            {f"{over} {one} {when}": Fraction(1) for one in whom}
            | {f"{under} {one} {when}": -value for one in whom},
            Fraction(0),
        )  # fmt: skip


def solved(known: Sequence[Equation]) -> dict[str, Fraction]:
    """The unknowns, and what one grew by from an edition to the next, that follow from these equations."""
    names = sorted({name for sums, _value in known for name in sums})
    rows = [[*(sums.get(name, Fraction(0)) for name in names), value] for sums, value in known]
    reduced = _reduced(rows, len(names))
    found = {}
    for row in reduced:
        used = [n for n in range(len(names)) if row[n]]
        if len(used) == 1:
            found[names[used[0]]] = row[-1] / row[used[0]]
    return found


def grown(known: Sequence[Equation]) -> list[Equation]:
    """The equations of a second edition, its persons written as those of the first and those who came since."""

    def since(name: str) -> list[str]:
        what, _space, edition = name.rpartition(" ")
        return [f"{what} {edition.replace('2', '1', 1)}", f"{what} since"] if edition == "2" else [name]

    return [({one: times for name, times in sums.items() for one in since(name)}, value) for sums, value in known]


def _reduced(rows: list[list[Fraction]], columns: int) -> list[list[Fraction]]:
    """Gauss and Jordan, on exact numbers."""
    done = 0
    for column in range(columns):
        pivot = next((n for n in range(done, len(rows)) if rows[n][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        lead = rows[done][column]
        rows[done] = [value / lead for value in rows[done]]
        for n, row in enumerate(rows):
            if n != done and row[column]:
                times = row[column]
                rows[n] = [a - times * b for a, b in zip(row, rows[done], strict=True)]
        done += 1
    return rows[:done]
