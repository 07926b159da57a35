"""Forms in TOML and JSON, the samples, and where an error is."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime

import pytest
from form_files import FORM, SAMPLES, checked, error_of, table

from handlers.forms.raw import RawForm
from handlers.forms.reading import read_bytes, read_file
from states.declaration.model import Declaration
from states.declaration.types import Reading
from states.errors import FieldError
from states.forms.form import check_form

# --- The samples ---


def test_toml_sample(declaration: Declaration) -> None:
    read = read_file(SAMPLES / "fiche-1.toml", declaration)
    (raw,) = read.forms
    assert (read.format, read.encoding, read.notices) == ("toml", "utf-8", ())
    assert raw.values == tomllib.loads((SAMPLES / "fiche-1.toml").read_text("utf-8"))
    assert (raw.file, raw.row, raw.line, raw.local_times) == (str(SAMPLES / "fiche-1.toml"), 1, 1, False)
    assert checked(raw, declaration)["submitted_at"] == "2026-01-06T07:36:00Z"


def test_lines_of_toml_fields(declaration: Declaration) -> None:
    (raw,) = read_file(SAMPLES / "fiche-1.toml", declaration).forms
    assert (raw.lines["title"], raw.lines["requester.email"]) == (2, 21)
    assert raw.lines["requester.phone"] == 19, "a field that is not there has the line of its table"
    assert "sponsor" not in raw.lines


def test_json_sample(declaration: Declaration) -> None:
    read = read_file(SAMPLES / "fiches.json", declaration)
    assert (read.format, read.encoding, read.notices) == ("json", "utf-8", ())
    assert [raw.values for raw in read.forms] == json.loads((SAMPLES / "fiches.json").read_text("utf-8"))
    assert [(raw.row, raw.line) for raw in read.forms] == [(1, 2), (2, 26), (3, 50), (4, 74), (5, 98)]
    assert not any(raw.local_times for raw in read.forms)
    assert checked(read.forms[0], declaration)["requester.name"] == "Noa D'Exemple"


def test_csv_samples(declaration: Declaration) -> None:
    labels = read_file(SAMPLES / "fiches-export.csv", declaration)
    codes = read_file(SAMPLES / "fiches-codes-windows-1252.csv", declaration)
    assert (labels.format, labels.encoding, len(labels.forms), labels.notices) == ("csv", "utf-8", 52, ())
    assert (codes.format, codes.encoding, len(codes.forms), codes.notices) == ("csv", "windows-1252", 4, ())
    same = [[checked(raw, declaration) for raw in read.forms[:4]] for read in (labels, codes)]
    assert same[0] == same[1]
    assert same[0][0]["requester.name"] == "Claude Épreuve"
    assert same[0][0]["submitted_at"] == "2026-01-25T07:12:00Z", "a local date-time is in the lab's zone"
    assert [raw.row for raw in labels.forms] == list(range(1, 53))
    assert [raw.line for raw in labels.forms] == list(range(2, 54))


def test_every_csv_row_of_the_export_is_a_form(declaration: Declaration) -> None:
    for raw in read_file(SAMPLES / "fiches-export.csv", declaration).forms:
        checked(raw, declaration)


# --- TOML and JSON ---


def test_one_json_object(declaration: Declaration) -> None:
    given = {"title": "x", "participants": 2.5, "inconnu": [], "need": "a\x07\u0000", "requester": {"name": "N"}}
    (raw,) = read_bytes(("\n\n" + json.dumps(given)).encode(), "f.JSON", declaration).forms
    assert raw.values == given, "floats, unknown fields and control characters are the form's to judge"
    assert (raw.row, raw.line) == (1, 3)


def test_local_times_of_toml_are_left_as_they_are(declaration: Declaration) -> None:
    (raw,) = read_bytes(b"submitted_at = 2026-01-06T08:36:00", "f.toml", declaration).forms
    assert raw.values == {"submitted_at": datetime(2026, 1, 6, 8, 36)}
    assert not raw.local_times


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_marks_before_toml_and_json(declaration: Declaration, encoding: str) -> None:
    for text, name in (('title = "é"\r\n', "f.toml"), ('{"title": "é"}', "f.json")):
        (raw,) = read_bytes(text.encode(encoding), name, declaration).forms
        assert raw.values == {"title": "é"}


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ('title = "a"\nneed = b\n', 2, "every text between quotes; got “need = b”"),
        ('title = "a"\n\ntitle = "b"\n', 3, 'a second time, at “title = "b"”'),
        ("title = 'a'\n[requester]\n[requester]\n", 3, "a second time, at “[requester]”"),
        ('title = "a"\nneed = """b\n\n', 2, 'ends too early, after “need = """b”'),
        ('"requester.name" = "a"\n[requester]\nname = "b"\n', None, "given twice"),
        ("# rien\n", None, "no form"),
        ("\n" + ".".join(["a"] * 40_000) + "=1", 2, "too many parts"),
        ("[" + " . ".join(["a"] * 40_000) + "]", 1, "too many parts"),
        ("a = {" + ".".join(['"a"'] * 40_000) + "=1}", 1, "too many parts"),
        ("a = " + "[" * 9999, None, "nested too deep"),
        ("a = " + "9" * 9999, 1, "too many digits"),
        ("a = 0x" + "f" * 9999, None, "too many digits"),
        ('title = "é"'.encode("windows-1252"), 1, "expected in UTF-8"),
    ],
)
def test_what_is_no_toml(declaration: Declaration, text: bytes | str, line: int | None, sentence: str) -> None:
    error = error_of(text, "f.toml", declaration)
    assert sentence in error.message
    assert (error.line, error.row) == (line, None)


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        ('[{"title": "a",\n  "need" "b"}]', (2, None), 'expected JSON, got “"b"}]”'),
        ('{"title": "a"}\n{"title": "b"}', (2, None), '“{"title": "b"}” comes after the end'),
        ('{\n"title": "a\nb"}', (2, None), "write \\n"),
        ('{\n"title": "a', (2, None), 'not closed by a quote: “"a”'),
        ('[{"title": "a"},\n', (1, None), "not JSON: the file ends"),
        ("[]", (None, None), "this list is empty"),
        ('[{},\n"a"]', (2, 2), 'expected an object, such as {"title": "…", …}, got “"a"”'),
        ("null", (1, 1), "got “null”"),
        ('[{}, {"requester": {"name": "a",\n "name": "b"}}]', (1, 2), "“name” is given twice"),
        ('[{}, {"requester.name": "a", "requester": {"name": "b"}}]', (1, 2), "given twice"),
        ('{"participants": NaN}', (1, 1), "NaN is not JSON"),
        ('[{"title": "\\ud83d\\ude00"}, {"\\ud83d": 1}]', (1, 2), "half a character"),
        ("[" * 99_999, (None, None), "too many lists"),
        ('{"participants": ' + "9" * 9999 + "}", (None, None), "too many digits"),
        ('{"title": "é"}'.encode("windows-1252"), (1, None), "expected in UTF-8"),
    ],
)
def test_what_is_no_json(
    declaration: Declaration, text: bytes | str, place: tuple[int | None, int | None], sentence: str
) -> None:
    error = error_of(text, "f.json", declaration)
    assert sentence in error.message
    assert (error.line, error.row) == place


# --- Where an error is ---


def test_errors_are_located() -> None:
    raw = RawForm("f.toml", row=1, line=1, values={}, lines={"title": 4})
    errors = [FieldError("title", "a"), FieldError("need", "b"), FieldError("x", "c", line=9, file="g", row=7)]
    assert raw.located(errors) == [
        FieldError("title", "a", line=4, file="f.toml", row=1),
        FieldError("need", "b", line=1, file="f.toml", row=1),
        FieldError("x", "c", line=9, file="g", row=7),
    ]


def test_the_error_of_a_csv_row_has_its_line(declaration: Declaration) -> None:
    wrong = {**FORM, "need": "a\nb", "department": "99"}
    (raw,) = read_bytes(table(wrong).encode(), "f.csv", declaration).forms
    _values, errors = check_form(raw.values, Reading(declaration), "2027-01-01T00:00:00Z")
    assert [(e.field, e.file, e.row, e.line) for e in raw.located(errors)] == [("department", "f.csv", 1, 2)]


def test_moments_of_toml_are_checked_as_given(declaration: Declaration) -> None:
    (raw,) = read_bytes(b"submitted_at = 2026-01-06T08:36:00Z", "f.toml", declaration).forms
    assert raw.values == {"submitted_at": datetime(2026, 1, 6, 8, 36, tzinfo=UTC)}
