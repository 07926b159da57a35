"""What the exploration tries events with, and what it lets nobody look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from pure import at, lab, when

from states.declaration.tables import Field
from states.lifecycle.guards import GUARDS
from states.requests.request import CANCELLED, HELD, PLANNED
from states.verification.aspects import Aspects, _values, aspects, guards_of
from states.verification.made_up import entry_of, form_of, late_deadlines, moments
from states.verification.unkept import KeptOnly, NotKept, Unkept, UnkeptText, ghost

PEOPLE = ("coordinator", "pilot", "committee")


def looked(look: Callable[[], object]) -> str | None:
    """What nobody may look at that was looked at; None when all that was is kept."""
    try:
        look()
    except NotKept as left_out:
        return left_out.aspect
    return None


def test_a_form_meets_the_rules_at_the_easiest_place() -> None:
    assert form_of(lab(), "accompanied") == {
        "place": "hors_les_murs", "collaborative_share": 50, "outcome_predefined": False, "axis": "management",
        "family": "menj_mesr_msjop", "kind": "accompanied",
    }  # fmt: skip
    assert form_of(evolve(lab(), places={}, eligibility={}), "x") == {"place": "", "kind": "x"}


def test_moments_are_a_day_apart_and_the_slot_on_a_day_the_place_is_open() -> None:
    found = moments(lab(), "montpellier", 3)
    assert when(found.now) == "01-05 08:00"
    assert [when(one) for one in found.past] == ["01-02 08:00", "01-03 08:00", "01-04 08:00"]
    assert [when(one) for one in found.future] == ["01-06 08:00", "01-07 08:00", "01-08 08:00"]
    assert when(found.slot) == "01-06 08:00"
    thursdays = {"montpellier": evolve(lab().places["montpellier"], open_days=("thursday",))}
    assert when(moments(evolve(lab(), places=thursdays), "montpellier", 1).slot) == "01-08 08:00"
    never = {"montpellier": evolve(lab().places["montpellier"], open_days=())}
    assert when(moments(evolve(lab(), places=never), "montpellier", 1).slot) == "01-05 08:00"


def test_an_entry_is_made_up_first_or_second() -> None:
    first = entry_of("submit", None, "received", at("01-05 08:00"), {"a": 1})
    assert (first.seq, first.event, first.source, first.to, first.data) == (1, "submit", None, "received", {"a": 1})
    assert (first.occurred_at, first.recorded_at) == (at("01-05 08:00"), at("01-05 08:00"))
    assert (first.stream, entry_of("comment", "received", "received", "", {}).seq) == ("2026-0001", 2)


def test_a_deadline_of_each_kind_is_late() -> None:
    found = late_deadlines(lab(), at("01-05 08:00"))
    assert [one.kind for one in found] == list(lab().deadlines)
    assert {(one.status, one.stage, when(one.due_at)) for one in found} == {("open", "due", "01-05 08:00")}


# --- What is kept because some guard looks at it ---


def test_the_shipped_declaration_keeps_nothing_more() -> None:
    found = aspects(lab(), PEOPLE)
    # Whoever closes may waive the deliverable: nobody need know of it. What eligibility looks at is in every form.
    assert found == Aspects(frozenset(), (), {}, (), frozenset({"close"}), frozenset({"prequalify"}))
    assert not found.more


def test_without_who_may_waive_it_a_deliverable_is_kept() -> None:
    close = evolve(lab().events["close"], waives={})
    found = aspects(evolve(lab(), events={**lab().events, "close": close}), PEOPLE)
    assert (found.records, found.passing, found.more) == (frozenset({"record_deliverable"}), frozenset(), True)
    waived = evolve(lab().events["close"], waives={"deliverable": ("committee",)})  # who does not close
    assert aspects(evolve(lab(), events={**lab().events, "close": waived}), PEOPLE).passing == frozenset()


def test_guards_are_those_of_an_event_and_of_its_ways() -> None:
    assert [guard.name for guard in guards_of(lab().events["close"])] == [
        "deliverable_recorded", "recorded", "autonomous",
    ]  # fmt: skip
    assert guards_of(lab().events["withdraw"]) == [GUARDS["recorded"]]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (Field({}, "code", required=True, codes="kinds"), ["accompanied", "autonomous"]),
        (Field({}, "code", codes="kinds"), [None, "accompanied", "autonomous"]),
        (Field({}, "bool", required=True), [False, True]),
        (Field({}, "integer", required=True), {0, 100}),
        (Field({}, "percent", required=True, min=2, max=9), {2, 9}),
        (Field({}, "decimal", required=True, max=0), {0}),
        (Field({}, "text", required=True), ["1"]),
        (Field({}, "date"), [None, "1"]),
    ],
)
def test_the_values_of_a_field_that_are_tried(field: Field, expected: Any) -> None:
    assert type(expected)(_values(lab(), field)) == expected


# --- What nobody may look at ---


@pytest.mark.parametrize(
    "look",
    [
        lambda one: one == [], lambda one: list(one), lambda one: len(one), lambda one: bool(one), lambda one: one[0],
        lambda one: "x" in one, lambda one: one < 1, lambda one: one > 1, lambda one: one.get("x"),
        lambda one: one.items(), lambda one: one.keys(), lambda one: one.values(),
    ],
)  # fmt: skip
def test_what_is_left_out_stops_whoever_asks_anything_of_it(look: Callable[[Any], object]) -> None:
    assert looked(lambda: look(Unkept("stays"))) == "stays"


def test_of_a_text_only_that_there_is_one_is_kept() -> None:
    text = UnkeptText("validated")
    assert bool(text)
    assert looked(lambda: text == "committee") == "validated"


def test_a_ghost_is_not_planned_and_the_rest_is_left_out() -> None:
    one = ghost("session", at("01-05 08:00"), "hors_les_murs")
    assert (one.id, one.kind, one.duration, one.place, one.staff) == ("session-0", "session", 60, "hors_les_murs", [])
    assert (one.at, one.planned_at) == (at("01-05 08:00"), at("01-05 08:00"))
    assert (one.status == PLANNED) is False
    assert looked(lambda: one.status == HELD) == "held.session"
    assert looked(lambda: one.status == CANCELLED) == "cancelled"


@pytest.mark.parametrize(
    ("look", "expected"),
    [
        (lambda rows: rows["kind"], None), (lambda rows: rows.get("kind"), None), (lambda rows: "kind" in rows, None),
        (lambda rows: rows["axis"], "form.axis"), (lambda rows: rows.get("axis"), "form.axis"),
        (lambda rows: "axis" in rows, "form.axis"), (lambda rows: list(rows), "form"), (lambda rows: len(rows), "form"),
        (lambda rows: rows.keys(), "form"), (lambda rows: rows.values(), "form"), (lambda rows: rows.items(), "form"),
    ],
)  # fmt: skip
def test_of_a_table_only_what_is_shown_may_be_looked_at(look: Callable[[Any], object], expected: str | None) -> None:
    rows = KeptOnly({"kind": "accompanied", "axis": "incubation"}, {"kind"}, "form")
    assert looked(lambda: look(rows)) == expected
    assert (rows["kind"], rows.get("kind", 1)) == ("accompanied", "accompanied")
    assert KeptOnly({}, {"kind"}, "form").get("kind", 1) == 1
