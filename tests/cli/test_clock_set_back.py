"""A clock set back: a step dated before another is refused, the rest is recorded with a word; all can be asked."""

from __future__ import annotations

import json

import pytest
from desk import FORM, Desk

RIGHT, BACK = "2026-04-01T09:00+02:00", "2026-03-01T09:00+01:00"
BETWEEN = "2026-03-02"


@pytest.fixture
def late(desk: Desk) -> Desk:
    """A request moved on 1 April, and a clock that then says 1 March."""
    desk.at(RIGHT)
    desk.received(submitted_at="2026-01-12T08:45+01:00")
    desk.received(submitted_at="2026-01-12T08:45+01:00")
    desk.json("prequalify", "1")
    return desk.at(BACK)


def test_a_step_is_not_dated_before_the_one_before(late: Desk) -> None:
    assert late.refused("interview", "plan", "1", "--slot", "2026-04-15T10:00") == ["at_before_previous"]


@pytest.mark.parametrize(
    "words",
    [
        ("comment", "2", "--note", "Rappelée"),
        ("prequalify", "2"),
        ("staff", "absence", "camille", "--from", "2026-05-04"),
        ("scheduler", "tick"),
        ("undo", "1", "--note", "La mauvaise"),
    ],
    ids=" ".join,
)
def test_what_is_recorded_is_with_a_word(late: Desk, words: tuple[str, ...]) -> None:
    printed = late.run(*words)
    assert (printed.exit, "horloge" in printed.err) == (0, True)
    assert late.run("db", "verify").exit == 0
    for ref in ("1", "2"):
        for asked in (("show", ref), ("history", ref), ("review", "2026-S1", "--format", "json")):
            printed = late.run(*asked, "--known-at", BETWEEN)
            assert printed.exit in (0, 4), printed.err
    assert late.at(RIGHT).run("review", "2026-S1", "--format", "json", "--known-at", BETWEEN).exit == 0
    assert "horloge" not in late.run("comment", "2", "--note", "À l’heure").err


def test_a_form_received_with_a_clock_set_back_is_received_with_a_word(late: Desk) -> None:
    printed = late.coop("submit", "-", stdin=json.dumps({**FORM, "title": "Un autre"}))
    assert (printed.exit, "horloge" in printed.err) == (0, True)
    assert late.run("show", "3").exit == 0


def test_nothing_is_said_by_a_clock_that_goes_forward(desk: Desk) -> None:
    desk.received()
    for words in (("prequalify", "1"), ("scheduler", "tick")):
        assert desk.run(*words).err == ""
