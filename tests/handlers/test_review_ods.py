"""The review as a spreadsheet: read again by value and type, opened by LibreOffice where there is one."""

from __future__ import annotations

import builtins
import csv
import io
import os
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from odfdo import Document
from odfdo import Table as Sheet
from packs import FORMULA, NASTY, bare, sample

from handlers.review.formats.ods import ods
from handlers.review.pack import Cell, Chapter, Evidence, Pack, Part, Table
from states.errors import MissingExtra

MOMENT = datetime(2026, 7, 15, 7, tzinfo=UTC)
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def opened(pack: Pack) -> Any:
    return Document(io.BytesIO(ods(pack, MOMENT)))


def of(*tables: Table, evidence: tuple[Evidence, ...] = (), language: str = "fr") -> Pack:
    chapter = Chapter("one", "Un", tables=tables)
    return Pack(language, "Lab", "Revue", "2026-S1", "janvier à juin", "hier", "0" * 64, bare(), (chapter,), evidence)


def line(*cells: Cell) -> Table:
    return Table("t", "T", tuple(f"c{n}" for n in range(len(cells))), (cells,))


def sheet(document: Any, name: str) -> Sheet:
    found = document.body.get_table(name=name)
    assert found is not None, [table.name for table in document.body.tables]
    return found


def test_each_chapter_is_a_sheet_and_each_table_is_linked_from_the_first() -> None:
    pack = sample("fr")
    document = opened(pack)
    names = [table.name for table in document.body.tables]
    shown = [pack.front, *(c for c in pack.chapters if c.paragraphs or c.tables or c.charts)]
    assert names[: len(shown) + 1] == ["Sommaire", *(one.title for one in shown)]
    assert all(name.startswith("Les entrées derrière") for name in names[len(shown) + 1 :])
    first = sheet(document, "Sommaire").get_values()
    said = {row[0]: row[1] for row in first[:6]}
    assert said["Empreinte des chiffres"] == pack.digest
    assert said["État connu"] == pack.known_at
    assert said["Laboratoire"] == pack.lab
    links = [link.url for link in sheet(document, "Sommaire").get_elements("descendant::text:a")]
    listed = [row[0] for row in first[-len(links) :]]
    assert {"Demandes par origine", "Décisions demandées"} <= set(listed)
    for title, url in zip(listed, links, strict=True):
        name, _dot, cell = url.removeprefix("#'").rpartition("'.")
        found = sheet(document, name).get_values()[int(cell.removeprefix("A")) - 1][0]
        assert found == (title if not name.startswith("Les entrées") else "Chiffre")


def test_values_keep_their_type() -> None:
    cells = (
        Cell("texte"),
        Cell(3, "count"),
        Cell(Fraction(1, 8), "rate"),
        Cell(Decimal("41200.50"), "euros"),
        Cell(Fraction(7, 2), "days"),
        Cell(date(2026, 3, 10), "date"),
        Cell(Fraction(1, 3), "number"),
    )
    row = sheet(opened(of(line(*cells))), "Un").get_row(3)
    assert [cell.type for cell in row.cells] == ["string", "float", "percentage", "currency", "float", "date", "float"]
    values = [cell.value for cell in row.cells]
    assert values[:6] == ["texte", 3, Decimal("0.125"), Decimal("41200.50"), Decimal("3.5"), date(2026, 3, 10)]
    assert values[6] == pytest.approx(Decimal(1) / 3)
    assert row.get_cell(3).currency == "EUR"
    assert [cell.text_content for cell in row.cells[1:6]] == [
        "3",
        "13\u00a0%",
        "41\u00a0200,50\u00a0€",
        "3,5\u00a0j",
        "10/03/2026",
    ]


def test_what_is_unknown_or_masked_is_said() -> None:
    cells = (Cell(None, "count"), Cell(None, "count", masked=True), Cell(0, "count"))
    for language, unknown in (("fr", "sans donnée"), ("en", "no data")):
        row = sheet(opened(of(line(*cells), language=language)), "Un").get_row(3)
        assert [cell.value for cell in row.cells] == [unknown, {"fr": "masqué", "en": "masked"}[language], 0]
        assert [cell.type for cell in row.cells] == ["string", "string", "float"]


@pytest.mark.parametrize(
    "text", [FORMULA, NASTY, "+33 4", "-1", "@now", "=cmd|' /C calc'!A0", "\t=1", "01/02/2026", "1e3"]
)
def test_text_of_people_is_never_a_formula_nor_a_number(text: str) -> None:
    cell = sheet(opened(of(line(Cell(text)))), "Un").get_cell((0, 3))
    assert cell.formula is None
    assert cell.type == "string"
    assert cell.value == text.replace("\t", " ")


def test_what_no_page_can_hold_is_replaced() -> None:
    cell = sheet(opened(of(line(Cell("a\x07b\ud800c\u202ed\ue000")))), "Un").get_cell((0, 3))
    assert cell.value == "a\ufffdb\ufffdcd\ufffd"


def test_names_of_sheets_are_short_distinct_and_allowed() -> None:
    titles = [
        "Demandes par département et par académie 1",
        "demandes par département et PAR académie 2",
        "a/b:c*d?[e]\\f",
        "'",
        "Sommaire",
    ]
    pack = evolve(of(), chapters=tuple(Chapter(title, title, ("Un texte.",)) for title in titles))
    document = opened(pack)
    assert [table.name for table in document.body.tables] == [
        "Sommaire",
        "Demandes par département et pa…",
        "demandes par département e… (2)",
        "a b c d e f",
        "Tableau",
        "Sommaire (2)",
    ]
    assert max(len(table.name) for table in document.body.tables) <= 31


