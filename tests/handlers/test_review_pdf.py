"""The review on paper: tagged, kept for archives, the same bytes again, and every name as it was typed."""

from __future__ import annotations

import builtins
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from packs import FORMULA, NASTY, charts, crowded, one_chart, sample
from packs import bare as bare_front
from pdf_text import bare_text, bare_word
from pikepdf import Dictionary, Pdf

from handlers.review.formats.pdf import pdf
from handlers.review.pack import Cell, Chapter, Evidence, Headline, Pack, Table
from states.errors import MissingExtra, WrongUsage

MOMENT = datetime(2026, 7, 15, 7, tzinfo=UTC)
MARKUP = '$x$ @ref *gras* _it_ `c` // [x] {y} <lab> #let = 1 -- --- "q" ~ \\ /* c */ ...'


@cache
def made(language: str) -> bytes:
    return pdf(sample(language), MOMENT)


def opened(content: bytes) -> Pdf:
    return Pdf.open(io.BytesIO(content))


def of(*cells: Cell, title: str = "Titre") -> Pack:
    """A review of one table, on its second page."""
    table = Table("t", title, ("nom",), tuple((cell,) for cell in cells))
    chapters = (Chapter("one", "Un"), Chapter("two", "Deux", tables=(table,)))
    return Pack("fr", "Lab", "Revue", "2026-S1", "janvier à juin", "hier", "0" * 64, bare_front(), chapters, ())


def tags(document: Pdf) -> Iterator[Any]:
    """Every element of the structure, in the order it is read aloud."""
    waiting = [document.Root.StructTreeRoot]
    while waiting:
        element = waiting.pop()
        if "/S" in element:
            yield element
        children = element.get("/K", [])
        children = [children] if isinstance(children, Dictionary | int) else list(children)
        waiting += [child for child in reversed(children) if isinstance(child, Dictionary)]


def named(document: Pdf, name: str) -> list[Any]:
    return [tag for tag in tags(document) if str(tag.S) == name]


def text(document: Pdf) -> str:
    """What the pages say, without spaces."""
    return "".join(map(bare_text, document.pages))


def on_paper(pack: Pack) -> list[Table]:
    """The tables that are laid out: of a chart, only one that leads to the entries."""
    listed = {code for proof in pack.evidence for code in proof.codes}
    drawn = [
        chart.table
        for chapter in pack.chapters
        for chart in chapter.charts
        if not any(cell.evidence in listed for row in chart.table.rows for cell in row)
    ]
    found = [pack.front.asked, *(table for _, table in pack.tables()), *(proof.table for proof in pack.evidence)]
    return [table for table in found if table not in drawn]


@pytest.mark.parametrize(("language", "locale"), [("fr", "fr-FR"), ("en", "en-GB")])
def test_it_claims_the_standards_and_holds_what_they_ask(language: str, locale: str) -> None:
    document = opened(made(language))
    with document.open_metadata() as said:
        assert (said["pdfuaid:part"], said["pdfaid:part"], said["pdfaid:conformance"]) == ("1", "2", "A")
        assert sample(language).title in said["dc:title"]
    assert document.Root.Lang == locale
    assert document.Root.MarkInfo.Marked
    assert document.Root.ViewerPreferences.DisplayDocTitle
    assert "/OutputIntents" in document.Root
    assert len(named(document, "/H1")) == len(sample(language).chapters) + 3  # page one, the contents, the evidence
    assert len(named(document, "/Title")) == 1


def test_every_picture_says_what_it_shows() -> None:
    document = opened(made("fr"))
    figures = named(document, "/Figure")
    expected = {f"{chart.title}. {chart.description}" for chart in charts("fr").values()}
    courses = [one for one in sample("fr").front.headlines if one.course]
    assert expected <= {str(figure.Alt) for figure in figures}
    assert len(expected) == 11
    assert len(figures) == 11 + len(courses)


def test_every_table_has_headings_that_say_which_way_they_look() -> None:
    document, pack = opened(made("fr")), sample("fr")
    headings = named(document, "/TH")
    shown = [table for table in on_paper(pack) if table.rows]
    parts = sum(len(proof.parts) for proof in pack.evidence)  # each begins by a heading of its own
    assert len(headings) == parts + sum(len(table.columns) for table in shown)
    assert {str(entry.Scope) for th in headings for entry in th.A if "/Scope" in entry} == {"/Column"}
    assert len(named(document, "/THead")) == len(named(document, "/Table")) == len(shown)


