"""`submit --ask`: the form, question by question."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click
from attrs import Factory, define

from cli.input.prompts import agreed, ask, chosen, columns, menu, typed
from cli.output.layout import folded
from cli.output.terminal import is_terminal, one_line, printable, width
from cli.session import Session
from cli.settings import state_path
from handlers.forms.raw import Forms, RawForm
from states.declaration.types import local
from states.errors import CoopError, FieldError, Invalid
from states.forms.questions import answered, proposed, questions, resumed_at
from states.forms.wording import value_text
from states.language import _, label_of, labelled, long_date

if TYPE_CHECKING:
    from handlers.forms.raw import Forms
    from handlers.intake import Intake
    from states.declaration.model import Declaration
    from states.declaration.tables import Field

BACK, CLEAR, ON = "<", "-", "\\"  # what may be typed in place of an answer, or at the end of its line


@define
class Form:
    """A form being filled in. `aside`: everything said goes to standard error."""

    session: Session
    aside: bool
    answers: dict[str, Any] = Factory(dict)

    @property
    def declaration(self) -> Declaration:
        return self.session.declaration

    def say(self, text: str = "") -> None:
        text = printable(text)
        if is_terminal():
            text = "\n".join(folded(text, width()))
        click.echo(text, err=self.aside)

    # --- Filling it in ---

    def take(self, given: Mapping[str, Any]) -> None:
        """What a draft already holds, as far as it is right; the rest will be asked for again."""
        for name, value in given.items():
            if name in self.declaration.form:
                self.answers, _errors = answered(self.declaration, self.answers, name, value)

    def filled(self) -> Forms:
        """Asks every question, then for a confirmation; the whole form. Abort when they will not send it."""
        self.say(_("Enter skips what is optional, “<” goes back, “-” empties an answer, Ctrl-C keeps a draft."))
        number = resumed_at(self.declaration, self.answers)
        if self.answers:
            self.say(_("What was typed before is kept; “<” goes back to it."))
        while number < len(names := questions(self.declaration, self.answers)):
            number += 1 if self._asked(names[number], number + 1, len(names)) else -1 if number else 0
        while (word := self._confirmed()) != "yes":
            self._again(word)
        return Forms((RawForm("", None, None, self.answers, local_times=True),), "typed", "utf-8")

    def _asked(self, name: str, number: int, total: int) -> bool:
        """One question, until its answer is right; False to go back to the one before."""
        field = self.declaration.form[name]
        self.say()
        self.say(_("{n}/{total}  {label}", n=number, total=total, label=_label(field)))
        codes = self._codes(field)
        if codes:
            for shown in columns(menu(_short(codes)), width() - 2):
                self.say(f"  {shown}")
        while True:
            expected = proposed(self.declaration, self.answers, name)
            answer = self._answer(field, self.answers.get(name, expected))
            if answer == BACK:
                return False
            errors = self._kept(name, field, codes, answer)
            if not errors:
                return True
            for error in errors:
                self.say(f"  · {error}")

    def _answer(self, field: Field, present: Any) -> str:
        """An answer, which goes on to the next line after a backslash; an empty one keeps what is there."""
        default = "" if present is None else one_line(_default(present))
        lines = [typed(f"  [{default}] > " if default else "  > ", aside=self.aside) or default]
        while lines[-1].endswith(ON) and field.type == "text":
            lines[-1] = lines[-1].removesuffix(ON).rstrip()
            lines.append(typed("  > ", aside=self.aside))
        return "\n".join(lines)

    def _kept(self, name: str, field: Field, codes: Mapping[str, str], answer: str) -> list[str]:
        """Keeps an answer; what is wrong with it."""
        present = self.answers.get(name)
        if present is not None and answer == one_line(_default(present)):
            return []
        value = "" if answer == CLEAR else (codes and chosen(answer, codes)) or answer
        try:
            value = self._read(name, field, value)
        except CoopError as problem:
            return [f.message for f in problem.fields] if isinstance(problem, Invalid) else [problem.message]
        self.answers, errors = answered(self.declaration, self.answers, name, value)
        return errors

    def _read(self, name: str, field: Field, value: str) -> str:
        """Dates and references as people write them."""
        if value and field.type == "date":
            day = self.session.day(value, name)
            self.say(f"  {long_date(day)}")
            return day.isoformat()
        if value and field.type == "reference":
            ref = self.session.ref(value)
            with self.session.reader() as reader:
                reader.request(ref)
            return ref
        return value

    def _codes(self, field: Field) -> dict[str, str]:
        vocabulary = self.declaration.vocabulary(field.codes) if field.codes else {}
        return {code: item.text for code, item in vocabulary.items()}

    # --- Confirming ---

    def _confirmed(self) -> str:
        """Shows the form; `yes`, or the number of an answer to change."""
        self.say()
        self.say(_("Your form:"))
        names = questions(self.declaration, self.answers)
        for number, name in enumerate(names, 1):
            value, field = self.answers.get(name), self.declaration.form[name]
            text = "—" if value is None else one_line(value_text(self.declaration, field, value))
            room = max(20, width() - len(field.text) - 8)
            shown = text if len(text) <= room else text[: room - 1] + "…"
            self.say(f"{number:>3}  {labelled(field.text, shown)}")
        self.say()
        while True:
            word = ask(_("Send it? yes, no, or the number of an answer to change"), aside=self.aside)
            answer = agreed(word)
            if answer:
                return "yes"
            if answer is False:
                raise click.Abort
            if word.isdigit() and 1 <= int(word) <= len(names):
                return word

    def _again(self, word: str) -> None:
        """One answer changed, and the questions that only then are asked."""
        before = questions(self.declaration, self.answers)
        self._asked(before[int(word) - 1], int(word), len(before))
        after = questions(self.declaration, self.answers)
        for number, name in enumerate(after, 1):
            if name not in before:
                self._asked(name, number, len(after))

    # --- Keeping what was typed ---

    def draft(self) -> Path | None:
        """Writes what was typed to a file, among what is the user's own: a form holds a name and an address."""
        from handlers.forms.drafts import write_draft

        if not self.answers:
            return None
        stamp = local(self.session.now, self.declaration.lab.tz).strftime("%Y-%m-%d-%Hh%M")
        try:
            _drafts().mkdir(parents=True, exist_ok=True)
            return write_draft(_drafts(), stamp, self.answers)
        except OSError:
            return None


