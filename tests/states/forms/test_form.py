"""The form, checked whole or by its changes: every wrong field at once, each with its own words."""

from __future__ import annotations

from typing import Any

import pytest
from pure import at, lab

from states.declaration.types import Reading
from states.forms.form import check_changes, check_form, flattened
from states.language import spoken

NOW = at("03-02 09:00")
WHOLE: dict[str, Any] = {
    "title": "Un projet",
    "need": "Un besoin",
    "expected_outcome": "Ouvert",
    "outcome_predefined": False,
    "collaborative_share": 80,
    "kind": "accompanied",
    "axis": "incubation",
    "requester": {"name": "Alix Modèle", "email": "alix.modele@example.org"},
    "service": "drajes",
    "department": "34",
    "place": "montpellier",
}
REQUIRED = ["title", "need", "expected_outcome", "outcome_predefined", "collaborative_share", "kind", "axis"]


def wrong(*without: str, **fields: Any) -> dict[str, str]:
    """What is wrong with a whole form but for these fields."""
    form = {name: value for name, value in {**WHOLE, **fields}.items() if name not in without}
    with spoken("en"):
        return {e.field: e.message for e in check_form(form, Reading(lab()), NOW)[1]}


def test_a_whole_form_is_read_flat_with_the_family_of_its_service() -> None:
    found, errors = check_form(WHOLE, Reading(lab()), NOW)
    assert errors == []
    assert found == {
        **{name: value for name, value in WHOLE.items() if name != "requester"},
        "requester.name": "Alix Modèle",
        "requester.email": "alix.modele@example.org",
        "family": "menj_mesr_msjop",
    }


@pytest.mark.parametrize("name", [*REQUIRED, "service", "department", "place"])
def test_each_required_field_is_asked_for(name: str) -> None:
    assert wrong(name) == {name: f"this field is required: {_label(name)}"}
    assert wrong(**{name: "  "}) == {name: f"this field is required: {_label(name)}"}


def _label(name: str) -> str:
    with spoken("en"):
        return lab().form[name].text


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"participants": 10, "managers": 10}, {}),
        ({"participants": 10, "managers": 11}, {"managers": "11 managers among 10 participants"}),
        ({"managers": 11}, {}),
        ({"participants": 0, "managers": 0}, {}),
        ({"participants": 0, "managers": 1}, {"managers": "1 managers among 0 participants"}),
        ({"participants": 10}, {}),
        ({"wanted_from": "2026-04-02"}, {}),
        ({"wanted_to": "2026-04-02"}, {}),
        ({"service": "unheard_of", "family": "state"}, {"service": "this code is not declared; got “unheard_of”."}),
        ({"wanted_from": "2026-04-01", "wanted_to": "2026-04-01"}, {}),
        (
            {"wanted_from": "2026-04-02", "wanted_to": "2026-04-01"},
            {"wanted_to": "the end is before the beginning, 2026-04-02"},
        ),
        ({"submitted_at": "2026-03-02T09:00:00+01:00"}, {}),
        ({"submitted_at": "2026-03-02T09:00:01+01:00"}, {"submitted_at": "a form cannot be dated in the future"}),
        ({"family": "menj_mesr_msjop"}, {}),
        ({"family": "state"}, {"family": "DRAJES — youth, engagement and sports belongs to “MENJ-MESR-MSJOP service”"}),
        ({"service": "partenaire", "family": "state"}, {}),
        ({"titel": "x"}, {"titel": "unknown field. Did you mean “title”?"}),
    ],
)
def test_what_fields_say_together(fields: dict[str, Any], expected: dict[str, str]) -> None:
    assert wrong(**fields) == expected


@pytest.mark.parametrize(
    ("service", "family", "expected"),
    [
        ("drajes", None, "menj_mesr_msjop"),
        ("autre_etat", None, "state"),
        ("autre_etat", "menj_mesr_msjop", "menj_mesr_msjop"),
        ("partenaire", None, "partner"),
        ("partenaire", "state", "state"),
    ],
)
def test_the_family_is_the_services_unless_it_asks(service: str, family: str | None, expected: str) -> None:
    given = {**WHOLE, "service": service, **({"family": family} if family else {})}
    assert check_form(given, Reading(lab()), NOW)[0]["family"] == expected


def test_every_wrong_field_is_named_at_once_in_the_order_of_the_form() -> None:
    found = wrong("title", kind="other", department="99", collaborative_share=101, unheard_of=1)
    assert list(found) == ["title", "collaborative_share", "kind", "department", "unheard_of"]


def test_an_empty_group_is_no_group() -> None:
    assert flattened({"requester": {"name": "A"}, "title": "T", "other": {}}) == {
        "requester.name": "A",
        "title": "T",
        "other": {},
    }


# --- Changes ---

HELD = check_form({**WHOLE, "participants": 10, "sponsor": "La directrice"}, Reading(lab()), NOW)[0]


def changes(**fields: Any) -> tuple[dict[str, Any], dict[str, str]]:
    with spoken("en"):
        found, errors = check_changes(fields, HELD, Reading(lab()))
    return found, {e.field: e.message for e in errors}


@pytest.mark.parametrize(
    ("fields", "found", "errors"),
    [
        ({"participants": 12}, {"participants": 12}, {}),
        ({"participants": ""}, {"participants": None}, {}),
        ({"sponsor": None}, {"sponsor": None}, {}),
        ({"title": " "}, {}, {"title": "this field is required: Project title"}),
        ({"external_id": "7"}, {}, {"external_id": "this field does not change once the form is received"}),
        ({"managers": 11}, {"managers": 11}, {"managers": "11 managers among 10 participants"}),
        ({"service": "partenaire"}, {"service": "partenaire", "family": "partner"}, {}),
        ({"service": "drane"}, {"service": "drane", "family": "menj_mesr_msjop"}, {}),
        ({"requester": {"name": "B"}}, {"requester.name": "B"}, {}),
        (
            {"participants": 9, "managers": 10},
            {"participants": 9, "managers": 10},
            {"managers": "10 managers among 9 participants"},
        ),
        ({"titel": "x"}, {}, {"titel": "unknown field. Did you mean “title”?"}),
        ({"titel": " "}, {}, {"titel": "unknown field. Did you mean “title”?"}),
        ({"participants": "many"}, {}, {"participants": "expected a whole number, got “many”"}),
        (
            {"title": " ", "axis": "x"},
            {},
            {
                "title": "this field is required: Project title",
                "axis": "expected one of incubation, management, acculturation; got “x”.",
            },
        ),
        ({"wanted_to": "2026-03-01"}, {"wanted_to": "2026-03-01"}, {}),
        (
            {"family": "state"},
            {"family": "state"},
            {"family": "DRAJES — youth, engagement and sports belongs to “MENJ-MESR-MSJOP service”"},
        ),
        ({"family": ""}, {"family": "menj_mesr_msjop"}, {}),
    ],
)
def test_changes_are_judged_with_what_stays(
    fields: dict[str, Any], found: dict[str, Any], errors: dict[str, str]
) -> None:
    assert changes(**fields) == (found, errors)
