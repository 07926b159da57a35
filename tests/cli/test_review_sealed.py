"""`coop review --sealed`: what was kept, in every format, and exactly what has changed since."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk

NOW, LATER = "2026-01-12T09:00+01:00", "2026-01-13T09:00+01:00"
FORMATS = ("html", "pdf", "ods", "csv", "json")
CLOSED = (
    "prequalify 1", "interview plan 1 --slot 12/1T9h", "interview done 1", "tier assign 1 tuto",
    "meeting plan 1 --slot 12/1T9h", "meeting done 1", "session plan 1 --slot 12/1T9h --for 1h",
    "session done 1 --attended 12 --expected 15", "debrief plan 1 --slot 12/1T9h", "debrief done 1",
    "deliverable 1 --title Guide --type method", "close 1",
)  # fmt: skip


@pytest.fixture
def lab(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A lab where one request is closed."""
    monkeypatch.setenv("COOP_LANG", "fr")
    monkeypatch.setenv("COLUMNS", "200")
    assert desk.at(NOW).coop("init").exit == 0
    desk.received()
    for line in CLOSED:
        printed = desk.coop(*(word.replace("T9h", " 9h") for word in line.split()))
        assert printed.exit == 0, (line, printed.err)
    return desk


def seal(lab: Desk) -> None:
    assert lab.coop("review", "seal", "2026-S1").exit == 0


def follow_up(lab: Desk) -> None:
    assert lab.coop("followup", "1", "--done", "Un guide lu", "--at", "2026-01-12T09:00+01:00").exit == 0


def test_a_second_seal_says_which_it_joins(lab: Desk) -> None:
    first = lab.json("review", "seal", "2026-S1")
    assert first["joins"] is None
    lab.at(LATER)
    second = lab.json("review", "seal", "2026-S1")
    assert second["joins"] == first["seq"]
    printed = lab.coop("review", "seal", "2026-S1").out
    assert "s’ajoute à celui du mardi 13 janvier 2026" in printed
    assert second["digest"] in printed


@pytest.mark.parametrize("moment", [NOW, LATER])
def test_what_was_sealed_is_printed_again(lab: Desk, moment: str) -> None:
    """Line by line, be what came since recorded in the same second: only a notice and a last chapter are more."""
    before = lab.coop("review", "2026-S1", "--format", "csv").out.splitlines()
    seal(lab)
    lab.at(moment)
    follow_up(lab)
    assert lab.coop("review", "orient", "2026-S1", "--note", "Aller loin").exit == 0
    after = lab.coop("review", "2026-S1", "--sealed", "--format", "csv").out.splitlines()
    end = after.index("Ce qui a changé depuis le sceau")
    kept = [line for line in after[: end - 1] if "Telle que scellée" not in line]
    assert kept == before
    since = "\n".join(after[end:])
    assert "Un guide lu" in since
    assert "Aller loin" in since


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_sealed_and_says_it(lab: Desk, tmp_path: Path, form: str) -> None:
    seal(lab)
    follow_up(lab)
    out = tmp_path / f"r.{form}"
    assert lab.coop("review", "2026-S1", "--sealed", "--format", form, "--out", str(out)).exit == 0
    assert out.stat().st_size > 1000
    if form in ("html", "csv"):
        assert "Telle que scellée le lundi 12 janvier 2026" in out.read_text("utf-8")
        assert "Un guide lu" in out.read_text("utf-8")


def test_a_row_that_is_more_is_a_change(lab: Desk) -> None:
    """A recording that moves no figure is told: the table of follow-ups has one more row."""
    seal(lab)
    assert "Rien n’a changé depuis" in lab.coop("review", "2026-S1", "--sealed").out
    follow_up(lab)
    document = lab.json("review", "2026-S1", "--sealed")
    assert document["changes"] == []
    (row,) = (one for one in document["rows"] if one["table"] == "follow_ups")
    assert row["sealed"] is None
    assert "Un guide lu" in row["now"]
    assert [entry["event"] for entry in document["entries_since"]] == ["record_follow_up"]
    printed = lab.coop("review", "2026-S1", "--sealed").out
    assert "Rien n’a changé" not in printed
    assert "Un guide lu" in printed


