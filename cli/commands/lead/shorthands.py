"""The shorthands: `coop meeting plan 12 --slot …` instead of `coop advance 12 plan_meeting --set at=…`.

One factory makes them all from a table and the declaration's events: the options are the event's keys, so a lab
that adds a key to an event gets its option.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click
from attrs import Factory, frozen

from cli.commands.lead.activities import LOOKING
from cli.commands.lead.applying import document, pairs, present, with_moments
from cli.commands.lead.tier import assigned, suggest
from cli.failures import tell
from cli.input.slots import key_of, slots_understood
from cli.options import print_json
from cli.output.terminal import printable
from cli.session import Session
from states.errors import CoopError, WrongUsage
from states.language import N_, _, label_of

# The option that stands for a key, where people would not look for the key's own name.
OPTIONS: Mapping[str, str] = {"at": "slot", "duration": "for", "started_at": "started", "reused_by": "reused-by"}


COMMON = ("note", "when", "on_behalf", "expect_seq", "key", "waive", "as_json")  # what is no key of the event


@frozen
class Shorthand:
    """A command for one event. `positional` keys follow the reference; `ask` ones are asked for on a terminal."""

    event: str
    help: str
    positional: tuple[str, ...] = ()
    many: bool = False  # several references
    several_slots: bool = False
    defaults: Mapping[str, str] = Factory(dict)
    meeting_in_ref: bool = False  # REF/work-2
    own_staff: bool = False  # nobody said: the actor
    activity: bool = False  # of an activity, not of a request
    begins: bool = False  # no reference: it gives one


def _activity(event: str, help: str, **how: Any) -> Shorthand:
    return Shorthand(event, help, activity=True, **how)


TABLE: Mapping[str, Shorthand | Mapping[str, Shorthand]] = {
    "prequalify": Shorthand("prequalify", N_("Accept requests against the charter."), many=True),
    "ask": Shorthand("request_info", N_("Ask the requester for information; the question is the --note.")),
    "answer": Shorthand("provide_info", N_("Record the requester's answer and the changed fields.")),
    "decline": Shorthand("decline", N_("Say no: with the reason, a note, and where else to go.")),
    "interview": {
        "plan": Shorthand("plan_interview", N_("Set the qualification interview."), own_staff=True),
        "done": Shorthand("hold_interview", N_("Record the interview as held."), many=True),
    },
    "tier": {
        "assign": Shorthand(
            "assign_tier", N_("Assign the tier; without one, the recommended tier."), positional=("tier",)
        ),
        "change": Shorthand("change_tier", N_("Move to another tier."), positional=("tier",)),
    },
    "validate": Shorthand("validate", N_("Validate a request whose tier asks for it."), many=True),
    "meeting": {
        "plan": Shorthand(
            "plan_meeting",
            N_("Plan work meetings; several --slot are planned together or not at all."),
            several_slots=True,
            own_staff=True,
        ),
        "done": Shorthand("hold_meeting", N_("Record a work meeting as held."), meeting_in_ref=True, many=True),
        "move": Shorthand("move_meeting", N_("Move a planned meeting: REF/work-2."), meeting_in_ref=True),
        "assign": Shorthand("assign_staff", N_("Say who takes a planned meeting: REF/work-2."), meeting_in_ref=True),
        "cancel": Shorthand("cancel_meeting", N_("Cancel a planned meeting: REF/work-2."), meeting_in_ref=True),
    },
    "session": {
        "plan": Shorthand("plan_session", N_("Set the session."), own_staff=True),
        "done": Shorthand("hold_session", N_("Record the session as held."), meeting_in_ref=True, many=True),
        "more": Shorthand("resume_work", N_("Start another cycle: more meetings, another session.")),
    },
    "debrief": {
        "plan": Shorthand("plan_debrief", N_("Set the debrief."), own_staff=True),
        "done": Shorthand("hold_debrief", N_("Record the debrief as held."), meeting_in_ref=True, many=True),
    },
    "activity": {
        "plan": _activity("plan_activity", N_("Plan an activity: it gets a reference."), own_staff=True, begins=True),
        "open": _activity("open_activity", N_("Open the registrations."), many=True),
        "register": _activity("register", N_("Record how many people have registered so far: a number, no names.")),
        "done": _activity("hold_activity", N_("Record the activity as held: how many came, from which services.")),
        "evaluate": _activity("evaluate_activity", N_("Record how satisfied those who came are.")),
        "move": _activity("move_activity", N_("Move the activity to another slot.")),
        "amend": _activity("amend_activity", N_("Change the title, the description, the capacity…")),
        "cancel": _activity("cancel_activity", N_("Cancel the activity; its slot is free again.")),
        "undo": _activity("correct", N_("Undo the last entry; it stays in the history, marked.")),
        "comment": _activity("comment", N_("Add a comment, the --note, to activities."), many=True),
    },
    "deliverable": Shorthand("record_deliverable", N_("Record what the work produced.")),
    "satisfaction": Shorthand("record_satisfaction", N_("Record how satisfied the participants are.")),
    "effort": Shorthand("record_effort", N_("Record hours, cost and expected gain.")),
    "followup": Shorthand("record_follow_up", N_("Record what became of it, three and six months on.")),
    "close": Shorthand("close", N_("Close requests: debrief held, a deliverable recorded."), many=True),
    "suspend": Shorthand("suspend", N_("Put requests on hold; what is planned is cancelled."), many=True),
    "resume": Shorthand("resume", N_("Take suspended requests up again."), many=True),
    "withdraw": Shorthand("withdraw", N_("Record that the requester withdraws.")),
    "cancel": Shorthand("cancel", N_("Cancel an accepted request.")),
    "reopen": Shorthand("reopen", N_("Reopen a finished request (pilot).")),
    "undo": Shorthand("correct", N_("Undo the last entry; it stays in the history, marked.")),
    "amend": Shorthand("amend", N_("Change fields of the form: --set field=value.")),
    "comment": Shorthand("comment", N_("Add a comment, the --note, to requests."), many=True),
}  # fmt: skip


class EventCommand(click.Command):
    """A command whose options are the keys of its event, as the store's declaration has them."""

    def __init__(self, name: str, shorthand: Shorthand) -> None:
        super().__init__(name, help=_(shorthand.help), callback=self._run)
        self.shorthand = shorthand
        self._built: list[click.Parameter] | None = None

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        if self._built is None:
            self._built = self._build(ctx)
        return [*self._built, *super().get_params(ctx)]

    def _build(self, ctx: click.Context) -> list[click.Parameter]:
        session = ctx.find_object(Session)
        declaration = session.declaration if session else _shipped()
        declaration = _lifecycle(declaration, self.shorthand)
        event = self._event(ctx, declaration)
        found: list[click.Parameter] = []
        if not self.shorthand.begins:
            many = -1 if self.shorthand.many else 1
            found.append(click.Argument(["refs"], nargs=many, required=True, metavar=self._metavar()))
        for name in self.shorthand.positional:
            found.append(click.Argument([name], required=False, metavar=f"[{name.upper()}]"))
        if event.form:
            found.append(
                click.Option(
                    ["--set", "pairs"],
                    multiple=True,
                    metavar="K=V",
                    help=_("A field of the form and its value (repeat for several)."),
                )
            )
        else:
            for name, (key, required) in declaration.keys_of(event).items():
                if name not in self.shorthand.positional and not (name == "meeting" and self.shorthand.meeting_in_ref):
                    found.append(_option(declaration, name, key, required, self.shorthand))
        found += [option for option in _common(event) if option.name != "expect_seq" or not self.shorthand.begins]
        if ctx.resilient_parsing:  # the shell completes
            from cli.completion.shells import dress

            dress(found)
        return found

    def _event(self, ctx: click.Context, declaration: Any) -> Any:
        """The event in the declaration of the store; UnknownEvent where a lab has no such event."""
        if ctx.resilient_parsing:  # the shell completes, and does not wait for the store's modules
            return declaration.events[self.shorthand.event]
        from workflow.preconditions import find_event

        return find_event(declaration, self.shorthand.event, begins=self.shorthand.begins)

    def _metavar(self) -> str:
        word = "REF/MEETING" if self.shorthand.meeting_in_ref else "REF"
        return f"{word}…" if self.shorthand.many else word

    def _run(self, **given: Any) -> int | None:
        ctx = click.get_current_context()
        session = ctx.find_object(Session)
        assert session is not None
        return _perform(session, self.shorthand, given)


