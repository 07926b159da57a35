"""iCalendar: invitations with one event each, and calendars one can subscribe to (RFC 5545, 5546, 7986).

The zone's rules are written in each file, computed to agree with zoneinfo: no reader need know the zone by its name.
The same meeting keeps its UID for ever; each change of it has a higher SEQUENCE.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from attrs import frozen
from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vText

from handlers.plain_text import plain
from states.canonical import digest
from states.declaration.model import Declaration
from states.declaration.types import moment
from states.language import _, enumeration
from states.requests.request import CANCELLED, Meeting
from workflow.views.calendar_feed import Occurrence, occurrences
from workflow.views.forecast import Outlook
from workflow.views.reader import Reader

PRODUCT = "-//La Coopérative//coop//FR"
REFRESH = timedelta(hours=1)
REQUEST, CANCEL = "REQUEST", "CANCEL"
RULES_SINCE = 2010  # the year from which the zone's present rules are written
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@frozen
class Party:
    """Someone of an invitation, with the address that the calendar program answers to."""

    address: str
    name: str | None = None

    def value(self) -> vCalAddress:
        found = vCalAddress(f"mailto:{self.address}")
        if self.name:
            found.params["CN"] = vText(plain(self.name).replace('"', "’"))
        return found


def meeting_name(kind: str) -> str:
    """What a kind of meeting is called, at the beginning of a line."""
    return {
        "interview": _("Qualification interview"),
        "work": _("Work meeting"),
        "session": _("Session"),
        "debrief": _("Debrief"),
        "activity": _("Activity"),
    }.get(kind, kind)


def uid(occurrence: Occurrence) -> str:
    """What the event is known by, for ever."""
    return f"{occurrence.ref}-{occurrence.meeting.id}@{occurrence.lab}.coop"


def invitation(
    declaration: Declaration,
    occurrence: Occurrence,
    method: str,
    organizer: Party,
    attendee: Party,
    names: Mapping[str, str] | None = None,
    *,
    guest: bool = False,
) -> bytes:
    """One event for one person, to accept or to take away (`REQUEST`, `CANCEL`). `guest`: who is not of the staff.

    Taking away what stands for others says nothing of its status (RFC 5546, 3.2.5): it is not cancelled.
    """
    calendar = _calendar(declaration.lab.tz, method)
    event = _event(declaration, occurrence, names or {}, guest=guest)
    if method == CANCEL and occurrence.meeting.status != CANCELLED:
        del event["status"]
    event.add("organizer", organizer.value())
    invited = attendee.value()
    invited.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"})
    event.add("attendee", invited)
    calendar.add_component(event)
    return _written(calendar)


def feed(
    declaration: Declaration,
    found: Iterable[Occurrence],
    *,
    name: str | None = None,
    busy: bool = False,
    names: Mapping[str, str] | None = None,
) -> bytes:
    """A calendar to subscribe to. `busy`: only when the shared places are taken, with nothing else said.

    `name`: whose it is, if one person's; `names`: how the people of the staff are called, by id.
    """
    calendar = _calendar(declaration.lab.tz, "PUBLISH")
    title = declaration.lab.name
    if busy:
        title = _("{lab}: busy", lab=title)
    elif name:
        title = f"{title} – {plain(name)}"
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    calendar.add("x-wr-timezone", declaration.lab.zone)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for occurrence in found:
        event = _busy(declaration, occurrence) if busy else _event(declaration, occurrence, names or {})
        calendar.add_component(event)
    return _written(calendar)


def calendar_of(reader: Reader, *, staff: str | None = None, busy: bool = False) -> tuple[bytes, int]:
    """The calendar of the lab, of one person, or only of when it is busy; and how many events it holds.

    NotFound if nobody bears that id.
    """
    declaration = reader.declaration
    if staff is not None:
        Outlook(reader).person(staff)
    names = {p["id"]: p["name"] or p["id"] for p in reader.staff()}
    found = occurrences(reader, staff)
    if busy:
        found = [o for o in found if not declaration.places[o.meeting.place].anywhere and o.meeting.status != CANCELLED]
    content = feed(declaration, found, name=names.get(staff or ""), busy=busy, names=names)
    return content, len(found)


def _calendar(zone: ZoneInfo, method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(vtimezone(zone))
    return calendar


def _written(calendar: Calendar) -> bytes:
    found: bytes = calendar.to_ical()
    return found


def _bare(zone: ZoneInfo, occurrence: Occurrence, id: str) -> Event:
    event, start = Event(), moment(occurrence.meeting.begins_at)
    event.add("uid", id)
    event.add("dtstamp", moment(occurrence.changed_at))
    event.add("last-modified", moment(occurrence.changed_at))
    event.add("sequence", occurrence.sequence)
    event.add("dtstart", start.astimezone(zone))
    event.add("dtend", (start + timedelta(minutes=occurrence.meeting.duration)).astimezone(zone))
    event.add("status", "CANCELLED" if occurrence.meeting.status == CANCELLED else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if occurrence.meeting.status == CANCELLED else "OPAQUE")
    return event


def _event(declaration: Declaration, occurrence: Occurrence, names: Mapping[str, str], *, guest: bool = False) -> Event:
    event = _bare(declaration.lab.tz, occurrence, uid(occurrence))
    event.add("summary", _summary(declaration, occurrence, guest=guest))
    event.add("location", location(declaration, occurrence.meeting, occurrence.address))
    said = [plain(occurrence.title)] if occurrence.title else []
    if occurrence.meeting.staff:
        people = enumeration([names.get(id, id) for id in occurrence.meeting.staff])
        said.append(plain(_("For the lab: {people}", people=people)))
    said.append(f"{declaration.lab.name} · {occurrence.ref}/{occurrence.meeting.id}")
    event.add("description", "\n".join(said))
    event.add("class", "PRIVATE")
    return event


def location(declaration: Declaration, meeting: Meeting, address: str | None) -> str:
    """Where it is: the place, its declared address, and what was said of this meeting."""
    place, department = meeting.place, declaration.label("departments", meeting.department)
    declared = declaration.places.get(place)
    parts = (declaration.label("places", place), declared.address if declared else "", address, department)
    return plain(", ".join(part for part in parts if part))


def _summary(declaration: Declaration, occurrence: Occurrence, *, guest: bool) -> str:
    """What stands in a calendar: with whom for a guest, under which number for the staff.

    Some programs do not read STATUS, and would show what is cancelled as held.
    """
    called = meeting_name(occurrence.meeting.kind)
    if guest:
        called = _("{meeting} with {lab}", meeting=called, lab=declaration.lab.name)
    if occurrence.title:
        called = f"{called} – {occurrence.title}"
    called = plain(called if guest else f"{called} ({occurrence.ref})")
    return _("Cancelled: {meeting}", meeting=called) if occurrence.meeting.status == CANCELLED else called


def _busy(declaration: Declaration, occurrence: Occurrence) -> Event:
    # The number of a request is nobody else's business: the event is known by a digest.
    id = digest(f"busy/{occurrence.lab}/{occurrence.ref}/{occurrence.meeting.id}")[:32]
    event = _bare(declaration.lab.tz, occurrence, f"{id}@{occurrence.lab}.coop")
    event.add("summary", _("Busy"))
    event.add("location", declaration.label("places", occurrence.meeting.place))
    return event


# --- The zone ---


@frozen
class _Turn:
    """A change of the clocks: the local time until then, and what the clocks then show."""

    wall: datetime  # naive, by the offset before
    before: timedelta
    after: timedelta
    name: str
    summer: bool

    @property
    def rules(self) -> tuple[str, ...]:
        """The yearly rules this change may follow: the n-th such day of its month, or the last one."""
        day = _DAYS[self.wall.weekday()]
        found = [f"{(self.wall.day - 1) // 7 + 1}{day}"]
        if self.wall.day + 7 > monthrange(self.wall.year, self.wall.month)[1]:
            found.append(f"-1{day}")
        return tuple(found)


def vtimezone(zone: ZoneInfo) -> Timezone:
    """The zone's present rules, one observance for each change of the clocks in a year."""
    found = Timezone()
    found.add("tzid", zone.key)
    years = [_turns(zone, year) for year in range(RULES_SINCE, RULES_SINCE + 28)]
    first = years[0]
    if not first:
        start = datetime(RULES_SINCE, 1, 1)
        offset = start.replace(tzinfo=zone).utcoffset() or timedelta(0)
        name = start.replace(tzinfo=zone).tzname() or zone.key
        found.add_component(_observance(_Turn(start, offset, offset, name, False), None))
    for n, turn in enumerate(first):
        rules = set(turn.rules)
        for year in years[1:]:
            rules &= set(year[n].rules) if len(year) == len(first) else set()
        found.add_component(_observance(turn, min(rules, default=None)))
    return found


