"""The review as one HTML file: whole, escaped, the same each time, and read in a browser as people read it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from attrs import evolve
from browsing import opened_browser, printed, shown, violations
from packs import FORMULA, NASTY, bare, crowded, one_chart, sample
from packs import charts as sample_charts
from pdf_text import bare_text, bare_word

from handlers.review.formats.html import html
from handlers.review.pack import Cell, Chapter, Headline, Pack, Table
from states.errors import WrongUsage

pytest.importorskip("vl_convert", reason="the extra [review] is not installed")
ROOT = Path(__file__).parent.parent.parent
VOID = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """The elements of a page with their attributes, and the texts; fails where they do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len({name for name, _value in attrs})
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def ids(self) -> list[str]:
        return [str(attributes["id"]) for _tag, attributes in self.elements if "id" in attributes]

    @property
    def words(self) -> str:
        return re.sub(r"[ \n]+", " ", " ".join(self.texts))


@pytest.fixture(scope="module", params=[("fr", False), ("en", True)])
def pack(request: pytest.FixtureRequest) -> Pack:
    return sample(*request.param)


@pytest.fixture(scope="module")
def text(pack: Pack) -> str:
    return html(pack)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


# --- One file ---


def test_it_is_one_file_without_script_or_address(text: str, page: Page) -> None:
    bare = re.sub(r"url\(data:font/ttf;base64,[\w+/=]+\)", "", text.replace('xmlns="http://www.w3.org/2000/svg"', ""))
    assert (
        re.search(r"<script|https?:|//|javascript:|@import|<link|<iframe|<img|<object|<foreignObject", bare, re.I)
        is None
    )
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "srcset", "style")], tag
        assert attributes.get("href", "#").startswith("#")
    assert {found[0] for found in re.findall(r"url\((.)", bare)} <= {"#"}


def test_the_same_bytes_in_every_process() -> None:
    code = (
        "import sys, hashlib; sys.path[:0] = ['tests/support']\n"
        "from packs import sample; from handlers.review.formats.html import html\n"
        "first = [html(sample(l)) for l in ('fr', 'en')]\n"
        "assert first == [html(sample(l)) for l in ('fr', 'en')]\n"
        "print(hashlib.sha256(''.join(first).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("7", "America/Cayenne"))
    }
    assert len(digests) == 1


