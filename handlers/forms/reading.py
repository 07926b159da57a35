"""Forms from files: TOML, JSON and CSV, as people and their tools write them, before they are checked.

A reader keeps values as they were given, and refuses only what it cannot take apart; what a field may hold is
`states.forms.form`'s to say. Whatever cannot be read is `Invalid` (exit 6), with the file, and the row and line if
known.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from handlers.forms.documents import read_json, read_toml
from handlers.forms.raw import Forms
from handlers.forms.tables import read_csv
from handlers.forms.text import content, decoded, name_of, refuse_large
from states.declaration.model import Declaration
from states.language import _

_FORMATS = {".toml": "toml", ".json": "json", ".csv": "csv", ".tsv": "csv"}
# Blank lines and comments, then a key or the header of a table.
_TOML = re.compile(
    r"""
    (?> \s+ | \#[^\n]* )*+
    (?: (?:"[^"\n]*" | '[^'\n]*' | [\w-]+) (?:\s*\.\s* (?:"[^"\n]*" | '[^'\n]*' | [\w-]+))* [ \t]* =
      | \[\[? [^\[\]{},;\n]+ \]\]? [ \t]* (?:\#.*)? \r?$ )
    """,
    re.MULTILINE | re.VERBOSE,
)
# The line that tells Excel the delimiter of a CSV file looks like a key of TOML.
_TOLD_TO_EXCEL = re.compile(r'"?sep=', re.IGNORECASE)


def read_file(
    path: str | os.PathLike[str],
    declaration: Declaration,
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
) -> Forms:
    """The forms of a file, or of standard input for `-`; `mapping` (column -> field) is for CSV.

    Without an `encoding`, one of `text.ENCODINGS`, it is found.

    Raises Invalid when the file cannot be read, as a whole: then no form of it is given.
    """
    return read_bytes(content(path), name_of(path), declaration, mapping, encoding)


def read_bytes(
    data: bytes,
    name: str,
    declaration: Declaration,
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
) -> Forms:
    """The forms of the bytes of a file called `name`, whose extension tells the format; else the content does.

    Raises Invalid as `read_file` does.
    """
    refuse_large(data, name)
    source = decoded(data, name, encoding)
    format = _FORMATS.get(Path(name).suffix.casefold()) or _sniffed(source.text)
    notices: list[str] = []
    if format == "csv":
        forms, notices = read_csv(source, declaration, mapping or {})
    else:
        forms = read_toml(source, declaration) if format == "toml" else read_json(source)
        if mapping:
            notices.append(_("--map is for the columns of a CSV file: it changes nothing here."))
    return Forms(tuple(forms), format, source.encoding, tuple(notices))


def _sniffed(text: str) -> str:
    """The format of a text without a telling name: `[` begins a list in JSON and a table in TOML."""
    if _TOML.match(text) and not _TOLD_TO_EXCEL.match(text):
        return "toml"
    return "json" if text.lstrip()[:1] in ("{", "[") else "csv"