def _observance(turn: _Turn, rule: str | None) -> TimezoneStandard | TimezoneDaylight:
    found = TimezoneDaylight() if turn.summer else TimezoneStandard()
    found.add("dtstart", turn.wall)
    found.add("tzoffsetfrom", turn.before)
    found.add("tzoffsetto", turn.after)
    found.add("tzname", turn.name)
    if rule:
        found.add("rrule", {"freq": "yearly", "bymonth": turn.wall.month, "byday": rule})
    return found


@lru_cache(maxsize=128)
def _turns(zone: ZoneInfo, year: int) -> tuple[_Turn, ...]:
    """The changes of the clocks in a year, to the minute."""
    found = []
    day = datetime(year, 1, 1, tzinfo=UTC)
    while day.year == year:
        following = day + timedelta(days=1)
        if day.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset():
            found.append(_turn(zone, day, following))
        day = following
    return tuple(found)


def _turn(zone: ZoneInfo, low: datetime, high: datetime) -> _Turn:
    before = low.astimezone(zone).utcoffset() or timedelta(0)
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        middle = middle.replace(second=0, microsecond=0)
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    here = high.astimezone(zone)
    after = here.utcoffset() or timedelta(0)
    wall = (high + before).replace(tzinfo=None)
    return _Turn(wall, before, after, here.tzname() or zone.key, bool(here.dst()))