def ask_form(session: Session, draft: str | None, options: Mapping[str, Any], *, aside: bool) -> Intake:
    """Asks for a form and receives it. Stopped before, or refused, what was typed is kept in a draft."""
    from handlers.forms.drafts import read_draft
    from handlers.intake import Reception, receive_forms

    form, how = Form(session, aside), Reception(session.actor, **{**options, "keep_going": True})
    if draft:
        form.take(read_draft(draft, session.declaration))
    try:
        intake = receive_forms(session.engine, [form.filled()], how)
        if intake.rejected:
            raise Invalid(intake.rejected[0].fields, _("The form cannot be received."))
    except BaseException as problem:
        if isinstance(problem, KeyboardInterrupt):
            click.echo(err=True)
        if path := form.draft():
            click.echo(printable(_("What you typed is in {path}", path=path)), err=True)
            click.echo(printable(_("Go on with: coop submit --ask {path}", path=quote(str(path)))), err=True)
            _forget(draft)
        if isinstance(problem, EOFError):
            raise _unfinished(form) from None
        raise
    if not how.dry_run:
        _forget(draft)
    return intake


def _forget(draft: str | None) -> None:
    """Removes a draft that was kept for them, once it is sent or kept anew; a file of their own stays."""
    if draft and Path(draft).resolve().parent == _drafts().resolve():
        with suppress(OSError):
            Path(draft).unlink()


def _drafts() -> Path:
    return state_path() / "drafts"


def _unfinished(form: Form) -> Invalid:
    fields = form.declaration.form
    missing = [
        name for name in questions(form.declaration, form.answers) if fields[name].required and name not in form.answers
    ]
    errors = [FieldError(name, _("this field is required: {label}", label=fields[name].text)) for name in missing]
    return Invalid(errors, _("The form is not finished: nothing was stored."))


def _label(field: Field) -> str:
    """What is asked, with what helps to answer."""
    notes = [label_of(field.help)] if field.help else []
    if field.type == "bool":
        notes.append(_("yes or no"))
    if field.type == "text":
        notes.append(_("“\\” at the end of a line to go on below"))
    if not field.required:
        notes.append(_("optional"))
    return field.text + (f" ({', '.join(notes)})" if notes else "")


def _default(value: Any) -> str:
    """A checked value as one would type it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _short(codes: Mapping[str, str]) -> Mapping[str, str]:
    """Labels cut before their explanation, where there are many."""
    return codes if len(codes) <= 8 else {code: text.partition(" — ")[0] for code, text in codes.items()}
