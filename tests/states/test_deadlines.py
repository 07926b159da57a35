"""Deadlines of whole histories: what is owed, by when, and what became of it.

Days and hours below are local, as a coordinator reads them: `"03-09 18:00"` is in 2026, Europe/Paris.
"""

from __future__ import annotations

from datetime import date

import pytest
from attrs import evolve
from owed import found, meeting, of, one, request, told
from pure import at, calendar, lab, when

from states.calendar.working_days import Closure
from states.deadlines import next_due, waiting
from states.requests.request import CANCELLED, HELD, PLANNED, Meeting

# --- One state after the other --------------------------------------------------------------------------------------


def test_every_state_has_its_own_number_of_working_days() -> None:
    subject = request(
        ("received", "03-02 09:00"),
        ("prequalified", "03-03 09:00"),
        ("interview_planned", "03-04 09:00"),
        ("qualified", "03-12 12:00"),
        ("tier_assigned", "03-13 09:00"),
        ("working", "03-16 09:00"),
        ("session_held", "04-08 12:00"),
        ("debriefed", "04-20 12:00"),
        ("closed", "05-04 12:00"),
        meetings=(meeting("interview-1", "03-12 10:00", HELD, "03-12 12:00"),),
    )
    assert told(subject) == [
        "received 03-09 18:00 met",
        "prequalified 03-10 18:00 met",
        "interview_planned 03-13 18:00 met",
        "qualified 03-19 18:00 met",
        "tier_assigned 03-27 18:00 met",
        "working 04-14 18:00 met",  # 20 days, Easter Monday among them
        "session_held 04-22 18:00 met",
        "debriefed 05-13 18:00 met",  # 15 days, 1 and 8 May among them
        "follow_up_3 08-04 18:00 open",
        "follow_up_6 11-04 18:00 open",
    ]


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("03-27 10:00", "04-03 18:00"),  # clocks go forward on the 29th
        ("03-28 23:59", "04-03 18:00"),
        ("03-29 00:01", "04-03 18:00"),
        ("04-02 10:00", "04-10 18:00"),  # Easter Monday
        ("04-30 10:00", "05-11 18:00"),  # 1 and 8 May
        ("05-12 10:00", "05-20 18:00"),  # Ascension
        ("05-20 10:00", "05-28 18:00"),  # Whit Monday
        ("10-23 10:00", "10-30 18:00"),  # clocks go back on the 25th
        ("10-25 23:30", "10-30 18:00"),
        ("12-23 10:00", "12-31 18:00"),  # Christmas
        ("2027-03-26 10:00", "2027-04-05 18:00"),  # clocks on the 28th, Easter Monday on the 29th
        ("2027-04-30 23:59", "2027-05-10 18:00"),  # Ascension 2027; 1 and 8 May are Saturdays
    ],
)
def test_counting_begins_after_the_local_day_of_the_event(received: str, due: str) -> None:
    assert when(one(request(("received", received)), "received").due_at) == due


@pytest.mark.parametrize(
    ("left", "status"),
    [("03-02 09:00", "met"), ("03-09 17:59:59", "met"), ("03-09 18:00", "met"), ("03-09 18:00:01", "missed")],
)
def test_it_is_met_if_left_by_the_due_moment(left: str, status: str) -> None:
    subject = request(("received", "03-02 09:00"), ("prequalified", left))
    received = one(subject, "received")
    assert (received.status, received.settled_at, received.stage) == (status, at(left), "none")


@pytest.mark.parametrize(
    ("now", "stage"),
    [
        ("03-02 09:00", "none"),
        ("03-05 17:59:59", "none"),
        ("03-05 18:00", "reminder"),
        ("03-09 17:59:59", "reminder"),
        ("03-09 18:00", "due"),
        ("03-16 17:59:59", "due"),
        ("03-16 18:00", "escalated"),
        ("12-31 23:00", "escalated"),
    ],
)
def test_an_open_deadline_goes_through_its_stages_and_stays_open(now: str, stage: str) -> None:
    received = one(request(("received", "03-02 09:00")), "received", now)
    assert (received.status, received.stage, received.settled_at) == ("open", stage, None)
    assert received.reminder_at == at("03-05 18:00")
    assert received.escalation_at == at("03-16 18:00")
    assert received.is_late(at(now)) is (now > "03-09 18:00")


