"""Activities: led by the engine that leads requests, in their own streams, among the same meetings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from activities import HELD, PEERS, SLOT, done, held
from sqlalchemy import select

from states.errors import Conflict, CoopError, Invalid, NotFound, UnknownEvent
from states.lifecycle.replay import replay
from workflow.store import schema as s
from workflow.testing import COMMITTEE, NOTE, PILOT, Lab, problems

MINUTES = "peer_group_keeps_no_minutes"


@pytest.fixture
def lab(lab: Lab) -> Iterator[Lab]:
    """A lab that must be whole at the end: chain, vault and derived tables."""
    yield lab
    assert problems(lab) == []


# --- A life ---


def test_an_activity_is_planned_opened_held_and_evaluated(lab: Lab) -> None:
    ref = lab.activity(at=SLOT, capacity=12, description="Tour du lieu", staff="camille", address="Rez-de-chaussée")
    assert ref == "2026-A001"
    assert done(lab, ref, "open_activity")["state"] == "open"
    assert done(lab, ref, "register", {"registered": 5})["registered"] == 5
    assert done(lab, ref, "register", {"registered": 9})["registered"] == 9
    assert held(lab, ref)["state"] == "held"
    shown = done(lab, ref, "evaluate_activity", {"score": "4,5", "respondents": 6}, note="Très appréciée")
    assert {name: value for name, value in shown.items() if name != "lifecycle"} == {
        "ref": "2026-A001",
        "type": "visit",
        "axis": "acculturation",
        "title": "Visite du lieu",
        "state": "evaluated",
        "at": "2026-02-03T10:00:00+01:00",
        "duration_minutes": 120,
        "place": "montpellier",
        "staff": ["camille"],
        "started_at": "2026-02-03T10:00:00+01:00",
        "address": "Rez-de-chaussée",
        "department": None,
        "agreed": None,
        "capacity": 12,
        "registered": 9,
        "attended": 8,
        "managers": 3,
        "services": ["drajes", "drari"],
        "satisfaction": {"score": 4.5, "respondents": 6},
        "description": "Tour du lieu",
        "planned_at": "2026-01-12T09:00:00+01:00",
        "seq": 6,
    }
    events = [(e["seq"], e["event"], e["from"], e["to"]) for e in lab.history(ref)]
    assert events == [
        (1, "plan_activity", None, "planned"),
        (2, "open_activity", "planned", "open"),
        (3, "register", "open", "open"),
        (4, "register", "open", "open"),
        (5, "hold_activity", "open", "held"),
        (6, "evaluate_activity", "held", "evaluated"),
    ]


def test_what_was_not_said_is_none(lab: Lab) -> None:
    shown = lab.show(lab.activity())
    nothing = ("capacity", "registered", "attended", "managers", "satisfaction", "description", "address")
    assert {shown[name] for name in nothing} == {None}
    assert (shown["services"], shown["staff"]) == ([], [])


def test_a_cancelled_one_frees_its_slot_and_may_come_back(lab: Lab) -> None:
    ref = lab.activity(at=SLOT)
    shown = done(lab, ref, "cancel_activity", note=NOTE)
    assert shown["state"] == "cancelled"
    taken = lab.activity(at=SLOT)
    assert lab.refused(ref, "correct", note=NOTE) == {"place_taken"}
    lab.apply(taken, "cancel_activity", note=NOTE)
    assert done(lab, ref, "correct", note=NOTE)["state"] == "planned"
    assert lab.refused("", "plan_activity", {**PEERS, "place": "montpellier", "at": SLOT}) == {"place_taken"}


def test_one_that_began_without_anybody_may_still_be_cancelled(lab: Lab) -> None:
    ref = lab.activity(at=SLOT)
    lab.clock.forward(days=40)
    assert done(lab, ref, "cancel_activity", note="Personne n’est venu")["state"] == "cancelled"


def test_the_last_entry_is_undone_in_turn_and_an_amendment_at_any_time(lab: Lab) -> None:
    ref = lab.activity(at=SLOT)
    lab.apply(ref, "amend_activity", {"title": "Autre titre", "capacity": 20})
    lab.apply(ref, "open_activity")
    lab.apply(ref, "register", {"registered": 15})
    assert done(lab, ref, "correct", note=NOTE)["registered"] is None
    assert done(lab, ref, "correct", note=NOTE)["state"] == "planned"
    assert done(lab, ref, "correct", {"seq": 2}, note=NOTE)["title"] == "Visite du lieu"
    assert lab.refused(ref, "correct", note=NOTE) == {"nothing_to_correct"}
    assert [e["corrected_by"] for e in lab.history(ref)] == [None, 7, 6, 5, None, None, None]


def test_it_moves_with_its_place_and_its_people(lab: Lab) -> None:
    ref = lab.activity(at=SLOT, duration="3h")
    assert lab.refused(ref, "move_activity", {"at": "2026-02-05T10:00"}) == {"place_closed"}  # a Thursday
    lab.apply(ref, "move_activity", {"at": "2026-02-05T10:00", "place": "toulouse", "agreed": "oui", "staff": "rene"})
    shown = lab.show(ref)
    assert (shown["at"], shown["duration_minutes"]) == ("2026-02-05T10:00:00+01:00", 180)
    assert (shown["place"], shown["agreed"], shown["staff"]) == ("toulouse", True, ["rene"])


# --- Rules ---


@pytest.mark.parametrize("event", ["open_activity", "register", "hold_activity", "move_activity", "cancel_activity"])
def test_nothing_more_is_planned_of_one_that_was_held(lab: Lab, event: str) -> None:
    ref = lab.activity(at=SLOT)
    held(lab, ref)
    given = {
        "register": {"registered": 3},
        "hold_activity": HELD,
        "move_activity": {"at": "2026-03-03T10:00"},
    }.get(event, {})
    assert "state" in lab.refused(ref, event, given, note=NOTE)


def test_it_is_not_evaluated_before_it_is_held_nor_held_before_it_begins(lab: Lab) -> None:
    ref = lab.activity(at=SLOT)
    assert lab.refused(ref, "evaluate_activity", {"score": 4}) == {"state"}
    assert lab.refused(ref, "hold_activity", HELD) == {"not_yet"}


def test_no_more_people_register_than_fit(lab: Lab) -> None:
    ref = lab.activity(at=SLOT, capacity=10)
    assert lab.refused(ref, "register", {"registered": 11}) == {"over_capacity"}
    lab.apply(ref, "amend_activity", {"capacity": 12})
    lab.apply(ref, "register", {"registered": 11})
    assert lab.refused(ref, "amend_activity", {"capacity": 10}) == {"over_capacity"}
    assert lab.refused(ref, "correct", {"seq": 2}, note=NOTE) == {"over_capacity"}
    lab.clock.forward(days=40)
    assert lab.refused(ref, "hold_activity", {**HELD, "registered": 13}) == {"over_capacity"}
    assert done(lab, ref, "hold_activity", {**HELD, "attended": 14})["attended"] == 14  # who came, came


def test_without_a_capacity_any_number_registers(lab: Lab) -> None:
    ref = lab.activity()
    assert done(lab, ref, "register", {"registered": 500})["registered"] == 500


def test_its_type_and_axis_stay_once_it_was_held(lab: Lab) -> None:
    ref = lab.activity(at=SLOT)
    assert done(lab, ref, "amend_activity", {"axis": "management", "type": "training"})["type"] == "training"
    held(lab, ref)
    for given in ({"axis": "acculturation"}, {"type": "visit"}):
        assert lab.refused(ref, "amend_activity", given) == {"state"}
    assert lab.refused(ref, "correct", {"seq": 2}, note=NOTE) == {"state"}
    shown = done(lab, ref, "amend_activity", {"title": "Mieux dit", "description": "Après coup", "axis": "management"})
    assert (shown["title"], shown["description"]) == ("Mieux dit", "Après coup")


def test_of_a_peer_group_no_text_is_kept(lab: Lab) -> None:
    at = {"place": "montpellier", "at": SLOT}
    assert lab.refused("", "plan_activity", {**PEERS, **at}, note="Autour de la table") == {MINUTES}
    assert lab.refused("", "plan_activity", {**PEERS, **at, "description": "Qui dit quoi"}) == {MINUTES}
    ref = lab.activity(**PEERS, at=SLOT)
    assert lab.refused(ref, "comment", note="Ce qui s’est dit") == {MINUTES}
    assert lab.refused(ref, "amend_activity", {"description": "Ce qui s’est dit"}) == {MINUTES}
    assert lab.refused(ref, "open_activity", note="Ce qui s’est dit") == {MINUTES}
    lab.apply(ref, "open_activity")
    lab.apply(ref, "correct", note="Ouverte trop tôt")
    held(lab, ref)
    assert lab.refused(ref, "evaluate_activity", {"score": 4}, note="Ce qui s’est dit") == {MINUTES}
    other = lab.activity(**PEERS, at="2026-03-03T10:00")
    lab.apply(other, "cancel_activity", note="Trop peu d’inscrits")
    with lab.store.reading() as connection:
        fields = set(connection.execute(select(s.vault.c.field).where(s.vault.c.stream.in_([ref, other]))).scalars())
    assert fields == {"title", "note"}


def test_what_may_hold_texts_does_not_become_a_peer_group(lab: Lab) -> None:
    ref = lab.activity(at=SLOT)
    assert lab.refused(ref, "amend_activity", {"type": "peer_group"}) == {MINUTES}
    peers = lab.activity(**PEERS, at="2026-02-04T10:00")
    lab.apply(peers, "amend_activity", {"type": "workshop"})
    lab.apply(peers, "comment", note="Des notes")
    assert lab.refused(peers, "correct", {"seq": 2}, note=NOTE) == {MINUTES}


def test_a_waiver_of_a_peer_group_is_explained(lab: Lab) -> None:
    late = {**PEERS, "place": "montpellier", "at": "2026-02-03T18:00"}
    assert lab.refused("", "plan_activity", late) == {"outside_hours"}
    applied = lab.apply("", "plan_activity", late, waive=("outside_hours",), note="À la demande des participants")
    assert applied.entry.data["waived"] == ["outside_hours"]


@pytest.mark.parametrize("actor", [COMMITTEE, "sami"])
def test_it_is_the_coordinators(lab: Lab, actor: str) -> None:
    lab.register("sami", "specialist")
    given = {**PEERS, "place": "montpellier", "at": SLOT}
    assert lab.refused("", "plan_activity", given, actor=actor) == {"role"}
    ref = lab.activity(at=SLOT)
    assert lab.refused(ref, "open_activity", actor=actor) == {"role"}
    lab.apply(ref, "open_activity", actor=PILOT)


# --- Inputs, references, keys ---


def failure(lab: Lab, *words: Any, **how: Any) -> CoopError:
    with pytest.raises(CoopError) as caught:
        lab.apply(*words, **how)
    return caught.value


def test_what_is_missing_or_malformed_is_told_at_once(lab: Lab) -> None:
    problem = failure(
        lab, "", "plan_activity", {"type": "kermesse", "axis": "incubation", "capacity": 0, "nom": "Alix", "at": SLOT}
    )
    assert isinstance(problem, Invalid)
    assert {field.field for field in problem.fields} == {"title", "type", "axis", "capacity", "nom", "place"}
    ref = lab.activity(at=SLOT)
    for given in ({**HELD, "managers": 9}, {**HELD, "services": "drajes,inconnu"}, {"managers": 2}):
        assert isinstance(failure(lab, ref, "hold_activity", given), Invalid)


def test_what_is_unknown_is_told_apart(lab: Lab) -> None:
    ref = lab.activity(at=SLOT)
    missing = failure(lab, "2026-A009", "open_activity")
    assert isinstance(missing, NotFound)
    assert "2026-A009" in missing.message
    assert isinstance(failure(lab, ref, "prequalify"), UnknownEvent)
    assert isinstance(failure(lab, ref, "plan_activity"), UnknownEvent)
    assert isinstance(failure(lab, "", "kermesse"), UnknownEvent)
    assert isinstance(failure(lab, "", "open_activity"), Invalid)
    assert isinstance(failure(lab, lab.request(), "open_activity"), UnknownEvent)
    assert isinstance(failure(lab, ref, "open_activity", expect_seq=4), Conflict)
    assert isinstance(failure(lab, ref, "move_activity", {"at": SLOT, "staff": "inconnue"}), NotFound)


def test_numbers_have_no_gap_in_their_year_of_reception(lab: Lab) -> None:
    given = {**PEERS, "place": "montpellier"}
    assert lab.activity(at=SLOT) == "2026-A001"
    assert lab.refused("", "plan_activity", {**given, "at": SLOT}) == {"place_taken"}
    assert lab.apply("", "plan_activity", {**given, "at": "2027-01-12T10:00"}).request.ref == "2026-A002"
    told = lab.apply("", "plan_activity", {**given, "at": "2026-03-10T10:00"}, at="2025-12-15T10:00+01:00")
    assert told.request.ref == "2025-A001"
    assert lab.request() == "2026-0001"


def test_the_same_key_plans_once(lab: Lab) -> None:
    given = {**PEERS, "place": "montpellier", "at": SLOT}
    first = lab.apply("", "plan_activity", given, key="k1")
    again = lab.apply("", "plan_activity", given, key="k1")
    assert (again.replayed, again.request.ref, again.request.form) == (True, first.request.ref, first.request.form)
    assert isinstance(failure(lab, "", "plan_activity", {**given, "capacity": 4}, key="k1"), Conflict)


def test_as_it_was_and_as_it_was_known(lab: Lab) -> None:
    ref = lab.activity(at=SLOT, capacity=10)
    planned = lab.clock.now
    lab.clock.forward(days=1)
    lab.apply(ref, "register", {"registered": 4})
    lab.clock.forward(days=1)
    lab.apply(ref, "correct", note=NOTE)
    with lab.reading() as reader:
        known = reader.show(reader.request(ref, known_at=lab.clock().replace(day=13).isoformat()))
        was = reader.show(reader.request(ref, as_of=planned))
        with pytest.raises(NotFound, match="2026-A001"):
            reader.request(ref, as_of="2026-01-01T00:00:00Z")
        folded = replay(reader.declaration.activities, reader.entries(ref))
    assert (known["registered"], was["registered"], was["seq"]) == (4, None, 1)
    assert folded == lab.now(ref)


def test_what_can_be_done_is_told(lab: Lab) -> None:
    ref = lab.activity(at=SLOT)
    _activity, options = lab.engine.options(ref, "camille")
    found = {option.event: option for option in options}
    assert {event for event, option in found.items() if option.allowed} == {
        "open_activity", "register", "cancel_activity", "move_activity", "amend_activity", "comment",
    }  # fmt: skip
    assert found["register"].needs == ("registered",)
    assert [refusal.rule for refusal in found["evaluate_activity"].refusals] == ["state"]
