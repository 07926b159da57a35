"""Receiving forms: reads files, checks every form, stores a file as a whole (or its good rows)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from handlers.forms.reading import Forms, RawForm, located, read_file, read_mapping
from states.errors import AlreadyReceived, FieldError, Invalid
from states.language import _, _n
from workflow.engine import Engine, Submission
from workflow.store.database import Transaction

Advance = Callable[[int, int], None]


@frozen
class Received:
    ref: str
    external_id: str | None
    title: str
    replayed: bool = False  # the same key had already brought it in

    def document(self) -> dict[str, Any]:
        return {"ref": self.ref, "external_id": self.external_id, "title": self.title}


@frozen
class Skipped:
    external_id: str
    ref: str
    reason: str

    def document(self) -> dict[str, Any]:
        return {"external_id": self.external_id, "reason": self.reason, "ref": self.ref}


@frozen
class Rejected:
    file: str
    row: int | None
    fields: tuple[FieldError, ...]

    def document(self) -> dict[str, Any]:
        return {"file": self.file, "row": self.row, "fields": [f.document() for f in self.fields]}


@define
class Intake:
    """What became of every form."""

    received: list[Received] = field(factory=list)
    skipped: list[Skipped] = field(factory=list)
    rejected: list[Rejected] = field(factory=list)
    notices: list[str] = field(factory=list)
    refused: list[Invalid] = field(factory=list)  # the files of which nothing was stored, and why

    def document(self) -> dict[str, Any]:
        """The `submit` document of contract.md."""
        return {
            "received": [x.document() for x in self.received],
            "skipped": [x.document() for x in self.skipped],
            "rejected": [x.document() for x in self.rejected],
            "notices": self.notices,
        }

    def take(self, other: Intake) -> None:
        """Adds what became of one file's forms."""
        self.received += other.received
        self.skipped += other.skipped
        self.rejected += other.rejected


class _NotKept(Exception):
    """Ends a transaction that must leave nothing: a dry run, or a file with a rejected row."""


def receive(
    engine: Engine,
    files: Sequence[str],
    mapping_file: str | None,
    *,
    actor: str,
    dry_run: bool = False,
    keep_going: bool = False,
    on_behalf: bool = False,
    key: str | None = None,
    note: str | None = None,
    advance: Advance = lambda _done, _total: None,
) -> Intake:
    """Receives the forms of some files. Without `keep_going` one wrong form refuses its whole file, not the others."""
    with engine.store.looking() as tx:
        declaration = engine.in_force(tx)
    mapping = read_mapping(mapping_file, declaration) if mapping_file else {}
    whole = Intake()
    read = []
    for file in files:
        try:
            read.append(read_file(file, declaration, mapping))
        except Invalid as wrong:
            whole.refused.append(wrong)
    total, done = sum(len(forms.forms) for forms in read), 0
    if key and total > 1:
        raise Invalid([FieldError("key", _("a key goes with one form; here are {n}", n=total))])
    common = {"actor": actor, "on_behalf": on_behalf, "key": key, "note": note}
    for forms in read:
        whole.notices += forms.notices
        try:
            whole.take(_receive_file(engine, forms, common, dry_run, keep_going))
        except Invalid as wrong:
            whole.refused.append(wrong)
        done += len(forms.forms)
        advance(done, total)
    return whole


def _receive_file(engine: Engine, forms: Forms, common: Mapping[str, Any], dry_run: bool, keep_going: bool) -> Intake:
    intake = Intake()
    try:
        with engine.store.writing() as tx:
            for raw in forms.forms:
                _receive_form(engine, tx, raw, common, intake)
            if dry_run or (intake.rejected and not keep_going):
                raise _NotKept
    except _NotKept:
        if intake.rejected and not keep_going:
            raise _refused(intake) from None
    return intake


def _receive_form(engine: Engine, tx: Transaction, raw: RawForm, common: Mapping[str, Any], intake: Intake) -> None:
    submission = Submission(form=raw.values, local_times=raw.local_times, **common)
    try:
        # A form is checked before anything of it is written, so a wrong one leaves nothing in the transaction.
        applied = engine.submit_in(tx, submission)
    except AlreadyReceived as known:
        intake.skipped.append(Skipped(str(raw.values.get("external_id")), known.ref, known.message))
        return
    except Invalid as wrong:
        intake.rejected.append(Rejected(raw.file, raw.row, tuple(located(wrong.fields, raw))))
        return
    title = str(raw.values.get("title") or "").strip()
    external = applied.request.form.get("external_id")
    intake.received.append(Received(applied.request.ref, external, title, applied.replayed))


def _refused(intake: Intake) -> Invalid:
    fields = [error for rejected in intake.rejected for error in rejected.fields]
    message = _n(
        "{n} form is wrong: nothing of its file was stored.",
        "{n} forms are wrong: nothing of their file was stored.",
        len(intake.rejected),
    )
    hint = _("Mend the file, or receive the good rows with --keep-going.") if intake.received else None
    return Invalid(fields, message, hint=hint)
