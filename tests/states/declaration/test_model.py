"""What is asked of a declaration: who may what, where events lead, what words are used; and its light outline."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from attrs import evolve
from pure import day, lab

from states.declaration.differences import differences
from states.declaration.documents import document_of, shipped, shipped_document
from states.declaration.model import Declaration, Edge
from states.declaration.outline import Outline
from states.declaration.tables import StateSet, TargetCode, Transition
from states.declaration.toml_lines import Locator, NotToml, parsed
from states.language import spoken

ROLES = ("coordinator", "referent", "pilot", "committee", "specialist", "requester", "system", "unheard_of")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("keeps", {"coordinator", "referent", "pilot"}),
        ("oversees", {"pilot"}),
        ("decides", {"committee"}),
        ("takes_meetings", {"coordinator", "referent", "pilot", "specialist"}),
    ],
)
def test_what_a_role_may(asked: str, expected: set[str]) -> None:
    assert {role for role in ROLES if getattr(lab(), asked)(role)} == expected


def test_a_role_has_all_that_it_includes() -> None:
    assert lab().roles_of("pilot") == {"pilot", "coordinator"}
    assert lab().roles_of("coordinator") == {"coordinator"}
    assert lab().roles_of("unheard_of") == {"unheard_of"}
    assert (lab().keeper, lab().overseer) == ("coordinator", "pilot")
    roles = {code: evolve(role, oversees=False) for code, role in lab().roles.items()}
    assert evolve(lab(), roles=roles).overseer == "coordinator"  # where nobody oversees


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("final", ["closed", "declined", "withdrawn", "cancelled"]),
        ("working", ["working"]),
    ],
)
def test_the_states_a_word_stands_for(word: str, expected: list[str]) -> None:
    assert list(lab().group(word)) == expected
    assert [*lab().group("active"), *lab().group("final")] == list(lab().group("any")) == list(lab().states)


@pytest.mark.parametrize(
    ("sources", "to", "edges"),
    [
        (["working"], ["same"], [Edge("working", ("working",), ())]),
        (["working", "hosted"], ["closed"], [Edge("working", ("closed",), ()), Edge("hosted", ("closed",), ())]),
        (["working"], ["same", "closed", "working"], [Edge("working", ("working", "closed"), ())]),
        (["working"], ["final"], [Edge("working", ("closed", "declined", "withdrawn", "cancelled"), ())]),
        ([], ["received"], []),
    ],
)
def test_edges_are_written_out(sources: list[str], to: list[str], edges: list[Edge]) -> None:
    way = Transition(tuple(map(StateSet, sources)), tuple(map(TargetCode, to)))
    declaration = evolve(lab(), events={"close": evolve(lab().events["close"], transitions=(way,))})
    assert list(declaration.edges["close"]) == edges


def test_an_edge_keeps_its_condition() -> None:
    assert lab().edges["close"] == (
        Edge("debriefed", ("closed",), ()),
        Edge("session_held", ("closed",), ("autonomous",)),
    )


@pytest.mark.parametrize(
    ("event", "moves", "creates"),
    [("submit", True, True), ("comment", False, False), ("close", True, False), ("cancel_meeting", True, False)],
)
def test_what_an_event_does_to_the_state(event: str, moves: bool, creates: bool) -> None:
    assert (lab().events[event].moves, lab().events[event].creates) == (moves, creates)
    assert (lab().creation, lab().initial) == ("submit", "received")


def test_an_event_takes_its_keys_by_the_name_people_type() -> None:
    keys = lab().keys_of(lab().events["decline"])
    assert {name: (key.codes, required) for name, (key, required) in keys.items()} == {
        "reason": ("decline_reasons", True),
        "orientation": (None, True),
        "agreed": (None, False),
    }
    taken = lab().keys_of(lab().activities.events["hold_activity"])
    assert {name: required for name, (_key, required) in taken.items()} == {
        "attended": True, "registered": False, "managers": False, "services": False, "started_at": False,
        "duration": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("vocabulary", "code", "expected"),
    [
        ("tiers", "tuto", "Le Tuto"),
        ("decline_reasons", "duplicate", "Duplicate"),
        ("tiers", "gone", "gone"),
        ("unheard_of", "x", "x"),
        ("tiers", None, ""),
    ],
)
def test_a_label_or_else_the_code(vocabulary: str, code: str | None, expected: str) -> None:
    with spoken("en"):
        assert lab().label(vocabulary, code) == expected


def test_vocabularies_are_tables_or_codes() -> None:
    assert list(lab().vocabulary("tiers")) == ["coup_de_pouce", "tuto", "50_50"]
    assert list(lab().vocabulary("bases")) == ["delegation", "committee"]
    assert list(lab().vocabulary("activity_axes")) == ["management", "acculturation"]


@pytest.mark.parametrize(
    ("code", "kind", "expected"),
    [
        ("prequalified", "accompanied", "Plan the interview"),
        ("prequalified", "autonomous", "Accept the autonomous session"),
        ("gone", "accompanied", "gone"),
    ],
)
def test_a_deadline_has_words_for_a_kind_of_request(code: str, kind: str, expected: str) -> None:
    with spoken("en"):
        assert lab().deadline_label(code, kind) == expected


def test_what_a_state_means_and_an_event_records() -> None:
    meant = {state: lab().outcome(state) for state in ("closed", "withdrawn", "working", "gone")}
    assert meant == {"closed": "closed", "withdrawn": "withdrawn", "working": "", "gone": ""}
    kept = {event: lab().recorded(event) for event in ("record_effort", "ratify", "close", "gone")}
    assert kept == {"record_effort": "effort", "ratify": "decision", "close": "", "gone": ""}


@pytest.mark.parametrize(
    ("on", "expected"),
    [("02-20", None), ("02-21", "Winter"), ("03-08", "Winter"), ("03-09", None), ("05-14", "Ascension weekend")],
)
def test_the_school_holidays_of_a_day(on: str, expected: str | None) -> None:
    found = lab().school_holidays_on(day(on))
    with spoken("en"):
        assert (found.text if found else None) == expected


# --- The outline answers as the declaration does ---


@pytest.fixture(scope="module")
def outline() -> Outline:
    return Outline(shipped_document())


@pytest.mark.parametrize("ref", ["2026-0001", "2026-A001"])
def test_the_outline_answers_as_the_declaration_does(outline: Outline, ref: str) -> None:
    light, whole = outline.of(ref), lab().of(ref)
    assert list(light.events) == list(whole.events)
    for code, event in whole.events.items():
        item = light.events[code]
        assert (item.text, item.creates, item.note, item.undo, item.since, item.dated) == (
            event.text, event.creates, event.note, event.undo, event.since, event.dated,
        )  # fmt: skip
        assert tuple(item.guards or ()) == event.guards
        keys = {name: (key.type, key.many, required) for name, (key, required) in whole.keys_of(event).items()}
        assert {n: (key.type, key.many, required) for n, (key, required) in light.keys_of(item).items()} == keys
        assert light.sources(code) == list(dict.fromkeys(edge.source for edge in whole.edges[code]))
    assert {code: (s.text, s.final) for code, s in light.states.items()} == {
        code: (s.text, s.final) for code, s in whole.states.items()
    }


@pytest.mark.parametrize("name", ["tiers", "services", "bases", "decline_reasons", "activity_types", "activity_axes"])
def test_the_outline_has_every_vocabulary(outline: Outline, name: str) -> None:
    assert {code: item.text for code, item in outline.vocabulary(name).items()} == {
        code: item.text for code, item in lab().vocabulary(name).items()
    }
    first = next(iter(outline.vocabulary(name)))
    assert [outline.label(name, code) for code in (first, "gone", None)] == [lab().label(name, first), "gone", ""]


def test_the_outline_knows_the_roles_that_people_have_and_the_letters_of_a_kind(outline: Outline) -> None:
    assert list(outline.held_roles) == list(lab().held_roles) == [*lab().roles][:-2]
    for kind in lab().kinds:
        assert list(outline.letters_for(kind)) == list(lab().letters_for(kind))
    assert set(lab().letters) - set(lab().letters_for("autonomous")) == {"acceptance"}
    off = {**shipped_document()["letters"], "no": {**shipped_document()["letters"]["no"], "off": True}}
    assert "no" not in Outline({**shipped_document(), "letters": off}).letters_for("accompanied")


def test_the_outline_knows_the_lab_and_nothing_that_is_not_declared(outline: Outline) -> None:
    assert (outline.lab.name, outline.lab.tz) == (lab().lab.name, lab().lab.tz)
    assert outline.tiers is outline.vocabulary("tiers")
    for made in (outline, outline.lab):
        with pytest.raises(AttributeError):
            made.__length_hint__()
    without = {name: table for name, table in shipped_document().items() if name != "activity"}
    assert (dict(Outline(without).activities.events), dict(Outline(without).activities.states)) == ({}, {})


# --- Documents ---


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", "changed", 1, 2)]),
        ({}, {"a": 1}, [("a", "added", None, 1)]),
        ({"a": 1}, {}, [("a", "removed", 1, None)]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3, "d": 4}}, [
            ("a.b", "removed", 1, None), ("a.c", "changed", 2, 3), ("a.d", "added", None, 4),
        ]),
        ({"a": {"b": 1}}, {"a": [1]}, [("a", "changed", {"b": 1}, [1])]),
        ({"a": [1]}, {"a": {"b": 1}}, [("a", "changed", [1], {"b": 1})]),
    ],
)  # fmt: skip
def test_what_a_declaration_says_otherwise(before: Any, after: Any, expected: list[tuple[Any, ...]]) -> None:
    found = differences(before, after)
    assert [(one["path"], one["change"], one["before"], one["after"]) for one in found] == expected
    assert [".".join(one["keys"]) for one in found] == [one["path"] for one in found]


def test_a_document_is_json_values() -> None:
    assert document_of(tomllib.loads("a = [08:00:00, {b = 1}]\nc = true")) == {"a": ["08:00:00", {"b": 1}], "c": True}
    assert document_of(tomllib.loads(shipped())) == shipped_document()


TEXT = '''# a comment
name = "x"
quoted."a.b" = 1
[lab]
zone = "Europe/Paris"  # there
[codes."x y"]
text = """
zone = no
[not.a.table]
"""
after = 1
[[rows]]
a = 1
[[rows]]
a = 2
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 2),
        (("quoted", "a.b"), 3),
        (("lab",), 4),
        (("lab", "zone"), 5),
        (("lab", "zone", "further", "in"), 5),
        (("lab", "other"), 4),
        (("codes", "x y", "text"), 7),
        (("codes", "x y", "zone"), 6),
        (("codes", "x y", "after"), 11),
        (("not", "a", "table"), None),
        (("rows", "0", "a"), 13),
        (("rows", "1", "a"), 15),
        (("rows", "1"), 14),
        (("rows", "2"), None),
        ((), None),
    ],
)
def test_the_line_of_a_path(path: tuple[str, ...], line: int | None) -> None:
    assert Locator(TEXT).line(path) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1", None),
        (".".join("a" * 50) + " = 1", None),
        (".".join("a" * 101) + " = 1", 1),
        ("b = 1\n\n" + ".".join("a" * 101) + " = 1", 3),
        (" . ".join(["'a'"] * 101) + " = 1", 1),
    ],
)
def test_a_name_of_a_hundred_parts_is_found_before_it_is_read(text: str, line: int | None) -> None:
    if line is None:
        assert parsed(text)
        return
    with pytest.raises(NotToml, match="part") as refused:
        parsed(text)
    assert refused.value.line == line


def test_another_lab_may_have_no_activity() -> None:
    bare: Declaration = evolve(lab(), activity=None)
    assert (dict(bare.activity_axes), dict(bare.activity_types), dict(bare.activities.states)) == ({}, {}, {})
    assert bare.of("") is bare.activities or bare.of("") is bare
