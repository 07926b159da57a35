"""Forms in files: what each format gives, and the one sentence for what cannot be read."""

from __future__ import annotations

import csv
import io
import json
import os
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.forms import text as forms_text
from handlers.forms.raw import RawForm
from handlers.forms.reading import read_bytes, read_file
from handlers.forms.tables import read_mapping
from states.declaration.documents import shipped
from states.declaration.marks import unmarked
from states.declaration.model import Declaration
from states.declaration.types import PROSE, Reading
from states.errors import FieldError, Invalid
from states.forms.form import check_form
from states.language import spoken
from states.verification.loading import load

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


@pytest.fixture(scope="module", autouse=True)
def _in_english() -> Iterator[None]:
    with spoken("en"):
        yield


@pytest.fixture(scope="module")
def declaration() -> Declaration:
    return load(shipped())


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


# --- CSV ---


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16"])
def test_ways_to_write_a_csv(declaration: Declaration, delimiter: str, line_end: str, encoding: str) -> None:
    text = table(FORM, FORM, delimiter=delimiter, lineterminator=line_end)
    read = read_bytes(text.encode(encoding), "-", declaration)
    assert [raw.values for raw in read.forms] == [FORM, FORM]
    assert [(raw.file, raw.row, raw.line) for raw in read.forms] == [("-", 1, 2), ("-", 2, 3)]
    assert read.format == "csv"
    assert read.encoding == encoding.removesuffix("-sig")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_labels_are_column_names(declaration: Declaration, language: str) -> None:
    labels = {name: f" {field.label[language].upper()}\u00a0" for name, field in declaration.form.items()}
    (raw,) = read_bytes(table(FORM, names=labels).encode(), "f.csv", declaration).forms
    assert raw.values == FORM


def test_labels_with_other_quotes_spaces_and_composed_accents(declaration: Declaration) -> None:
    labels = {"wanted_to": "Souhaité jusqu'au", "department": "De\u0301partement", "title": "Intitulé\ndu  projet"}
    (raw,) = read_bytes(table({**FORM, "wanted_to": "1/2/2027"}, names=labels).encode(), "f.csv", declaration).forms
    assert raw.values == {**FORM, "wanted_to": "1/2/2027"}


def test_the_delimiter_is_the_one_by_which_columns_are_known(declaration: Declaration) -> None:
    text = table(FORM, delimiter=",", names={"need": "a;b;c;d;e;f;g;h;i;j;k;l;m;n;o;p", "title": "Objet"})
    mapping = {"a;b;c;d;e;f;g;h;i;j;k;l;m;n;o;p": "need", "objet": "title"}
    (raw,) = read_bytes(text.encode(), "f.csv", declaration, mapping).forms
    assert raw.values == FORM


def test_excel_is_told_the_delimiter(declaration: Declaration) -> None:
    read = read_bytes(("sep=,\r\n" + table(FORM, delimiter=",")).encode("utf-8-sig"), "-", declaration)
    assert [(raw.values, raw.line) for raw in read.forms] == [(FORM, 3)]


def test_line_breaks_inside_cells_are_kept_and_counted(declaration: Declaration) -> None:
    first = {**FORM, "need": "un\r\ndeux\ntrois \x1b[31m\x07"}
    read = read_bytes(table(first, FORM).encode(), "f.csv", declaration)
    assert [(raw.values, raw.row, raw.line) for raw in read.forms] == [(first, 1, 2), (FORM, 2, 5)]


def test_blank_lines_and_empty_rows_are_no_forms(declaration: Declaration) -> None:
    header, row, *_rest = table(FORM).split("\r\n")
    text = "\r\n".join(["", header + ";;", row + ";; ", "", ";" * 11, row, ""])
    read = read_bytes(text.encode(), "f.csv", declaration)
    assert [(raw.row, raw.line, raw.values) for raw in read.forms] == [(1, 3, FORM), (2, 6, FORM)]
    assert read.notices == ()


def test_unknown_columns_are_ignored_each_named_once(declaration: Declaration) -> None:
    header, row, *_rest = table(FORM).split("\r\n")
    text = f"{header};Statut du dossier;Téléphones;Statut du dossier;;Fin\r\n{row};x;06;y;;\r\n{row};x;06;y;;\r\n"
    read = read_bytes(text.encode(), "f.csv", declaration)
    assert [raw.values for raw in read.forms] == [FORM, FORM]
    assert read.notices == (
        "Column “Téléphones” is unknown and ignored; if it is “Téléphone”, rename it.",
        "Unknown columns, ignored: “Statut du dossier”, one without a name and “Fin”.",
    )


