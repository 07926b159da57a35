"""The figures of what was held are put right without unwinding anything; and what a refusal counts was stored."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk
from lives import CLOSED, HELD, PLANNED, SESSION, lived, plain, typed, words_of

AMEND = "meeting amend 1/session-1"


@pytest.mark.parametrize(
    ("before", "line", "exit", "told"),
    [
        (PLANNED, "meeting amend 1/interview-1 --attended 3 -n x", 3, "interview-1 n’est pas enregistrée comme tenue"),
        (SESSION, "meeting amend 1/session-9 --attended 3 -n x", 4, "session-9"),
        (SESSION, f"{AMEND} -n x", 6, "rien n’a été donné"),
        (SESSION, f"{AMEND} --attended 21", 6, "note"),
        (SESSION, f"{AMEND} --attended 12 --managers 4 -n x", 6, "rien à changer"),
        (SESSION, f"{AMEND} --managers 13 -n x", 6, "12"),  # of the 12 who attended
        (SESSION, f"{AMEND} --attended 3 -n x", 6, "3"),  # with the 4 managers that stand
        (SESSION, f"{AMEND} --started 2026-01-12T10:00 -n x", 3, "commence le lundi 12 janvier 2026 à 10 h"),
    ],
)  # fmt: skip
def test_figures_that_cannot_be_so_are_refused_and_nothing_is_stored(
    desk: Desk, tmp_path: Path, before: tuple[str, ...], line: str, exit: int, told: str
) -> None:
    lived(desk, tmp_path, *before)
    was = desk.json("show", "1")
    refused = desk.coop(*words_of(line))
    assert (refused.exit, refused.out) == (exit, "")
    assert told in plain(refused.err)
    assert desk.json("show", "1") == was


@pytest.mark.parametrize("before", [SESSION, CLOSED, (*SESSION, "withdraw 1 -n x")])
def test_what_came_after_stays_and_both_values_are_kept(desk: Desk, tmp_path: Path, before: tuple[str, ...]) -> None:
    lived(desk, tmp_path, *before)
    state = desk.json("show", "1")["state"]
    typed(desk, f"{AMEND} --attended 21 --managers 5 -n Recompté")
    assert desk.json("show", "1")["state"] == state
    last = desk.json("history", "1")[-1]["data"]
    assert {name: (last["was"][name], last[name]) for name in ("attended", "managers")} == {
        "attended": (12, 21),
        "managers": (4, 5),
    }


def test_whoever_left_the_lab_is_replaced_when_their_meeting_moves(desk: Desk, tmp_path: Path) -> None:
    lived(desk, tmp_path, "prequalify 1", "staff add zz --name Z --email z@example.org --role specialist",
          "interview plan 1 --slot 14/01_9h --staff zz", "staff change zz --left")  # fmt: skip
    error = desk.fails(4, *words_of("meeting move 1/interview-1 --slot 16/01_9h"))
    assert "zz" in error["message"]
    assert "--staff" in error["hint"]
    assert desk.json("show", "1")["calendar"][0]["at"] == "2026-01-14T09:00:00+01:00"
    typed(desk, "meeting move 1/interview-1 --slot 16/01_9h --staff agnes")
    assert desk.json("show", "1")["calendar"][0]["staff"] == ["agnes"]


def test_a_cap_is_told_of_what_was_asked_for_and_not_of_what_was_never_stored(desk: Desk, tmp_path: Path) -> None:
    lived(desk, tmp_path, *HELD, "tier assign 1 tuto")
    slots = ("14/01_9h", "16/01_9h", "19/01_9h", "20/01_9h")
    line = "meeting plan 1 " + " ".join(f"--slot {slot}" for slot in slots)
    (refusal,) = desk.fails(3, *words_of(line))["refusals"]
    assert refusal["rule"] == "cap_reached"
    assert plain(refusal["message"]) == "4 demandées, 3 possibles : rien n’a été enregistré."
    assert desk.json("show", "1")["meetings"]["work"]["planned"] == 0
    typed(desk, " ".join(line.split()[:-2]))
    (refusal,) = desk.fails(3, *words_of("meeting plan 1 --slot 20/01_9h"))["refusals"]
    assert "3 planifiées" in plain(refusal["message"]) or "planifiées : 3" in plain(refusal["message"])
