"""A semester of five thousand requests: every format is made, its tables add up to the figures, memory stays sane."""

from __future__ import annotations

import io
import resource
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

import pytest

from handlers.review.contents import Provenance, pack
from handlers.review.formats.html import html
from handlers.review.formats.ods import ods
from handlers.review.pack import Pack
from states.declaration.types import local
from states.language import spoken
from states.review.document import Review, document
from workflow.reviews.book import period_of, review_of
from workflow.testing import NOTE, Lab, form

for library in ("vl_convert", "odfdo"):
    pytest.importorskip(library, reason="the extra [review] is not installed")

REQUESTS = 5_000
DECLINED, ACCEPTED = 3, 2  # of ten: what became of each
MEGABYTES = 400


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Requests received in one transaction, some of them answered; a few led to their session."""
    lab = Lab.open(f"sqlite:///{tmp_path_factory.mktemp('many')}/lab.db")
    services = sorted(code for code, one in lab.declaration.services.items() if one.regional)
    departments = sorted(lab.declaration.departments)
    with lab.store.writing() as tx:
        for number in range(REQUESTS):
            changes = {
                "title": f"Projet {number}",
                "service": services[number % len(services)],
                "department": departments[number % len(departments)],
                "axis": ("incubation", "management", "acculturation")[number % 3],
            }
            ref = lab.engine.apply_in(tx, lab.reception(form(**changes))).request.ref
            if number % 10 < DECLINED:
                given = {"reason": "no_capacity", "orientation": f"Vers le laboratoire {number % 7}"}
                lab.engine.apply_in(tx, lab.command(ref, "decline", given, note=NOTE))
            elif number % 10 < DECLINED + ACCEPTED:
                lab.engine.apply_in(tx, lab.command(ref, "prequalify"))
    yield lab
    lab.close()


@pytest.fixture(scope="module")
def made(lab: Lab) -> tuple[Review, dict[str, Any], Pack]:
    with lab.reading() as reader, spoken("fr"):
        found = review_of(reader, period_of(reader.declaration, "2026-S1"))
        content = document(found)
        texts: dict[str, Any] = {}

        def text(ref: str, seq: int, field: str) -> str | None:
            if ref not in texts:
                texts[ref] = reader.texts(ref)
            return texts[ref].get(seq, field)  # type: ignore[no-any-return]

        return found, content, pack(found, Provenance("0" * 64, content["digest"]), text)


def column(told: Pack, code: str) -> list[Any]:
    return [row[1].value for _chapter, one in told.tables() if one.code == code for row in one.rows]


def test_the_tables_add_up_to_the_figures(made: tuple[Review, dict[str, Any], Pack]) -> None:
    _found, content, told = made
    flow = content["flow"]
    declined, accepted = (REQUESTS * of // 10 for of in (DECLINED, ACCEPTED))
    assert (flow["received"], flow["declined"], flow["accepted"]) == (REQUESTS, declined, accepted)
    for by in ("service", "department", "axis"):
        assert sum(column(told, f"received_by_{by}")) == flow["received"]
    assert sum(column(told, "decline_reasons")) == flow["declined"] == len(column(told, "declined"))
    *_weeks, (_monday, *going_on) = next(one.rows for _chapter, one in told.tables() if one.code == "flow")
    assert sum(cell.value for cell in going_on) == flow["open"] == REQUESTS - declined
    assert {one.code: len(one.table.rows) for one in told.evidence}["flow.received"] == REQUESTS


def test_the_page_holds_them_all(made: tuple[Review, dict[str, Any], Pack]) -> None:
    _found, content, told = made
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    page = html(told)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert page.count("2026-5000") >= 1
    assert page.count("Vers le laboratoire") == content["flow"]["declined"]
    assert grown < MEGABYTES * 1024  # kilobytes


def test_the_spreadsheet_holds_them_all(lab: Lab, made: tuple[Review, dict[str, Any], Pack]) -> None:
    import odfdo

    _found, content, told = made
    file = ods(told, local(lab.clock.now, lab.declaration.lab.tz))
    tables = odfdo.Document(io.BytesIO(file)).body.tables
    sheet = next(one for one in tables if one.name == "La demande")
    rows = iter(sheet.get_values())
    assert next(row for row in rows if row[:1] == ["Demandes par département"])
    counted = [row[1] for row in takewhile(any, rows) if isinstance(row[1], int | float)]
    assert sum(counted) == content["flow"]["received"]
