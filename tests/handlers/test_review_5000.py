"""A semester of five thousand requests: every format is made, its tables add up to the figures, memory stays sane."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from handlers.review.contents import Provenance, pack
from handlers.review.pack import Pack
from states.language import spoken
from states.review.document import Review, document
from workflow.reviews.book import period_of, review_of
from workflow.testing import NOTE, Lab, form

for library in ("vl_convert", "odfdo"):
    pytest.importorskip(library, reason="the extra [review] is not installed")

if not sys.platform.startswith("linux"):
    pytest.skip("the most memory a process took is read as Linux says it", allow_module_level=True)

REQUESTS = 5_000
DECLINED, ACCEPTED = 3, 2  # of ten: what became of each
# Of the whole process; an annex of so many requests held whole takes hundreds more.
MEGABYTES = {"html": 230, "ods": 160, "pdf": 330}


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


PROGRAM = """
import sys
from pathlib import Path
from cli.main import main
sys.argv[0] = "coop"
try:
    main()
finally:
    print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


def written(lab: Lab, file: Path, *words: str) -> float:
    """Writes the review as the command does, in a process of its own; the most memory that took, in megabytes."""
    whose = {"COOP_DB": lab.store.url, "COOP_NOW": lab.clock.now, "COOP_ACTOR": lab.coordinator, "COOP_LANG": "fr"}
    env = {**os.environ, **whose}
    command = [sys.executable, "-c", PROGRAM, "review", "2026-S1", *words, "--out", str(file)]
    said = subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout
    return int(said.split()[-1]) / 1024


def test_the_page_holds_them_all_and_is_never_held_whole(
    lab: Lab, made: tuple[Review, dict[str, Any], Pack], tmp_path: Path
) -> None:
    _found, content, _told = made
    assert written(lab, tmp_path / "page", "--format", "html") < MEGABYTES["html"]
    page = (tmp_path / "page").read_text("utf-8")
    assert page.count("2026-5000") >= 1
    assert page.count("Vers le laboratoire") == content["flow"]["declined"]


def test_the_spreadsheet_holds_them_all_and_is_never_held_whole(
    lab: Lab, made: tuple[Review, dict[str, Any], Pack], tmp_path: Path
) -> None:
    import odfdo

    _found, content, _told = made
    assert written(lab, tmp_path / "sheets", "--format", "ods", "--evidence") < MEGABYTES["ods"]
    tables = odfdo.Document(tmp_path / "sheets").body.tables
    sheet = next(one for one in tables if one.name == "La demande")
    rows = iter(sheet.get_values())
    assert next(row for row in rows if row[:1] == ["Demandes par département"])
    counted = [row[1] for row in takewhile(any, rows) if isinstance(row[1], int | float)]
    assert sum(counted) == content["flow"]["received"]


def test_on_paper_its_lists_are_cut(lab: Lab, tmp_path: Path) -> None:
    pytest.importorskip("typst", reason="the extra [review] is not installed")
    assert written(lab, tmp_path / "paper", "--format", "pdf") < MEGABYTES["pdf"]
