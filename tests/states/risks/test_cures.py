"""What each risk is cured by, and that whatever is proposed cures."""

from __future__ import annotations

import re
from datetime import date, datetime
from itertools import combinations
from typing import Any

import pytest
from attrs import evolve
from falling import NOW, ahead, meeting
from hypothesis import given, settings
from hypothesis import strategies as st
from pure import PARIS, PEOPLE, at, away, lab, planned, surrounded, when

from states.calendar.working_days import Closure
from states.declaration.types import instant
from states.planning.availability import soonest
from states.planning.meeting import Planned
from states.planning.slots import Absence, problems
from states.risks.impact import what_falls
from states.risks.remedies import Forecast, Person, ways_out

# --- What each risk is cured by ---

SESSION = meeting("0001", "03-10 09:00", "camille", kind="session", tier="tuto", skill="design")
NOBODY = meeting("0001", "03-10 09:00", tier="tuto")
DOOR = 'coop meeting cancel 2026-0001/{} --note "…"'
AWA_BUSY = planned("0009", "03-10 08:00", "awa", place="hors_les_murs", minutes=600)


def lines(one: Planned, rule: str, *others: Planned, people: tuple[Person, ...] = PEOPLE, **how: Any) -> list[str]:
    """What is proposed for a risk of a meeting, without the cancellation that always ends the list."""
    picked = how.pop("picked", ())
    seen = Forecast(how.pop("declaration", lab()), surrounded(one, *others, **how), people, NOW)
    found = ways_out(one, seen, rule=rule, picked=picked).commands
    return [line for line in found if line != DOOR.format(one.id)]


@pytest.mark.parametrize(
    ("one", "rule", "others", "people", "expected"),
    [
        pytest.param(
            SESSION, "skill_gap", (), PEOPLE,
            [
                "assign 2026-0001/session-1 --staff camille,awa",
                'move 2026-0001/session-1 --slot "10/03/2026 11h" --staff camille,awa',
            ],
            id="who holds the skill comes, then or another time",
        ),
        pytest.param(
            SESSION, "skill_gap", (AWA_BUSY,), PEOPLE,
            ["coop staff change camille --skill design",
             'move 2026-0001/session-1 --slot "11/03/2026 9h" --staff camille,awa'],
            id="who holds the skill is taken that day",
        ),
        pytest.param(
            SESSION, "skill_gap", (), PEOPLE[1:],
            ["coop staff change camille --skill design"],
            id="nobody holds it: no other slot cures that",
        ),
        pytest.param(SESSION, "skill_gap", (), (), [], id="nobody is there at all"),
        pytest.param(
            NOBODY, "unstaffed", (), PEOPLE,
            ["assign 2026-0001/work-1 --staff awa", 'move 2026-0001/work-1 --slot "10/03/2026 11h" --staff awa'],
            id="somebody is assigned",
        ),
        pytest.param(
            NOBODY, "unstaffed", (), (PEOPLE[2],), [], id="nobody can be",
        ),
        pytest.param(
            meeting("0001", "03-10 09:00", "camille"), "single_point_of_failure", (AWA_BUSY,), PEOPLE[:2],
            ['move 2026-0001/work-1 --slot "11/03/2026 9h"'],
            id="another time, when someone else is free",
        ),
        pytest.param(
            meeting("0001", "03-10 09:00", "camille"), "single_point_of_failure", (), PEOPLE[1:2], [],
            id="nobody else at any time",
        ),
    ],
)  # fmt: skip
def test_what_is_proposed_cures(
    one: Planned, rule: str, others: tuple[Planned, ...], people: tuple[Person, ...], expected: list[str]
) -> None:
    assert lines(one, rule, *others, people=people) == [
        line if line.startswith("coop ") else f"coop meeting {line}" for line in expected
    ]


def test_whoever_is_free_opens_no_place() -> None:
    closed = [Closure("montpellier", date(2026, 3, 10), date(2026, 3, 10))]
    one = meeting("0001", "03-10 09:00", "camille")
    seen = ahead(surrounded(one, closures=closed))
    assert ways_out(one, seen, rule="place_closed").replacements == ()
    assert ways_out(one, seen).replacements[0] == "awa"


def test_what_one_command_takes_no_other_proposes() -> None:
    one, two = (meeting(ref, f"03-10 {hour}:00", "camille") for ref, hour in (("0001", "09"), ("0002", "14")))
    away_then = {"absences": [away("camille", "03-10")]}
    first = ways_out(one, ahead(surrounded(one, two, **away_then)), rule="staff_absence", absent=["camille"])
    second = ways_out(
        two, ahead(surrounded(one, two, **away_then)), rule="staff_absence", absent=["camille"], picked=first.picked
    )
    assert (when(first.slots[0]), when(second.slots[0])) == ("03-11 09:00", "03-11 11:00")
    assert first.commands[1].endswith('--slot "11/03/2026 9h"')
    assert second.commands[1].endswith('--slot "11/03/2026 11h"')


