"""Who works here: people registered, changed, and who may register whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from states.declaration.model import Declaration
from states.declaration.types import Malformed, Reading, read
from states.errors import Conflict, FieldError, Invalid, NotFound, Refusal, Refused, did_you_mean
from states.language import _
from states.requests.entry import Entry
from workflow.engine import Engine
from workflow.lab.service import LabWork, keeping
from workflow.store import statements as q

# What an entry about someone keeps beside their id, role and site, where nothing else is said.
PERSON: Mapping[str, Any] = {
    "name": None, "email": None, "skills": [], "hours": 35, "active": True, "name_seq": 0, "email_seq": 0,
}  # fmt: skip


def add_staff(engine: Engine, actor: str, given: Mapping[str, Any]) -> Entry:
    """Registers someone. `given`: id, name, email, role, skills, hours a week, site."""
    with keeping(engine, actor) as work:
        person = _checked_person(work.declaration, given)
        row = work.tx.one(q.staff_member, id=person["id"])
        if row is not None:
            hint = f"coop staff show {person['id']}" if row.active else f"coop staff change {person['id']} --active"
            raise Conflict(_("“{id}” is already registered.", id=person["id"]), hint=hint)
        _refuse_junior(work, person["role"])
        return work.write("staff_added", person)


def change_staff(engine: Engine, actor: str, id: str, given: Mapping[str, Any]) -> Entry:
    """Changes what is given of someone registered; `active` false ends their part in the lab."""
    with keeping(engine, actor) as work:
        row = work.tx.one(q.staff_row, id=id)
        if row is None:
            raise NotFound(_("“{id}” is not registered in this lab.", id=id), hint="coop staff list")
        skills = [skill for skill in row.skills.split(",") if skill]
        before = {**row._asdict(), "active": bool(row.active), "skills": skills}
        changed = _checked_person(work.declaration, {**before, **given}, partly=given)
        changed["name_seq"] = 0 if "name" in given else before["name_seq"]
        changed["email_seq"] = 0 if "email" in given else before["email_seq"]
        _refuse_junior(work, before["role"], changed["role"])
        return work.write("staff_changed", changed)


def _checked_person(
    declaration: Declaration, given: Mapping[str, Any], partly: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    fields, reading = declaration.form, Reading(declaration)
    errors = []
    texts: dict[str, Any] = {}
    for name, spec in (("name", fields["requester.name"]), ("email", fields["requester.email"])):
        if partly is not None and name not in partly:
            continue
        try:
            texts[name] = read(given.get(name) or "", spec, reading)
        except Malformed as problem:
            errors.append(FieldError(name, str(problem)))
    for name, known in (("role", declaration.held_roles), ("site", declaration.places)):
        if given[name] not in known:
            errors.append(FieldError(name, _unknown(given[name], list(known))))
    errors += [
        FieldError("skill", _unknown(s, list(declaration.skills)))
        for s in given["skills"]
        if s not in declaration.skills
    ]
    if not 0 <= int(given["hours"]) <= 80:
        errors.append(FieldError("hours", _("expected hours a week, from 0 to 80, got {given}", given=given["hours"])))
    if errors:
        raise Invalid(errors, _("This person cannot be registered."))
    kept = {name: given[name] for name in ("id", "role", "site")} | {"skills": list(given["skills"])}
    return {**PERSON, **kept, **texts, "hours": int(given["hours"]), "active": bool(given.get("active", True))}


def _refuse_junior(work: LabWork, *concerned: str) -> None:
    """Whom only those who oversee register, once there is one: themselves, and those who decide."""
    declaration = work.declaration
    senior = any(declaration.oversees(role) or declaration.decides(role) for role in concerned)
    overseers = (code for code in declaration.roles if declaration.oversees(code))
    if senior and not declaration.oversees(work.role) and any(work.tx.all(q.active_in_role, role=r) for r in overseers):
        role = declaration.label("roles", declaration.overseer)
        raise Refused(
            [
                Refusal(
                    "role",
                    _("Only the role {role} registers or changes who has it, or who decides.", role=role),
                    _("Ask who has it to type this command, with --as."),
                )
            ]
        )


def _unknown(given: Any, known: Sequence[str]) -> str:
    expected = _("expected one of {codes}; got “{given}”.", codes=", ".join(known), given=given)
    return expected + did_you_mean(str(given), known)
