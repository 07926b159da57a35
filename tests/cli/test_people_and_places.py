"""Places and people at the command line: what is recorded is echoed, what falls is printed, what is said settles it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk import Desk


@pytest.fixture(autouse=True)
def clean(desk: Desk) -> Iterator[None]:
    """Whatever was typed, the store is sound."""
    yield
    assert desk.coop("db", "verify").exit == 0


@pytest.fixture
def team(desk: Desk) -> Desk:
    """Camille has colleagues: who could replace her is a question."""
    for id, role, *skills in (("awa", "specialist", "facilitation"), ("paule", "pilot"), ("rene", "referent")):
        words = [word for skill in skills for word in ("--skill", skill)]
        desk.json("staff", "add", id, "--name", id, "--email", f"{id}@example.org", "--role", role, *words)
    return desk


def led(desk: Desk, place: str = "montpellier") -> str:
    """A request ready for its work meetings, on 14 January at 16:00."""
    ref = desk.received(place=place)
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "14/01 14h", "--place", "hors_les_murs")
    desk.at("2026-01-14T16:00+01:00")
    desk.json("interview", "done", ref)
    desk.json("tier", "assign", ref, "tuto")
    return ref


def planned(desk: Desk, *slots: str, staff: str = "camille", place: str = "montpellier") -> str:
    ref = led(desk, place)
    desk.json("meeting", "plan", ref, *[w for s in slots for w in ("--slot", s)], "--for", "2h", "--staff", staff)
    return ref


def typed(desk: Desk, command: str) -> Any:
    """Types a command that was suggested; its document."""
    assert command.startswith("coop ")
    return desk.json(*shlex.split(command)[1:])


def ranges(*texts: str) -> list[dict[str, str]]:
    return [
        {"from": f"2026-{first}", "to": f"2026-{last or first}"}
        for first, _s, last in (t.partition("/") for t in texts)
    ]


# --- Absences ---


def test_what_if_shows_what_an_absence_would_cost_and_stores_nothing(team: Desk) -> None:
    ref = planned(team, "10/03 14h", "13/03 9h")
    head = team.json("db", "verify")["head"]
    found = team.json("staff", "what-if", "camille", "--from", "9/3", "--to", "10/3")
    assert {name: found[name] for name in ("absent", "from", "to")} == {
        "absent": "camille", "from": "2026-03-09", "to": "2026-03-10",
    }  # fmt: skip
    (line,) = found["at_risk"]
    assert {name: line[name] for name in ("ref", "meeting_id", "at", "replacements", "slots")} == {
        "ref": ref,
        "meeting_id": "work-1",
        "at": "2026-03-10T14:00:00+01:00",
        "replacements": ["awa", "paule", "rene"],
        "slots": ["2026-03-11T09:00:00+01:00", "2026-03-11T14:00:00+01:00", "2026-03-13T11:00:00+01:00"],
    }
    assert team.json("db", "verify")["head"] == head
    assert team.json("staff", "absence", "camille")["absences"] == []
    assert team.json("staff", "what-if", "camille", "--from", "11/3")["at_risk"] == []


@pytest.mark.parametrize("which", ["assign", "move", "cancel"])
def test_recording_an_absence_prints_at_once_the_commands_that_settle_it(team: Desk, which: str) -> None:
    ref = planned(team, "10/03 14h")
    found = team.json("staff", "absence", "camille", "--from", "9/3", "--to", "13/3")
    assert found["recorded"] == ranges("03-09/03-13")
    (line,) = found["at_risk"]
    printed = team.coop("staff", "absence", "camille", "--from", "9/3", "--to", "13/3").out
    assert all(command in printed for command in line["commands"])
    command = next(command for command in line["commands"] if command.startswith(f"coop meeting {which}"))
    assert typed(team, command.replace("…", "absence"))["ref"] == ref
    assert team.json("staff", "what-if", "camille", "--from", "9/3", "--to", "13/3")["at_risk"] == []


def test_every_command_suggested_can_be_typed_after_the_others(team: Desk) -> None:
    planned(team, "10/03 14h", "11/03 9h", "13/03 9h")
    found = team.json("staff", "absence", "camille", "--from", "9/3", "--to", "13/3")
    for line in found["at_risk"]:
        typed(team, next(command for command in line["commands"] if " move " in command))
    assert team.json("staff", "what-if", "camille", "--from", "9/3", "--to", "13/3")["at_risk"] == []


def test_the_dates_understood_are_echoed(desk: Desk) -> None:
    out = desk.coop("staff", "absence", "camille", "--from", "vendredi", "--to", "mercredi").out
    assert "vendredi 16 janvier 2026" in out
    assert "mercredi 21 janvier 2026" in out  # the one that follows
    assert "mer. 11 mars" in desk.coop("place", "free", "toulouse", "--from", "le 11 mars").out
    desk.at("2026-11-30T09:00+01:00")
    found = desk.json("staff", "absence", "camille", "--from", "21/12", "--to", "03/01")  # over the new year
    assert (found["from"], found["to"]) == ("2026-12-21", "2027-01-03")
    found = desk.json("staff", "what-if", "camille", "--from", "20/04")  # April is past: the next one is meant
    assert found["from"] == "2027-04-20"


def test_an_absence_recorded_before_is_said_to_be(desk: Desk) -> None:
    planned(desk, "10/03 14h")
    desk.coop("staff", "absence", "camille", "--from", "9/3", "--to", "11/3")
    found = desk.json("staff", "absence", "camille", "--from", "10/3")
    assert found["recorded"] == []
    assert len(found["at_risk"]) == 1
    again = desk.coop("staff", "absence", "camille", "--from", "10/3")
    assert again.exit == 0
    assert desk.json("staff", "absence", "camille")["absences"] == ranges("03-09/03-11")


def test_someone_comes_back_early(desk: Desk) -> None:
    desk.coop("staff", "absence", "camille", "--from", "9/3", "--to", "13/3")
    found = desk.json("staff", "absence", "camille", "--from", "12/3", "--to", "20/3", "--cancel")
    assert found["cancelled"] == ranges("03-12/03-13")
    assert desk.json("staff", "absence", "camille")["absences"] == ranges("03-09/03-11")
    assert desk.json("staff", "absence", "camille", "--from", "12/3", "--cancel")["cancelled"] == []
    assert desk.coop("staff", "absence", "camille", "--from", "12/3", "--cancel").exit == 0


ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//y//EN
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20260309
DTEND;VALUE=DATE:20260312
SUMMARY:rendez-vous secret
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;TZID=Europe/Paris:20260403T090000
DTEND;TZID=Europe/Paris:20260403T120000
RRULE:FREQ=WEEKLY;COUNT=3
END:VEVENT
END:VCALENDAR
"""


