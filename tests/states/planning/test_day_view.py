"""The days of the calendar, and the school holidays of zone C: told, never counted."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import holidays
import pytest
from pure import lab

from states.calendar.working_days import Closure
from states.declaration.documents import shipped
from states.errors import BadDeclaration
from states.language import spoken
from states.planning.day_view import day_views, lent_days
from states.planning.slots import Surroundings, Swap
from states.verification.loading import load

AROUND = Surroundings(
    holidays={date(2026, 5, 14): "Ascension"},
    closures=[
        Closure(None, date(2026, 5, 15), date(2026, 5, 15), note="pont"),
        Closure("montpellier", date(2026, 5, 11), date(2026, 5, 12)),
        Closure("toulouse", date(2026, 5, 18), date(2026, 5, 18), note="fête"),
    ],
    swaps=[Swap("montpellier", date(2026, 5, 21), date(2026, 5, 19))],
)
LOW = {"school_holidays": "Ascension weekend", "low_availability": True}


def test_each_day_says_why_it_is_not_like_the_others() -> None:
    views = {view.day.day: view for view in day_views(lab(), AROUND, date(2026, 5, 11), date(2026, 5, 24))}
    assert [day for day, view in views.items() if not view.working] == [14, 15, 16, 17, 23, 24]
    assert (views[14].holiday, views[14].lent) == ("Ascension", ("montpellier",))
    assert [(c.place, c.note) for c in views[15].closures] == [(None, "pont")]
    assert [c.place for c in views[11].closures] == ["montpellier"]
    assert (views[21].gained, views[21].lent, views[19].given) == (("montpellier",), (), ("montpellier",))
    assert [day for day, view in views.items() if view.document()["low_availability"]] == [14, 15, 16, 17]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (11, {"closures": [{"place": "montpellier", "note": None}]}),
        (13, {}),
        (14, {"working": False, "holiday": "Ascension", "other_lab": ["montpellier"], **LOW}),
        (15, {"working": False, "closures": [{"place": None, "note": "pont"}], **LOW}),
        (16, {"working": False, **LOW}),
        (18, {"closures": [{"place": "toulouse", "note": "fête"}]}),
        (19, {"given": ["montpellier"]}),
        (21, {"gained": ["montpellier"]}),
    ],
)
def test_a_day_as_a_document(on: int, expected: dict[str, Any]) -> None:
    (view,) = day_views(lab(), AROUND, date(2026, 5, on), date(2026, 5, on))
    ordinary = {
        "day": f"2026-05-{on}",
        "working": True,
        "holiday": None,
        "closures": [],
        "gained": [],
        "given": [],
        "other_lab": [],
        "school_holidays": None,
        "low_availability": False,
    }
    with spoken("en"):
        assert view.document() == {**ordinary, **expected}


def test_a_closure_ends_on_its_last_day_and_the_days_end_with_the_last() -> None:
    views = day_views(lab(), AROUND, date(2026, 5, 10), date(2026, 5, 13))
    assert [(view.day.day, len(view.closures)) for view in views] == [(10, 0), (11, 1), (12, 1), (13, 0)]
    assert [view.working for view in views] == [False, True, True, True]  # a Sunday, then a place that is closed


def test_places_are_lent_by_the_declaration() -> None:
    found = {place: lent_days(lab(), place) for place in lab().places}
    assert found == {"montpellier": ("thursday",), "toulouse": (), "hors_les_murs": ()}


def test_school_holidays_are_those_of_zone_c() -> None:
    """Against the table of `holidays`, which cites the same arrêtés; it guesses the day pupils return in 2027."""
    known = holidays.France(subdiv="Zone C", categories=("school",), years=[2025, 2026, 2027], language="fr")
    day = date(2025, 9, 1)
    while day <= date(2027, 8, 31):
        assert (lab().school_holidays_on(day) is not None) == (day in known), day
        day += timedelta(days=1)
    ranges = [(one.first, one.last) for one in lab().school_holidays]
    assert all(before[1] < after[0] for before, after in pairwise(ranges))


def test_school_holidays_close_nothing() -> None:
    (view,) = day_views(lab(), Surroundings(), date(2026, 4, 20), date(2026, 4, 20))
    assert view.school is not None
    assert view.working


@pytest.mark.parametrize("wrong", ['first = "2026-02-30"', 'first = "2026-03-09"', "first = 2026-02-21"])
def test_school_holidays_that_cannot_be_are_refused(wrong: str) -> None:
    with pytest.raises(BadDeclaration) as caught:
        load(shipped().replace('first = "2026-02-21"', wrong))
    assert [field.field for field in caught.value.fields] == ["school_holidays.2"]
