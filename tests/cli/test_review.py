"""`coop review` as it is typed: on the screen, as JSON, in files; what the committee decides; what is sealed."""

from __future__ import annotations

import builtins
import csv
import gc
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from desk import SAMPLES, Desk
from reviewed import at_a_tier
from terminal import Terminal

from handlers.review.charts import svg
from states.review.dataset import Story

INDICATORS = {
    "projects_accompanied", "projects_accompanied_year", "managers_participating", "attendance_rate",
    "attendance_rate_all", "services_participating", "services_declared", "deliverables", "satisfaction",
    "space_usage_rate", "return_on_investment",
}  # fmt: skip
SPLITS = {"open_by_state", "by_tier", "by_axis", "by_department", "decline_reasons"}
FLOW = {"received", "accepted", "declined", "withdrawn", "cancelled", "closed"} | SPLITS
MORE_FLOW = {
    "open_at_start",
    "reopened",
    "open",
    "by_family",
    "by_academy",
    "off_site_by_department",
}  # besides those of the contract
MORE = {"agreement", "committee", "exchange"}
FIGURES = {"indicators", "flow", "lead_times", "deadlines", "corrections", "alerts"}
LISTS = {"waivers", "derogations", "to_validate", "to_ratify", "decisions", "signals"}
DOCUMENT = {"semester", "from", "to", "running", "known_at", "previous", "compared_with", "digest"} | FIGURES | LISTS


@pytest.fixture
def lab(desk: Desk) -> Desk:
    return at_a_tier(desk)


# --- On the screen ---


@pytest.mark.parametrize("language", ["fr", "en"])
def test_page_one_fits_a_usual_screen(lab: Desk, language: str) -> None:
    piped = lab.coop("--lang", language, "review", "2026-S1")
    assert piped.exit == 0
    assert max(map(len, piped.out.splitlines())) <= 80
    assert ("Demandes reçues" if language == "fr" else "Requests received") in piped.out
    assert (" à valider\n" if language == "fr" else " to validate\n") in piped.out
    terminal = Terminal(["--lang", language, "review", "2026-S1"])
    assert terminal.ends() == 0
    assert max(map(len, terminal.plain.splitlines())) <= 80
    assert "…" not in terminal.plain.replace("2026-S1 …", "")


def test_show_and_now_say_the_same_as_the_short_form(lab: Desk) -> None:
    said = lab.coop("review", "2026-S1").out
    assert lab.coop("review", "show", "2026-S1").out == said
    assert lab.coop("review", "now").out == said
    assert lab.json("review", "now") == lab.json("review", "2026-S1")
    assert lab.at("2026-07-01T09:00+02:00").json("review", "now")["semester"] == "2026-S2"


def test_alone_it_is_that_of_the_present_semester(desk: Desk) -> None:
    assert desk.json("review") == desk.json("review", "now")
    assert "seal" in desk.coop("review", "--help").out


# --- JSON ---


def test_the_document_has_the_keys_of_the_contract(lab: Desk) -> None:
    found = lab.json("review", "2026-S1")
    assert set(found) == DOCUMENT | MORE
    assert set(found["indicators"]) == INDICATORS
    assert set(found["flow"]) == FLOW | MORE_FLOW
    assert found["previous"] is None
    assert {key for one in found["lead_times"].values() for key in one} == {"n", "median_days", "p90_days"}
    assert set(found["deadlines"]) == {"met", "missed", "rate"}
    assert (found["from"], found["to"]) == ("2026-01-01", "2026-06-30")
    assert (found["flow"]["received"], found["flow"]["declined"]) == (2, 1)
    assert found["flow"]["decline_reasons"] == {"no_capacity": 1}
    assert found["to_validate"] == ["2026-0001"]
    after = lab.at("2026-07-01T09:00+02:00").json("review", "2026-S2")
    assert set(after["previous"]) == FIGURES | MORE
    assert set(after["previous"]["indicators"]) == INDICATORS
    assert set(after["previous"]["flow"]) == FLOW | MORE_FLOW


def test_format_json_is_the_same_document(lab: Desk, tmp_path: Path) -> None:
    found = lab.json("review", "2026-S1")
    assert json.loads(lab.coop("review", "2026-S1", "--format", "json").out) == found
    assert lab.coop("review", "2026-S1", "--format", "json", "--out", "r.json").exit == 0
    assert json.loads((tmp_path / "r.json").read_text("utf-8")) == found


# --- What is behind a figure ---


def test_explain_lists_the_entries_behind_a_figure(lab: Desk) -> None:
    found = lab.json("review", "explain", "2026-S1", "received")
    assert {key: found[key] for key in ("semester", "indicator", "value")} == {
        "semester": "2026-S1", "indicator": "flow.received", "value": 2,
    }  # fmt: skip
    assert [set(item) for item in found["items"]] == [{"ref", "seq", "event", "occurred_at"}] * 2
    assert [item["ref"] for item in found["items"]] == ["2026-0001", "2026-0002"]
    assert found["items"][0]["occurred_at"] == "2026-01-12T09:00:00+01:00"
    assert lab.json("review", "explain", "2026-S1", "lead_times.received")["items"][0]["days"] > 0