@pytest.mark.parametrize(
    ("without", "left"),
    [
        (("move_meeting",), ["assign", "cancel"]),
        (("assign_staff",), ["move", "cancel"]),
        (("cancel_meeting",), ["assign", "move"]),
        (("move_meeting", "assign_staff", "cancel_meeting"), []),
    ],
)
def test_only_what_the_lab_has_is_proposed(without: tuple[str, ...], left: list[str]) -> None:
    events = {code: event for code, event in lab().events.items() if code not in without}
    other = evolve(lab(), events=events)
    found = ways_out(NOBODY, Forecast(other, surrounded(NOBODY), PEOPLE, NOW), rule="unstaffed").commands
    assert [line.split()[2] for line in found] == left


def test_an_activity_is_led_by_its_own_commands() -> None:
    one = Planned("2026-A001", "activity-1", "activity", at("03-10 09:00"), 120, "montpellier", (), NOW)
    assert list(ways_out(one, ahead(surrounded(one)), rule="unstaffed").commands) == [
        'coop activity move 2026-A001 --slot "10/03/2026 9h" --staff awa',
        'coop activity move 2026-A001 --slot "10/03/2026 11h" --staff awa',
        'coop activity cancel 2026-A001 --note "…"',
    ]


# --- Whatever falls ---

MOMENT = at("03-09 10:00")  # a Monday: what is proposed has the notice ahead of it
WEEKS = [date(2026, 3, day) for day in (*range(10, 14), *range(16, 21))]
WHO = ("camille", "awa", "paule")
DAYS = st.sampled_from(WEEKS)
PLANNED = st.tuples(
    DAYS, st.sampled_from((9, 11, 14, 16)), st.sets(st.sampled_from(WHO), min_size=1, max_size=2),
    st.sampled_from(("montpellier", "hors_les_murs")),
)  # fmt: skip
AWAY = st.tuples(st.sampled_from(WHO), DAYS, DAYS)
CHANGE = re.compile(r"(?:(assign)|move) (\S+)(?: --slot \"([^\"]+)\")?(?: --place (\w+))?(?: --staff (\S+))?")


def changed(meeting: Planned, command: str) -> Planned:
    """The meeting once the command is typed."""
    read = CHANGE.search(command)
    assert read is not None, command
    assign, ref, slot, place, staff = read.groups()
    assert ref == meeting.name
    new = {"place": place, "staff": tuple(staff.split(",")) if staff else None}
    if not assign:
        start = datetime.strptime(slot if slot[-1] != "h" else slot + "00", "%d/%m/%Y %Hh%M").replace(tzinfo=PARIS)
        new["at"] = instant(start)
    return evolve(meeting, **{name: value for name, value in new.items() if value})


@given(
    st.lists(PLANNED, min_size=1, max_size=4, unique_by=lambda drawn: drawn[:2]),
    st.lists(AWAY, max_size=3),
    st.lists(DAYS, max_size=2),
)
@settings(max_examples=40, derandomize=True, database=None)
def test_what_is_proposed_is_valid_apart_ahead_and_cures(
    drawn: list[Any], absent: list[Any], closed: list[date]
) -> None:
    meetings = [
        planned(f"{n:04}", f"{day:%m-%d} {hour:02}:00", *sorted(staff), place=place, planned_at=MOMENT)
        for n, (day, hour, staff, place) in enumerate(drawn, start=1)
    ]
    how = {
        "absences": [Absence(who, min(days), max(days)) for who, *days in absent],
        "closures": [Closure("montpellier", day, day) for day in closed],
    }

    def around(*those: Planned) -> Forecast:
        return Forecast(lab(), surrounded(*those, **how), PEOPLE, MOMENT)

    notice = soonest(lab(), around(*meetings).around, MOMENT)
    fallen = what_falls(meetings, around(*meetings))
    taken = [booking for one in fallen for booking in one.ways_out.picked]
    for one, other in combinations(taken, 2):
        apart = one.end <= other.at or other.end <= one.at
        same_place = one.place == other.place == "montpellier"
        assert apart or one.ref == other.ref or not (same_place or {*one.staff} & {*other.staff}), (one, other)
    for found in fallen:
        others = [meeting for meeting in meetings if meeting is not found.meeting]
        assert all(slot >= notice for slot in found.ways_out.slots)
        for command in found.ways_out.commands:
            if " cancel " not in command:
                new = changed(found.meeting, command)
                assert new.at >= (notice if " --slot " in command and new.at != found.meeting.at else MOMENT), command
                assert what_falls([new], around(*others, new)) == [], command
                assert not problems(lab(), new.slot, around(*others, new).but(new).around), command