def test_a_row_with_fewer_cells_has_empty_ones(declaration: Declaration) -> None:
    optional = {**FORM, "sponsor": "La directrice"}
    text = table(optional) + "a;b\r\n" + table(FORM).split("\r\n")[1] + "\r\n"
    read = read_bytes(text.encode(), "f.csv", declaration)
    assert [raw.values for raw in read.forms] == [optional, {"title": "a", "need": "b"}, FORM]
    assert read.notices == ("Expected 13 cells, line 3 has fewer: a text with a line break goes between quotes.",)


def _replaced(old: str, new: str) -> str:
    return table(FORM).replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        (table(FORM).split("\r\n")[0], (1, None), "there is no row under the column names"),
        (";;\n", (1, None), "names no known column"),
        ("bonjour\nà tous\n", (1, None), "“Project title”, “Your need” and “Expected outcome”…, got “bonjour”"),
        (
            _replaced("title", "titel"),
            (1, None),
            "column “Project title”, there is none: this field is required. If “titel”",
        ),
        (_replaced("title;", ""), (1, None), "column “Project title”, there is none: this field is required."),
        (_replaced("title", "Courriel"), (1, None), "two columns give this field, “Courriel” and “requester_email”"),
        (_replaced("draio", "draio;x;y"), (2, 1), "expected 12 cells, as many as columns, got 14"),
        (table(FORM) + '"ouvert;a;b\nc\n', (3, 2), 'a quote (") is open from this line to the end'),
        (table(FORM) + '"Le "mot" dit";a\n', (3, 2), "write it twice"),
        (table(FORM) + '"' + "x" * 140_000, (3, 2), "larger than any form"),
        ('"title;need\n', (1, None), 'a quote (") is open'),
    ],
)
def test_what_is_no_table_of_forms(
    declaration: Declaration, text: str, place: tuple[int | None, int | None], sentence: str
) -> None:
    error = error_of(text, "f.csv", declaration)
    assert sentence in error.message
    assert (error.line, error.row) == place


def test_every_missing_column_is_named_with_a_way_out(declaration: Declaration) -> None:
    with pytest.raises(Invalid) as refused:
        read_bytes(b"title;need\na;b\n", "f.csv", declaration)
    assert {e.field for e in refused.value.fields} == set(FORM) - {"title", "need"}
    assert {(e.file, e.line) for e in refused.value.fields} == {("f.csv", 1)}
    assert "--map" in (refused.value.hint or "")


def test_a_label_of_two_fields_is_refused() -> None:
    declaration = load(shipped().replace('fr = "Courriel", en = "E-mail"', 'fr = "Nom du demandeur", en = "E-mail"'))
    text = table(FORM, names={"requester.name": "Nom du demandeur"})
    assert "any of requester.email, requester.name" in error_of(text, "f.csv", declaration).message
    text = table(FORM, names={"requester.name": "Nom du demandeur"})
    (raw,) = read_bytes(text.encode(), "f.csv", declaration, {"Nom du demandeur": "requester_name"}).forms
    assert raw.values == FORM


# --- --map ---


def test_mapping_renames_columns(declaration: Declaration, tmp_path: Path) -> None:
    file = tmp_path / "map.toml"
    for head in ("", "[champs]\n", "# les colonnes\n[columns]\n"):
        file.write_text(head + '"Objet " = "title"\n"Demandé par" = "requester_name"\n"Absente" = "sponsor"\n', "utf-8")
        mapping = read_mapping(file, declaration)
        assert mapping == {"Objet ": "title", "Demandé par": "requester.name", "Absente": "sponsor"}
        text = table(FORM, names={"title": "OBJET", "requester.name": "Demandé par"})
        read = read_bytes(text.encode(), "f.csv", declaration, mapping)
        assert read.forms[0].values == FORM
        assert read.notices == ("--map names the column “Absente”, which is not in the file.",)


def test_mapping_comes_before_names_and_labels(declaration: Declaration) -> None:
    text = table({**FORM, "sponsor": "La directrice"}, names={"title": "sponsor", "sponsor": "Service", "service": "S"})
    mapping = {"sponsor": "title", "Service": "sponsor", "S": "service"}
    (raw,) = read_bytes(text.encode(), "f.csv", declaration, mapping).forms
    assert raw.values == {**FORM, "sponsor": "La directrice"}


