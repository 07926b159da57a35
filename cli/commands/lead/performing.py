"""From the line of a shorthand to the events it stands for: one for each reference, or for each slot."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from cli.commands.lead.applying import document, present
from cli.commands.lead.event_options import COMMON, names_meeting, option_name, positional
from cli.commands.lead.tier import assigned
from cli.commands.lead.undo import ask_first
from cli.commands.offered import Shorthand
from cli.failures import tell
from cli.input.events import command_of, typed
from cli.input.missing import ask_missing, missing
from cli.input.slots import slots_understood
from cli.options import print_json
from cli.output.terminal import printable
from cli.session import Session
from states.errors import CoopError, FieldError, Invalid, WrongUsage
from states.language import _

if TYPE_CHECKING:
    from states.declaration.model import Declaration


def perform(session: Session, shorthand: Shorthand, given: dict[str, Any]) -> int | None:
    """Applies the event to each reference. Several references are several events: each stands or falls alone."""
    refs = given.pop("refs", "")
    refs = [_fixed(session, text) for text in (refs if isinstance(refs, tuple) else (refs,))]
    common = {name: given.pop(name, None) for name in COMMON}
    as_json = bool(common["as_json"])
    if len(refs) > 1 and (common["key"] or common["expect_seq"] is not None):
        raise WrongUsage(_("--key and --expect-seq go with one reference."))
    if len(refs) == 1:
        present(session, _apply(session, shorthand, refs[0], given, common), as_json)
        return None
    done, code = [], 0
    for ref in refs:
        try:
            applied = _apply(session, shorthand, ref, given, common)
        except CoopError as problem:
            if as_json:
                click.echo(json.dumps({"error": {"ref": ref, **problem.document()}}, ensure_ascii=False), err=True)
            else:
                click.echo(printable(ref), err=True)
                tell(problem)
            code = code or problem.exit
            continue
        done += applied
        if as_json:
            session.touch(applied[-1].request.ref)
        else:
            present(session, applied, False)
    if as_json:
        print_json([document(session, one) for one in done])
    return code


def _fixed(session: Session, text: str) -> str:
    """`.` is the last one touched before this command, whatever it touches itself."""
    ref, slash, meeting = text.partition("/")
    return session.ref(ref) + slash + meeting if ref.strip() == "." else text


def _apply(
    session: Session, shorthand: Shorthand, text: str, given: dict[str, Any], common: dict[str, Any]
) -> list[Any]:
    from states.lifecycle.effects import Correct, effect_of

    ref, meeting = _named(session, shorthand, text)
    declaration, code = _meant(session, shorthand, ref)
    event = declaration.events[code]
    inputs = {k: v for k, v in given.items() if v is not None and v != ()}
    if event.form:
        inputs = dict(typed(declaration, event, given["pairs"]))
    if meeting:
        inputs["meeting"] = meeting
    _fill(session, declaration, ref, event, inputs, common)
    asked = ask_missing(session, declaration, code, ref, inputs, common)
    given |= asked  # once for all the references
    inputs |= asked
    if isinstance(effect_of(event), Correct):
        ask_first(session, ref, inputs, bool(common["as_json"]))
    try:
        times = slots_understood(session, ref, event, inputs, common["key"])
        each = [{**inputs, "at": at} for at in times] or [inputs]
        commands = [command_of(session, ref, code, one, common, n) for n, one in enumerate(each)]
        return session.engine.apply_all(commands)
    except Invalid as problem:
        if common["as_json"]:
            raise
        absent = missing(declaration, event, inputs, common["note"])
        raise _by_options(declaration, event, problem, absent) from None


def _by_options(declaration: Any, event: Any, problem: Invalid, absent: list[str]) -> Invalid:
    """The same errors, told by the options that are typed rather than by the keys they stand for."""
    keys = declaration.keys_of(event)
    fields = []
    for error in problem.fields:
        name, message = error.field, error.message
        if name in absent:
            label = keys[name][0].text if name in keys else _("Note")
            message = _("to be given: {label}", label=label)
        if name == "set":  # nothing was given, of several things that may be
            name = ", ".join(_all_optional(event, keys))
        elif name in positional(declaration, event):
            name = name.upper()
        elif name == "meeting" and name in keys:
            name = "REF/MEETING"
        elif name in keys or name in ("note", "at", "waive"):
            name = option_name(name) if name in keys else f"--{name}"
        fields.append(FieldError(name, message))
    return Invalid(fields, problem.message, hint=problem.hint)


def _all_optional(event: Any, keys: Mapping[str, Any]) -> list[str]:
    """The options of which one at least says something: an answer may change no field, and then is its note."""
    if event.form:
        return ["--set", *(["--note"] if event.moves else [])]
    return [option_name(key) for key in keys if key != "meeting"]


def _named(session: Session, shorthand: Shorthand, text: str) -> tuple[str, str | None]:
    """The whole reference typed, and the meeting named with it; an empty one for what begins an activity."""
    declaration = shorthand.lifecycle(session.declaration)
    event = declaration.events[shorthand.event]
    if event.creates:
        return "", None
    if shorthand.of_activities:
        return session.activity_ref(text), None
    return session.ref_and_meeting(text) if names_meeting(declaration, event) else (session.ref(text), None)


def _meant(session: Session, shorthand: Shorthand, ref: str) -> tuple[Declaration, str]:
    """What the reference obeys, and its event that has this command: in its own version it may have another code."""
    from workflow.preconditions import find_event

    in_force: Declaration = shorthand.lifecycle(session.declaration)
    if not ref:
        return in_force, shorthand.event
    declaration, command = session.lifecycle(ref), in_force.events[shorthand.event].command
    code = next((code for code, event in declaration.events.items() if event.command == command), shorthand.event)
    find_event(declaration, code)
    return declaration, code


def _accompanied(session: Session, ref: str) -> bool:
    """Whether the lab takes part: an autonomous request only uses the space."""
    with session.reader() as reader:
        return reader.request(ref).accompanied


def _fill(
    session: Session, declaration: Any, ref: str, event: Any, inputs: dict[str, Any], common: dict[str, Any]
) -> None:
    """What a command adds to what was typed: the actor as staff, the basis of the role, the tier, the meeting."""
    from states.lifecycle.effects import AssignTier, Validate, effect_of
    from states.requests.request import HELD, PLANNED

    effect, keys = effect_of(event), declaration.keys_of(event)
    own_staff = effect.makes_meeting and "staff" in keys and "staff" not in inputs
    if own_staff and (event.creates or _accompanied(session, ref)):
        inputs["staff"] = session.actor
    if isinstance(effect, Validate) and "basis" not in inputs:
        with session.reader() as reader:
            role = next((p["role"] for p in reader.staff() if p["id"] == session.actor), "")
        inputs["basis"] = "committee" if session.declaration.decides(role) else "delegation"
    if isinstance(effect, AssignTier) and "tier" not in inputs:
        inputs.update(assigned(session, ref, common))
    if "meeting" in keys and "meeting" not in inputs and not event.meeting:
        with session.reader() as reader:
            meetings = reader.request(ref).meetings
        meant = [meeting.id for meeting in meetings if meeting.status == (HELD if effect.of_held else PLANNED)]
        if len(meant) == 1:
            inputs["meeting"] = meant[0]
    if effect.moves_meeting and "at" not in inputs and inputs.keys() - {"meeting"}:
        with session.reader() as reader:
            request = reader.request(ref)
        meeting = request.meeting(inputs["meeting"]) if "meeting" in inputs else next(iter(request.planned()), None)
        if meeting is not None and ("meeting" in inputs or event.meeting):
            inputs["at"] = meeting.at
