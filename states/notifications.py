"""Which messages an event owes to whom: what changed in the meetings of a request, said to those it concerns.

Meetings are compared before and after the event, so that every event that touches one is covered alike: planning,
moving, assigning, cancelling, suspending, ending, reopening, correcting. Nothing is said of a meeting that is past.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from attrs import Factory, evolve, frozen

from states.declaration.types import instant, local, moment
from states.references import is_activity
from states.requests.entry import Entry
from states.requests.request import CANCELLED, HELD, PLANNED, Change, Meeting, Request

if TYPE_CHECKING:
    from states.calendar.working_days import WorkingCalendar
    from states.declaration.model import Declaration
    from states.declaration.tables import Lab

INVITATION, CHANGE, CANCELLATION, RELEASE, ESCALATION, DIGEST, LETTER = (
    "invitation",
    "change",
    "cancellation",
    "release",  # of someone who is no longer expected at a meeting that stands
    "escalation",
    "digest",
    "letter",
)
ABOUT_MEETINGS = (INVITATION, CHANGE, CANCELLATION, RELEASE)
TAKING_AWAY = (CANCELLATION, RELEASE)  # after which its recipient expects the meeting no more
REQUESTER = "requester"  # the recipient who is not of the staff
NOTICE = timedelta(hours=3)  # what someone needs to know before setting out; less makes a message urgent


@frozen
class Message:
    """A message to send: nothing in it is personal. Names, addresses and texts are read when it leaves."""

    key: str  # the same for the same cause: a message is queued once
    kind: str
    recipient: str  # an id of the staff, or `requester`
    ref: str | None = None
    meeting: str | None = None
    sequence: int = 0  # of the iCalendar event: the number of the entry
    payload: Mapping[str, Any] = Factory(dict)
    urgent: bool = False  # leaves outside working hours too
    not_before: str = ""


def messages(changed: Mapping[str, Change], request: Request, entry: Entry) -> list[Message]:
    """What an entry owes about the meetings of a request that it changed, in their order."""
    owed = []
    for id, (before, after) in changed.items():
        for kind, recipient, told in _told(before, after, entry.recorded_at):
            if recipient == REQUESTER and is_activity(request.ref):
                continue  # nobody asked for it
            key = f"{request.ref}/{entry.seq}/{id}/{recipient}"
            owed.append(Message(key, kind, recipient, request.ref, id, entry.seq, _payload(told)))
    return owed


def _payload(told: Meeting) -> dict[str, Any]:
    """What a message says of a meeting, without its texts: `address` is the entry that gave it."""
    found = {"at": told.at, "duration": told.duration, "place": told.place, "staff": [*told.staff]}
    address = {"address": told.address["seq"]} if isinstance(told.address, dict) else {}
    return found | address | ({"department": told.department} if told.department else {})


def _told(before: Meeting | None, after: Meeting | None, now: str) -> Iterator[tuple[str, str, Meeting]]:
    """What kind of message each person gets about one meeting, and the meeting as it is told."""
    stood, stands = _planned(before), _planned(after)
    if stands and not stood and not (before and before.status == HELD):
        if stands.at > now:
            yield from ((INVITATION, person, stands) for person in _people(stands))
    elif stood and not stands and (after is None or after.status == CANCELLED):
        if stood.at > now:
            yield from ((CANCELLATION, person, stood) for person in _people(stood))
    elif stood and stands and max(stood.at, stands.at) > now:
        people, former = _people(stands), _people(stood)
        if _where(stood) != _where(stands) or set(people) != set(former):
            yield from ((CHANGE, person, stands) for person in people if person in former)
        yield from ((INVITATION, person, stands) for person in people if person not in former)
        # Of the meeting they were to come to, and of who comes now.
        freed = evolve(stood, staff=stands.staff)
        yield from ((RELEASE, person, freed) for person in former if person not in people)


def _where(meeting: Meeting) -> tuple[Any, ...]:
    return *meeting.slot(), meeting.address, meeting.department


def _planned(meeting: Meeting | None) -> Meeting | None:
    return meeting if meeting and meeting.status == PLANNED else None


def _people(meeting: Meeting) -> tuple[str, ...]:
    return (REQUESTER, *meeting.staff)


# --- Letters to the requester ---


def letters(declaration: Declaration, request: Request, entry: Entry) -> list[Message]:
    """The letters that an entry owes: none about what happened long before it was recorded."""
    return [
        _letter(request, code, entry.seq)
        for code, letter in declaration.letters.items()
        if entry.event in letter.after and letter.may_go_to(request.kind) and _recent(entry, letter.within)
    ]


def due_letters(declaration: Declaration, request: Request, kind: str, seq: int, late: timedelta) -> list[Message]:
    """The letters owed once a deadline is due, `seq` being the entry it is counted from; `late`: for how long it is."""
    return [
        _letter(request, code, seq, kind)
        for code, letter in declaration.letters_for(request.kind).items()
        if kind in letter.due and late <= timedelta(days=letter.within)
    ]


def _recent(entry: Entry, days: int) -> bool:
    return moment(entry.recorded_at) - moment(entry.occurred_at) <= timedelta(days=days)


def _letter(request: Request, code: str, seq: int, deadline: str = "") -> Message:
    payload = {"letter": code, **({"deadline": deadline} if deadline else {})}
    key = f"{request.ref}/{seq}/{deadline or code}"
    return Message(key, LETTER, REQUESTER, request.ref, sequence=seq, payload=payload)


# --- When a message may leave ---


def leaves_at(lab: Lab, calendar: WorkingCalendar, now: str) -> str:
    """The first moment from now on within the working hours of the lab."""
    here = local(now, lab.tz)
    if calendar.is_working(here.date()):
        if here.time() < lab.opens:
            return instant(datetime.combine(here.date(), lab.opens, lab.tz))
        if here.time() < lab.closes:
            return now
    following = calendar.add(here.date(), 1)
    return instant(datetime.combine(following, lab.opens, lab.tz))


def pressing(at: str, leaves: str) -> bool:
    """Whether news of a meeting would come too late, if it waited for working hours."""
    return moment(at) - moment(leaves) < NOTICE
