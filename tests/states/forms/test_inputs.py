"""What an event was given: every missing, unknown or malformed key at once, and the note it asks for."""

from __future__ import annotations

from typing import Any

import pytest
from pure import at, lab

from states.declaration.types import Reading
from states.forms.inputs import check_inputs, missing, note_errors
from states.language import spoken
from states.requests.request import Request

REQUEST = Request("2026-0001", "", "working", at("03-02 09:00"), {"kind": "accompanied", "participants": 10})


def checked(event: str, note: str | None = None, *waive: str, **given: Any) -> tuple[dict[str, Any], dict[str, str]]:
    with spoken("en"):
        found, errors = check_inputs(lab().events[event], given, note, waive, REQUEST, Reading(lab()))
    return found, {e.field: e.message for e in errors}


@pytest.mark.parametrize(
    ("event", "note", "given", "found", "errors"),
    [
        pytest.param(
            "hold_session",
            None,
            {"attended": "12", "managers": 12},
            {"attended": 12, "managers": 12},
            {},
            id="as many managers as people",
        ),
        pytest.param(
            "hold_session",
            None,
            {"attended": 12, "managers": 13},
            {"attended": 12, "managers": 13},
            {"managers": "at most as many managers as people attending, 12"},
            id="more managers than people",
        ),
        pytest.param("hold_session", None, {"managers": 13}, {"managers": 13}, {}, id="nobody said how many people"),
        pytest.param("hold_session", None, {"attended": ""}, {}, {}, id="an empty value is none"),
        pytest.param(
            "assign_tier",
            None,
            {"tire": "tuto"},
            {},
            {
                "tire": "unknown key; this event takes: tier. Did you mean “tier”?",
                "tier": "this key is required: Tier",
            },
            id="unknown and missing",
        ),
        pytest.param(
            "amend", None, {"participants": 12}, {"participants": 12}, {}, id="an event of the form takes its fields"
        ),
        pytest.param("suspend", None, {}, {}, {"note": "a note is required here: say why, with --note"}, id="no note"),
        pytest.param("suspend", " \n", {}, {}, {"note": "a note is required here: say why, with --note"}, id="blank"),
        pytest.param("suspend", "En pause", {}, {}, {}, id="a note"),
    ],
)
def test_what_an_event_is_given(
    event: str, note: str | None, given: dict[str, Any], found: dict[str, Any], errors: dict[str, str]
) -> None:
    assert checked(event, note, **given) == (found, errors)


def test_a_waiver_asks_for_a_note() -> None:
    assert checked("prequalify") == ({}, {})
    assert list(checked("prequalify", None, "scope")[1]) == ["note"]
    assert checked("prequalify", "Le comité le veut", "scope") == ({}, {})


@pytest.mark.parametrize(
    ("note", "message"),
    [
        (None, None),
        ("", None),
        ("Vu à l’été", None),
        ("a\x00b", "a NUL character cannot be stored"),
        ("é\x00b", "a NUL character cannot be stored"),
        ("é\ud800", "this is not valid Unicode text"),
    ],
)
def test_a_note_can_be_stored(note: str | None, message: str | None) -> None:
    with spoken("en"):
        assert [e.message for e in note_errors(note)] == ([message] if message else [])


@pytest.mark.parametrize(
    ("event", "given", "note", "expected"),
    [
        ("assign_tier", {}, None, ["tier"]),
        ("assign_tier", {"tier": "tuto"}, None, []),
        ("suspend", {}, None, ["note"]),
        ("suspend", {}, "En pause", []),
        ("decline", {}, None, ["reason", "orientation", "note"]),
    ],
)
def test_what_is_still_to_be_said(event: str, given: dict[str, Any], note: str | None, expected: list[str]) -> None:
    assert missing(lab().events[event], given, note, lab()) == expected
