"""The shorthands: slots as people write them, `first`, what has happened, several references, the tier by Enter."""

from __future__ import annotations

import pytest
from desk import Desk
from terminal import Terminal


def at(desk: Desk, ref: str, *states: str) -> None:
    """Leads a request to its tier, its interview on Tuesday 13 January at 9."""
    desk.json("prequalify", ref)
    if "prequalified" in states:
        return
    desk.json("interview", "plan", ref, "--slot", "13/01 9h")
    desk.at("2026-01-13T10:00+01:00").json("interview", "done", ref)
    if "qualified" not in states:
        desk.json("tier", "assign", ref, "tuto")


# --- Slots ---


def test_the_first_slot_is_the_next_valid_one_and_is_told(desk: Desk) -> None:
    ref = desk.received(place="montpellier")
    at(desk, ref, "prequalified")
    printed = desk.coop("interview", "plan", ref, "--slot", "first")
    assert "lundi 12 janvier 2026 à 14\u00a0h" in printed.out
    (meeting,) = desk.json("show", ref)["calendar"]
    assert (meeting["at"], meeting["staff"]) == ("2026-01-12T14:00:00+01:00", ["camille"])  # half a working day ahead


def test_the_first_slot_leaves_out_closures_absences_and_the_other_labs_day(desk: Desk) -> None:
    ref = desk.received(place="montpellier")
    at(desk, ref, "prequalified")
    desk.coop("place", "close", "montpellier", "--from", "12/01", "--to", "13/01", "--note", "Travaux")
    desk.coop("staff", "absence", "camille", "--from", "14/01")
    shown = desk.json("interview", "plan", ref, "--slot", "first")
    assert shown["calendar"][0]["at"] == "2026-01-16T09:00:00+01:00"


def test_a_session_moves_to_the_first_slot_of_its_length_place_and_people(desk: Desk) -> None:
    ref = desk.received(place="montpellier")
    at(desk, ref)
    desk.json("meeting", "plan", ref, "--slot", "14/01 10h")
    desk.json("session", "plan", ref, "--slot", "16/01 9h", "--for", "5h")
    moved = desk.json("meeting", "move", f"{ref}/session-1", "--slot", "first")
    # Tuesday, four hours after 10:00, five hours long: nothing is in the way before the closing.
    assert (moved["calendar"][-1]["at"], moved["calendar"][-1]["duration_minutes"]) == (
        "2026-01-13T14:00:00+01:00",
        300,
    )
    assert "place_closed" in desk.refused("meeting", "move", f"{ref}/session-1", "--slot", "jeu 9h")
    assert desk.coop("meeting", "move", f"{ref}/work-9", "--slot", "first").exit == 4


def test_several_slots_are_planned_together_or_not_at_all(desk: Desk) -> None:
    ref = desk.received()
    at(desk, ref)
    assert desk.refused("meeting", "plan", ref, "--slot", "20/01 9h", "--slot", "hier 9h") == ["slot_in_past"]
    assert desk.json("show", ref)["meetings"]["work"]["planned"] == 0
    shown = desk.json("meeting", "plan", ref, "--slot", "first", "--slot", "20/01 9h", "--slot", "first", "--for", "2h")
    assert [m["at"] for m in shown["calendar"]][1:] == [
        "2026-01-13T14:00:00+01:00",
        "2026-01-20T09:00:00+01:00",
        "2026-01-14T09:00:00+01:00",
    ]


def test_a_key_makes_several_slots_safe_to_repeat(desk: Desk) -> None:
    ref = desk.received()
    at(desk, ref)
    words = ("meeting", "plan", ref, "--slot", "first", "--slot", "20/01 9h", "--slot", "first", "--key", "k")
    first = desk.json(*words)
    again = desk.json(*words)
    assert again["replayed"]
    assert again["calendar"] == first["calendar"]
    assert desk.json("show", ref)["seq"] == first["seq"]


