"""The roles of the guide: the daily one does what a lab does, and can neither change nor take away its history."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError
from team import DAILY, OWNER, PERSON, Team

from handlers.demo.player import play, recorded
from states.errors import RightMissing
from workflow.engine import Engine
from workflow.lab.opening import open_lab
from workflow.privacy.register import Register
from workflow.privacy.removal import Removal
from workflow.store import schema as s
from workflow.store.database import Store
from workflow.testing import Lab, SimulatedClock, problems

RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
KEPT = {"entries": {"UPDATE", "DELETE"}, "declarations": {"UPDATE", "DELETE"}, "keys": {"UPDATE", "DELETE"}}
KEPT |= {"vault": {"UPDATE"}, "outbox": {"DELETE"}, "alembic_version": {"INSERT", "UPDATE", "DELETE"}}


@pytest.fixture(scope="module")
def team(postgresql_places: Any) -> Iterator[Team]:
    """The lab, opened by the owner of its tables."""
    made = Team(postgresql_places)
    store = Store(made.of(OWNER))
    open_lab(store, SimulatedClock(), "camille", None)
    store.close()
    made.grant()
    yield made
    made.close()


@pytest.fixture
def daily(team: Team) -> Iterator[Store]:
    """The lab's store, as someone comes to it every day, under an account of their own."""
    store = Store(team.of(PERSON))
    yield store
    store.close()


def test_the_daily_role_has_the_rights_that_the_guide_says_and_no_other(daily: Store) -> None:
    """On every table there is: one that is added is met here."""
    with daily.reading() as connection:
        for table in [*s.metadata.tables, "alembic_version"]:
            has = {
                right
                for right in RIGHTS
                if connection.execute(text("SELECT has_table_privilege(:t, :r)"), {"t": table, "r": right}).scalar()
            }
            assert set(RIGHTS) - has == {"TRUNCATE"} | KEPT.get(table, set()), table
        assert not connection.execute(text("SELECT has_schema_privilege('public', 'CREATE')")).scalar()
        whole = "SELECT has_database_privilege(current_database(), 'CREATE')"
        assert not connection.execute(text(whole)).scalar()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET actor = 'rene'", "DELETE FROM entries", "TRUNCATE entries", "DROP TABLE entries",
        "ALTER TABLE entries DISABLE TRIGGER ALL", "DROP TRIGGER entries_refuse_change ON entries",
        "UPDATE vault SET value = '\"\"'", "DELETE FROM keys", "UPDATE declarations SET version = '2'",
        "DELETE FROM outbox", "DROP TABLE requests", "TRUNCATE requests", "CREATE TABLE mine (x integer)",
        "UPDATE alembic_version SET version_num = '9999'", "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    ],
)  # fmt: skip
def test_the_daily_role_cannot_touch_what_is_kept(team: Team, statement: str) -> None:
    engine = create_engine(team.of(PERSON))
    with engine.connect() as connection, pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        connection.execute(text(statement))
    engine.dispose()


def test_what_a_lab_does_is_in_the_daily_rights(daily: Store) -> None:
    """Three months of forms, events, registers, rounds of the watch; then what looks after the store itself."""
    lines = recorded()[:310]
    clock = SimulatedClock(str(lines[0]["now"]))
    engine = Engine(daily, clock)
    play(engine, clock, lines)
    lab = Lab(daily, clock)
    assert problems(lab) == []
    assert open_lab(daily, clock, "camille", None).opened is False
    assert {entry["entered_by"] for entry in lab.history("2026-0001")} == {daily.address.user}


@pytest.mark.parametrize(("right", "table"), [("INSERT", "entries"), ("INSERT", "vault"), ("SELECT", "staff")])
def test_a_right_that_is_missing_is_named_with_whoever_has_it(team: Team, daily: Store, right: str, table: str) -> None:
    lab = Lab(daily, SimulatedClock())
    team.say(team.of(OWNER), f"REVOKE {right} ON {table} FROM {DAILY}")
    with pytest.raises(RightMissing) as caught:
        lab.submit()
    team.grant()
    assert re.search(rf"\b{right}\b.*\b{table}\b", caught.value.message)
    assert str(daily.address.user) in caught.value.message
    assert str(Store(team.of(OWNER)).address.user) in str(caught.value.hint)
    lab.submit()


def test_the_daily_role_erases_and_says_what_the_owner_has_to_do(team: Team, daily: Store, tmp_path: Path) -> None:
    lab = Lab(daily, SimulatedClock())
    ref = lab.request("received", requester={"name": "Maëlys Quimper", "email": "maelys.quimper@example.org"})
    lab.apply(ref, "comment", note="Vu avec Maëlys Quimper")
    register = Register(tmp_path / "effacements")
    removed = Removal(lab.engine, "camille", register).person("maelys.quimper@example.org", "À sa demande")
    assert (removed.erased, removed.rewritten) == (2, 1)
    assert [line for line in removed.left if "VACUUM (FULL, ANALYZE) vault" in line]
    assert problems(lab) == []
    owner = Lab(Store(team.of(OWNER)), SimulatedClock())
    left = Removal(owner.engine, "camille", register).again([]).left
    assert [line for line in left if "VACUUM" in line] == []
    owner.close()
