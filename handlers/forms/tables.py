"""Forms in tables (CSV), one a row, as spreadsheets and form platforms export them; which column is which field."""

from __future__ import annotations

import csv
import difflib
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence, Set

from attrs import frozen

from handlers.forms.documents import parsed_toml
from handlers.forms.raw import RawForm, all_unreadable, unreadable
from handlers.forms.text import Source, content, decoded, name_of
from states.causes import quoted
from states.declaration.marks import unmarked
from states.declaration.model import Declaration
from states.declaration.toml_lines import Locator
from states.declaration.types import PROSE, Malformed
from states.declaration.written import simplified
from states.errors import FieldError, Invalid, did_you_mean, nearest
from states.language import _, _n, enumeration

DELIMITERS = (";", ",", "\t")  # Excel's "Unicode text" has tabs
MOST_CELLS = 10_000  # of a line
# The line by which Excel is told the delimiter; it is no header.
_TOLD = re.compile(r'"?sep=([;,\t|])"?[ \t]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)


@frozen
class _Record:
    """A row of the table; blank ones are left out, and row 0 is the header."""

    row: int
    line: int
    cells: Sequence[str]

    @property
    def width(self) -> int:
        """The number of cells but for empty ones at the end: some tools end each line with delimiters."""
        return max((at for at, cell in enumerate(self.cells, 1) if cell.strip()), default=0)


def read_csv(source: Source, declaration: Declaration, mapping: Mapping[str, str]) -> tuple[list[RawForm], list[str]]:
    """The forms of a CSV text, and notices. An empty cell gives no value; a date-time is in the lab's zone.

    Raises Invalid, with row and line, for a header that lacks a required field or has one twice, a file without a
    row, a row with more cells than the header, a quote out of place.
    """
    names = ColumnNames(declaration, mapping)
    records = _records(source, _delimiter(source, names))
    header = next(records, None)
    if header is None:
        raise unreadable(source.file, _("no form: a line of column names is expected, then a row for each form."))
    columns = _columns(source, header, names, declaration)
    prose = {name for name, field in declaration.form.items() if field.type in PROSE}
    least = 1 + max((at for at, field in columns.items() if declaration.form[field].required), default=0)
    forms, short = [], []
    for record in records:
        _refuse_more_cells(source, record, header)
        if len(record.cells) < least:
            short.append(record)
        forms.append(_form(source, record, columns, prose))
    if not forms:
        raise unreadable(source.file, _("no form: there is no row under the column names."), line=header.line)
    notices = [*_ignored(header, columns, declaration), *_not_there(header, mapping), *_too_short(short, header)]
    return forms, notices


def _form(source: Source, record: _Record, columns: Mapping[int, str], prose: Set[str]) -> RawForm:
    cells = dict(enumerate(record.cells))
    values = {field: unmarked(cells[at], prose=field in prose) for at, field in columns.items() if cells.get(at)}
    return RawForm(
        file=source.file,
        row=record.row,
        line=record.line,
        values=values,
        local_times=True,
        lines=dict.fromkeys(columns.values(), record.line),
    )


# --- The table ---


def _records(source: Source, delimiter: str) -> Iterator[_Record]:
    told = _TOLD.match(source.text)
    body, skipped = (source.text[told.end() :], 1) if told else (source.text, 0)
    # No translation of line ends: those inside a quoted cell are its own.
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    row = 0
    while True:
        line = reader.line_num + 1 + skipped
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise _broken(source, str(problem), row, line) from None
        if len(cells) > MOST_CELLS:
            message = _("more than {n} cells, which no form has.", n=MOST_CELLS)
            raise unreadable(source.file, message, line=line, row=row or None)
        if (record := _Record(row, line, cells)).width:
            yield record
            row += 1


def _broken(source: Source, problem: str, row: int, line: int) -> Invalid:
    if "field limit" in problem:
        message = _('a cell is larger than any form; there may be a quote (") that is not closed.')
    elif "unexpected end" in problem:
        message = _('a quote (") is open from this line to the end of the file: close it, or remove it.')
    else:
        message = _('a quote (") stands inside a cell that is between quotes: write it twice ("").')
    return unreadable(source.file, message, line=line, row=row or None)


def _delimiter(source: Source, names: ColumnNames) -> str:
    """The delimiter by which most columns of the header are known; what follows the header may be broken."""
    if told := _TOLD.match(source.text):
        return told[1]

    def known(delimiter: str) -> tuple[int, int]:
        try:
            header = next(_records(source, delimiter), None)
        except Invalid:
            return -1, 0
        cells = header.cells if header else ()
        return sum(1 for cell in cells if names.fields(cell)), len(cells)

    return max(DELIMITERS, key=known)


# --- The header ---


def _columns(source: Source, header: _Record, names: ColumnNames, declaration: Declaration) -> dict[int, str]:
    """The field of each column that has one. Raises Invalid with all that is wrong with the header."""
    found: dict[int, str] = {}
    errors = []
    for at, column in enumerate(header.cells):
        fields = names.fields(column)
        if len(fields) > 1:
            errors.append(FieldError(column, _several(column, fields)))
        elif fields and fields[0] in found.values():
            first = header.cells[next(n for n, field in found.items() if field == fields[0])]
            errors.append(FieldError(fields[0], _twice(first, column)))
        elif fields:
            found[at] = fields[0]
    if not found and not errors:
        given = quoted(enumeration([cell.strip() for cell in header.cells if cell.strip()]))
        errors.append(FieldError("file", _no_header(given, declaration)))
    elif not errors:
        errors += _missing(header, found, declaration)
    if errors:
        example = '"Objet" = "title"'
        hint = _("Other names: coop submit FILE --map MAP.toml, with lines such as {example} in it.", example=example)
        errors = [error._replace(line=header.line, file=source.file) for error in errors]
        raise all_unreadable(source.file, errors, hint=hint)
    return found


def _several(column: str, fields: Sequence[str]) -> str:
    known = ", ".join(fields)
    return _(
        "the column {column} may be any of {fields}: give it the name of one.", column=quoted(column), fields=known
    )


def _twice(first: str, second: str) -> str:
    return _("two columns give this field, {first} and {second}: keep one.", first=quoted(first), second=quoted(second))


def _no_header(given: str, declaration: Declaration) -> str:
    examples = enumeration([quoted(field.text) for field in declaration.form.values() if field.required][:3])
    return _("the first line names no known column: expected {examples}…, got {given}.", examples=examples, given=given)


def _missing(header: _Record, found: Mapping[int, str], declaration: Declaration) -> list[FieldError]:
    unknown = [cell for at, cell in enumerate(header.cells) if at not in found]
    errors = []
    for name, field in declaration.form.items():
        if field.required and name not in found.values():
            message = _("expected a column {label}, there is none: this field is required.", label=quoted(field.text))
            words = (*field.label.values(), name)
            if close := next(filter(None, (nearest(word, unknown) for word in words)), None):
                message += " " + _("If {column} is that one, rename it.", column=quoted(close))
            errors.append(FieldError(name, message))
    return errors


# --- What is left out ---


def _refuse_more_cells(source: Source, record: _Record, header: _Record) -> None:
    given, expected = record.width, header.width
    if given > expected:
        message = _(
            "expected {expected} cells, as many as columns, got {given}: a text with a delimiter goes between quotes.",
            given=given,
            expected=expected,
        )
        raise unreadable(source.file, message, line=record.line, row=record.row)


def _ignored(header: _Record, columns: Mapping[int, str], declaration: Declaration) -> list[str]:
    free = {name: field for name, field in declaration.form.items() if name not in columns.values()}
    words = [*free, *(label for field in free.values() for label in field.label.values())]
    notices, plain = [], []
    unknown = (cell.strip() for at, cell in enumerate(header.cells[: header.width]) if at not in columns)
    for column in dict.fromkeys(unknown):
        shown = quoted(column)
        # Nearer than elsewhere: most unknown columns are nothing that the form asks.
        if close := difflib.get_close_matches(column, words, n=1, cutoff=0.75):
            name = quoted(close[0])
            notices.append(
                _("Column {column} is unknown and ignored; if it is {name}, rename it.", column=shown, name=name)
            )
        else:
            plain.append(shown if column else _("one without a name"))
    if plain:
        columns_ = enumeration(plain)
        notices.append(
            _n(
                "Unknown column, ignored: {columns}.",
                "Unknown columns, ignored: {columns}.",
                len(plain),
                columns=columns_,
            )
        )
    return notices


def _not_there(header: _Record, mapping: Mapping[str, str]) -> list[str]:
    there = {same_column(cell) for cell in header.cells}
    return [
        _("--map names the column {column}, which is not in the file.", column=quoted(column))
        for column in mapping
        if same_column(column) not in there
    ]


def _too_short(short: Sequence[_Record], header: _Record) -> list[str]:
    if not short:
        return []
    lines = ", ".join(str(record.line) for record in short[:10]) + (", …" if len(short) > 10 else "")
    return [
        _n(
            "Expected {expected} cells, line {lines} has fewer: a text with a line break goes between quotes.",
            "Expected {expected} cells, lines {lines} have fewer: a text with a line break goes between quotes.",
            len(short),
            lines=lines,
            expected=header.width,
        )
    ]


# --- Which column is which field ---


def read_mapping(path: str | os.PathLike[str], declaration: Declaration | None = None) -> Mapping[str, str]:
    """Column -> field, from the TOML of `--map`: lines `"column" = "field"`, in one table or none.

    Raises Invalid with every line that is not so or whose field is not declared, each with its line. Without a
    declaration fields are as given; one that is not declared is then found when a CSV is read.
    """
    file = name_of(path)
    source = decoded(content(path), file)
    given = parsed_toml(source)
    table: tuple[str, ...] = ()
    if len(given) == 1 and isinstance(inner := next(iter(given.values())), dict):
        given, table = inner, tuple(given)
    if not given:
        raise unreadable(file, _("no column: lines such as {example} are expected.", example='"Objet" = "title"'))
    locator, found, errors = Locator(source.text), {}, []
    for column, field in given.items():
        try:
            found[column] = _field(field, declaration)
        except Malformed as problem:
            errors.append(FieldError(column, str(problem), line=locator.line((*table, column)), file=file))
    if errors:
        raise all_unreadable(file, errors)
    return found


def _field(given: object, declaration: Declaration | None) -> str:
    if not isinstance(given, str):
        raise Malformed(
            _("expected a line such as {example}, column and field between quotes.", example='"Objet" = "title"')
        )
    if declaration is None:
        return given
    found = field_names(declaration).get(same_column(given))
    if found is None:
        close = did_you_mean(given, declaration.form)
        raise Malformed(_("there is no field {given} in the form.", given=quoted(given)) + close)
    return found


def same_column(text: str) -> str:
    """A column's name as it is compared: like labels, and without the mark of what is required (“*”) or a colon."""
    return simplified(text).rstrip(" *:")


def field_names(declaration: Declaration) -> dict[str, str]:
    """Every way to write the name of a field, as `same_column` gives it -> the field: `requester_name` too."""
    found = {same_column(name.replace(".", "_")): name for name in declaration.form}
    return found | {same_column(name): name for name in declaration.form}


class ColumnNames:
    """What a column may be called. `--map` comes before field names, and these before labels in any language.

    Raises Invalid for a `mapping` to a field that is not declared.
    """

    def __init__(self, declaration: Declaration, mapping: Mapping[str, str]) -> None:
        names = field_names(declaration)
        labels: dict[str, set[str]] = {}
        for name, field in declaration.form.items():
            for label in field.label.values():
                labels.setdefault(same_column(label), set()).add(name)
        self._fields = {label: fields for label, fields in labels.items() if label not in names}
        self._fields |= {same: {name} for same, name in names.items()}
        for column, given in mapping.items():
            try:
                self._fields[same_column(column)] = {_field(given, declaration)}
            except Malformed as problem:
                raise Invalid([FieldError(column, str(problem))]) from None

    def fields(self, column: str) -> list[str]:
        """The fields a column may hold: none when it is unknown, several when they share its label."""
        return sorted(self._fields.get(same_column(column), ()))