def test_expect_seq_is_of_the_first_of_several(desk: Desk) -> None:
    ref = desk.received()
    at(desk, ref)
    seq = str(desk.json("show", ref)["seq"])
    words = ("meeting", "plan", ref, "--slot", "20/01 9h", "--slot", "21/01 9h", "--expect-seq", seq)
    assert desk.json(*words)["meetings"]["work"]["planned"] == 2
    desk.fails(5, *words)


@pytest.mark.parametrize("slot", ["lun 14h", "10/03", "bientôt", "14h5", "29/03 2h30"])
def test_an_unclear_slot_is_refused(desk: Desk, slot: str) -> None:
    ref = desk.received()
    at(desk, ref, "prequalified")
    fields = desk.fails(6, "interview", "plan", ref, "--slot", slot)["fields"]
    assert [field["field"] for field in fields] == ["--slot"]


# --- What has happened ---


def test_thursdays_interview_is_entered_on_friday(desk: Desk) -> None:
    ref = desk.received()
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "jeu 14h")
    desk.at("2026-01-16T09:05+01:00")
    printed = desk.coop("interview", "done", ref, "--started", "jeu 14h10")
    assert "jeudi 15 janvier 2026 à 14\u00a0h\u00a010" in printed.out
    shown = desk.json("show", ref)
    assert shown["calendar"][0]["started_at"] == "2026-01-15T14:10:00+01:00"
    assert [d["status"] for d in shown["deadlines"] if d["kind"] == "interview_planned"] == ["met"]
    assert desk.json("history", ref)[-1]["occurred_at"] == "2026-01-15T15:10:00+01:00"


def test_at_dates_the_entry_itself(desk: Desk) -> None:
    ref = desk.received()
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "jeu 14h")
    desk.at("2026-01-16T09:05+01:00")
    printed = desk.coop("interview", "done", ref, "--at", "jeu 15h30")
    assert "jeudi 15 janvier 2026 à 15\u00a0h\u00a030" in printed.out
    entry = desk.json("history", ref)[-1]
    assert (entry["occurred_at"], entry["recorded_at"]) == ("2026-01-15T15:30:00+01:00", "2026-01-16T09:05:00+01:00")


def test_advance_looks_back_too(desk: Desk) -> None:
    ref = desk.received()
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "jeu 14h")
    desk.at("2026-01-16T09:05+01:00")
    shown = desk.json("advance", ref, "hold_interview", "--set", "started_at=jeu 14h05", "--at", "hier 15h")
    assert shown["calendar"][0]["started_at"] == "2026-01-15T14:05:00+01:00"


# --- References ---


def test_several_references_stand_or_fall_alone(desk: Desk) -> None:
    one, two = desk.received(), desk.received()
    desk.json("prequalify", one)
    printed = desk.coop("suspend", one, two, "--note", "Le bâtiment ferme", "--json")
    assert printed.exit == 0
    assert [document["state"] for document in printed.json] == ["suspended", "suspended"]
    printed = desk.coop("comment", one, "99", two, "--note", "vu", "--json")
    assert printed.exit == 4
    assert len(printed.json) == 2
    assert desk.coop("resume", "1", ".", "--note", "Rouvert").exit == 0
    desk.fails(2, "comment", one, two, "--note", "vu", "--key", "k")
    desk.fails(2, "comment", one, two, "--note", "vu", "--expect-seq", "3")


def test_the_only_planned_meeting_needs_no_name(desk: Desk) -> None:
    ref = desk.received()
    at(desk, ref)
    desk.json("meeting", "plan", ref, "--slot", "20/01 9h", "--slot", "21/01 9h")
    desk.fails(6, "meeting", "move", ref, "--slot", "22/01 9h")
    desk.json("meeting", "cancel", f"{ref}/work-2", "--note", "de trop")
    assert desk.json("meeting", "move", ref, "--slot", "22/01 9h")["calendar"][1]["at"] == "2026-01-22T09:00:00+01:00"


# --- The tier ---


def test_without_a_keyboard_the_recommended_tier_is_assigned(desk: Desk) -> None:
    ref = desk.received(experience="some", complexity="complex")
    at(desk, ref, "qualified")
    assert desk.json("tier", "assign", ref)["tier"] == "50_50"