def test_absences_come_from_a_calendar_file_without_their_titles(desk: Desk, tmp_path: Path) -> None:
    planned(desk, "10/03 14h")
    (tmp_path / "conges.ics").write_text(ICS.replace("\n", "\r\n"), "utf-8")
    found = desk.json("staff", "absence", "camille", "--ics", "conges.ics")
    assert found["recorded"] == ranges("03-09/03-11", "04-03", "04-10", "04-17")
    assert [line["meeting_id"] for line in found["at_risk"]] == ["work-1"]
    assert desk.json("staff", "absence", "camille", "--ics", "conges.ics")["recorded"] == []
    assert not any(b"secret" in path.read_bytes() for path in tmp_path.glob("coop.db*"))
    assert len(desk.json("staff", "absence", "camille", "--ics", "conges.ics", "--cancel")["cancelled"]) == 4
    assert desk.json("staff", "absence", "camille")["absences"] == []
    assert desk.coop("staff", "absence", "camille", "--ics", "-", stdin=ICS).exit == 0


def test_a_calendar_file_that_says_nothing_ahead_records_nothing(desk: Desk, tmp_path: Path) -> None:
    old = ICS.replace("2026", "2024")
    (tmp_path / "conges.ics").write_text(old, "utf-8")
    printed = desk.coop("staff", "absence", "camille", "--ics", "conges.ics")
    assert printed.exit == 0
    assert desk.json("staff", "absence", "camille", "--ics", "conges.ics")["recorded"] == []