def test_headings_come_again_on_each_page_of_a_long_table() -> None:
    pages = opened(pdf(of(*(Cell(f"ligne {n}") for n in range(200))), MOMENT)).pages
    with_rows = [bare_text(page) for page in list(pages)[1:]]
    assert len(with_rows) > 2
    assert all("nom" in said for said in with_rows)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_word_of_the_pack_is_on_a_page(language: str) -> None:
    said, pack = text(opened(made(language))), sample(language)
    words = [pack.title, pack.lab, pack.period, pack.known_at]
    front = pack.front
    words += [*front.reading, *front.standing, front.asked.title]
    words += [part for line in front.headlines for part in (line.label, line.difference, line.meaning)]
    for chapter in pack.chapters:
        words += [chapter.title, *chapter.paragraphs]
        words += [part for chart in chapter.charts for part in (chart.title, chart.description)]
        words += [part for table in chapter.tables for part in (table.title, table.note)]
    for table in on_paper(pack):
        words += [cell.value for row in table.rows for cell in row if isinstance(cell.value, str)]
    assert [word for word in words if bare_word(word) not in said] == []
    assert ("sansdonnée" in said) == (language == "fr")
    assert "41\u00a0200,50\u00a0€".replace("\u00a0", "") in said or language == "en"
    assert "10/03/2026" in said


@pytest.mark.parametrize(
    "typed", [NASTY, FORMULA, MARKUP, "= Titre", "#panic()", '"); #panic("', "https://example.org/a"]
)
def test_what_people_typed_is_never_markup(typed: str) -> None:
    front = bare_front(Headline(typed, typed, Cell(typed), Cell(typed), typed, typed))
    chapter = Chapter(typed, typed, (typed,), tables=of(Cell(typed), title=typed).chapters[1].tables)
    document = opened(pdf(Pack("fr", typed, typed, typed, typed, typed, typed, front, (chapter,), ()), MOMENT))
    assert text(document).count(bare_word(typed)) >= 10
    assert str(document.docinfo["/Author"]) == typed


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("漢字 😀 x", "□□□x"),
        ("Ω Ж é ← ✓", "ΩЖé←✓"),
        ("a\x07b\ue000\u202ec", "a\ufffdb\ufffdc"),
        ("œuvre ﬁn", "œuvreﬁn"),
    ],
)
def test_a_character_that_cannot_be_drawn_stops_nothing(typed: str, shown: str) -> None:
    chart = charts("fr")["services"]
    table = evolve(chart.table, rows=((Cell(typed), Cell(3, "count")),))
    for pack in (of(Cell(typed)), one_chart(evolve(chart, title=typed, description=typed, table=table))):
        assert shown in text(opened(pdf(pack, MOMENT)))


def test_a_figure_leads_to_the_entries_behind_it() -> None:
    document = opened(made("fr"))
    links = [
        note
        for page in document.pages
        for note in page.get("/Annots", [])
        if str(note.get("/Dest", "")).startswith("evidence-")
    ]
    with_evidence = sum(
        cell.evidence is not None for _, table in sample("fr").tables() for row in table.rows for cell in row
    )
    with_evidence += sum(line.cell.evidence is not None for line in sample("fr").front.headlines)
    assert len(links) == with_evidence > 3
    titles = {one.title for proof in sample("fr").evidence for one in (proof, *proof.parts)}
    assert {str(link.Contents).split(",")[0] for link in links} <= titles
    assert "Tardives" in {str(link.Contents).split(",")[0] for link in links}
    assert {str(link.Dest) for link in links} <= {
        str(name) for name in document.Root.Names.Dests.Names if not isinstance(name, Dictionary)
    }


def test_a_figure_without_its_list_leads_nowhere() -> None:
    document = opened(pdf(of(Cell(3, "count", evidence="unknown")), MOMENT))
    assert [str(note.get("/Dest", "")) for page in list(document.pages)[2:] for note in page.get("/Annots", [])] == []


def test_what_tells_of_one_thing_in_the_annex_is_one_column() -> None:
    cells = tuple(map(Cell, ("2026-0001", "Un titre", "Un service", "7", "Close", "reste")))
    table = Table("e", "Closes", ("Demande", "Intitulé", "Service", "Entrée", "Événement", "Dit"), (cells,))
    proof = Evidence("e", "Closes", table, together=(3, 2))
    document = opened(pdf(evolve(of(Cell(1, "count", evidence="e")), evidence=(proof,)), MOMENT))
    said = text(document)
    assert len(named(document, "/TD")) == 1 + 3
    for shown in ("Demande·Intitulé·Service", "Entrée·Événement", "2026-0001·Untitre·Unservice", "7·Close", "reste"):
        assert shown in said


def test_a_long_list_is_cut_on_paper_and_says_where_it_stands_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.review.formats.pdf.LISTED", 3)
    said = text(opened(pdf(of(*(Cell(f"ligne{n}") for n in range(1, 6))), MOMENT)))
    assert ("ligne3" in said, "ligne4" in said) == (True, False)
    assert bare_word("Les 3 premières lignes sur 5 ; toutes : coop review 2026-S1 --format ods") in said


