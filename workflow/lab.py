"""What is written in the lab's own stream: opening, people, holidays, closures, absences, declarations in force."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from states.declaration import Declaration
from states.errors import Conflict, FieldError, Invalid, NotFound, Refusal, Refused, did_you_mean
from states.language import _
from states.request import Entry, Request
from states.values import Malformed, Reading, local, read
from workflow import projection
from workflow.clock import now_of
from workflow.engine import Engine
from workflow.history import LAB, ORIGIN, put_away, sealed, to_row
from workflow.registers import OPEN, PRIVATE, fold_row
from workflow.store import Transaction

KEEPERS = ("coordinator", "referent", "pilot")  # who keeps the registers
SENIOR = ("pilot", "committee")  # whom only a pilot registers, once there is one
HOLIDAYS_AHEAD = 3  # calendar years copied beyond the present one


class LabBook:
    """Writes the lab's stream, through the engine's store and clock."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

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
                person = _person(actor, actor, "", "coordinator", (), 35, "montpellier")
                self.write(tx, "staff_added", person, actor, "coordinator", declaration)
            else:
                self._copy_holidays(tx, self.engine.in_force(tx), actor)
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

    def _copy_holidays(self, tx: Transaction, declaration: Declaration, actor: str) -> None:
        # Copied, with version and source, so that an upgrade of the library changes no past.
        import holidays

        wanted = declaration.lab.holidays
        year = local(now_of(self.engine.clock), declaration.lab.tz).year
        known = {row[0] for row in tx.all("holidays")}
        years = [y for y in range(year - 5, year + HOLIDAYS_AHEAD + 1) if f"{y}-01-01" not in known]
        if not years:
            return
        found = holidays.country_holidays(wanted["country"], language=wanted["language"], years=years)
        data = {
            "days": {day.isoformat(): name for day, name in sorted(found.items())},
            "source": f"holidays {version('holidays')} {wanted['country']}",
        }
        self.write(tx, "holidays_copied", data, actor, "coordinator", declaration)

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

    # --- Shared by every entry of the stream ---

    @contextmanager
    def _writing(self) -> Iterator[Transaction]:
        """A write transaction in which nobody else changes the lab, so that what was checked holds to the end."""
        with self.engine.store.writing() as tx:
            tx.queue()
            yield tx

    def keeper(self, tx: Transaction, actor: str) -> str:
        """The role of an actor who may keep the registers, else Refused."""
        row = tx.one("staff_member", actor)
        if row is None or not row[1]:
            raise NotFound(_("“{actor}” is not registered in this lab.", actor=actor), hint="coop staff list")
        if row[0] not in KEEPERS:
            label = self.engine.in_force(tx).label("roles", row[0])
            raise Refused(
                [
                    Refusal(
                        "role", _("The registers are not for the role {role}.", role=label), _("Ask the coordinator.")
                    )
                ]
            )
        return str(row[0])

    def write(
        self, tx: Transaction, event: str, data: Mapping[str, Any], actor: str, role: str, declaration: Declaration
    ) -> Entry:
        """One entry of the lab's stream, with its rows in the registers."""
        stream = tx.one("stream", LAB)
        seq, previous = (stream[0] + 1, stream[1]) if stream else (1, ORIGIN)
        now = now_of(self.engine.clock)
        entry = sealed(
            Entry(
                stream=LAB,
                seq=seq,
                event=event,
                source=OPEN if stream else None,
                to=OPEN,
                actor=actor,
                role=role,
                entered_by=tx.entered_by,
                on_behalf=False,
                occurred_at=now,
                recorded_at=now,
                data=put_away(tx, LAB, seq, data, PRIVATE.get(event, ())),
                note_digest=None,
                declaration=declaration.digest,
                previous=previous,
            )
        )
        tx.run("insert_entry", *to_row(entry))
        fold_row(tx, entry)
        return entry

    def refresh_deadlines(self, tx: Transaction) -> None:
        """Writes the deadlines of every open request again, after the calendar changed."""
        registers, now = self.engine.registers(tx), now_of(self.engine.clock)
        for (document,) in tx.all("open_requests"):
            request = Request.from_document(json.loads(document))
            declaration = self.engine.declaration(tx, request.declaration)
            projection.refresh(tx, declaration, request, registers.calendar(declaration), now)


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
