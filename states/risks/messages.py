"""An alert in words a colleague can act on: what is at stake, who or when instead, the command that settles it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from attrs import Factory, frozen

from states.declaration.types import local
from states.language import N_, _, enumeration, long_date, long_time, short_time
from states.references import is_activity
from states.risks.rules import Risk

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from states.risks.remedies import WaysOut


_OF_A_MEETING = {
    "staff_absence": N_("{meeting}, {at}: {staff} will be away. The meeting may have to be cancelled."),
    "place_closed": N_("{meeting}, {at}: {place} is not open that day ({why})."),
    "unstaffed": N_("{meeting}, {at}: nobody is assigned."),
    "single_point_of_failure": N_("{meeting}, {at}: nobody else is free and skilled, should someone be away."),
    "skill_gap": N_("{meeting}, {at}: nobody assigned has the skill “{skill}”."),
    "material_not_ready": N_("{meeting}, {at}: still to organise: {tasks}."),
    "agreement_missing": N_("{meeting}, {at}: {place} has not been agreed with its hosts."),
}


@frozen
class Called:
    """How a risk is spoken of: by codes, for who types them, or by names for who reads a letter."""

    title: str | None = None  # of the request
    people: Mapping[str, str] = Factory(dict)  # by id

    def subject(self, risk: Risk) -> str:
        """The request, or one of its meetings."""
        named = f"{risk.ref}/{risk.meeting}" if risk.meeting and risk.rule != "deadline" else risk.ref or ""
        return f"{self.title} ({named})" if self.title else named

    def person(self, id: str | None) -> str:
        return self.people.get(id or "", id or "")


BY_CODES = Called()


def sentence(declaration: Declaration, risk: Risk, called: Called = BY_CODES) -> str:
    """What is at stake, in one sentence, in the language of the moment."""
    facts = risk.facts
    at = long_time(local(risk.due_at, declaration.lab.tz)) if risk.due_at else ""
    if risk.rule == "deadline":
        return _deadline(declaration, risk, at, called)
    if risk.rule not in _OF_A_MEETING:
        return _overload(risk, called)
    return _(
        _OF_A_MEETING[risk.rule],
        meeting=called.subject(risk),
        at=at,
        staff=called.person(risk.staff),
        place=declaration.label("places", facts.get("place")),
        why=facts.get("why", ""),
        skill=declaration.label("skills", facts.get("skill")),
        tasks=_tasks(declaration, facts.get("tasks", ())),
    )


def _deadline(declaration: Declaration, risk: Risk, at: str, called: Called) -> str:
    what, ref = risk.facts.get("what") or declaration.label("deadlines", risk.kind), called.subject(risk)
    if risk.stage == "reminder":
        return _("{ref}: “{what}” is due on {at}.", ref=ref, what=what, at=at)
    if risk.stage == "due":
        return _("{ref}: “{what}” was due on {at}.", ref=ref, what=what, at=at)
    return _("{ref}: “{what}” has been late since {at}.", ref=ref, what=what, at=at)


def _overload(risk: Risk, called: Called) -> str:
    week, committed, there = (risk.facts[name] for name in ("monday", "committed", "there"))
    return _(
        "{staff}, week of {week}: {committed} h asked, {there} h there.",
        staff=called.person(risk.staff),
        week=long_date(date.fromisoformat(week)),
        committed=-(-committed // 60),
        there=there // 60,
    )


def _tasks(declaration: Declaration, ids: Sequence[str]) -> str:
    labels = {id: task.text for tier in declaration.tiers.values() for id, task in tier.tasks.items()}
    return enumeration([labels.get(id, id) for id in ids])


def suggestions(declaration: Declaration, risk: Risk, out: WaysOut | None, called: Called = BY_CODES) -> list[str]:
    """What could be done: who is free and skilled, the next valid slots, the commands that settle it."""
    if out is None:
        return [_command(risk)]
    found = []
    if out.replacements:
        found.append(_("Could take it: {people}", people=enumeration([called.person(id) for id in out.replacements])))
    if out.slots:
        zone = declaration.lab.tz
        found.append(_("Next slots: {slots}", slots=", ".join(short_time(local(at, zone)) for at in out.slots)))
    return [*found, *(out.commands or [_command(risk)])]


def _command(risk: Risk) -> str:
    match risk.rule:
        case "material_not_ready":
            done = " ".join(f"--done {task}" for task in risk.facts["tasks"])
            return f"coop tasks {risk.ref} {done}"
        case "agreement_missing" if is_activity(risk.ref or ""):
            return f"coop activity move {risk.ref} --agreed"
        case "agreement_missing":
            return f"coop meeting move {risk.ref}/{risk.meeting} --agreed"
        case "overload":
            return f"coop staff load {risk.staff}"
        case _:
            return f"coop show {risk.ref}"