def test_absences_given_wrong_store_nothing(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "conges.ics").write_text("rien", "utf-8")
    absence = ("staff", "absence")
    assert desk.fails(6, *absence, "camille", "--from", "13/3", "--to", "9/3/2026")["fields"][0]["field"] == "--to"
    assert desk.fails(6, *absence, "camille", "--from", "xyz")["fields"][0]["field"] == "--from"
    assert desk.fails(6, *absence, "camille", "--ics", "conges.ics")["fields"][0]["file"] == "conges.ics"
    assert desk.fails(6, *absence, "camille", "--ics", "absent.ics")
    for words in (("--cancel",), ("--to", "9/3"), ("--ics", "conges.ics", "--from", "9/3")):
        assert desk.fails(2, *absence, "camille", *words)
    for words in ((), ("--from", "9/3"), ("--from", "9/3", "--cancel")):
        assert desk.fails(4, *absence, "personne", *words)
    assert desk.fails(4, "staff", "what-if", "personne", "--from", "9/3")
    assert desk.fails(4, "--as", "personne", *absence, "camille", "--from", "9/3")
    assert desk.json(*absence, "camille")["absences"] == []


def test_only_those_who_keep_the_registers_record_absences(team: Desk) -> None:
    assert team.refused("--as", "awa", "staff", "absence", "camille", "--from", "9/3") == ["role"]
    assert team.refused("--as", "awa", "place", "close", "montpellier", "--from", "9/3", "--note", "x") == ["role"]
    assert team.json("--as", "rene", "staff", "absence", "paule", "--from", "9/3")["recorded"] == ranges("03-09")


def test_whoever_leaves_with_meetings_ahead_lets_them_fall(team: Desk) -> None:
    ref = planned(team, "10/03 14h", staff="awa")
    found = team.json("staff", "change", "awa", "--left")
    assert (found["id"], found["active"]) == ("awa", False)
    (line,) = found["at_risk"]
    assert (line["ref"], line["replacements"]) == (ref, ["camille", "paule", "rene"])
    assert line["commands"][0] in team.coop("staff", "change", "awa", "--left").out
    typed(team, line["commands"][0])
    assert team.json("staff", "change", "awa", "--left")["at_risk"] == []
    assert "at_risk" not in team.json("staff", "change", "rene", "--hours", "20")


# --- Load ---


def test_the_load_says_hours_asked_against_hours_there(desk: Desk) -> None:
    ref = planned(desk, "20/01 9h", "21/01 9h", "23/01 9h")  # a tuto: 2 h of preparation each
    desk.json("session", "plan", ref, "--slot", "19/01 9h", "--for", "4h", "--facilitation", "lab")
    desk.coop("staff", "absence", "camille", "--from", "22/01", "--to", "23/01")
    found = desk.json("staff", "load", "--weeks", "3")
    (camille,) = found["staff"]
    week = camille["weeks"][1]
    assert (week["week"], week["from"], week["to"]) == ("2026-W04", "2026-01-19", "2026-01-25")
    assert (week["committed_hours"], week["hours_there"], week["over"]) == (3 * 4 + 1 + 4, 21.0, False)
    assert week["ratio"] == 17 / 21
    assert [w["committed_hours"] for w in camille["weeks"]] == [1.5, 17, 0]  # the interview held this week counts
    assert desk.json("staff", "load", "camille", "--weeks", "3")["staff"] == [camille]


def test_bars_read_in_a_pipe_and_more_than_a_week_shows_by_a_sign(desk: Desk) -> None:
    planned(desk, "20/01 9h", "21/01 9h", "23/01 9h")
    for last, sign in (
        ("20/01", "57\u00a0%"),
        ("21/01", "85\u00a0%"),
        ("22/01", "172\u00a0% !!"),
        ("23/01", "/ 0\u00a0h      — !!"),
    ):
        desk.coop("staff", "absence", "camille", "--from", "19/01", "--to", last)
        lines = desk.coop("staff", "load", "--weeks", "2").out.splitlines()
        assert len(lines) == 3
        assert all(len(line) <= 80 for line in lines)
        assert lines[2].count("█") + lines[2].count("░") == 20
        assert lines[2].endswith(sign)
    desk.coop("staff", "change", "camille", "--hours", "11")
    desk.coop("staff", "absence", "camille", "--from", "19/01", "--to", "23/01", "--cancel")
    line = desk.coop("staff", "load", "--weeks", "2").out.splitlines()[2]
    assert line.endswith("110\u00a0% !")


