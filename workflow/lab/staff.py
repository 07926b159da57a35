"""What is written in the lab's own stream: opening, declarations in force, holidays, people, and its diary."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from states.declaration.model import Declaration
from states.declaration.types import Malformed, Reading, local, read
from states.errors import Conflict, FieldError, Invalid, NotFound, Refusal, Refused, did_you_mean
from states.language import _
from states.requests.entry import Entry
from workflow.clock import now_of
from workflow.history.entries import LAB
from workflow.lab.calendar import Diary
from workflow.store.database import Transaction

SENIOR = ("pilot", "committee")  # whom only a pilot registers, once there is one
HOLIDAYS_AHEAD = 3  # calendar years copied beyond the present one


class LabBook(Diary):
    """Everything that is written in the lab's stream."""

    # --- Opening and declarations ---

    def open(self, declaration: Declaration, document: Mapping[str, Any], actor: str) -> bool:
        """Puts a lab in an empty store: its declaration, the holidays, and whoever opens it as coordinator.

        In a store that holds a lab it only brings the holidays up to date. Returns whether a lab was opened.
        """
        with self._writing() as tx:
            fresh = tx.one("lab", LAB) is None
            if fresh:
                self._keep(tx, declaration, document)
                self.write(tx, "lab_opened", {"name": declaration.lab.name}, actor, "coordinator", declaration)
                self._copy_holidays(tx, declaration, actor)
                person = _person(actor, actor, "", "coordinator", (), 35, next(iter(declaration.places)))
                self.write(tx, "staff_added", person, actor, "coordinator", declaration)
            else:
                if self._copy_holidays(tx, self.engine.in_force(tx), actor):
                    self.refresh_deadlines(tx)
            return fresh

    def adopt(self, declaration: Declaration, document: Mapping[str, Any], actor: str) -> Entry | None:
        """Puts another version of the declaration in force for new requests; None when it already is."""
        with self._writing() as tx:
            role = self.keeper(tx, actor)
            in_force = self.engine.in_force(tx)
            if in_force.digest == declaration.digest:
                return None
            if tx.one("declaration", declaration.digest) is None:
                self._keep(tx, declaration, document)
            data = {"version": declaration.lab.version, "replaces": in_force.digest}
            return self.write(tx, "declaration_adopted", data, actor, role, declaration)

    def _keep(self, tx: Transaction, declaration: Declaration, document: Mapping[str, Any]) -> None:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        tx.run("insert_declaration", declaration.digest, declaration.lab.version, text)

    def _copy_holidays(self, tx: Transaction, declaration: Declaration, actor: str) -> bool:
        # Copied, with version and source, so that an upgrade of the library changes no past.
        import holidays

        wanted = declaration.lab.holidays
        year = local(now_of(self.engine.clock), declaration.lab.tz).year
        known = {row[0] for row in tx.all("holidays")}
        years = [y for y in range(year - 5, year + HOLIDAYS_AHEAD + 1) if f"{y}-01-01" not in known]
        if not years:
            return False
        found = holidays.country_holidays(wanted["country"], language=wanted["language"], years=years)
        data = {
            "days": {day.isoformat(): name for day, name in sorted(found.items())},
            "source": f"holidays {version('holidays')} {wanted['country']}",
        }
        self.write(tx, "holidays_copied", data, actor, "coordinator", declaration)
        return True

    # --- People ---

    def add_staff(self, actor: str, given: Mapping[str, Any]) -> Entry:
        """Registers someone. `given`: id, name, email, role, skills, hours a week, site."""
        with self._writing() as tx:
            declaration = self.engine.in_force(tx)
            role = self.keeper(tx, actor)
            person = self._checked_person(declaration, given)
            if tx.one("staff_member", person["id"]) is not None:
                raise Conflict(
                    _("“{id}” is already registered.", id=person["id"]), hint=f"coop staff change {person['id']} …"
                )
            self._refuse_junior(tx, role, person["role"])
            return self.write(tx, "staff_added", person, actor, role, declaration)

    def change_staff(self, actor: str, id: str, given: Mapping[str, Any]) -> Entry:
        """Changes what is given of someone registered; `active` false ends their part in the lab."""
        with self._writing() as tx:
            declaration = self.engine.in_force(tx)
            role = self.keeper(tx, actor)
            row = tx.one("staff_row", id)
            if row is None:
                raise NotFound(_("“{id}” is not registered in this lab.", id=id), hint="coop staff list")
            before = {
                "id": row[0], "role": row[1], "active": bool(row[2]), "hours": row[3], "site": row[4],
                "skills": [s for s in row[5].split(",") if s], "name_seq": row[6], "email_seq": row[7],
            }  # fmt: skip
            changed = self._checked_person(declaration, {**before, **given}, partly=given)
            changed["name_seq"] = 0 if "name" in given else before["name_seq"]
            changed["email_seq"] = 0 if "email" in given else before["email_seq"]
            self._refuse_junior(tx, role, before["role"], changed["role"])
            return self.write(tx, "staff_changed", changed, actor, role, declaration)

    def _checked_person(
        self, declaration: Declaration, given: Mapping[str, Any], partly: Mapping[str, Any] | None = None
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
        for name, known in (("role", _roles(declaration)), ("site", declaration.places)):
            if given[name] not in known:
                errors.append(FieldError(name, _unknown(given[name], list(known))))
        errors += [
            FieldError("skill", _unknown(s, list(declaration.skills)))
            for s in given["skills"]
            if s not in declaration.skills
        ]
        if not 0 <= int(given["hours"]) <= 80:
            errors.append(
                FieldError("hours", _("expected hours a week, from 0 to 80, got {given}", given=given["hours"]))
            )
        if errors:
            raise Invalid(errors, _("This person cannot be registered."))
        person = _person(given["id"], None, None, given["role"], given["skills"], int(given["hours"]), given["site"])
        return {**person, **texts, "active": bool(given.get("active", True))}

    def _refuse_junior(self, tx: Transaction, role: str, *concerned: str) -> None:
        if role != "pilot" and set(concerned) & set(SENIOR) and tx.all("pilots"):
            raise Refused(
                [
                    Refusal(
                        "role",
                        _("Only a pilot registers or changes a pilot or a committee member."),
                        _("Ask the pilot to type this command, with --as."),
                    )
                ]
            )


def _person(
    id: str, name: str | None, email: str | None, role: str, skills: Sequence[str], hours: int, site: str
) -> dict[str, Any]:
    return {
        "id": id, "name": name, "email": email, "role": role, "skills": list(skills), "hours": hours, "site": site,
        "active": True, "name_seq": 0, "email_seq": 0,
    }  # fmt: skip


def _roles(declaration: Declaration) -> list[str]:
    """The roles a person can be registered with: all but those nobody is."""
    return [code for code in declaration.roles if code not in ("requester", "system")]


def _unknown(given: Any, known: Sequence[str]) -> str:
    expected = _("expected one of {codes}; got “{given}”.", codes=", ".join(known), given=given)
    return expected + did_you_mean(str(given), known)
