"""What an event was given, checked against what it takes: every missing, unknown or malformed key at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from states.declaration.marks import invisible
from states.declaration.tables import ACTIVITY
from states.declaration.types import PROSE, Malformed, Reading, read, shown
from states.errors import FieldError, did_you_mean
from states.forms.form import check_changes, flattened
from states.language import _

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from states.declaration.tables import Event, Field, Key
    from states.requests.request import Request


LONGEST = 10_000  # characters of a note, as of the longest answer of a form
PLACEHOLDER = "…"  # in a command that is printed: what is to be written there
_TYPED_LIKE_IT = (PLACEHOLDER, "...")


class Given(NamedTuple):
    """What was given of an event: its keys or fields, its note, the rules to waive."""

    inputs: Mapping[str, Any]
    note: str | None
    waive: tuple[str, ...]


def check_inputs(
    event: Event, given: Given, request: Request, reading: Reading
) -> tuple[dict[str, Any], list[FieldError]]:
    """The checked values by name, and what is wrong with them."""
    inputs, note, waive = given
    if event.form:
        found, errors = check_changes(inputs, request.form, reading)
    else:
        found, errors = _keys(event, inputs, reading)
        errors += [*_together(found), *_alone(event, found, reading), *_indoors(found, request, reading)]
    if (event.note == "required" or waive) and not (note and note.strip()):
        errors.append(FieldError("note", _("a note is required here: say why, with --note")))
    errors += note_errors(note)
    errors += [
        FieldError(name, _("“…” stands for what is to be written here"))
        for name, value in (*inputs.items(), ("note", note))
        if isinstance(value, str) and value.strip() in _TYPED_LIKE_IT
    ]
    errors += _unknown_rules(waive, reading)
    return found, errors


def removed(given: Mapping[str, Any], specs: Mapping[str, Field | Key]) -> tuple[str, ...]:
    """The characters nobody can see that reading left out of what a machine will use, a sentence for each."""
    return tuple(
        _("{field}: an invisible character was removed ({character}).", field=specs[name].text, character=character)
        for name, value in flattened(given).items()
        if name in specs and specs[name].type not in PROSE and isinstance(value, str)
        for character in invisible(value)
    )


def _unknown_rules(waive: tuple[str, ...], reading: Reading) -> list[FieldError]:
    """The rules to waive that no event of the declaration knows."""
    if not waive:
        return []
    known = dict.fromkeys(rule for event in reading.declaration.events.values() for rule in event.waives)
    expected = _("expected one of {codes}", codes=", ".join(known))
    return [
        FieldError(
            "waive", _("{expected}; got {given}.", expected=expected, given=shown(rule)) + did_you_mean(rule, known)
        )
        for rule in waive
        if rule not in known
    ]


def note_errors(note: str | None) -> list[FieldError]:
    """What is wrong with the text of a note: it must be text that can be stored and read again, by people too."""
    if note is not None and len(note) > LONGEST:
        return [FieldError("note", _("{n} characters, at most {max} fit", n=len(note), max=LONGEST))]
    if note is None or (note.isascii() and "\x00" not in note):
        return []
    try:
        note.encode("utf-8")
    except UnicodeEncodeError:
        return [FieldError("note", _("this is not valid Unicode text"))]
    return [FieldError("note", _("a NUL character cannot be stored"))] if "\x00" in note else []


def _keys(event: Event, given: Mapping[str, Any], reading: Reading) -> tuple[dict[str, Any], list[FieldError]]:
    known = reading.declaration.keys_of(event)
    found: dict[str, Any] = {}
    errors = []
    for name, value in given.items():
        if name not in known:
            takes = ", ".join(known) or _("nothing")
            errors.append(
                FieldError(name, _("unknown key; this event takes: {keys}.", keys=takes) + did_you_mean(name, known))
            )
            continue
        key, _required = known[name]
        empty = value is None or (isinstance(value, str) and not value.strip() and key.type not in ("text", "line"))
        if empty:
            continue
        try:
            found[name] = read(value, key, reading)
        except Malformed as problem:
            errors.append(FieldError(name, str(problem)))
    wrong = {error.field for error in errors}
    for name, (key, required) in known.items():
        if name in found or name in wrong:
            continue
        if required:
            errors.append(FieldError(name, _("this key is required: {label}", label=key.text)))
        elif key.default is not None:
            found[name] = read(key.default, key, reading)
    return found, errors


def _together(found: Mapping[str, Any]) -> list[FieldError]:
    """What keys say of one another."""
    errors = []
    if found.get("managers") is not None and found["managers"] > found.get("attended", found["managers"]):
        errors.append(
            FieldError("managers", _("at most as many managers as people attending, {n}", n=found["attended"]))
        )
    return errors


def _alone(event: Event, found: Mapping[str, Any], reading: Reading) -> Iterator[FieldError]:
    """The keys that say nothing without another's yes."""
    for name, (key, _required) in reading.declaration.keys_of(event).items():
        if name in found and key.only_with is not None:
            first = reading.declaration.keys[key.only_with]
            if not found.get(first.name or key.only_with):
                said = _("goes only with --{key}: {label}", key=first.name or key.only_with, label=first.text)
                yield FieldError(name, said)


def _indoors(found: Mapping[str, Any], request: Request, reading: Reading) -> Iterator[FieldError]:
    """A department given of a meeting that is not outside the lab's places: each of those has its own."""
    meeting = request.meeting(found.get("meeting", f"{ACTIVITY}-1"))
    code = found.get("place") or (meeting.place if meeting else request.form.get("place"))
    place = reading.declaration.places.get(code or "")
    if "department" in found and place is not None and not place.anywhere:
        yield FieldError("department", _("said of a meeting off site only, not of one in {place}", place=place.text))


def missing(event: Event, given: Mapping[str, Any], note: str | None, declaration: Declaration) -> list[str]:
    """The required inputs that were not given: `needs` of `coop next`."""
    found = [name for name, (_key, required) in declaration.keys_of(event).items() if required and name not in given]
    if event.note == "required" and not note:
        found.append("note")
    return found
