"""Where requests wait, at the command line."""

from __future__ import annotations

import pytest
from desk import Desk


@pytest.fixture
def waiting(desk: Desk) -> Desk:
    """Three requests received in January: two go on the day after, one is still there in March."""
    refs = [desk.received(title=title) for title in ("Le plan", "La carte", "Le vieux projet")]
    desk.at("2026-01-13T10:00+01:00")
    for ref in refs[:2]:
        desk.json("prequalify", ref)
    return desk.at("2026-03-10T10:00+01:00")


def test_where_requests_wait(waiting: Desk) -> None:
    by_state = {row["state"]: row for row in waiting.json("flow")}
    received, prequalified = by_state["received"], by_state["prequalified"]
    assert (received["open"], received["oldest_days"], received["stays"]) == (1, 41, 2)
    assert (received["median_days"], received["p90_days"]) == (1.0, None)  # of fewer than nine
    assert received["longest_waiting"] == ["2026-0003"]
    assert (prequalified["open"], prequalified["stays"], prequalified["median_days"]) == (2, 0, None)
    assert sum(row["share_of_time"] for row in by_state.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", ["3 demandes en cours", "3 reçues, 0 terminée", "Reçue", "! 1", "41 j", "Le vieux projet"]),
        ("en", ["3 requests under way", "3 received, 0 ended", "Received", "! 1", "41 d", "Le vieux projet"]),
    ],
)
def test_it_is_drawn_with_the_requests_that_wait_longest(waiting: Desk, language: str, words: list[str]) -> None:
    printed = waiting.coop("--lang", language, "flow").out
    assert [word for word in words if word not in printed.replace("\u00a0", " ")] == []
    assert "Le plan" not in printed
    drawn = printed.splitlines()[4:8]  # the axis, then a line a state
    assert [len(line) for line in drawn if len(line) > 80] == []


def test_it_names_nobody(waiting: Desk) -> None:
    printed = waiting.coop("flow").out + waiting.coop("flow", "--json").out
    assert "camille" not in printed.lower()
    assert "Alix" not in printed


@pytest.mark.parametrize(
    ("since", "received", "stays"), [("2026-01-12", 3, 2), ("2026-01-13", 0, 0), ("2026-02-01", 0, 0)]
)
def test_only_what_began_since_a_day_counts(waiting: Desk, since: str, received: int, stays: int) -> None:
    row = waiting.json("flow", "--since", since)[0]
    assert (row["state"], row["open"], row["stays"]) == ("received", 1, stays)
    assert f"{received} reçue" in waiting.coop("flow", "--since", since).out


def test_a_lab_without_request_has_no_flow(desk: Desk) -> None:
    assert desk.json("flow") == []
    assert "0 demande en cours" in desk.coop("flow").out