def test_what_cannot_be_printed_again_is_said(lab: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    seal(lab)
    monkeypatch.setattr("workflow.reviews.book.sealed_review", lambda reader, seal: None)
    assert lab.coop("review", "2026-S1", "--sealed", "--format", "pdf").exit == 3
    assert lab.json("review", "2026-S1", "--sealed")["rows"] is None
    assert "ne redonne plus l’empreinte" in lab.coop("review", "2026-S1", "--sealed").out


@pytest.mark.parametrize("option", [("--known-at", NOW), ("--public",)])
def test_a_seal_goes_with_nothing_that_would_change_it(lab: Desk, option: tuple[str, ...]) -> None:
    seal(lab)
    assert lab.coop("review", "2026-S1", "--sealed", *option).exit == 2


DUE = "2026-01-19T18:00+01:00"  # of the form received with the lab


def since(lab: Desk) -> tuple[dict[str, tuple[str | None, str | None]], set[str]]:
    """What has changed since the seal: of each table a row, sealed and now, and the figures."""
    document = lab.json("review", "2026-S1", "--sealed")
    assert document["rows"] is not None  # it is still the review that was sealed
    rows = {row["table"]: (row["sealed"], row["now"]) for row in document["rows"]}
    return rows, {change["figure"] for change in document["changes"]}


def kept(lab: Desk) -> list[str]:
    """What the sealed review prints before what has changed since."""
    lines = lab.coop("review", "2026-S1", "--sealed", "--format", "csv").out.splitlines()
    end = lines.index("Ce qui a changé depuis le sceau") - 1 if "Ce qui a changé depuis le sceau" in lines else None
    return [line for line in lines[:end] if "Telle que scellée" not in line]


@pytest.mark.parametrize("watched", [True, False])
def test_alerts_raised_in_the_very_second_of_a_seal_have_come_since(lab: Desk, watched: bool) -> None:
    lab.received(title="Une fiche qui attend")
    lab.at(DUE)
    if watched:
        lab.at("2026-01-19T09:00+01:00").json("scheduler", "tick")
    before = lab.at(DUE).coop("review", "2026-S1", "--format", "csv").out.splitlines()
    seal(lab)
    lab.json("scheduler", "tick")
    rows, figures = since(lab)
    assert kept(lab) == before
    assert {"alerts.deadline", "alerts"} & figures
    assert "standing" in rows
    sealed, now = rows["standing"]
    assert (sealed, now and "1 alerte à surveiller" in now) == (None, True)


def test_an_alert_settled_in_the_very_second_of_a_seal_stood_at_the_seal(lab: Desk) -> None:
    lab.received(title="Une fiche qui attend")
    lab.at(DUE).json("scheduler", "tick")
    before = lab.coop("review", "2026-S1", "--format", "csv").out.splitlines()
    assert any("1 alerte à surveiller" in line for line in before)
    seal(lab)
    assert since(lab) == ({}, set())
    lab.json("prequalify", "2")
    rows, figures = since(lab)
    assert kept(lab) == before
    assert rows["standing"] == ("1 alerte à surveiller\u00a0: échéance manquée.", None)
    assert not [name for name in figures if name.startswith("alerts")]  # as many were raised
    assert not [1 for sealed, now in rows.values() if sealed == "" or (now or "").endswith(": 0")]


def test_what_was_settled_before_the_seal_in_its_second_had_gone(lab: Desk) -> None:
    lab.received(title="Une fiche qui attend")
    lab.at(DUE).json("scheduler", "tick")
    lab.json("prequalify", "2")
    seal(lab)
    assert since(lab) == ({}, set())
    lab.at(LATER.replace("13T", "20T")).json("scheduler", "tick")
    assert "standing" not in since(lab)[0]
