"""Forms in TOML, one a file; and the one place where TOML given by people is parsed."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from handlers.forms.raw import RawForm, quoted, unreadable
from handlers.forms.text import Source, refuse_other_than_unicode
from states.declaration.model import Declaration
from states.declaration.toml_lines import Locator
from states.errors import Invalid
from states.forms.form import flattened
from states.language import _


def read_toml(source: Source, declaration: Declaration) -> list[RawForm]:
    """The one form of a TOML text. Raises Invalid when it is not TOML, gives a field twice or holds nothing."""
    values = parsed_toml(source)
    if not values:
        raise unreadable(source.file, _('no form: lines such as title = "…" are expected.'))
    refuse_twice(source.file, values)
    locator, lines = Locator(source.text), {}
    # A field that is not there has the line of its table, if that is.
    for name in (*flattened(values), *declaration.form):
        line = locator.line((name,)) or locator.line(tuple(name.split(".")))
        if line is not None:
            lines[name] = line
    return [RawForm(source.file, row=1, line=1, values=values, lines=lines)]


def refuse_twice(file: str, values: dict[str, Any], line: int | None = None, row: int | None = None) -> None:
    """Raises Invalid for a field given both in a table and under its dotted name, where one would be lost."""
    for table, inner in values.items():
        for part in inner if isinstance(inner, dict) else ():
            if (name := f"{table}.{part}") in values:
                raise unreadable(file, _("this field is given twice: keep one."), field=name, line=line, row=row)


def parsed_toml(source: Source) -> dict[str, Any]:
    """The values of a TOML text. Raises Invalid, with the line, when it is not TOML."""
    refuse_other_than_unicode(source)
    try:
        found = tomllib.loads(source.text)
        # Python has a limit to the digits of a whole number, which one in base 16 meets only when it is written.
        repr(found)
    except tomllib.TOMLDecodeError as problem:
        raise _not_toml(source, str(problem)) from None
    except RecursionError:
        raise unreadable(source.file, _("lists or tables are nested too deep for a form.")) from None
    except ValueError:
        raise unreadable(source.file, _("a number has too many digits.")) from None
    return found


def _not_toml(source: Source, problem: str) -> Invalid:
    """The error for tomllib's `problem`, which tells the place in words; at the end it gives none."""
    lines = source.text.split("\n")
    place = re.search(r"at line (\d+)", problem)
    if place is None:
        last = source.text.rstrip().split("\n")
        message = _("not TOML: the file ends too early, after {given}; a quote may be open.", given=quoted(last[-1]))
        return unreadable(source.file, message, line=len(last))
    line = int(place[1])
    given = quoted(lines[line - 1].strip()) if line <= len(lines) else ""
    if re.search(r"overwrite|twice|already", problem):
        message = _("a name or a table is given a second time, at {given}: keep one.", given=given)
    else:
        message = _('expected TOML, such as title = "…", with every text between quotes; got {given}.', given=given)
    return unreadable(source.file, message, line=line)
