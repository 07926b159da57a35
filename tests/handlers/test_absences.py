"""Absences from calendar files, as the programs people use write them."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from handlers.calendars.absences import CalendarFile, read_calendar
from states.calendar.day_ranges import Days
from states.errors import Invalid

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 1, 12)

Reading = Callable[..., CalendarFile]


@pytest.fixture(name="read")
def reading(tmp_path: Path) -> Reading:
    """Reads the calendar that holds some events, each given by its lines."""

    def read(*events: str, today: date = TODAY, before: str = "") -> CalendarFile:
        body = "".join(f"BEGIN:VEVENT\nUID:{n}@x\n{lines.strip()}\nEND:VEVENT\n" for n, lines in enumerate(events))
        text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\n{before}{body}END:VCALENDAR\n"
        path = tmp_path / "absences.ics"
        path.write_bytes(text.replace("\n", "\r\n").encode())
        return read_calendar(path, PARIS, today)

    return read


def days(*texts: str) -> tuple[Days, ...]:
    """`03-09` or `03-09/03-13`, in 2026 unless a year is given."""

    def day(text: str) -> date:
        return date.fromisoformat(text if len(text) > 5 else f"2026-{text}")

    return tuple((day(first), day(last or first)) for first, _slash, last in (text.partition("/") for text in texts))


# --- Whole days ---


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("DTSTART;VALUE=DATE:20260309\nDTEND;VALUE=DATE:20260314", "03-09/03-13"),  # the end is not part of it
        ("DTSTART;VALUE=DATE:20260309\nDTEND;VALUE=DATE:20260310", "03-09"),
        ("DTSTART;VALUE=DATE:20260309", "03-09"),
        ("DTSTART;VALUE=DATE:20260309\nDTEND;VALUE=DATE:20260309", "03-09"),  # as some programs write it
        ("DTSTART;VALUE=DATE:20260309\nDURATION:P3D", "03-09/03-11"),
    ],
)
def test_whole_days(read: Reading, event: str, expected: str) -> None:
    assert read(event).days == days(expected)


# --- Hours: the local days they touch ---


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("DTSTART;TZID=Europe/Paris:20260309T090000\nDTEND;TZID=Europe/Paris:20260309T120000", "03-09"),
        ("DTSTART;TZID=Europe/Paris:20260309T220000\nDTEND;TZID=Europe/Paris:20260310T000000", "03-09"),  # to midnight
        ("DTSTART;TZID=Europe/Paris:20260309T220000\nDTEND;TZID=Europe/Paris:20260310T000100", "03-09/03-10"),
        ("DTSTART:20260309T230000Z\nDTEND:20260310T010000Z", "03-10"),  # midnight here
        ("DTSTART:20260309T225900Z\nDTEND:20260310T010000Z", "03-09/03-10"),
        ("DTSTART:20260609T215959Z\nDTEND:20260609T220000Z", "06-09"),  # in summer time
        ("DTSTART:20260309T090000\nDTEND:20260309T100000", "03-09"),  # no zone: the local time
        ("DTSTART;TZID=Pacific/Auckland:20260310T080000\nDURATION:PT2H", "03-09"),
        ("DTSTART;TZID=Romance Standard Time:20260309T230000\nDURATION:PT2H", "03-09/03-10"),  # Outlook's Paris
        ("DTSTART;TZID=Europe/Paris:20260309T090000", "03-09"),  # an instant
        ("DTSTART;TZID=Europe/Paris:20260309T000000\nDTEND;TZID=Europe/Paris:20260309T000000", "03-09"),
        ("DTSTART;TZID=Europe/Paris:20260309T140000\nDTEND;TZID=Europe/Paris:20260312T090000", "03-09/03-12"),
    ],
)
def test_hours_touch_local_days(read: Reading, event: str, expected: str) -> None:
    assert read(event).days == days(expected)


def test_a_zone_of_the_files_own_is_followed(read: Reading) -> None:
    zone = """BEGIN:VTIMEZONE
TZID:Ailleurs
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:-0500
TZOFFSETTO:-0500
END:STANDARD
END:VTIMEZONE
"""
    event = "DTSTART;TZID=Ailleurs:20260309T190000\nDTEND;TZID=Ailleurs:20260309T200000"
    assert read(event, before=zone).days == days("03-10")


# --- Repetitions ---


WEEKLY = "DTSTART;TZID=Europe/Paris:20260303T090000\nDTEND;TZID=Europe/Paris:20260303T120000\n"


def test_repetitions_leave_out_what_was_struck_and_follow_what_was_moved(read: Reading) -> None:
    series = WEEKLY + "RRULE:FREQ=WEEKLY;COUNT=5\nEXDATE;TZID=Europe/Paris:20260310T090000"
    assert read(series).days == days("03-03", "03-17", "03-24", "03-31")
    moved = """END:VEVENT