def test_enter_takes_the_recommended_tier(desk: Desk) -> None:
    ref = desk.received(experience="some")
    at(desk, ref, "qualified")
    terminal = Terminal(["tier", "assign", ref], env={"COOP_LANG": "en"}).waits("Tier [tuto] : ").types("\n")
    assert terminal.ends() == 0
    assert desk.json("show", ref)["tier"] == "tuto"


def test_another_tier_asks_why(desk: Desk) -> None:
    ref = desk.received(experience="some")
    at(desk, ref, "qualified")
    terminal = Terminal(["tier", "assign", ref], env={"COOP_LANG": "en"}).waits("Tier [tuto] : ").types("1\n")
    terminal.waits("recommended one : ").types("Elle a tout ce qu’il faut\n")
    assert terminal.ends() == 0
    assert desk.json("show", ref)["tier"] == "coup_de_pouce"
    assert desk.json("history", ref)[-1]["note"] == "Elle a tout ce qu’il faut"


def test_an_end_of_input_assigns_nothing(desk: Desk) -> None:
    ref = desk.received(experience="some")
    at(desk, ref, "qualified")
    terminal = Terminal(["tier", "assign", ref], env={"COOP_LANG": "en"}).waits("Tier [tuto] : ").types("\x04")
    assert terminal.ends() == 130
    assert desk.json("show", ref)["tier"] is None


def test_a_moment_looked_back_to_is_told(desk: Desk) -> None:
    ref = desk.received(submitted_at="2026-01-08T10:00:00+01:00")
    desk.at("2026-01-14T09:00+01:00")
    for command in ("show", "history"):
        printed = desk.coop(command, ref, "--as-of", "lun 18h")
        assert "lundi 12 janvier 2026 à 18\u00a0h" in printed.out
        assert desk.json(command, ref, "--as-of", "lun 18h")


def test_next_gives_what_to_type_and_by_whom(desk: Desk) -> None:
    desk.json("staff", "add", "agnes", "--name", "Agnès", "--email", "a@example.org", "--role", "pilot")
    ref = desk.received(experience="none", complexity="complex")
    commands = {row["event"]: row["command"] for row in desk.json("next", ref)["events"]}
    assert commands["prequalify"] == "coop prequalify 1"
    assert commands["decline"] == 'coop decline 1 --reason … --orientation … --note "…"'
    assert (commands["complete_task"], commands["explain_deadline"], commands["move_meeting"]) == (None, None, None)
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "14/01 9h")
    commands = {row["event"]: row["command"] for row in desk.json("next", ref)["events"]}
    assert commands["assign_staff"] == "coop meeting assign 1/interview-1 --staff …"
    desk.at("2026-01-14T11:00+01:00").json("interview", "done", ref)
    desk.json("tier", "assign", ref, "50_50")
    commands = {row["event"]: row["command"] for row in desk.json("next", ref)["events"]}
    assert commands["validate"] == "coop --as agnes validate 1"
    assert "coop --as agnes validate 1" in desk.coop("next", ref).out
    refused = desk.coop("meeting", "plan", ref, "--slot", "20/01 9h", "--json")
    assert "coop --as agnes validate 2026-0001" in refused.error["refusals"][0]["remedy"]


def test_what_is_proposed_leaves_some_notice_and_what_is_typed_is_free(desk: Desk) -> None:
    desk.at("2026-01-13T08:30+01:00")
    ref = desk.received(place="montpellier")
    desk.json("prequalify", ref)
    at_soonest = "2026-01-13T14:00:00+01:00"
    assert desk.json("place", "free", "montpellier", "--count", "1")["slots"][0]["from"] == at_soonest
    assert desk.json("interview", "plan", ref, "--slot", "first")["calendar"][0]["at"] == at_soonest
    moved = desk.json("meeting", "move", f"{ref}/interview-1", "--slot", "13/01 9h")
    assert moved["calendar"][0]["at"] == "2026-01-13T09:00:00+01:00"