def test_stages_are_counted_in_working_days_across_holidays_and_clocks() -> None:
    received = one(request(("received", "10-22 09:00")), "received")
    assert (when(received.reminder_at or ""), when(received.due_at)) == ("10-27 18:00", "10-29 18:00")
    received = one(request(("received", "05-11 09:00")), "received")
    assert (when(received.due_at), when(received.escalation_at or "")) == ("05-19 18:00", "05-27 18:00")


def test_the_days_in_force_when_it_began_are_kept() -> None:
    subject = request(("received", "03-02 09:00"))
    subject.stays[0].days = 7
    assert of(subject, "received") == "03-11 18:00 open"
    subject.stays[0].days = None
    assert found(subject) == []


def test_each_deadline_has_a_key_of_its_own_and_the_next_is_the_earliest_open() -> None:
    subject = request(
        ("received", "03-02 09:00"),
        ("prequalified", "03-03 09:00"),
        ("hosted", "03-04 09:00"),
        meetings=(meeting("session-1", "03-10 14:00"), meeting("session-2", "03-06 14:00")),
    )
    ours = found(subject)
    assert [d.key for d in ours] == [
        "received/1",
        "prequalified/11",
        "hosted/21",
        "meeting/session-1",
        "meeting/session-2",
    ]
    assert next_due(ours) == ours[4]
    assert next_due(ours[:2]) is None


# --- Pauses ---------------------------------------------------------------------------------------------------------


def test_what_waits_is_open_or_paused_at_its_stage() -> None:
    """Those that were met, missed or dropped wait for nothing."""
    subject = request(("received", "03-02 09:00"), ("info_requested", "03-03 09:00"))
    planned_later = Meeting("work-1", "work", PLANNED, at("03-10 14:00"), 60, "toulouse", [], at("03-02 09:00"))
    held_since = evolve(planned_later, id="work-2", status=HELD, settled_at=at("03-11 09:00"))
    dropped = evolve(planned_later, id="work-3", status=CANCELLED, settled_at=at("03-05 09:00"))
    subject.meetings = [planned_later, held_since, dropped]
    ours = waiting(lab(), subject, calendar(), at("03-13 18:00"))
    assert [(d.kind, d.meeting, d.status, d.stage) for d in ours] == [
        ("received", None, "paused", "none"),
        ("info_requested", None, "open", "reminder"),
        ("meeting", "work-1", "open", "due"),
    ]


def test_a_question_pauses_and_the_answer_counts_on() -> None:
    moves = (("received", "03-02 09:00"), ("info_requested", "03-04 10:00"))
    paused = one(request(*moves), "received")
    assert (paused.status, paused.stage, when(paused.due_at)) == ("paused", "none", "03-09 18:00")
    assert (paused.reminder_at, paused.escalation_at) == (None, None)
    back = request(*moves, ("received", "03-16 10:00"))
    assert told(back) == ["received 03-19 18:00 open", "info_requested 03-18 18:00 met"]  # three days were left
    left = request(*moves, ("received", "03-16 10:00"), ("prequalified", "03-19 18:01"))
    assert of(left, "received") == "03-19 18:00 missed"


def test_two_questions_pause_twice() -> None:
    subject = request(
        ("received", "03-02 09:00"),
        ("info_requested", "03-03 10:00"),  # four left
        ("received", "03-10 10:00"),
        ("info_requested", "03-12 10:00"),  # two left
        ("received", "03-30 10:00"),
        ("prequalified", "04-01 18:00"),
    )
    assert told(subject)[:3] == [
        "received 04-01 18:00 met",
        "info_requested 03-17 18:00 met",
        "info_requested 03-26 18:00 missed",
    ]


