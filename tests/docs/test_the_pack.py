"""The pack of docs/revue: that of the invented half-year, the same whoever lives it, and said to be invented."""

from __future__ import annotations

import getpass
import re
from html import unescape
from pathlib import Path

import pytest
from generation import half_year

from handlers.demo.player import play, recorded
from states.review.document import document
from workflow.reviews.book import period_of, review_of
from workflow.testing import Lab, SimulatedClock

PAGE = half_year.PACK.read_text("utf-8")
TEXT = unescape(re.sub(r"<[^>]*>", " ", PAGE))


def digest(lab: Lab) -> str:
    with lab.reading() as reader:
        return str(document(review_of(reader, period_of(reader.declaration, half_year.SEMESTER)))["digest"])


def test_its_digest_is_that_of_any_store_of_the_half_year(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the salts of the texts nor the login that typed are in it: whoever runs the demo finds the same."""
    found = []
    for login in ("someone", "someone-else"):
        monkeypatch.setattr(getpass, "getuser", lambda login=login: login)
        clock = SimulatedClock(half_year.BEGUN)
        lab = Lab.open(f"sqlite:///{tmp_path}/{login}.db", clock=clock, people={"camille": "coordinator"})
        play(lab.engine, lab.clock, recorded())
        found.append(digest(lab))
        lab.close()
    assert found[0] == found[1]


def test_another_digest_alone_makes_no_other_page() -> None:
    """A word of the declaration changes its digest, and no figure."""
    digests = set(re.findall(r"\b[0-9a-f]{64}\b", TEXT))
    assert digests
    assert half_year.same(PAGE, re.sub("|".join(digests), "0" * 64, PAGE))


def test_it_says_that_it_is_invented_and_what_was_left_out() -> None:
    assert half_year.INVENTED in re.search(r"<title>.*?</title>", PAGE, re.DOTALL)[0]  # type: ignore[index]
    assert half_year.MADE in PAGE
    assert half_year.NO_HEAD in TEXT
    # That of the figures and that of the declaration; the head would be a third.
    assert len(set(re.findall(r"\b[0-9a-f]{64}\b", TEXT))) == 2


def test_it_stays_small() -> None:
    """Some three thousand rows: each number of the page leads to its own requests, by title."""
    assert half_year.PACK.stat().st_size < 1_200_000


def test_another_figure_makes_another_page_but_not_a_drawing_moved() -> None:
    drawing = re.search(r"<svg\b.*?</svg>", PAGE, re.DOTALL)
    assert drawing
    moved = drawing[0].replace("<path ", '<path class="moved" ')
    assert moved != drawing[0]
    assert half_year.same(PAGE, PAGE.replace(drawing[0], moved))
    assert not half_year.same(PAGE, PAGE.replace("69 demandes reçues", "68 demandes reçues"))
    assert not half_year.same(PAGE, PAGE.replace(drawing[0], drawing[0].replace("</text>", " 7</text>", 1)))
