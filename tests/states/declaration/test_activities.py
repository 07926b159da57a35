"""The lifecycle of activities, in the declaration: a view of the same lab, read and checked like a request's."""

from __future__ import annotations

import tomllib

import pytest
from attrs import asdict

from states.declaration.documents import document_of, shipped
from states.declaration.model import Declaration
from states.declaration.stored import stored
from states.declaration.types import Malformed, Reading, read
from states.errors import BadDeclaration
from states.language import spoken
from states.lifecycle.diagram import dot, mermaid
from states.lifecycle.machine import machine_of
from states.references import is_activity, numbered, spelled
from states.verification.loading import load
from states.verification.structure import check

TEXT = shipped()
START = TEXT.index("[activity]")


def edited(old: str, new: str) -> str:
    """The shipped declaration with one edit in what it says of activities."""
    assert old in TEXT[START:]
    return TEXT[:START] + TEXT[START:].replace(old, new, 1)


def test_the_view_is_the_same_lab_with_another_lifecycle(declaration: Declaration) -> None:
    view = declaration.activities
    assert view is declaration.activities
    assert (view.lab, view.digest, view.places) == (declaration.lab, declaration.digest, declaration.places)
    assert list(view.states) == ["planned", "open", "held", "evaluated", "cancelled"]
    assert (view.creation, view.initial) == ("plan_activity", "planned")
    assert declaration.of("2026-A001") is view
    assert declaration.of("2026-0001") is declaration


@pytest.mark.parametrize(
    ("state", "event", "to", "possible"),
    [
        ("planned", "open_activity", "open", True),
        ("planned", "hold_activity", "held", True),
        ("open", "hold_activity", "held", True),
        ("open", "register", "open", True),
        ("held", "evaluate_activity", "evaluated", True),
        ("open", "cancel_activity", "cancelled", True),
        ("held", "cancel_activity", "cancelled", False),
        ("planned", "evaluate_activity", "evaluated", False),
        ("evaluated", "open_activity", "open", False),
    ],
)
def test_its_edges_are_in_the_same_machine(
    declaration: Declaration, state: str, event: str, to: str, possible: bool
) -> None:
    assert bool(machine_of(declaration.activities).get_transitions(event, state, to)) is possible
    assert event not in declaration.events


def test_only_the_axes_two_and_three_have_activities(declaration: Declaration) -> None:
    assert list(declaration.activity_axes) == ["management", "acculturation"]
    assert not declaration.activity_types["peer_group"].minutes
    assert all(kind.minutes for code, kind in declaration.activity_types.items() if code != "peer_group")


def test_a_stored_declaration_reads_the_same(declaration: Declaration) -> None:
    again = stored(document_of(tomllib.loads(TEXT)), "some digest")
    assert again.activity
    assert declaration.activity
    assert asdict(again.activity) == asdict(declaration.activity)


def test_a_lab_may_have_none() -> None:
    lab = load(TEXT[:START])
    assert (lab.activity, dict(lab.activities.events), dict(lab.activity_types)) == (None, {}, {})


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('to = ["open"] }', 'to = ["opened"] }', "activity.events.open_activity.transitions.0.to.0"),
        ('from = ["held"]', 'from = ["working"]', "activity.events.evaluate_activity.transitions.0.from.0"),
        ('needs = ["score"]', 'needs = ["scores"]', "activity.events.evaluate_activity.needs.0"),
        ('axes = ["management", ', 'axes = ["gestion", ', "activity.axes.0"),
        ("minutes = false", 'minutes = "non"', "activity.types.peer_group.minutes"),
        ('effect = "hold_activity"', 'effect = "hold_all"', "activity.events.hold_activity.effect"),
    ],
)
def test_a_wrong_name_is_told_where_it_stands(old: str, new: str, path: str) -> None:
    text = edited(old, new)
    with pytest.raises(BadDeclaration) as caught:
        load(text)
    (field,) = caught.value.fields
    assert field.field == path
    assert field.line is not None
    assert new.partition('"')[0].strip() in text.splitlines()[field.line - 1]


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ('to = ["open"] }', 'to = ["planned"] }', "unreachable_state", "activity.states.open"),
        (
            'from = ["held"], to = ["evaluated"]',
            'from = ["open"], to = ["evaluated"]',
            "dead_end",
            "activity.states.held",
        ),
        ('effect = "convene"', 'effect = "move"', "no_creation", "activity.events"),
        ('undo = "in_turn"', 'undo = "by_seq"', "not_undone_in_turn", "activity.events.open_activity"),
        ('"planned", "begun", ', '"begun", ', "no_planned_guard", "activity.events.hold_activity"),
        ('meeting = "activity"\n', "", "no_meeting", "activity.events.plan_activity"),
        ('roles = ["coordinator"]', "roles = []", "no_role", "activity.events.plan_activity.roles"),
        ('fr = "Visite", en', 'de = "Besuch", en', "missing_label", "activity.types.visit.label"),
    ],
)
def test_what_no_lab_can_mean_is_found(old: str, new: str, code: str, path: str) -> None:
    assert (code, path) in [(finding.code, finding.path) for finding in check(load(edited(old, new)))]


def test_it_is_drawn_like_a_request(declaration: Declaration) -> None:
    with spoken("en"):
        assert "the lifecycle of an activity" in dot(declaration.activities)
        assert "Planned → Held" in mermaid(declaration.activities)
        assert "the lifecycle of a request" in dot(declaration)


def test_references_are_told_apart() -> None:
    assert [is_activity(ref) for ref in ("2026-A001", "2026-0001", "lab", "", "2026-A1000")] == [
        True, False, False, False, True,
    ]  # fmt: skip
    for ref in ("2026-A001", "2026-A1000", "2026-0001", "2026-10000"):
        assert spelled(*numbered(ref)) == ref


def test_services_present_are_codes_by_comma(declaration: Declaration) -> None:
    key, reading = declaration.keys["services_present"], Reading(declaration)
    assert read(" drajes,DRARI, drajes,", key, reading) == ["drajes", "drari"]
    assert read(["sra_achats"], key, reading) == ["sra_achats"]
    for wrong in ("drajes,inconnu", 3, [3.5]):
        with pytest.raises(Malformed):
            read(wrong, key, reading)
