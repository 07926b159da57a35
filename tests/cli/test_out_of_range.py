"""Numbers, days and texts that nobody means: told as such, and nothing is stored."""

from __future__ import annotations

import pytest
from desk import Desk

HUGE = "9" * 30
EVER = ("--from", "0001-01-01", "--to", "9999-12-31")


@pytest.mark.parametrize(
    ("words", "exit"),
    [
        (("list", "--limit", HUGE), 2),
        (("alerts", "ack", HUGE), 2),
        (("alerts", "ack", str(2**31)), 2),
        (("alerts", "snooze", HUGE, "--until", "2026-02-01"), 2),
        (("advance", "1", "comment", "--note", "x", "--expect-seq", HUGE), 5),
        (("undo", "1", "--seq", HUGE, "--note", "x"), 6),
        (("staff", "absence", "camille", *EVER), 6),
        (("staff", "what-if", "camille", *EVER), 6),
        (("staff", "what-if", "camille", "--from", "3000-01-01"), 6),
        (("place", "close", "montpellier", *EVER, "--note", "x"), 6),
        (("place", "free", "montpellier", "--duration", "2h", "--from", "9999-12-31"), 6),
        (("calendar", "close", *EVER, "--note", "x"), 6),
        (("review", "9999-S2"), 6),
        (("review", "0001-S1"), 6),
        (("show", "1", "--as-of", "8999-12-31"), 6),
        (("amend", "1", "--set", "wanted_to=9999-12-31"), 6),
        (("prequalify", "1", "--at", "1899-12-31T10:00Z"), 6),
        (("comment", "1", "--note", "n" * 10_001), 6),
        (("place", "close", "montpellier", "--from", "2026-03-02", "--note", "n" * 10_001), 6),
    ],
)
def test_what_is_out_of_range_is_told(desk: Desk, words: tuple[str, ...], exit: int) -> None:
    desk.received()
    before = desk.json("db", "stats")
    desk.fails(exit, *words)
    assert desk.json("db", "stats") == before


@pytest.mark.parametrize("words", ["staff what-if camille", "place free montpellier --duration 2h"])
def test_the_furthest_day_is_counted_from(desk: Desk, words: str) -> None:
    assert desk.run(*words.split(), "--from", "2999-12-31").exit == 0
