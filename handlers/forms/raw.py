"""Forms as they were given: what every reader of forms produces, and how a reader says that it cannot read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import Factory, frozen

from states.causes import quoted
from states.errors import FieldError, Invalid
from states.language import _

STDIN = "-"


@frozen
class RawForm:
    """One form as given, before `states.forms.form.check_form`, and where it stood."""

    file: str  # as given, or "-" for standard input; empty for a form typed question by question
    row: int | None  # which form of the file this is, from 1
    line: int | None  # the line of the file where it begins, from 1
    values: Mapping[str, Any]  # field -> value; `requester` may be a table of its own, or `requester.name` a name
    local_times: bool = False  # whether a date-time without its offset is in the lab's zone
    lines: Mapping[str, int] = Factory(dict)  # field -> line, where that is known

    @property
    def place(self) -> str:
        """Where it stands: `fiches.csv, row 2, line 3`; empty for a form that was typed."""
        parts = [self.file] if self.file else []
        if self.row is not None:
            parts.append(_("row {n}", n=self.row))
        if self.line is not None:
            parts.append(_("line {n}", n=self.line))
        return ", ".join(parts)

    def noticed(self, notice: str) -> str:
        """A sentence about this form, with its place."""
        return f"{self.place} — {notice}" if self.place else notice

    def located(self, errors: Sequence[FieldError]) -> list[FieldError]:
        """The errors of this form with the file, row and line they come from; what an error knows already stays."""
        return [
            error._replace(
                file=error.file or self.file or None,
                row=self.row if error.row is None else error.row,
                line=self.lines.get(error.field, self.line) if error.line is None else error.line,
            )
            for error in errors
        ]


@frozen
class Forms:
    """The forms of one file, in its order, and what its sender should know of how it was understood."""

    forms: tuple[RawForm, ...]
    format: str  # toml, json, csv
    encoding: str  # utf-8, utf-16, windows-1252
    notices: tuple[str, ...] = ()  # sentences for people


def unreadable(
    file: str, message: str, *, field: str = "file", line: int | None = None, row: int | None = None
) -> Invalid:
    """The error of a file that cannot be read for one reason, told by `message`."""
    return all_unreadable(file, [FieldError(field, message, line=line, file=file, row=row)])


def all_unreadable(file: str, errors: Sequence[FieldError], *, hint: str | None = None) -> Invalid:
    """The error of a file that cannot be read for several reasons, each with its file."""
    name = _("the standard input") if file == STDIN else quoted(file, most=200)
    line = errors[0].line
    headline = (
        _("Cannot read {file}.", file=name)
        if line is None
        else _("Cannot read {file}: see line {line}.", file=name, line=line)
    )
    return Invalid(errors, headline, hint=hint)
