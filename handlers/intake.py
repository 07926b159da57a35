"""Receiving forms: reads files, checks every form, stores a file as a whole (or its good rows)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from attrs import define, field, frozen

from handlers.forms.raw import Forms, RawForm
from handlers.forms.reading import read_file
from handlers.forms.tables import read_mapping
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
        self.notices += other.notices


@frozen
class Reception:
    """How forms are received: by whom, and what is kept of a file with a wrong form."""

    actor: str
    dry_run: bool = False  # everything is checked, nothing is stored
    keep_going: bool = False  # else one wrong form refuses its whole file, not the others
    on_behalf: bool = False
    key: str | None = None
    note: str | None = None

    def submission(self, raw: RawForm) -> Submission:
        return Submission(raw.values, self.actor, self.note, self.on_behalf, self.key, raw.local_times)


class _Rehearsed(Exception):
    """Ends the transaction of a dry run, of which nothing stays."""


class _Refused(Exception):
    """Ends a transaction in which a file proved to have a wrong form."""

    def __init__(self, forms: Forms, why: Invalid) -> None:
        self.forms, self.why = forms, why
        super().__init__(why.message)


def receive(
    engine: Engine,
    files: Sequence[str],
    mapping_file: str | None,
    how: Reception,
    advance: Advance = lambda _done, _total: None,
) -> Intake:
    """Reads some files and receives their forms."""
    with engine.store.looking() as tx:
        declaration = engine.in_force(tx)
    mapping = read_mapping(mapping_file, declaration) if mapping_file else {}
    readings, unreadable = [], []
    for file in files:
        try:
            readings.append(read_file(file, declaration, mapping))
        except Invalid as wrong:
            unreadable.append(wrong)
    intake = receive_forms(engine, readings, how, advance)
    intake.refused[:0] = unreadable
    return intake


def receive_forms(
    engine: Engine, readings: Sequence[Forms], how: Reception, advance: Advance = lambda _done, _total: None
) -> Intake:
    """Receives the forms of each reading in a transaction of its own; a dry run has one for all and keeps nothing."""
    total = sum(len(forms.forms) for forms in readings)
    if how.key and total > 1:
        raise Invalid([FieldError("key", _("a key goes with one form; here are {n}", n=total))])
    whole = _rehearsed(engine, list(readings), how) if how.dry_run else Intake()
    done = 0
    for forms in readings:
        whole.notices += forms.notices
        if not how.dry_run:
            _receive_reading(engine, forms, how, whole)
        done += len(forms.forms)
        advance(done, total)
    return whole


def _receive_reading(engine: Engine, forms: Forms, how: Reception, whole: Intake) -> None:
    try:
        with engine.store.writing() as tx:
            intake = _received(engine, tx, forms, how)
    except _Refused as refused:
        whole.refused.append(refused.why)
    else:
        whole.take(intake)


def _rehearsed(engine: Engine, readings: list[Forms], how: Reception) -> Intake:
    """What the real run would do, its references included: a file that it refuses takes no number."""
    refused: list[Invalid] = []
    while True:
        whole = Intake(refused=refused)
        try:
            with engine.store.writing() as tx:
                for forms in readings:
                    whole.take(_received(engine, tx, forms, how))
                raise _Rehearsed
        except _Rehearsed:
            return whole
        except _Refused as wrong:
            refused.append(wrong.why)
            readings.remove(wrong.forms)


def _received(engine: Engine, tx: Transaction, forms: Forms, how: Reception) -> Intake:
    intake = Intake()
    for raw in forms.forms:
        _receive_form(engine, tx, raw, how, intake)
    if intake.rejected and not how.keep_going:
        raise _Refused(forms, _refusal(intake, how))
    return intake


def _receive_form(engine: Engine, tx: Transaction, raw: RawForm, how: Reception, intake: Intake) -> None:
    try:
        # A form is checked before anything of it is written, so a wrong one leaves nothing in the transaction.
        applied = engine.submit_in(tx, how.submission(raw))
    except AlreadyReceived as known:
        intake.skipped.append(Skipped(str(raw.values.get("external_id")), known.ref, known.message))
        return
    except Invalid as wrong:
        intake.rejected.append(Rejected(raw.file, raw.row, tuple(raw.located(wrong.fields))))
        return
    intake.notices += (raw.noticed(notice) for notice in applied.notices)
    title = str(raw.values.get("title") or "").strip()
    external = applied.request.form.get("external_id")
    intake.received.append(Received(applied.request.ref, external, title, applied.replayed))


def _refusal(intake: Intake, how: Reception) -> Invalid:
    fields = [error for rejected in intake.rejected for error in rejected.fields]
    n = len(intake.rejected)
    if how.dry_run:
        message = _n(
            "{n} form would be rejected: nothing of its file would be stored.",
            "{n} forms would be rejected: nothing of their file would be stored.",
            n,
        )
    else:
        message = _n(
            "{n} form is wrong: nothing of its file was stored.",
            "{n} forms are wrong: nothing of their file was stored.",
            n,
        )
    hint = _("Mend the file, or receive the good rows with --keep-going.") if intake.received else None
    return Invalid(fields, message, hint=hint)