@pytest.mark.parametrize(
    ("asked", "answered", "due"),
    [
        ("03-09 10:00", "03-11 10:00", "03-11 18:00 open"),  # on the due day: none left
        ("03-09 18:00", "03-11 10:00", "03-11 18:00 open"),  # at the very moment
        ("03-09 10:00", "03-14 10:00", "03-16 18:00 open"),  # back on a Saturday
        ("03-09 10:00", "04-06 10:00", "04-07 18:00 open"),  # back on Easter Monday
        ("03-09 10:00", "05-14 10:00", "05-15 18:00 open"),  # back on Ascension
        ("03-06 23:30", "04-06 10:00", "04-07 18:00 open"),  # one left, counted after the holiday of the return
        ("03-07 10:00", "03-28 10:00", "03-30 18:00 open"),  # asked on a Saturday, back on one
        ("03-05 10:00", "03-05 17:00", "03-09 18:00 open"),  # asked and answered in a day
        ("03-02 10:00", "10-23 10:00", "10-30 18:00 open"),  # all five, over the change of clocks
    ],
)
def test_what_is_left_after_a_pause(asked: str, answered: str, due: str) -> None:
    subject = request(("received", "03-02 09:00"), ("info_requested", asked), ("received", answered))
    assert of(subject, "received") == due


def test_one_already_late_is_not_paused() -> None:
    moves = (("received", "03-02 09:00"), ("info_requested", "03-09 18:01"))
    late = one(request(*moves), "received", "03-20 09:00")
    assert (late.status, late.stage, when(late.due_at)) == ("open", "escalated", "03-09 18:00")
    back = request(*moves, ("received", "03-11 10:00"))
    assert of(back, "received") == "03-09 18:00 open"
    left = request(*moves, ("received", "03-11 10:00"), ("prequalified", "03-11 11:00"))
    assert of(left, "received") == "03-09 18:00 missed"


def test_a_pause_within_a_pause() -> None:
    moves: tuple[tuple[str, str], ...] = (
        ("received", "03-02 09:00"),
        ("info_requested", "03-04 10:00"),  # received: three left
        ("suspended", "03-11 10:00"),  # info_requested: five left
    )
    assert told(request(*moves)) == [
        "received 03-09 18:00 paused",
        "info_requested 03-18 18:00 paused",
        "suspended 06-10 18:00 open",
    ]
    moves = (*moves, ("info_requested", "03-25 10:00"))
    assert told(request(*moves)) == [
        "received 03-09 18:00 paused",
        "info_requested 04-01 18:00 open",
        "suspended 06-10 18:00 met",
    ]
    moves = (*moves, ("received", "04-02 10:00"))
    assert told(request(*moves)) == [
        "received 04-08 18:00 open",  # Easter Monday between
        "info_requested 04-01 18:00 missed",
        "suspended 06-10 18:00 met",
    ]


def test_a_suspension_pauses_any_state() -> None:
    subject = request(("session_held", "03-02 09:00"), ("suspended", "03-11 10:00"), ("session_held", "05-04 10:00"))
    assert told(subject) == ["session_held 05-07 18:00 open", "suspended 06-10 18:00 met"]


def test_a_state_interrupted_and_not_returned_to_is_dropped() -> None:
    subject = request(
        ("prequalified", "03-02 09:00"),
        ("interview_planned", "03-03 09:00"),
        ("suspended", "03-05 09:00"),
        ("prequalified", "03-25 09:00"),
        meetings=(meeting("interview-1", "03-12 10:00", CANCELLED, "03-05 09:00"),),
    )
    assert told(subject) == [
        "prequalified 03-09 18:00 met",
        "interview_planned 03-13 18:00 dropped",
        "suspended 06-04 18:00 met",
        "prequalified 04-01 18:00 open",
    ]
    paused = request(*[(s.state, when(s.since)) for s in subject.stays[:3]], meetings=tuple(subject.meetings))
    assert of(paused, "interview_planned") == "03-13 18:00 paused"


