"""The guards about meetings: what is tried on a request → what is refused, and what is said to do."""

from __future__ import annotations

import pytest
from attempts import (
    DONE,
    WORK,
    Case,
    activity,
    entry,
    every_guard_of,
    meeting,
    refuses,
    request,
    rows,
)
from attrs import evolve
from pure import at, away, day, lab, planned, surrounded

from states.calendar.working_days import Closure
from states.declaration.model import Declaration
from states.lifecycle.guards import meetings
from states.requests.request import CANCELLED, HELD


def unwaived() -> Declaration:
    """The lab, where nobody may plan a meeting outside its hours."""
    plan = evolve(lab().events["plan_meeting"], waives={})
    return evolve(lab(), events={**lab().events, "plan_meeting": plan})


CASES: dict[str, list[Case]] = {
    "recorded": [
        ("nothing planned", "withdraw", request("working", DONE[0]), {}, []),
        ("later", "withdraw", request("working", meeting("work-1", "03-09 09:01")), {}, []),
        (
            "just begun", "withdraw", request("working", meeting("work-1", "03-09 09:00")), {},
            ["not_recorded: work-1 began on Monday 9 March 2026 at 09:00 and is neither held nor cancelled."],
        ),
        (
            "each of them", "withdraw",
            request("working", meeting("work-1", "03-02 14:00"), meeting("work-2", "03-03 14:00"), WORK[3]), {},
            ["not_recorded: coop meeting cancel 2026-0001/work-1", "not_recorded: work-2 began"],
        ),
    ],
    "planned": [
        ("the earliest", "hold_meeting", request("working", WORK[0]), {}, []),
        ("the one named", "hold_meeting", request("working", WORK[0]), {"meeting": "work-1"}, []),
        (
            "none of the kind", "hold_meeting", request("working", meeting("session-1")), {},
            ["none_planned: No work meeting is planned. First plan it: coop meeting plan 2026-0001 --slot …"],
        ),
        (
            "not planned from here", "hold_debrief", request("debriefed"), {},
            ["none_planned: No debrief is planned. See what can be done with: coop next 2026-0001"],
        ),
        (
            "a session", "hold_session", request(), {},
            ["none_planned: No session is planned. First plan it: coop session plan 2026-0001 --slot …"],
        ),
        (
            "an interview", "hold_interview", request("prequalified"), {},
            ["none_planned: No interview is planned. First plan it: coop interview plan 2026-0001 --slot …"],
        ),
        (
            "the last one is held", "hold_meeting",
            request(
                "working",
                meeting("work-1", "02-10 14:00", HELD, started_at=at("02-10 14:10")),
                meeting("work-2", "02-11 14:00", HELD, started_at=at("02-11 14:10")),
            ),
            {"facts": {"done_by": entry("hold_meeting", 9)}},
            ["none_planned: work-2 is already held (entry 9): it began on Wednesday 11 February 2026 at 14:10. See "
             "what can be done now with: coop next 2026-0001"],
        ),
        (
            "another kind is held", "hold_meeting",
            request("working", meeting("session-1", "02-10 14:00", HELD, started_at=at("02-10 14:10"))), {},
            ["none_planned: No work meeting is planned."],
        ),
        (
            "none at all", "cancel_meeting", request("working", DONE[0]), {},
            ["none_planned: No meeting is planned. See what can be done with: coop next 2026-0001"],
        ),
        ("some, none named", "cancel_meeting", request("working", DONE[0], WORK[1]), {}, []),
        (
            "held", "cancel_meeting", request("working", DONE[0]),
            {"meeting": "work-1", "facts": {"done_by": entry("hold_meeting", 9)}},
            [
                "none_planned: work-1 is not planned: it is already held, by entry 9. See the calendar of the request",
            ],
        ),
        (
            "cancelled", "move_meeting", request("working", meeting("work-1", status=CANCELLED)),
            {"meeting": "work-1", "facts": {"done_by": entry("cancel_meeting", 9)}},
            ["none_planned: work-1 is not planned: it is cancelled, by entry 9."],
        ),
        (
            "of another kind", "hold_meeting", request("working", meeting("session-1")), {"meeting": "session-1"},
            ["none_planned: session-1 is not planned: it is of another kind."],
        ),
        (
            "an activity", "hold_activity", activity("open"), {},
            ["none_planned: The activity is not planned any more. See what can be done with: coop next 2026-A001"],
        ),
        (
            "an activity to move", "move_activity",
            activity("open", meeting("activity-1", "02-10 14:00", HELD, started_at=at("02-10 14:10"))), {},
            ["none_planned: The activity is not planned any more."],
        ),
    ],
    "held": [
        ("held", "amend_meeting", request("working", DONE[0]), {"meeting": "work-1", "attended": 3}, []),
        (
            "planned", "amend_meeting", request("working", WORK[0]), {"meeting": "work-1"},
            ["not_recorded: work-1 is not recorded as held: it has no figures yet. See the calendar of the request "
             "with: coop show 2026-0001"],
        ),
        (
            "asked, none held", "amend_meeting", request("working", WORK[0]), {"asking": True},
            ["not_recorded: No meeting of 2026-0001 is recorded as held: there are no figures yet."],
        ),
        ("asked, one held", "amend_meeting", request("working", WORK[0], DONE[1]), {"asking": True}, []),
    ],
    "begun": [
        ("before", "hold_meeting", request("working", meeting("work-1", "03-09 08:59")), {}, []),
        ("as it begins", "hold_meeting", request("working", meeting("work-1", "03-09 09:00")), {}, []),
        (
            "a minute early", "hold_meeting", request("working", meeting("work-1", "03-09 09:01")), {},
            ["not_yet: work-1 starts on Monday 9 March 2026 at 09:01, after the moment of this entry."],
        ),
        (
            "earlier than planned", "hold_meeting", request("working", WORK[0]),
            {"started_at": at("03-09 08:00")}, [],
        ),
        ("no meeting", "hold_meeting", request(), {"started_at": at("03-10 14:00")}, []),
        ("no start", "amend_meeting", request("working", DONE[0]), {"meeting": "work-1", "attended": 3}, []),
    ],
    "one_at_most": [
        ("none", "plan_session", request("working", WORK[0]), {"at": at("03-11 14:00")}, []),
        ("held", "plan_session", request("working", meeting("session-1", status=HELD)), {}, []),
        (
            "one", "plan_session", request("working", meeting("session-1"), meeting("session-2", "03-11 14:00")),
            {"facts": {"done_by": entry("plan_session", 7)}},
            ["already_planned: session-1 is already planned (entry 7), on Tuesday 10 March 2026 at 14:00. Move it "
             "(coop meeting move 2026-0001/session-1 --slot …), hold it, or cancel it first."],
        ),
    ],
    "slot": [
        ("free", "plan_meeting", request(), {"at": at("03-10 14:00")}, []),
        ("not said when", "plan_meeting", request(), {}, []),
        (
            "a Thursday", "plan_meeting", request(), {"at": at("03-12 14:00")}, ["place_closed: weekday is the other"],
        ),
        (
            "a Thursday in Toulouse", "plan_meeting", request(form={"place": "toulouse"}), {"at": at("03-12 14:00")},
            [],
        ),
        (
            "a Thursday, the place given", "plan_meeting", request(), {"at": at("03-12 14:00"), "place": "toulouse"},
            [],
        ),
        ("too late", "plan_meeting", request(), {"at": at("03-10 18:30")}, ["outside_hours: 18:30 to"]),
        (
            "too late for a longer one", "plan_meeting", request(), {"at": at("03-10 16:30"), "duration": 151},
            ["outside_hours: 19:01"],
        ),
        ("waived", "plan_meeting", request(), {"at": at("03-10 18:30"), "waive": ("outside_hours",)}, []),
        (
            "too late, and nobody may waive it", "plan_meeting", request(),
            {"at": at("03-10 18:30"), "declaration": unwaived()}, ["outside_hours: Choose another time."],
        ),
        ("past", "plan_meeting", request(), {"at": at("03-09 08:59")}, ["slot_in_past: Choose a later slot"]),
        (
            "past then", "plan_meeting", request(), {"at": at("03-06 14:00"), "moment": "03-06 13:00"}, [],
        ),
        (
            "closed", "plan_meeting", request(),
            {
                "at": at("03-10 14:00"),
                "facts": {"surroundings": surrounded(closures=[Closure(None, day("03-10"), day("03-10"))])},
            },
            ["place_closed: Tuesday 10 March"],
        ),
        (
            "moved, the rest stays", "move_meeting", request("working", meeting("work-1", minutes=300)),
            {"meeting": "work-1", "at": at("03-10 14:30")}, ["outside_hours: 19:30"],
        ),
        (
            "moved, its people too", "move_meeting",
            request("working", meeting("work-1", "03-10 14:00", "planned", "camille")),
            {
                "meeting": "work-1", "at": at("03-11 14:00"),
                "facts": {"surroundings": surrounded(absences=[away("camille", "03-11")])},
            },
            ["staff_absent: camille is away"],
        ),
        (
            "an agreement noted, whatever the hour or the day", "move_meeting",
            request("working", meeting("work-1", "03-14 07:00", place="toulouse", waived=["outside_hours"])),
            {"meeting": "work-1", "at": at("03-14 07:00"), "agreed": True, "moment": "03-20 09:00"}, [],
        ),
        (
            "other people where it is", "move_meeting",
            request("working", meeting("work-1", "03-14 07:00", "planned", "camille", place="toulouse")),
            {
                "meeting": "work-1", "at": at("03-14 07:00"), "staff": ["awa"],
                "facts": {"surroundings": surrounded(absences=[away("awa", "03-14"), away("camille", "03-14")])},
            },
            ["staff_absent: awa is away"],
        ),
        (
            "a day off", "plan_meeting", request(),
            {"at": at("03-14 14:00"), "place": "hors_les_murs"},
            ["day_off: The lab does not work on Saturday 14 March 2026 (weekend). Choose another day, or add --waive "
             "day_off with a --note."],
        ),
        (
            "a day off that is meant", "plan_meeting", request(),
            {"at": at("03-14 14:00"), "place": "hors_les_murs", "waive": ("day_off",), "note": "n"}, [],
        ),
        (
            "moved to another place", "move_meeting", request("working", meeting("work-1", place="toulouse")),
            {"meeting": "work-1", "at": at("03-12 14:00")}, [],
        ),
        (
            "a session again, where it is", "plan_session", request("working", meeting("session-1")),
            {
                "at": at("03-10 14:00"),
                "facts": {"surroundings": surrounded(planned("0001", "03-10 14:00", kind="session"))},
            },
            [],
        ),
        (
            "another request’s session", "plan_session", request("working", meeting("session-1")),
            {
                "at": at("03-10 14:00"),
                "facts": {"surroundings": surrounded(planned("0002", "03-10 14:00", kind="session"))},
            },
            ["place_taken: 2026-0002/session-1"],
        ),
        (
            "a session where a meeting is", "plan_session", request("working", meeting("work-1")),
            {"at": at("03-10 14:00"), "facts": {"surroundings": surrounded(planned("0001", "03-10 14:00"))}},
            ["place_taken: 2026-0001/work-1"],
        ),
        (
            "a meeting where one is", "plan_meeting", request("working", meeting("work-1")),
            {"at": at("03-10 14:00"), "facts": {"surroundings": surrounded(planned("0001", "03-10 14:00"))}},
            ["place_taken: 2026-0001/work-1"],
        ),
    ],
    "staff_free": [
        ("free", "assign_staff", request("working", WORK[0]), {"meeting": "work-1", "staff": ["camille"]}, []),
        ("no meeting", "assign_staff", request(), {"staff": ["camille"]}, []),
        (
            "away", "assign_staff", request("working", WORK[0]),
            {
                "meeting": "work-1", "staff": ["camille", "awa"],
                "facts": {"surroundings": surrounded(absences=[away("camille", "03-10")])},
            },
            ["staff_absent: camille"],
        ),
        (
            "busy", "assign_staff", request("working", WORK[0]),
            {
                "meeting": "work-1", "staff": ["camille"],
                "facts": {"surroundings": surrounded(planned("0002", "03-10 13:30", "camille"))},
            },
            ["staff_busy: 2026-0002/work-1"],
        ),
        (
            "somebody else is busy", "assign_staff",
            request("working", meeting("work-1", "03-10 14:00", "planned", "awa")),
            {
                "meeting": "work-1", "staff": ["camille"],
                "facts": {"surroundings": surrounded(planned("0002", "03-10 13:30", "awa"))},
            },
            [],
        ),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "case"), rows(CASES))
def test_a_guard_refuses_what_it_should_and_nothing_else(name: str, case: Case) -> None:
    refuses(name, *case[1:])


def test_every_guard_has_its_table() -> None:
    every_guard_of(meetings, CASES)
