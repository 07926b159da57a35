"""Deadlines of whole histories: what is owed, by when, and what became of it.

Days and hours below are local, as a coordinator reads them: `"03-09 18:00"` is in 2026, Europe/Paris.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from pure import PARIS, at, calendar, lab, when

from states.calendar.working_days import Closure, WorkingCalendar
from states.deadlines import Deadline, deadlines, explain, months_after, next_due, waiting
from states.language import spoken
from states.requests.request import CANCELLED, HELD, PLANNED, Meeting, Record, Request, Stay

NOW = "12-31 23:00"


def request(*moves: tuple[str, str], meetings: tuple[Meeting, ...] = (), records: tuple[Record, ...] = ()) -> Request:
    """A request that entered these states at these moments. Entry numbers go by ten, to leave room for others."""
    stays: list[Stay] = []
    for number, (state, since) in enumerate(moves):
        deadline = lab().deadlines.get(state)
        if stays:
            stays[-1].until, stays[-1].left_to = at(since), state
        stay = Stay(state, 10 * number + 1, at(since), deadline.days if deadline else None)
        if deadline and deadline.anchor == "activity":
            stay.marks.append([at(since), None])
        stays.append(stay)
    return Request(
        ref="2026-0001",
        declaration="",
        state=moves[-1][0],
        submitted_at=at(moves[0][1]),
        form={"kind": "accompanied"},
        meetings=list(meetings),
        records=list(records),
        stays=stays,
    )


def meeting(id: str, day: str, status: str = PLANNED, settled: str | None = None) -> Meeting:
    kind = id.partition("-")[0]
    settled_at = at(settled) if settled else None
    return Meeting(id, kind, status, at(day), 60, "montpellier", [], at("01-02 09:00"), settled_at=settled_at)


def follow_up(seq: int, day: str) -> Record:
    return Record(seq, "record_follow_up", at(day), {})


def found(subject: Request, now: str = NOW, ours: WorkingCalendar | None = None) -> list[Deadline]:
    return deadlines(lab(), subject, ours or calendar(), at(now))


def told(subject: Request, now: str = NOW, ours: WorkingCalendar | None = None) -> list[str]:
    """Each deadline on a line: kind, due moment, status."""
    return [f"{d.kind} {when(d.due_at)} {d.status}" for d in found(subject, now, ours)]


def one(subject: Request, kind: str, now: str = NOW, ours: WorkingCalendar | None = None) -> Deadline:
    (only,) = [d for d in found(subject, now, ours) if d.kind == kind]
    return only


def of(subject: Request, kind: str, ours: WorkingCalendar | None = None) -> str:
    """The only deadline of a kind: its due moment and its status."""
    only = one(subject, kind, ours=ours)
    return f"{when(only.due_at)} {only.status}"


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
