"""A comité de projet at the command line: typed as a comment, shown with the request, on the board, in the review."""

from __future__ import annotations

import pytest
from desk import Desk

WHO, DECIDED = "Pilote (1), Expert (2)", "Élargir aux deux sites"


@pytest.fixture
def ref(desk: Desk) -> str:
    """A request with a tier, of which a comité de projet spoke."""
    ref = desk.received(title="Le plan")
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "12/01 9h")
    desk.json("interview", "done", ref)
    desk.json("tier", "assign", ref, "tuto")
    said = ("--participants", "pilote:1,expert:2", "--decisions", DECIDED)
    desk.json("comment", ref, "-n", "Point d’étape", "--committee", *said)
    return ref


@pytest.mark.parametrize("words", ["show REF", "history REF", "board --project-committee"])
def test_who_came_and_what_was_decided_is_shown(desk: Desk, ref: str, words: str) -> None:
    printed = desk.coop(*words.replace("REF", ref).split()).out
    assert WHO in printed
    assert DECIDED in printed


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("--participants", "pilote:1"), "participants"),
        (("--decisions", "Rien"), "decisions"),
        (("--committee", "--participants", "pilote"), "participants"),
        (("--committee", "--participants", "Camille Durand:1"), "participants"),
    ],
)
def test_what_is_no_project_committee_is_refused_and_not_stored(
    desk: Desk, ref: str, words: tuple[str, ...], field: str
) -> None:
    before = desk.json("history", ref)
    assert [wrong["field"] for wrong in desk.fails(6, "comment", ref, "-n", "Note", *words)["fields"]] == [field]
    assert desk.json("history", ref) == before


def test_the_review_tells_of_it_and_a_published_one_counts_it(desk: Desk, ref: str) -> None:
    internal, public = (desk.coop("review", "2026-S1", "--format", "csv", *more).out for more in ((), ("--public",)))
    line = next(line for line in internal.splitlines() if WHO in line)
    assert [ref, "Le plan", WHO, DECIDED] == line.split(";")[1:]
    assert "Comités de projet;1" in public
    assert WHO not in public
    assert DECIDED not in public
    found = desk.json("review", "explain", "2026-S1", "committee.project_committees")
    assert (found["value"], [item["ref"] for item in found["items"]]) == (1, [ref])
