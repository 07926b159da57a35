"""The form asked question by question: which come, what is proposed, where one goes on, what an answer makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from pure import lab

from states.forms.questions import answered, proposed, questions, resumed_at
from states.language import spoken

FIRST = ["title", "need", "expected_outcome", "outcome_predefined", "collaborative_share", "kind", "axis"]
NEXT = ["requester.name", "requester.email", "requester.function", "requester.phone", "service"]
LAST = [
    "department", "place", "participants", "managers", "experience", "complexity", "wanted_from", "wanted_to",
    "wanted_tier", "moment", "follows", "sponsor",
]  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "family"),
    [
        ({}, []),
        ({"service": None}, []),
        ({"service": "unheard_of"}, []),
        ({"service": "drajes"}, []),
        ({"service": "partenaire"}, ["family"]),
        ({"service": "autre_etat"}, ["family"]),
    ],
)
def test_the_family_is_asked_for_where_the_service_does_not_say_it(answers: dict[str, Any], family: list[str]) -> None:
    assert questions(lab(), answers) == [*FIRST, *NEXT, *family, *LAST]


@pytest.mark.parametrize(
    ("answers", "name", "expected"),
    [
        ({"service": "dsden_09"}, "department", "09"),
        ({"service": "rectorat_toulouse"}, "department", "31"),
        ({"service": "drajes"}, "department", None),  # regional: nowhere in particular
        ({"service": "dsden_09"}, "place", None),
        ({"service": "unheard_of"}, "department", None),
        ({"service": None}, "department", None),
        ({}, "department", None),
    ],
)
def test_the_department_of_the_service_is_proposed(answers: dict[str, Any], name: str, expected: str | None) -> None:
    assert proposed(lab(), answers, name) == expected


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ([], "title"),
        (["title"], "need"),
        (FIRST, "requester.name"),
        ([*FIRST[:3], *FIRST[4:]], "outcome_predefined"),  # a required one was passed over
        ([*FIRST, "requester.name", "requester.email"], "requester.function"),  # optional ones come in their turn
        ([*FIRST, "requester.name", "requester.email", "requester.phone"], "service"),
        ([*FIRST, *NEXT, "department", "place"], "participants"),
        ([*FIRST, *NEXT, "department", "place", "wanted_to"], "wanted_tier"),
        ([*FIRST, *NEXT, "place"], "department"),
    ],
)
def test_one_goes_on_where_something_is_needed_or_after_the_last_answer(given: list[str], name: str) -> None:
    answers = dict.fromkeys(given, "x")
    assert questions(lab(), answers)[resumed_at(lab(), answers)] == name


def test_nothing_is_left_to_ask() -> None:
    answers = dict.fromkeys([*FIRST, *NEXT, *LAST], "x")
    assert resumed_at(lab(), answers) == len(questions(lab(), answers))


@pytest.mark.parametrize(
    ("before", "name", "value", "after", "problems"),
    [
        ({}, "participants", "12", {"participants": 12}, []),
        ({"participants": 12}, "participants", "", {}, []),
        ({"participants": 12}, "participants", "14", {"participants": 14}, []),
        ({"participants": 12}, "managers", "13", {"participants": 12}, ["13 managers among 12 participants"]),
        ({"participants": 12}, "place", "Toulouse", {"participants": 12, "place": "toulouse"}, []),
        ({}, "service", "drajes", {"service": "drajes", "family": "menj_mesr_msjop"}, []),
        ({"sponsor": "A"}, "title", " ", {"sponsor": "A"}, ["this field is required: Project title"]),
        ({}, "external_id", "7", {}, ["this field does not change once the form is received"]),
    ],
)
def test_an_answer_is_kept_or_said_to_be_wrong(
    before: dict[str, Any], name: str, value: Any, after: dict[str, Any], problems: list[str]
) -> None:
    given = dict(before)
    with spoken("en"):
        assert answered(lab(), before, name, value) == (after, problems)
    assert before == given