@pytest.mark.parametrize("end", ["withdrawn", "cancelled"])
def test_what_was_withdrawn_or_cancelled_is_dropped(end: str) -> None:
    late = request(("received", "03-02 09:00"), ("prequalified", "03-10 09:00"), (end, "04-10 09:00"))
    assert told(late) == ["received 03-09 18:00 missed", "prequalified 03-17 18:00 dropped"]
    waiting = request(("received", "03-02 09:00"), ("suspended", "03-04 09:00"), (end, "03-05 09:00"))
    assert told(waiting) == ["received 03-09 18:00 dropped", "suspended 06-03 18:00 dropped"]
    assert one(waiting, "received").settled_at == at("03-05 09:00")


def test_what_ends_while_it_is_paused_is_dropped() -> None:
    subject = request(("received", "03-02 09:00"), ("info_requested", "03-04 09:00"), ("declined", "03-06 09:00"))
    assert told(subject) == ["received 03-09 18:00 dropped", "info_requested 03-18 18:00 met"]
    declined = request(("received", "03-02 09:00"), ("declined", "03-10 09:00"))
    assert of(declined, "received") == "03-09 18:00 missed"


def test_a_request_reopened_starts_anew() -> None:
    subject = request(
        ("received", "03-02 09:00"),
        ("info_requested", "03-04 09:00"),
        ("withdrawn", "03-06 09:00"),
        ("info_requested", "03-16 09:00"),
        ("received", "03-17 09:00"),
    )
    assert told(subject) == [
        "received 03-09 18:00 dropped",
        "info_requested 03-18 18:00 dropped",
        "info_requested 03-30 18:00 met",
        "received 03-24 18:00 open",
    ]


# --- Closures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recorded", "due"),
    [
        ("02-01 09:00", "03-11 18:00 missed"),
        ("03-09 17:59", "03-11 18:00 missed"),
        ("03-09 18:00", "03-09 18:00 missed"),
        ("03-12 09:00", "03-09 18:00 missed"),
    ],
)
def test_a_closure_moves_a_deadline_that_has_not_fallen_due(recorded: str, due: str) -> None:
    ours = calendar(Closure(None, date(2026, 3, 5), date(2026, 3, 6), at(recorded)))
    subject = request(("received", "03-02 09:00"), ("prequalified", "03-12 09:00"))
    assert of(subject, "received", ours) == due


def test_a_closure_can_make_a_pause_of_what_would_have_been_late() -> None:
    ours = calendar(Closure(None, date(2026, 3, 5), date(2026, 3, 6), at("03-04 09:00")))
    moves = (("received", "03-02 09:00"), ("info_requested", "03-10 09:00"))
    assert of(request(*moves), "received") == "03-09 18:00 open"
    assert of(request(*moves), "received", ours) == "03-11 18:00 paused"
    assert of(request(*moves, ("received", "03-16 09:00")), "received", ours) == "03-17 18:00 open"


def test_a_closed_place_moves_no_deadline() -> None:
    ours = calendar(Closure("toulouse", date(2026, 3, 5), date(2026, 3, 6), at("02-01 09:00")))
    assert of(request(("received", "03-02 09:00")), "received", ours) == "03-09 18:00 open"


def test_stages_move_with_the_due_moment_and_stand_still_after_it() -> None:
    before = calendar(Closure(None, date(2026, 3, 5), date(2026, 3, 5), at("03-05 18:30")))
    received = one(request(("received", "03-02 09:00")), "received", "03-05 19:00", before)
    assert (received.stage, when(received.reminder_at or "")) == ("none", "03-06 18:00")
    assert when(received.due_at) == "03-10 18:00"
    after = calendar(Closure(None, date(2026, 3, 11), date(2026, 3, 13), at("03-10 09:00")))
    received = one(request(("received", "03-02 09:00")), "received", "03-16 18:00", after)
    assert (received.stage, when(received.escalation_at or "")) == ("escalated", "03-16 18:00")
