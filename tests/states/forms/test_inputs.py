"""What an event was given: every missing, unknown or malformed key at once, and the note it asks for."""

from __future__ import annotations

from typing import Any

import pytest
from pure import at, lab

from states.declaration.types import Reading
from states.forms.inputs import LONGEST, Given, check_inputs, missing, note_errors, removed
from states.language import spoken
from states.requests.request import Meeting, Request

WRITE = "“…” stands for what is to be written here"
REQUEST = Request(
    "2026-0001", "", "working", at("03-02 09:00"),
    {"kind": "accompanied", "participants": 10, "place": "montpellier"},
    meetings=[Meeting("work-1", "work", "planned", at("03-10 14:00"), 60, "hors_les_murs", [], at("03-02 09:00"))],
)  # fmt: skip


def checked(event: str, note: str | None = None, *waive: str, **given: Any) -> tuple[dict[str, Any], dict[str, str]]:
    with spoken("en"):
        found, errors = check_inputs(lab().events[event], Given(given, note, waive), REQUEST, Reading(lab()))
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
        pytest.param("suspend", " … ", {}, {}, {"note": WRITE}, id="a note still to be written"),
        pytest.param(
            "decline",
            "n",
            {"reason": "other", "orientation": "..."},
            {"reason": "other", "orientation": "..."},
            {"orientation": WRITE},
            id="a key still to be written",
        ),
        pytest.param("amend", None, {"sponsor": "…"}, {"sponsor": "…"}, {"sponsor": WRITE}, id="a field too"),
        pytest.param("amend", None, {"sponsor": "et…"}, {"sponsor": "et…"}, {}, id="a text that goes on"),
        pytest.param(
            "request_info", "a\x00b", {}, {}, {"note": "a NUL character cannot be stored"}, id="a note no store keeps"
        ),
        pytest.param(
            "withdraw", "n", {"reason": "x"}, {}, {"reason": "unknown key; this event takes: nothing."}, id="no key"
        ),
        pytest.param("hold_meeting", None, {"attended": None}, {}, {}, id="nothing is none"),
        pytest.param(
            "assign_tier", None, {"tier": ""}, {}, {"tier": "this key is required: Tier"}, id="required, empty"
        ),
        pytest.param(
            "assign_tier",
            None,
            {"tier": "x"},
            {},
            {"tier": "expected one of coup_de_pouce, tuto, 50_50; got “x”."},
            id="malformed, not missing",
        ),
        pytest.param(
            "record_deliverable",
            None,
            {"title": " ", "type": "report"},
            {"type": "report"},
            {"title": "this cannot be empty"},
            id="a text is read, even empty",
        ),
        pytest.param(
            "complete_task", None, {"task": "organise"}, {"task": "organise", "done": True}, {}, id="a default"
        ),
        pytest.param(
            "complete_task",
            None,
            {"task": "organise", "done": "non"},
            {"task": "organise", "done": False},
            {},
            id="a default given otherwise",
        ),
        pytest.param("hold_session", None, {"attended": 3}, {"attended": 3}, {}, id="no managers"),
        pytest.param(
            "plan_meeting",
            None,
            {"at": "2026-03-10T14:00+01:00", "department": "lozère", "place": "hors_les_murs"},
            {"at": at("03-10 14:00"), "department": "48", "place": "hors_les_murs"},
            {},
            id="where a meeting off site is",
        ),
        pytest.param(
            "plan_meeting",
            None,
            {"at": "2026-03-10T14:00+01:00", "department": "48", "place": "toulouse"},
            {"at": at("03-10 14:00"), "department": "48", "place": "toulouse"},
            {"department": "said of a meeting off site only, not of one in Toulouse"},
            id="where a place of the lab is",
        ),
        pytest.param(
            "plan_meeting",
            None,
            {"at": "2026-03-10T14:00+01:00", "department": "48"},
            {"at": at("03-10 14:00"), "department": "48"},
            {"department": "said of a meeting off site only, not of one in Montpellier"},
            id="where the place of the request is",
        ),
        pytest.param(
            "move_meeting",
            None,
            {"meeting": "work-1", "at": "2026-03-10T14:00+01:00", "department": "48"},
            {"meeting": "work-1", "at": at("03-10 14:00"), "department": "48"},
            {},
            id="where a meeting that stays off site is",
        ),
        pytest.param(
            "comment",
            "n",
            {"committee": True, "participants": "Pilote: 1 ; expert:2,", "decisions": "Élargir"},
            {"committee": True, "participants": "pilote:1,expert:2", "decisions": "Élargir"},
            {},
            id="a comité de projet",
        ),
        pytest.param(
            "comment",
            "n",
            {"participants": "pilote:1", "decisions": "Élargir"},
            {"participants": "pilote:1", "decisions": "Élargir", "committee": False},
            {
                "participants": "goes only with --committee: Project committee",
                "decisions": "goes only with --committee: Project committee",
            },
            id="who came to no committee",
        ),
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


def test_a_waiver_is_of_a_rule_there_is() -> None:
    rules = "collaborative_share, outcome_predefined, scope, outside_hours, day_off, deliverable"
    for rule, meant in (("scop", " Did you mean “scope”?"), ("xyz", "")):
        assert checked("prequalify", "n", rule) == ({}, {"waive": f"expected one of {rules}; got “{rule}”.{meant}"})
    assert checked("prequalify", "n", "outside_hours") == ({}, {})  # known: it is for a guard to refuse it


def test_what_nobody_can_see_is_said_to_be_removed() -> None:
    specs = lab().specs_of(lab().events["submit"])
    given = {
        "title": "a\u200bb",  # read by people: it stays
        "requester": {"email": "\u200bnoa@exam\u00adple.org", "phone": "05 61"},
        "participants": 3,
        "unheard_of": "\u200b",
    }
    with spoken("en"):
        assert removed(given, specs) == (
            "E-mail: an invisible character was removed (U+200B, zero width space).",
            "E-mail: an invisible character was removed (U+00AD, soft hyphen).",
        )


def test_what_each_name_must_hold() -> None:
    assert lab().specs_of(lab().events["amend"]) is lab().form
    held = lab().specs_of(lab().events["decline"])
    codes = {"reason": "decline_reasons", "orientation": None, "agreed": None}
    assert {name: key.codes for name, key in held.items()} == codes


@pytest.mark.parametrize(
    ("note", "message"),
    [
        (None, None),
        ("", None),
        ("Vu à l’été", None),
        ("a\x00b", "a NUL character cannot be stored"),
        ("é\x00b", "a NUL character cannot be stored"),
        ("é\ud800", "this is not valid Unicode text"),
        ("é" * LONGEST, None),
        ("n" * (LONGEST + 1), "10001 characters, at most 10000 fit"),
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
        ("decline", {"orientation": "ailleurs"}, "n", ["reason"]),
        ("hold_meeting", {}, None, []),
    ],
)
def test_what_is_still_to_be_said(event: str, given: dict[str, Any], note: str | None, expected: list[str]) -> None:
    assert missing(lab().events[event], given, note, lab()) == expected
