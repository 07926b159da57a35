"""Forms in CSV, and the columns that a mapping renames."""

from __future__ import annotations

from pathlib import Path

import pytest
from form_files import FORM, error_of, table

from handlers.forms.reading import read_bytes
from handlers.forms.tables import read_mapping
from states.declaration.documents import shipped
from states.declaration.model import Declaration
from states.errors import Invalid
from states.verification.loading import load

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