@pytest.mark.parametrize(("language", "said"), [("fr", "Préqualifi"), ("en", "requalif")])
def test_explain_speaks_to_people(lab: Desk, language: str, said: str) -> None:
    printed = lab.coop("--lang", language, "review", "explain", "2026-S1", "lead_times.received").out
    assert "prequalify" not in printed  # the code of an event
    assert "+01:00" not in printed
    assert "15/01/2026" in lab.coop("review", "explain", "2026-S1", "committee.awaited").out
    assert said in lab.coop("--lang", language, "review", "explain", "2026-S1", "accepted").out
    assert max(map(len, printed.splitlines())) <= 100


def test_explain_says_that_nothing_is_there(lab: Desk) -> None:
    assert "Aucune entrée" in lab.coop("review", "explain", "2026-S1", "closed").out


def test_an_unknown_figure_has_a_neighbour(lab: Desk) -> None:
    error = lab.fails(4, "review", "explain", "2026-S1", "recieved")
    assert "received" in error["message"]


@pytest.mark.parametrize("words", [("2026-S3",), ("2026",), ("explain", "2027-S0", "received"), ("seal", "S1")])
def test_an_unknown_semester(lab: Desk, words: tuple[str, ...]) -> None:
    error = lab.fails(6, "review", *words)
    assert error["fields"][0]["field"] == "semester"


# --- As it was known ---


def test_known_at(lab: Desk) -> None:
    before = lab.json("review", "2026-S1", "--known-at", "2026-01-12T09:30+01:00")
    assert (before["flow"]["received"], before["flow"]["declined"]) == (2, 0)
    assert before["known_at"] == "2026-01-12T09:30:00+01:00"
    now = lab.json("review", "2026-S1")
    lab.at("2026-03-02T09:00+01:00").received()
    again = lab.json("review", "2026-S1", "--known-at", now["known_at"])
    assert again == now


def test_known_at_before_the_lab_existed(lab: Desk) -> None:
    found = lab.json("review", "2026-S1", "--known-at", "2026-01-05T09:00+01:00")
    assert found["running"]
    assert found["flow"]["received"] is None
    assert set(found["indicators"].values()) == {None}
    assert lab.fails(6, "review", "2026-S1", "--known-at", "2025-06-01T09:00+02:00")["fields"][0]["field"] == "semester"


def test_known_at_is_a_date(lab: Desk) -> None:
    assert lab.fails(6, "review", "2026-S1", "--known-at", "quand ?")["fields"][0]["field"] == "--known-at"


# --- Files ---


def test_csv_goes_to_the_standard_output(lab: Desk) -> None:
    people = lab.coop("review", "2026-S1", "--format", "csv").out
    assert "Demandes reçues;2;" in people
    machine = lab.coop("review", "2026-S1", "--format", "csv", "--machine").out
    rows = list(csv.DictReader(io.StringIO(machine.removeprefix("\ufeff"))))
    assert rows
    assert len(set(map(len, rows))) == 1
    assert lab.coop("review", "2026-S1", "--format", "csv", "--out", "-").out == people