def _shipped() -> Any:
    from states.verification.loading import load, shipped

    return load(shipped())


def _lifecycle(declaration: Any, shorthand: Shorthand) -> Any:
    """Where the event of a shorthand is declared."""
    return declaration.activities if shorthand.activity else declaration


def option_name(name: str) -> str:
    """The option of a key: `at` is `--slot`, `duration` is `--for`."""
    return "--" + OPTIONS.get(name, name).replace("_", "-")


def _option(declaration: Any, name: str, key: Any, required: bool, shorthand: Shorthand) -> click.Option:
    text = key.text + (f" — {label_of(key.help)}" if key.help else "")
    if key.codes:
        vocabulary = declaration.vocabulary(key.codes)
        if len(vocabulary) <= 12:
            text += f" ({', '.join(vocabulary)})"
    if required:
        text += " " + _("[required]")
    option = option_name(name)
    if key.type == "bool":
        return click.Option([f"{option}/--not-{option[2:]}", name], default=None, help=text)
    if name == "at":
        text += " " + _("(“first”: the next that is valid)")
    multiple = name == "at" and shorthand.several_slots
    return click.Option([option, name], multiple=multiple, metavar=key.type.upper(), help=text)


def _common(event: Any) -> list[click.Parameter]:
    found: list[click.Parameter] = [
        click.Option(
            ["--note", "-n"],
            help=_("A word for the history.") + (" " + _("[required]") if event.note == "required" else ""),
        ),
        click.Option(["--on-behalf"], is_flag=True, help=_("The requester said it; you record it.")),
        click.Option(["--expect-seq"], type=int, metavar="N", help=_("Only if the request is still at entry N.")),
        click.Option(["--key"], help=_("Makes it safe to repeat: the same key again changes nothing.")),
        click.Option(["--json", "as_json"], is_flag=True, help=_("Print one JSON document.")),
    ]
    if event.dated:
        found.insert(1, click.Option(["--at", "when"], metavar="TIME", help=_("When it happened; default: now.")))
    if event.waives:
        rules = ", ".join(event.waives)
        found.insert(
            1,
            click.Option(
                ["--waive"],
                multiple=True,
                metavar="RULE",
                help=_("Waive a rule ({rules}), with a --note.", rules=rules),
            ),
        )
    return found


