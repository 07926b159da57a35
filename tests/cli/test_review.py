"""`coop review` as it is typed: on the screen, as JSON, in files; what the committee decides; what is sealed."""

from __future__ import annotations

import builtins
import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from desk import SAMPLES, Desk
from terminal import Terminal

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
AT_WORK = (
    ("2026-01-12T10:00+01:00", ("prequalify",)),
    ("2026-01-12T10:05+01:00", ("interview", "plan", "--slot", "2026-01-15T10:00")),
    ("2026-01-15T12:00+01:00", ("interview", "done")),
    ("2026-01-15T12:05+01:00", ("tier", "assign", "50_50", "--note", "au vu de l’entretien")),
)


@pytest.fixture
def lab(desk: Desk) -> Desk:
    """A lab with its people, one request at a tier that waits for a validation, one declined; Friday 16 January."""
    for id, role in (("comite", "committee"), ("sam", "specialist"), ("paule", "pilot")):
        added = desk.coop("staff", "add", id, "--name", id.title(), "--email", f"{id}@example.org", "--role", role)
        assert added.exit == 0, added.err
    first, second = desk.received(title="Le premier"), desk.received(title="Le second")
    for moment, (word, *rest) in AT_WORK:
        words = (word, rest[0], first, *rest[1:]) if word in ("interview", "tier") else (word, first, *rest)
        done = desk.at(moment).coop(*words)
        assert done.exit == 0, (words, done.err)
    declined = desk.coop("decline", second, "--reason", "no_capacity", "--orientation", "Le laboratoire voisin",
                         "--note", "faute de temps")  # fmt: skip
    assert declined.exit == 0, declined.err
    return desk.at("2026-01-16T09:00+01:00")


def validated(lab: Desk) -> str:
    """The request at work once its tier is validated by delegation."""
    done = lab.coop("--as", "paule", "validate", "1", "--basis", "delegation", "--note", "elle convient")
    assert done.exit == 0, done.err
    return "2026-0001"


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


# --- What the committee decides ---


@pytest.mark.parametrize("decision", ["ratify", "postpone", "refuse"])
def test_the_committee_decides(lab: Desk, decision: str) -> None:
    ref = validated(lab)
    assert lab.json("review", "2026-S1")["to_ratify"] == [ref]
    words = ("review", "decide", "2026-S1", "1", "--decision", decision, "--note", "vu en séance")
    assert lab.coop("--as", "comite", *words).exit == 0
    found = lab.json("review", "2026-S1")
    assert [(one["ref"], one["decision"]) for one in found["decisions"]] == [(ref, decision)]
    assert found["to_ratify"] == (
        [ref] if decision == "postpone" else [] if decision == "ratify" else found["to_ratify"]
    )


def test_nobody_else_decides(lab: Desk) -> None:
    validated(lab)
    words = ("review", "decide", "2026-S1", "1", "--decision", "ratify")
    for actor in ("camille", "sam"):
        printed = lab.coop("--as", actor, *words, "--json")
        assert (printed.exit, printed.rules) == (3, ["role"])
    assert lab.json("review", "2026-S1")["decisions"] == []


def test_several_are_decided_together_or_not_at_all(lab: Desk) -> None:
    validated(lab)
    words = ("review", "decide", "2026-S1", "1", "2", "--decision", "ratify", "--note", "vu", "--json")
    printed = lab.coop("--as", "comite", *words)
    assert printed.exit == 3
    assert lab.json("review", "2026-S1")["decisions"] == []
    error = lab.coop("--as", "comite", "review", "decide", "2026-S1", "1", "99", "--decision", "ratify", "--json").error
    assert error["exit"] == 4
    assert lab.json("review", "2026-S1")["decisions"] == []


def test_a_decision_is_one_of_three(lab: Desk) -> None:
    validated(lab)
    words = ("--as", "comite", "review", "decide", "2026-S1", "1", "--decision", "peut-être")
    printed = lab.coop(*words, "--json")
    assert printed.exit == 6
    assert printed.error["fields"][0]["field"] == "decision"


@pytest.mark.parametrize(("actor", "exit"), [("comite", 0), ("camille", 0), ("paule", 0), ("sam", 3), ("inconnu", 4)])
def test_orientations_are_the_committees_and_the_keepers(lab: Desk, actor: str, exit: int) -> None:
    printed = lab.coop("--as", actor, "review", "orient", "2026-S1", "--note", "Aller vers les Pyrénées", "--json")
    assert printed.exit == exit, printed.err
    if exit == 3:
        assert printed.rules == ["role"]
    told = lab.coop("review", "2026-S1", "--format", "csv").out
    assert ("Aller vers les Pyrénées" in told) == (exit == 0)
    assert "Aller vers" not in lab.coop("review", "2026-S1", "--format", "csv", "--public").out


