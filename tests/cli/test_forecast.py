"""When comparable requests got there, at the command line; how often what was announced held."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from desk import Desk

from workflow.store.database import Store
from workflow.testing import Lab, SimulatedClock

EVENTS = ["hold_interview", "hold_meeting", "hold_session", "hold_debrief", "close"]
MARCH = "2026-03-10T10:00+01:00"


@pytest.fixture
def some(desk: Desk, tmp_path: Path) -> Desk:
    """Seven requests given a tier eight to fourteen days after they were qualified; an eighth is, since 5 March."""
    clock = SimulatedClock("2026-02-02T09:00:00+01:00")
    with closing(Store(f"sqlite:///{tmp_path / 'coop.db'}")) as store:
        lab = Lab(store, clock)
        refs = [lab.request("interview_planned") for _n in range(7)]
        for ref in refs:
            lab.step(ref, "hold_interview")
        clock.forward(days=7)
        for ref in refs:
            clock.forward(days=1)
            lab.step(ref, "assign_tier")
            lab.step(ref, "plan_meeting")
            lab.step(ref, "hold_meeting")
        clock.to("2026-03-05T09:00:00+01:00")
        lab.request("qualified")
    return desk.at(MARCH)


def test_a_lab_without_past_says_that_it_cannot_say(desk: Desk) -> None:
    ref = desk.received()
    found = desk.at(MARCH).json("forecast", ref)
    assert (found["ref"], found["state"], found["since"]) == (ref, "received", "2026-01-12T09:00:00+01:00")
    assert [milestone["event"] for milestone in found["milestones"]] == EVENTS
    for milestone in found["milestones"]:
        assert (milestone["comparable"], milestone["half_by"], milestone["most_by"]) == (0, None, None)
        assert "Aucune demande comparable" in milestone["reason"]
    # An interview, a meeting, a session and a debrief, each on a day of its own; the debrief is closed the same day.
    days = [date.fromisoformat(milestone["earliest"]) for milestone in found["milestones"]]
    assert days == sorted(days)
    assert len(set(days)) == 4
    printed = desk.coop("forecast", ref).out
    assert printed.count("On ne peut rien dire.") == 1  # the same of each, said once
    assert "Entretien tenu · Réunion tenue · Session tenue · Debrief tenu · Close" in printed


def test_two_dates_and_the_requests_behind_them(some: Desk) -> None:
    first = some.json("forecast", "2026-0008")["milestones"][0]
    assert (first["event"], first["comparable"], first["still_waiting"], first["among"]) == (
        "hold_meeting",
        7,
        0,
        "kind",
    )
    assert first["half_by"] <= first["most_by"]
    assert 4 <= first["reached_by_half"] <= first["reached_by_most"] <= 7
    assert first["reason"] is None
    for words in (["--lang", "fr"], ["--lang", "en"]):
        printed = some.coop(*words, "forecast", "2026-0008").out.replace("\u00a0", " ")
        assert f"7 {'demandes' if 'fr' in words else 'requests'}" in printed
        assert all(len(line) <= 80 for line in printed.splitlines()[:8])
        assert ".." not in printed  # a month that is cut short ends a sentence by itself
    assert "camille" not in printed


def test_what_is_planned_is_the_earliest(some: Desk) -> None:
    some.json("interview", "plan", some.json("prequalify", some.received())["ref"], "--slot", "20/03 10h")
    found = some.json("forecast", ".")["milestones"]
    assert [milestone["earliest"] for milestone in found[:2]] == ["2026-03-20", "2026-03-23"]


def test_what_has_ended_waits_for_nothing(desk: Desk) -> None:
    ref = desk.received()
    desk.json("withdraw", ref, "-n", "Plus besoin")
    assert desk.json("forecast", ref)["milestones"] == []
    assert "rien ne l’attend plus" in desk.coop("forecast", ref).out


def test_the_record_says_how_often_the_dates_held(some: Desk) -> None:
    found = some.at("2026-06-01T10:00+02:00").json("forecast", "--record")
    assert found["announced"] > found["kept"]  # the eighth has not had its meeting
    assert found["share"] == found["kept"] / found["announced"]
    assert [milestone["event"] for milestone in found["milestones"]] == ["hold_meeting"]
    printed = some.coop("forecast", "--record").out
    assert f"tenues {found['kept']} fois sur {found['announced']}, pour" in printed
    later = some.json("forecast", "--record", "--since", "2026-05-01")
    assert (later["announced"], later["from"]) == (0, "2026-05-01")


def test_a_lab_without_past_has_no_record(desk: Desk) -> None:
    found = desk.json("forecast", "--record")
    assert (found["announced"], found["kept"], found["share"]) == (0, 0, None)
    assert "Rien à juger" in desk.coop("forecast", "--record").out


@pytest.mark.parametrize(
    ("words", "exit"),
    [
        ((), 2),
        (("1", "--record"), 2),
        (("1", "--since", "2026-02-01"), 2),
        (("2026-0099",), 4),
        (("A1",), 4),
        (("--record", "--since", "jamais"), 6),
    ],
)
def test_what_is_not_understood(desk: Desk, words: tuple[str, ...], exit: int) -> None:
    desk.received()
    desk.fails(exit, "forecast", *words)
