"""Which format, which file, which encoding; the one sentence for what cannot be read."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from form_files import FORM, error_of, table

from handlers.forms import text as forms_text
from handlers.forms.reading import read_bytes, read_file
from states.declaration.model import Declaration
from states.errors import Invalid

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
