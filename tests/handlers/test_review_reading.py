"""Real reviews as people read them: on a telephone, at a desk, on paper; of whole semesters and of bare ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from attrs import evolve
from browsing import opened_browser, printed, shown, violations
from packs import sample
from pdf_text import bare_text, bare_word
from reviews import told

from handlers.review.formats.html import html
from handlers.review.formats.pdf import pdf
from handlers.review.pack import Pack, Table
from workflow.testing import Lab

for library in ("vl_convert", "typst", "pikepdf"):
    pytest.importorskip(library, reason="the extra [review] is not installed")

# Every table that would have to be scrolled sideways to be read, those of folded places too.
HIDDEN = """() => {
  document.querySelectorAll("details").forEach(details => details.open = true);
  return [...document.querySelectorAll(".scroll")].filter(table => table.scrollWidth > table.clientWidth + 1)
    .map(table => table.querySelector("caption").textContent);
}"""
# Every cell of a page one that runs over what holds it.
WIDE = "document.documentElement.scrollWidth"
SEMESTERS = {
    "first": ("2026-S1", None),
    "running": ("2026-S2", "2026-12-01T10:00:00Z"),
    "empty": ("2027-S1", "2027-07-05T10:00:00Z"),
}


browser = opened_browser


REVIEWS = [*SEMESTERS, "public", "one request"]


@pytest.fixture(scope="module", params=REVIEWS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def pack(name: str, half_year: Lab, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    if name in SEMESTERS:
        code, now = SEMESTERS[name]
        return told(half_year, code=code, now=now)
    if name == "public":
        return told(half_year, public=True)
    lab = Lab.open(f"sqlite:///{tmp_path_factory.mktemp('one')}/lab.db")
    lab.request("working")
    found = told(lab)
    lab.close()
    return found


def short(pack: Pack) -> Pack:
    """The review with the first rows of its long lists: the others are made of the same elements."""

    def few(table: Table) -> Table:
        return evolve(table, rows=tuple(table.rows[:1]))

    chapters = (evolve(chapter, tables=tuple(map(few, chapter.tables))) for chapter in pack.chapters)
    evidence = (evolve(one, table=few(one.table)) for one in pack.evidence[:1])
    return evolve(pack, chapters=tuple(chapters), evidence=tuple(evidence))


DRAWN = re.compile(r"(?<=</desc>).*?(?=</svg>)", re.DOTALL)
SCREENS = [("light", 360), ("dark", 768), ("light", 1280), ("dark", 360), ("light", 768), ("dark", 1280)]


def made_of(page: str) -> set[str]:
    """Which elements, of which classes."""
    return set(re.findall(r'<\w+(?: class="[\w -]*")?', re.sub(r"cards-\d+", "cards", page)))


@pytest.fixture(scope="module")
def judged() -> set[str]:
    """What axe has judged on every screen: to begin with, the samples."""
    return {one for public in (False, True) for one in made_of(html(sample("fr", public=public)))}


def test_axe_finds_no_violation(browser: Any, name: str, pack: Pack, judged: set[str]) -> None:
    """On two screens where nothing is new, each review on others; on all of them as soon as something is."""
    page = DRAWN.sub("", html(short(pack)))
    turn = REVIEWS.index(name)
    screens = SCREENS if made_of(page) - judged else [SCREENS[(turn + n) % len(SCREENS)] for n in range(2)]
    tab, wrong = shown(browser, page), {}
    for scheme, width in screens:
        tab.emulate_media(color_scheme=scheme)
        tab.set_viewport_size({"width": width, "height": 900})
        wrong |= {(scheme, width): found} if (found := violations(tab)) else {}
    tab.context.close()
    judged |= made_of(page)
    assert not wrong


def test_nothing_is_cut_and_no_scroll_is_hidden(browser: Any, pack: Pack) -> None:
    few = tuple(evolve(one, table=evolve(one.table, rows=one.table.rows[:3])) for one in pack.evidence)
    tab = shown(browser, html(evolve(pack, evidence=few)))
    for width in (360, 768, 1280):
        tab.set_viewport_size({"width": width, "height": 800})
        assert tab.evaluate(HIDDEN) == [], width
        assert tab.evaluate(WIDE) <= width
    tab.context.close()


def test_page_one_is_one_page_printed_and_as_a_pdf(browser: Any, pack: Pack) -> None:
    front = pack.front
    said = [*front.reading, *front.standing, *(one.meaning for one in front.headlines)]
    moment = datetime(2026, 7, 3, 15, tzinfo=UTC)
    makers: tuple[Callable[[Pack], Any], ...] = (lambda p: printed(browser, html(p)), lambda p: _opened(pdf(p, moment)))
    for make in makers:
        with make(evolve(pack, chapters=pack.chapters[-1:], evidence=())) as document:
            first = bare_text(document.pages[0]).replace("-", "")  # a word may be cut at the end of a line
        assert [text for text in said if bare_word(text).replace("-", "") not in first] == []


def _opened(content: bytes) -> Any:
    import pikepdf

    return pikepdf.open(BytesIO(content))


def test_on_a_telephone_each_cell_of_a_card_stands_under_the_heading_of_its_column(
    browser: Any, half_year: Lab
) -> None:
    found = told(half_year)
    tab = shown(browser, html(evolve(found, chapters=(), evidence=())))
    label = "n => getComputedStyle(document.querySelector(`#front tbody td:nth-child(${n})`), '::before').content"
    columns = found.front.asked.columns
    for width, labels in ((360, [f'"{name}"' for name in columns[1:]]), (1280, ["none"] * (len(columns) - 1))):
        tab.set_viewport_size({"width": width, "height": 800})
        assert [tab.evaluate(label, n) for n in range(2, len(columns) + 1)] == labels
    tab.context.close()


# A number that agrees with nothing, and a nought that a reader says “no”. Words that end in s and are of one.
ONE = re.compile(r"(?<![\d,./-])1[ \u00a0](?!mois\b|sur\b)\w{2,}s\b")
NOUGHT = re.compile(r"(?<![\d,./-])0[ \u00a0](?!sur\b|%|h\b)\w+")


def test_a_number_agrees_with_what_it_counts(pack: Pack) -> None:
    front = pack.front
    said = [*front.reading, *front.standing, *(one.meaning for one in front.headlines)]
    for chapter in pack.chapters:
        said += [*chapter.paragraphs, *(chart.description for chart in chapter.charts)]
        said += [one.note for one in (*(chart.table for chart in chapter.charts), *chapter.tables)]
    assert [text for text in said if ONE.search(text) or NOUGHT.search(text)] == []


def test_what_would_not_agree_is_found() -> None:
    assert ONE.search("Sur 1 demandes reçues")
    assert NOUGHT.search("dite pour 0 demandes")
    assert not NOUGHT.search("0 sur 12, 10 demandes, 0\u00a0%")