def test_an_orientation_says_something(lab: Desk) -> None:
    assert lab.fails(6, "review", "orient", "2026-S1", "--note", "  ")["fields"][0]["field"] == "note"


# --- Sealed ---


def test_a_review_that_is_not_sealed_says_how(lab: Desk) -> None:
    printed = lab.coop("review", "2026-S1", "--sealed")
    assert printed.exit == 4
    assert "coop review seal 2026-S1" in printed.err


def test_a_decision_after_the_seal_is_said_to_be_one(desk: Desk) -> None:
    """At one moment, as when the committee is asked on the spot."""
    for words in (
        ("init",),
        ("staff", "add", "agnes", "--name", "Agnès", "--email", "agnes@example.org", "--role", "pilot"),
        ("--as", "agnes", "staff", "add", "marc", "--name", "M", "--email", "marc@example.org", "--role", "committee"),
    ):
        assert desk.coop(*words).exit == 0
    ref = desk.received()
    for words in (
        ("prequalify", ref),
        ("interview", "plan", ref, "--slot", "2026-01-12T09:00"),
        ("interview", "done", ref, "--at", "2026-01-12T09:00"),
        ("tier", "assign", ref, "50_50", "--note", "x"),
        ("--as", "agnes", "validate", ref),
        ("review", "seal", "2026-S1"),
        ("--as", "marc", "review", "decide", "2026-S1", ref, "--decision", "refuse", "--note", "pas cette année"),
    ):
        printed = desk.coop(*words)
        assert printed.exit == 0, (words, printed.err)
    assert "1 décision saisie depuis\u00a0:" in desk.coop("--lang", "fr", "review", "2026-S1", "--sealed").out


def test_only_keepers_seal(lab: Desk) -> None:
    assert lab.coop("--as", "sam", "review", "seal", "2026-S1", "--json").exit == 3


def test_what_has_changed_since_the_seal_and_why(lab: Desk) -> None:
    head = lab.coop("db", "verify").out.split()[-1]
    kept = lab.json("review", "seal", "2026-S1")
    assert kept["head"] == head
    document = lab.json("review", "2026-S1")
    assert kept["digest"] == document["digest"]
    assert "Rien n’a changé" in lab.coop("review", "2026-S1", "--sealed").out
    lab.at("2026-01-19T09:00+01:00")
    assert lab.coop("advance", "2", "correct", "--note", "la mauvaise fiche").exit == 0
    found = lab.json("review", "2026-S1", "--sealed")
    assert found["document"] == document
    assert found["seal"]["digest"] == kept["digest"]
    changes = {one["figure"]: (one["sealed"], one["now"]) for one in found["changes"]}
    assert changes["flow.declined"] == (1, 0)
    assert changes["corrections"] == (0, 1)
    assert ("2026-0002", "correct") in {(one["ref"], one["event"]) for one in found["entries_since"]}
    printed = lab.coop("review", "2026-S1", "--sealed").out
    assert "Demandes non retenues" in printed
    assert "2026-0002" in printed


def test_a_place_that_closes_after_the_seal_is_a_reason(lab: Desk) -> None:
    lab.json("review", "seal", "2026-S1")
    lab.at("2026-01-19T09:00+01:00")
    request = lab.received(place="montpellier")
    for words in (
        ("prequalify", request),
        ("interview", "plan", request, "--slot", "2026-01-20T10:00"),
    ):
        assert lab.coop(*words).exit == 0
    lab.at("2026-01-20T15:00+01:00").coop("interview", "done", request)
    closed = lab.coop(
        "place", "close", "montpellier", "--from", "2026-06-01", "--to", "2026-06-12", "--note", "travaux"
    )
    assert closed.exit == 0, closed.err
    found = lab.json("review", "2026-S1", "--sealed")
    assert "place_closed" in {one["event"] for one in found["entries_since"]}
    assert lab.coop("review", "2026-S1", "--sealed").exit == 0


def test_time_alone_changes_a_sealed_review(lab: Desk) -> None:
    lab.json("review", "seal", "2026-S1")
    lab.at("2026-04-01T09:00+02:00")
    found = lab.json("review", "2026-S1", "--sealed")
    assert found["entries_since"] == []
    assert "deadlines.missed" in {one["figure"] for one in found["changes"]}
    assert "le temps a passé" in lab.coop("review", "2026-S1", "--sealed").out


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
