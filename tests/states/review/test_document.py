"""The document of a review: figures by name, each with its entries; one digest over all but when it is known."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from histories import half, held, received, scope, story, tiered
from pure import at

from states.errors import NotFound
from states.language import spoken
from states.review.document import Review, digest_of, document, explain, figures, listed, names, review
from states.review.figures import Figure, Item, figure

ONE = story("2026-0001", *tiered("01-12 09:00", "50_50"), ("validate", "01-13 09:00", {"basis": "delegation"}))
TWO = story(
    "2026-0002",
    *tiered("01-12 09:00", "50_50"),
    ("validate", "01-13 09:00", {"basis": "delegation"}),
    ("grant_derogation", "01-13 09:30", {"extra": 2}),
    *held("work", "01-14 09:00", "01-20 09:00"),
    ("ratify", "01-21 09:00", {"decision": "ratify"}),
)
THREE = story(
    "2026-0003", received("01-12 09:00"), ("prequalify", "01-13 09:00", {"waived": ["scope"]}),
    ("decline", "01-14 09:00", {"reason": "out_of_scope"}),
)  # fmt: skip
GROUPS = [
    "indicators",
    "flow",
    "lead_times",
    "deadlines",
    "corrections",
    "alerts",
    "agreement",
    "exchange",
    "committee",
]
LISTS = ["waivers", "derogations", "to_validate", "to_ratify", "decisions", "signals", "previous", "compared_with"]


def made(**how: Any) -> Review:
    told = scope(ONE, TWO, THREE, **how)
    return review(told.sources, half())


def test_a_review_has_its_figures_and_those_of_the_semester_before_if_anything_was() -> None:
    assert list(made().figures) == GROUPS
    assert made().previous is None
    assert made(first_at=at("01-12 09:00")).previous is None  # nothing precedes the period
    before = made(first_at=at("2025-12-01 09:00")).previous
    assert before is not None
    assert list(before) == GROUPS
    assert made().period is half()


def test_the_document_says_when_whose_and_what() -> None:
    found = document(made())
    assert list(found) == ["semester", "from", "to", "running", *GROUPS, *LISTS, "known_at", "digest"]
    assert (found["semester"], found["from"], found["to"]) == ("2026-S1", "2026-01-01", "2026-06-30")
    assert found["known_at"] == "2026-07-01T09:00:00+02:00"
    assert found["flow"]["received"] == 3
    assert found["lead_times"]["received"]["median_days"] == 0.0  # two left at once, one after a day
    assert found["waivers"] == [
        {
            "ref": "2026-0003", "seq": 2, "event": "prequalify", "occurred_at": "2026-01-13T09:00:00+01:00",
            "rule": "scope",
        },
    ]  # fmt: skip
    assert [(one["ref"], one["extra"]) for one in found["derogations"]] == [("2026-0002", 2)]
    assert (found["to_validate"], found["to_ratify"]) == ([], ["2026-0001"])
    lists = listed(made().scope)
    assert (lists["to_validate"].value, lists["to_ratify"].value) == (0, 1)
    assert found["decisions"] == [
        {
            "ref": "2026-0002", "seq": 10, "event": "ratify", "occurred_at": "2026-01-21T09:00:00+01:00",
            "decision": "ratify", "state": "working", "validated": True,
        },
    ]  # fmt: skip
    assert found["previous"] is None
    preceded = document(made(first_at=at("2025-12-01 09:00")))["previous"]
    assert preceded["flow"]["received"] == 0


def test_the_digest_covers_all_but_the_moment_it_is_known_at() -> None:
    first, later = document(made()), document(made(now="07-02 09:00"))
    assert first["known_at"] != later["known_at"]
    assert first["digest"] == later["digest"] == digest_of(first)
    assert digest_of({**first, "semester": "2026-S2"}) != first["digest"]
    assert digest_of({"é": 1, "digest": "x", "known_at": "y"}) == digest_of({"é": 1})
    # The same today and in years: sealed reviews are compared by it.
    assert digest_of({"b": 1, "a": "é"}) == "799d49d45db67c58d990c30f098c2001fcd16c2a1c9072d6653fd86b0d7e8a2d"


@pytest.mark.parametrize(
    ("name", "full", "value", "refs"),
    [
        ("received", "flow.received", 3, ["2026-0001", "2026-0002", "2026-0003"]),
        ("flow.received", "flow.received", 3, ["2026-0001", "2026-0002", "2026-0003"]),
        ("decline_reasons.out_of_scope", "flow.decline_reasons.out_of_scope", 1, ["2026-0003"]),
    ],
)
def test_a_figure_is_explained_by_its_entries(name: str, full: str, value: Any, refs: list[str]) -> None:
    found = explain(made(), name)
    assert (found["semester"], found["indicator"], found["value"]) == ("2026-S1", full, value)
    assert [item["ref"] for item in found["items"]] == refs


def test_a_deadline_is_explained_with_its_moments() -> None:
    items = explain(made(), "deadlines.met")["items"]
    assert {item["ref"] for item in items} == {"2026-0001", "2026-0002", "2026-0003"}
    first = items[0]
    assert (first["due_at"], first["settled_at"]) == ("2026-01-19T18:00:00+01:00", "2026-01-12T09:00:00+01:00")


def test_signals_are_told_as_plain_values() -> None:
    signals = document(review(scope(THREE, first_at=at("2025-06-02 09:00")).sources, half()))["signals"]
    assert signals[-1] == {"rule": "mismatch", "cause": "declined_share", "value": 0.5}
    assert {"rule": "low_use", "service": "drari"} in signals


def test_a_lead_time_is_explained_with_its_days() -> None:
    found = explain(made(), "lead_times.prequalified")
    assert found["indicator"] == "lead_times.prequalified"
    assert [(i["ref"], i["days"], i["until"]) for i in found["items"]] == [
        ("2026-0001", 0.0, "2026-01-12T09:00:00+01:00"),
        ("2026-0002", 0.0, "2026-01-12T09:00:00+01:00"),
        ("2026-0003", 1.0, "2026-01-14T09:00:00+01:00"),
    ]


@pytest.mark.parametrize(("name", "meant"), [("recieved", " Did you mean “received”?"), ("flow.recieved", None)])
def test_a_figure_there_is_none_of(name: str, meant: str | None) -> None:
    with spoken("en"), pytest.raises(NotFound) as caught:
        explain(made(), name)
    assert caught.value.message == f"The review has no figure “{name}”." + (meant or " Did you mean “flow.received”?")
    assert caught.value.hint == "coop review 2026-S1"


def test_every_figure_has_a_full_name() -> None:
    item = Item("2026-0001", 1, "submit", at("01-12 09:00"))
    tree = {
        "a": {"b": Figure(1), "c": {"d": figure(Fraction(1, 2), (item,))}},
        "lead_times": {"s": {"n": Figure(2), "median_days": Figure(3)}},
    }
    assert {name: figure.value for name, figure in names(tree).items()} == {
        "a.b": 1, "a.c.d": Fraction(1, 2), "lead_times.s.n": 2, "lead_times.s.median_days": 3, "lead_times.s": 3,
    }  # fmt: skip
    assert names({"a": Figure(1)}) == {"a": Figure(1)}
    assert "flow.received" in names(figures(made().scope))
