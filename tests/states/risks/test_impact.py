"""What an absence, a closure or a departure makes fall, and the ways out: each proposal must hold."""

from __future__ import annotations

import re
from datetime import date, datetime
from itertools import combinations
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from pure import PARIS, PEOPLE, at, away, lab, planned, surrounded, when

from states.calendar.working_days import Closure
from states.declaration.types import instant
from states.language import spoken
from states.planning.availability import soonest
from states.planning.meeting import Planned
from states.planning.slots import Absence, Surroundings, Swap, problems
from states.risks.impact import Cause, Fallen, document, what_falls
from states.risks.remedies import Forecast, Person, replacements, typed, ways_out

NOW = at("02-23 09:00")


def meeting(ref: str, start: str, *staff: str, **how: Any) -> Planned:
    return planned(ref, start, *staff, planned_at=NOW, **how)


def ahead(around: Surroundings) -> Forecast:
    return Forecast(lab(), around, PEOPLE, NOW)


def falls(*meetings: Planned, people: tuple[Person, ...] = PEOPLE, **how: Any) -> list[Fallen]:
    cause = how.pop("cause", None)
    return what_falls(meetings, Forecast(lab(), surrounded(*meetings, **how), people, NOW), cause)


# --- What falls ---


def test_an_absence_makes_fall_what_its_days_hold() -> None:
    found = falls(
        meeting("0001", "03-06 14:00", "camille"),
        meeting("0002", "03-09 09:00", "camille"),
        meeting("0003", "03-09 14:00", "paule"),
        meeting("0004", "03-13 17:00", "camille", "awa"),
        meeting("0005", "03-16 09:00", "camille"),
        absences=[away("camille", "03-09", "03-13")],
    )
    assert [one.meeting.ref for one in found] == ["2026-0002", "2026-0004"]
    assert [one.absent for one in found] == [("camille",), ("camille",)]
    assert all(reason.rule == "staff_absent" for one in found for reason in one.reasons)


def test_off_site_meetings_fall_with_people_and_not_with_places() -> None:
    one = meeting("0001", "03-10 09:00", "camille", place="hors_les_murs")
    closed = [Closure(None, date(2026, 3, 10), date(2026, 3, 10))]
    assert falls(one, closures=closed) == []
    assert len(falls(one, absences=[away("camille", "03-10", "03-10")])) == 1


def test_a_closure_makes_fall_what_is_planned_there() -> None:
    here, there = meeting("0001", "03-10 09:00", "camille"), meeting("0002", "03-10 14:00", place="toulouse")
    closed = Closure("montpellier", date(2026, 3, 10), date(2026, 3, 10), note="travaux")
    assert [one.meeting for one in falls(here, there, closures=[closed])] == [here]
    assert [one.meeting for one in falls(here, there, closures=[closed._replace(place=None)])] == [here, there]


def test_a_swap_makes_fall_what_is_planned_on_the_day_given() -> None:
    swap = Swap("montpellier", date(2026, 3, 12), date(2026, 3, 10))
    found = falls(meeting("0001", "03-10 09:00"), meeting("0002", "03-12 09:00"), swaps=[swap])
    assert [one.meeting.ref for one in found] == ["2026-0001"]


def test_a_departure_makes_fall_whatever_lies_ahead() -> None:
    people = (*PEOPLE[:1], PEOPLE[1]._replace(active=False), *PEOPLE[2:])
    ahead = [meeting("0001", "03-10 09:00", "camille"), meeting("0002", "11-10 09:00", "camille", "awa")]
    found = falls(*ahead, people=people, absences=[away("camille", "03-09", "03-13")])
    assert [one.meeting for one in found] == ahead
    assert [len(one.reasons) for one in found] == [1, 1]  # that they are also away adds nothing
    with spoken("en"):
        said = falls(*ahead, people=people)[0].reasons[0].message
    assert said == "camille is no longer part of the lab."


def test_what_has_begun_is_left_alone() -> None:
    assert falls(meeting("0001", "02-20 09:00", "camille"), absences=[away("camille", "02-01", "03-13")]) == []


def test_a_cause_tells_its_own_falls_from_the_others() -> None:
    meetings = (meeting("0001", "03-10 09:00", "camille"), meeting("0002", "03-11 09:00", "paule"))
    absences = [away("camille", "03-10", "03-10"), away("paule", "03-11", "03-11")]
    days = ((date(2026, 3, 9), date(2026, 3, 13)),)
    for cause, expected in (
        (None, ["2026-0001", "2026-0002"]),
        (Cause(days, staff="paule"), ["2026-0002"]),
        (Cause(days, staff="awa"), []),
        (Cause(days, place="montpellier"), ["2026-0001", "2026-0002"]),
        (Cause(days, place="toulouse"), []),
        (Cause(days), ["2026-0001", "2026-0002"]),
        (Cause(((date(2026, 3, 11), date(2026, 3, 11)),)), ["2026-0002"]),
    ):
        assert [one.meeting.ref for one in falls(*meetings, absences=absences, cause=cause)] == expected