@pytest.mark.parametrize(
    ("slot", "why"),
    [
        ("6/4/2026 9h", "lundi 6 avril 2026 (jour férié\u00a0: Lundi de Pâques)"),
        ("4/4/2026 9h", "samedi 4 avril 2026 (week-end)"),
        ("5/4/2026 9h", "dimanche 5 avril 2026 (week-end)"),
        ("1/5/2026 9h", "vendredi 1er mai 2026 (jour férié\u00a0: Fête du Travail)"),
    ],
)
def test_a_slip_of_the_date_is_seen_off_site_and_may_be_meant(desk: Desk, slot: str, why: str) -> None:
    ref = desk.received()
    desk.json("prequalify", ref)
    words = ("interview", "plan", ref, "--slot", slot, "--place", "hors_les_murs")
    refused = desk.coop(*words)
    assert refused.exit == 3
    assert f"Le laboratoire ne travaille pas le {why}." in " ".join(refused.err.split(" "))
    assert "--waive day_off" in refused.err
    assert desk.fails(6, *words, "--waive", "day_off")["fields"][0]["field"] == "note"
    shown = desk.json(*words, "--waive", "day_off", "--note", "Le séminaire est ce jour-là")
    assert [waiver["rule"] for waiver in shown["waivers"]] == ["day_off"]


def test_an_agreement_is_noted_without_moving_anything(desk: Desk) -> None:
    ref = desk.received(place="toulouse")
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "14/01 7h", "--waive", "outside_hours", "--note", "tôt")
    printed = desk.coop("meeting", "move", f"{ref}/interview-1", "--agreed")
    assert (printed.exit, "Accord noté" in printed.out, "Réunion déplacée" in printed.out) == (0, True, False)
    last = desk.json("history", ref)[-1]
    assert last["data"] == {"meeting": "interview-1", "agreed": True}
    assert "Accord noté" in desk.coop("history", ref).out
    assert "Accord noté" in desk.coop("undo", ref, "--note", "trop vite").out
    moved = desk.coop("meeting", "move", f"{ref}/interview-1", "--slot", "15/01 9h", "--agreed")
    assert "Réunion déplacée" in moved.out


@pytest.mark.parametrize(
    ("typed", "cap"),
    [
        (("--as", "paule", "derogation", "1", "--extra", "3", "--note", "x"), "0 sur 9"),
        (("tier", "change", "1", "tuto"), "0 sur 3"),
    ],
)
def test_what_changes_the_cap_says_the_new_one(desk: Desk, typed: tuple[str, ...], cap: str) -> None:
    desk.coop("staff", "add", "paule", "--name", "P", "--email", "p@example.org", "--role", "pilot")
    ref = desk.received(experience="none")
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "12/01 9h")
    desk.json("interview", "done", ref)
    assert "Réunions de travail\u00a0: 0 sur 6" in desk.coop("tier", "assign", ref, "50_50").out
    assert f"Réunions de travail\u00a0: {cap}" in desk.coop(*typed).out


def test_the_committee_decides_once(desk: Desk) -> None:
    for id, role in (("paule", "pilot"), ("marc", "committee")):
        actor = () if id == "paule" else ("--as", "paule")
        desk.json("staff", "add", id, "--name", id, "--email", f"{id}@example.org", "--role", role, *actor)
    ref = desk.received(experience="none")
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "12/01 9h")
    desk.json("interview", "done", ref)
    desk.json("tier", "assign", ref, "50_50")
    desk.json("validate", ref, "--as", "paule")
    for decision, entry in (("postpone", 7), ("ratify", 8), ("refuse", 9)):
        words = ("--as", "marc", "review", "decide", "2026-S1", ref, "--decision", decision, "--note", "n")
        assert desk.coop(*words).exit == 0
        again = desk.coop(*words)
        assert (again.exit, f"l’entrée {entry} le dit déjà" in again.err) == (6, True)
        assert desk.json("show", ref)["seq"] == entry