def test_ids_are_unique_and_every_reference_is_found(page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    assert not [id for id in page.ids if re.search(r"\s", id)]
    for _tag, attributes in page.elements:
        for name in ("aria-labelledby", "aria-describedby"):
            assert set((attributes.get(name) or "").split()) <= set(page.ids)
    targets = {unquote(str(a["href"]))[1:] for a in page.all("a")}
    assert targets <= set(page.ids)


# --- What it says ---


def test_it_is_in_the_language_of_the_pack(pack: Pack, page: Page) -> None:
    assert page.all("html")[0]["lang"] == pack.language
    words = {
        "fr": ("Sommaire", "Ce qui appelle l’attention", "sans donnée"),
        "en": ("Contents", "What stands", "no data"),
    }
    for language, expected in words.items():
        for word in expected:
            assert (word in page.words) == (language == pack.language)


def test_every_name_is_shown_as_it_is(pack: Pack, text: str, page: Page) -> None:
    assert "<b>" not in text
    assert "<x>" not in text
    for name in (NASTY, FORMULA):
        assert name in page.words
    assert ("Zoé N'Diaye-<Martin> & fils" in page.words) == (not pack.notice)


def test_page_one_comes_first_with_its_figures(pack: Pack, page: Page) -> None:
    front = pack.front
    assert len(page.all("dt")) == len(front.headlines)
    said = [*front.reading, *front.standing, *(text for one in front.headlines for text in (one.label, one.meaning))]
    for text in said:
        assert page.words.index(text) < page.words.index(pack.chapters[0].charts[0].title)
    figures = [attributes for attributes in page.all("dd") if "figure" in (attributes.get("class") or "")]
    assert len(figures) == len(front.headlines)


def test_the_course_of_a_figure_is_drawn_where_two_semesters_are_known(page: Page) -> None:
    drawn = [svg for svg in page.all("svg") if svg["class"] == "course"]
    assert len(drawn) == 4
    assert all(svg["role"] == "img" and svg["aria-label"] for svg in drawn)


def test_every_figure_leads_to_its_entries_and_back(pack: Pack, page: Page) -> None:
    links = [unquote(str(a["href"])) for a in page.all("a")]
    for evidence in pack.evidence:
        assert f"#evidence-{evidence.code}" in links
        assert f"#figure-{evidence.code}" in links
        assert f"figure-{evidence.code}" in page.ids
        assert f"evidence-{evidence.code}" in page.ids
    assert links.count("#evidence-deadlines.met") == 4  # page one and three kinds


def test_a_number_leads_to_the_part_of_a_list_that_it_counts_and_back(pack: Pack, text: str, page: Page) -> None:
    links = [unquote(str(a["href"])) for a in page.all("a")]
    assert links.count("#evidence-received.late") == links.count("#figure-received.late") == 1
    assert "#figure-received.soon" not in links
    assert {f"evidence-{part.code}" for part in pack.evidence[0].parts} <= set(page.ids)
    before, late = text.split('id="evidence-received.late"')
    shown, again = (
        re.findall(r'<th scope="row"[^>]*>([\d-]+)<', part) for part in (before, late.split("</details>")[0])
    )
    assert (shown[-1], again[0], len(again)) == ("2026-0012", "2026-0013", 19)


def test_what_is_masked_has_no_way_to_its_entries() -> None:
    cell = Cell(3, "count", masked=True, evidence="received")
    chapter = Chapter("only", "Seul")
    front = bare(Headline("n", "L", cell, Cell(None, "count", evidence="gone"), "", "M"))
    page = Page(html(evolve(sample("fr", public=True), front=front, chapters=(chapter,))))
    assert "masqué" in page.words
    assert [a["href"] for a in page.all("a")] == ["#content", "#chapter-1", "#evidence"]


def test_a_code_of_any_letters_makes_a_link_that_works() -> None:
    odd = 'a b"<é>#%'
    pack = sample("fr")
    front = bare(Headline("n", "L", Cell(1, "count", evidence=odd), Cell(0, "count"), "+1", "M"))
    page = Page(html(evolve(pack, front=front, chapters=(), evidence=(evolve(pack.evidence[0], code=odd),))))
    assert {unquote(str(a["href"]))[1:] for a in page.all("a")} <= set(page.ids)


def test_tables_say_what_their_cells_are(pack: Pack, page: Page) -> None:
    tables = [table for _chapter, table in pack.tables()] + [evidence.table for evidence in pack.evidence]
    tables += [pack.front.asked] if pack.front.asked.rows else []
    assert len(page.all("table")) == len(page.all("caption")) == len(tables)
    scopes = [th["scope"] for th in page.all("th")]
    assert scopes.count("col") == sum(len(table.columns) for table in tables)
    assert scopes.count("row") == sum(len(table.rows) for table in tables)


def test_every_chart_is_a_figure_with_its_words_and_its_table(pack: Pack, text: str, page: Page) -> None:
    drawn = [chart for chapter in pack.chapters for chart in chapter.charts]
    assert len(page.all("figure")) == len(page.all("figcaption")) == len(drawn) == 11
    for found in re.findall(r"<figure.*?</figure>", text, re.DOTALL):
        assert re.search(r'<svg [^>]*role="img"', found)
        assert re.search(r"<title id=[^>]*>[^<]+</title><desc id=[^>]*>[^<]+</desc>", found)
        assert re.search("<details>.*<table[ >].*</details>", found, re.DOTALL)


def test_a_review_without_anything_is_still_a_page() -> None:
    empty = evolve(sample("fr"), front=bare(), chapters=(Chapter("only", "L’essentiel"),), evidence=())
    page = Page(html(empty))
    assert "Les entrées derrière les chiffres" not in page.words
    assert Page(html(evolve(empty, chapters=()))).all("main")


# --- A house style ---


def test_a_house_style_comes_after_ours() -> None:
    css = ":root { --accent: #c00; background: url(data:image/png;base64,AA==) } a::after { content: '\\2014 & >' }"
    text = html(one_chart(sample_charts("fr")["funnel"]), css=css)
    assert text.index(":root {") < text.index(css) < text.index("</style>")
    assert text.count("</style>") == 1


@pytest.mark.parametrize(
    "css",
    [
        "</style><script>alert(1)</script>",
        "a{}</STYLE >",
        "@import 'https://example.org/a.css';",
        "a { background: url(https://example.org/a.png) }",
        "a { background: URL( '//example.org/a.png' ) }",
        "@font-face { src: url(font.woff2) }",
        "a { background: image-set('a.png' 1x) }",
    ],
)
def test_a_style_that_would_end_itself_or_fetch_is_refused(css: str) -> None:
    with pytest.raises(WrongUsage):
        html(one_chart(sample_charts("fr")["funnel"]), css=css)


# --- In a browser ---


browser = opened_browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280, 1600])
def test_axe_finds_no_violation(browser: Any, text: str, scheme: str, width: int) -> None:
    tab = shown(browser, text, color_scheme=scheme, viewport={"width": width, "height": 900})
    found = violations(tab)
    tab.context.close()
    assert not found


@pytest.mark.parametrize("width", [360, 768, 1280, 1600])
def test_the_page_never_scrolls_sideways(browser: Any, text: str, width: int) -> None:
    tab = shown(browser, text, viewport={"width": width, "height": 800})
    wide = tab.evaluate("document.documentElement.scrollWidth")
    tab.context.close()
    assert wide <= width


