"""Weeks on sample forms, typing only what `today`, `next` and `alerts` print: every request comes to its end."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from desk import SAMPLES, Desk
from proposals import NOT_YET, filled

MONDAY = date(2026, 2, 2)
LONGEST = 80  # days
# What someone at the desk wants of a request, the furthest first, among what `next` proposes.
WANTED = (
    "close",
    "debrief done",
    "debrief plan",
    "session done",
    "session plan",
    "meeting done",
    "meeting plan",
    "validate",
    "tier assign",
    "interview done",
    "interview plan",
    "host",
    "prequalify",
    "deliverable",
    "decline",
)


def test_every_request_comes_to_its_end(desk: Desk) -> None:
    desk.at(f"{MONDAY}T09:00+01:00")
    for by, person, role in (("camille", "agnes", "pilot"), ("agnes", "marc", "committee")):
        who = ("--name", person.title(), "--email", f"{person}@example.org", "--role", role)
        desk.json("--as", by, "staff", "add", person, *who)
    files = [str(SAMPLES / name) for name in ("fiche-1.toml", "fiche-2.toml", "fiche-3.toml", "fiches.json")]
    assert desk.coop("submit", *files).exit == 0
    day = MONDAY
    while still_open(desk) and (day - MONDAY).days < LONGEST:
        for hour in (9, 19):
            desk.at(datetime.combine(day, datetime.min.time()).replace(hour=hour).isoformat() + "+01:00")
            desk.json("scheduler", "tick")
            a_morning(desk)
        day += timedelta(days=1)
    assert [(row["ref"], row["state"]) for row in still_open(desk)] == []
    assert desk.json("today")["late"] == []
    assert desk.json("alerts") == []


def still_open(desk: Desk) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = desk.json("list", "--open")
    return rows


def a_morning(desk: Desk) -> None:
    """First what is late, due or to be recorded, then the alerts, then each request as far as it goes."""
    today = desk.json("today")
    for row in (*today["late"], *today["due"], *today["to_record"]):
        types(desk, row["command"])
    for alert in desk.json("alerts"):
        if commands := [text for text in alert["suggestions"] if text.startswith("coop ")]:
            types(desk, commands[0])
    for row in still_open(desk):
        done: set[str] = set()
        while is_open(desk, row["ref"]) and (command := wanted(desk, row["ref"], done)) and types(desk, command):
            done.add(command)


def is_open(desk: Desk, ref: str) -> bool:
    return ref in {row["ref"] for row in still_open(desk)}


def wanted(desk: Desk, ref: str, done: set[str]) -> str | None:
    """What leads on, among what is proposed and was not done a moment ago; a form is declined when nothing does."""
    answer = desk.json("next", ref)
    commands = [event["command"] for event in answer["events"] if event["command"]]
    named = {want: c for want in WANTED for c in commands if f" {want} " in c and c not in done}
    if "decline" in named and answer["state"] != "received":
        del named["decline"]
    if desk.json("show", ref)["deliverables"]:
        named.pop("deliverable", None)
    return next((named[want] for want in WANTED if want in named), None)


def types(desk: Desk, command: str) -> bool:
    """Types a command; whether it was done. What is only for later is left for later."""
    printed = desk.coop(*filled(command), stdin="")
    if printed.exit == 0:
        return not command.startswith(("coop next", "coop show"))
    assert NOT_YET in printed.err, (command, printed.err)
    return False
