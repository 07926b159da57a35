"""What was held belongs to when it was held: in the history, in what follows from it, and in the review."""

from __future__ import annotations

import pytest
from desk import Desk

MONDAY, THURSDAY = "2026-06-29T09:00+02:00", "2026-07-02T09:00+02:00"


def typed_two_days_later(desk: Desk) -> str:
    """A request whose session, on 30 June at 9 for three hours, is recorded on 2 July."""
    ref = desk.at(MONDAY).received(axis="management")
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "29/06/2026 9h")
    desk.json("interview", "done", ref)
    desk.json("tier", "assign", ref, "tuto")
    desk.json("meeting", "plan", ref, "--slot", "29/06/2026 9h")
    desk.json("meeting", "done", ref)
    desk.json("session", "plan", ref, "--slot", "30/06/2026 9h")
    desk.at(THURSDAY)
    desk.json("session", "done", ref, "--attended", "21", "--expected", "22", "--managers", "4")
    return ref


def test_a_session_belongs_to_the_semester_it_was_held_in(desk: Desk) -> None:
    ref = typed_two_days_later(desk)
    last = desk.json("history", ref)[-1]
    assert last["occurred_at"] == "2026-06-30T12:00:00+02:00"
    assert last["recorded_at"] == "2026-07-02T09:00:00+02:00"
    due = {d["kind"]: d["due_at"] for d in desk.json("deadlines", ref) if d["status"] == "open"}
    assert due == {"session_held": "2026-07-15T18:00:00+02:00"}  # ten working days from 30 June, less 14 July
    of = {code: desk.json("review", "explain", code, "managers_participating") for code in ("2026-S1", "2026-S2")}
    assert (of["2026-S1"]["value"], of["2026-S1"]["items"][0]["ref"]) == (4, ref)
    assert (of["2026-S2"]["value"], of["2026-S2"]["items"]) == (0, [])


def test_as_of_that_evening_it_was_held(desk: Desk) -> None:
    ref = typed_two_days_later(desk)
    assert desk.json("show", ref, "--as-of", "2026-06-30T13:00+02:00")["state"] == "session_held"
    assert desk.json("show", ref, "--as-of", "2026-06-30T11:00+02:00")["state"] == "working"
    assert desk.json("show", ref, "--known-at", "2026-07-01T09:00+02:00")["state"] == "working"


def test_the_step_after_it_may_be_of_the_day_in_between(desk: Desk) -> None:
    ref = typed_two_days_later(desk)
    early = desk.fails(3, "debrief", "plan", ref, "--slot", "03/07/2026 9h", "--at", "2026-06-30T11:00+02:00")
    assert [refusal["rule"] for refusal in early["refusals"]] == ["at_before_previous"]
    desk.json("debrief", "plan", ref, "--slot", "03/07/2026 9h", "--at", "2026-07-01T11:00+02:00")
    desk.json("undo", ref, "--note", "trop tôt")
    desk.json("undo", ref, "--note", "une autre session")
    shown = desk.json("show", ref)
    assert (shown["state"], shown["meetings"]["session"]["planned"]) == ("working", 1)


def test_what_was_said_with_at_stands(desk: Desk) -> None:
    ref = typed_two_days_later(desk)
    desk.json("undo", ref, "--note", "une autre heure")
    desk.json("session", "done", ref, "--managers", "4", "--attended", "9", "--at", "2026-07-01T10:00+02:00")
    assert desk.json("history", ref)[-1]["occurred_at"] == "2026-07-01T10:00:00+02:00"
    # It is placed by its real start all the same.
    assert desk.json("review", "explain", "2026-S1", "managers_participating")["value"] == 4


def test_a_start_put_right_moves_it_and_says_so_after_the_seal(desk: Desk) -> None:
    ref = typed_two_days_later(desk)
    desk.json("review", "seal", "2026-S1")
    desk.json(
        "meeting",
        "amend",
        f"{ref}/session-1",
        "--started",
        "01/07/2026 9h",
        "--managers",
        "3",
        "--note",
        "le lendemain",
    )
    values = [
        desk.json("review", "explain", code, "managers_participating")["value"] for code in ("2026-S1", "2026-S2")
    ]
    assert values == [0, 3]
    sealed = desk.json("review", "2026-S1", "--sealed")
    assert [row["event"] for row in sealed["entries_since"]] == ["amend_meeting"]


def test_an_activity_too(desk: Desk) -> None:
    desk.at(MONDAY)
    given = ("--title", "Visite", "--type", "visit", "--axis", "management", "--place", "montpellier")
    ref = desk.json("activity", "plan", *given, "--slot", "30/06/2026 14h")["ref"]
    desk.at(THURSDAY)
    desk.json("activity", "done", ref, "--attended", "8", "--managers", "3")
    history = desk.json("activity", "history", ref)
    assert history[-1]["occurred_at"] == "2026-06-30T16:00:00+02:00"
    values = [
        desk.json("review", "explain", code, "managers_participating")["value"] for code in ("2026-S1", "2026-S2")
    ]
    assert values == [3, 0]


@pytest.mark.parametrize("typed", [THURSDAY, "2026-06-30T10:00+02:00"])
def test_the_answer_is_not_cluttered_with_what_goes_by_itself(desk: Desk, typed: str) -> None:
    ref = desk.at(MONDAY).received()
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "30/06/2026 9h30")
    printed = desk.at(typed).coop("interview", "done", ref)
    assert printed.out.splitlines()[-1].endswith("début le mardi 30 juin 2026 à 9\xa0h\xa030")