def test_mistakes_of_a_mapping_are_found_together(declaration: Declaration, tmp_path: Path) -> None:
    file = tmp_path / "map.toml"
    file.write_text('[champs]\n"A" = "titel"\n"B" = 3\n"C" = "need"\n', "utf-8")
    with pytest.raises(Invalid) as refused:
        read_mapping(file, declaration)
    first, second = refused.value.fields
    assert (first.field, first.line, first.file) == ("A", 2, str(file))
    assert first.message == "there is no field “titel” in the form. Did you mean “title”?"
    assert (second.field, second.line) == ("B", 3)
    assert '"Objet" = "title"' in second.message


def test_a_mapping_read_without_a_declaration_is_checked_with_the_file(
    declaration: Declaration, tmp_path: Path
) -> None:
    file = tmp_path / "map.toml"
    file.write_text('"A" = "titel"\n', "utf-8")
    with pytest.raises(Invalid, match="Some of what was given"):
        read_bytes(table(FORM).encode(), "f.csv", declaration, read_mapping(file))


@pytest.mark.parametrize(
    ("text", "sentence"), [("# rien\n", "no column"), ("A = title\n", "expected TOML"), ("", "empty")]
)
def test_what_is_no_mapping(declaration: Declaration, tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "map.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(Invalid) as refused:
        read_mapping(file, declaration)
    assert sentence in refused.value.fields[0].message


def test_a_mapping_says_that_it_is_for_csv(declaration: Declaration) -> None:
    read = read_bytes(b"{}", "f.json", declaration, {"A": "title"})
    assert read.notices == ("--map is for the columns of a CSV file: it changes nothing here.",)


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
        ("a = " + "9" * 9999, None, "too many digits"),
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
        ("[" * 99_999, (None, None), "nested too deep"),
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


# --- Encodings ---

WORDS = "Améliorer l’accueil à Béziers : où être reçu, bientôt, sans gêne"


@pytest.mark.parametrize("encoding", ["mac-roman", "cp850"])
@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
@pytest.mark.parametrize(
    "title", [WORDS, "Le lycée", "Améliorer l'accueil", "Un problème", "Une fenêtre", "Bientôt", "Ça reçoit"]
)
def test_a_code_page_guessed_wrong_is_refused_with_the_one_that_makes_sense(
    declaration: Declaration, title: str, encoding: str, line_end: str
) -> None:
    title = title.replace("’", "'") if encoding == "cp850" else title
    form = {**FORM, "title": title, "expected_outcome": "rien", "requester.name": "Noa"}
    data = table(form, lineterminator=line_end).encode(encoding)
    error = error_of(data, "f.csv", declaration)
    assert f"--encoding {encoding}: " in error.message
    assert error.line == 2
    (raw,) = read_bytes(data, "f.csv", declaration, encoding=encoding).forms
    assert raw.values["title"] == title


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("Le cœur du métier".encode("iso-8859-15"), ["“c½ur”", "--encoding iso-8859-15: “cœur”"]),
        ("AmÃ©liorer lâ€™accueil".encode(), ["“AmÃ©liorer” and “lâ€™accueil”"]),
        ("Am\ufffdliorer l'accueil".encode(), ["“Am\ufffdliorer”"]),
        ("Am‚liorer".encode(), ["“Am‚liorer”"]),
    ],
)
def test_words_that_are_none_are_named(declaration: Declaration, data: bytes, words: list[str]) -> None:
    text = table({**FORM, "expected_outcome": "rien", "requester.name": "Noa"}).encode()
    error = error_of(text.replace(b"Un projet", data), "f.csv", declaration)
    for word in words:
        assert word in error.message


