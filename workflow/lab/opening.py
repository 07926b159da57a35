"""Opening a lab in a store, bringing an older store up to date (after a backup), putting a declaration in force."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from states.causes import cause
from states.declaration.documents import document_of, shipped
from states.declaration.letters import with_letters
from states.declaration.model import Declaration
from states.declaration.toml_lines import Locator
from states.declaration.types import local
from states.errors import BadDeclaration, Conflict, FieldError, Refused
from states.language import _
from states.references import LAB
from states.requests.entry import Entry
from states.verification.loading import load
from states.verification.structure import check
from workflow.clock import Clock, now_of
from workflow.engine import Engine
from workflow.lab.leaving_out import in_use
from workflow.lab.service import LabWork, changing, keeping, refresh_deadlines
from workflow.lab.staff import PERSON
from workflow.store import statements as q
from workflow.store.address import shown
from workflow.store.backup import BEFORE, backup, free_name
from workflow.store.database import Store
from workflow.store.place import place_of
from workflow.store.transaction import Transaction
from workflow.store.upgrade import revision, upgrade

OPENED = "lab_opened"  # in the lab's stream, with the place: a copy opened elsewhere sends nothing
HOLIDAYS_AHEAD = 3  # calendar years copied beyond the present one


@frozen
class Opened:
    """What `init` did. `role` is that of whoever opens a lab."""

    name: str
    role: str
    url: str
    opened: bool
    upgraded: bool
    backup: Path | None

    def document(self) -> dict[str, Any]:
        return {
            "lab": self.name,
            "store": self.url,
            "opened": self.opened,
            "upgraded": self.upgraded,
            "backup": str(self.backup) if self.backup else None,
        }


def open_lab(store: Store, clock: Clock, actor: str, file: str | None) -> Opened:
    """Creates or upgrades the store and opens the lab in it. The declaration is read and checked before anything."""
    declaration, document = checked(read_text(file), Path(file).parent) if file else checked(shipped())
    return open_checked(store, clock, actor, declaration, document)


def open_checked(
    store: Store, clock: Clock, actor: str, declaration: Declaration, document: Mapping[str, Any]
) -> Opened:
    """The same, with a declaration that was read and checked."""
    copy = None
    store.make_folder()
    found = revision(store)
    if found is not None and store.path is not None:
        from workflow.store.schema import REVISION

        if found < REVISION:
            copy = free_name(store.path, BEFORE, clock)
            backup(store, copy)
    upgraded = upgrade(store)
    engine = Engine(store, clock)
    try:
        opened = _open(engine, declaration, document, actor)
    except Conflict:  # someone else has just opened it: nothing had the lab's turn yet
        opened = _open(engine, declaration, document, actor)
    role = declaration.roles[declaration.keeper].text
    return Opened(declaration.lab.name, role, shown(store.url), opened, upgraded, copy)


def read_text(file: str) -> str:
    """The text of a declaration file; BadDeclaration when it cannot be read."""
    try:
        return Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        message = _("{file} cannot be read: {reason}.", file=file, reason=cause(problem))
        raise BadDeclaration([FieldError("declaration", message, file=file)], message) from None


def checked(text: str, folder: Path | None = None) -> tuple[Declaration, dict[str, Any]]:
    """A declaration fit to be put in force, and its document; BadDeclaration with every finding.

    Its letters are in `folder`, or else those of the product.
    """
    declaration = load(text, folder)
    findings = check(declaration, Locator(text))
    if findings:
        raise BadDeclaration([FieldError(f.path, f.message, f.line, f.file) for f in findings])
    return declaration, with_letters(document_of(tomllib.loads(text)), folder)


def _open(engine: Engine, declaration: Declaration, document: Mapping[str, Any], actor: str) -> bool:
    """Puts a lab in an empty store: its declaration, the holidays, and whoever opens it as its keeper.

    In a store that holds a lab it only brings the holidays up to date. Returns whether a lab was opened.
    """
    with changing(engine) as tx:
        fresh = tx.one(q.lab, stream=LAB) is None
        in_force = declaration if fresh else engine.in_force(tx)
        work = LabWork(tx, in_force, now_of(engine.clock), actor, in_force.keeper, engine=engine)
        if fresh:
            _keep(tx, declaration, document)
            work.write(OPENED, {"name": declaration.lab.name, "place": place_of(engine.store)})
        copied = _copy_holidays(work)
        if fresh:
            place = next(iter(declaration.places))
            work.write(
                "staff_added", {**PERSON, "id": actor, "name": actor, "email": "", "role": work.role, "site": place}
            )
        elif copied:
            refresh_deadlines(engine, tx)
        return fresh


def adopt(engine: Engine, declaration: Declaration, document: Mapping[str, Any], actor: str) -> Entry | None:
    """Puts another version of the declaration in force for new requests; None when it already is."""
    with keeping(engine, actor) as work:
        in_force = work.declaration
        if in_force.digest == declaration.digest:
            return None
        if used := list(in_use(engine.facts(work.tx), declaration)):
            raise Refused(used)
        if work.tx.one(q.declaration, digest=declaration.digest) is None:
            _keep(work.tx, declaration, document)
        data = {"version": declaration.lab.version, "replaces": in_force.digest}
        return evolve(work, declaration=declaration).write("declaration_adopted", data)


def _keep(tx: Transaction, declaration: Declaration, document: Mapping[str, Any]) -> None:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    tx.run(q.insert_declaration, digest=declaration.digest, version=declaration.lab.version, document=text)


def _copy_holidays(work: LabWork) -> bool:
    # Copied, with version and source, so that an upgrade of the library changes no past.
    import holidays

    lab = work.declaration.lab
    wanted, year = lab.holidays, local(work.now, lab.tz).year
    known = {row.day for row in work.tx.all(q.holidays)}
    years = [y for y in range(year - 5, year + HOLIDAYS_AHEAD + 1) if f"{y}-01-01" not in known]
    if not years:
        return False
    days = holidays.country_holidays(wanted["country"], language=wanted["language"], years=years)
    data = {
        "days": {day.isoformat(): name for day, name in sorted(days.items())},
        "source": f"holidays {version('holidays')} {wanted['country']}",
    }
    work.write("holidays_copied", data)
    return True
