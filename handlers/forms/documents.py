"""Forms in TOML, one a file, and in JSON, one object or a list; the one place where TOML given by people is parsed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from handlers.forms.raw import RawForm, unreadable
from handlers.forms.text import Source, refuse_other_than_unicode
from states.causes import quoted
from states.declaration.model import Declaration
from states.declaration.toml_lines import Locator, NotToml, parsed
from states.errors import Invalid
from states.forms.form import flattened
from states.language import _

_BLANK = re.compile(r"[ \t\r\n]*")
_BLANK_OR_COMMA = re.compile(r"[ \t\r\n,]*")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


MOST_FIELDS = 1000  # of a form: each one that is unknown is compared with all that are known

# --- TOML ---


def read_toml(source: Source, declaration: Declaration) -> list[RawForm]:
    """The one form of a TOML text. Raises Invalid when it is not TOML, gives a field twice or holds nothing."""
    values = parsed_toml(source)
    if not values:
        raise unreadable(source.file, _('no form: lines such as title = "…" are expected.'))
    if len(values) > MOST_FIELDS:
        raise unreadable(source.file, _("more than {n} fields, which no form has.", n=MOST_FIELDS))
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
        return parsed(source.text)
    except NotToml as problem:
        raise unreadable(source.file, str(problem), line=problem.line) from None


# --- JSON ---


class _Wrong(ValueError):
    """Something that the json module accepts and a form does not; its text is for people."""


def read_json(source: Source) -> list[RawForm]:
    """The forms of a JSON text. Raises Invalid, with the line, for what is not JSON, no object, or given twice."""
    refuse_other_than_unicode(source)
    whole = _parsed(source)
    if whole == []:
        raise unreadable(source.file, _("no form: this list is empty, at least one object is expected."))
    forms, line, before = [], 1, 0
    for row, start in enumerate(_starts(source.text, whole), 1):
        line, before = line + source.text.count("\n", before, start), start
        forms.append(_form(source, row, line, start))
    return forms


# What Python takes for what a mark of JSON announces, at most: an object, a list, a name, one thing more in a list.
_BYTES = {"{": 64, "[": 56, '":': 100, ",": 58}


def swells(text: str) -> bool:
    """Whether a JSON text takes far more memory than its length: it is little else than marks, and no form."""
    return sum(size * text.count(mark) for mark, size in _BYTES.items()) > 8 * len(text) + 1_000_000


def _parsed(source: Source) -> Any:
    if swells(source.text):
        raise unreadable(source.file, _("there are too many lists and objects for the text that is in them."))
    try:
        return json.loads(source.text)
    except json.JSONDecodeError as problem:
        raise _not_json(source, problem) from None
    except RecursionError:
        raise unreadable(source.file, _("lists or tables are nested too deep for a form.")) from None
    except ValueError:  # Python refuses to read whole numbers of thousands of digits.
        raise unreadable(source.file, _("a number has too many digits.")) from None


def _starts(text: str, whole: Any) -> Iterator[int]:
    """Where each form begins, in a text that is known to be JSON."""
    at = _after(_BLANK, text, 0)
    if not isinstance(whole, list):
        yield at
        return
    scan = json.JSONDecoder().raw_decode
    at = _after(_BLANK, text, at + 1)
    while text[at] != "]":
        yield at
        at = _after(_BLANK_OR_COMMA, text, scan(text, at)[1])


def _after(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start


def _form(source: Source, row: int, line: int, start: int) -> RawForm:
    strict = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)
    try:
        values, end = strict.raw_decode(source.text, start)
        given = source.text[start:end]
        if _SURROGATE.search(given):
            _refuse_halves(values)
    except _Wrong as problem:
        raise unreadable(source.file, str(problem), line=line, row=row) from None
    if not isinstance(values, dict):
        example = '{"title": "…", …}'
        message = _("expected an object, such as {example}, got {given}.", example=example, given=quoted(given))
        raise unreadable(source.file, message, line=line, row=row)
    if len(values) > MOST_FIELDS:
        raise unreadable(source.file, _("more than {n} fields, which no form has.", n=MOST_FIELDS), line=line, row=row)
    refuse_twice(source.file, values, line, row)
    return RawForm(source.file, row=row, line=line, values=values)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Wrong(_("{name} is given twice in the same form: keep one.", name=quoted(name)))
        found[name] = value
    return found


def _constant(name: str) -> NoReturn:
    raise _Wrong(_("{name} is not JSON: write a number, or null for nothing.", name=name))


def _refuse_halves(values: Any) -> None:
    # Half a surrogate pair is no character: it could be neither stored nor printed, in a name no more than in a value.
    try:
        json.dumps(values, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise _Wrong(_("half a character (\\ud800 to \\udfff without its pair): write the whole character.")) from None


def _not_json(source: Source, problem: json.JSONDecodeError) -> Invalid:
    rest = source.text[problem.pos :].strip()
    given = quoted(rest.split("\n", 1)[0])
    if problem.msg.startswith("Extra data"):
        message = _("{given} comes after the end: several forms are expected in one list, [ … , … ].", given=given)
    elif problem.msg.startswith("Invalid control character"):
        message = _("a text holds a line break, a tab or a control character as it is: write \\n, \\t or \\u00XX.")
    elif problem.msg.startswith("Unterminated string"):
        message = _("a text is not closed by a quote: {given}.", given=given)
    elif not rest:
        message = _("not JSON: the file ends inside an object or a list that is not closed.")
    else:
        message = _("expected JSON, got {given}: look for a comma, a quote or a bracket around it.", given=given)
    line = problem.lineno if rest else source.text.rstrip().count("\n") + 1
    return unreadable(source.file, message, line=line)
