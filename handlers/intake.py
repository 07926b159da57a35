"""Receiving forms: reads files, checks every form, stores a file as a whole (or its good rows)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from shlex import quote
from typing import Any

from attrs import define, field, frozen

from handlers.forms.raw import Forms, RawForm
from handlers.forms.reading import read_file
from handlers.forms.tables import read_mapping
from states.declaration.model import Declaration
from states.declaration.types import Reading
from states.errors import AlreadyReceived, FieldError, Invalid
from states.forms.form import check_form, flattened
from states.language import _, _n, enumeration
from workflow.clock import now_of
from workflow.engine import Applied, Command, Engine
from workflow.resubmission import Change, Lookalikes, changes
from workflow.store import turns
from workflow.store.transaction import Transaction

Advance = Callable[[int, int], None]


@frozen
class Received:
    ref: str
    external_id: str | None
    title: str
    replayed: bool = False  # the same key had already brought it in
    alike: tuple[str, ...] = ()  # other requests with the same title and address, not long before or after

    def document(self) -> dict[str, Any]:
        return {"ref": self.ref, "external_id": self.external_id, "title": self.title, "alike": list(self.alike)}


@frozen
class Skipped:
    external_id: str
    ref: str
    reason: str
    changed: tuple[Change, ...] = ()  # what its source has changed since it was received

    @property
    def command(self) -> str | None:
        """What takes the changes over, as it is typed; None where there is nothing that an amendment may change."""
        words = [f"{change.field}={_typed(change.after)}" for change in self.changed if not change.frozen]
        if not words:
            return None
        return " ".join(["coop amend", self.ref, *(f"--set {shell_word(word)}" for word in words)])

    def document(self) -> dict[str, Any]:
        changed = [{"field": c.field, "before": c.before, "after": c.after, "frozen": c.frozen} for c in self.changed]
        return {
            "external_id": self.external_id,
            "reason": self.reason,
            "ref": self.ref,
            "changed": changed,
            "command": self.command,
        }


def _typed(value: Any) -> str:
    """A checked value as it is typed after `--set`; nothing empties a field."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def shell_word(text: str) -> str:
    """A word for a shell, on one line, whatever is in it."""
    if all(c.isprintable() or c in "\u00a0\u202f" for c in text):
        return quote(text)
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return "$'" + "".join(c if c.isprintable() else _escape(c) for c in escaped) + "'"


def _escape(character: str) -> str:
    code = ord(character)
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character) or (
        f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    )


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

    def command(self, raw: RawForm, creation: str) -> Command:
        """What receives a form, by the event that begins a request."""
        return Command(
            "",
            creation,
            self.actor,
            raw.values,
            self.note,
            on_behalf=self.on_behalf,
            key=self.key,
            local_times=raw.local_times,
        )


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
    encoding: str | None = None,
) -> Intake:
    """Reads some files and receives their forms; without an `encoding` each file's is found."""
    with engine.store.looking() as tx:
        declaration = engine.in_force(tx)
    mapping = read_mapping(mapping_file, declaration) if mapping_file else {}
    readings, unreadable = [], []
    for file in files:
        try:
            readings.append(read_file(file, declaration, mapping, encoding))
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
    desk = _Desk(engine, tx, how)
    contradicted = _contradictions(forms, desk.declaration, now_of(engine.clock))
    for number, raw in enumerate(forms.forms):
        if error := contradicted.get(number):
            desk.reject(raw, [error])
        else:
            desk.receive(raw)
    if desk.intake.rejected and not how.keep_going:
        raise _Refused(forms, _refusal(desk.intake, how))
    return desk.intake


@define
class _Desk:
    """Receives forms, one after the other, in one transaction."""

    engine: Engine
    tx: Transaction
    how: Reception
    intake: Intake = field(factory=Intake)
    alike: Lookalikes = field(init=False)
    declaration: Declaration = field(init=False)

    def __attrs_post_init__(self) -> None:
        turns.of_lab(self.tx)  # the declaration in force stays so until the commit
        self.declaration = self.engine.in_force(self.tx)
        self.alike = Lookalikes(self.tx)

    def receive(self, raw: RawForm) -> None:
        """Receives one form. It is checked before anything of it is written: a wrong one leaves nothing."""
        try:
            applied = self.engine.apply_in(self.tx, self.how.command(raw, self.declaration.creation))
        except AlreadyReceived as known:
            self.intake.skipped.append(given_again(self.tx, self.declaration, known))
        except Invalid as wrong:
            self.reject(raw, wrong.fields)
        else:
            self.accept(raw, applied)

    def reject(self, raw: RawForm, errors: Sequence[FieldError]) -> None:
        self.intake.rejected.append(Rejected(raw.file, raw.row, tuple(raw.located(errors))))

    def accept(self, raw: RawForm, applied: Applied) -> None:
        """Notes what a form became, and the requests that look the same."""
        self.intake.notices += (raw.noticed(notice) for notice in applied.notices)
        request, given = applied.request, flattened(raw.values)
        alike = self.alike.of(given, request.submitted_at, request.ref)
        self.alike.add(given, request.submitted_at, request.ref)
        title = str(given.get("title") or "").strip()
        external = request.form.get("external_id")
        self.intake.received.append(Received(request.ref, external, title, applied.replayed, tuple(alike)))


def given_again(tx: Transaction, declaration: Declaration, known: AlreadyReceived) -> Skipped:
    """A form that was received before, with what its source says otherwise today."""
    changed = changes(tx, declaration, known.ref, known.form, known.wrong)
    return Skipped(str(known.form["external_id"]), known.ref, known.message, tuple(changed))


def _contradictions(forms: Forms, declaration: Declaration, now: str) -> dict[int, FieldError]:
    """The forms of one file that bear one id and say different things: nobody knows which is right."""
    same_id: dict[str, list[int]] = {}
    for number, raw in enumerate(forms.forms):
        if id := str(raw.values.get("external_id") or "").strip():
            same_id.setdefault(id, []).append(number)
    errors = {}
    for id, numbers in same_id.items():
        if len(numbers) < 2:
            continue
        raws = [forms.forms[number] for number in numbers]
        contents = [check_form(raw.values, Reading(declaration, raw.local_times), now)[0] for raw in raws]
        if "external_id" not in contents[0] or all(content == contents[0] for content in contents):
            continue
        for number, raw in zip(numbers, raws, strict=True):
            places = enumeration([other.place for other in raws if other is not raw])
            message = _("“{id}” is also the id of another form, {places}: give each its own.", id=id, places=places)
            errors[number] = FieldError("external_id", message)
    return errors


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