def _perform(session: Session, shorthand: Shorthand, given: dict[str, Any]) -> int | None:
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
            applied = _apply(session, shorthand, ref, dict(given), common)
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
    ref, meeting = _named(session, shorthand, text)
    event = _lifecycle(session.declaration, shorthand).events[shorthand.event]
    inputs = pairs(given["pairs"]) if event.form else {k: v for k, v in given.items() if v is not None and v != ()}
    if meeting:
        inputs["meeting"] = meeting
    _fill(session, shorthand, ref, event, inputs, common)
    slots = inputs.pop("at", ())
    typed = slots if isinstance(slots, tuple) else (slots,)
    times = slots_understood(session, ref, event, inputs, typed, common["key"])
    each = [{**inputs, "at": at} for at in times] or [inputs]
    commands = [_command(session, shorthand, ref, one, common, number) for number, one in enumerate(each)]
    return session.engine.apply_all(commands)


def _named(session: Session, shorthand: Shorthand, text: str) -> tuple[str, str | None]:
    """The whole reference typed, and the meeting named with it; an empty one for what begins an activity."""
    if shorthand.meeting_in_ref:
        return session.ref_and_meeting(text)
    if shorthand.activity:
        return "" if shorthand.begins else session.activity_ref(text), None
    return session.ref(text), None


def _command(
    session: Session, shorthand: Shorthand, ref: str, inputs: dict[str, Any], common: dict[str, Any], number: int
) -> Any:
    """One of the events a line stands for, counted from 0: each has a key of its own, and expects the one before."""
    from workflow.engine import Command

    seq = common["expect_seq"]
    return Command(
        ref,
        shorthand.event,
        session.actor,
        with_moments(session, _lifecycle(session.declaration, shorthand).events[shorthand.event], inputs),
        common["note"],
        session.moment(common["when"], "at", "past") if common["when"] else None,
        tuple(common["waive"] or ()),
        bool(common["on_behalf"]),
        key_of(common["key"], number),
        None if seq is None else seq + number,
    )


def _fill(
    session: Session, shorthand: Shorthand, ref: str, event: Any, inputs: dict[str, Any], common: dict[str, Any]
) -> None:
    """What a shorthand adds to what was typed: the actor as staff, the basis of the role, the tier, the meeting."""
    if shorthand.own_staff and "staff" not in inputs:
        inputs["staff"] = session.actor
    from states.lifecycle.effects import AssignTier, Validate, effect_of

    effect = effect_of(event)
    if isinstance(effect, Validate) and "basis" not in inputs:
        with session.reader() as reader:
            role = next((p["role"] for p in reader.staff() if p["id"] == session.actor), "")
        inputs["basis"] = "committee" if role == "committee" else "delegation"
    if isinstance(effect, AssignTier) and "tier" not in inputs:
        inputs.update(assigned(session, ref, common))
    if shorthand.meeting_in_ref and "meeting" not in inputs and not event.meeting:
        with session.reader() as reader:
            planned = reader.request(ref).planned()
        if len(planned) == 1:
            inputs["meeting"] = planned[0].id


def _make(name: str, what: Shorthand | Mapping[str, Shorthand]) -> click.Command:
    if isinstance(what, Shorthand):
        return EventCommand(name, what)
    from cli.main import COMMANDS

    text = next(section[name][1] for section in COMMANDS.values() if name in section)
    return click.Group(name, help=_(text), commands={inner: EventCommand(inner, s) for inner, s in what.items()})


def __getattr__(name: str) -> click.Command:
    """The command of that name, made when it is asked for (cli.main imports them by name)."""
    if name not in TABLE:
        raise AttributeError(name)
    made = _make(name, TABLE[name])
    if name == "tier":
        assert isinstance(made, click.Group)

        made.add_command(suggest)
    if name == "activity":
        assert isinstance(made, click.Group)

        for command in LOOKING:
            made.add_command(command)
    return made