@pytest.mark.parametrize(
    "text",
    [
        "L’œuvre : « été », coût 20 €, n° 1 – où, dès Noël… agent·e·s, 5 ½ h, 20 m²",
        "ÉCOLE PRIMAIRE À BÉZIERS, EspaceÉtudes",
        "Šimon Žižek, Željko, São Paulo, Ærø, Ångström, Muñoz",
        "Oui…non, peut-être – mais l’été",
        "Word™, 10‰, ©, ±, Δ",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252"])
def test_words_that_are_french_or_names_pass(declaration: Declaration, text: str, encoding: str) -> None:
    data = table({**FORM, "title": text}).encode(encoding, "ignore")
    (raw,) = read_bytes(data, "f.csv", declaration).forms
    assert raw.values["title"] == text.encode(encoding, "ignore").decode(encoding)


def test_an_encoding_that_is_said_is_believed_or_refused(declaration: Declaration) -> None:
    data = table({**FORM, "title": "Am‚liorer"}).encode()
    assert read_bytes(data, "f.csv", declaration, encoding="utf-8").forms[0].values["title"] == "Am‚liorer"
    with pytest.raises(Invalid) as refused:
        read_bytes("é".encode("cp850"), "f.csv", declaration, encoding="utf-8")
    assert "not in utf-8" in refused.value.fields[0].message
    toml = 'title = "é"'.encode("windows-1252")
    assert read_bytes(toml, "f.toml", declaration, encoding="windows-1252").forms[0].values == {"title": "é"}


# --- Which format, which file ---


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ('{"title": "a"}', "json"),
        (' \n[{"title": "a"}]', "json"),
        ('[\n{"title": "a"}]', "json"),
        ('title = "a"', "toml"),
        ('# a comment # another\n\n  title="a"', "toml"),
        ('"title" = "a"', "toml"),
        ('requester . "name" = "a"', "toml"),
        ('[requester]\r\nname = "a"', "toml"),
        ('[ requester ] # who\nname = "a"', "toml"),
        (table(FORM), "csv"),
        (table(FORM, quoting=csv.QUOTE_ALL), "csv"),
    ],
)
def test_the_content_tells_the_format_when_the_name_does_not(declaration: Declaration, text: str, format: str) -> None:
    for name in ("-", "fiche", "fiche.txt"):
        read = read_bytes(text.encode(), name, declaration)
        assert (read.format, len(read.forms)) == (format, 1)


def test_many_comments_are_passed_over_at_once(declaration: Declaration) -> None:
    assert "no known column" in error_of("# " * 5000 + "\nbonjour\nx", "-", declaration).message


@pytest.mark.parametrize(
    ("data", "line", "sentence"),
    [
        (b"", None, "the file is empty"),
        (b"\xef\xbb\xbf \r\n", None, "the file is empty"),
        (
            b"PK\x03\x04\x14\x00",
            None,
            "a spreadsheet (xlsx, ods) or another compressed file, a text file is expected: export it as CSV",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None, "a spreadsheet or a document of an old version of Office"),
        (b"%PDF-1.7\n", None, "this is a PDF"),
        (b"\x89PNG\r\n\x1a\n", None, "a picture"),
        (b"{\\rtf1", None, "a word processor’s document"),
        (b" <!DOCTYPE html><table>", None, "a web page"),
        (b"title;need\na;b\x00\n", 2, "NUL bytes"),
        ("title;need\n".encode("utf-16-le"), 1, "NUL bytes"),
        (b"\xff\xfet", None, "this UTF-16 text is damaged"),
        ("title\né".encode()[:-1] + "é".encode(), 2, "this UTF-8 text is damaged"),
        (b"\xef\xbb\xbftitle\n\xe9", 2, "this UTF-8 text is damaged"),
        (b"title\n\x81\xe9", 2, "are no words"),
    ],
)
@pytest.mark.parametrize("name", ["-", "f.csv", "f.json", "f.toml", "f.xlsx"])
def test_what_is_no_text(declaration: Declaration, name: str, data: bytes, line: int | None, sentence: str) -> None:
    error = error_of(data, name, declaration)
    assert sentence in error.message
    assert (error.line, error.row) == (line, None)


def test_a_file_too_large(declaration: Declaration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms_text, "LARGEST", 3_000_000)
    file = tmp_path / "f.csv"
    file.write_bytes(b"x" * 3_000_001)
    with pytest.raises(Invalid) as refused:
        read_file(file, declaration)
    assert refused.value.fields[0].message == "more than 3 MB, which is too large for forms: split it."
    assert "more than 3 MB" in error_of(b"x" * 3_000_001, "-", declaration).message


def _folder(path: Path) -> None:
    path.mkdir()


def _other_name(path: Path) -> None:
    path.with_suffix(".cvs").touch()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [(_folder, "this is a folder"), (_other_name, "no such file; check its name and folder. Did you mean “f.cvs”?")],
)
def test_what_is_no_file(declaration: Declaration, tmp_path: Path, make: Callable[[Path], None], sentence: str) -> None:
    make(tmp_path / "f.csv")
    with pytest.raises(Invalid) as refused:
        read_file(tmp_path / "f.csv", declaration)
    (error,) = refused.value.fields
    assert sentence in error.message
    assert (error.file, refused.value.exit) == (str(tmp_path / "f.csv"), 6)


