"""The engine: the one place that writes.

`Engine.apply` takes the write lock, reads the request, decides, and stores entry, request, meetings and deadlines in
one transaction. Checks come in the order of contract.md: unknown event (2), unknown things (4), conflicts (5),
malformed inputs (6), then all the rules of the lifecycle at once (3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from attrs import Factory, frozen

from states.canonical import digest, writer
from states.deadlines import Deadline
from states.declaration.model import Declaration
from states.declaration.types import Malformed, Reading, instant, local, moment
from states.errors import Conflict, FieldError, Invalid, Refused, Unchanged
from states.forms.inputs import Given, check_inputs, removed
from states.language import _
from states.lifecycle.attempt import Attempt
from states.lifecycle.decision import Asking, Decision, Option, decide, of_several, options
from states.lifecycle.effects import effect_of
from states.lifecycle.notices import unsaid
from states.lifecycle.repeats import said_by
from states.lifecycle.replay import check_cap, fold
from states.references import ACTIVITIES, REQUESTS, spelled
from states.requests.entry import Entry
from states.requests.request import Request, changes
from workflow import projections as projection
from workflow import rivals
from workflow.alerts import Scribe, alerts_of, others, resolve_gone, settle_deadlines, unsettled
from workflow.clock import Clock, now_of
from workflow.guard_inputs import concerns_others, fetch
from workflow.history.entries import ORIGIN, sealed, to_row
from workflow.history.facts import Facts, Known, unknown_request
from workflow.history.readable import request_of
from workflow.history.registered import stranger
from workflow.history.vault import private_names, put_away, store_private
from workflow.outbox.letters import queue_letters
from workflow.outbox.queue import queue_meetings
from workflow.preconditions import (
    Situation,
    check_chain,
    check_references,
    check_storable,
    find_event,
    received_form,
)
from workflow.store import statements as q
from workflow.store import turns
from workflow.store.database import Store
from workflow.store.transaction import Transaction


@frozen
class Command:
    """An event someone asks for: contract.md's `advance`, a line of `apply`, or a form, whose fields are the inputs."""

    ref: str  # empty for an event that begins a history: a form is received, an activity is planned
    event: str
    actor: str
    inputs: Mapping[str, Any] = Factory(dict)
    note: str | None = None
    at: str | None = None  # when it happened; now by default
    waive: tuple[str, ...] = ()
    on_behalf: bool = False
    key: str | None = None
    expect_seq: int | None = None
    local_times: bool = True  # whether a date and time may be given without their offset

    def content(self, *, form: bool) -> str:
        """What an idempotency key stands for: the command whoever sends it; of a form, its fields and what is said."""
        inputs, waive = dict(self.inputs), sorted(self.waive)
        if form:
            return _content(self.key, inputs, self.note, self.on_behalf)
        return _content(self.key, self.ref, self.event, inputs, self.note, self.at, waive, self.on_behalf)


# Of what was given, before it is checked: it need not have a canonical form.
_as_given = writer(", ", ": ", str, nan=True)


def _content(key: str | None, *said: Any) -> str:
    return digest(f"{key}\n{_as_given(said)}")


class Applied(NamedTuple):
    """What was stored: the entry, and the request after it. `replayed`: the same key had already done it.

    `notices` are sentences on how what was given was understood.

    The next event that the same engine applies to this very request changes it.
    """

    entry: Entry
    request: Request
    replayed: bool = False
    notices: tuple[str, ...] = ()


