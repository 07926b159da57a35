"""`alerts` as it is typed: filters, what one does about an alert, and the exit code a planned task looks at."""

from __future__ import annotations

from typing import Any

import pytest
from desk import Desk

KEYS = {
    "id": int,
    "rule": str,
    "level": str,
    "status": str,
    "ref": str,
    "meeting_id": str,
    "staff": str,
    "raised_at": str,
    "due_at": str,
    "message": str,
    "addressed_to": str,
    "suggestions": list,
}


@pytest.fixture
def refs(desk: Desk) -> tuple[str, str]:
    """Two requests: one whose meeting nobody takes in two working days, one whose form is due in two."""
    led, waiting = desk.received(), desk.received()
    desk.json("prequalify", led)
    desk.json("interview", "plan", led, "--slot", "2026-01-16T10:00", "--staff", "none")
    desk.at("2026-01-15T18:00+01:00").json("scheduler", "tick")
    return led, waiting


def found(desk: Desk, *words: str) -> list[tuple[str, str, str]]:
    return [(a["rule"], a["level"], a["status"]) for a in desk.json("alerts", *words)]


UNSTAFFED, REMINDER = ("unstaffed", "critical", "open"), ("deadline", "info", "open")


def test_the_gravest_first_with_the_keys_of_the_contract(desk: Desk, refs: tuple[str, str]) -> None:
    critical, info = desk.json("alerts")
    assert (critical["ref"], critical["meeting_id"]) == (refs[0], "interview-1")
    assert critical["suggestions"][-1] == f'coop meeting cancel {refs[0]}/interview-1 --note "…"'
    for name, kind in KEYS.items():
        assert critical[name] is None or isinstance(critical[name], kind), name
    assert (info["kind"], info["stage"], info["staff"], info["meeting_id"]) == ("received", "reminder", None, None)
    assert info["due_at"] == "2026-01-19T18:00:00+01:00"
    assert info["suggestions"][0] == f"coop prequalify {refs[1]}"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), [UNSTAFFED, REMINDER]),
        (("--level", "info"), [UNSTAFFED, REMINDER]),
        (("--level", "warning"), [UNSTAFFED]),
        (("--rule", "deadline"), [REMINDER]),
        (("--rule", "deadline", "--rule", "unstaffed"), [UNSTAFFED, REMINDER]),
        (("--rule", "deadline", "--level", "critical"), []),
        (("--rule", "overload"), []),
    ],
)
def test_filters(desk: Desk, refs: tuple[str, str], words: tuple[str, ...], expected: list[Any]) -> None:
    assert found(desk, *words) == expected


def test_settled_ones_are_shown_when_asked_for(desk: Desk, refs: tuple[str, str]) -> None:
    desk.json("prequalify", refs[1])
    assert found(desk) == [UNSTAFFED]
    assert ("deadline", "info", "resolved") in found(desk, "--all")
    (settled,) = [a for a in desk.json("alerts", "--all") if a["status"] == "resolved"]
    assert (settled["settled_as"], settled["suggestions"]) == ("gone", [])


def test_nothing_is_well_that_nobody_looked_at(desk: Desk) -> None:
    assert "scheduler tick" in desk.coop("alerts").out
    desk.json("scheduler", "tick")
    looked = desk.coop("alerts").out
    assert "La surveillance est passée le lundi 12 janvier 2026 à 9\u00a0h." in looked
    assert "Aucune alerte n’est en cours." in looked
    assert "Aucune alerte de cette sorte" in desk.coop("alerts", "--rule", "overload").out
    desk.at("2026-02-10T09:00+01:00")
    for printed in (desk.coop("alerts").out, desk.coop("alerts", "--fail-on", "info", "--json").err):
        assert "n’est pas passée depuis le lundi 12 janvier 2026 à 9\u00a0h\u00a0: coop scheduler tick" in printed
        assert "Aucune alerte" not in printed


