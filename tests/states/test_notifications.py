"""What an event owes about meetings, and when it may leave."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from attrs import evolve
from pure import PARIS

from states.calendar.working_days import Closure, WorkingCalendar
from states.declaration.tables import Lab
from states.notifications import Message, leaves_at, messages, pressing
from states.requests.entry import Entry
from states.requests.request import Meeting, Request, changes

NOW, SOON, LATER, PAST = "2026-01-12T08:00:00Z", "2026-01-20T09:00:00Z", "2026-01-21T13:00:00Z", "2026-01-09T09:00:00Z"


def request(*meetings: Meeting) -> Request:
    found = Request("2026-0001", "", "working", NOW, {})
    found.meetings.extend(meetings)
    return found


def meeting(status: str = "planned", at: str = SOON, staff: tuple[str, ...] = ("camille",), **more: Any) -> Meeting:
    return Meeting("work-1", "work", status, at, more.pop("duration", 60), "montpellier", list(staff), NOW, **more)


def entry(seq: int = 7) -> Entry:
    return Entry(
        "2026-0001", seq, "x", "working", "working", "a", "coordinator", "a", False, NOW, NOW, {}, None, "", ""
    )


def told(before: Request, after: Request, by: Entry) -> list[Message]:
    return messages(changes(before.by_id, after.by_id), after, by)


def owed(before: Meeting | None, after: Meeting | None) -> list[tuple[str, str, str]]:
    """What is sent, to whom, about which moment."""
    left, become = (request(*([one] if one else [])) for one in (before, after))
    found = told(left, become, entry())
    return [(m.kind, m.recipient, m.payload["at"]) for m in found]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            None, meeting(), [("invitation", "requester", SOON), ("invitation", "camille", SOON)], id="planned"
        ),
        pytest.param(None, meeting(staff=()), [("invitation", "requester", SOON)], id="planned with nobody"),
        pytest.param(
            meeting(), meeting(at=LATER), [("change", "requester", LATER), ("change", "camille", LATER)], id="moved"
        ),
        pytest.param(
            meeting(),
            meeting(duration=90),
            [("change", "requester", SOON), ("change", "camille", SOON)],
            id="made longer",
        ),
        pytest.param(
            meeting(),
            meeting(staff=("camille", "rene")),
            [("change", "requester", SOON), ("change", "camille", SOON), ("invitation", "rene", SOON)],
            id="someone more",
        ),
        pytest.param(
            meeting(),
            meeting(staff=("rene",), at=LATER),
            [("change", "requester", LATER), ("invitation", "rene", LATER), ("release", "camille", SOON)],
            id="moved and given to someone else",
        ),
        pytest.param(
            meeting(),
            meeting(staff=("rene",)),
            [("change", "requester", SOON), ("invitation", "rene", SOON), ("release", "camille", SOON)],
            id="given to someone else",
        ),
        pytest.param(
            meeting(),
            meeting(staff=()),
            [("change", "requester", SOON), ("release", "camille", SOON)],
            id="taken from someone",
        ),
        pytest.param(
            meeting(staff=("camille", "rene")),
            meeting(staff=("rene", "camille")),
            [],
            id="the same people in another order",
        ),
        pytest.param(
            meeting(),
            meeting("cancelled"),
            [("cancellation", "requester", SOON), ("cancellation", "camille", SOON)],
            id="cancelled",
        ),
        pytest.param(
            meeting(),
            None,
            [("cancellation", "requester", SOON), ("cancellation", "camille", SOON)],
            id="its planning corrected",
        ),
        pytest.param(meeting(), meeting("held"), [], id="held"),
        pytest.param(meeting("held"), meeting(), [], id="no longer held"),
        pytest.param(meeting(), meeting(), [], id="nothing changed"),
        pytest.param(None, meeting(at=PAST), [], id="planned in the past"),
        pytest.param(meeting(at=PAST), meeting("cancelled", PAST), [], id="a past one cancelled"),
        pytest.param(
            meeting(at=PAST),
            meeting(),
            [("change", "requester", SOON), ("change", "camille", SOON)],
            id="a past one moved",
        ),
    ],
)
def test_what_is_owed(before: Meeting | None, after: Meeting | None, expected: list[tuple[str, str, str]]) -> None:
    assert owed(before, after) == expected


def test_a_message_is_known_by_its_cause() -> None:
    first, second = told(request(), request(meeting()), entry(9))
    assert (first.key, second.key) == ("2026-0001/9/work-1/requester", "2026-0001/9/work-1/camille")
    assert (first.ref, first.meeting, first.sequence) == ("2026-0001", "work-1", 9)
    assert first.payload == {"at": SOON, "duration": 60, "place": "montpellier", "staff": ["camille"]}


def test_who_is_released_is_told_of_what_they_were_to_come_to_and_of_who_comes() -> None:
    moved = request(meeting(at=LATER, staff=("rene",)))
    (released,) = [m for m in told(request(meeting()), moved, entry()) if m.kind == "release"]
    assert (released.payload["at"], released.payload["staff"]) == (SOON, ["rene"])


def test_nobody_asked_for_an_activity() -> None:
    visit = evolve(request(meeting()), ref="2026-A001")
    assert [(one.kind, one.recipient) for one in told(request(), visit, entry())] == [("invitation", "camille")]


# --- When it may leave ---

LAB = Lab("Labo", "1", "Europe/Paris", {"fr": "Labo"}, time(8), time(19), time(18), {})
CALENDAR = WorkingCalendar(
    {date(2026, 5, 14): "Ascension"},
    (Closure(None, date(2026, 5, 15), date(2026, 5, 15), "2026-01-01T00:00:00Z"),),
    PARIS,
    time(18),
)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-01-12T08:00:00Z", "2026-01-12T08:00:00Z"),
        ("2026-01-12T06:59:00Z", "2026-01-12T07:00:00Z"),
        ("2026-01-12T17:59:59Z", "2026-01-12T17:59:59Z"),
        ("2026-01-12T18:00:00Z", "2026-01-13T07:00:00Z"),
        ("2026-01-16T18:30:00Z", "2026-01-19T07:00:00Z"),  # a Friday evening
        ("2026-03-28T12:00:00Z", "2026-03-30T06:00:00Z"),  # the clocks go forward that night
        ("2026-10-24T12:00:00Z", "2026-10-26T07:00:00Z"),  # and back
        ("2026-05-13T20:00:00Z", "2026-05-18T06:00:00Z"),  # Ascension, and the day the lab closes after it
    ],
)
def test_it_leaves_in_working_hours(now: str, expected: str) -> None:
    assert leaves_at(LAB, CALENDAR, now) == expected


def test_news_that_would_come_too_late_is_pressing() -> None:
    leaves = "2026-01-13T07:00:00Z"
    assert pressing("2026-01-13T09:59:00Z", leaves)
    assert not pressing("2026-01-13T10:00:00Z", leaves)


def test_the_hours_are_the_labs() -> None:
    late = evolve(LAB, opens=time(10))
    assert leaves_at(late, CALENDAR, "2026-01-12T08:00:00Z") == "2026-01-12T09:00:00Z"