class Engine:
    """Writes to a store. One for a process; the clock is passed in."""

    def __init__(self, store: Store, clock: Clock, known: Known | None = None) -> None:
        self.store, self.clock = store, clock
        self._known = known or Known()

    # --- Events ---

    def apply(self, command: Command) -> Applied:
        """Applies one event, durably. Raises what contract.md's exit codes name; nothing is then stored."""

        def act() -> Applied:
            with self.store.writing(at_once=False) as tx:
                return self.apply_in(tx, command)

        return self.store.again(act, keyed=lambda: command.key is not None)

    def apply_all(self, commands: Sequence[Command]) -> list[Applied]:
        """Several events as one: all or nothing."""
        return self.store.again(lambda: self._apply_all(commands), keyed=lambda: all(c.key for c in commands))

    def _apply_all(self, commands: Sequence[Command]) -> list[Applied]:
        with self.store.writing() as tx:
            turns.of_lab(tx)
            found = []
            for done, command in enumerate(commands):
                try:
                    found.append(self.apply_in(tx, command))
                except Refused as refused:
                    raise of_several(refused, done, len(commands)) from None
                self._known.requests.clear()  # each answer keeps the request as it was then
            return found

    def apply_in(self, tx: Transaction, command: Command) -> Applied:
        """Applies one event inside a transaction that the caller holds. It writes only once everything is decided."""
        check_storable(ref=command.ref, actor=command.actor, key=command.key, note=command.note)
        here = self._turn(tx, command)
        check_references(here, command.inputs)
        content = command.content(form=here.receives_form) if command.key else ""
        if done := self._replayed(here, command.key, content):
            return done
        attempt = self._checked(here, command)
        decision = self._decided(here, attempt)
        entry = self._entered(here, attempt, decision, on_behalf=command.on_behalf)
        request = self._stored(here, attempt, entry)
        if command.key:
            tx.run(q.insert_key, key=command.key, content=content, stream=entry.stream, seq=entry.seq)
        tx.written.add(request.ref)
        self._known.keep(request)
        notices = removed(command.inputs, here.declaration.specs_of(here.event))
        return Applied(entry, request, notices=(*notices, *unsaid(here.declaration, request, entry)))

    # --- The steps of the path ---

    def _turn(self, tx: Transaction, command: Command) -> Situation:
        """Waits until nobody else can change what the command is about, and only then reads it, and the lab."""
        ask = (q.circumstances, {"ref": command.ref, "actor": command.actor, "key": command.key})
        kept = self._known.requests.pop(command.ref, None)  # while it changes: what fails half-way is read again
        head = kept.head if kept else ""
        row, around = turns.of_event(tx, command.ref, head, partial(self._of_others, tx, command), ask)
        request = kept if row and row.document is None else request_of(row)
        lab = self.facts(tx, around)
        declaration = lab.declaration_of(request.declaration) if request else lab.declaration
        declaration = declaration.of(command.ref, command.event)
        event = find_event(declaration, command.event, begins=not command.ref)
        if event.creates:
            request = Request("", declaration.digest, "", "", {}, head=ORIGIN)
        elif request is None:
            raise unknown_request(command.ref)
        role = self._role(lab, command.actor, around)
        alerts = alerts_of(tx, command.ref) if around.alerted else []
        return Situation(lab, declaration, event, request, role, alerts, around)

    def _checked(self, here: Situation, command: Command) -> Attempt:
        """The event as it is tried, once what was given is well formed, with the facts that its rules read."""
        rivals.check_expected(here, command.expect_seq)
        check_chain(here, command.inputs)
        inputs, occurred_at = self._read(here, command)
        attempt = Attempt(
            declaration=here.declaration,
            request=here.request,
            code=command.event,
            event=here.event,
            inputs=inputs,
            note=command.note,
            waive=frozenset(command.waive),
            actor=command.actor,
            role=here.role,
            occurred_at=occurred_at,
            now=here.facts.now,
        )
        fetch(here.facts, attempt)
        return attempt

    def _decided(self, here: Situation, attempt: Attempt) -> Decision:
        try:
            return decide(attempt)
        except Refused as refused:
            refused.faster = rivals.of_refusal(here.facts, attempt, refused)
            raise

    def _read(self, here: Situation, command: Command) -> tuple[dict[str, Any], str]:
        """The checked inputs and when it happened; Invalid with every wrong key."""
        event, request, now = here.event, here.request, here.facts.now
        reading = Reading(here.declaration, command.local_times)
        if here.receives_form:
            form = received_form(here, command.inputs, command.note, reading)
            return form, form.pop("submitted_at", now)
        inputs, errors = check_inputs(event, Given(command.inputs, command.note, command.waive), request, reading)
        errors = errors or [
            said_by(error, inputs, here.facts.entries_of(request.ref)) if isinstance(error, Unchanged) else error
            for error in effect_of(event).idle(request, event, inputs, command.note)
        ]
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

    def _entered(self, here: Situation, attempt: Attempt, decision: Decision, *, on_behalf: bool) -> Entry:
        """The entry, added to the history; what is private in it goes to the vault. A new history gets its number."""
        tx, request, event = here.facts.tx, here.request, here.event
        if event.creates:
            request.ref = self._following(here, REQUESTS if event.form else ACTIVITIES, attempt.occurred_at)
        seq, private = request.seq + 1, private_names(here.declaration, event, decision.data)
        entry = sealed(
            Entry(
                stream=request.ref,
                seq=seq,
                event=attempt.code,
                source=request.state or None,
                to=decision.to,
                actor=attempt.actor,
                role=attempt.role,
                entered_by=tx.entered_by,
                on_behalf=on_behalf,
                occurred_at=attempt.occurred_at,
                recorded_at=attempt.now,
                data=put_away(tx, request.ref, seq, decision.data, private),
                note_digest=store_private(tx, request.ref, seq, "note", attempt.note) if attempt.note else None,
                declaration=request.declaration,
                previous=request.head,
            )
        )
        tx.run(q.insert_entry, **to_row(entry))
        return entry

    def _stored(self, here: Situation, attempt: Attempt, entry: Entry) -> Request:
        """The request after the entry, and all that follows from it: rows, deadlines, messages, alerts settled."""
        declaration, request, facts = here.declaration, here.request, here.facts
        before, excess = {m.id: m.copy() for m in request.meetings}, request.excess(declaration)
        if "corrects" in entry.data:
            request = facts.replayed([*attempt.facts["entries"], entry])
        else:
            request = fold(declaration, None if here.event.creates else request, entry)
        check_cap(declaration, request, excess)
        waiting = projection.awaiting(declaration, request, facts.calendar(declaration), facts.now)
        changed, raised = changes(before, request.by_id), projection.raised_stages(here.alerts)
        if here.event.creates:
            projection.insert(facts.tx, request, waiting, raised)
        else:
            projection.update(facts.tx, request, waiting, raised, changed)
        queue_meetings(facts, declaration, changed, request, entry)
        queue_letters(facts, declaration, request, entry)
        self._settle(here, request, waiting, moved=bool(changed))
        return request

    def _settle(self, here: Situation, request: Request, waiting: Sequence[Deadline], *, moved: bool) -> None:
        """Settles the alerts whose cause the event has removed. `moved`: whether a meeting is not what it was."""
        tx = here.facts.tx
        if not here.around.settles or not tx.has_labs_turn:  # of one raised since its turn, the sweep takes care
            return
        touched = others(tx, request) if moved else []
        if touched or unsettled(here.alerts):
            scribe = Scribe(tx, here.facts.declaration, here.facts.now)
            settle_deadlines(scribe, here.alerts, request.ref, waiting)
            resolve_gone(scribe, self.facts(tx), [*here.alerts, *touched])

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
            role = self._role(lab, actor, tx.one(q.staff_member, id=actor))
            asking = Asking(declaration, request, actor, role, now)
            return request, options(asking, lambda attempt: fetch(lab, attempt))

    # --- Parts of the path ---

    def _of_others(self, tx: Transaction, command: Command, around: Any) -> bool:
        """Whether an event concerns more than its request: an alert it may settle, or what it is judged by.

        Before anything is known `around` it, by the declarations known.
        """
        known = [self.facts(tx, around).declaration] if around else self._known.declarations.values()
        lives = (declaration.of(command.ref, command.event) for declaration in known)
        return bool(around and around.settles) or any(
            concerns_others(life, command.event, command.inputs) for life in lives
        )

    def facts(self, tx: Transaction, newest: Any = None) -> Facts:
        """What the store says now, in a transaction. `newest`: see `Facts`."""
        return Facts(tx, now_of(self.clock), self._known, newest)

    def in_force(self, tx: Transaction) -> Declaration:
        """The declaration that new requests get."""
        return self.facts(tx).declaration

    def _following(self, here: Situation, series: str, received_at: str) -> str:
        """The next reference of a series, by year of reception: rolled back, its number is not used."""
        year = local(received_at, here.declaration.lab.tz).year
        return spelled(series, year, here.facts.tx.one(q.next_number, series=series, year=year, last=1).last)

    def _role(self, lab: Facts, actor: str, known: Any) -> str:
        """The role of who acts, by what is known of them in the register."""
        if not (known and known.active and known.role in lab.declaration.roles):
            raise stranger(lab.tx, actor)
        return str(known.role)

    def _replayed(self, here: Situation, key: str | None, content: str) -> Applied | None:
        """What the same key did the first time; Conflict if it was for something else."""
        around, facts = here.around, here.facts
        if around.key_seq is None:
            return None
        if around.key_content != content:
            message = _(
                "The key “{key}” was already used for something else: entry {seq} of {ref}.",
                key=key,
                seq=around.key_seq,
                ref=around.key_stream,
            )
            raise Conflict(message, hint=f"coop history {around.key_stream}")
        entries = [entry for entry in facts.entries_of(around.key_stream) if entry.seq <= around.key_seq]
        return Applied(entries[-1], facts.replayed(entries), replayed=True)
