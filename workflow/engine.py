"""The engine: the one place that writes.

`Engine.apply` takes the write lock, reads the request, decides, and stores entry, request, meetings and deadlines in
one transaction. Checks come in the order of contract.md: unknown event (2), unknown things (4), conflicts (5),
malformed inputs (6), then all the rules of the lifecycle at once (3).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import Factory, frozen

from states.canonical import digest
from states.declaration.model import Declaration, Event
from states.declaration.types import Malformed, Reading, instant, local, moment
from states.errors import AlreadyReceived, Conflict, FieldError, Invalid, Refused, unregistered
from states.forms.form import check_form
from states.forms.inputs import check_inputs, note_errors, removed, specs_of
from states.language import _
from states.lifecycle.attempt import Attempt
from states.lifecycle.decision import Asking, Option, decide, facts_read, of_several, options
from states.lifecycle.effects import effect_of
from states.lifecycle.replay import check_cap, fold, replay
from states.notifications import known
from states.references import ACTIVITIES, REQUESTS, spelled
from states.requests.entry import Entry
from states.requests.request import Request
from workflow import projections as projection
from workflow.alerts import Scribe, alerts_of, crossing, others, resolve_gone, settle_deadlines
from workflow.clock import Clock, now_of
from workflow.guard_inputs import Asked, concerns_others, fetch
from workflow.history.entries import ORIGIN, sealed, to_row
from workflow.history.facts import Facts, Known, unknown_request
from workflow.history.vault import private_names, put_away, store_private
from workflow.outbox.queue import queue_meetings
from workflow.preconditions import (
    check_chain,
    check_expected,
    check_references,
    check_role,
    check_storable,
    find_event,
)
from workflow.store import statements as q
from workflow.store.database import Store, Transaction


@frozen
class Command:
    """An event someone asks for: contract.md's `advance`, or a line of `apply`."""

    ref: str  # empty for an event that begins an activity
    event: str
    actor: str
    inputs: Mapping[str, Any] = Factory(dict)
    note: str | None = None
    at: str | None = None  # when it happened; now by default
    waive: tuple[str, ...] = ()
    on_behalf: bool = False
    key: str | None = None
    expect_seq: int | None = None

    @property
    def content(self) -> str:
        """What an idempotency key stands for: the command whoever sends it."""
        return _content(
            self.key, self.ref, self.event, dict(self.inputs), self.note, self.at, sorted(self.waive), self.on_behalf
        )


@frozen
class Submission:
    """A form as given, not yet checked."""

    form: Mapping[str, Any]
    actor: str
    note: str | None = None
    on_behalf: bool = False
    key: str | None = None
    local_times: bool = False

    @property
    def content(self) -> str:
        return _content(self.key, dict(self.form), self.note, self.on_behalf)


def _content(key: str | None, *said: Any) -> str:
    # Of what was given, before it is checked: it need not have a canonical form.
    return digest(f"{key}\n{json.dumps(said, sort_keys=True, default=str, ensure_ascii=False)}")


@frozen
class Applied:
    """What was stored: the entry, and the request after it. `replayed`: the same key had already done it.

    `notices` are sentences on how what was given was understood.

    The next event of the same transaction goes on from this very request, and changes it.
    """

    entry: Entry
    request: Request
    replayed: bool = False
    notices: tuple[str, ...] = ()


