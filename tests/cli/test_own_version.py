"""Requests under way keep their version of the declaration; what an autonomous one is told fits what it is."""

from __future__ import annotations

import re
from pathlib import Path

from desk import Desk

from states.declaration.documents import shipped


def adopted(desk: Desk, folder: Path, text: str) -> None:
    file = folder / "other.toml"
    file.write_text(text, "utf-8")
    assert desk.coop("lifecycle", "adopt", str(file), "--yes").exit == 0


def without_tuto() -> str:
    text = shipped()
    start = text.index("[tiers.tuto]")
    end = text.index("\n[tiers.50_50]") + 1
    return (text[:start] + text[end:]).replace('tier = "tuto"', 'tier = "50_50"')


def test_a_tier_that_is_gone_is_still_that_of_its_requests(desk: Desk, tmp_path: Path) -> None:
    ref = desk.received()
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "12/01 10h")
    desk.at("2026-01-12T12:00+01:00").json("interview", "done", ref)
    desk.json("tier", "assign", ref, "tuto", "--note", "n")
    desk.json("meeting", "plan", ref, "--slot", "16/01 10h")
    adopted(desk, tmp_path, without_tuto())
    assert desk.coop("scheduler", "tick").exit == 0
    assert "Le Tuto" in desk.coop("board").out
    assert "Le Tuto" in desk.coop("list", "--tier", "tuto").out
    desk.at("2026-01-16T13:00+01:00")
    assert desk.json("meeting", "done", ref)["meetings"]["work"]["cap"] == 3
    assert desk.coop("today").exit == 0
    assert desk.json("tasks", ref)


def test_an_autonomous_request_is_told_what_it_is_to_do(desk: Desk) -> None:
    ref = desk.received(kind="autonomous")
    desk.json("prequalify", ref)
    assert "Accueillir la session en autonomie" in desk.coop("deadlines", ref).out
    found = desk.json("advance", ref, "accept_autonomous")
    assert found["recommended_tier"] is None
    planned = desk.json("session", "plan", ref, "--slot", "12/01 9h", "--for", "3h")
    assert planned["calendar"][0]["staff"] == []
    desk.coop("scheduler", "tick")
    assert "unstaffed" not in {alert["rule"] for alert in desk.json("alerts")}
    desk.at("2026-01-12T13:00+01:00").json("session", "done", ref)
    assert "Clore la demande" in desk.coop("show", ref).out
    desk.at("2026-02-02T09:00+01:00")
    (late,) = (row for row in desk.json("today")["late"] if row["kind"] == "session_held")
    assert late["command"] == f"coop close {int(ref.partition('-')[2])}"


def test_an_overload_is_seen_as_far_as_the_declared_horizon(desk: Desk) -> None:
    desk.json(
        "staff", "add", "lite", "--name", "L", "--email", "l@example.org", "--role", "coordinator", "--hours", "1"
    )
    ref = desk.received()
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "23/02 10h", "--staff", "lite")
    desk.coop("scheduler", "tick")
    assert "overload" in {alert["rule"] for alert in desk.json("alerts")}


def test_what_was_known_counts_only_the_closures_known_then(desk: Desk) -> None:
    ref = desk.received()
    due = desk.json("show", ref)["deadlines"][0]["due_at"]
    then = desk.json("show", ref)["submitted_at"]
    desk.at("2026-01-13T10:00+01:00")
    desk.json("calendar", "close", "--from", due[:10], "--note", "travaux")
    assert desk.json("show", ref)["deadlines"][0]["due_at"] != due
    assert desk.json("show", ref, "--known-at", then)["deadlines"][0]["due_at"] == due


def test_a_date_of_another_year_says_it_and_the_first_of_a_month_is_1er(desk: Desk) -> None:
    ref = desk.received()
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "1/4 10h")
    assert re.search(r"mer\. 1er avr\. 10", desk.coop("show", ref).out)
    desk.at("2027-01-04T09:00+01:00")
    assert re.search(r"mer\. 1er avr\. 2026", desk.coop("show", ref).out)
