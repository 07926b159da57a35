"""The commands of every day, typed under the daily role of a PostgreSQL database; what takes its owner says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk import SAMPLES, Desk, Printed, open_desk
from team import OWNER, PERSON, WATCH, Team

LATER = "2026-02-02T09:00+01:00"  # what came in on opening is late
TYPED = [  # by the coordinator, in order
    "staff add rene --name René --email rene@example.org --role referent --skill facilitation",
    "staff add paule --name Paule --email paule@example.org --role pilot",
    f"submit {SAMPLES / 'fiche-1.toml'} {SAMPLES / 'fiche-2.toml'}",
    "prequalify 1 2",
    "interview plan 2 --slot first",
    "undo 2 --note Erreur",
    "comment 1 --note Vu --key c1",
    "comment 1 --note Vu --key c1",
    "decline 2 --reason no_capacity --orientation Ailleurs --note Non",
    "amend 1 --set participants=17",
    "staff change rene --hours 20",
    "staff absence rene --from 02/03/2026 --to 06/03/2026",
    "place close montpellier --from 09/03/2026 --to 09/03/2026 --note Travaux",
    "calendar close --from 10/03/2026 --to 10/03/2026 --note Pont",
    "activity plan --title Visite --type visit --axis acculturation --slot 2026-03-03T10:00 --place montpellier",
]
LATE = [  # some weeks later, under the account of the watch
    "scheduler tick", "alerts", "outbox drop --all", "today", "show 1",
    "status", "review now", "export ics --out agenda.ics", "db verify", "db rebuild", "db stats", "init",
]  # fmt: skip


@pytest.fixture(scope="module")
def team(postgresql_places: Any) -> Iterator[Team]:
    made = Team(postgresql_places)
    yield made
    made.close()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    return open_desk(tmp_path, monkeypatch, capsys)


def typed(desk: Desk, team: Team, role: str, line: str) -> Printed:
    desk.monkeypatch.setenv("COOP_DB", team.of(role))
    return desk.coop(*line.split())


def test_a_lab_is_led_under_the_daily_role(desk: Desk, team: Team) -> None:
    printed = typed(desk, team, PERSON, "init")
    assert printed.exit == 7
    assert team.of(OWNER).split("@")[0].split("/")[-1] in printed.err
    assert typed(desk, team, OWNER, "init").exit == 0
    assert typed(desk, team, PERSON, "list").exit == 7  # no right is granted yet
    team.grant()
    wrong = [(line, p.exit, p.err) for line in TYPED if (p := typed(desk, team, PERSON, line)).exit]
    desk.at(LATER)
    wrong += [(line, p.exit, p.err) for line in LATE if (p := typed(desk, team, WATCH, line)).exit]
    assert wrong == []
