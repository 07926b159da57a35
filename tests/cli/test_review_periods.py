"""A review of a semester that runs, of one to come, of one before the lab: each is said to be what it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk

MOMENT, RUNNING, COUNTED = "mercredi 1er avril 2026 à 9\u00a0h", "semestre en cours", "compté jusqu’au "


@pytest.fixture
def lab(desk: Desk) -> Desk:
    """A lab opened on 12 January 2026 with one request, on the morning of 1 April."""
    assert desk.coop("init").exit == 0
    desk.received()
    desk.monkeypatch.setenv("COOP_LANG", "fr")
    return desk.at("2026-04-01T09:00+02:00")


def test_a_semester_that_runs_says_how_far_it_is_counted(lab: Desk) -> None:
    page = " ".join(lab.coop("review", "now").out.split())
    assert f"{RUNNING}, {COUNTED}{MOMENT.replace(chr(160), ' ')}" in page
    assert f"Le semestre est en cours : il est {COUNTED}" in page
    assert "Au 01/04/2026" in page
    found = lab.json("review", "2026-S1")
    assert (found["running"], found["compared_with"]) == (True, None)
    table = lab.coop("review", "2026-S1", "--format", "csv").out
    assert f"{RUNNING}, {COUNTED}{MOMENT}" in table
    assert "Chiffre;Au 01/04/2026;Sur quoi il repose\r\n" in table
    assert "\r\njuin 2026;" not in table  # of the space month by month
    assert "\r\navril 2026;0;1\r\n" in table


def test_known_at_within_a_semester_is_the_semester_that_ran_then(lab: Desk) -> None:
    then = lab.json("review", "2026-S1")
    later = lab.at("2026-07-03T17:00+02:00")
    assert not later.json("review", "2026-S1")["running"]
    assert later.json("review", "2026-S1", "--known-at", "2026-04-01T09:00+02:00") == then


@pytest.mark.parametrize("words", [("2026-S2",), ("explain", "2027-S1", "received"), ("seal", "2026-S2")])
def test_a_semester_that_has_not_begun_is_not_reviewed(lab: Desk, words: tuple[str, ...]) -> None:
    error = lab.fails(6, "review", *words)
    assert error["fields"][0]["field"] == "semester"
    assert "commence le" in error["fields"][0]["message"]


def test_a_semester_before_the_lab_has_no_data(lab: Desk, tmp_path: Path) -> None:
    found = lab.json("review", "2025-S1")
    assert found["flow"]["received"] is None
    assert found["indicators"]["space_usage_rate"] is None
    assert found["alerts"] is None
    assert lab.json("review", "explain", "2025-S1", "received")["value"] is None
    page = lab.coop("review", "2025-S1").out
    assert page.count("sans donnée") == 8  # every figure of page one
    assert "l’historique du laboratoire commence le lundi 12 janvier 2026" in " ".join(page.split())
    table = lab.coop("review", "2025-S1", "--format", "csv").out
    assert ";0;" not in table
    assert lab.coop("review", "2025-S1", "--format", "html").exit == 0


def test_alerts_that_nothing_looked_for_are_not_said_to_be_none(lab: Desk) -> None:
    silent = "La surveillance n’est pas passée"
    assert lab.json("review", "2026-S1")["alerts"] is None
    page = " ".join(lab.coop("review", "2026-S1").out.split())
    assert silent in page
    assert "aucune alerte critique" not in page
    assert silent in lab.coop("review", "2026-S1", "--format", "csv").out
    assert lab.coop("scheduler", "tick").exit == 0
    assert lab.json("review", "2026-S1")["alerts"] is not None
    assert silent not in lab.coop("review", "2026-S1", "--format", "csv").out
