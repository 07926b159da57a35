"""From the line of a shorthand to the events it stands for: one for each reference, or for each slot."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from cli.commands.lead.applying import document, present
from cli.commands.lead.event_options import COMMON, names_meeting, option_name, positional
from cli.commands.lead.undo import ask_first
from cli.commands.offered import Shorthand
from cli.failures import tell
from cli.input.events import command_of, typed
from cli.input.missing import ask_missing, assigned, missing
from cli.input.slots import slots_understood
from cli.options import print_json
from cli.output.terminal import printable
from cli.session import Session
from states.errors import CoopError, FieldError, Invalid, WrongUsage
from states.language import _

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from states.declaration.tables import Event


def perform(session: Session, shorthand: Shorthand, lifecycle: Any, given: dict[str, Any]) -> int | None:
    """Applies the event to each reference. Several references are several events: each stands or falls alone.

    `lifecycle`: that of the declaration, or the outline, whose command was typed.
    """
    refs = given.pop("refs", "")
    refs = [_fixed(session, text) for text in (refs if isinstance(refs, tuple) else (refs,))]
    line = _Line(session, shorthand, lifecycle, given, {name: given.pop(name, None) for name in COMMON})
    as_json = bool(line.common["as_json"])
    if len(refs) > 1 and (line.common["key"] or line.common["expect_seq"] is not None):
        raise WrongUsage(_("--key and --expect-seq go with one reference."))
    if len(refs) == 1:
        present(session, line.apply(refs[0]), as_json)
        return None
    done, code = [], 0
    for ref in refs:
        try:
            applied = line.apply(ref)
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


@frozen
class _Line:
    """What was typed: the command, in the lifecycle that calls its event so, its keys, the options of every event."""

    session: Session
    shorthand: Shorthand
    lifecycle: Any
    given: dict[str, Any]
    common: dict[str, Any]

    def apply(self, text: str) -> list[Any]:
        """Applies the event to what a reference names, for each slot that was given."""
        from states.lifecycle.effects import Correct, effect_of

        ref, meeting = self._named(text)
        declaration, code = self._meant(ref)
        event = declaration.events[code]
        inputs = {k: v for k, v in self.given.items() if v is not None and v != ()}
        if event.form:
            inputs = dict(typed(declaration, event, self.given["pairs"]))
        if meeting:
            inputs["meeting"] = meeting
        self._fill(declaration, ref, event, inputs)
        asked = ask_missing(self.session, declaration, code, ref, inputs, self.common)
        self.given.update(asked)  # once for all the references
        inputs |= asked
        if isinstance(effect_of(event), Correct):
            ask_first(self.session, ref, inputs, bool(self.common["as_json"]))
        try:
            times = slots_understood(self.session, ref, event, inputs, self.common["key"])
            each = [{**inputs, "at": at} for at in times] or [inputs]
            commands = [command_of(self.session, ref, code, one, self.common, n) for n, one in enumerate(each)]
            return self.session.engine.apply_all(commands)
        except Invalid as problem:
            if self.common["as_json"]:
                raise
            absent = missing(declaration, event, inputs, self.common["note"])
            raise _by_options(declaration, event, problem, absent) from None

    def _named(self, text: str) -> tuple[str, str | None]:
        """The whole reference typed, and the meeting named with it; an empty one for what begins an activity."""
        event = self.lifecycle.events[self.shorthand.event]
        if event.creates:
            return "", None
        if self.shorthand.of_activities:
            return self.session.activity_ref(text), None
        if names_meeting(self.lifecycle, event):
            return self.session.ref_and_meeting(text)
        return self.session.ref(text), None

    def _meant(self, ref: str) -> tuple[Declaration, str]:
        """What the reference obeys, and its event that has this command: its own version may give it another code."""
        from workflow.preconditions import find_event

        session = self.session
        declaration = session.lifecycle(ref) if ref else self.shorthand.lifecycle(session.declaration)
        command = self.lifecycle.events[self.shorthand.event].command
        same = (code for code, event in declaration.events.items() if event.command == command)
        code = next(same, self.shorthand.event)
        find_event(declaration, code, begins=not ref)
        return declaration, code

    def _fill(self, declaration: Declaration, ref: str, event: Event, inputs: dict[str, Any]) -> None:
        """What a command adds to what was typed: the actor as staff, the basis of the role, the tier, the meeting."""
        from states.lifecycle.effects import AssignTier, Validate, effect_of
        from states.requests.request import HELD, PLANNED

        effect, keys = effect_of(event), declaration.keys_of(event)
        own_staff = effect.makes_meeting and "staff" in keys and "staff" not in inputs
        if own_staff and (event.creates or _accompanied(self.session, ref)):
            inputs["staff"] = self.session.actor
        if isinstance(effect, Validate) and "basis" not in inputs:
            with self.session.reader() as reader:
                role = next((p["role"] for p in reader.staff() if p["id"] == self.session.actor), "")
            inputs["basis"] = "committee" if self.session.declaration.decides(role) else "delegation"
        if isinstance(effect, AssignTier) and "tier" not in inputs:
            inputs.update(assigned(self.session, ref, self.common))
        if "meeting" in keys and "meeting" not in inputs and not event.meeting:
            with self.session.reader() as reader:
                meetings = reader.request(ref).meetings
            meant = [meeting.id for meeting in meetings if meeting.status == (HELD if effect.of_held else PLANNED)]
            if len(meant) == 1:
                inputs["meeting"] = meant[0]
        if effect.moves_meeting and "at" not in inputs and inputs.keys() - {"meeting"}:
            with self.session.reader() as reader:
                request = reader.request(ref)
            meeting = request.meeting(inputs["meeting"]) if "meeting" in inputs else next(iter(request.planned()), None)
            if meeting is not None and ("meeting" in inputs or event.meeting):
                inputs["at"] = meeting.at


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


def _accompanied(session: Session, ref: str) -> bool:
    """Whether the lab takes part: an autonomous request only uses the space."""
    with session.reader() as reader:
        return reader.request(ref).accompanied