def test_what_is_only_read_out_in_a_wide_table_does_not_widen_the_page(browser: Any) -> None:
    linked = Cell(1_000_000_000, "count", evidence="received")
    wide = Table("wide", "Large", tuple(f"Colonne {n}" for n in range(20)), ((Cell("Un"), *[linked] * 19),))
    chapter = Chapter("only", "Seul", tables=(wide,))
    text = html(evolve(sample("fr"), chapters=(chapter,)))
    tab = shown(browser, text, viewport={"width": 360, "height": 800})
    found = tab.evaluate("document.documentElement.scrollWidth")
    tab.context.close()
    assert found <= 360


def test_the_first_key_skips_to_the_review(browser: Any, text: str) -> None:
    tab = shown(browser, text)
    tab.keyboard.press("Tab")
    focused = tab.evaluate(
        "[document.activeElement.getAttribute('href'), document.activeElement.getBoundingClientRect().top]"
    )
    tab.context.close()
    assert focused[0] == "#content"
    assert focused[1] >= 0


def test_a_number_opens_the_list_that_it_leads_to(browser: Any, text: str) -> None:
    tab = shown(browser, text)
    part = tab.locator("id=evidence-received.late")
    folded = part.is_visible()
    tab.locator('a[href="#evidence-received.late"]').click()
    opened = part.is_visible(), part.evaluate("tr => Math.round(tr.getBoundingClientRect().top) < innerHeight")
    tab.context.close()
    assert (folded, *opened) == (False, True, True)


def test_a_chart_changes_its_colours_in_the_dark(browser: Any) -> None:
    text = html(one_chart(sample_charts("fr")["deadlines"]))
    seen = {}
    for scheme in ("light", "dark"):
        tab = shown(browser, text, color_scheme=scheme)
        ask = "s => getComputedStyle(document.querySelector(s)).fill"
        seen[scheme] = [tab.evaluate(ask, selector) for selector in ('.chart [fill="var(--accent)"]', ".chart text")]
        tab.context.close()
    assert all(light != dark for light, dark in zip(seen["light"], seen["dark"], strict=True))


# Every text of every chart, as the browser draws it: its words, its box, whether that is inside its picture.
BOXES = """() => [...document.querySelectorAll("svg.chart")].flatMap(svg => {
  const sheet = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("text")].map(text => {
    const box = text.getBoundingClientRect();
    const inside = box.left >= sheet.left - 1 && box.right <= sheet.right + 1
      && box.top >= sheet.top - 1 && box.bottom <= sheet.bottom + 1;
    return [svg.getAttribute("class") + ": " + text.textContent, box.left, box.top, box.right, box.bottom, inside];
  });
})"""


def test_the_texts_of_a_chart_stay_in_it_and_apart(browser: Any, text: str) -> None:
    """Measured in the letters it is shown in: those of the machine would be wider or narrower."""
    tab = shown(browser, text, viewport={"width": 1200, "height": 900})
    tab.evaluate("document.fonts.ready")
    found = tab.evaluate(BOXES)
    tab.context.close()
    assert len(found) > 60
    assert not [name for name, *_box, inside in found if not inside]
    boxes = [(name, left, top, right, bottom) for name, left, top, right, bottom, _inside in found]
    assert not [
        (one[0], other[0])
        for n, one in enumerate(boxes)
        for other in boxes[n + 1 :]
        # Lines may touch: a box of text is higher than its letters.
        if one[1] < other[3] and other[1] < one[3] and one[2] + 4 < other[4] and other[2] + 4 < one[4]
    ]


@pytest.mark.parametrize("pack", [sample("fr"), crowded("fr")], ids=["sample", "crowded"])
def test_page_one_is_printed_on_one_page_and_chapters_after_it(browser: Any, pack: Pack) -> None:
    short = tuple(Chapter(f"c{n}", f"Chapitre {n}", ("Un texte.",)) for n in range(3))
    with printed(browser, html(evolve(pack, chapters=short))) as document:
        first, second = (bare_text(page) for page in document.pages)  # and no third: short chapters share a page
        assert [round(float(side)) for side in document.pages[0].mediabox[2:]] == [595, 842]  # A4, in points
    front = pack.front
    said = [*front.reading, *front.standing, *(one.meaning for one in front.headlines), front.asked.note]
    said += [cell.value for row in front.asked.rows for cell in row]
    assert [text for text in said if bare_word(str(text)) not in first] == []
    assert second.count("Untexte.") == 3


def test_what_is_folded_is_not_printed(browser: Any) -> None:
    chart = sample_charts("fr")["services"]
    with printed(browser, html(one_chart(chart))) as document:
        text = "".join(bare_text(page) for page in document.pages)
    assert bare_word(chart.description) in text
    assert text.count("0:pasencore") == 2  # in the picture, and in no table beside it
    assert "nombresdecegraphique" not in text
