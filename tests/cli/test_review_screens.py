"""What `coop review` shows in a terminal: words and numbers of the reader's language, nothing left out in silence."""

from __future__ import annotations

import pytest
from desk import Desk

BEGUN, LATER = "2026-01-12T09:00+01:00", "2026-07-06T09:00+02:00"
SHARE = 0.875  # 21 of 24


@pytest.fixture
def lab(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A lab where a conference was held."""
    monkeypatch.setenv("COLUMNS", "200")
    steps = (
        (BEGUN, "init"),
        (BEGUN, "staff add dominique --name Dominique --email d@example.org --role pilot"),
        (BEGUN, "--as dominique staff add claude --name Claude --email c@example.org --role committee"),
        (
            BEGUN,
            "activity plan --title Voir --type conference --axis acculturation --slot 20/01T14h --place montpellier",
        ),
        (BEGUN, "activity open 1"),
        (BEGUN, "activity register 1 --registered 24"),
        ("2026-01-21T09:00+01:00", "activity done 1 --attended 21 --managers 3 --services drajes"),
    )
    for moment, line in steps:
        words = [word.replace("T14h", " 14h") for word in line.split()]
        printed = desk.at(moment).coop(*words)
        assert printed.exit == 0, (line, printed.err)
    return desk


def test_the_entries_behind_a_figure_are_told_in_words(lab: Desk) -> None:
    french = lab.coop("--lang", "fr", "review", "explain", "2026-S1", "attendance_rate").out
    assert "88\u00a0%" in french.splitlines()[0]
    assert "hold_activity" not in french
    assert "Tenue" in french or "tenue" in french
    english = lab.coop("--lang", "en", "review", "explain", "2026-S1", "attendance_rate").out
    assert "88%" in english.splitlines()[0]
    assert "\u00a0:" not in english
    assert lab.json("review", "explain", "2026-S1", "attendance_rate")["value"] == SHARE


def test_page_one_masks_few_persons_when_it_is_to_be_published(lab: Desk) -> None:
    activity = ("activity", "plan", "--title", "Parler", "--type", "conference", "--axis", "management")
    assert lab.coop(*activity, "--slot", "23/01 14h", "--place", "montpellier").exit == 0
    lab.at("2026-01-26T09:00+01:00")
    assert lab.coop("activity", "done", "2", "--attended", "12", "--managers", "3").exit == 0

    def line(*options: str) -> str:
        printed = lab.coop("--lang", "en", "review", "2026-S1", *options).out
        return next(text for text in printed.splitlines() if text.startswith("Participations of managers"))

    assert line().split()[3] == "3"
    assert "masked" in line("--public")
    assert "managers_participating" not in line("--public")


def test_json_to_be_published_masks_few_persons_and_has_a_digest_of_its_own(lab: Desk) -> None:
    activity = ("activity", "plan", "--title", "Parler", "--type", "conference", "--axis", "management")
    assert lab.coop(*activity, "--slot", "23/01 14h", "--place", "montpellier").exit == 0
    lab.at("2026-01-26T09:00+01:00")
    assert lab.coop("activity", "done", "2", "--attended", "12", "--managers", "3").exit == 0
    whole, shown = lab.json("review", "2026-S1"), lab.json("review", "2026-S1", "--public")
    assert whole["indicators"]["managers_participating"] == 3
    assert shown["indicators"]["managers_participating"] is None
    assert "indicators.managers_participating" in shown["masked"]
    # Whoever has the digest of the whole could try 1, 2, 3 and 4.
    assert shown["digest"] != whole["digest"]
    assert shown["flow"] == whole["flow"]


@pytest.mark.parametrize("options", [("--public",), ("--known-at", "20/01 10h"), ("--out", "x")])
def test_a_seal_refuses_what_it_would_leave_out(lab: Desk, options: tuple[str, ...]) -> None:
    assert lab.at(LATER).coop("review", "seal", "2026-S1").exit == 0
    assert lab.coop("review", "2026-S1", "--sealed", *options).exit == 2
    assert lab.coop("review", "2026-S1", "--sealed").exit == 0


def test_what_changed_since_a_seal_is_told_in_words(lab: Desk) -> None:
    assert lab.at(LATER).coop("review", "seal", "2026-S1").exit == 0
    lab.at("2026-07-07T09:00+02:00")
    assert lab.coop("activity", "evaluate", "1", "--score", "4.5", "--respondents", "9", "--at", "25/01 10h").exit == 0
    printed = lab.coop("--lang", "fr", "review", "2026-S1", "--sealed").out
    assert "indicators.satisfaction" not in printed
    assert "4,5" in next(line for line in printed.splitlines() if line.startswith("Satisfaction sur 5"))
    assert "evaluate_activity" not in printed
    assert "2026-A001" in printed.partition("1 entrée saisie depuis\u00a0:")[2]


def test_what_was_recorded_in_the_second_of_a_seal_was_recorded_after_it(lab: Desk) -> None:
    """A clock of whole seconds does not tell which came first: the seal says what it knew."""
    ref = lab.at("2026-03-02T09:00+01:00").received()
    assert lab.coop("review", "seal", "2026-S1").exit == 0
    assert "Rien n’a changé depuis." in lab.coop("--lang", "fr", "review", "2026-S1", "--sealed").out
    assert lab.coop("prequalify", ref).exit == 0
    printed = lab.coop("--lang", "fr", "review", "2026-S1", "--sealed").out
    assert "1 entrée saisie depuis\u00a0:" in printed
    found = lab.json("review", "2026-S1", "--sealed")
    assert [(one["ref"], one["event"]) for one in found["entries_since"]] == [(ref, "prequalify")]
