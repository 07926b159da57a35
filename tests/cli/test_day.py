"""`today`, `agenda`, `board` and `deadlines`: what is on the screen, in a pipe and in terminals of several widths."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from desk import SAMPLES, Desk
from terminal import Terminal

STATES = ["received", "prequalified", "interview_planned", "working"]


def busy(desk: Desk) -> None:
    """A desk with a little of everything, on Friday 16 January 2026 at 9."""
    desk.coop("submit", str(SAMPLES / "fiche-2.toml"), str(SAMPLES / "fiche-3.toml"))
    desk.received(
        title="Une fiche [bold]qui[/bold] \x1b[31mcolore\x1b[0m et qui a un titre beaucoup, beaucoup trop long"
    )
    waiting = desk.received(title="Attendre le demandeur", submitted_at="2026-01-05T09:00:00+01:00")
    desk.json("ask", waiting, "--note", "Qui ?")
    led = desk.received(title="Un entretien jeudi", submitted_at="2026-01-05T10:00:00+01:00")
    desk.json("prequalify", led)
    desk.json("interview", "plan", led, "--slot", "jeu 14h")
    planned = desk.received(title="Un entretien lundi")
    desk.json("prequalify", planned)
    desk.json("interview", "plan", planned, "--slot", "19/01 10h")
    late = desk.received(title="Un retard", submitted_at="2026-01-02T09:00:00+01:00")
    assert late
    desk.at("2026-01-16T09:00+01:00")


# --- today ---


def test_today_says_what_to_type(desk: Desk) -> None:
    busy(desk)
    found = desk.json("today")
    assert [row["command"] for row in found["late"]] == ["coop prequalify 7"]
    assert [row["command"] for row in found["to_record"]] == [
        f"coop interview done {int(found['to_record'][0]['ref'][5:])}"
    ]
    assert [day["day"] for day in found["meetings"]] == ["2026-01-16", "2026-01-19"]
    assert len(found["meetings"][1]["meetings"]) == 1
    printed = desk.coop("today")
    assert printed.exit == 0
    for section in ("late", "to_record", "due", "new", "awaited"):
        for row in found[section]:
            assert row["ref"] in printed.out
            assert row.get("command", "") in printed.out
    assert "\x1b" not in printed.out
    assert "[bold]qui[/bold]" in printed.out
    assert "trop long" in printed.out  # nothing is cut in a pipe


def test_each_command_of_today_is_one_that_works(desk: Desk) -> None:
    ref = desk.received(experience="some", complexity="simple")
    days = (date(2026, 1, 12) + timedelta(days=n) for n in range(90))

    def follow(*given: str) -> str:
        """Waits until a thing is due, and types what `today` says of it."""
        for day in days:
            desk.at(f"{day}T18:30+01:00")
            found = desk.json("today")
            asked = [row for name in ("late", "due", "to_record") for row in found[name] if row["ref"] == ref]
            if asked:
                word, *rest = asked[0]["command"].split()
                assert word == "coop"
                if rest[0] == "triage":
                    assert desk.coop(*rest, stdin="p\ns\n").exit == 0
                else:
                    assert desk.coop(*rest, *given).exit == 0, desk.coop(*rest, *given).err
                return desk.json("show", ref)["state"]
        raise AssertionError(desk.json("show", ref))

    assert [follow() for _n in range(5)] == [
        "prequalified",
        "interview_planned",
        "qualified",
        "tier_assigned",
        "working",
    ]
    assert follow() == "working"  # the meeting is recorded
    desk.json("session", "plan", ref, "--slot", "first")
    assert follow() == "session_held"
    assert [follow() for _n in range(2)] == ["session_held", "debriefed"]
    desk.json("deliverable", ref, "--title", "Une charte", "--type", "method")
    assert follow() == "closed"


def test_today_is_short_when_there_is_nothing(desk: Desk) -> None:
    printed = desk.coop("today")
    assert printed.exit == 0
    assert len(printed.out.strip().splitlines()) <= 5


def test_today_says_who_is_away(desk: Desk) -> None:
    desk.coop("staff", "add", "nadia", "--name", "Nadia", "--email", "nadia@example.org", "--role", "referent")
    assert desk.coop("staff", "absence", "nadia", "--from", "12/01", "--to", "14/01").exit == 0
    assert desk.json("today")["absences"] == [{"staff": "nadia", "from": "2026-01-12", "to": "2026-01-14"}]
    assert "nadia" in desk.coop("today").out


# --- agenda ---


def test_the_agenda_is_this_week_and_the_next_unless_told(desk: Desk) -> None:
    busy(desk)
    found = desk.json("agenda")
    assert (found["from"], found["to"]) == ("2026-01-12", "2026-01-25")
    assert [m["kind"] for day in found["days"] for m in day["meetings"]] == ["interview", "interview"]
    found = desk.json("agenda", "--from", "14/05/2026", "--to", "15/05/2026")
    assert [(day["day"], day["holiday"]) for day in found["days"]] == [
        ("2026-05-14", "Ascension"),
        ("2026-05-15", None),
    ]
    printed = desk.coop("agenda", "--from", "14/05/2026", "--to", "15/05/2026")
    assert "Ascension" in printed.out
    assert "20" in printed.out  # the week
    desk.fails(6, "agenda", "--from", "15/05/2026", "--to", "14/05/2026")
    desk.fails(6, "agenda", "--from", "un jour")


def test_the_agenda_names_closures_swaps_and_absences(desk: Desk) -> None:
    desk.coop("place", "close", "toulouse", "--from", "20/01", "--to", "20/01", "--note", "Travaux")
    desk.coop("calendar", "close", "--from", "21/01", "--note", "Inventaire")
    desk.coop("staff", "absence", "camille", "--from", "23/01")
    days = {day["day"]: day for day in desk.json("agenda")["days"]}
    assert days["2026-01-20"]["closures"] == [{"place": "toulouse", "note": "Travaux"}]
    assert days["2026-01-21"]["closures"] == [{"place": None, "note": "Inventaire"}]
    assert not days["2026-01-21"]["working"]
    assert [a["staff"] for a in days["2026-01-23"]["absences"]] == ["camille"]
    printed = desk.coop("agenda").out
    for word in ("Travaux", "Inventaire", "camille"):
        assert word in printed


def test_a_long_agenda_leaves_out_the_days_with_nothing(desk: Desk) -> None:
    busy(desk)
    printed = desk.coop("agenda", "--from", "01/02/2026", "--to", "31/05/2026").out
    assert "Ascension" in printed
    assert len(printed.splitlines()) < 40


# --- board ---


def test_the_board_in_a_pipe_is_a_list_by_state(desk: Desk) -> None:
    busy(desk)
    printed = desk.coop("board")
    assert printed.exit == 0
    assert "\x1b" not in printed.out
    assert "Reçue (4)" in printed.out
    assert "! 09/01" in printed.out
    columns = desk.json("board")["columns"]
    assert sum(column["count"] for column in columns) == 7
    assert [row["overdue"] for row in columns[0]["requests"]] == [True, False, False, False]
    due = [row["next_due_at"] for row in columns[0]["requests"]]
    assert due == sorted(due, key=datetime.fromisoformat)


def test_the_board_keeps_what_is_asked_for(desk: Desk) -> None:
    busy(desk)
    ref = desk.received(service="drane")
    desk.json("withdraw", ref, "--note", "non", "--on-behalf")
    assert [c["state"] for c in desk.json("board", "--state", "received", "--state", "prequalified")["columns"]] == [
        "received",
        "prequalified",
    ]
    assert sum(c["count"] for c in desk.json("board", "--service", "drane")["columns"]) == 0
    assert sum(c["count"] for c in desk.json("board", "--service", "drane", "--all")["columns"]) == 1
    assert "received" in desk.fails(6, "board", "--state", "recieved")["fields"][0]["message"]
    desk.fails(6, "board", "--service", "nulle_part")


@pytest.mark.parametrize("columns", [80, 120, 200])
def test_the_board_fills_a_terminal_and_does_not_pass_it(desk: Desk, columns: int) -> None:
    busy(desk)
    terminal = Terminal(["board"], columns=columns)
    assert terminal.ends() == 0
    lines = terminal.plain.splitlines()
    assert max(map(len, lines)) <= columns
    header = next(line for line in lines if "(4)" in line)
    assert len(header.split("  ")) > 1  # states stand side by side
    assert "! 09/01" in terminal.plain
    assert "[bold]qui[/bold]" in " ".join(terminal.plain.split())
    assert "\x1b[31mcolore" not in terminal.screen


def test_the_board_is_a_list_where_columns_have_no_room(desk: Desk) -> None:
    busy(desk)
    terminal = Terminal(["board"], columns=79)
    assert terminal.ends() == 0
    assert "Reçue (4)\n" in terminal.plain
    assert max(map(len, terminal.plain.splitlines())) <= 79


@pytest.mark.parametrize("command", ["board", "today", "agenda"])
def test_no_color_is_respected(desk: Desk, command: str) -> None:
    busy(desk)
    terminal = Terminal([command], env={"NO_COLOR": "1"})
    assert terminal.ends() == 0
    assert "\x1b[" not in terminal.screen


def test_many_cards_are_counted(desk: Desk) -> None:
    for _n in range(8):
        desk.received()
    terminal = Terminal(["board"])
    terminal.ends()
    assert "--state received" in terminal.plain
    assert terminal.plain.count("2026-0") == 6
    terminal = Terminal(["board", "--state", "received"])
    terminal.ends()
    assert terminal.plain.count("2026-0") == 8


# --- deadlines ---


def test_deadlines_are_told_day_by_day(desk: Desk) -> None:
    ref = desk.received(submitted_at="2026-01-08T10:00:00+01:00")
    desk.json("prequalify", ref)
    found = desk.json("deadlines", ref)
    assert [(d["kind"], d["status"], d["stage"]) for d in found] == [
        ("received", "met", "none"),
        ("prequalified", "open", "none"),
    ]
    assert all("days" not in d for d in found)
    days = desk.json("deadlines", ref, "--explain")[0]["days"]
    assert [(d["day"], d["counted"], d["number"], d["cause"]) for d in days][:3] == [
        ("2026-01-09", True, 1, None),
        ("2026-01-10", False, None, "weekend"),
        ("2026-01-11", False, None, "weekend"),
    ]
    printed = desk.coop("deadlines", ref, "--explain").out
    assert printed.count("week-end") >= 2
    assert "Préqualifier" in desk.coop("deadlines", ref).out
    desk.fails(4, "deadlines", "99")


def test_a_pause_is_a_cause(desk: Desk) -> None:
    ref = desk.received()
    desk.at("2026-01-14T10:00+01:00").json("ask", ref, "--note", "Qui ?")
    desk.at("2026-01-19T10:00+01:00").json("answer", ref, "--set", "participants=12")
    days = desk.json("deadlines", ref, "--explain")[0]["days"]
    assert [d["cause"] for d in days if d["day"] in ("2026-01-15", "2026-01-19")] == ["pause", "pause"]
    assert json.dumps(days, ensure_ascii=False).count("Précisions demandées") >= 2


# --- Another lab ---


def test_a_lab_with_other_states_and_events_has_its_day_too(desk: Desk, tmp_path: Path) -> None:
    """examples/preau: no information to request, no debrief, other fields, other deadlines."""
    preau = SAMPLES.parent.parent / "examples/preau"
    desk.monkeypatch.setenv("COOP_DB", str(tmp_path / "preau.db"))
    assert desk.coop("init", "--lab", str(preau / "preau.toml")).exit == 0
    assert desk.coop("submit", str(preau / "fiche.toml")).exit == 0
    desk.at("2026-03-02T09:00+01:00")
    (late,) = desk.json("today")["late"]
    assert late["command"] == "coop prequalify 1"
    for command in (("today",), ("agenda",), ("board", "--all"), ("deadlines", "1", "--explain"), ("triage",)):
        assert desk.coop(*command, stdin="s\n").exit == 0, command
    assert desk.coop("submit", "--ask", stdin="").exit == 6
    assert desk.coop("triage", stdin="p\n").exit == 0
    assert desk.json("show", "1")["state"] == "prequalified"
    assert desk.json("interview", "plan", "1", "--slot", "first")["state"] == "interview_planned"
    error = desk.fails(2, "debrief", "plan", "1", "--slot", "first")
    assert "debrief" in error["message"]


def test_today_never_says_nothing_when_something_waits(desk: Desk) -> None:
    desk.json("scheduler", "tick")
    assert "Rien ne vous attend" in desk.coop("today").out
    ref = desk.received()
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "13/01 9h")
    assert desk.json("today")["to_do"] == []  # its meeting is shown
    desk.at("2026-01-13T11:00+01:00").json("interview", "done", ref)
    desk.json("tier", "assign", ref)
    desk.json("scheduler", "tick")
    found = desk.json("today")
    assert [row["ref"] for row in found["to_do"]] == [ref]
    assert (found["alerts"], found["watch"]["stale"]) == (0, False)
    shown = desk.coop("today").out
    assert "À faire, côté laboratoire (1)" in shown
    assert "Rien ne vous attend" not in shown
    assert "n’est pas passée depuis" in desk.at("2026-01-15T11:00+01:00").coop("today").out
