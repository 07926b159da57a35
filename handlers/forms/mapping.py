"""Which field a column of a spreadsheet holds: the file of `--map`, field names, labels of the declaration."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping

from handlers.forms.raw import all_unreadable, quoted, unreadable
from handlers.forms.text import content, decoded, name_of
from handlers.forms.toml import parsed_toml
from states.declaration.model import Declaration
from states.declaration.toml_lines import Locator
from states.declaration.types import Malformed, simplified
from states.errors import FieldError, Invalid, did_you_mean
from states.language import _


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
    """A column's name as it is compared: like labels, and without the difference of composed accents."""
    return simplified(unicodedata.normalize("NFC", text))


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
