"""The second time of everything: what is done says so, and by which entry; nothing is stored, nothing else is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk
from lives import CLOSED, HELD, PLANNED, SESSION, WORKING, lived, plain, typed, words_of

HALF = (*HELD, "tier assign 1 50_50 -n x")
DEBRIEFED = CLOSED[:-2]
NOW = "Voir ce qui peut se faire maintenant : coop next 2026-0001"
ONCE: list[tuple[tuple[str, ...], str, int, str]] = [  # lived before, typed twice, the entry, what is said of it
    ((), "prequalify 1", 2, "Préqualifiée"),
    ((), "ask 1 -n Combien", 2, "Précisions demandées"),
    (("ask 1 -n Combien",), "answer 1 -n Dix", 3, "Précisions reçues"),
    ((), "decline 1 --reason other --orientation Ailleurs -n x", 2, "Non retenue"),
    (("prequalify 1",), "cancel 1 --reason other -n x", 3, "Annulée"),
    (HELD, "tier assign 1 tuto", 5, "Niveau attribué"),
    (SESSION, "session more 1", 10, "Accompagnement repris"),
    (DEBRIEFED, "close 1 --waive deliverable -n x", 12, "Close"),
    ((), "suspend 1 -n x", 2, "Suspendue"),
    (("suspend 1 -n x",), "resume 1 -n x", 3, "Reprise"),
    ((), "withdraw 1 -n x", 2, "Retirée"),
    (("withdraw 1 -n x",), "--as agnes reopen 1 -n x", 3, "Rouverte"),
    (("amend 1 --set kind=autonomous", "prequalify 1"), "host 1", 4, "Accueillie en autonomie"),
]


@pytest.mark.parametrize(("before", "line", "seq", "what"), ONCE, ids=[line for _before, line, *_more in ONCE])
def test_a_step_taken_twice_is_done_already(
    desk: Desk, tmp_path: Path, before: tuple[str, ...], line: str, seq: int, what: str
) -> None:
    lived(desk, tmp_path, *before)
    typed(desk, line)
    again = desk.coop(*words_of(line))
    assert (again.exit, again.out) == (3, "")
    said = f"Déjà fait, par l’entrée {seq} du lundi 12 janvier 2026 : {what}."
    assert plain(again.err) == f"Impossible en l’état : · {said} → {NOW}"
    (refusal,) = desk.fails(3, *words_of(line))["refusals"]
    assert (refusal["rule"], plain(refusal["message"])) == ("state", said)
    assert desk.json("show", "1")["seq"] == seq


@pytest.mark.parametrize(
    ("before", "line", "exit", "said"),
    [
        (("prequalify 1",), "interview plan 1 --slot 14/01_9h", 3, "interview-1 est déjà planifiée (entrée 3)"),
        (PLANNED, "meeting cancel 1/interview-1 -n x", 3, "annulée, par l’entrée 4"),
        (PLANNED, "meeting move 1/interview-1 --slot 15/01_9h", 6, "l’entrée 4 le dit déjà"),
        (PLANNED, "meeting assign 1/interview-1 --staff agnes", 6, "l’entrée 4 le dit déjà"),
        (PLANNED, "amend 1 --set participants=99", 6, "l’entrée 4 le dit déjà"),
        (HELD[:2], "interview done 1", 3, "interview-1 : c’est déjà enregistré (entrée 4)"),
        (WORKING[:-1], "meeting done 1", 3, "work-1 : c’est déjà enregistré (entrée 7)"),
        (WORKING, "session plan 1 --slot 14/01_9h", 3, "session-1 est déjà planifiée (entrée 8)"),
        (SESSION[:-1], "session done 1", 3, "session-1 : c’est déjà enregistré (entrée 9)"),
        (SESSION, "debrief plan 1 --slot 14/01_9h", 3, "debrief-1 est déjà planifiée (entrée 10)"),
        (DEBRIEFED[:-1], "debrief done 1", 3, "debrief-1 : c’est déjà enregistré (entrée 11)"),
        (WORKING, "tier change 1 coup_de_pouce", 6, "l’entrée 8 le dit déjà"),
        (WORKING, "tasks 1 --done run_sheet_build", 6, "l’entrée 8 le dit déjà"),
        (HALF, "--as agnes validate 1", 3, "2026-0001 est déjà validée (entrée 6)"),
        (SESSION, "meeting amend 1/session-1 --attended 21 -n x", 6, "l’entrée 10 le dit déjà"),
        (PLANNED, "undo 1 --seq 3 -n x", 3, "L’entrée 3 est déjà défaite, par l’entrée 4"),
    ],
)  # fmt: skip
def test_what_stands_already_is_said_by_its_entry(
    desk: Desk, tmp_path: Path, before: tuple[str, ...], line: str, exit: int, said: str
) -> None:
    lived(desk, tmp_path, *before)
    typed(desk, line)
    seq = desk.json("show", "1")["seq"]
    again = desk.coop(*words_of(line))
    assert (again.exit, again.out) == (exit, "")
    assert said in plain(again.err)
    assert "À régler d’ici là" not in plain(again.err)
    assert desk.json("show", "1")["seq"] == seq


def test_of_what_is_done_already_the_role_alone_is_said_beside(desk: Desk, tmp_path: Path) -> None:
    lived(desk, tmp_path, *PLANNED)
    rules = [one["rule"] for one in desk.fails(3, "--as", "marc", "prequalify", "1")["refusals"]]
    assert rules == ["state", "role"]


def test_what_may_be_done_again_is_done_again(desk: Desk, tmp_path: Path) -> None:
    lived(desk, tmp_path, *SESSION)
    for line in (
        "satisfaction 1 --score 4",
        "effort 1 --hours 2",
        "comment 1 -n Vu",
        "deliverable 1 --title T --type report",
    ):
        typed(desk, line)
        typed(desk, line)


@pytest.mark.parametrize(
    ("before", "first", "second", "said"),
    [
        (HELD, "tier assign 1 tuto", "tier assign 1 50_50 -n x", "Niveau attribué (Le Tuto)."),
        (
            (),
            "decline 1 --reason other --orientation x -n x",
            "decline 1 --reason no_capacity --orientation x -n x",
            "Non retenue (Autre raison).",
        ),
    ],
)
def test_a_step_taken_again_otherwise_is_said_as_it_was_done(
    desk: Desk, tmp_path: Path, before: tuple[str, ...], first: str, second: str, said: str
) -> None:
    lived(desk, tmp_path, *before)
    typed(desk, first)
    refused = plain(desk.coop(*words_of(second)).err)
    assert "Déjà fait autrement, par l’entrée" in refused
    assert said in refused
