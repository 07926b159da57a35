"""The pack of real reviews: every format of every lab, links that lead somewhere, nothing masked given away."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from attrs import evolve
from babel.messages.pofile import read_po
from pdf_text import filled
from reviews import cells, table, told

from handlers.review.formats.csv import csv_text
from handlers.review.formats.html import html
from handlers.review.formats.ods import ods
from handlers.review.formats.pdf import pdf
from handlers.review.pack import Cell, Pack
from handlers.review.text import written
from states.declaration.types import local
from states.language import spoken
from workflow.reviews.book import record_orientation
from workflow.testing import COMMITTEE, NOTE, PILOT, Lab

for library in ("vl_convert", "typst", "odfdo"):
    pytest.importorskip(library, reason="the extra [review] is not installed")

PO = Path(__file__).parent.parent.parent / "states/locale/fr/LC_MESSAGES/coop.po"
NASTY = "=1+1 & <b>\"l’été\"</b> #let x = $y$ 'q' \\ `z`"
CONTROLS = "avant\x07\x1b[31m\u202eaprès"
SECRET = "Alix Modèle"
MASKED = "masqué"
ORDER = (
    "projects", "committee", "demand", "answers", "support", "culture", "deliverables", "satisfaction", "deadlines",
    "means", "risks", "method",
)  # fmt: skip
Open = Callable[[str], Lab]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    labs = []

    def found(name: str) -> Lab:
        labs.append(Lab.open(f"sqlite:///{tmp_path_factory.mktemp(name)}/lab.db"))
        return labs[-1]

    yield found
    for lab in labs:
        lab.close()


@pytest.fixture(scope="module")
def labs(opened: Open) -> dict[str, Lab]:
    """An empty lab, one with one request, one where people typed what breaks careless formats."""
    empty, one, nasty = opened("empty"), opened("one"), opened("nasty")
    one.request("received")
    _nasty(nasty)
    return {"empty": empty, "one": one, "nasty": nasty}


def _nasty(lab: Lab) -> None:
    awkward = {"title": NASTY, "need": CONTROLS, "requester": {"name": SECRET, "email": "alix@example.org"}}
    working = lab.request("working", tier="50_50", **awkward)
    declined = lab.request("received", **awkward)
    lab.apply(declined, "decline", {"reason": "other", "orientation": f"{NASTY} {CONTROLS}"}, note=NASTY)
    lab.apply(working, "record_deliverable", {"title": NASTY, "type": "method"})
    lab.apply(working, "grant_derogation", {"extra": 1}, actor=PILOT, note=f"{NASTY} {CONTROLS}")
    lab.apply(working, "ratify", {"decision": "postpone", "review": "2026-S1"}, actor=COMMITTEE, note=NASTY)
    record_orientation(lab.engine, COMMITTEE, "2026-S1", f"{NASTY} {CONTROLS}")


# --- Every format of every lab ---


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", ["empty", "one", "nasty"])
def test_every_format_is_made_and_the_same_again(labs: dict[str, Lab], name: str, language: str) -> None:
    lab = labs[name]
    moment = local(lab.clock.now, lab.declaration.lab.tz)
    makers: tuple[Callable[[Pack], str | bytes], ...] = (
        html, lambda p: pdf(p, moment), lambda p: ods(p, moment), lambda p: csv_text(p, False),
        lambda p: csv_text(p, True),
    )  # fmt: skip
    first, again = told(lab, language), told(lab, language)
    assert first == again
    for make in makers:
        made = make(first)
        assert len(made) > 1000
        assert make(again) == made


def test_what_people_typed_is_text_in_the_page(labs: dict[str, Lab]) -> None:
    page = html(told(labs["nasty"]))
    assert "<b>" not in page
    assert "&lt;b&gt;" in page
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", page)
    assert page.count("avant") >= 2  # the orientation of who was declined, and the committee's


# --- Links ---


@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize("name", ["empty", "one", "nasty"])
def test_every_link_leads_to_entries(labs: dict[str, Lab], name: str, public: bool) -> None:
    found = told(labs[name], public=public)
    _follow(found)


def _follow(found: Pack) -> None:
    codes = [code for evidence in found.evidence for code in evidence.codes]
    behind = set(codes)
    assert len(behind) == len(codes)
    cited = {cell.evidence for cell in cells(found) if cell.evidence}
    assert cited <= behind
    assert all(cited & set(evidence.codes) for evidence in found.evidence)
    assert all(evidence.table.rows for evidence in found.evidence)
    assert all(part.rows for evidence in found.evidence for part in evidence.parts)
    assert not any(cell.masked and (cell.evidence or cell.value is not None) for cell in cells(found))
    for headline in found.front.headlines:
        if headline.cell.value and not found.notice:
            assert headline.cell.evidence in behind, headline.label
    page = html(found)
    ids = set(re.findall(r' id="([^"]+)"', page))
    assert {unquote(target) for target in re.findall(r'href="#([^"]+)"', page)} <= ids


def test_the_chapters_come_in_the_order_of_the_committee(labs: dict[str, Lab]) -> None:
    for lab in labs.values():
        assert tuple(chapter.code for chapter in told(lab).chapters) == ORDER


# --- A half-year ---


def test_every_figure_of_a_half_year_is_one_link_from_its_entries(half_year: Lab) -> None:
    found = told(half_year)
    assert len(found.evidence) > 30
    _follow(found)
    titled = [row for evidence in found.evidence for row in evidence.table.rows if row[0].value]
    assert all(row[1].value not in (None, "—") for row in titled)


def test_page_one_of_a_half_year_says_what_changed_what_worries_and_what_is_asked(half_year: Lab) -> None:
    found = told(half_year).front
    assert found.reading == (
        "Premier semestre du laboratoire\u00a0: 69 demandes reçues, 59 acceptées et 42 projets accompagnés.",
        "À surveiller\u00a0: l’échéance la moins tenue («\u00a0Suivi à trois mois\u00a0», 4 sur 8)\u00a0; "
        "2 alertes critiques en cours et 4 demandes annulées.",
        "Il est demandé au comité de valider 1 projet.",
    )
    assert [[cell.value for cell in row] for row in found.asked.rows] == [
        ["2026-0057", "La boîte à idées est vide", "Rectorat de Toulouse", "50/50", "à valider"]
    ]
    assert found.standing == (
        "2 alertes critiques en cours\u00a0: échéance manquée. Concernés\u00a0: "
        "«\u00a0La boîte à idées est vide\u00a0» (Rectorat de Toulouse) et "
        "«\u00a0Raconter l’action du service\u00a0» (DSDEN Tarn-et-Garonne).",
        "6 alertes à surveiller\u00a0: échéance manquée.",
    )
    assert len(found.headlines) == 8
    assert all(not headline.difference and not headline.course for headline in found.headlines)


def test_the_same_figure_is_the_same_number_wherever_it_stands(half_year: Lab) -> None:
    found = told(half_year)
    page_one = {headline.label: headline.cell.value for headline in found.front.headlines}
    column = lambda code, n: [row[n] for _chapter, t in found.tables() if t.code == code for row in t.rows]  # noqa: E731
    total = lambda code, n: sum(cell.value for cell in column(code, n))  # noqa: E731
    received = page_one["Demandes reçues"]
    for by in ("service", "department", "axis"):
        assert total(f"received_by_{by}", 1) == received
    funnel = [cell.value for cell in column("funnel", 1)]
    assert funnel == sorted(funnel, reverse=True)
    apart = next(one.note for _chapter, one in found.tables() if one.code == "funnel")
    assert f"Et {received - funnel[0]} sessions en autonomie" in apart
    started, came, again, *ended, going_on, _accepted = (cell.value for cell in column("answers", 1))
    assert came == received
    assert started + came + again == sum(ended) + going_on
    assert len(column("projects", 0)) == page_one["Projets accompagnés"]
    assert total("decline_reasons", 1) == column("answers", 1)[3].value == len(column("declined", 0))
    assert sum(cell.value for row in _last(found, "flow") for cell in row[1:]) == going_on
    *of_a_type, made = (cell.value for cell in column("deliverables_by_type", 1))
    assert sum(of_a_type) == made
    assert len(column("to_validate", 0)) + len(column("to_ratify", 0)) == len(found.front.asked.rows)
    met, missed, rate = (cell.value for cell in column("deadline_totals", 1))
    assert (total("deadlines", 1), total("deadlines", 2)) == (met, missed)
    assert rate == pytest.approx(met / (met + missed))
    assert total("space", 1) / total("space", 2) == pytest.approx(float(page_one["Occupation de l’espace"]))
    assert column("satisfaction", 2)[-1].value == page_one["Satisfaction sur 5"]
    assert sum(cell.value > 0 for cell in column("services", 1)) == page_one["Services régionaux participants"]
    assert total("caps", 1) == total("by_axis", 1) == total("by_department", 1)
    for n in (1, 2, 3):
        *parts, whole = (row[n].value for row in _rows(found, "attendance"))
        assert whole == sum(part or 0 for part in parts)


def _rows(found: Pack, code: str) -> list[tuple[Cell, ...]]:
    return [row for _chapter, one in found.tables() if one.code == code for row in one.rows]


def _last(found: Pack, code: str) -> list[tuple[Cell, ...]]:
    return _rows(found, code)[-1:]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_pack_speaks_one_language(half_year: Lab, labs: dict[str, Lab], language: str) -> None:
    """No sentence of ours in the other language; labels of the declaration have both."""
    with PO.open("rb") as file:
        catalogue = [m for m in read_po(file, locale="fr") if m.id and any("handlers/" in f for f, _l in m.locations)]
    pairs = [
        pair
        for m in catalogue
        for pair in (zip(m.id, m.string, strict=True) if isinstance(m.id, tuple) else [(m.id, m.string)])
    ]
    ours = {pair[language == "fr"] for pair in pairs}
    theirs = {pair[language == "en"] for pair in pairs} - ours
    wrong = re.compile("|".join(_pattern(text) for text in theirs if len(text) > 3))
    right = re.compile("|".join(map(_pattern, ours)))
    for lab in (half_year, labs["empty"], labs["nasty"]):
        for public in (False, True):
            found = told(lab, language, public=public)
            said = set(_texts(found))
            assert len(said) > 100
            labels = set(_labels(lab, language))
            assert {text for text in said - labels if wrong.fullmatch(text) and not right.fullmatch(text)} == set()


def _pattern(text: str) -> str:
    return "(?:" + re.sub(r"\\\{\w+\\\}", ".+", re.escape(text)) + ")"


def _texts(found: Pack) -> Iterator[str]:
    """Every text of a pack that is ours: what people typed stands in no heading, nor in the evidence but its titles."""
    yield from (found.front.title, *found.front.reading, *found.front.standing)
    yield from (text for line in found.front.headlines for text in (line.label, line.meaning))
    for chapter in found.chapters:
        yield from (chapter.title, *(() if chapter.code == "committee" else chapter.paragraphs))
        yield from (text for chart in chapter.charts for text in (chart.title, chart.description))
    for one in (*(t for _c, t in found.tables()), *(evidence.table for evidence in found.evidence)):
        yield from (one.title, one.note, *one.columns)
        yield from (str(row[0].value) for row in one.rows)
    for evidence in found.evidence:
        for row in evidence.table.rows:
            yield from (str(cell.value) for cell in (row[0], *row[2:]) if cell.kind == "text")  # not the title


def _labels(lab: Lab, language: str) -> Iterator[str]:
    declaration = lab.declaration
    with spoken(language):
        for vocabulary in ("states", "services", "departments", "tiers", "axes", "places", "deadlines"):
            yield from (declaration.label(vocabulary, code) for code in getattr(declaration, vocabulary))


def test_what_became_of_a_decision_is_counted_from_it(opened: Open) -> None:
    lab = opened("decided")
    ref = lab.request("working", tier="50_50")
    lab.step(ref, "hold_meeting")
    decide = {"decision": "postpone", "review": "2026-S1"}
    lab.apply(ref, "ratify", decide, actor=COMMITTEE)
    for event in ("plan_session", "hold_session", "record_deliverable"):
        lab.step(ref, event)
    lab.apply(ref, "ratify", {**decide, "decision": "ratify"}, actor=COMMITTEE)
    rows = table(told(lab), "decisions")
    assert [(row[2], row[5]) for row in rows] == [
        ("Ajourné", "1 réunion tenue et 1 livrable"),
        ("Ratifié", "rien encore"),
    ]


# --- Published ---


@pytest.fixture(scope="module")
def few(opened: Open) -> Lab:
    """A session on management of 26; a visit on acculturation of three, of whom one said what they thought."""
    lab = opened("few")
    gathered = _session(lab, "management", {"expected": 30, "attended": 26, "managers": 2})
    lab.apply(gathered, "record_satisfaction", {"score": "4", "respondents": 20})
    visit = lab.activity(title=f"Visite de {SECRET}")
    lab.apply(visit, "open_activity")
    lab.apply(visit, "register", {"registered": 4})
    lab.clock.forward(days=3)
    lab.apply(visit, "hold_activity", {"attended": 3, "managers": 1, "services": "drajes"})
    lab.apply(visit, "evaluate_activity", {"score": "2", "respondents": 1}, note="Peu préparée")
    _nasty(lab)
    return lab


def _session(lab: Lab, axis: str, given: dict[str, Any]) -> str:
    ref = lab.request("working", axis=axis)
    lab.step(ref, "hold_meeting")
    lab.step(ref, "plan_session")
    lab.clock.forward(days=7)
    lab.apply(ref, "hold_session", given, note=NOTE)
    return ref


def test_a_published_pack_names_nobody_and_quotes_nothing(few: Lab) -> None:
    whole, published = told(few), told(few, public=True)
    assert NASTY in repr(whole) or "l’été" in repr(whole)
    for text in (SECRET, "l’été", "avant", "Le laboratoire voisin", "Peu préparée", "Un projet"):
        assert text not in repr(published), text
    assert "avant" in repr(whole)
    assert published.evidence == ()
    assert not published.front.asked.rows
    assert "projects" not in {chapter.code for chapter in published.chapters}
    assert published.notice
    assert not whole.notice


def test_cells_under_five_persons_are_masked_on_every_page(few: Lab) -> None:
    found = told(few, public=True)
    page_one = {headline.label: headline.cell for headline in found.front.headlines}
    assert page_one["Participations de responsables, innovation managériale"].masked
    assert page_one["Présence, acculturation à l’innovation"].masked
    assert not page_one["Satisfaction sur 5"].masked
    rows = {row[0]: row[1:] for row in table(found, "attendance")}
    assert rows["Acculturation à l’innovation"] == ["1", MASKED, MASKED, MASKED, "0", "1"]
    assert rows["Innovation managériale"] == ["1", "26", "30", "87\u00a0%", "1", "0"]


def test_nothing_else_tells_what_is_masked(few: Lab) -> None:
    """Neither a total, nor another split of the same people, nor the entries."""
    found, whole = told(few, public=True), told(few)
    assert table(found, "attendance")[-1] == ["Tous les axes", "2", MASKED, MASKED, MASKED, "1", "1"]
    assert table(whole, "attendance")[-1][:4] == ["Tous les axes", "2", "29", "34"]
    # The mean of all stands on page one: of the parts, those that would tell the others are masked too.
    assert table(found, "satisfaction")[-1] == ["Ensemble", "21", "3,9"]
    assert {cell for row in table(found, "satisfaction")[:-1] for cell in row[1:]} == {MASKED}
    assert [len(row) for row in table(whole, "activities")] == [6]
    assert table(found, "activities") == [["Visite", "1", "1"]]


def test_no_row_of_a_published_pack_is_a_request(few: Lab) -> None:
    whole, found = told(few), told(few, public=True)
    assert any(cell.kind == "ref" for cell in cells(whole))
    assert not any(cell.kind == "ref" for cell in cells(found))
    assert not re.search(r"20\d\d-[A-Z]?\d{3,}", repr(found))
    codes = {one.code for _chapter, one in found.tables()}
    assert not codes & {"declined", "deliverables", "follow_ups", "decisions", "waivers", "derogations", "to_ratify"}
    assert table(found, "decisions_in_numbers")[-1] == ["Ajourné", "1"]
    assert table(found, "decline_reasons") == [["Autre raison", "1"]]
    assert table(found, "out_of_the_ordinary") == [["Réunions accordées au-delà du plafond", "1"]]


def test_a_published_pack_has_no_column_without_a_word(few: Lab) -> None:
    for _chapter, one in told(few, public=True).tables():
        for n in range(len(one.columns)):
            texts = {written(row[n]) for row in one.rows}
            assert texts != {"—"}, (one.code, one.columns[n])


def test_a_total_that_tells_nothing_stays(half_year: Lab) -> None:
    found = told(half_year, public=True)
    internal = [
        [*row[:5], *(cell.partition(" ")[0] for cell in row[5:])] for row in table(told(half_year), "attendance")
    ]
    assert table(found, "attendance") == internal
    assert len(table(found, "satisfaction")) > 1


def on_paper(found: Pack) -> Any:
    """The PDF of a review without its annex."""
    pikepdf = pytest.importorskip("pikepdf")
    return pikepdf.open(BytesIO(pdf(evolve(found, evidence=()), datetime(2026, 7, 3, 15, tzinfo=UTC))))


@pytest.mark.parametrize(
    ("name", "code", "now", "most", "lying"),
    [
        ("half-year", "2026-S1", None, 15, 3),
        ("half-year", "2026-S2", "2026-07-03T15:00:00Z", 10, 0),
        ("one", "2026-S1", None, 9, 0),
    ],
)
def test_pages_are_full_and_few(
    half_year: Lab, labs: dict[str, Lab], name: str, code: str, now: str | None, most: int, lying: int
) -> None:
    """No tall chart leaves half a page, no page lies on its side for a few projects."""
    document = on_paper(told({**labs, "half-year": half_year}[name], code=code, now=now))
    pages = document.pages
    assert len(pages) <= most
    lies = [page.MediaBox[2] > page.MediaBox[3] for page in pages]
    assert sum(lies) == lying
    followed = [n for n in range(1, len(pages) - 1) if lies[n] == lies[n + 1]]  # page one stands alone
    assert [(n + 1, filled(pages[n])) for n in followed if filled(pages[n]) < 0.6] == []
