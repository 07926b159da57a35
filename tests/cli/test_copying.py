"""`db copy`, as a user types it: what it prints, what the copy then does, and what no answer ever shows."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from desk import Desk
from sqlalchemy import make_url

COMMANDS = (
    "list",
    "today",
    "db verify",
    "db stats",
    "init",
    "status",
    "outbox release",
    "withdraw 1 -n Non",
    "db rebuild",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest) -> Any:
    """The address of an empty store."""
    places = request.getfixturevalue(f"{request.param}_places")
    url = places.empty()
    yield url
    places.drop(url)


def test_a_lab_is_copied(elsewhere: str, desk: Desk) -> None:
    ref = desk.received()
    desk.coop("prequalify", ref)
    copied = desk.json("db", "copy", "coop.db", elsewhere)
    verified = desk.coop("db", "verify").out
    assert copied["head"] in verified
    assert (copied["rows"]["requests"], copied["entries"]) == (1, copied["rows"]["entries"])
    assert desk.coop("--db", elsewhere, "db", "verify").out == verified
    assert desk.coop("--db", elsewhere, "show", ref).out == desk.coop("show", ref).out
    assert desk.json("--db", elsewhere, "status")["held"] == "elsewhere"
    printed = desk.coop("db", "copy", "coop.db", elsewhere)
    assert printed.exit == 0
    assert f"coop db copy --move coop.db {elsewhere}" in printed.out.replace("'", "")


@pytest.mark.parametrize("elsewhere", ["postgresql"], indirect=True)
def test_the_address_of_a_copy_is_printed_without_its_password(elsewhere: str, desk: Desk) -> None:
    secret = make_url(elsewhere).set(password="hunter2").render_as_string(hide_password=False)
    given = [("coop.db", secret), ("coop.db", secret), (secret, "other.db"), (secret, secret), (secret, "coop.db")]
    for number, (source, target) in enumerate(given):
        printed = desk.coop("db", "copy", source, target, *(["--json"] if number else []))
        assert "hunter2" not in printed.out + printed.err


@pytest.mark.parametrize(
    ("words", "exit"),
    [
        (["coop.db", "coop.db"], 2),
        (["coop.db", "mysql://here/there"], 2),
        (["nothing.db", "other.db"], 7),
        (["coop.db", "other.db"], 5),
        (["coop.db", "text.db"], 7),
        (["coop.db"], 2),
    ],
)
def test_what_cannot_be_copied(desk: Desk, words: list[str], exit: int) -> None:
    desk.coop("--db", "other.db", "init")
    Path("text.db").write_text("rien de tel")
    desk.fails(exit, "db", "copy", *words)
    assert not Path("nothing.db").exists()


def test_a_copy_that_is_not_finished_is_used_by_nobody(desk: Desk) -> None:
    with pytest.MonkeyPatch.context() as failing:
        failing.setattr("workflow.copying.verify", lambda *_given: 1 / 0)
        assert desk.coop("db", "copy", "coop.db", "other.db").exit == 1
    desk.monkeypatch.setenv("COOP_DB", "other.db")
    for command in COMMANDS:
        error = desk.fails(7, *command.split())
        assert error["code"] == "store_unfinished"
        assert error["hint"] == f"coop db copy {Path('coop.db').absolute()} sqlite:///other.db"
    assert desk.coop(*error["hint"].split()[1:]).exit == 0
    assert desk.coop("list").exit == 0


def test_the_store_that_a_lab_has_left_says_where_it_is(elsewhere: str, desk: Desk) -> None:
    ref = desk.received()
    moved = desk.json("db", "copy", "--move", "coop.db", elsewhere)
    assert (moved["moved"], moved["held"]) == (True, False)
    for command in COMMANDS:
        error = desk.fails(7, *command.split())
        assert error["code"] == "store_moved"
    assert desk.coop(*shlex.split(error["hint"])[1:]).exit == 0
    desk.monkeypatch.delenv("COOP_DB")
    assert desk.json("show", ref)["ref"] == ref
    assert desk.json("status")["held"] is None
    assert desk.coop("db", "verify").out.count(moved["head"]) == 1