def test_evidence_names_the_part_of_its_figure() -> None:
    rows = tuple((Cell(f"2026-000{n}", "ref"),) for n in range(1, 5))
    inner = (Part("x.y", "Toulouse", "", 2, 1, depth=2), Part("x.z", "Nîmes", "", 3, 1, depth=2))
    parts = (Part("x", "Sessions", "", 1, 3), *inner)
    document = opened(of(evidence=(Evidence("a", "Tenues", Table("a", "Tenues", ("Demande",), rows), parts=parts),)))
    assert sheet(document, "Les entrées derrière les chiff…").get_values() == [
        ["Chiffre", "Demande"],
        ["Tenues", "2026-0001"],
        ["Tenues · Sessions", "2026-0002"],
        ["Tenues · Sessions · Toulouse", "2026-0003"],
        ["Tenues · Sessions · Nîmes", "2026-0004"],
    ]


def test_evidence_names_the_figure_it_stands_behind() -> None:
    same, other = ("Référence",), ("Jour", "Lieu")
    evidence = (
        Evidence("a", "Reçues", Table("a", "Reçues", same, ((Cell("2026-0001", "ref"),),))),
        Evidence("b", "Espace", Table("b", "Espace", other, ((Cell(date(2026, 3, 1), "date"), Cell("Montpellier")),))),
        Evidence("c", "Acceptées", Table("c", "Acceptées", same, ((Cell("2026-0002", "ref"),),))),
    )
    document = opened(of(evidence=evidence))
    assert sheet(document, "Les entrées derrière les chiff…").get_values() == [
        ["Chiffre", "Référence"],
        ["Reçues", "2026-0001"],
        ["Acceptées", "2026-0002"],
    ]
    assert sheet(document, "Les entrées derrière les c… (2)").get_values()[1] == [
        "Espace",
        date(2026, 3, 1),
        "Montpellier",
    ]


@pytest.mark.parametrize(("language", "locale"), [("fr", "fr-FR"), ("en", "en-GB")])
def test_the_document_says_its_language_and_nothing_of_the_machine(language: str, locale: str) -> None:
    document = opened(sample(language))
    assert document.language == locale
    assert document.meta.generator == "La Coopérative"
    assert document.meta.creation_date == document.meta.date == datetime(2026, 7, 15, 7)
    assert document.meta.statistic["meta:table-count"] == len(document.body.tables)


def test_dates_and_numbers_are_written_the_french_way() -> None:
    with zipfile.ZipFile(io.BytesIO(ods(sample("fr"), MOMENT))) as archive:
        content = archive.read("content.xml").decode()
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist()[0] == "mimetype"
        settings = archive.read("settings.xml").decode()
    day = content.split('style:name="as-date"')[1].split("</number:date-style>")[0]
    assert [part.split("/")[0].split(" ")[0] for part in day.split("<number:")[1:] if "text" not in part] == [
        "day",
        "month",
        "year",
    ]
    assert 'number:language="fr" number:country="FR"' in content
    assert (
        settings.count('"VerticalSplitPosition" config:type="int">1<')
        == content.count("<table:table-header-rows>")
        == 1
    )


def test_the_same_pack_gives_the_same_bytes_in_another_process() -> None:
    script = "import sys; from datetime import UTC, datetime; from packs import sample;"
    script += "from handlers.review.formats.ods import ods;"
    script += "sys.stdout.buffer.write(ods(sample('fr'), datetime(2026, 7, 15, 7, tzinfo=UTC)))"
    root = Path(__file__).parents[2]
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": f"{root}{os.pathsep}{root / 'tests/support'}",
                "TZ": zone,
            },
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert found == {ods(sample("fr"), MOMENT)}


def test_an_empty_review_is_still_a_document() -> None:
    empty = Pack("en", "Lab", "Review", "2026-S1", "", "", "", bare(), (), ())
    assert [table.name for table in opened(empty).body.tables] == ["Contents"]


def test_without_the_library_the_part_to_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "odfdo":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra) as missing:
        ods(sample("fr"), MOMENT)
    assert missing.value.hint == 'pip install "la-cooperative[review]"'


def rows(path: Path) -> list[list[str]]:
    """The rows of a CSV file, whatever the width of their spaces."""
    found = csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
    return [[" ".join(cell.split()) for cell in row] for row in found]


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed: nobody else opens the spreadsheet")
def test_libreoffice_opens_it_and_reads_the_same(tmp_path: Path) -> None:
    assert OFFICE is not None
    (tmp_path / "review.ods").write_bytes(ods(sample("fr"), MOMENT))
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    line = [OFFICE, profile, "--headless", "--convert-to", every_sheet, "--outdir", str(tmp_path)]
    subprocess.run([*line, str(tmp_path / "review.ods")], capture_output=True, check=True, timeout=120)
    files = {path.stem.removeprefix("review-"): path for path in tmp_path.glob("*.csv")}
    assert len(files) == len(opened(sample("fr")).body.tables)
    every = [row for path in files.values() for row in rows(path)]
    assert [NASTY, "14", "40", "45 %"] in every
    assert [NASTY, "10/03/2026", "40", "31"] in every
    assert [FORMULA, "01/05/2026", "sans donnée", "2"] in every
