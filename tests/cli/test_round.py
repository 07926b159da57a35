"""The main job, as a coordinator types it: from the form to the closing, refused once at its cap."""

from __future__ import annotations

from pathlib import Path

from desk import SAMPLES, Desk


def test_a_request_is_led_from_its_form_to_its_closing(desk: Desk) -> None:
    desk.coop("submit", str(SAMPLES / "fiche-2.toml"))
    assert desk.json("prequalify", "1")["state"] == "prequalified"
    desk.json("interview", "plan", ".", "--slot", "14/01 14h")
    desk.at("2026-01-14T16:00+01:00")
    assert desk.json("interview", "done", ".")["state"] == "qualified"
    assert desk.json("tier", "assign", ".", "tuto")["tier"] == "tuto"
    slots = [word for day in (20, 26, 27) for word in ("--slot", f"{day}/01 10h")]
    shown = desk.json("meeting", "plan", ".", *slots, "--for", "2h")
    assert shown["meetings"]["work"] == {"planned": 3, "held": 0, "cap": 3, "min": 1}
    assert desk.refused("meeting", "plan", ".", "--slot", "30/01 10h") == ["cap_reached"]
    desk.at("2026-01-28T09:00+01:00")
    for _meeting in range(3):
        desk.json("meeting", "done", ".")
    desk.json("session", "plan", ".", "--slot", "10/02 9h")
    desk.at("2026-02-10T13:00+01:00")
    assert desk.json("session", "done", ".")["state"] == "session_held"
    desk.json("debrief", "plan", ".", "--slot", "13/02 9h")
    desk.at("2026-02-13T11:00+01:00")
    desk.json("debrief", "done", ".")
    assert desk.refused("close", ".") == ["deliverable"]
    desk.json("deliverable", ".", "--title", "Charte", "--type", "method")
    assert desk.json("close", ".")["state"] == "closed"
    history = desk.json("history", ".")
    assert [entry["seq"] for entry in history] == list(range(1, 18))
    assert [history[0]["event"], history[-1]["event"]] == ["submit", "close"]
    assert desk.coop("db", "verify").exit == 0


def test_the_demonstration_ends_as_it_says(desk: Desk, tmp_path: Path) -> None:
    printed = desk.coop("demo")
    assert printed.exit == 0
    assert printed.out.count("$ coop ") >= 20
    assert not any(path.suffix == ".csv" for path in tmp_path.iterdir())


def test_a_note_that_is_no_text_is_refused_before_anything(desk: Desk) -> None:
    ref = desk.received()
    assert [field["field"] for field in desk.fails(6, "comment", ref, "--note", "\udcff")["fields"]] == ["note"]
    assert len(desk.json("history", ref)) == 1
