"""Forms not finished: what was typed, kept in a TOML file that `coop submit --ask FILE` goes on from."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from handlers.forms.reading import read_file
from states.declaration.model import Declaration
from states.errors import FieldError, Invalid
from states.forms.form import GROUP, flattened
from states.language import _
from workflow import durable


def write_draft(folder: Path, stamp: str, answers: Mapping[str, Any]) -> Path:
    """Writes the answers to a new file of the folder, which only its owner may read; its path. OSError if it cannot."""
    number = 1
    while True:
        path = folder / (f"fiche-{stamp}.toml" if number == 1 else f"fiche-{stamp}-{number}.toml")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            number += 1
            continue
        try:
            durable.write(descriptor, [as_toml(answers).encode()])
        except BaseException:  # no half of a draft
            path.unlink(missing_ok=True)
            raise
        return path


def as_toml(answers: Mapping[str, Any]) -> str:
    """Flat answers as TOML, the requester in a table."""
    lines = [f"{name} = {_value(value)}" for name, value in answers.items() if "." not in name]
    grouped = {name.partition(".")[2]: value for name, value in answers.items() if name.startswith(f"{GROUP}.")}
    if grouped:
        lines += ["", f"[{GROUP}]", *(f"{name} = {_value(value)}" for name, value in grouped.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    # A JSON string is a TOML one, but for the delete character, which TOML wants written out.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def read_draft(file: str, declaration: Declaration) -> dict[str, Any]:
    """What a file holds of one form, not checked. Invalid when it cannot be read, or holds several."""
    forms = read_file(file, declaration).forms
    if len(forms) != 1:
        raise Invalid([FieldError("file", _("expected one form, found {n}", n=len(forms)), file=file)])
    return flattened(forms[0].values)