# --- Who could replace ---


def test_whoever_is_free_and_of_a_role_that_takes_meetings_could_replace() -> None:
    one = meeting("0001", "03-10 09:00", "camille")
    # Never a committee member, nor someone who left; first those of the site.
    assert replacements(one, ahead(surrounded(one))) == ("awa", "paule", "dominique")


def test_the_skill_asked_for_is_needed() -> None:
    one = meeting("0001", "03-10 09:00", "camille", kind="session", skill="facilitation")
    assert replacements(one, ahead(surrounded(one))) == ("awa", "dominique")
    assert replacements(evolve(one, skill="communication"), ahead(surrounded(one))) == ()


def test_who_is_busy_or_away_cannot_replace() -> None:
    one = meeting("0001", "03-10 09:00", "camille")
    other = meeting("0002", "03-10 10:59", "awa", place="toulouse")
    around = surrounded(one, other, absences=[away("paule", "03-10", "03-10")])
    assert replacements(one, ahead(around)) == ("dominique",)


def test_who_has_the_fewest_meetings_that_week_comes_first() -> None:
    one, other = meeting("0001", "03-10 09:00", "camille"), meeting("0002", "03-13 14:00", "awa")
    assert replacements(one, ahead(surrounded(one, other))) == ("paule", "awa", "dominique")


# --- When, where ---


def test_slots_come_once_everyone_is_back() -> None:
    (found,) = falls(meeting("0001", "03-10 09:00", "camille", "awa"), absences=[
        away("camille", "03-09", "03-13"), away("awa", "03-16", "03-16"),
    ])  # fmt: skip
    assert [when(slot) for slot in found.ways_out.slots] == ["03-17 09:00", "03-17 14:00", "03-18 09:00"]


def test_every_slot_proposed_is_valid_for_the_meeting_as_it_is() -> None:
    others = [meeting(f"00{n}", f"03-{n} {hour}:00", "camille") for n in (16, 17) for hour in ("09", "14")]
    one = meeting("0001", "03-10 09:00", "camille")
    around = surrounded(one, *others, absences=[away("camille", "03-10", "03-13")])
    (found,) = what_falls([one], ahead(around))
    assert len(found.ways_out.slots) == 3
    for slot in found.ways_out.slots:
        assert problems(lab(), evolve(one.slot, at=slot, planned_at=NOW), around.without(one.ref, one.id)) == []


def test_someone_who_is_away_for_long_is_waited_for_then_done_without() -> None:
    for last, expected in (("2027-02-26", "2027-03-01"), ("2029-01-01", "2026-03-10")):
        absence = Absence("camille", date(2026, 3, 9), date.fromisoformat(last))
        (found,) = falls(meeting("0001", "03-10 09:00", "camille", "awa"), absences=[absence])
        assert found.ways_out.slots[0].startswith(expected)


def test_a_place_that_closes_leaves_the_others_at_the_same_time() -> None:
    closed = [Closure("montpellier", date(2026, 3, 10), date(2026, 3, 11))]
    one = meeting("0001", "03-10 09:00", "camille")
    (found,) = falls(one, closures=closed)
    # Off site first: Toulouse needs the other lab's word.
    assert found.ways_out.elsewhere == ("hors_les_murs", "toulouse")
    assert found.ways_out.replacements == ()  # whoever is free opens no place
    (found,) = falls(one, meeting("0002", "03-10 10:00", place="toulouse"), closures=closed)
    assert found.ways_out.elsewhere == ("hors_les_murs",)
    assert when(found.ways_out.slots[0]) == "03-13 09:00"  # Thursday is the other lab's


# --- What to type ---


def commands(*meetings: Planned, **how: Any) -> list[list[str]]:
    return [list(one.ways_out.commands) for one in falls(*meetings, **how)]


def test_commands_change_as_little_as_they_can() -> None:
    assert commands(meeting("0001", "03-10 09:00", "camille", "awa"), absences=[away("camille", "03-10", "03-13")]) == [
        [
            "coop meeting assign 2026-0001/work-1 --staff awa,paule",
            "coop meeting assign 2026-0001/work-1 --staff awa",
            'coop meeting move 2026-0001/work-1 --slot "16/03/2026 9h"',
            'coop meeting cancel 2026-0001/work-1 --note "…"',
        ]
    ]