def test_an_annex_too_long_for_paper_is_refused_with_the_spreadsheet_that_holds_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pack = sample("fr")
    monkeypatch.setattr("handlers.review.formats.pdf.ENTRIES", sum(len(x.table.rows) for x in pack.evidence) - 1)
    with pytest.raises(WrongUsage) as refused:
        pdf(pack, MOMENT)
    assert refused.value.hint == f"coop review {pack.semester} --format ods --evidence"
    pdf(evolve(pack, evidence=pack.evidence[1:]), MOMENT)


def test_readers_find_their_way_by_bookmarks() -> None:
    with opened(made("fr")).open_outline() as outline:
        roots = {str(item.title): [str(child.title) for child in item.children] for item in outline.root}
    pack = sample("fr")
    annex = "Les entrées derrière les chiffres"
    assert list(roots) == [pack.front.title, *(chapter.title for chapter in pack.chapters), annex]
    assert roots[annex] == [proof.title for proof in pack.evidence]


def test_fonts_are_ours_and_inside() -> None:
    document = opened(made("fr"))
    fonts = [font for page in document.pages for font in page.Resources.get("/Font", {}).values()]
    assert {re.sub(r"^/\w+\+", "", str(font.BaseFont)) for font in fonts} == {
        "AtkinsonHyperlegible-Regular",
        "AtkinsonHyperlegible-Bold",
    }
    assert all("/FontFile2" in font.DescendantFonts[0].FontDescriptor for font in fonts)


def test_the_same_pack_gives_the_same_bytes_in_another_process() -> None:
    script = "import sys; from datetime import UTC, datetime; from packs import sample;"
    script += "from handlers.review.formats.pdf import pdf;"
    script += "sys.stdout.buffer.write(pdf(sample('fr'), datetime(2026, 7, 15, 7, tzinfo=UTC)))"
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
    assert found == {made("fr")}
    document = opened(made("fr"))
    assert str(document.docinfo["/CreationDate"]) == "D:20260715070000Z"


def test_an_empty_review_is_still_a_document() -> None:
    document = opened(pdf(Pack("en", "", "", "", "", "", "", bare_front(), (), ()), MOMENT))
    assert document.Root.Lang == "en-GB"
    assert "Contents" in text(document)


def test_the_masked_file_says_so_in_each_cell() -> None:
    said = text(opened(pdf(sample("fr", public=True), MOMENT)))
    assert "masqué" in said
    assert "Éditionpublique." in said
    assert date(2026, 3, 10).strftime("%d/%m/%Y") in text(opened(made("fr")))


@pytest.mark.parametrize("length", [64, 200])
def test_what_is_copied_from_it_is_what_was_written(length: int) -> None:
    """A digest, and a word that no line can hold: it is cut without a character that would be copied with it."""
    word = ("3f9a" * 50)[:length]
    table = Table("t", "T", ("Quoi", "Valeur"), ((Cell("Empreinte de tête de l’historique"), Cell(word)),))
    said = text(opened(pdf(evolve(sample("fr"), chapters=(Chapter("only", "Seul", tables=(table,)),)), MOMENT)))
    assert word in said
    assert not {"\u200b", "\u00ad"} & set(said)


def test_without_the_library_the_part_to_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "typst":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra) as missing:
        pdf(sample("fr"), MOMENT)
    assert missing.value.hint == 'pip install "la-cooperative[review]"'


@pytest.mark.parametrize("pack", [sample("fr"), crowded("fr")], ids=["sample", "crowded"])
def test_page_one_is_one_page(pack: Pack) -> None:
    first, second, *_rest = (bare_text(page) for page in opened(pdf(pack, MOMENT)).pages)
    front = pack.front
    said = [*front.reading, *front.standing, *(one.meaning for one in front.headlines), front.asked.note]
    said += [cell.value for row in front.asked.rows for cell in row]
    first = first.replace("-", "")  # a word may be cut at the end of a line
    assert [text for text in said if bare_word(str(text)).replace("-", "") not in first] == []
    assert "Sommaire" in second


def test_small_tables_stand_side_by_side() -> None:
    tables = tuple(
        evolve(of(*(Cell(f"{n}.{m}") for m in range(12))).chapters[1].tables[0], title=f"T{n}") for n in range(8)
    )
    pages = opened(pdf(evolve(of(), chapters=(Chapter("one", "Un", tables=tables),)), MOMENT)).pages
    assert len(pages) == 3  # page one, then four rows of two tables


def test_no_heading_stands_alone_at_the_foot_of_a_page() -> None:
    """Whatever stands before it, a heading is on the page of the first row, or the picture, under it."""
    table = of(*(Cell(f"ligne {n}") for n in range(20))).chapters[1].tables[0]
    for lines in range(0, 40, 3):
        chapters = (Chapter("one", "Un", ("Avant.",) * lines), Chapter("two", "Deux", ("Dit.",), tables=(table,)))
        pages = [bare_text(page) for page in opened(pdf(evolve(of(), chapters=chapters), MOMENT)).pages]
        assert [page for page in pages if "Dit.Titre" in page and "ligne0" in page], lines