def test_what_nobody_is_assigned_to_is_told_apart(desk: Desk) -> None:
    planned(desk, "20/01 9h", staff="none")
    found = desk.json("staff", "load", "--weeks", "2")
    assert [week["committed_hours"] for week in found["unassigned"]] == [4.0]
    assert desk.fails(4, "staff", "load", "personne")
    assert desk.fails(2, "staff", "load", "--weeks", "0")


# --- Places ---


def test_closing_a_place_prints_what_falls_and_where_else_it_could_be(desk: Desk) -> None:
    ref = planned(desk, "10/03 14h")
    found = desk.json("place", "close", "montpellier", "--from", "9/3", "--to", "11/3", "--note", "Travaux")
    assert {name: found[name] for name in ("place", "from", "to", "recorded", "deadlines_moved")} == {
        "place": "montpellier", "from": "2026-03-09", "to": "2026-03-11", "recorded": True, "deadlines_moved": 0,
    }  # fmt: skip
    (line,) = found["at_risk"]
    assert line["elsewhere"] == ["hors_les_murs", "toulouse"]
    assert "Travaux" in line["reasons"][0]["message"]
    moved = typed(desk, next(command for command in line["commands"] if "--place hors_les_murs" in command))
    assert [(m["at"], m["place"]) for m in moved["calendar"] if m["id"] == "work-1"] == [
        ("2026-03-10T14:00:00+01:00", "hors_les_murs")
    ]
    again = desk.json("place", "close", "montpellier", "--from", "10/3", "--note", "Travaux")
    assert (again["recorded"], again["at_risk"]) == (False, [])
    assert desk.refused("meeting", "plan", ref, "--slot", "11/03 9h") == ["place_closed"]
    assert desk.json("place", "close", "montpellier", "--from", "11/3", "--cancel")["reopened"] == ranges("03-11")
    assert desk.json("meeting", "plan", ref, "--slot", "11/03 9h")
    (closure,) = desk.json("place", "list")[0]["closures"]
    assert closure == {"from": "2026-03-09", "to": "2026-03-10", "note": "Travaux"}


def test_closing_the_lab_moves_deadlines_and_spares_what_is_off_site(desk: Desk) -> None:
    ref = planned(desk, "10/03 14h", place="hors_les_murs")
    received = desk.received()
    before = desk.json("show", received)["deadlines"][0]["due_at"]
    found = desk.json("calendar", "close", "--from", "15/01", "--to", "16/01", "--note", "Intempéries")
    assert (found["place"], found["deadlines_moved"], found["at_risk"]) == (None, 1, [])
    assert desk.json("show", received)["deadlines"][0]["due_at"] > before
    assert desk.json("calendar", "close", "--from", "10/3", "--note", "Pont")["at_risk"] == []
    assert desk.json("calendar", "close", "--from", "15/01", "--to", "16/01", "--cancel")["deadlines_moved"] == 1
    assert desk.json("show", received)["deadlines"][0]["due_at"] == before
    assert desk.json("show", ref)["calendar"][1]["status"] == "planned"


def test_closures_given_wrong_store_nothing(desk: Desk) -> None:
    close = ("place", "close")
    assert desk.fails(6, *close, "montpellier", "--from", "9/3")["fields"][0]["field"] == "note"
    assert desk.fails(6, "calendar", "close", "--from", "9/3", "--note", " ")["fields"][0]["field"] == "note"
    assert desk.fails(6, *close, "hors_les_murs", "--from", "9/3", "--note", "x")["fields"][0]["field"] == "place"
    assert "montpellier" in str(desk.fails(6, *close, "montpelier", "--from", "9/3", "--note", "x")["fields"])
    assert desk.fails(6, "calendar", "close", "--from", "5/1", "--to", "13/1", "--cancel")
    assert desk.fails(2, *close, "montpellier", "--note", "x")
    assert desk.coop(*close, "montpellier", "--from", "9/3", "--cancel").exit == 0
    assert desk.json("place", "list")[0]["closures"] == []


