"""Forms in files: one that is right, how it stands in a table, what is said of a file that is not."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from handlers.forms.raw import RawForm
from handlers.forms.reading import read_bytes
from states.declaration.model import Declaration
from states.declaration.types import Reading
from states.errors import FieldError, Invalid
from states.forms.form import check_form

SAMPLES = Path(__file__).parent.parent / "samples"
FORM = {
    "title": "Un projet",
    "need": "Le besoin ; dit ainsi",
    "expected_outcome": "Un prototype, à essayer",
    "outcome_predefined": "non",
    "collaborative_share": "50 %",
    "kind": "accompanied",
    "axis": "incubation",
    "requester.name": "Noa Témoin",
    "requester.email": "noa.temoin@example.org",
    "service": "draio",
    "department": "34",
    "place": "montpellier",
}


def table(*rows: dict[str, str], delimiter: str = ";", names: dict[str, str] | None = None, **options: Any) -> str:
    """A CSV text: a header of field names, or of their `names`, and the rows."""
    text = io.StringIO(newline="")
    header = list(dict.fromkeys(field for row in rows for field in row))
    writer = csv.writer(text, delimiter=delimiter, **options)
    writer.writerow([(names or {}).get(field, field.replace(".", "_")) for field in header])
    writer.writerows([row.get(field, "") for field in header] for row in rows)
    return text.getvalue()


def error_of(
    data: bytes | str, name: str, declaration: Declaration, mapping: dict[str, str] | None = None
) -> FieldError:
    """The one error for which `data` is refused."""
    with pytest.raises(Invalid) as refused:
        read_bytes(data.encode() if isinstance(data, str) else data, name, declaration, mapping)
    assert refused.value.exit == 6
    assert "\n" not in refused.value.message
    (error,) = refused.value.fields
    assert error.file == name
    return error


def checked(raw: RawForm, declaration: Declaration) -> dict[str, Any]:
    values, errors = check_form(raw.values, Reading(declaration, raw.local_times), "2027-01-01T00:00:00Z")
    assert errors == []
    return values