def test_an_unknown_rule_is_named_with_those_there_are(desk: Desk) -> None:
    (field,) = desk.fails(6, "alerts", "--rule", "unstafed")["fields"]
    assert field["field"] == "--rule"
    assert "unstaffed" in field["message"]
    assert "place_closed" in field["message"]
    (field,) = desk.fails(6, "list", "--state", "working,")["fields"]
    assert (field["field"], "working" in field["message"]) == ("--state", True)


def test_silent_ones_are_counted(desk: Desk, refs: tuple[str, str]) -> None:
    for alert in desk.json("alerts"):
        desk.json("alerts", "snooze", str(alert["id"]), "--until", "2026-01-19")
    shown = desk.coop("alerts").out
    assert "2 en sourdine" in shown
    assert "Aucune alerte" not in shown
    assert desk.json("status")["snoozed"] == 2
    assert desk.at("2026-01-19T08:00+01:00").json("status")["snoozed"] == 0


def test_shown_to_people_with_what_settles_it(desk: Desk, refs: tuple[str, str]) -> None:
    shown = desk.coop("alerts").out
    assert shown.index("Critique") < shown.index("Pour information")
    assert f"→ coop prequalify {refs[1]}" in shown


def test_seen_it_still_stands(desk: Desk, refs: tuple[str, str]) -> None:
    id = desk.json("alerts")[0]["id"]
    assert desk.json("alerts", "ack", str(id)) == {"id": id}
    assert found(desk) == [("unstaffed", "critical", "acknowledged"), REMINDER]
    assert "(vue)" in desk.coop("alerts").out
    assert desk.coop("alerts", "--fail-on", "critical").exit == 8


def test_silent_until_the_morning_of_a_day(desk: Desk, refs: tuple[str, str]) -> None:
    id = str(desk.json("alerts")[1]["id"])
    desk.json("alerts", "snooze", id, "--until", "2026-01-19")
    assert found(desk) == [UNSTAFFED]
    assert ("deadline", "info", "snoozed") in found(desk, "--all")
    assert "lundi 19 janvier 2026" in desk.coop("alerts", "snooze", id, "--until", "19/01").out
    assert REMINDER in found(desk.at("2026-01-19T08:00+01:00"))


def test_fail_on_ignores_what_is_silent_or_settled(desk: Desk, refs: tuple[str, str]) -> None:
    failed = desk.coop("alerts", "--fail-on", "warning", "--json")
    assert (failed.exit, failed.error["exit"], len(failed.json)) == (8, 8, 2)
    assert desk.coop("alerts", "--fail-on", "critical", "--rule", "deadline").exit == 0
    critical, info = (str(a["id"]) for a in desk.json("alerts"))
    desk.json("alerts", "snooze", critical, "--until", "2026-01-16")
    assert desk.coop("alerts", "--fail-on", "critical").exit == 0
    assert desk.coop("alerts", "--fail-on", "info").exit == 8
    desk.json("prequalify", refs[1])
    assert desk.coop("alerts", "--fail-on", "info").exit == 0
    assert desk.coop("alerts", "--fail-on", "info", "--all").exit == 0
    assert desk.coop("alerts", "--fail-on", "critical").exit == 0
    assert desk.at("2026-01-16T08:30+01:00").coop("alerts", "--fail-on", "critical").exit == 8
    assert info != critical


@pytest.mark.parametrize(
    ("exit", "words"),
    [
        (6, ("alerts", "--level", "grave")),
        (6, ("alerts", "--fail-on", "grave")),
        (6, ("alerts", "--rule", "unstafed")),
        (2, ("alerts", "snooze", "1")),
        (4, ("alerts", "ack", "99")),
        (4, ("alerts", "snooze", "99", "--until", "2026-01-20")),
        (6, ("alerts", "snooze", "1", "--until", "2026-01-12")),
        (6, ("alerts", "snooze", "1", "--until", "bientôt")),
    ],
)
def test_refused(desk: Desk, refs: tuple[str, str], exit: int, words: tuple[str, ...]) -> None:
    desk.fails(exit, *words)


def test_what_is_settled_is_attended_to_no_more(desk: Desk, refs: tuple[str, str]) -> None:
    id = str(desk.json("alerts")[1]["id"])
    desk.json("prequalify", refs[1])
    desk.fails(6, "alerts", "ack", id)
