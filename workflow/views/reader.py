"""The read side: the documents of contract.md (`show`, `history`, `list`), made from rows and folded requests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cached_property
from itertools import takewhile
from typing import Any

from attrs import evolve
from sqlalchemy import select

from states.deadlines import Deadline, deadlines
from states.declaration.tables import KINDS_OF_MEETING
from states.declaration.types import instant, moment, offset_time
from states.declaration.vocabulary import DECISION, DELIVERABLE, EFFORT, FOLLOW_UP, SATISFACTION
from states.errors import NotFound
from states.forms.recommendation import NO_TIER, recommend
from states.language import _
from states.planning.availability import HORIZON, next_slots, soonest
from states.planning.meeting import Slot
from states.references import LAB, is_activity
from states.requests.entry import Entry, struck
from states.requests.request import Request
from states.risks.next_steps import Typist
from workflow.history.facts import Facts, Known, unknown_request
from workflow.store import schema as s
from workflow.store import statements as q
from workflow.store.transaction import Looking
from workflow.views.committee import committee_document, committee_entries
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
from workflow.views.list import Filters, listed
from workflow.views.steps import explanations, steps_document

# Under which name `show` gives what is recorded of each kind.
_RECORDS = {
    "deliverables": DELIVERABLE,
    "satisfaction": SATISFACTION,
    "efforts": EFFORT,
    "follow_ups": FOLLOW_UP,
    "decisions": DECISION,
}


class Reader(Facts):
    """The facts of one moment, told as documents; made for one look at a store, one `now`, and whoever reads them."""

    def __init__(self, tx: Looking, now: str, known: Known | None = None, actor: str = "") -> None:
        super().__init__(tx, now, known)
        self.actor = actor
        self.connection = tx.connection

    # --- The lab ---

    @cached_property
    def typist(self) -> Typist:
        """Whoever reads: what they may type themselves, and whom to name for the rest."""
        role = next((person.role for person in self.people if person.id == self.actor), "")
        return Typist(role, self.of_each_role)

    @property
    def soonest(self) -> str:
        """The instant from which slots are proposed."""
        return soonest(self.declaration, self.reference.days_off, self.now)

    def next_slots(
        self, place: str, duration: int, staff: Sequence[str] = (), *, after: str | None = None, count: int = 3
    ) -> list[str]:
        """The next slots to propose at a place for some people: valid, and the notice ahead; `duration` in minutes."""
        start = max(after or self.now, self.soonest)
        around = self.surroundings(start, instant(moment(start) + timedelta(days=HORIZON + 1)))
        return next_slots(self.declaration, around, Slot(start, duration, place, tuple(staff), start), count)

    def sealed_reviews(self) -> set[str]:
        """The semesters whose review is sealed: what the lab's stream says of it."""
        c = s.entries.c
        rows = self.connection.execute(select(c.data).where(c.stream == LAB, c.event == "review_sealed"))
        return {json.loads(row.data)["semester"] for row in rows}

    # --- One request ---

    def entries(self, stream: str, *, known_at: str | None = None) -> list[Entry]:
        """A stream's entries, oldest first; nothing recorded after `known_at`. NotFound when there is none."""
        entries = self._entries_known(stream, known_at)
        if not entries:
            raise unknown_request(stream) if known_at is None else _not_yet(stream)
        return entries

    def _entries_known(self, stream: str, known_at: str | None) -> list[Entry]:
        entries = self.entries_of(stream)
        # What follows an entry that was not known yet was not either, though a clock set back may date it earlier.
        return entries if known_at is None else list(takewhile(lambda e: e.recorded_at <= known_at, entries))

    def request(self, ref: str, *, as_of: str | None = None, known_at: str | None = None) -> Request:
        """The request now; as it was (`as_of`: effective entries occurred by then), or as it was known."""
        if as_of is None and known_at is None:
            request = self.find(ref)
            if request is None:
                raise unknown_request(ref)
            return request
        entries = self.entries(ref, known_at=known_at)
        if as_of is not None:
            entries = occurred_by(entries, as_of)
            if not entries:
                raise _not_yet(ref)
        return self.replayed(entries)

    def deadlines(self, request: Request, now: str | None = None, known_at: str | None = None) -> list[Deadline]:
        """Its deadlines; counted with the closures that were known by `known_at`."""
        declaration = self.declaration_of(request.declaration)
        calendar = self.calendar(declaration)
        if known_at is not None:
            calendar = evolve(calendar, closures=tuple(c for c in calendar.closures if c.recorded_at <= known_at))
        return deadlines(declaration, request, calendar, now or self.now)

    def project(self, ref: str) -> str:
        """The first request of the chain this one belongs to."""
        seen, here = {ref}, ref
        while True:
            row = self.tx.one(q.follows, ref=here)
            if row is None or row.follows is None or row.follows in seen:
                return here
            seen.add(row.follows)
            here = row.follows

    def show(self, request: Request, *, now: str | None = None, known_at: str | None = None) -> dict[str, Any]:
        """The `show` document of contract.md, of a request or of an activity."""
        declaration = self.declaration_of(request.declaration)
        texts = self.texts(request.ref)
        if is_activity(request.ref):
            return activity_document(declaration, request, texts)
        form = texts.filled(request.form, 1)
        zone = declaration.lab.tz
        until = now or self.now
        entries = [entry for entry in self._entries_known(request.ref, known_at) if entry.occurred_at <= until]
        late = self.deadlines(request, now, known_at)
        explained = explanations(self, entries, late, texts)
        advice = recommend(declaration, request.form) if request.accompanied else NO_TIER
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
            "deadlines": [deadline(declaration, d, explained.get(d.key)) for d in late],
            **{name: records(declaration, request, kind, texts) for name, kind in _RECORDS.items()},
            "records": other_records(declaration, request, texts),
            "committees": [committee_document(self, entry, texts) for entry in committee_entries(self, entries)],
            **steps_document(self, entries, texts),
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

    def titles(self) -> dict[tuple[str, int], str]:
        """Every title that the vault holds, of requests and of what they produced, by stream and entry."""
        v = s.vault.c
        rows = self.connection.execute(select(v.stream, v.seq, v.value).where(v.field == "title"))
        return {(row.stream, row.seq): json.loads(row.value) for row in rows}

    def requests(self, filters: Filters) -> list[dict[str, Any]]:
        """The `list` document of contract.md."""
        return listed(self.connection, self.declaration.lab.tz, self.now, filters)

    def staff(self) -> list[dict[str, Any]]:
        """Everyone registered, with the names the vault holds."""
        texts = self.texts(LAB)
        return [
            {
                "id": row.id,
                "name": texts.get(row.name_seq, "name"),
                "email": texts.get(row.email_seq, "email"),
                "role": row.role,
                "skills": [skill for skill in row.skills.split(",") if skill],
                "hours": row.hours,
                "site": row.site,
                "active": bool(row.active),
            }
            for row in self.tx.all(q.people)
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
