"""The read side: the documents of contract.md (`show`, `history`, `list`), made from rows and folded requests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from attrs import evolve
from sqlalchemy import Connection, select

from states.calendar.working_days import Closure, WorkingCalendar
from states.deadlines import Deadline, deadlines
from states.declaration.model import KINDS_OF_MEETING, Declaration
from states.declaration.stored import stored
from states.declaration.types import instant, local, moment, offset_time
from states.declaration.vocabulary import DECISION, DELIVERABLE, EFFORT, FOLLOW_UP, SATISFACTION
from states.errors import NotFound
from states.forms.recommendation import recommend
from states.language import _
from states.lifecycle.replay import replay
from states.planning.availability import HORIZON, next_slots
from states.planning.slots import Absence, Booking, PlaceClosure, Surroundings, Swap
from states.references import LAB, is_activity
from states.requests.entry import Entry, struck
from states.requests.request import Request
from workflow.history.entries import from_row
from workflow.history.vault import Texts
from workflow.preconditions import unknown_request
from workflow.store import schema as s
from workflow.views.documents import (
    activity_document,
    counts,
    deadline,
    form_document,
    meeting,
    other_records,
    records,
    tasks,
)
from workflow.views.list import Filters, in_force, listed


class Reader:
    """Reads one moment of a store; made for one connection and one `now`."""

    def __init__(self, connection: Connection, now: str) -> None:
        self.connection, self.now = connection, now
        self._declarations: dict[str, Declaration] = {}
        self._calendars: dict[str, WorkingCalendar] = {}

    # --- The lab ---

    @property
    def declaration(self) -> Declaration:
        """The declaration in force."""
        return self.declaration_of(self._in_force())

    def _in_force(self) -> str:
        return in_force(self.connection)

    def declaration_of(self, digest: str) -> Declaration:
        """A version of the declaration, by digest."""
        found = self._declarations.get(digest)
        if found is None:
            found = self._declarations[digest] = stored(self._document(digest), digest)
        return found

    def document_in_force(self) -> dict[str, Any]:
        """The declaration in force, as the store keeps it."""
        return self._document(self._in_force())

    def _document(self, digest: str) -> dict[str, Any]:
        query = select(s.declarations.c.document).where(s.declarations.c.digest == digest)
        found: dict[str, Any] = json.loads(self.connection.execute(query).scalar_one())
        return found

    def calendar(self, declaration: Declaration) -> WorkingCalendar:
        """The working calendar: the holidays copied in the store, and the closures recorded."""
        found = self._calendars.get(declaration.digest)
        if found is None:
            day, c = date.fromisoformat, s.closures.c
            days = self.connection.execute(select(s.holidays.c.day, s.holidays.c.name))
            closed = self.connection.execute(select(c.place, c.first, c.last, c.recorded_at, c.seq).order_by(c.seq))
            notes = self.texts(LAB)
            found = WorkingCalendar(
                {day(row.day): row.name for row in days},
                tuple(
                    Closure(r.place, day(r.first), day(r.last), r.recorded_at, notes.get(r.seq, "note")) for r in closed
                ),
                declaration.lab.tz,
                declaration.lab.due_hour,
            )
            self._calendars[declaration.digest] = found
        return found

    def swaps(self) -> list[Swap]:
        c = s.swaps.c
        rows = self.connection.execute(select(c.place, c.gained, c.given).order_by(c.seq))
        return [Swap(r.place, date.fromisoformat(r.gained), date.fromisoformat(r.given)) for r in rows]

    def surroundings(self, first: str, last: str) -> Surroundings:
        """What slots between two instants are judged against: closures, swaps, absences, planned meetings."""
        return evolve(self.days_off(first, last), bookings=self.bookings(first, last))

    def days_off(self, first: str, last: str) -> Surroundings:
        """What is closed, swapped, and who is away between two instants; no meeting."""
        declaration = self.declaration
        calendar, zone = self.calendar(declaration), declaration.lab.tz
        a, day = s.absences.c, date.fromisoformat
        away = select(a.staff, a.first, a.last).where(
            a.last >= local(first, zone).date().isoformat(), a.first <= local(last, zone).date().isoformat()
        )
        return Surroundings(
            holidays=calendar.holidays,
            closures=[PlaceClosure(c.place, c.first, c.last, c.note or "") for c in calendar.closures],
            swaps=self.swaps(),
            absences=[Absence(r.staff, day(r.first), day(r.last)) for r in self.connection.execute(away)],
        )

    def bookings(self, first: str, last: str) -> list[Booking]:
        """The meetings planned between two instants."""
        m = s.meetings.c
        earliest = instant(moment(first) - timedelta(days=1))  # a meeting begun the day before may still last
        planned = select(m.stream, m.id, m.at, m.end_at, m.place, m.staff).where(
            m.status == "planned", m.at >= earliest, m.at < last
        )
        return [
            Booking(r.stream, r.id, r.at, r.end_at, r.place, tuple(filter(None, r.staff.split(","))))
            for r in self.connection.execute(planned)
        ]

    def next_slots(
        self, place: str, duration: int, staff: Sequence[str] = (), *, after: str | None = None, count: int = 3
    ) -> list[str]:
        """The next valid slots of a place for some people; `duration` in minutes."""
        start = after or self.now
        around = self.surroundings(start, instant(moment(start) + timedelta(days=HORIZON + 1)))
        return next_slots(
            self.declaration, around, place=place, duration=duration, staff=staff, after=start, count=count
        )

    def sealed_reviews(self) -> set[str]:
        """The semesters whose review is sealed: what the lab's stream says of it."""
        c = s.entries.c
        rows = self.connection.execute(select(c.data).where(c.stream == LAB, c.event == "review_sealed"))
        return {json.loads(row.data)["semester"] for row in rows}

    # --- One request ---

    def entries(self, stream: str, *, known_at: str | None = None) -> list[Entry]:
        """A stream's entries, oldest first; nothing recorded after `known_at`. NotFound when there is none."""
        c = s.entries.c
        query = select(s.entries).where(c.stream == stream).order_by(c.seq)
        if known_at is not None:
            query = query.where(c.recorded_at <= known_at)
        found = [from_row(row) for row in self.connection.execute(query)]
        if not found:
            raise unknown_request(stream) if known_at is None else _not_yet(stream)
        return found

    def texts(self, stream: str) -> Texts:
        c = s.vault.c
        rows = self.connection.execute(select(c.seq, c.field, c.value).where(c.stream == stream))
        return Texts({(row.seq, row.field): json.loads(row.value) for row in rows})

    def request(self, ref: str, *, as_of: str | None = None, known_at: str | None = None) -> Request:
        """The request now; as it was (`as_of`: effective entries occurred by then), or as it was known."""
        if as_of is None and known_at is None:
            table = s.activities.c if is_activity(ref) else s.requests.c
            document = self.connection.execute(select(table.document).where(table.ref == ref)).scalar()
            if document is None:
                raise unknown_request(ref)
            return Request.from_document(json.loads(document))
        entries = self.entries(ref, known_at=known_at)
        if as_of is not None:
            entries = occurred_by(entries, as_of)
            if not entries:
                raise _not_yet(ref)
        return replay(self.declaration_of(entries[-1].declaration).of(ref), entries)

    def deadlines(self, request: Request, now: str | None = None) -> list[Deadline]:
        declaration = self.declaration_of(request.declaration)
        return deadlines(declaration, request, self.calendar(declaration), now or self.now)

    def project(self, ref: str) -> str:
        """The first request of the chain this one belongs to."""
        seen, here = {ref}, ref
        while True:
            before = self.connection.execute(select(s.requests.c.follows).where(s.requests.c.ref == here)).scalar()
            if before is None or before in seen:
                return here
            seen.add(before)
            here = before

    def show(self, request: Request, *, now: str | None = None, texts: Texts | None = None) -> dict[str, Any]:
        """The `show` document of contract.md, of a request or of an activity."""
        declaration = self.declaration_of(request.declaration)
        texts = texts or self.texts(request.ref)
        if is_activity(request.ref):
            return activity_document(declaration, request, texts)
        form = texts.filled(request.form, 1)
        zone = declaration.lab.tz
        advice = recommend(declaration, request.form)
        return {
            "ref": request.ref,
            "title": form["title"],
            **{name: form.get(name) for name in ("kind", "axis", "service", "family", "department", "place")},
            "state": request.state,
            "tier": request.tier,
            "validated": request.validated is not None,
            "validation_basis": request.validated,
            "project": self.project(request.ref),
            "seq": request.seq,
            "submitted_at": offset_time(request.submitted_at, zone),
            "meetings": {kind: counts(declaration, request, kind) for kind in KINDS_OF_MEETING},
            "derogation": request.extra,
            "calendar": [meeting(declaration, m, texts) for m in request.meetings],
            "deadlines": [deadline(declaration, d) for d in self.deadlines(request, now)],
            "deliverables": records(declaration, request, DELIVERABLE, texts),
            "satisfaction": records(declaration, request, SATISFACTION, texts),
            "efforts": records(declaration, request, EFFORT, texts),
            "follow_ups": records(declaration, request, FOLLOW_UP, texts),
            "decisions": records(declaration, request, DECISION, texts),
            "records": other_records(declaration, request, texts),
            "waivers": request.waivers,
            "recommended_tier": advice.tier,
            "recommendation_reason": advice.reason,
            "tasks": tasks(declaration, request),
            "form": form_document(form, declaration),
            "lifecycle": {
                "name": declaration.lab.name,
                "version": declaration.lab.version,
                "digest": declaration.digest,
            },
        }

    def history(self, ref: str, *, as_of: str | None = None, known_at: str | None = None) -> list[dict[str, Any]]:
        """The `history` document of contract.md: every entry, the struck ones marked."""
        entries = self.entries(ref, known_at=known_at)
        if as_of is not None:
            entries = occurred_by(entries, as_of)
        gone, texts = struck(entries), self.texts(ref)
        zone = self.declaration_of(entries[-1].declaration).lab.tz if entries else self.declaration.lab.tz
        return [
            {
                "seq": e.seq,
                "event": e.event,
                "from": e.source,
                "to": e.to,
                "actor": e.actor,
                "role": e.role,
                "entered_by": e.entered_by,
                "on_behalf": e.on_behalf,
                "occurred_at": offset_time(e.occurred_at, zone),
                "recorded_at": offset_time(e.recorded_at, zone),
                "data": texts.filled(e.data, e.seq),
                "note": texts.get(e.seq, "note") if e.note_digest else None,
                "corrected_by": gone.get(e.seq),
                "digest": e.digest,
            }
            for e in entries
        ]

    # --- Many requests ---

    def requests(self, filters: Filters) -> list[dict[str, Any]]:
        """The `list` document of contract.md."""
        return listed(self.connection, self.declaration.lab.tz, self.now, filters)

    def staff(self) -> list[dict[str, Any]]:
        """Everyone registered, with the names the vault holds."""
        c, texts = s.staff.c, self.texts(LAB)
        return [
            {
                "id": r.id,
                "name": texts.get(r.name_seq, "name"),
                "email": texts.get(r.email_seq, "email"),
                "role": r.role,
                "skills": [skill for skill in r.skills.split(",") if skill],
                "hours": r.hours,
                "site": r.site,
                "active": bool(r.active),
            }
            for r in self.connection.execute(select(s.staff).order_by(c.id))
        ]


def _not_yet(ref: str) -> NotFound:
    if is_activity(ref):
        return NotFound(_("There was no activity {ref} yet then.", ref=ref), hint="coop activity list")
    return NotFound(_("There was no request {ref} yet then.", ref=ref), hint="coop list")


def occurred_by(entries: Iterable[Entry], moment: str) -> list[Entry]:
    """The effective entries, as known now, that had occurred by then: what was struck since is left out."""
    entries = list(entries)
    gone = struck(entries)
    return [e for e in entries if e.occurred_at <= moment and e.seq not in gone and "corrects" not in e.data]