class Engine:
    """Writes to a store. One for a process; the clock is passed in."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store, self.clock = store, clock
        self._known = Known()

    # --- Events ---

    def apply(self, command: Command) -> Applied:
        """Applies one event, durably. Raises what contract.md's exit codes name; nothing is then stored."""
        with self.store.writing() as tx:
            return self.apply_in(tx, command)

    def apply_all(self, commands: Sequence[Command]) -> list[Applied]:
        """Several events as one: all or nothing."""
        with self.store.writing() as tx:
            tx.queue()  # before any request is locked: two that cross would else lock each other out
            found = []
            for done, command in enumerate(commands):
                try:
                    found.append(self.apply_in(tx, command))
                except Refused as refused:
                    raise of_several(refused, done, len(commands)) from None
                tx.written.clear()  # each answer keeps the request as it was then
            return found

    def apply_in(self, tx: Transaction, command: Command) -> Applied:
        """Applies one event inside a transaction that the caller holds. It writes only once everything is decided."""
        now = now_of(self.clock)
        check_storable(ref=command.ref, actor=command.actor, key=command.key, note=command.note)
        alerts = alerts_of(tx, command.ref)
        warned = any(alert.status != "resolved" for alert in alerts)
        if not tx.exclusive and (warned or crossing(tx) or self._of_others(tx, command)):
            tx.queue()
        # Taken away while it changes: what fails half-way is read again.
        request = tx.written.pop(command.ref, None) or self.facts(tx).find(command.ref, lock=True)
        lab = self.facts(tx)  # read once the request is ours: whoever held it may have changed the calendar
        declaration = (lab.declaration_of(request.declaration) if request else lab.declaration).of(command.ref)
        event = find_event(declaration, command.event, begins=not command.ref)
        if event.creates:
            request = Request("", declaration.digest, "", "", {}, head=ORIGIN)
        elif request is None:
            raise unknown_request(command.ref)
        role = self._role(tx, command.actor, lab)
        check_references(tx, declaration, event, request, command.inputs)
        content = command.content if command.key else ""
        if done := self._replayed(tx, command.key, content):
            return done
        check_expected(command.expect_seq, request)
        check_chain(tx, event, request, command.inputs)
        inputs, occurred_at = self._read(declaration, event, request, command, now)
        asked = Asked(lab, declaration, request, inputs, occurred_at)
        attempt = Attempt(
            declaration=declaration,
            request=request,
            code=command.event,
            event=event,
            inputs=inputs,
            note=command.note,
            waive=frozenset(command.waive),
            actor=command.actor,
            role=role,
            occurred_at=occurred_at,
            now=now,
            facts=fetch(facts_read(event), asked),
        )
        decision = decide(attempt)
        if event.creates:
            request.ref = self._following(tx, declaration, ACTIVITIES, occurred_at)
        entry = self._write_entry(tx, declaration, attempt, decision.to, decision.data, command.on_behalf)
        before, told, seq = projection.meeting_rows(request), known(request), request.seq
        excess = request.excess(declaration)
        if "corrects" in entry.data:
            request = replay(declaration, [*attempt.facts["entries"], entry])
        else:
            request = fold(declaration, request if seq else None, entry)
        check_cap(declaration, request, excess)
        waiting = projection.awaiting(declaration, request, lab.calendar(declaration), now)
        if not projection.update(tx, request, waiting, before, seq, projection.raised_stages(alerts)):
            raise Conflict(_("Someone else changed {ref} at the same time.", ref=command.ref))
        queue_meetings(tx, declaration, lab.calendar(declaration), told, request, entry)
        touched = others(tx, request) if tx.exclusive and told != known(request) else []
        if warned or touched:
            scribe = Scribe(tx, lab.declaration, now)
            settle_deadlines(scribe, alerts, request.ref, waiting)
            resolve_gone(scribe, self.facts(tx), [*alerts, *touched])
        if command.key:
            tx.run(q.insert_key, key=command.key, content=content, stream=entry.stream, seq=entry.seq)
        tx.written[request.ref] = request
        return Applied(entry, request, notices=removed(command.inputs, specs_of(declaration, event)))

    def _write_entry(
        self,
        tx: Transaction,
        declaration: Declaration,
        attempt: Attempt,
        to: str,
        data: Mapping[str, Any],
        behalf: bool,
    ) -> Entry:
        request, seq = attempt.request, attempt.request.seq + 1
        kept = put_away(tx, request.ref, seq, data, private_names(declaration, attempt.event, data))
        note = store_private(tx, request.ref, seq, "note", attempt.note) if attempt.note else None
        entry = sealed(
            Entry(
                stream=request.ref,
                seq=seq,
                event=attempt.code,
                source=request.state or None,
                to=to,
                actor=attempt.actor,
                role=attempt.role,
                entered_by=tx.entered_by,
                on_behalf=behalf,
                occurred_at=attempt.occurred_at,
                recorded_at=attempt.now,
                data=kept,
                note_digest=note,
                declaration=request.declaration,
                previous=request.head,
            )
        )
        tx.run(q.insert_entry, **to_row(entry))
        return entry

    # --- Forms ---

    def submit(self, submission: Submission) -> Applied:
        """Receives one form: Invalid with every wrong field, AlreadyReceived for an `external_id` known already."""
        with self.store.writing() as tx:
            return self.submit_in(tx, submission)

    def submit_in(self, tx: Transaction, submission: Submission) -> Applied:
        """Receives one form inside a transaction that the caller holds."""
        check_storable(actor=submission.actor, key=submission.key, note=submission.note)
        tx.queue()
        now, lab = now_of(self.clock), self.facts(tx)
        declaration = lab.declaration
        role = self._role(tx, submission.actor, lab)
        content = submission.content if submission.key else ""
        if done := self._replayed(tx, submission.key, content):
            return done
        form = self.checked_form(tx, declaration, submission, now)
        occurred_at = form.pop("submitted_at", now)
        code = declaration.creation
        check_role(declaration, declaration.events[code], role)
        ref = self._following(tx, declaration, REQUESTS, occurred_at)
        private = [name for name in form if declaration.form[name].private]
        entry = sealed(
            Entry(
                stream=ref,
                seq=1,
                event=code,
                source=None,
                to=declaration.initial,
                actor=submission.actor,
                role=role,
                entered_by=tx.entered_by,
                on_behalf=submission.on_behalf,
                occurred_at=occurred_at,
                recorded_at=now,
                data=put_away(tx, ref, 1, form, private),
                note_digest=store_private(tx, ref, 1, "note", submission.note) if submission.note else None,
                declaration=declaration.digest,
                previous=ORIGIN,
            )
        )
        tx.run(q.insert_entry, **to_row(entry))
        request = fold(declaration, None, entry)
        waiting = projection.awaiting(declaration, request, lab.calendar(declaration), now)
        projection.insert(tx, request, waiting, {})
        if submission.key:
            tx.run(q.insert_key, key=submission.key, content=content, stream=ref, seq=1)
        tx.written[ref] = request
        return Applied(entry, request, notices=removed(submission.form, declaration.form))

    def checked_form(
        self, tx: Transaction, declaration: Declaration, submission: Submission, now: str
    ) -> dict[str, Any]:
        """The fields of a form, or Invalid; AlreadyReceived comes first, so that a file can be given again."""
        reading = Reading(declaration, local_times=submission.local_times)
        form, errors = check_form(submission.form, reading, now)
        errors += note_errors(submission.note)
        external_id = form.get("external_id")
        known = tx.one(q.request_by_external_id, external_id=external_id) if external_id else None
        if known:
            message = _("The form {id} was received before, as {ref}.", id=external_id, ref=known.ref)
            raise AlreadyReceived(message, ref=known.ref, form=form, wrong=[error.field for error in errors])
        if form.get("follows") and tx.one(q.follows, ref=form["follows"]) is None:
            errors.append(FieldError("follows", _("there is no request {ref}", ref=form["follows"])))
        if errors:
            raise Invalid(errors, _("The form cannot be received."))
        return form

    # --- Looking ---

    def options(self, ref: str, actor: str) -> tuple[Request, list[Option]]:
        """What can be done now with a request, and why not the rest: the very path `apply` takes."""
        now = now_of(self.clock)
        with self.store.looking() as tx:
            lab = self.facts(tx)
            request = lab.find(ref)
            if request is None:
                raise unknown_request(ref)
            declaration = lab.declaration_of(request.declaration).of(ref)
            asked = Asked(lab, declaration, request, {}, now)
            asking = Asking(declaration, request, actor, self._role(tx, actor, lab), now)
            return request, options(asking, lambda event: fetch(facts_read(event), asked))

    # --- Parts of the path ---

    def _of_others(self, tx: Transaction, command: Command) -> bool:
        return concerns_others(self.facts(tx).declaration.of(command.ref), command.event, command.inputs)

    def facts(self, tx: Transaction) -> Facts:
        """What the store says now, in a transaction."""
        return Facts(tx, now_of(self.clock), self._known)

    def in_force(self, tx: Transaction) -> Declaration:
        """The declaration that new requests get."""
        return self.facts(tx).declaration

    def _following(self, tx: Transaction, declaration: Declaration, series: str, received_at: str) -> str:
        """The next reference of a series, by year of reception: rolled back, its number is not used."""
        year = local(received_at, declaration.lab.tz).year
        return spelled(series, year, tx.one(q.next_number, series=series, year=year, last=1).last)

    def _role(self, tx: Transaction, actor: str, lab: Facts) -> str:
        row = tx.one(q.staff_member, id=actor)
        if row is None or not row.active or row.role not in lab.declaration.roles:
            raise unregistered(actor)
        return str(row.role)

    def _replayed(self, tx: Transaction, key: str | None, content: str) -> Applied | None:
        """What the same key did the first time; Conflict if it was for something else."""
        row = tx.one(q.key, key=key) if key else None
        if row is None:
            return None
        if row.content != content:
            raise Conflict(_("The key “{key}” was already used for something else.", key=key))
        facts = self.facts(tx)
        entries = [entry for entry in facts.entries_of(row.stream) if entry.seq <= row.seq]
        declaration = facts.declaration_of(entries[-1].declaration).of(row.stream)
        return Applied(entries[-1], replay(declaration, entries), replayed=True)

    def _read(
        self, declaration: Declaration, event: Event, request: Request, command: Command, now: str
    ) -> tuple[dict[str, Any], str]:
        """The checked inputs and when it happened; Invalid with every wrong key."""
        inputs, errors = check_inputs(event, command.inputs, command.note, command.waive, request, Reading(declaration))
        errors = errors or list(effect_of(event).idle(request, event, inputs, command.note))
        occurred_at = effect_of(event).happened(request, event, inputs, now)
        if command.at is not None:
            if event.dated:
                try:
                    occurred_at = instant(moment(command.at))
                except (ValueError, Malformed):
                    errors.append(FieldError("at", _("expected a date and time, got “{given}”", given=command.at)))
            else:
                errors.append(FieldError("at", _("this event takes no --at: it is dated by its entry")))
        if errors:
            raise Invalid(errors, _("“{event}” was not given as it expects.", event=event.text))
        return inputs, occurred_at
