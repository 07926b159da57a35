"""Figures as open data: what the public reviews tell, masked as they are, for programs and for spreadsheets."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from desk import Desk

SEMESTER = "2026-S1"
ENDED = "2026-07-03T09:00+02:00"


VISIT = ("--type", "visit", "--axis", "acculturation", "--place", "hors_les_murs", "--for", "2h")


def visited(desk: Desk, day: str, came: int, registered: int, told: str) -> None:
    """A visit planned in January, and told of later."""
    desk.at("2026-01-13T09:00+01:00")
    slot = f"{day}T10:00+01:00"
    ref = desk.json("activity", "plan", "--title", "Visite", "--slot", slot, *VISIT)["ref"]
    desk.at(told).json("activity", "done", ref, "--attended", str(came), "--registered", str(registered))


@pytest.fixture
def lab(desk: Desk) -> Desk:
    """A lab whose first semester has ended: two visits, of six persons and of twelve."""
    visited(desk, "2026-01-20", 6, 6, "2026-01-20T13:00+01:00")
    visited(desk, "2026-01-22", 12, 12, "2026-01-22T13:00+01:00")
    return desk.at(ENDED)


def rows(lab: Desk, *words: str) -> dict[str, dict[str, str]]:
    printed = lab.coop("export", "csv", "--machine", *words)
    assert printed.exit == 0, printed.err
    found = list(csv.DictReader(io.StringIO(printed.out)))
    assert len({(row["semester"], row["figure"]) for row in found}) == len(found)
    return {row["figure"]: row for row in found if row["semester"] == SEMESTER}


def flat(document: dict[str, Any], under: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in document.items():
        found |= flat(value, f"{under}{name}.") if isinstance(value, dict) else {under + name: value}
    return found


def test_each_figure_says_what_the_public_review_says(lab: Desk) -> None:
    told = rows(lab)
    public = flat(lab.json("review", SEMESTER, "--public"))
    assert told
    for figure, row in told.items():
        expected = public[figure]
        assert row["value"] == ("" if expected is None else repr(expected))
        assert (row["status"] == "masked") == (figure in public["masked"])
        assert (row["from"], row["to"]) == ("2026-01-01", "2026-06-30")
    left_out = {name.partition(".")[0] for name in public} - {row["group"] for row in told.values()}
    assert left_out.isdisjoint({"indicators", "flow", "lead_times", "deadlines", "alerts", "exchange", "committee"})


def test_few_persons_are_masked(desk: Desk) -> None:
    visited(desk, "2026-01-20", 3, 4, "2026-01-20T13:00+01:00")
    masked = {figure for figure, row in rows(desk.at(ENDED)).items() if row["status"] == "masked"}
    assert masked == {"indicators.attendance_rate", "indicators.attendance_rate_all"}


def test_what_goes_out_is_kept_once_as_published(lab: Desk) -> None:
    before = lab.json("db", "verify")["entries"]
    first = lab.coop("export", "csv", "--machine").out
    kept = lab.json("db", "verify")["entries"]
    assert lab.coop("export", "csv", "--machine").out == first
    lab.coop("export", "csv", SEMESTER)
    lab.coop("review", SEMESTER, "--public", "--format", "csv")
    assert (kept, lab.json("db", "verify")["entries"]) == (before + 1, kept)


def test_what_an_edition_that_is_out_would_reveal_is_asked_for_again(lab: Desk, tmp_path: Path) -> None:
    """Of eighteen persons, then of twenty: two of them came in between."""
    lab.json("export", "csv", "--out", str(tmp_path / "first.csv"))
    visited(lab, "2026-01-27", 2, 3, "2026-07-04T09:00+02:00")
    entries = lab.json("db", "verify")["entries"]
    assert lab.refused("export", "csv", "--out", str(tmp_path / "second.csv")) == ["already_published"]
    assert lab.json("db", "verify")["entries"] == entries
    assert not (tmp_path / "second.csv").exists()
    masked = {figure for figure, row in rows(lab, "--again").items() if row["status"] == "masked"}
    assert "indicators.attendance_rate_all" in masked


def test_a_spreadsheet_opens_the_french_one(lab: Desk, tmp_path: Path) -> None:
    found = lab.json("export", "csv", "--out", str(tmp_path / "chiffres.csv"))
    written = (tmp_path / "chiffres.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    assert written.count(b"\r\n") == written.count(b"\n") == found["figures"] + 1
    lines = list(csv.reader(io.StringIO(written.decode("utf-8-sig")), delimiter=";"))
    by_code = {line[4]: line for line in lines[1:]}
    assert by_code["indicators.attendance_rate_all"][1:3] == ["01/01/2026", "30/06/2026"]
    assert by_code["indicators.attendance_rate_all"][6:8] == ["100", "%"]
    assert by_code["indicators.satisfaction"][6:] == ["", "", "sans donnée"]
    page = (tmp_path / "chiffres.csv.md").read_text("utf-8")
    assert "semester" in page
    assert (tmp_path / "chiffres.csv.md").stat().st_mode & 0o777 == 0o600


def test_a_lab_without_a_semester_that_has_ended_names_one(desk: Desk) -> None:
    desk.fails(6, "export", "csv", "--out", "chiffres.csv")
    desk.fails(6, "export", "csv", "2026-S9", "--out", "chiffres.csv")
    desk.fails(6, "export", "csv", "2031-S1", "--out", "chiffres.csv")
    desk.fails(2, "export", "csv")
