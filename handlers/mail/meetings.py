"""What people are told of one meeting: invited, moved, no longer expected, cancelled; and its calendar file.

A message says what has changed since the last one that its reader was sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from email.message import EmailMessage
from typing import Any

from attrs import frozen

from handlers.calendars.export import CANCEL, REQUEST, Party, invitation, location, meeting_name
from handlers.mail.letter import Letter, SenderProfile
from handlers.plain_text import one_line
from states.deadlines import OPEN
from states.declaration.model import Declaration
from states.declaration.types import local
from states.language import _, _n, duration, enumeration, long_date, long_time, numeric_date
from states.notifications import CANCELLATION, CHANGE, INVITATION, RELEASE, REQUESTER, TAKING_AWAY
from states.requests.request import CANCELLED, PLANNED, Meeting, Request
from workflow.outbox.queue import Queued, announced
from workflow.views.calendar_feed import Occurrence, lab_mark
from workflow.views.reader import Reader


@frozen
class News:
    """What one person is told of a meeting. `before`: what they were told last, if they were."""

    kind: str
    recipient: str
    occurrence: Occurrence
    names: Mapping[str, str]  # of the staff, by id
    before: Mapping[str, Any] | None
    payload: Mapping[str, Any]  # what they are told now
    goes_on: bool  # whether something of the request is still to come
    next_by: str | None  # by when, if a day to come says so

    @property
    def meeting(self) -> Meeting:
        return self.occurrence.meeting

    def people(self, ids: Sequence[str]) -> str:
        """People of the staff, by name."""
        return enumeration([self.names.get(id, id) for id in ids])


def news_of(reader: Reader, queued: Queued) -> News:
    """What a queued message is about, with what the vault still holds."""
    request = reader.request(queued.ref or "")
    texts = reader.texts(request.ref)
    meeting = request.meeting(queued.meeting)
    address = meeting.address if meeting and isinstance(meeting.address, dict) else {}
    id = queued.meeting or ""
    stands = Meeting(
        id,
        id.partition("-")[0],
        CANCELLED if queued.kind == CANCELLATION else PLANNED,
        **{name: queued.payload[name] for name in ("at", "duration", "place")},
        staff=queued.payload.get("staff", meeting.staff if meeting else []),
        planned_at=queued.created_at,
        department=meeting.department if meeting else None,
    )
    occurrence = Occurrence(
        lab_mark(reader),
        request.ref,
        stands,
        queued.sequence,
        queued.created_at,
        texts.get(request.form["title"]["seq"], "title"),
        texts.get(address.get("seq", 0), "address"),
    )
    last = announced(reader.tx, queued)
    names = {p["id"]: one_line(p["name"] or p["id"]) for p in reader.staff()}
    told = last.payload if last else None
    return News(queued.kind, queued.recipient, occurrence, names, told, queued.payload, *_next(reader, request))


def _next(reader: Reader, request: Request) -> tuple[bool, str | None]:
    """Whether a request goes on, and by when what its state waits for is to come."""
    state = reader.declaration_of(request.declaration).states.get(request.state)
    if state is None or state.final or state.pauses:
        return False, None
    awaited = (d.due_at for d in reader.deadlines(request) if d.kind == request.state and d.status == OPEN)
    return True, next((due for due in awaited if due > reader.now), None)


def meeting_letter(reader: Reader, news: News) -> Letter:
    """What is said of the meeting, and where it then stands."""
    declaration = reader.declaration
    at = local(news.meeting.begins_at, declaration.lab.tz)
    what = meeting_name(news.meeting.kind)
    subject = {
        INVITATION: _("Invitation: {what} on {day} – {project}"),
        CHANGE: _("Changed: {what} on {day} – {project}"),
        CANCELLATION: _("Cancelled: {what} on {day} – {project}"),
        RELEASE: _("You are no longer expected: {what} on {day} – {project}"),
    }[news.kind]
    file = (
        _("The attached file takes it out of your calendar.")
        if news.kind in TAKING_AWAY
        else _("The attached file puts it in your calendar.")
    )
    return Letter(
        subject.format(what=what, day=numeric_date(at.date()), project=_project(news)),
        what,
        list(_lead(declaration, news)),
        declaration.lab.text,
        list(_facts(declaration, news)),
        closing=[file, _("To say anything about it, answer this message.")],
        tone="off" if news.kind == CANCELLATION else "",
    )


def _project(news: News) -> str:
    ref, title = news.occurrence.ref, news.occurrence.title
    return f"{one_line(title)} ({ref})" if title else ref


def _facts(declaration: Declaration, news: News) -> Iterator[tuple[str, str]]:
    meeting, occurrence = news.meeting, news.occurrence
    if occurrence.title:
        yield _("Project"), one_line(occurrence.title)
    yield _("When"), long_time(local(meeting.begins_at, declaration.lab.tz))
    yield _("Length"), duration(meeting.duration)
    where, declared = (
        one_line(location(declaration, meeting, occurrence.address)),
        declaration.places.get(meeting.place),
    )
    if declared and declared.anywhere and not occurrence.address:
        where = _("{place}: the address is not known yet", place=where)
    yield _("Where"), where
    if meeting.staff:
        yield _("For the lab"), news.people(meeting.staff)
    yield _("Reference"), f"{occurrence.ref}/{meeting.id}"


# --- What has changed, for its reader ---


def _lead(declaration: Declaration, news: News) -> Iterator[str]:
    if news.kind == INVITATION:
        yield _("You are invited to this meeting.")
    elif news.kind == CANCELLATION:
        yield " ".join(_called_off(declaration, news))
    elif news.kind == RELEASE:
        yield " ".join(_released(news))
    else:
        differences = [*_moved(declaration, news), *_found_at(news), *_others(news)] or [_("This meeting has changed.")]
        yield " ".join([*differences, _("Here is what holds now.")])


def _called_off(declaration: Declaration, news: News) -> Iterator[str]:
    """It does not take place; who asked for it is told what follows, where a letter of its own does not."""
    yield _("This meeting is cancelled.")
    if news.recipient == REQUESTER and news.goes_on:
        if news.next_by:
            day = long_date(local(news.next_by, declaration.lab.tz).date())
            yield _("We come back to you on what follows by {day}.", day=day)
        else:
            yield _("We come back to you soon on what follows.")


def _released(news: News) -> Iterator[str]:
    """They need not come: who comes instead."""
    came = _missing(news.meeting.staff, (news.before or {}).get("staff"))
    yield _("You are no longer expected at this meeting, which stands.")
    if came:
        yield _n("{people} replaces you.", "{people} replace you.", len(came), people=news.people(came))


def _moved(declaration: Declaration, news: News) -> Iterator[str]:
    before, meeting = news.before or {}, news.meeting
    if before.get("at", meeting.at) != meeting.at:
        yield _("This meeting is moved: it was to be on {at}.", at=long_time(local(before["at"], declaration.lab.tz)))
    if before.get("place", meeting.place) != meeting.place:
        yield _(
            "It takes place elsewhere: it was to be in {place}.", place=declaration.label("places", before["place"])
        )
    if before.get("duration", meeting.duration) != meeting.duration:
        yield _(
            "It will last {length} instead of {former}.",
            length=duration(meeting.duration),
            former=duration(before["duration"]),
        )


def _found_at(news: News) -> Iterator[str]:
    """The address, once it is known or is another."""
    before, address = news.before or {}, news.occurrence.address
    if "staff" in before and address and before.get("address") != news.payload.get("address"):
        yield _("The address: {address}.", address=one_line(address))


def _others(news: News) -> Iterator[str]:
    """Who comes for the lab that did not, who no longer does."""
    former, staff = (news.before or {}).get("staff"), news.meeting.staff
    came, gone = _missing(staff, former), _missing(former or (), staff)
    if came and gone:
        people, others = news.people(came), news.people(gone)
        yield _n("{people} replaces {others}.", "{people} replace {others}.", len(came), people=people, others=others)
    elif came:
        yield _n(
            "{people} will be there for the lab.",
            "{people} will be there for the lab.",
            len(came),
            people=news.people(came),
        )
    elif gone:
        yield _n(
            "{people} will no longer be there.",
            "{people} will no longer be there.",
            len(gone),
            people=news.people(gone),
        )


def _missing(some: Sequence[str], others: Sequence[str] | None) -> list[str]:
    """Those of some who are not among the others; nobody where the others are not known."""
    return [] if others is None else [id for id in some if id not in others]


# --- Its calendar file ---


def attach_calendar(message: EmailMessage, reader: Reader, news: News, attendee: Party, profile: SenderProfile) -> None:
    """Adds the event, to accept or to take away."""
    declaration = reader.declaration
    method = CANCEL if news.kind in TAKING_AWAY else REQUEST
    organizer = Party(profile.reply_to or profile.sender, profile.name or declaration.lab.name)
    guest = news.recipient == REQUESTER
    file = invitation(declaration, news.occurrence, method, organizer, attendee, news.names, guest=guest)
    message.add_alternative(file.decode("utf-8"), subtype="calendar", params={"method": method}, cte="base64")
    name = {CANCELLATION: "annulation.ics", RELEASE: "retrait.ics"}.get(news.kind, "invitation.ics")
    message.add_attachment(file, maintype="application", subtype="ics", filename=name)