def test_html_has_a_name_of_its_own(lab: Desk, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert", reason="the extra [review] is not installed")
    printed = lab.coop("review", "2026-S1", "--format", "html")
    assert "review-2026-S1.html" in printed.out
    page = (tmp_path / "review-2026-S1.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert lab.coop("review", "2026-S1", "--format", "html", "--out", "-").out == page


def test_out_into_a_missing_folder(lab: Desk, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    printed = lab.coop("review", "2026-S1", "--format", "csv", "--out", "nulle/part.csv")
    assert printed.exit == 2
    assert "nulle/part.csv" in printed.err
    assert sorted(tmp_path.iterdir()) == before


def test_a_house_style(lab: Desk, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert", reason="the extra [review] is not installed")
    Path("house.css").write_text(":root { --accent: #800020; }", "utf-8")
    words = ("review", "2026-S1", "--format", "html", "--css", "house.css")
    assert lab.coop(*words, "--out", "styled.html").exit == 0
    assert "--accent: #800020" in (tmp_path / "styled.html").read_text("utf-8")
    Path("latin.css").write_bytes("/* été */".encode("latin-1"))
    Path("ends.css").write_text("p {} </STYLE><script>", "utf-8")
    for file, exit in (("missing.css", 6), ("latin.css", 6), ("ends.css", 2)):
        printed = lab.coop("review", "2026-S1", "--format", "html", "--css", file, "--out", "no.html")
        assert printed.exit == exit, printed.err
        assert not (tmp_path / "no.html").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("--sealed", "--public"),
        ("--sealed", "--known-at", "2026-01-12T09:00+01:00"),
        ("--format", "html", "--json"),
        ("--out", "r.txt"),
        ("--css", "house.css"),
        ("--format", "ods", "--machine"),
    ],
)
def test_what_would_be_asked_in_vain_is_refused(lab: Desk, words: tuple[str, ...], tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    printed = lab.coop("review", "2026-S1", *words)
    assert printed.exit == 2
    assert printed.out == ""
    assert sorted(tmp_path.iterdir()) == before


def test_a_published_file_names_no_project(lab: Desk) -> None:
    whole = lab.coop("review", "2026-S1", "--format", "csv").out
    published = lab.coop("review", "2026-S1", "--format", "csv", "--public").out
    for text in ("Le premier", "Le laboratoire voisin"):
        assert text in whole
        assert text not in published


@pytest.mark.parametrize(("form", "library"), [("html", "vl_convert"), ("pdf", "typst"), ("ods", "odfdo")])
def test_a_part_that_is_not_installed(lab: Desk, monkeypatch: pytest.MonkeyPatch, form: str, library: str) -> None:
    real = builtins.__import__

    def blocked(name: str, *rest: Any, **named: Any) -> Any:
        if name.partition(".")[0] == library:
            raise ImportError(name)
        return real(name, *rest, **named)

    for loaded in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, loaded)
    for ours in [name for name in sys.modules if name.startswith("handlers.review.formats.ods")]:
        monkeypatch.delitem(sys.modules, ours)
    monkeypatch.setattr(builtins, "__import__", blocked)
    printed = lab.coop("review", "2026-S1", "--format", form)
    assert printed.exit == 2, printed.err
    assert 'pip install "la-cooperative[review]"' in printed.err


def test_another_lab_has_its_review_too(desk: Desk, tmp_path: Path) -> None:
    """examples/preau: other semesters, no decision of a committee, no activity, vocabularies of its own."""
    preau = SAMPLES.parent.parent / "examples/preau"
    desk.monkeypatch.setenv("COOP_DB", str(tmp_path / "preau.db"))
    for words in (("init", "--lab", str(preau / "preau.toml")), ("submit", str(preau / "fiche.toml"))):
        assert desk.coop(*words).exit == 0
    found = desk.json("review", "now")
    assert found["flow"]["received"] == 1
    assert (found["to_validate"], found["to_ratify"], found["decisions"]) == ([], [], [])
    assert desk.coop("review", found["semester"]).exit == 0
    printed = desk.coop("review", found["semester"], "--format", "csv")
    assert printed.exit == 0
    assert "Par famille de services" in printed.out
    assert "Par académie" not in printed.out  # none of its departments is of one
    assert desk.fails(6, "review", "2026-S9")["fields"][0]["field"] == "semester"
    desk.fails(2, "review", "decide", found["semester"], "1", "--decision", "ratify")


def test_no_label_of_the_head_is_said_again_by_its_text(desk: Desk) -> None:
    lines = desk.coop("review", "2026-S1", "--format", "csv").out.lstrip("\ufeff").split("\r\n\r\n")[0]
    head = [line.partition(";")[::2] for line in lines.splitlines()]
    assert len(head) == 6
    begun = {label: {word.casefold() for word in text.split()[:3]} for label, text in head if label != "Laboratoire"}
    assert not [label for label, words in begun.items() if words & set(label.casefold().split())]


def test_a_semester_that_has_not_begun_has_no_review(desk: Desk) -> None:
    for words in (("2026-S2",), ("explain", "2026-S2", "received"), ("2026-S2", "--format", "csv")):
        printed = desk.coop("review", *words)
        assert (printed.exit, printed.out) == (6, "")
        assert "1er juillet 2026" in printed.err
    assert desk.at("2026-07-01T00:00+02:00").coop("review", "2026-S2").exit == 0


def stories() -> int:
    """How many histories that a review is made from are held."""
    gc.collect()
    return sum(isinstance(one, Story) for one in gc.get_objects())


@pytest.mark.parametrize("words", [("--format", "pdf"), ("--format", "html", "--public")])
def test_histories_are_let_go_before_a_file_without_its_annex_is_laid_out(
    lab: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Those of twenty thousand requests take more room than what lays them out."""
    held, drawn = [], svg
    before = stories()

    def drawing(*given: Any, **more: Any) -> str:
        if not held:
            held.append(stories())
        return drawn(*given, **more)

    for form in ("pdf", "html"):
        monkeypatch.setattr(f"handlers.review.formats.{form}.svg", drawing)
    assert lab.coop("review", "2026-S1", *words, "--out", str(tmp_path / "review")).exit == 0
    assert held == [before]
