"""A week under watch, through the commands alone: at each step exactly the alerts that domain.md's table says stand.

Every critical alert names a command; typed as it stands, it settles it.
"""

from __future__ import annotations

import shlex
from typing import Any

from desk import Desk

Found = set[tuple[str, str, str]]


def standing(desk: Desk) -> Found:
    """What stands: rule (of a deadline, its stage too), level, and what it is about."""
    return {(_rule(a), a["level"], _about(a)) for a in desk.json("alerts")}


def _rule(alert: dict[str, Any]) -> str:
    return ":".join([alert["rule"], *([alert["stage"]] if alert["rule"] == "deadline" else [])])


def _about(alert: dict[str, Any]) -> str:
    return "/".join(filter(None, [alert["ref"], alert["meeting_id"]])) or str(alert["staff"])


def alert(desk: Desk, rule: str) -> dict[str, Any]:
    (found,) = [a for a in desk.json("alerts") if a["rule"] == rule]
    return dict(found)


def settle(desk: Desk, rule: str) -> None:
    """Types, as it stands, the first command that an alert names; it is settled at once, without another round."""
    command = next(text for text in alert(desk, rule)["suggestions"] if text.startswith("coop "))
    _coop, *words = shlex.split(command)
    printed = desk.coop(*words)
    assert printed.exit == 0, printed.err
    assert rule not in {a["rule"] for a in desk.json("alerts")}, command


def told(desk: Desk, kind: str) -> list[str]:
    """To whom the messages of a kind that wait are addressed."""
    return [m["recipient"] for m in desk.json("outbox") if m["kind"] == kind]


def go_round(desk: Desk, moment: str) -> str:
    """A round of the watch at a moment: what it prints. A second one right after has nothing to do."""
    printed = desk.at(moment).coop("scheduler", "tick")
    assert printed.exit == 0, printed.err
    again = desk.json("scheduler", "tick")
    assert (again["raised"], again["resolved"]) == (0, 0)
    return printed.out


def test_a_watched_week(desk: Desk) -> None:
    ours, theirs, waiting = monday(desk)
    tuesday(desk, ours, theirs)
    wednesday(desk, ours, theirs)
    the_watch_stops(desk, ours, theirs, waiting)
    a_form_is_forgotten(desk, theirs, waiting)
    a_week_too_full(desk, theirs)
    assert {a["status"] for a in desk.json("alerts", "--all")} == {"resolved"}
    assert desk.coop("db", "verify").exit == 0


def monday(desk: Desk) -> tuple[str, str, str]:
    """Three forms; two are led to their meetings, one is left waiting. A session on Friday is not organised yet."""
    for id, role in (("lou", "specialist"), ("paule", "pilot")):
        desk.json("staff", "add", id, "--name", id.title(), "--email", f"{id}@example.org", "--role", role)
    ours, theirs, waiting = desk.received(place="montpellier"), desk.received(place="toulouse"), desk.received()
    desk.json("prequalify", ours, theirs)
    desk.json("interview", "plan", ours, "--slot", "2026-01-12T10:00")
    desk.json("interview", "plan", theirs, "--slot", "2026-01-12T11:00", "--place", "montpellier")
    go_round(desk, "2026-01-12T09:05+01:00")
    assert standing(desk) == set()
    desk.at("2026-01-12T13:00+01:00")
    for ref in (ours, theirs):
        desk.json("interview", "done", ref)
        desk.json("tier", "assign", ref)
    desk.json("meeting", "plan", ours, "--slot", "2026-01-14T10:00")
    desk.json("session", "plan", ours, "--slot", "2026-01-16T09:00")
    desk.json("meeting", "plan", theirs, "--slot", "2026-01-20T10:00", "--staff", "none")
    go_round(desk, "2026-01-12T13:30+01:00")
    assert standing(desk) == {("material_not_ready", "warning", f"{ours}/session-1")}
    settle(desk, "material_not_ready")
    assert standing(desk) == set()
    return ours, theirs, waiting


