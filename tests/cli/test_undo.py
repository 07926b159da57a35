"""Undo is a stack: what was typed last is undone, named before and after, with what it puts back and who is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk
from lives import CLOSED, HELD, PLANNED, WORKING, lived, plain, typed, words_of
from terminal import Terminal


def refused(desk: Desk, line: str) -> list[tuple[str, str, str]]:
    """The rules that refuse a line, each with its sentence and its remedy. Nothing is stored."""
    seq = desk.json("show", "1")["seq"]
    error = desk.fails(3, *words_of(line))
    assert desk.json("show", "1")["seq"] == seq
    return [(one["rule"], plain(one["message"]), plain(one["remedy"])) for one in error["refusals"]]


@pytest.mark.parametrize(
    ("before", "last", "named", "put_back"),
    [
        (PLANNED, "amend 1 --set participants=99", "Fiche modifiée, entrée 4", "participants : 99 → 20"),
        (PLANNED, "comment 1 -n Vu", "Commentaire, entrée 4", ""),
        (PLANNED, "effort 1 --hours 2", "Effort, entrée 4", ""),
        (WORKING, "deliverable 1 --title Carte --type prototype", "Livrable, entrée 8", ""),
        (WORKING, "tasks 1 --done run_sheet_build", "Tâche cochée, entrée 8", ""),
        (CLOSED, "satisfaction 1 --score 2", "Satisfaction, entrée 14", ""),
        (CLOSED, "followup 1 --done Repris", "Suivi, entrée 14", ""),
        (CLOSED, "effort 1 --hours 3", "Effort, entrée 14", ""),
        (CLOSED, "comment 1 -n Vu", "Commentaire, entrée 14", ""),
        (CLOSED, "meeting amend 1/session-1 --attended 21 -n x", "Réunion rectifiée, entrée 14", "chiffres"),
        (WORKING, "tier change 1 coup_de_pouce", "Niveau changé, entrée 8", "Niveau : Coup de pouce → Le Tuto"),
        (PLANNED, "withdraw 1 -n x", "Retirée, entrée 4", "(invitation, interview-1) vers le demandeur"),
    ],
)  # fmt: skip
def test_what_was_typed_last_is_what_is_undone_and_it_is_named(
    desk: Desk, tmp_path: Path, before: tuple[str, ...], last: str, named: str, put_back: str
) -> None:
    lived(desk, tmp_path, *before)
    was = desk.json("show", "1")
    typed(desk, last)
    told = typed(desk, "undo 1 -n Faute")
    shown = desk.json("show", "1")
    for part in ("state", "tier", "calendar", "deliverables", "meetings"):
        assert shown[part] == was[part]
    seq = was["seq"] + 1
    assert [e["corrected_by"] for e in desk.json("history", "1")] == [*[None] * (seq - 1), seq + 1, None]
    assert f"Défait : {named}" in told
    assert put_back in told


def test_a_second_undo_goes_one_further_back(desk: Desk, tmp_path: Path) -> None:
    lived(desk, tmp_path, *PLANNED)
    typed(desk, "amend 1 --set participants=99")
    typed(desk, "comment 1 -n Vu")
    for entry in ("Commentaire, entrée 5", "Fiche modifiée, entrée 4", "Entretien planifié, entrée 3"):
        assert f"Défait : {entry}" in typed(desk, "undo 1 -n Faute")
    assert desk.json("show", "1")["state"] == "prequalified"
    assert "Défait : Préqualifiée, entrée 2" in typed(desk, "undo 1 -n Faute")
    ((rule, said, _remedy),) = refused(desk, "undo 1 -n Faute")
    assert (rule, said) == ("nothing_to_correct", "Il ne reste rien à défaire dans 2026-0001.")


def test_whoever_is_written_to_because_of_it_is_named_and_nobody_else_is(desk: Desk, tmp_path: Path) -> None:
    lived(desk, tmp_path, *PLANNED)
    before = desk.json("outbox", "--all")
    typed(desk, "amend 1 --set participants=99")
    assert "message" not in typed(desk, "undo 1 -n Faute")
    assert desk.json("outbox", "--all") == before
    told = typed(desk, "undo 1 -n Faute")
    assert "Un message part (annulation, interview-1) vers le demandeur" in told
    assert "Un message part (annulation, interview-1) vers camille" in told
    assert "interview-1 n’est plus au calendrier" in told


@pytest.mark.parametrize(
    ("before", "last", "asked", "said"),
    [
        (PLANNED, "", True, "interview-1 n’est plus au calendrier"),
        (PLANNED, "meeting move 1/interview-1 --slot 15/01_9h", True, "(modification, interview-1) vers le demandeur"),
        (CLOSED, "", True, "État : Close → Debrief tenu"),
        (PLANNED, "comment 1 -n Vu", False, ""),
        (CLOSED, "satisfaction 1 --score 2", False, ""),
    ],
)  # fmt: skip
def test_on_a_terminal_an_undo_that_weighs_asks_first(
    desk: Desk, tmp_path: Path, before: tuple[str, ...], last: str, asked: bool, said: str
) -> None:
    lived(desk, tmp_path, *before)
    if last:
        typed(desk, last)
    seq = desk.json("show", "1")["seq"]
    terminal = Terminal(["undo", "1", "-n", "x"])
    if asked:
        terminal.waits("[o/N]\u00a0: ").types("n\n")
    code = terminal.ends()
    assert (code, desk.json("show", "1")["seq"]) == ((130, seq) if asked else (0, seq + 1))
    assert said in plain(terminal.plain)


# --- By its number ---


@pytest.mark.parametrize(
    ("before", "lines", "seq", "rule", "said", "remedy"),
    [
        (
            (), ("amend 1 --set service=autre_etat", "amend 1 --set family=partner"), 2, "form_inconsistent",
            "Sans l’entrée 2, la fiche de 2026-0001 ne serait pas cohérente", "coop amend 2026-0001 --set family=…",
        ),
        (
            (), ("amend 1 --set participants=30", "amend 1 --set managers=25"), 2, "form_inconsistent",
            "Sans l’entrée 2, la fiche de 2026-0001 ne serait pas cohérente", "coop amend 2026-0001 --set managers=…",
        ),
        (
            (), ("amend 1 --set wanted_from=2026-03-01", "amend 1 --set wanted_to=2026-04-01",
                 "amend 1 --set wanted_from=2026-02-01", "amend 1 --set wanted_to=2026-02-15"), 4, "form_inconsistent",
            "Sans l’entrée 4, la fiche de 2026-0001 ne serait pas cohérente", "coop amend 2026-0001 --set wanted_",
        ),
        (
            ("amend 1 --set axis=management", "prequalify 1"), (), 2, "form_inconsistent",
            "2026-0001 a été préqualifiée avec ce que dit l’entrée 2", "coop undo 2026-0001 --note …",
        ),
        (
            CLOSED, (), 12, "deliverable", "2026-0001 a été close avec ce que l’entrée 12 enregistre",
            "coop deliverable 2026-0001 --title … --type …",
        ),
        (CLOSED, (), 9, "nothing_to_correct", "L’entrée 9 est suivie d’une autre étape, l’entrée 13", "meeting amend"),
        (CLOSED, (), 5, "nothing_to_correct", "L’entrée 5 est suivie d’une autre étape", "undo 2026-0001 --seq 13"),
        (PLANNED, (), 1, "nothing_to_correct", "L’entrée 1 de 2026-0001 ne peut pas être défaite", "coop history"),
    ],
)  # fmt: skip
def test_an_earlier_entry_stays_that_others_rest_on(
    desk: Desk,
    tmp_path: Path,
    before: tuple[str, ...],
    lines: tuple[str, ...],
    seq: int,
    rule: str,
    said: str,
    remedy: str,
) -> None:
    lived(desk, tmp_path, *before)
    for line in lines:
        typed(desk, line)
    (found,) = refused(desk, f"undo 1 --seq {seq} -n x")
    assert found[0] == rule
    assert said in found[1]
    assert remedy in found[2]


def test_the_deliverable_of_a_closing_goes_once_another_is_recorded(desk: Desk, tmp_path: Path) -> None:
    lived(desk, tmp_path, *CLOSED)
    typed(desk, "deliverable 1 --title Autre --type report")
    typed(desk, "undo 1 --seq 12 -n x")
    assert [one["title"] for one in desk.json("show", "1")["deliverables"]] == ["Autre"]
    assert refused(desk, "undo 1 --seq 12 -n x")[0][:2] == (
        "nothing_to_correct", "L’entrée 12 est déjà défaite, par l’entrée 15."
    )  # fmt: skip


# --- What would come back ---


def test_what_is_past_does_not_come_back_when_a_request_is_reopened(desk: Desk, tmp_path: Path) -> None:
    lived(desk, tmp_path, *HELD, "tier assign 1 tuto", "meeting plan 1 --slot 21/01_9h --slot 20/02_9h")
    desk.at("2026-01-19T09:00+01:00")
    typed(desk, "withdraw 1 -n x")
    desk.at("2026-02-10T09:00+01:00")
    told = typed(desk, "--as agnes reopen 1 -n x")
    assert "Toujours annulées, leur heure étant passée ou leur créneau pris : work-1" in told
    assert "De retour au calendrier : work-2" in told
    assert [m["status"] for m in desk.json("show", "1")["calendar"]] == ["held", "cancelled", "planned"]
    assert "work-1" not in typed(desk, "today")


@pytest.mark.parametrize(
    ("changed", "stands"),
    [
        ("meeting move 1/interview-1 --slot 16/01_9h", "interview-1 reste au vendredi 16 janvier 2026 à 9 h"),
        ("meeting assign 1/interview-1 --staff agnes", "interview-1 reste au mercredi 14 janvier 2026 à 9 h"),
    ],
)
def test_what_stands_is_not_cancelled_because_it_cannot_go_back(
    desk: Desk, tmp_path: Path, changed: str, stands: str
) -> None:
    lived(desk, tmp_path, *PLANNED)
    typed(desk, changed)
    desk.received()
    typed(desk, "prequalify 2")
    typed(desk, "interview plan 2 --slot 14/01_9h")  # where the first was, or who was to take it
    for line in ("undo 1 -n x", "undo 1 -n x --release"):
        found = refused(desk, line)
        assert all(message.startswith(stands) for _rule, message, _remedy in found)
        assert {remedy for _rule, _message, remedy in found} == {
            "La déplacer ailleurs : coop meeting move 2026-0001/interview-1 --slot …"
        }
    assert desk.json("show", "1")["calendar"][0]["status"] == "planned"


def test_only_what_was_cancelled_can_be_left_so(desk: Desk, tmp_path: Path) -> None:
    lived(desk, tmp_path, *PLANNED, "meeting cancel 1/interview-1 -n x")
    desk.received()
    typed(desk, "prequalify 2")
    typed(desk, "interview plan 2 --slot 14/01_9h")
    found = refused(desk, "undo 1 -n x")
    assert {remedy for _rule, _message, remedy in found} == {
        "La laisser annulée avec --release, puis planifier de nouveau."
    }
    typed(desk, "undo 1 -n x --release")
    shown = desk.json("show", "1")
    assert (shown["state"], shown["calendar"][0]["status"]) == ("prequalified", "cancelled")
