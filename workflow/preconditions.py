"""What is checked before an event is decided: that what it names exists."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from states.declaration.model import Declaration
from states.declaration.tables import Event
from states.declaration.types import Reading, unstorable
from states.errors import AlreadyReceived, FieldError, Invalid, NotFound, UnknownEvent, did_you_mean
from states.forms.form import check_form
from states.forms.inputs import note_errors
from states.language import _
from states.lifecycle.effects import effect_of
from states.requests.request import Request
from workflow.alerts import Alert
from workflow.history.facts import Facts, unknown_request
from workflow.store import statements as q
from workflow.store.transaction import Transaction


@frozen
class Situation:
    """An event on a request at one moment of the lab: what it is checked and judged by. The request is ours to change.

    Of an event that begins a history the request is still empty.
    """

    facts: Facts
    declaration: Declaration  # the lifecycle, in the version that the request obeys
    event: Event
    request: Request
    role: str  # of whoever asks
    alerts: Sequence[Alert]  # all there have been about the request
    around: Any  # the row of `statements.circumstances`

    @property
    def receives_form(self) -> bool:
        """Whether a request begins: by a form, whole."""
        return self.event.creates and self.event.form


def find_event(declaration: Declaration, code: str, *, begins: bool = False) -> Event:
    """The event of that code, one that begins a history or not; UnknownEvent (exit 2) names the nearest."""
    event = declaration.events.get(code)
    if begins and event is not None and not event.creates:
        raise Invalid([FieldError("ref", _("this key is required"))])
    if event is None or event.creates != begins:
        known = [name for name, e in declaration.events.items() if e.creates == begins]
        raise UnknownEvent(
            _("There is no event “{code}”.", code=code) + did_you_mean(code, known), hint="coop lifecycle show"
        )
    return event


def check_storable(**texts: str | None) -> None:
    """Invalid (exit 6) when some text given is one that no database keeps."""
    wrong = [FieldError(name, why) for name, text in texts.items() if text and (why := unstorable(text))]
    if wrong:
        raise Invalid(wrong)


def check_references(here: Situation, given: Mapping[str, Any]) -> None:
    """Meetings, people, tasks, entries and requests that are named must exist (exit 4)."""
    tx, declaration, event, request = here.facts.tx, here.declaration, here.event, here.request
    if here.receives_form:  # which request a form follows is one of its fields, told with the others
        return
    if event.form:
        follows = given.get("follows")
        if follows and (unstorable(str(follows)) or tx.one(q.follows, ref=str(follows)) is None):
            raise unknown_request(str(follows))
        return
    _check_team(here.facts, event, request, given)
    for name, (key, _required) in declaration.keys_of(event).items():
        value = given.get(name)
        if value in (None, ""):
            continue
        if key.type == "meeting":
            request.existing_meeting(str(value))
        if key.type == "staff":
            _check_staff(here.facts, value)
        if key.type == "task":
            known = declaration.tiers[request.tier].tasks if request.tier else {}
            if not isinstance(value, str) or value not in known:
                raise NotFound(
                    _("{ref} has no task “{id}”.", ref=request.ref, id=value) + did_you_mean(str(value), known),
                    hint=f"coop tasks {request.ref}",
                )
        number = str(value).strip()
        if key.type == "entry" and re.fullmatch(r"-?\d{1,18}", number) and not 1 <= int(number) <= request.seq:
            raise NotFound(
                _("{ref} has no entry {seq}.", ref=request.ref, seq=value), hint=f"coop history {request.ref}"
            )


def _check_staff(lab: Facts, value: Any) -> None:
    people = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    for person in people:
        id = str(person).strip()
        if id and id != "none" and id not in lab.active:
            raise NotFound(_("“{id}” is not registered in this lab.", id=id), hint="coop staff list")


def _check_team(lab: Facts, event: Event, request: Request, given: Mapping[str, Any]) -> None:
    """Whoever a moved meeting keeps must still be of the lab."""
    if not effect_of(event).moves_meeting or "staff" in given:
        return
    meeting = request.meeting(given.get("meeting")) or request.next_planned(event.meeting or "")
    for id in meeting.staff if meeting else ():
        if meeting and id not in lab.active:
            raise NotFound(
                _("“{id}” has left the lab: someone else takes {meeting}.", id=id, meeting=meeting.id),
                hint=f"coop meeting move {request.ref}/{meeting.id} --slot … --staff …",
            )


def check_chain(here: Situation, given: Mapping[str, Any]) -> None:
    """Invalid (exit 6) when a request would follow itself."""
    ref = here.request.ref
    if here.event.form and ref and leads_to(here.facts.tx, given.get("follows"), ref):
        raise Invalid([FieldError("follows", _("{ref} would follow itself", ref=ref))])


def received_form(here: Situation, given: Mapping[str, Any], note: str | None, reading: Reading) -> dict[str, Any]:
    """The fields of a form, or Invalid; AlreadyReceived comes first, so that a file can be given again."""
    tx = here.facts.tx
    form, errors = check_form(given, reading, here.facts.now)
    errors += note_errors(note)
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


def leads_to(tx: Transaction, follows: Any, ref: str) -> bool:
    """Whether the chain of requests that begins at `follows` comes to `ref`: following it would close a circle."""
    seen = follows
    while seen and seen != ref:
        row = tx.one(q.follows, ref=str(seen))
        seen = row.follows if row else None
    return bool(seen)