def tuesday(desk: Desk, ours: str, theirs: str) -> None:
    """Five working days before the meeting in Toulouse; and someone will be away tomorrow."""
    go_round(desk, "2026-01-13T09:00+01:00")
    unstaffed = ("unstaffed", "warning", f"{theirs}/work-1")
    assert standing(desk) == {unstaffed, ("agreement_missing", "warning", f"{theirs}/work-1")}
    assert told(desk, "digest") == ["camille", "camille"]  # one a day: nothing is sent without a mail server
    settle(desk, "agreement_missing")
    assert standing(desk) == {unstaffed}

    desk.json("staff", "absence", "camille", "--from", "2026-01-14", "--to", "2026-01-14")
    go_round(desk, "2026-01-13T09:10+01:00")
    assert standing(desk) == {unstaffed, ("staff_absence", "critical", f"{ours}/work-1")}
    away = alert(desk, "staff_absence")
    assert (away["staff"], away["addressed_to"]) == ("camille", "coordinator")
    assert "lou et paule" in away["suggestions"][0]
    assert away["suggestions"][1].count(",") == 2  # three slots
    assert told(desk, "escalation") == ["camille"]
    settle(desk, "staff_absence")
    assert standing(desk) == {unstaffed}


def wednesday(desk: Desk, ours: str, theirs: str) -> None:
    """The building closes on the day of the session."""
    desk.at("2026-01-14T12:00+01:00").json("meeting", "done", f"{ours}/work-1")
    desk.json("place", "close", "montpellier", "--from", "2026-01-16", "--to", "2026-01-16", "--note", "Chauffage")
    go_round(desk, "2026-01-14T12:00+01:00")
    unstaffed = ("unstaffed", "warning", f"{theirs}/work-1")
    assert standing(desk) == {unstaffed, ("place_closed", "critical", f"{ours}/session-1")}
    settle(desk, "place_closed")
    assert standing(desk) == {unstaffed}


def the_watch_stops(desk: Desk, ours: str, theirs: str, waiting: str) -> None:
    """From Wednesday noon to Monday nobody goes round; one round catches up, and says so."""
    desk.at("2026-01-16T13:00+01:00").json("session", "done", ours)
    assert desk.at("2026-01-19T09:00+01:00").json("status")["stale"] is True
    assert "depuis le mercredi 14 janvier 2026 à 12\u00a0h" in go_round(desk, "2026-01-19T09:00+01:00")
    assert standing(desk) == {
        ("unstaffed", "critical", f"{theirs}/work-1"),
        ("deadline:reminder", "info", waiting),
    }
    settle(desk, "unstaffed")
    assert standing(desk) == {("deadline:reminder", "info", waiting)}


def a_form_is_forgotten(desk: Desk, theirs: str, waiting: str) -> None:
    """Its reminder, its due moment, then the pilot is told."""
    go_round(desk, "2026-01-19T17:59+01:00")
    assert standing(desk) == {("deadline:reminder", "info", waiting)}
    go_round(desk, "2026-01-19T18:00+01:00")
    assert standing(desk) == {("deadline:due", "warning", waiting)}
    desk.at("2026-01-20T14:00+01:00").json("meeting", "done", f"{theirs}/work-1")
    assert told(desk, "escalation") == ["camille", "camille", "camille"]
    assert "depuis le lundi 19 janvier 2026 à 18\u00a0h" in go_round(desk, "2026-01-27T09:00+01:00")
    assert standing(desk) == {("deadline:escalated", "critical", waiting)}
    assert alert(desk, "deadline")["addressed_to"] == "pilot"
    assert told(desk, "escalation") == ["camille", "camille", "camille", "paule"]
    settle(desk, "deadline")
    assert standing(desk) == set()


def a_week_too_full(desk: Desk, theirs: str) -> None:
    """Four hours a week for a meeting of six; and a session whose skill nobody has."""
    who = ("--name", "Noé", "--email", "noe@example.org", "--role", "specialist", "--hours", "4")
    desk.json("staff", "add", "noe", *who)
    there = ("--place", "hors_les_murs")
    desk.json("meeting", "plan", theirs, "--slot", "2026-01-29T09:00", "--for", "6h", "--staff", "noe", *there)
    desk.json("session", "plan", theirs, "--slot", "2026-02-05T09:00", "--skill", "design", *there)
    go_round(desk, "2026-01-27T10:00+01:00")
    session = f"{theirs}/session-1"
    missing, alone = ("skill_gap", "warning", session), ("single_point_of_failure", "info", session)
    assert standing(desk) == {("overload", "critical", "noe"), missing, alone}
    settle(desk, "overload")
    assert standing(desk) == {missing, alone}
    who = ("--name", "Dina", "--email", "dina@example.org", "--role", "specialist", "--skill", "design")
    desk.json("staff", "add", "dina", *who)
    assert standing(desk) == {missing}
    settle(desk, "skill_gap")
    go_round(desk, "2026-01-27T10:05+01:00")
    assert standing(desk) == {alone}  # whoever has the skill is at the session: nobody else has it
    desk.at("2026-02-05T12:30+01:00").json("session", "done", session)
    assert standing(desk) == set()
