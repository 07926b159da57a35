"""Doing something twice: what a history has done already, and by which entry."""

from __future__ import annotations

from typing import Any

import pytest
from attempts import attempt, entry, meeting, request
from pure import at

from states.errors import FieldError, Refused
from states.language import spoken
from states.lifecycle.decision import decide
from states.lifecycle.repeats import done_by, may_be_done, said_by
from states.requests.entry import Entry
from states.requests.request import CANCELLED, HELD, Meeting, Request, Stay


def moved(event: str, seq: int, source: str, to: str, **data: Any) -> Entry:
    return entry(event, seq, **data)._replace(source=source, to=to)


ACCEPTED = moved("prequalify", 2, "received", "prequalified")
ASKED = moved("request_info", 2, "received", "info_requested")
ANSWERED = moved("provide_info", 3, "info_requested", "received")
PLANNED = moved("plan_interview", 3, "prequalified", "interview_planned", meeting="interview-1")
QUALIFIED = moved("hold_interview", 4, "interview_planned", "qualified", meeting="interview-1")
PAUSED = moved("suspend", 5, "working", "suspended")
RESUMED = moved("resume", 6, "suspended", "working")
CLOSED = moved("close", 9, "debriefed", "closed")
WORK = entry("plan_meeting", 5, meeting="work-1")
WORKED = entry("hold_meeting", 6, meeting="work-1")
DROPPED = entry("cancel_meeting", 6, meeting="work-1")
ENDED = moved("withdraw", 6, "working", "withdrawn", cancelled=["work-1"])
VALIDATED = entry("validate", 5, basis="delegation")
INTERVIEW = meeting("interview-1", "01-12 09:00", HELD, started_at=at("01-12 09:00"))


def standing(state: str, *entries: Entry, of: tuple[Meeting, ...] = (), **how: Any) -> Request:
    """What such a history leaves: each entry that moves begins a stay."""
    stays = [Stay("received", 1, at("01-12 08:00"))]
    stays += [Stay(e.to, e.seq, e.occurred_at) for e in entries if e.to != e.source]
    return request(state, *of, stays=stays, **how)


@pytest.mark.parametrize(
    ("event", "state", "entries", "how", "expected"),
    [
        ("prequalify", "prequalified", [ACCEPTED], {}, 2),
        ("prequalify", "qualified", [ACCEPTED, PLANNED, QUALIFIED], {}, 2),
        ("prequalify", "received", [ACCEPTED], {}, None),  # where it is possible
        ("decline", "prequalified", [ACCEPTED], {}, None),
        ("request_info", "info_requested", [ASKED], {}, 2),
        ("request_info", "prequalified", [ASKED, ANSWERED, ACCEPTED._replace(seq=4)], {}, None),  # it came back since
        ("provide_info", "received", [ASKED, ANSWERED], {}, 3),
        ("suspend", "suspended", [PAUSED], {}, 5),
        ("suspend", "closed", [PAUSED, RESUMED, CLOSED], {}, None),
        ("resume", "working", [PAUSED, RESUMED], {}, 6),
        ("resume", "closed", [PAUSED, RESUMED, CLOSED], {}, None),  # it is not where that led any more
        ("close", "closed", [CLOSED._replace(seq=8), CLOSED], {}, 9),  # the last
        ("hold_interview", "qualified", [PLANNED, QUALIFIED], {"of": (INTERVIEW,)}, 4),
        ("plan_interview", "qualified", [PLANNED, QUALIFIED], {"of": (INTERVIEW,)}, 3),
        # What its request says stands, wherever it is.
        ("validate", "working", [VALIDATED], {"tier": "50_50", "validated": "delegation"}, 5),
        ("validate", "working", [VALIDATED], {"tier": "50_50"}, None),
        ("plan_session", "working", [entry("plan_session", 7)], {"of": (meeting("session-1"),)}, 7),
        ("plan_session", "working", [entry("plan_session", 7)], {}, None),
        ("plan_meeting", "working", [WORK], {"of": (meeting("work-1"),)}, None),  # there may be several
        # What became of its meeting.
        ("hold_meeting", "working", [WORK, WORKED], {"of": (meeting("work-1", status=HELD),)}, 6),
        ("cancel_meeting", "working", [WORK, WORKED], {"of": (meeting("work-1", status=HELD),)}, 6),
        ("move_meeting", "working", [WORK, DROPPED], {"of": (meeting("work-1", status=CANCELLED),)}, 6),
        ("cancel_meeting", "withdrawn", [WORK, ENDED], {"of": (meeting("work-1", status=CANCELLED),)}, 6),
        ("cancel_meeting", "working", [WORK], {"of": (meeting("work-1"),)}, None),
    ],
)  # fmt: skip
def test_what_is_done_already_is_so_by_an_entry(
    event: str, state: str, entries: list[Entry], how: dict[str, Any], expected: int | None
) -> None:
    named = {"meeting": "work-1"} if event.endswith("_meeting") and event != "plan_meeting" else {}
    tried = attempt(event, standing(state, *entries, **how), note="n", **named)
    found = done_by(tried, entries) if may_be_done(tried) else None
    assert (found.seq if found else None) == expected


def test_an_entry_undone_did_nothing() -> None:
    undone = entry("correct", 3, corrects=2)
    assert done_by(attempt("prequalify", standing("received")), [ACCEPTED, undone]) is None


def test_whoever_asks_what_can_be_done_is_not_told_of_what_is_over() -> None:
    of = standing("prequalified", ACCEPTED)
    assert may_be_done(attempt("prequalify", of))
    assert not may_be_done(attempt("prequalify", of, asking=True))


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, ["state"]),
        ({"role": "specialist"}, ["state", "role"]),
        ({"moment": "01-01 09:00"}, ["state"]),  # before the last step: to say so would have it typed again
    ],
)
def test_of_what_is_done_already_no_rule_of_its_own_is_told(how: dict[str, Any], expected: list[str]) -> None:
    unfit = {"kind": "accompanied", "collaborative_share": 10}
    tried = attempt("prequalify", standing("prequalified", ACCEPTED, form=unfit), facts={"done_by": ACCEPTED}, **how)
    with spoken("en"), pytest.raises(Refused) as caught:
        decide(tried)
    first, *_others = caught.value.refusals
    assert [refusal.rule for refusal in caught.value.refusals] == expected
    assert first.message == "Already done, by entry 2 of Monday 9 March 2026: Prequalified."
    assert first.remedy == "See what can be done now with: coop next 2026-0001"


SAYING = [
    entry("amend", 3, participants=20, managers=5),
    entry("amend", 4, participants=30),
    entry("amend", 5, managers=5),
]


@pytest.mark.parametrize(
    ("inputs", "entries", "expected"),
    [
        ({"managers": 5}, SAYING, "nothing would change: entry 5 says so already"),
        ({"participants": 20}, SAYING, "nothing would change: entry 3 says so already"),
        ({"participants": 30, "managers": 5}, SAYING, "as before"),  # no entry says both
        ({"managers": 5}, [*SAYING, entry("correct", 6, corrects=5)], "nothing would change: entry 3 says so already"),
    ],
)
def test_what_would_change_nothing_is_said_by_the_last_entry_that_says_it_all(
    inputs: dict[str, Any], entries: list[Entry], expected: str
) -> None:
    with spoken("en"):
        error = said_by(FieldError("managers", "as before"), inputs, entries)
    assert (error.field, error.message) == ("managers", expected)
