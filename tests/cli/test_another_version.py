"""A version of the declaration that leaves out what is in use: harmless to requests under way, or refused by `adopt`.

Every code of one table is called otherwise in the version put in force: for the requests and activities under way,
each of its codes is gone. What the lab reads of them, and how they go on, is what it was.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from difflib import ndiff
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from desk import Desk
from renamed import EVERY, Renaming

from handlers.demo.player import MovingClock, play, play_line, recorded
from states.declaration.documents import document_of, shipped
from states.declaration.types import moment
from workflow.engine import Engine
from workflow.lab.opening import open_lab
from workflow.store.database import Store

NOW, LATER = "2026-03-13T09:00:00+01:00", "2026-03-18T09:00:00+01:00"
OF_THE_LAB = ("places", "roles", "skills")  # in use by the whole lab: adopt refuses
HARMLESS = [
    ("states", "deadlines"),
    *((table,) for table in EVERY if table not in (*OF_THE_LAB, "states", "deadlines")),
]
READ = (
    "list|list --csv|board|board --project-committee|today|agenda --from 01/03/2026 --to 30/04/2026|alerts --all"
    "|triage --json|activity list|staff load|staff what-if camille --from 14/03/2026 --to 31/05/2026"
    "|place free montpellier --duration 2h|list --state working --tier tuto --json"
    "|list --service drane --axis incubation --json"
)
READ_OF_ONE = "show|history|next|deadlines|tasks"
STATES = ("received", "working", "session_held", "suspended", "declined", "closed")


def _lines() -> list[dict[str, Any]]:
    return [dict(line) for line in recorded()]


@cache
def _lived(folder: Path) -> bytes:
    """A store in the middle of a half-year, with requests in nearly every state."""
    (folder / "lab.toml").write_text(shipped(), "utf-8")
    lines = [line for line in _lines() if moment(line["now"]) < moment(NOW)]
    clock = MovingClock(moment(lines[0]["now"]))
    store = Store(f"sqlite:///{folder / 'lived.db'}")
    open_lab(store, clock, "camille", str(folder / "lab.toml"))
    play(Engine(store, clock), clock, lines)
    store.close()
    return (folder / "lived.db").read_bytes()


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return _lived(tmp_path_factory.mktemp("lived"))


def _adopted(desk: Desk, tables: tuple[str, ...]) -> Any:
    file = Path("other.toml")
    file.write_text(Renaming(document_of(tomllib.loads(shipped())), tables).text(), "utf-8")
    return desk.coop("lifecycle", "adopt", str(file), "--yes", "--json")


def _read(desk: Desk) -> Iterator[tuple[str, str]]:
    """What the lab reads of its requests."""
    rows = desk.json("list")
    each = {row["state"]: row["ref"] for row in rows if row["state"] in STATES}.values()
    activities = [row["ref"] for row in desk.json("activity", "list")]
    commands = [
        *READ.split("|"),
        *(f"{command} {ref}" for ref in each for command in READ_OF_ONE.split("|")),
        *(f"activity show {ref}" for ref in activities),
    ]
    for command in commands:
        printed = desk.coop(*command.split())
        assert printed.exit == 0, (command, printed.err)
        yield command, printed.out


def _gone_on(refs: set[str]) -> None:
    """What is typed next about what is under way, as it was in the half-year."""
    store, clock = Store("sqlite:///coop.db"), MovingClock(moment(NOW))
    engine = Engine(store, clock)
    for line in _lines():
        if moment(NOW) <= moment(line["now"]) < moment(LATER) and (
            line.get("ref") in refs or line.get("lab") == "tick"
        ):
            play_line(engine, clock, line)
    store.close()


def _told(desk: Desk, lived: bytes, tables: tuple[str, ...]) -> dict[str, str]:
    Path("coop.db").write_bytes(lived)
    desk.at(NOW)
    if tables:
        printed = _adopted(desk, tables)
        assert (printed.exit, printed.json["adopted"]) == (0, True), printed.err
    _gone_on({row["ref"] for row in (*desk.json("list"), *desk.json("activity", "list"))})
    return dict(_read(desk.at(LATER)))


def _lines_beside(usual: str, other: str) -> list[str]:
    """The lines that are not the same in both."""
    return [line for line in ndiff(usual.splitlines(), other.splitlines()) if line[0] in "+-"] if usual != other else []


_usual: dict[str, str] = {}


@pytest.mark.parametrize("tables", HARMLESS, ids=lambda tables: tables[0])
def test_requests_under_way_are_told_and_led_by_their_own_version(
    desk: Desk, lived: bytes, tables: tuple[str, ...]
) -> None:
    if not _usual:
        _usual.update(_told(desk, lived, ()))
    other = _told(desk, lived, tables)
    assert [(command, line) for command in _usual for line in _lines_beside(_usual[command], other[command])] == []


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ("places", ["2026-0002", "camille", "2026-0026"]),  # planned there, who works there, under way
        ("roles", ["camille", "dominique"]),
        ("skills", ["camille", "sacha"]),
    ],
)
def test_what_the_whole_lab_is_judged_by_is_not_left_out_while_it_is_in_use(
    desk: Desk, lived: bytes, table: str, named: list[str]
) -> None:
    Path("coop.db").write_bytes(lived)
    desk.at(NOW)
    printed = _adopted(desk, (table,))
    assert printed.exit == 3
    assert {refusal["rule"] for refusal in printed.error["refusals"]} == {"in_use"}
    assert all(refusal["remedy"] for refusal in printed.error["refusals"])
    for name in named:
        assert name in json.dumps(printed.error)


def test_the_semester_of_a_sealed_review_is_not_left_out(desk: Desk, lived: bytes) -> None:
    Path("coop.db").write_bytes(lived)
    desk.at("2026-07-03T09:00:00+02:00")
    assert desk.coop("review", "seal", "2026-S1").exit == 0
    printed = _adopted(desk, ("semesters",))
    assert printed.rules == ["in_use"]
    assert "2026-S1" in printed.error["refusals"][0]["message"]
