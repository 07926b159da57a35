"""Invitations and calendars, read back by icalendar; the zone's rules against zoneinfo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Component, Timezone

from handlers.calendars.export import CANCEL, REQUEST, Party, calendar_of, invitation, vtimezone
from states.errors import NotFound
from workflow.testing import NOTE, PILOT, Lab
from workflow.views.calendar_feed import occurrences

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def lab(sqlite_lab: Lab) -> Lab:
    return sqlite_lab


@pytest.fixture
def planned(lab: Lab) -> str:
    ref = lab.request("prequalified", title="Repenser l’accueil", place="montpellier")
    lab.apply(ref, "plan_interview", {"at": "2026-01-20T10:00", "staff": "sacha", "address": "salle 2"})
    return ref


def read(lab: Lab, *, staff: str | None = None, busy: bool = False) -> list[Component]:
    """The events of a calendar, once it has been read back."""
    with lab.reading() as reader:
        content, count = calendar_of(reader, staff=staff, busy=busy)
    events = list(Calendar.from_ical(content).walk("VEVENT"))
    assert len(events) == count
    return events


# --- The zone ---


@pytest.mark.parametrize("name", ["Europe/Paris", "America/Toronto", "Indian/Reunion", "Asia/Kolkata"])
def test_the_zone_agrees_with_zoneinfo_hour_by_hour(name: str) -> None:
    zone = ZoneInfo(name)
    written = Timezone.from_ical(vtimezone(zone).to_ical())
    moments = list(observances(written, 2026, 2027))
    at = datetime(2026, 1, 1, tzinfo=UTC)
    while at < datetime(2028, 1, 1, tzinfo=UTC):
        assert offset(moments, at) == at.astimezone(zone).utcoffset(), at
        at += timedelta(hours=1)


def observances(zone: Component, first: int, last: int) -> Iterator[tuple[datetime, timedelta]]:
    """Each change of the clocks the rules make, in UTC, and the offset from then on. Read by hand, not by icalendar."""
    from dateutil.rrule import rrulestr

    for part in zone.subcomponents:
        start, before = part.decoded("dtstart"), part.decoded("tzoffsetfrom")
        if "rrule" not in part:
            yield start.replace(tzinfo=UTC) - before, part.decoded("tzoffsetto")
            continue
        rule = rrulestr(part["rrule"].to_ical().decode(), dtstart=start)
        for at in rule.between(datetime(first - 1, 1, 1), datetime(last + 1, 1, 1)):
            yield at.replace(tzinfo=UTC) - before, part.decoded("tzoffsetto")


def offset(moments: list[tuple[datetime, timedelta]], at: datetime) -> timedelta:
    return max((m for m in moments if m[0] <= at), key=lambda m: m[0])[1]


def test_the_rules_of_paris() -> None:
    text = vtimezone(PARIS).to_ical().decode()
    assert "DTSTART:20100328T020000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in text
    assert "DTSTART:20101031T030000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10" in text


# --- Invitations ---


def made(lab: Lab, method: str, name: str = "Noa Témoin") -> tuple[bytes, Component]:
    with lab.reading() as reader:
        (found,) = occurrences(reader)
        content = invitation(
            reader.declaration, found, method, Party("lab@example.org", "Labo"), Party("noa@example.org", name)
        )
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    return content, event


def test_an_invitation_is_one_event_for_one_person(lab: Lab, planned: str) -> None:
    content, event = made(lab, REQUEST)
    assert b"METHOD:REQUEST\r\n" in content
    assert content.count(b"BEGIN:VTIMEZONE") == 1
    assert b"DTSTART;TZID=Europe/Paris:20260120T100000" in content
    assert event.decoded("dtstart") == datetime(2026, 1, 20, 10, tzinfo=PARIS)
    assert event.decoded("dtend") == datetime(2026, 1, 20, 11, tzinfo=PARIS)
    assert (event["status"], event["sequence"]) == ("CONFIRMED", 3)
    assert event["uid"].startswith("2026-0001-interview-1@")
    assert event["attendee"] == "mailto:noa@example.org"
    assert event["organizer"].params["CN"] == "Labo"
    assert event["summary"] == "Entretien de qualification – Repenser l’accueil (2026-0001)"
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))


def test_the_same_invitation_is_the_same_file(lab: Lab, planned: str) -> None:
    first, _event = made(lab, REQUEST)
    lab.clock.forward(hours=3)
    assert made(lab, REQUEST)[0] == first


def test_a_cancellation_names_the_same_event(lab: Lab, planned: str) -> None:
    invited = made(lab, REQUEST)[1]
    lab.apply(planned, "cancel_meeting", {"meeting": "interview-1"}, note=NOTE)
    cancelled = made(lab, CANCEL)[1]
    assert invited["uid"] == cancelled["uid"]
    assert cancelled["status"] == "CANCELLED"
    assert cancelled["summary"].startswith("Annulé")


def test_taking_away_what_stands_does_not_say_that_it_is_cancelled(lab: Lab, planned: str) -> None:
    """Source: RFC 5546, 3.2.5."""
    content, released = made(lab, CANCEL)
    assert b"METHOD:CANCEL\r\n" in content
    assert "status" not in released
    assert "Annul" not in content.decode()


def test_a_name_cannot_write_lines(lab: Lab, planned: str) -> None:
    content, _event = made(lab, REQUEST, 'Eve"\r\nX-EVIL:1\r\n\u202e')
    assert b"\r\nX-EVIL" not in content


def test_an_hour_that_comes_twice(lab: Lab) -> None:
    ref = lab.request("prequalified")
    at = {"at": "2026-10-25T02:30:00+01:00"}
    lab.apply(ref, "plan_interview", at, waive=("outside_hours", "day_off"), note=NOTE)
    _content, event = made(lab, REQUEST)
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(hours=1)


# --- Calendars ---


def test_a_calendar_to_subscribe_to(lab: Lab, planned: str) -> None:
    with lab.reading() as reader:
        content, _count = calendar_of(reader)
    text = content.decode()
    assert "X-WR-CALNAME:La Coopérative" in text
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in text
    assert "METHOD:PUBLISH" in text
    (event,) = read(lab)
    assert "Repenser l’accueil" in event["description"]
    assert "Sacha" in event["description"]
    assert "salle 2" in event["location"]
    assert "Noa" not in text


def test_the_sequence_grows_with_each_change(lab: Lab, planned: str) -> None:
    (first,) = read(lab)
    lab.apply(planned, "comment", note=NOTE)
    assert read(lab)[0]["sequence"] == first["sequence"]
    lab.apply(planned, "move_meeting", {"meeting": "interview-1", "at": "2026-01-21T10:00"})
    (moved,) = read(lab)
    assert moved["uid"] == first["uid"]
    assert moved["sequence"] == 5
    lab.apply(planned, "correct", note=NOTE)
    assert read(lab)[0]["sequence"] == 6


def test_what_is_cancelled_says_so_and_goes_after_a_week(lab: Lab, planned: str) -> None:
    lab.apply(planned, "withdraw", note=NOTE)
    (event,) = read(lab)
    assert (event["status"], event["sequence"]) == ("CANCELLED", 4)
    assert event["summary"].startswith("Annulé\u00a0: ")
    assert read(lab, staff="sacha")[0]["summary"] == event["summary"]
    lab.clock.forward(days=7)
    assert len(read(lab)) == 1
    lab.clock.forward(seconds=1)
    assert read(lab) == []
    lab.apply(planned, "reopen", note=NOTE, actor=PILOT)


def test_the_calendar_of_one_person(lab: Lab, planned: str) -> None:
    assert len(read(lab, staff="sacha")) == 1
    assert read(lab, staff="rene") == []
    with pytest.raises(NotFound):
        read(lab, staff="personne")


def test_the_busy_calendar_says_nothing_else(lab: Lab, planned: str) -> None:
    elsewhere = lab.request("prequalified", place="hors_les_murs")
    lab.apply(elsewhere, "plan_interview", {"at": "2026-01-22T10:00"})
    (event,) = read(lab, busy=True)
    with lab.reading() as reader:
        text = calendar_of(reader, busy=True)[0].decode()
    for known in (planned, "interview", "Sacha", "sacha", "Repenser", "salle 2"):
        assert known not in text
    assert event["location"] == "Montpellier"
    assert "description" not in event


def test_what_was_erased_is_no_longer_said(lab: Lab, planned: str) -> None:
    from sqlalchemy import text

    with lab.store.engine.begin() as connection:
        connection.execute(text("DELETE FROM vault WHERE stream = :ref"), {"ref": planned})
    (event,) = read(lab)
    assert "Repenser" not in event["description"]
