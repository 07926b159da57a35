"""`coop activity`: what one types, what one reads, in both languages and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from desk import Desk

from states.declaration.documents import shipped

PLAN = ["activity", "plan", "--title", "Visite du lieu", "--type", "visit", "--axis", "acculturation"]
HERE = ["--place", "montpellier"]


@pytest.fixture
def lab(desk: Desk) -> Desk:
    """An activity is planned on Tuesday 20 January."""
    desk.json(*PLAN, *HERE, "--slot", "20/01 14h", "--capacity", "12")
    return desk


def test_from_its_planning_to_its_evaluation(desk: Desk) -> None:
    planned = desk.json(*PLAN, *HERE, "--slot", "20/01 14h", "--for", "90m", "--capacity", "12")
    assert (planned["ref"], planned["staff"], planned["duration_minutes"]) == ("2026-A001", ["camille"], 90)
    assert planned["applied"] == {"seq": 1, "event": "plan_activity", "from": None, "to": "planned"}
    assert desk.json("activity", "open", "1")["state"] == "open"
    assert desk.json("activity", "register", "A1", "--registered", "9")["registered"] == 9
    desk.at("2026-01-20T18:00+01:00")
    done = desk.json("activity", "done", ".", "--attended", "8", "--managers", "3", "--services", "drajes,drari")
    assert (done["state"], done["services"]) == ("held", ["drajes", "drari"])
    found = desk.json("activity", "evaluate", "2026-A001", "--score", "4,5", "--respondents", "6")
    assert found["satisfaction"] == {"score": 4.5, "respondents": 6}
    del found["applied"], found["replayed"], found["notices"]
    assert desk.json("activity", "show", "1") == desk.json("show", "A1") == found
    assert len(desk.json("activity", "history", "1")) == found["seq"] == 5
    assert desk.json("db", "verify")["problems"] == []


def test_it_is_read_by_people(lab: Desk) -> None:
    lab.json("activity", "register", "1", "--registered", "9")
    shown = lab.coop("activity", "show", "1").out
    for text in (
        "Visite du lieu",
        "Planifiée",
        "mardi 20 janvier 2026 à 14\N{NO-BREAK SPACE}h",
        "Capacité",
        "Inscrits",
        "9",
    ):
        assert text in shown, text
    assert "9 inscrits sur 12" in lab.coop("activity", "list").out
    assert "Inscrits notés" in lab.coop("activity", "history", "1").out
    assert "Visite du lieu" in lab.coop("agenda", "--from", "20/01", "--to", "20/01").out
    english = lab.coop("--lang", "en", "activity", "show", "1").out
    assert "Managerial" not in english
    assert "Innovation culture" in english
    lab.at("2026-01-21T08:30+01:00")
    assert "coop activity done A001 --attended …" in lab.coop("today").out
    lab.json("activity", "done", "A001", "--attended", "7")
    lab.json("activity", "evaluate", "1", "--score", "4")
    assert "4 sur 5" in lab.coop("activity", "show", "1").out


def test_every_other_gesture(lab: Desk) -> None:
    assert lab.json("activity", "move", "1", "--slot", "first")["at"] == "2026-01-12T14:00:00+01:00"
    assert lab.json("activity", "move", "1", "--slot", "21/01 9h")["at"] == "2026-01-21T09:00:00+01:00"
    assert lab.json("activity", "amend", "1", "--title", "Visite guidée", "--capacity", "20")["capacity"] == 20
    lab.json("activity", "comment", "1", "--note", "Prévoir un badge")
    assert lab.json("activity", "undo", "1", "--note", "mauvais badge")["at"] == "2026-01-21T09:00:00+01:00"
    assert lab.json("activity", "undo", "1", "--note", "mauvais titre")["title"] != "Visite guidée"
    assert lab.json("activity", "undo", "1", "--note", "mauvais jour")["at"] == "2026-01-12T14:00:00+01:00"
    assert lab.json("undo", "A1", "--note", "mauvais jour")["at"] == "2026-01-20T14:00:00+01:00"
    assert lab.json("activity", "cancel", "1", "--note", "Trop peu d’inscrits")["state"] == "cancelled"


def test_the_first_valid_slot_needs_a_place(desk: Desk) -> None:
    assert desk.json(*PLAN, *HERE, "--slot", "first")["at"] == "2026-01-12T14:00:00+01:00"
    again = desk.json(*PLAN, *HERE, "--slot", "first", "--key", "k1")
    assert desk.json(*PLAN, *HERE, "--slot", "first", "--key", "k1") == {**again, "replayed": True}
    assert [f["field"] for f in desk.fails(6, *PLAN, "--slot", "first")["fields"]] == ["place"]


def test_what_is_refused_says_why(lab: Desk) -> None:
    assert lab.refused("activity", "register", "1", "--registered", "13") == ["over_capacity"]
    assert lab.refused(*PLAN, *HERE, "--slot", "20/01 15h") == ["place_taken", "staff_busy"]
    assert lab.refused(*PLAN, "--place", "toulouse", "--staff", "none", "--slot", "20/01 20h", "--agreed") == [
        "outside_hours"
    ]
    lab.fails(6, *PLAN, *HERE)
    lab.fails(6, "activity", "cancel", "1")
    lab.fails(4, "activity", "open", "9")
    lab.fails(4, "activity", "show", "2026-0001")
    lab.fails(4, "activity", "show", "autre")
    lab.fails(5, "activity", "open", "1", "--expect-seq", "7")
    lab.fails(6, "activity", "list", "--type", "kermesse")
    peers = ["activity", "plan", "--title", "Entre pairs", "--type", "peer_group", "--axis", "management", *HERE]
    assert lab.refused(*peers, "--slot", "21/01 9h", "--note", "Autour de la table") == ["peer_group_keeps_no_minutes"]


def test_lists_are_filtered(lab: Desk) -> None:
    lab.json(
        "activity", "plan", "--title", "B", "--type", "training", "--axis", "management", *HERE, "--slot", "3/02 9h"
    )

    def refs(*words: str) -> list[Any]:
        return [row["ref"] for row in lab.json("activity", "list", *words)]

    assert refs() == ["2026-A001", "2026-A002"]
    assert refs("--type", "training") == refs("--axis", "management") == refs("--from", "1/02") == ["2026-A002"]
    assert refs("--to", "20/01", "--state", "planned") == ["2026-A001"]
    assert lab.coop("activity", "list", "--state", "held").out.strip() == "Aucune activité ne correspond."


def test_any_event_by_its_name_and_from_a_file(lab: Desk) -> None:
    assert lab.json("advance", "2026-A001", "open_activity")["state"] == "open"
    lab.fails(2, "advance", "2026-A001", "prequalify")
    given = {
        "title": "Atelier",
        "type": "workshop",
        "axis": "management",
        "place": "hors_les_murs",
        "at": "2026-02-03T10:00",
    }
    lines = [
        {"ref": "2026-A001", "event": "register", "set": {"registered": 4}},
        {"event": "plan_activity", "set": given, "key": "k1"},
        {"ref": "@k1", "event": "open_activity"},
        {"event": "open_activity"},
        {"event": "plan_activity", "set": {**given, "type": "peer_group"}, "note": "qui dit quoi"},
    ]
    printed = lab.coop("apply", "-", "--json", stdin="\n".join(json.dumps(line) for line in lines))
    found = printed.json
    assert (found["applied"], found["invalid"], found["refused"]) == (3, 1, 1)
    assert [result["ref"] for result in found["results"][:3]] == ["2026-A001", "2026-A002", "2026-A002"]
    assert found["results"][3]["error"]["fields"][0]["field"] == "ref"
    assert lab.json("activity", "show", "2")["state"] == "open"


def test_what_can_be_done_and_what_is_declared(lab: Desk) -> None:
    possible = lab.json("next", "A1")["events"]
    assert {e["event"] for e in possible if e["allowed"]} >= {"open_activity", "register", "move_activity"}
    assert "Ouvrir les inscriptions" in lab.coop("next", "A1").out
    declared = lab.json("lifecycle", "show")["activity"]
    assert set(declared["types"]) == {"visit", "conference", "workshop", "training", "peer_group"}
    assert declared["events"]["hold_activity"]["needs"] == ["attended"]
    assert "hold_activity" in lab.coop("lifecycle", "show").out
    assert "le parcours d’une activité" in lab.coop("lifecycle", "diagram", "--activity").out


def test_a_lab_without_activities_says_so(desk: Desk, tmp_path: Path) -> None:
    text = shipped()
    keys = text.index("[keys.activity_title]")
    bare = text[:keys] + text[text.index("# --- Events that move a request") : text.index("[activity]")]
    file = tmp_path / "sans.toml"
    file.write_text(bare, "utf-8")
    desk.json("lifecycle", "check", str(file))
    desk.json("lifecycle", "adopt", str(file), "--yes")
    assert desk.json("lifecycle", "show")["activity"]["events"] == {}
    assert desk.json("activity", "list") == []
    desk.fails(2, "activity", "plan")
    assert desk.coop("lifecycle", "diagram", "--activity").exit == 2


def test_the_shell_completes_its_references_and_codes(lab: Desk) -> None:
    lab.json(*PLAN, *HERE, "--slot", "3/02 9h")
    lab.json("activity", "open", "2")

    def offered(line: str) -> set[str]:
        return set(lab.offered(line))

    assert offered("coop activity open ") == {"2026-A001"}
    assert offered("coop activity show ") == {"2026-A002", "2026-A001"}
    assert {"visit", "peer_group"} < offered("coop activity plan --type ")
    assert offered("coop activity plan --axis ") == {"management", "acculturation"}
    assert "drajes" in offered("coop activity done 2026-A001 --services ")
    assert {"register", "hold_activity"} <= offered("coop advance 2026-A002 ")
    assert {"plan", "open", "register", "done", "list", "show", "history"} <= offered("coop activity ")


def test_the_figures_of_what_was_held_are_put_right(desk: Desk) -> None:
    words = ("--title", "Visite", "--type", "visit", "--axis", "acculturation", "--place", "hors_les_murs")
    desk.json("activity", "plan", *words, "--slot", "20/01 10h", "--capacity", "30")
    assert desk.refused("activity", "amend", "1", "--attended", "12") == ["not_recorded"]
    desk.at("2026-01-21T09:00+01:00")
    desk.json("activity", "done", "1", "--attended", "10", "--managers", "2", "--registered", "12")
    more = ("--attended", "11", "--registered", "14", "--services", "drajes")
    assert desk.json("activity", "amend", "1", *more)["state"] == "held"
    (row,) = desk.json("activity", "list")
    assert (row["attended"], row["registered"]) == (11, 14)
    entry = desk.json("activity", "history", "1")[-1]["data"]
    assert (entry["attended"], entry["was"]) == (11, {"attended": 10})
    assert desk.fails(6, "activity", "amend", "1", "--attended", "11")["fields"]
    assert desk.fails(6, "activity", "amend", "1", "--managers", "40")["fields"][0]["field"] == "managers"
    assert desk.refused("activity", "amend", "1", "--registered", "40") == ["over_capacity"]
    assert desk.refused("activity", "amend", "1", "--started", "21/01 10h") == ["not_yet"]
    assert desk.json("review", "2026-S1")["indicators"]["attendance_rate"] == 11 / 14
    desk.json("activity", "undo", "1", "--note", "Non")
    assert desk.json("activity", "list")[0]["attended"] == 10
    assert desk.coop("db", "verify").exit == 0
