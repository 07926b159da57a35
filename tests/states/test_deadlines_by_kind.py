"""The deadlines that are not of a state alone: the interview, the work, meetings, follow-ups."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from owed import follow_up, found, meeting, of, one, request, told
from pure import at, when

from states.deadlines import months_after
from states.requests.request import CANCELLED, HELD, Meeting, Record, Request

# --- The interview --------------------------------------------------------------------------------------------------


def test_the_interview_is_recorded_the_day_after_it() -> None:
    moves = (("prequalified", "03-02 09:00"), ("interview_planned", "03-03 09:00"))
    subject = request(*moves, meetings=(meeting("interview-1", "04-03 10:00"),))
    planned = one(subject, "interview_planned")
    assert (when(planned.due_at), planned.meeting, planned.anchor_day) == (
        "04-07 18:00",
        "interview-1",
        date(2026, 4, 3),
    )
    assert planned.reminder_at is None
    subject.meetings[0].at = at("05-13 10:00")  # moved
    assert of(subject, "interview_planned") == "05-15 18:00 open"


def test_each_stay_has_its_own_interview() -> None:
    subject = request(
        ("interview_planned", "03-03 09:00"),
        ("prequalified", "03-13 09:00"),
        ("interview_planned", "03-16 09:00"),
        ("withdrawn", "03-17 09:00"),
        ("interview_planned", "03-18 09:00"),  # reopened, with the interview it had
        ("qualified", "03-25 12:00"),
        meetings=(
            meeting("interview-1", "03-12 10:00", CANCELLED, "03-13 09:00"),
            meeting("interview-2", "03-24 10:00", HELD, "03-25 12:00"),
        ),
    )
    ours = [(d.meeting, when(d.due_at), d.status) for d in found(subject) if d.kind == "interview_planned"]
    assert ours == [
        ("interview-1", "03-13 18:00", "met"),
        ("interview-2", "03-25 18:00", "dropped"),
        ("interview-2", "03-25 18:00", "met"),
    ]


def test_an_interview_cancelled_before_its_start_leaves_nothing_to_record() -> None:
    moves = (("interview_planned", "03-03 09:00"), ("prequalified", "03-05 09:00"))
    cancelled = meeting("interview-1", "03-12 10:00", CANCELLED, "03-05 09:00")
    assert of(request(*moves, meetings=(cancelled,)), "interview_planned") == "03-13 18:00 dropped"
    early = meeting("interview-1", "03-05 10:00", HELD, "03-05 09:00")  # held an hour before it was planned
    moves = (("interview_planned", "03-03 09:00"), ("qualified", "03-05 09:00"))
    assert of(request(*moves, meetings=(early,)), "interview_planned") == "03-06 18:00 met"


# --- Working and hosted ---------------------------------------------------------------------------------------------


def working(*marks: tuple[str, str | None], then: tuple[tuple[str, str], ...] = ()) -> Request:
    """A request at work, with these effective entries: when, and the last meeting planned then."""
    subject = request(("working", marks[0][0]), *then)
    subject.stays[0].marks = [[at(day), at(ahead) if ahead else None] for day, ahead in marks]
    return subject


@pytest.mark.parametrize(
    ("marks", "due"),
    [
        ([("03-02 09:00", None)], "03-30 18:00"),
        ([("03-02 09:00", "03-10 14:00")], "04-08 18:00"),  # counted from the day planned ahead
        ([("03-02 09:00", None), ("03-12 09:00", None)], "04-10 18:00"),
        ([("03-02 09:00", "04-30 14:00"), ("03-12 09:00", "04-30 14:00")], "06-03 18:00"),
        ([("03-02 09:00", "04-30 14:00"), ("03-12 09:00", None)], "04-10 18:00"),  # cancelled: nearer again
        ([("03-02 09:00", "03-05 14:00"), ("03-12 09:00", "03-05 14:00")], "04-10 18:00"),  # behind: not ahead
        ([("03-02 23:30", None), ("03-29 00:30", None)], "04-27 18:00"),
        ([("03-02 09:00", None), ("03-30 18:00", None)], "04-28 18:00"),  # at the very moment
    ],
)
def test_each_entry_moves_the_deadline_of_work(marks: list[tuple[str, str | None]], due: str) -> None:
    (only,) = found(working(*marks))
    assert (when(only.due_at), only.status, only.key) == (due, "open", "working/1")


def test_once_late_it_is_missed_and_a_new_one_opens() -> None:
    subject = working(
        ("03-02 09:00", None), ("03-30 18:01", None), ("04-02 09:00", None), ("06-15 09:00", "06-20 09:00")
    )
    ours = found(subject, "06-16 09:00")
    assert [(d.key, when(d.due_at), d.status) for d in ours] == [
        ("working/1", "03-30 18:00", "missed"),
        ("working/1.1", "05-04 18:00", "missed"),
        ("working/1.2", "07-20 18:00", "open"),
    ]
    assert [when(d.opened_at) for d in ours] == ["03-02 09:00", "03-30 18:01", "06-15 09:00"]
    assert ours[0].settled_at == ours[1].opened_at


def test_work_is_left_on_time_or_not() -> None:
    assert of(working(("03-02 09:00", None), then=(("session_held", "03-30 18:00"),)), "working") == "03-30 18:00 met"
    late = working(("03-02 09:00", None), then=(("session_held", "03-30 18:01"),))
    assert of(late, "working") == "03-30 18:00 missed"


def test_a_comment_dated_back_counts_when_it_was_made() -> None:
    # Recorded last: it saves the deadline that was late on 2 April, and knows nothing of what was planned that day.
    subject = working(("03-02 09:00", None), ("04-02 09:00", "04-20 14:00"), ("03-20 09:00", "04-20 14:00"))
    assert told(subject) == ["working 05-21 18:00 open"]
    before = working(("03-02 09:00", None), ("02-20 09:00", None))
    assert told(before) == ["working 03-30 18:00 open"]


def test_what_was_written_after_the_session_moves_nothing() -> None:
    # The session of 26 March is typed on 2 April, after a comment: the deadline was left before that comment.
    marks = (("03-02 09:00", "03-26 09:00"), ("04-28 09:00", "03-26 09:00"))
    assert of(working(*marks, then=(("session_held", "03-26 12:00"),)), "working") == "04-24 18:00 met"


def test_work_that_was_suspended_is_moved_by_its_return() -> None:
    moves = (("working", "03-02 09:00"), ("suspended", "03-10 09:00"))
    assert told(request(*moves)) == ["working 03-30 18:00 paused", "suspended 06-09 18:00 open"]
    back = request(*moves, ("working", "04-20 09:00"))
    assert told(back) == ["working 05-21 18:00 open", "suspended 06-09 18:00 met"]
    assert one(back, "working").key == "working/1"
    late = request(("working", "03-02 09:00"), ("suspended", "04-01 09:00"))
    assert of(late, "working") == "03-30 18:00 open"
    again = request(("working", "03-02 09:00"), ("suspended", "04-01 09:00"), ("working", "04-20 09:00"))
    assert [(d.key, when(d.due_at), d.status) for d in found(again)] == [
        ("working/1", "03-30 18:00", "missed"),
        ("suspended/11", "07-01 18:00", "met"),
        ("working/21", "05-21 18:00", "open"),
    ]


def test_a_second_cycle_has_its_own_deadline() -> None:
    subject = request(("hosted", "03-02 09:00"), ("session_held", "03-10 09:00"), ("working", "03-16 09:00"))
    assert told(subject) == ["hosted 03-30 18:00 met", "session_held 03-24 18:00 met", "working 04-14 18:00 open"]


# --- Meetings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("planned", "expected"),
    [
        (meeting("work-1", "05-12 10:00"), "05-15 18:00 open"),  # Ascension between
        (meeting("session-1", "10-23 14:00"), "10-27 18:00 open"),
        (meeting("debrief-1", "05-12 10:00", HELD, "05-12 11:00"), "05-15 18:00 met"),
        (meeting("work-1", "05-12 10:00", HELD, "05-15 18:00"), "05-15 18:00 met"),
        (meeting("work-1", "05-12 10:00", HELD, "05-15 18:01"), "05-15 18:00 missed"),
        (meeting("work-1", "05-12 10:00", CANCELLED, "05-12 09:59"), "05-15 18:00 dropped"),
        (meeting("work-1", "05-12 10:00", CANCELLED, "05-12 10:00"), "05-15 18:00 met"),
        (meeting("work-1", "05-12 10:00", CANCELLED, "05-18 10:00"), "05-15 18:00 missed"),
    ],
)
def test_a_meeting_is_to_be_recorded_within_two_days(planned: Meeting, expected: str) -> None:
    subject = request(("closed", "05-29 09:00"), meetings=(planned,))
    assert of(subject, "meeting") == expected
    only = one(subject, "meeting")
    assert (only.meeting, only.reminder_at, only.key) == (planned.id, None, f"meeting/{planned.id}")


def test_an_interview_has_no_deadline_of_a_meeting() -> None:
    subject = request(("interview_planned", "03-03 09:00"), meetings=(meeting("interview-1", "03-12 10:00"),))
    assert [d.kind for d in found(subject)] == ["interview_planned"]


# --- Follow-ups -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("closed", "three", "six"),
    [
        ("03-10 09:00", "06-10 18:00", "09-10 18:00"),
        ("05-31 09:00", "08-31 18:00", "11-30 18:00"),  # no 31 November
        ("08-31 09:00", "11-30 18:00", "2027-03-01 18:00"),  # 28 February 2027 is a Sunday
        ("2027-08-31 09:00", "2027-11-30 18:00", "2028-02-29 18:00"),
        ("02-14 09:00", "05-15 18:00", "08-14 18:00"),  # Ascension, then the eve of the Assumption
        ("01-06 23:30", "04-07 18:00", "07-06 18:00"),  # Easter Monday
        ("09-25 09:00", "12-28 18:00", "2027-03-25 18:00"),  # Christmas, a Friday
        ("2027-01-31 09:00", "2027-04-30 18:00", "2027-08-02 18:00"),
    ],
)
def test_follow_ups_fall_months_after_closing(closed: str, three: str, six: str) -> None:
    ours = found(request(("closed", closed)), closed)
    assert [(d.kind, when(d.due_at), d.status) for d in ours] == [
        ("follow_up_3", three, "open"),
        ("follow_up_6", six, "open"),
    ]
    assert [d.months for d in ours] == [3, 6]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([follow_up(2, "05-11 00:00")], "follow_up_3 met, follow_up_6 open"),  # thirty days before
        ([follow_up(2, "05-10 23:59")], "follow_up_3 open, follow_up_6 open"),  # earlier, it is kept and settles none
        ([follow_up(2, "06-10 18:01")], "follow_up_3 missed, follow_up_6 open"),
        ([follow_up(2, "05-12 09:00"), follow_up(3, "05-13 09:00")], "follow_up_3 met, follow_up_6 open"),
        ([follow_up(2, "05-12 09:00"), follow_up(3, "08-12 09:00")], "follow_up_3 met, follow_up_6 met"),
        ([follow_up(2, "09-11 09:00"), follow_up(3, "06-01 09:00")], "follow_up_3 met, follow_up_6 missed"),
        ([follow_up(2, "09-01 09:00"), follow_up(3, "09-02 09:00")], "follow_up_3 missed, follow_up_6 met"),
        ([follow_up(n, "09-01 09:00") for n in (2, 3, 4)], "follow_up_3 missed, follow_up_6 met"),
        ([Record(2, "record_effort", at("06-01 09:00"), {})], "follow_up_3 open, follow_up_6 open"),
    ],
)
def test_a_follow_up_recorded_settles_the_earliest_open(records: list[Record], expected: str) -> None:
    ours = found(request(("closed", "03-10 09:00"), records=tuple(records)))
    assert ", ".join(f"{d.kind} {d.status}" for d in ours) == expected


def test_a_request_reopened_lets_go_of_the_follow_ups_not_yet_due() -> None:
    subject = request(
        ("closed", "03-10 09:00"),
        ("debriefed", "07-01 09:00"),
        ("closed", "07-02 09:00"),
        records=(follow_up(25, "09-02 09:00"),),
    )
    assert told(subject) == [
        "debriefed 07-23 18:00 met",
        "follow_up_3 06-10 18:00 missed",
        "follow_up_6 09-10 18:00 dropped",
        "follow_up_3 10-02 18:00 met",
        "follow_up_6 2027-01-04 18:00 open",
    ]


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(1, 24))
def test_months_after_stay_in_the_month_meant(day: date, months: int) -> None:
    after = months_after(day, months)
    assert (after.year - day.year) * 12 + after.month - day.month == months
    assert after.day == day.day or (after.day < day.day and (after + timedelta(days=1)).day == 1)
