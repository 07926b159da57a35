"""What an absence, a closure or a departure makes fall, and the ways out: each proposal must hold."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from attrs import evolve
from falling import NOW, ahead, falls, meeting
from pure import PARIS, PEOPLE, at, away, lab, surrounded, when

from states.calendar.working_days import Closure
from states.language import spoken
from states.planning.meeting import Planned
from states.planning.slots import Absence, Swap, problems
from states.risks.impact import Cause, document, what_falls
from states.risks.remedies import replacements, typed, ways_out

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
