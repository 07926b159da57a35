"""The shorthands: `coop meeting plan 12 --slot …` instead of `coop advance 12 plan_meeting --set at=…`.

One factory makes them all from a table and the declaration's events: the options are the event's keys, so a lab
that adds a key to an event gets its option.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from cli.commands.lead.activities import LOOKING
from cli.commands.lead.event_options import Shorthand, lifecycle_of, parameters
from cli.commands.lead.performing import perform
from cli.commands.lead.tier import suggest
from cli.options import Listing
from cli.session import Session
from states.language import N_, _


def _activity(event: str, help: str, **how: Any) -> Shorthand:
    return Shorthand(event, help, activity=True, **how)


TABLE: Mapping[str, Shorthand | Mapping[str, Shorthand]] = {
    "prequalify": Shorthand("prequalify", N_("Accept requests against the charter."), many=True),
    "ask": Shorthand("request_info", N_("Ask the requester for information; the question is the --note."), many=True),
    "answer": Shorthand("provide_info", N_("Record the requester's answer and the changed fields.")),
    "decline": Shorthand("decline", N_("Say no: with the reason, a note, and where else to go."), many=True),
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
        "move": Shorthand(
            "move_meeting",
            N_("Move a planned meeting: REF/work-2; or note, in its slot, that the place agreed."),
            meeting_in_ref=True,
            keeps_slot=True,
        ),
        "assign": Shorthand("assign_staff", N_("Say who takes a planned meeting: REF/work-2."), meeting_in_ref=True),
        "amend": Shorthand(
            "amend_meeting",
            N_("Put the start or the figures of a meeting held right: REF/session-1."),
            meeting_in_ref=True,
        ),
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
    "host": Shorthand("accept_autonomous", N_("Accept autonomous sessions, which only use the space."), many=True),
    "derogation": Shorthand("grant_derogation", N_("Grant work meetings beyond the cap (pilot).")),
    "explain": Shorthand("explain_deadline", N_("Say why a deadline was missed."), positional=("kind",)),
    "deliverable": Shorthand("record_deliverable", N_("Record what the work produced.")),
    "satisfaction": Shorthand("record_satisfaction", N_("Record how satisfied the participants are.")),
    "effort": Shorthand("record_effort", N_("Record hours, cost and expected gain.")),
    "followup": Shorthand("record_follow_up", N_("Record what became of it, three and six months on.")),
    "close": Shorthand("close", N_("Close requests: debrief held, a deliverable recorded."), many=True),
    "suspend": Shorthand("suspend", N_("Put requests on hold; what is planned is cancelled."), many=True),
    "resume": Shorthand("resume", N_("Take suspended requests up again."), many=True),
    "withdraw": Shorthand("withdraw", N_("Record that the requester withdraws."), many=True),
    "cancel": Shorthand("cancel", N_("Cancel accepted requests."), many=True),
    "reopen": Shorthand("reopen", N_("Reopen finished requests (pilot)."), many=True),
    "undo": Shorthand("correct", N_("Undo the last entry; it stays in the history, marked.")),
    "amend": Shorthand("amend", N_("Change fields of the form: --set field=value.")),
    "comment": Shorthand("comment", N_("Add a comment, the --note, to requests."), many=True),
}  # fmt: skip

BESIDE: Mapping[str, tuple[click.Command, ...]] = {"tier": (suggest,), "activity": LOOKING}  # what is no event
# The commands of the events that have none in the table.
OTHERWISE: Mapping[str, str] = {"submit": "submit", "complete_task": "tasks", "ratify": "review decide"}


def shorthand_of(event: str, *, activity: bool = False) -> tuple[str, Shorthand] | None:
    """The command of an event and what it takes: `meeting plan` for `plan_meeting`."""
    for name, what in TABLE.items():
        for inner, shorthand in {"": what}.items() if isinstance(what, Shorthand) else what.items():
            if shorthand.event == event and shorthand.activity == activity:
                return f"{name} {inner}".strip(), shorthand
    return None


def command_of(event: str) -> str | None:
    """The command that applies an event; None for one that only a lab has."""
    found = shorthand_of(event)
    return found[0] if found else OTHERWISE.get(event)


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
        declaration = lifecycle_of(session.declaration if session else _shipped(), self.shorthand)
        if ctx.resilient_parsing:  # the shell completes, and does not wait for the store's modules
            from cli.completion.shells import dress

            found = parameters(declaration, declaration.events[self.shorthand.event], self.shorthand)
            dress(found)
            return found
        from workflow.preconditions import find_event

        event = find_event(declaration, self.shorthand.event, begins=self.shorthand.begins)
        return parameters(declaration, event, self.shorthand)

    def _run(self, **given: Any) -> int | None:
        session = click.get_current_context().find_object(Session)
        assert session is not None
        return perform(session, self.shorthand, given)


def _shipped() -> Any:
    from states.declaration.documents import shipped
    from states.verification.loading import load

    return load(shipped())


def shorthand(name: str, help: str) -> click.Command:
    """The command of that name of the table, with the events below it."""
    what = TABLE[name]
    if isinstance(what, Shorthand):
        return EventCommand(name, what)
    events: dict[str, click.Command] = {inner: EventCommand(inner, s) for inner, s in what.items()}
    listed = next((command.name for command in BESIDE.get(name, ()) if command.name == "list"), None)
    if listed:
        group: click.Group = Listing(name, alone=listed, help=help, commands=events)
    else:
        group = click.Group(name, help=help, commands=events)
    for command in BESIDE.get(name, ()):
        group.add_command(command)
    return group