@pytest.mark.parametrize("path", ["nowhere/at/all.csv", "a\x00b.csv", "x" * 5000, "\udcff.csv"])
def test_names_of_no_file(declaration: Declaration, path: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_file(path, declaration)
    json.dumps(refused.value.document(), ensure_ascii=False).encode()
    assert refused.value.message.isprintable()


def test_a_file_one_may_not_read(declaration: Declaration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(Invalid) as refused:
        read_file(tmp_path / "f.csv", declaration)
    assert "you may not read this file" in refused.value.fields[0].message


def test_standard_input(declaration: Declaration, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(table(FORM).encode("windows-1252"))))
    assert [raw.values for raw in read_file("-", declaration).forms] == [FORM]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"{")))
    with pytest.raises(Invalid, match=r"^Cannot read the standard input: see line 1\.$"):
        read_file("-", declaration)


def test_a_pipe_is_read_as_a_file(declaration: Declaration) -> None:
    out, into = os.pipe()
    os.write(into, b'title = "a"\n')
    os.close(into)
    try:
        assert read_file(f"/dev/fd/{out}", declaration).forms[0].values == {"title": "a"}
    finally:
        os.close(out)


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


# --- Any text, any bytes ---

ENCODINGS = {
    "utf-8": st.characters(codec="utf-8", exclude_characters="\x00"),
    "utf-8-sig": st.characters(codec="utf-8", exclude_characters="\x00"),
    "utf-16": st.characters(codec="utf-8", exclude_characters="\x00"),
    # Ã and â begin what is taken for damaged UTF-8.
    "windows-1252": st.characters(codec="windows-1252", exclude_characters="\x00Ãâ"),
}


@st.composite
def written_forms(draw: st.DrawFn) -> tuple[list[dict[str, str]], str, str]:
    """Forms with any text in any field, an encoding that can hold them, a delimiter."""
    encoding = draw(st.sampled_from(sorted(ENCODINGS)))
    fields = [*FORM, *draw(st.lists(st.sampled_from(["sponsor", "external_id", "requester.phone"]), unique=True))]
    # A row without anything to see is no form.
    anything = {field: st.text(ENCODINGS[encoding], max_size=12) for field in fields} | {"title": st.just("x")}
    rows = draw(st.lists(st.fixed_dictionaries(anything), min_size=1, max_size=4))
    return rows, encoding, draw(st.sampled_from(";,\t"))


@settings(deadline=None)
@given(written=written_forms(), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), labels=st.booleans())
def test_what_is_written_is_read(
    declaration: Declaration, written: tuple[list[dict[str, str]], str, str], quoting: int, labels: bool
) -> None:
    rows, encoding, delimiter = written
    names = {name: field.label["fr"] for name, field in declaration.form.items()} if labels else None
    if encoding == "windows-1252":
        rows = [{field: value.replace("\ufeff", "") for field, value in row.items()} for row in rows]
    data = table(*rows, delimiter=delimiter, names=names, quoting=quoting).encode(encoding)
    read = read_bytes(data, "f.csv", declaration, encoding=encoding.removesuffix("-sig"))
    prose = {name for name, field in declaration.form.items() if field.type in PROSE}
    expected = [{k: unmarked(v, prose=k in prose) for k, v in row.items() if v} for row in rows]
    assert [raw.values for raw in read.forms] == expected
    assert [raw.row for raw in read.forms] == list(range(1, len(rows) + 1))
    assert read.notices == ()


def _damaged(sample: bytes) -> st.SearchStrategy[bytes]:
    places = st.integers(0, len(sample))
    return st.builds(lambda a, b, c: sample[:a] + b + sample[c:], places, st.binary(max_size=4), places)


ANY_FILE = st.one_of(
    st.binary(max_size=200),
    st.text(alphabet="[]{}\"',;=#. \n\r\tatitle1é", max_size=60).map(str.encode),
    *(
        _damaged((SAMPLES / name).read_bytes())
        for name in ("fiche-1.toml", "fiches.json", "fiches-codes-windows-1252.csv")
    ),
)


@settings(deadline=None)
@given(data=ANY_FILE, name=st.sampled_from(["-", "f.csv", "f.toml", "f.json"]))
def test_any_bytes_are_read_or_refused_in_a_sentence(declaration: Declaration, data: bytes, name: str) -> None:
    assert outcome_of(data, name, declaration)


def outcome_of(data: bytes, name: str, declaration: Declaration) -> bool:
    """Whether forms came out, or else only sentences that can be printed."""
    try:
        return bool(read_bytes(data, name, declaration).forms)
    except Invalid as refused:
        told = [refused.message, *(error.message for error in refused.fields)]
        return len(told) > 1 and all(sentence.isprintable() for sentence in told)
