"""Opening a lab in a store, and bringing an older store up to date (after a backup)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from attrs import frozen

from states.declaration.model import Declaration
from states.declaration.toml_lines import Locator
from states.errors import BadDeclaration, FieldError
from states.language import _
from states.verification.loading import document_of, load, shipped
from states.verification.structure import check
from workflow.clock import Clock, now_of
from workflow.engine import Engine
from workflow.lab.staff import LabBook
from workflow.store.backup import backup
from workflow.store.database import Store, shown
from workflow.store.upgrade import revision, upgrade


@frozen
class Opened:
    """What `init` did."""

    name: str
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
    declaration, document = checked(read_text(file) if file else shipped())
    copy = None
    if store.path is not None:
        store.path.absolute().parent.mkdir(parents=True, exist_ok=True)
    found = revision(store) if store.exists else None
    if found is not None and store.path is not None:
        from workflow.store.schema import REVISION

        if found < REVISION:
            copy = store.path.with_name(f"{store.path.name}.before-{now_of(clock).replace(':', '')}")
            backup(store, copy)
    upgraded = upgrade(store)
    opened = LabBook(Engine(store, clock)).open(declaration, document, actor)
    return Opened(declaration.lab.name, shown(store.url), opened, upgraded, copy)


def read_text(file: str) -> str:
    """The text of a declaration file; BadDeclaration when it cannot be read."""
    try:
        return Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or _("it is not UTF-8 text")
        message = _("{file} cannot be read: {reason}.", file=file, reason=reason)
        raise BadDeclaration([FieldError("declaration", message, file=file)], message) from None


def checked(text: str) -> tuple[Declaration, dict[str, Any]]:
    """A declaration fit to be put in force, and its document; BadDeclaration with every finding."""
    declaration = load(text)
    findings = check(declaration, Locator(text))
    if findings:
        raise BadDeclaration([FieldError(f.path, f.message, f.line) for f in findings])
    return declaration, document_of(tomllib.loads(text))