def test_nobody_is_left_alone_without_the_skill_asked_for() -> None:
    one = meeting("0001", "03-10 09:00", "awa", "paule", kind="session", skill="facilitation")
    (found,) = commands(one, absences=[away("awa", "03-10", "03-13")])
    assert found[:1] == ["coop meeting assign 2026-0001/session-1 --staff paule,dominique"]
    assert not any(command.endswith("--staff paule") for command in found)


def test_a_closed_place_is_not_settled_by_other_people() -> None:
    closed = [Closure("montpellier", date(2026, 3, 10), date(2026, 3, 11))]
    one = meeting("0001", "03-10 09:30", "camille")
    assert commands(one, closures=closed, absences=[away("camille", "03-10", "03-10")]) == [
        [
            'coop meeting move 2026-0001/work-1 --slot "10/03/2026 9h30" --place hors_les_murs --staff awa',
            'coop meeting move 2026-0001/work-1 --slot "13/03/2026 9h"',
            'coop meeting cancel 2026-0001/work-1 --note "…"',
        ]
    ]


def test_no_two_commands_ask_for_the_same_person_or_place_at_once() -> None:
    meetings = [
        meeting("0001", "03-10 09:00", "camille"),
        meeting("0002", "03-10 09:00", "camille", place="hors_les_murs"),
        meeting("0003", "03-10 14:00", "camille"),
    ]
    found = commands(*meetings, absences=[away("camille", "03-10", "03-13")])
    typed_ = " ".join(command for lines in found for command in lines)
    assert re.findall(r"assign \S+ --staff (\w+)", typed_) == ["awa", "dominique", "paule"]
    slots = re.findall(r'--slot "([^"]+)"', typed_)
    assert len(set(slots)) == len(slots) == 3


def test_a_departure_leaves_nobody_who_is_gone_assigned() -> None:
    people = (*PEOPLE[:1], PEOPLE[1]._replace(active=False), *PEOPLE[2:])
    found = commands(meeting("0001", "03-10 09:00", "camille"), people=people)
    assert found == [
        [
            "coop meeting assign 2026-0001/work-1 --staff awa",
            'coop meeting move 2026-0001/work-1 --slot "10/03/2026 11h" --staff awa',
            'coop meeting cancel 2026-0001/work-1 --note "…"',
        ]
    ]


def test_a_meeting_without_anyone_can_be_given_someone() -> None:
    one = meeting("0001", "03-10 09:00")
    found = ways_out(one, ahead(surrounded(one)))
    assert found.commands[0] == "coop meeting assign 2026-0001/work-1 --staff awa"


def test_a_slot_is_typed_with_its_year() -> None:
    assert typed(at("03-10 09:00"), PARIS) == "10/03/2026 9h"
    assert typed(at("10-25 14:30"), PARIS) == "25/10/2026 14h30"


def test_elsewhere_asks_for_the_waiver_again() -> None:
    closed = [Closure("montpellier", date(2026, 3, 10), date(2026, 3, 10))]
    early = meeting("0001", "03-10 07:00", "camille", waived=frozenset({"outside_hours"}))
    assert ways_out(early, ahead(surrounded(early, closures=closed))).elsewhere == ()
    usual = meeting("0001", "03-10 09:00", "camille")
    assert ways_out(usual, ahead(surrounded(usual, closures=closed))).elsewhere == ("hors_les_murs", "toulouse")


# --- The document ---


def test_the_document_is_that_of_the_contract() -> None:
    cause = Cause(((date(2026, 3, 9), date(2026, 3, 10)), (date(2026, 3, 13), date(2026, 3, 13))), staff="camille")
    found = falls(meeting("0001", "03-10 09:00", "camille"), cause=cause, absences=[away("camille", "03-09", "03-13")])
    told = document(lab(), cause, found)
    assert (told["absent"], told["from"], told["to"]) == ("camille", "2026-03-09", "2026-03-13")
    (line,) = told["at_risk"]
    assert (line["ref"], line["meeting_id"], line["at"]) == ("2026-0001", "work-1", "2026-03-10T09:00:00+01:00")
    assert (line["duration_minutes"], line["place"], line["staff"]) == (120, "montpellier", ["camille"])
    assert [reason["rule"] for reason in line["reasons"]] == ["staff_absent"]
    assert (line["elsewhere"], line["commands"][-1]) == ([], 'coop meeting cancel 2026-0001/work-1 --note "…"')
    assert line["replacements"] == ["awa", "paule", "dominique"]
    assert line["slots"] == [f"2026-03-{day}:00:00+01:00" for day in ("16T09", "16T14", "17T09")]
    assert document(lab(), Cause(((date(2026, 3, 9), date(2026, 3, 9)),)), [])["place"] is None


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