def test_a_swap_gains_a_thursday(desk: Desk) -> None:
    ref = planned(desk, "10/03 14h")
    assert desk.refused("meeting", "plan", ref, "--slot", "12/03 9h") == ["place_closed"]
    swap = ("place", "swap", "montpellier", "--gained", "12/03", "--given")
    found = desk.json(*swap, "10/03")
    assert (found["gained"], found["given"], found["recorded"]) == ("2026-03-12", "2026-03-10", True)
    (line,) = found["at_risk"]
    assert line["slots"][0] == "2026-03-11T09:00:00+01:00"
    assert desk.json(*swap, "10/03")["recorded"] is False
    assert desk.json("meeting", "plan", ref, "--slot", "12/03 9h")
    assert desk.json(*swap, "10/03", "--cancel")["at_risk"][0]["meeting_id"] == "work-2"
    assert desk.json(*swap, "10/03", "--cancel")["cancelled"] is False
    assert [f["field"] for f in desk.fails(6, *swap, "17/03")["fields"]] == ["given"]
    for words in (swap, (*swap, "10/03"), (*swap, "10/03", "--cancel"), (*swap, "17/03")):
        printed = desk.coop(*words)
        assert printed.out or printed.err


def test_the_next_free_slots_of_a_place_and_its_people(team: Desk) -> None:
    planned(team, "09/03 9h")
    team.coop("staff", "absence", "awa", "--from", "10/03")
    words = ("place", "free", "montpellier", "--duration", "2h", "--from", "9/3", "--count", "3")
    assert team.json(*words) == {
        "place": "montpellier",
        "slots": [
            {"from": f"2026-03-{a}:00:00+01:00", "to": f"2026-03-{b}:00:00+01:00", "school_holidays": None}
            for a, b in (("09T11", "09T13"), ("09T14", "09T16"), ("10T09", "10T11"))
        ],
    }
    with_awa = [slot["from"][5:13] for slot in team.json(*words, "--staff", "awa", "--staff", "camille")["slots"]]
    assert with_awa == ["03-09T11", "03-09T14", "03-11T09"]
    timed = team.json("place", "free", "montpellier", "--duration", "2h", "--from", "10/03 14h", "--count", "1")
    assert timed["slots"][0]["from"] == "2026-03-10T14:00:00+01:00"
    past = team.json("place", "free", "montpellier", "--from", "2025-03-10", "--count", "1")
    assert (
        past["slots"][0]["from"] == "2026-01-16T09:00:00+01:00"
    )  # never before now, and the notice of what is proposed


def test_free_slots_given_wrong(team: Desk) -> None:
    free = ("place", "free", "montpellier", "--duration")
    assert team.fails(6, *free, "longtemps")["fields"][0]["field"] == "duration"
    assert team.fails(6, *free, "0h")["fields"][0]["field"] == "duration"
    assert team.fails(6, *free, "2h", "--from", "jamais")["fields"][0]["field"] == "--from"
    assert team.fails(4, *free, "2h", "--staff", "personne")
    assert team.fails(4, "place", "free", "paris", "--duration", "2h")
    team.coop("staff", "change", "awa", "--left")
    assert team.fails(4, *free, "2h", "--staff", "awa")
    assert team.json(*free, "12h")["slots"] == []
    assert team.coop(*free, "12h").exit == 0


def test_school_holidays_are_told_next_to_slots_and_close_nothing(desk: Desk) -> None:
    found = desk.json("place", "free", "toulouse", "--from", "17/04", "--count", "3")
    assert [slot["school_holidays"] for slot in found["slots"]] == [None, None, "Printemps"]
    out = desk.coop("place", "free", "toulouse", "--from", "17/04", "--count", "3").out
    assert out.count("lun. 20 avr. 9\u00a0h") == 1
    ref = led(desk)
    assert desk.json("meeting", "plan", ref, "--slot", "20/04 9h")
