"""Where and when a meeting may be: the rules of the usage charter, on the days when they are put to the test."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pure import at, lab

from states.calendar.working_days import Closure
from states.errors import Refusal
from states.language import spoken
from states.planning.meeting import Planned, Slot
from states.planning.slots import Absence, Surroundings, Swap, closed_because, problems
from states.requests.request import Meeting

ASCENSION = date(2026, 5, 14)


def refused(
    start: str,
    minutes: int = 60,
    place: str = "montpellier",
    *staff: str,
    planned: str = "01-05 09:00",
    waived: tuple[str, ...] = (),
    **around: Any,
) -> list[Refusal]:
    """What refuses a slot."""
    slot = Slot(at(start), minutes, place, staff, at(planned), frozenset(waived))
    found = problems(lab(), slot, Surroundings(**around))
    assert all(refusal.message and refusal.remedy for refusal in found)
    return found


def rules(*slot: Any, **how: Any) -> list[str]:
    """The rules that a slot does not meet."""
    return [refusal.rule for refusal in refused(*slot, **how)]


def booking(start: str, minutes: int = 60, place: str = "montpellier", *staff: str) -> list[Planned]:
    return [Planned("2026-0007", "work-1", "work", at(start), minutes, place, staff)]


def test_an_ordinary_slot_is_valid() -> None:
    assert rules("03-10 14:00", 120, "montpellier", "camille") == []


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("03-10 14:00", ["place_taken"]),  # the very same
        ("03-10 12:00", []),  # ends as it begins
        ("03-10 12:01", ["place_taken"]),  # a minute too long
        ("03-10 16:00", []),  # begins as it ends
        ("03-10 15:59", ["place_taken"]),
        ("03-10 13:00", ["place_taken"]),
        ("03-11 14:00", []),
    ],
)
def test_two_meetings_may_touch_but_not_overlap(start: str, expected: list[str]) -> None:
    assert rules(start, 120, bookings=booking("03-10 14:00", 120)) == expected


def test_only_places_that_are_shared_out_are_taken() -> None:
    for place, expected in (("montpellier", ["place_taken"]), ("toulouse", ["place_taken"]), ("hors_les_murs", [])):
        assert rules("03-10 14:00", 60, place, bookings=booking("03-10 14:00", 60, place)) == expected
        assert rules("03-10 14:00", 60, place, bookings=booking("03-10 14:00", 60, "elsewhere")) == []


@pytest.mark.parametrize(("start", "expected"), [("03-29 03:59", ["staff_busy"]), ("03-29 04:00", [])])
def test_lengths_are_elapsed_time_where_the_clocks_change(start: str, expected: list[str]) -> None:
    # On 29 March 2026 clocks go from 2:00 to 3:00: two hours from 1:00 on end at 4:00.
    night = booking("03-29 01:00", 120, "hors_les_murs", "camille")
    found = rules(start, 60, "hors_les_murs", "camille", waived=("outside_hours", "day_off"), bookings=night)
    assert found == expected


def test_hours_are_the_clock_on_the_wall_the_day_after_a_change() -> None:
    assert rules("03-27 08:00", 11 * 60) == []
    assert rules("03-30 08:00", 11 * 60) == []
    assert rules("10-26 08:00", 11 * 60) == []
    assert rules("03-30 18:01", 60) == ["outside_hours"]
    assert rules("03-30 07:59", 60) == ["outside_hours"]


def test_hours_can_be_waived() -> None:
    assert rules("03-10 19:00", 120, waived=("outside_hours",)) == []


# --- Days ---


@pytest.mark.parametrize(
    ("day", "off_site"), [("03-12", []), ("03-14", ["day_off"]), ("03-15", ["day_off"])]
)  # the other lab's Thursday, a weekend
def test_montpellier_is_open_four_days_a_week(day: str, off_site: list[str]) -> None:
    assert rules(f"{day} 10:00") == ["place_closed"]
    assert rules(f"{day} 10:00", 60, "hors_les_murs") == off_site


def test_toulouse_is_open_on_thursday_agreed_or_not() -> None:
    assert rules("03-12 10:00", 60, "toulouse") == []


def test_a_swap_gives_a_thursday_and_takes_another_day() -> None:
    swaps = [Swap("montpellier", date(2026, 3, 12), date(2026, 3, 10))]
    assert rules("03-12 10:00", swaps=swaps) == []
    assert rules("03-10 10:00", swaps=swaps) == ["place_closed"]
    assert rules("03-19 10:00", swaps=swaps) == ["place_closed"]  # the Thursday after
    assert rules("03-10 10:00", 60, "toulouse", swaps=swaps) == []


def test_ascension_is_a_thursday_and_moves_nothing() -> None:
    holidays = {ASCENSION: "Ascension"}
    assert ASCENSION.strftime("%A") == "Thursday"
    assert rules("05-14 10:00", holidays=holidays) == ["place_closed"]
    assert rules("05-14 10:00", 60, "toulouse", holidays=holidays) == ["place_closed"]
    assert rules("05-14 10:00", 60, "hors_les_murs", holidays=holidays) == ["day_off"]
    assert rules("05-13 10:00", holidays=holidays) == rules("05-15 10:00", holidays=holidays) == []
    # Not even a swap opens the place on a public holiday.
    swapped = [Swap("montpellier", ASCENSION, date(2026, 5, 12))]
    assert rules("05-14 10:00", holidays=holidays, swaps=swapped) == ["place_closed"]


def test_a_closure_of_a_place_leaves_the_others_open() -> None:
    closures = [Closure("montpellier", date(2026, 3, 10), date(2026, 3, 11), note="travaux")]
    assert [rules(f"03-{day} 10:00", closures=closures) for day in ("09", "10", "11")] == [
        [],
        ["place_closed"],
        ["place_closed"],
    ]
    assert rules("03-10 10:00", 60, "toulouse", closures=closures) == []


def test_a_closure_of_the_lab_is_a_day_off_off_site() -> None:
    closures = [Closure(None, date(2026, 3, 10), date(2026, 3, 10))]
    found = [rules("03-10 10:00", 60, place, closures=closures) for place in lab().places]
    assert found == [["place_closed"], ["place_closed"], ["day_off"]]


def test_a_meeting_of_several_days_names_each_day_that_is_closed() -> None:
    # From Wednesday 11 March 16:00 to Thursday 16:00: Thursday is the other lab's.
    assert rules("03-11 16:00", 24 * 60) == ["outside_hours", "place_closed"]
    found = rules("03-13 16:00", 48 * 60, waived=("outside_hours",))  # Friday to Sunday
    assert found == ["place_closed", "place_closed"]


EASTER = {date(2026, 4, 6): "Lundi de Pâques", date(2026, 5, 1): "Fête du Travail"}
LAB_CLOSED = [Closure(None, date(2026, 3, 10), date(2026, 3, 11), note="inventaire")]
WEEKEND = ["samedi 14 mars 2026 (week-end)", "dimanche 15 mars 2026 (week-end)"]


@pytest.mark.parametrize(
    ("start", "how", "why"),
    [
        pytest.param("03-14 09:00", {}, WEEKEND[:1], id="a Saturday"),
        pytest.param("03-15 09:00", {}, WEEKEND[1:], id="a Sunday"),
        pytest.param("04-06 09:00", {}, ["lundi 6 avril 2026 (jour férié\xa0: Lundi de Pâques)"], id="Easter Monday"),
        pytest.param("05-01 09:00", {}, ["vendredi 1er mai 2026 (jour férié\xa0: Fête du Travail)"], id="1 May"),
        pytest.param(
            "03-10 09:00", {"closures": LAB_CLOSED}, ["mardi 10 mars 2026 (fermé\xa0: inventaire)"], id="closed"
        ),
        pytest.param("03-13 09:00", {"minutes": 48 * 60, "waived": ("outside_hours",)}, WEEKEND, id="each of several"),
        pytest.param("04-06 09:00", {"waived": ("day_off",)}, [], id="waived"),
        pytest.param("04-07 09:00", {}, [], id="the day after"),
        pytest.param("03-12 09:00", {"closures": LAB_CLOSED}, [], id="open again"),
    ],
)
def test_a_day_off_is_no_day_to_meet_off_site(start: str, how: dict[str, Any], why: list[str]) -> None:
    with spoken("fr"):
        found = refused(start, place="hors_les_murs", holidays=EASTER, **how)
    assert {refusal.rule for refusal in found} <= {"day_off"}
    assert [refusal.message for refusal in found] == [f"Le laboratoire ne travaille pas le {day}." for day in why]


@pytest.mark.parametrize("place", ["montpellier", "toulouse"])
def test_a_waiver_of_a_day_off_opens_no_place(place: str) -> None:
    assert rules("04-06 09:00", 60, place, holidays=EASTER, waived=("day_off",)) == ["place_closed"]


def test_why_a_day_is_closed_is_told() -> None:
    around = Surroundings(
        holidays={ASCENSION: "Ascension"},
        closures=[Closure("montpellier", date(2026, 3, 10), date(2026, 3, 10), note="travaux")],
        swaps=[Swap("montpellier", date(2026, 3, 19), date(2026, 3, 17))],
    )
    with spoken("en"):
        told = {day: closed_because(lab(), "montpellier", day, around) for day in (
            ASCENSION, date(2026, 3, 10), date(2026, 3, 17), date(2026, 3, 19), date(2026, 3, 12), date(2026, 3, 14),
        )}  # fmt: skip
    assert list(told.values()) == [
        "public holiday: Ascension",
        "closed: travaux",
        "given to the other lab against Thursday 19 March 2026",
        None,
        "this weekday is the other lab’s",
        "weekend",
    ]


# --- People ---


def test_someone_is_in_one_place_at_a_time() -> None:
    busy = booking("03-10 14:00", 120, "toulouse", "camille", "rene")
    assert rules("03-10 15:00", 60, "montpellier", "camille", bookings=busy) == ["staff_busy"]
    assert rules("03-10 15:00", 60, "montpellier", "camille", "rene", bookings=busy) == ["staff_busy", "staff_busy"]
    assert rules("03-10 16:00", 60, "montpellier", "camille", bookings=busy) == []
    assert rules("03-10 15:00", 60, "montpellier", "sacha", bookings=busy) == []
    assert rules("03-10 15:00", 60, "hors_les_murs", "camille", bookings=busy) == ["staff_busy"]


def test_an_absence_counts_its_first_and_last_day() -> None:
    absences = [Absence("camille", date(2026, 3, 9), date(2026, 3, 10))]
    found = [rules(f"03-{day} 10:00", 60, "hors_les_murs", "camille", absences=absences) for day in range(10, 12)]
    assert found == [["staff_absent"], []]
    assert rules("03-09 10:00", 60, "montpellier", "camille", absences=absences) == ["staff_absent"]
    assert rules("03-06 10:00", 60, "montpellier", "camille", absences=absences) == []
    assert rules("03-09 10:00", 60, "montpellier", "rene", absences=absences) == []


def test_every_rule_that_fails_is_told() -> None:
    found = rules(
        "03-12 19:00", 60, "montpellier", "camille",
        planned="03-13 09:00",
        bookings=booking("03-12 19:00", 60, "montpellier", "camille"),
        absences=[Absence("camille", date(2026, 3, 12), date(2026, 3, 12))],
    )  # fmt: skip
    assert found == [
        "slot_in_past", "outside_hours", "place_closed", "place_taken", "staff_busy", "staff_absent",
    ]  # fmt: skip


# --- What is said ---


def told(start: str, *staff: str, minutes: int = 60, planned: str = "01-05 09:00", **around: Any) -> list[str]:
    with spoken("en"):
        found = problems(lab(), Slot(at(start), minutes, "montpellier", staff, at(planned)), Surroundings(**around))
    return [f"{refusal.message} {refusal.remedy}" for refusal in found]


WEEK = [Absence("camille", date(2026, 3, 9), date(2026, 3, 13))]


@pytest.mark.parametrize(
    ("start", "staff", "how", "expected"),
    [
        ("03-10 14:00", (), {"planned": "03-10 14:00"}, []),
        ("03-10 14:00", (), {"planned": "03-10 14:01"}, [
            "The slot of Tuesday 10 March 2026 at 14:00 is before the moment of planning, Tuesday 10 March 2026 at "
            "14:01. "
            "Choose a later slot; if it was planned earlier, say when with --at.",
        ]),
        ("03-10 18:30", (), {}, [
            "The slot, Tue 10 Mar 18:30 to 19:30, is not between 08:00 and 19:00. Choose another time, or add --waive "
            "outside_hours with a --note.",
        ]),
        ("03-09 18:00", (), {"minutes": 24 * 60}, [
            "The slot, Mon 9 Mar 18:00 to Tue 10 Mar 18:00, is not between 08:00 and 19:00. Choose another time, or "
            "add "
            "--waive outside_hours with a --note.",
        ]),
        ("03-12 14:00", ("camille", "awa"), {"minutes": 90}, [
            "Montpellier is not open to the lab on Thursday 12 March 2026 (this weekday is the other lab’s). See the "
            "next "
            "open slots with: coop place free montpellier --duration 90m --from 12/03/2026 --staff camille --staff awa",
        ]),
        ("03-10 14:00", (), {"closures": [Closure(None, date(2026, 3, 10), date(2026, 3, 10))]}, [
            "Montpellier is not open to the lab on Tuesday 10 March 2026 (closed). See the next open slots with: coop "
            "place free montpellier --duration 60m --from 10/03/2026",
        ]),
        ("03-10 14:30", (), {"bookings": booking("03-10 14:00")}, [
            "Montpellier is taken by 2026-0007/work-1, Tue 10 Mar 14:00 to 15:00. See the next open slots with: coop "
            "place "
            "free montpellier --duration 60m --from 10/03/2026",
        ]),
        ("03-10 14:30", ("camille",), {"bookings": booking("03-10 14:00", 60, "toulouse", "camille")}, [
            "camille is already at 2026-0007/work-1, Tue 10 Mar 14:00 to 15:00. Choose another time or other people "
            "with "
            "--staff.",
        ]),
        ("03-10 14:00", ("camille",), {"absences": WEEK}, [
            "camille is away from Monday 9 March 2026 to Friday 13 March 2026. Choose another day or other people with "
            "--staff.",
        ]),
        ("03-10 14:00", ("camille",), {"absences": [Absence("camille", date(2026, 3, 10), date(2026, 3, 10))]}, [
            "camille is away on Tuesday 10 March 2026. Choose another day or other people with --staff.",
        ]),
    ],
)  # fmt: skip
def test_what_is_said_of_a_slot(start: str, staff: tuple[str, ...], how: dict[str, Any], expected: list[str]) -> None:
    assert told(start, *staff, **how) == expected


def test_a_long_meeting_meets_an_absence_on_any_of_its_days() -> None:
    for first, last, away in ((8, 8, 0), (8, 9, 1), (10, 10, 1), (11, 13, 1), (12, 13, 0)):
        absences = [Absence("camille", date(2026, 3, first), date(2026, 3, last))]
        found = rules(
            "03-09 10:00", 48 * 60, "hors_les_murs", "camille", waived=("outside_hours",), absences=absences
        )  # fmt: skip
        assert found.count("staff_absent") == away


def test_the_slot_of_a_meeting_is_as_it_was_planned() -> None:
    meeting = Meeting(
        "work-1", "work", "planned", at("03-10 14:00"), 90, "toulouse", ["awa"], at("03-02 09:00"), ["outside_hours"]
    )
    expected = Slot(at("03-10 14:00"), 90, "toulouse", ("awa",), at("03-02 09:00"), frozenset({"outside_hours"}))
    assert Slot.of(meeting) == expected
    assert expected.end == at("03-10 15:30")