BEGIN:VEVENT
UID:0@x
RECURRENCE-ID;TZID=Europe/Paris:20260317T090000
DTSTART;TZID=Europe/Paris:20260318T090000
DTEND;TZID=Europe/Paris:20260318T120000"""
    assert read(f"{series}\n{moved}").days == days("03-03", "03-18", "03-24", "03-31")
    cancelled = moved + "\nSTATUS:CANCELLED"
    assert read(f"{series}\n{cancelled}").days == days("03-03", "03-24", "03-31")


def test_repetitions_keep_their_local_hour_when_clocks_change(read: Reading) -> None:
    late = "DTSTART;TZID=Europe/Paris:20260327T233000\nDURATION:PT29M\nRRULE:FREQ=DAILY;COUNT=4"
    assert read(late).days == days("03-27/03-30")
    in_utc = "DTSTART:20260327T223000Z\nDURATION:PT29M\nRRULE:FREQ=DAILY;COUNT=4"  # 23:30, then 0:30 the day after
    assert read(in_utc).days == days("03-27/03-28", "03-30/03-31")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("RRULE:FREQ=WEEKLY;BYDAY=TU,WE;UNTIL=20260311T225959Z", ["03-03/03-04", "03-10/03-11"]),
        ("RRULE:FREQ=MONTHLY;BYDAY=1TU;COUNT=3", ["03-03", "04-07", "05-05"]),
        ("RDATE;TZID=Europe/Paris:20260420T090000", ["03-03", "04-20"]),
        ("RRULE:FREQ=YEARLY;COUNT=4", ["03-03", "2027-03-03"]),  # 3 March 2028 lies beyond two years
    ],
)
def test_rules(read: Reading, rule: str, expected: list[str]) -> None:
    assert read(WEEKLY + rule).days == days(*expected)


def test_repetitions_of_whole_days(read: Reading) -> None:
    fridays = "DTSTART;VALUE=DATE:20260306\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;VALUE=DATE:20260313"
    assert read(fridays).days == days("03-06", "03-20")


def test_only_today_and_two_years_ahead_are_looked_at(read: Reading) -> None:
    found = read("DTSTART;VALUE=DATE:20200101\nRRULE:FREQ=DAILY")
    assert found.until == date(2028, 1, 12)
    assert found.days == ((TODAY, date(2028, 1, 12)),)
    assert read("DTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20260115").days == days("01-12/01-14")
    assert read("DTSTART;VALUE=DATE:20251201\nDTEND;VALUE=DATE:20251203").days == ()
    assert read("DTSTART;VALUE=DATE:20240229", today=date(2024, 2, 29)).until == date(2026, 2, 28)


def test_events_that_touch_make_one_range(read: Reading) -> None:
    events = ["DTSTART;VALUE=DATE:20260309", "DTSTART;VALUE=DATE:20260310\nDTEND;VALUE=DATE:20260313", WEEKLY]
    assert read(*events).days == days("03-03", "03-09/03-12")
    assert read(*events).events == 3


def test_what_is_cancelled_is_left_out_and_what_is_shown_as_free_is_not(read: Reading) -> None:
    assert read("DTSTART;VALUE=DATE:20260309\nSTATUS:CANCELLED").days == ()
    assert read("DTSTART;VALUE=DATE:20260309\nSTATUS:CONFIRMED\nTRANSP:TRANSPARENT").days == days("03-09")


def test_nothing_but_days_comes_out(read: Reading) -> None:
    found = read(
        "DTSTART;VALUE=DATE:20260309\nSUMMARY:rendez-vous médical\nLOCATION:hôpital\nATTENDEE:mailto:x@example.org"
    )
    assert "médical" not in repr(found)
    assert "hôpital" not in repr(found)


def test_a_file_may_hold_no_event_or_several_calendars(tmp_path: Path, read: Reading) -> None:
    assert read().days == ()
    path = tmp_path / "absences.ics"
    read("DTSTART;VALUE=DATE:20260309")
    one = path.read_bytes()
    path.write_bytes(one + one.replace(b"20260309", b"20260406"))
    assert read_calendar(path, PARIS, TODAY).days == days("03-09", "04-06")


def test_a_file_may_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260309\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert read_calendar("-", PARIS, TODAY).days == days("03-09")


# --- What is refused ---


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"bonjour",
        b"\x00\xff\xfe",
        b"PK\x03\x04",
        b"BEGIN:VCALENDAR\r\n",
        b"BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260309\r\nEND:VEVENT\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:hier\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    ],
)
def test_what_is_no_calendar_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "absences.ics"
    path.write_bytes(content)
    with pytest.raises(Invalid) as caught:
        read_calendar(path, PARIS, TODAY)
    (field,) = caught.value.fields
    assert (field.field, field.file) == ("file", str(path))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        read_calendar(tmp_path / "absences.ics", PARIS, TODAY)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=5",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=8,9,10;BYMINUTE=0,5,10,15,20,25,30,35,40,45",
        "FREQ=PARFOIS",
        "FREQ=DAILY;UNTIL=demain",
    ],
)
def test_what_repeats_as_no_absence_does_is_refused_at_once(read: Reading, rule: str) -> None:
    began = time.perf_counter()
    with pytest.raises(Invalid):
        read(f"{WEEKLY}RRULE:{rule}")
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize("name", ["RRULE", "EXRULE"])
@pytest.mark.parametrize("rule", ["FREQ=DAILY;INTERVAL=0", "FREQ=YEARLY;COUNT=3;INTERVAL=0", "INTERVAL=-1;FREQ=WEEKLY"])
def test_a_repetition_that_never_advances_is_refused_at_once(read: Reading, name: str, rule: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(f"DTSTART;VALUE=DATE:20260309\n{name}:{rule}")
    assert len(caught.value.fields) == 1


def test_a_rule_of_a_thousand_million_days_ends(read: Reading) -> None:
    began = time.perf_counter()
    found = read("DTSTART;VALUE=DATE:20260112\nRRULE:FREQ=DAILY;COUNT=1000000000")
    assert found.days == ((TODAY, date(2028, 1, 12)),)
    assert time.perf_counter() - began < 5
