"""Deadlines told day by day, and what holds of them whatever the history."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from owed import found, one, request
from pure import PARIS, at, calendar, lab

from states.calendar.working_days import Closure, WorkingCalendar
from states.deadlines import explain, waiting
from states.language import spoken
from states.requests.request import Request

# --- Day by day -----------------------------------------------------------------------------------------------------


def explained(subject: Request, kind: str, ours: WorkingCalendar | None = None) -> list[str]:
    ours = ours or calendar()
    with spoken("en"):
        steps = explain(lab(), subject, ours, one(subject, kind, ours=ours))
        return [f"{s.day:%m-%d} {s.number if s.counted else s.cause and s.cause.text}" for s in steps]


def test_every_day_is_explained() -> None:
    subject = request(("received", "05-05 09:00"), ("info_requested", "05-07 09:00"), ("received", "05-13 09:00"))
    ours = calendar(Closure(None, date(2026, 5, 15), date(2026, 5, 15), at("05-01 09:00"), "Pont"))
    assert explained(subject, "received", ours) == [
        "05-06 1",
        "05-07 2",
        "05-08 paused: Information requested",
        "05-09 paused: Information requested",
        "05-10 paused: Information requested",
        "05-11 paused: Information requested",
        "05-12 paused: Information requested",
        "05-13 paused: Information requested",
        "05-14 public holiday: Ascension",
        "05-15 the lab is closed: Pont",
        "05-16 weekend",
        "05-17 weekend",
        "05-18 3",
        "05-19 4",
        "05-20 5",
    ]


def test_a_deadline_that_is_paused_is_explained_up_to_the_pause() -> None:
    subject = request(("received", "03-02 09:00"), ("info_requested", "03-04 10:00"))
    assert explained(subject, "received") == ["03-03 1", "03-04 2"]


def test_a_follow_up_is_explained_from_the_day_it_would_fall() -> None:
    subject = request(("closed", "02-14 09:00"))
    assert explained(subject, "follow_up_3") == ["05-14 public holiday: Ascension", "05-15 0"]


def test_the_deadline_of_another_request_is_not_explained() -> None:
    other = one(request(("received", "03-02 09:00")), "received")
    with pytest.raises(KeyError, match="received/1"):
        explain(lab(), request(("qualified", "03-02 09:00")), calendar(), other)


# --- Any history ----------------------------------------------------------------------------------------------------


@st.composite
def histories(draw: st.DrawFn) -> tuple[tuple[str, str], ...]:
    """Moves that the shipped lifecycle allows, at growing moments of 2026."""
    moment = datetime(2026, 1, 5, 9, tzinfo=PARIS)
    state, moves, before = "received", [("received", "01-05 09:00")], ["received"]
    for _step in range(draw(st.integers(0, 9))):
        onward = {
            "received": ["info_requested", "prequalified", "suspended", "declined"],
            "info_requested": ["received", "suspended", "declined", "withdrawn"],
            "prequalified": ["hosted", "suspended", "withdrawn"],
            "hosted": ["session_held", "suspended", "cancelled"],
            "session_held": ["closed", "suspended"],
            "suspended": [before[-1], "withdrawn"],
        }.get(state)
        if onward is None:
            break
        target = draw(st.sampled_from(onward))
        if target == "suspended":
            before.append(state)
        moment += timedelta(hours=draw(st.integers(1, 600)))
        moves.append((target, moment.astimezone(PARIS).strftime("%Y-%m-%d %H:%M")))
        state = target
    return tuple(moves)


@given(histories())
def test_every_history_leaves_its_deadlines_in_order(moves: tuple[tuple[str, str], ...]) -> None:
    subject = request(*moves)
    ours = found(subject, "2028-12-31 12:00")
    assert len({d.key for d in ours}) == len(ours)
    ended = lab().is_final(subject.state)
    left = [d for d in ours if d.status in ("open", "paused")]
    assert waiting(lab(), subject, calendar(), at("2028-12-31 12:00")) == left
    if ended:
        assert {d.kind for d in left} <= {"follow_up_3", "follow_up_6"}
    else:
        assert [d for d in left if d.status == "open" and d.kind == subject.state]
    for deadline in ours:
        assert (deadline.settled_at is None) is (deadline.status in ("open", "paused"))
        if deadline.status in ("met", "missed") and deadline.settled_at:
            assert (deadline.settled_at <= deadline.due_at) is (deadline.status == "met")
        steps = explain(lab(), subject, calendar(), deadline)
        assert [b.day - a.day for a, b in pairwise(steps)] == [timedelta(1)] * (len(steps) - 1)
        if deadline.status in ("open", "met", "missed"):
            assert calendar().at_due_hour(steps[-1].day) == deadline.due_at


@given(histories())
def test_what_is_settled_stays_settled(moves: tuple[tuple[str, str], ...]) -> None:
    for length in range(1, len(moves)):
        earlier = {d.key: d for d in found(request(*moves[:length]), "2028-12-31 12:00")}
        later = {d.key: d for d in found(request(*moves), "2028-12-31 12:00")}
        for key, deadline in earlier.items():
            if deadline.status in ("met", "missed", "dropped"):
                assert later[key] == deadline
