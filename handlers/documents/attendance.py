"""The attendance sheet of a meeting: lines to write names on, two counts, and what becomes of it. It names nobody."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from handlers.calendars.export import location, meeting_name
from handlers.documents.sheet import Blanks, Sheet
from states.deadlines import OPEN
from states.declaration.types import local
from states.errors import FieldError, Invalid
from states.language import _, clock_time, duration, long_date
from states.references import is_activity
from states.requests.request import CANCELLED, Meeting, Request
from workflow.views.reader import Reader

USUAL, FEWEST, MOST = 20, 16, 120  # lines where nobody said how many come, and whatever they said
SPARE = 1.1  # more lines than people expected


def attendance(reader: Reader, ref: str, id: str) -> Sheet:
    """The attendance sheet of a meeting of a request. NotFound for what is not there, Invalid where nobody attends."""
    request = reader.request(ref)
    if is_activity(ref):
        raise Invalid([FieldError("ref", _("an activity keeps numbers, never names: it has no attendance sheet"))])
    meeting = request.existing_meeting(id)
    if meeting.status == CANCELLED:
        raise Invalid([FieldError("meeting", _("{meeting} is cancelled: nobody attends it", meeting=id))])
    declaration, texts = reader.declaration_of(request.declaration), reader.texts(ref)
    at = local(meeting.begins_at, declaration.lab.tz)
    end = at + timedelta(minutes=meeting.duration)
    hours = _(
        "{start} to {end} ({length})", start=clock_time(at), end=clock_time(end), length=duration(meeting.duration)
    )
    return Sheet(
        _("Attendance sheet"),
        texts.get(request.form["title"]["seq"], "title") or ref,
        declaration.lab.text,
        [
            (_("Meeting"), f"{meeting_name(meeting.kind)} · {ref}/{id}"),
            (_("Date"), long_date(at.date())),
            (_("Hours"), hours),
            (_("Place"), location(declaration, meeting, texts.address(meeting))),
        ],
        blanks=Blanks(_("First and last name"), _("No"), _lines(request, meeting)),
        counts=[_("Present:"), _("Of whom managers:")],
        notes=list(_kept(reader, request, meeting)),
    )


def _lines(request: Request, meeting: Meeting) -> int:
    expected = meeting.expected or request.form.get("participants") or USUAL
    return 2 * ceil(min(max(expected * SPARE, FEWEST), MOST) / 2)


def _kept(reader: Reader, request: Request, meeting: Meeting) -> list[str]:
    """What is kept of the sheet, and for how long."""
    zone = reader.declaration.lab.tz
    due = next((d.due_at for d in reader.deadlines(request) if d.meeting == meeting.id and d.status == OPEN), None)
    until = (
        _(
            "The sheet is destroyed once the meeting is recorded, by {day} at the latest.",
            day=long_date(local(due, zone).date()),
        )
        if due
        else _("The sheet is destroyed once the meeting is recorded.")
    )
    return [
        _("The lab keeps two numbers of this sheet, those present and those who are managers; it records no name."),
        until,
        _("A service that has to keep it, for mission orders for instance, answers for it."),
    ]
