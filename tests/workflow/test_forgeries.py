"""Whatever is changed, removed, swapped, added or emptied in a store, by whoever may write to it, is found and named.

The tables and their columns are those of the schema: a new one is tried without anybody thinking of it. What is out of
reach stands in SECURITY.md, with its reason; what is listed there and found all the same is to be taken off the list.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from forging import VERSIONS, Forgery, Kind, additions, changes, forge, put, removals, rows_of, swaps, undo, unguarded
from sqlalchemy import text

from states.errors import StoreUnreachable
from workflow.integrity.verification import verify
from workflow.lab.calendar import close, record_absence, swap_place
from workflow.reviews.book import record_orientation, seal_review
from workflow.store import schema as s
from workflow.store.database import Store
from workflow.sweep import sweep
from workflow.testing import COMMITTEE, NOTE, Lab

SECURITY = Path(__file__).parent.parent.parent / "SECURITY.md"
WHOLE_ROW = ("retirée", "ajoutée", "vidée")  # what may happen to a row, or to all of them, as SECURITY.md says it


def out_of_reach() -> set[tuple[str, str]]:
    """The columns of tables, and what may happen to their rows, that SECURITY.md says are not verified."""
    lines = SECURITY.read_text("utf-8").partition("<!-- hors de portée -->")[2].partition("<!-- fin -->")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| .{20,} \|$", lines, flags=re.M)
    return {(table, what) for table, columns in rows for what in re.findall(r"\w+", columns)}


def live(lab: Lab) -> None:
    """A bit of everything happens, and leaves rows in every table."""
    ref = lab.request("working", tier="50_50", place="montpellier", external_id="D-1")
    slot = {"at": "2026-02-03T10:00", "staff": "camille,rene", "address": "Ici"}
    lab.apply(ref, "plan_meeting", slot, note=NOTE, key="k1")
    lab.apply(ref, "ratify", {"decision": "ratify"}, actor=COMMITTEE)
    lab.request("closed", follows=ref)
    for n in (1, 2):
        lab.submit(key=f"form-{n}")
        activity = lab.activity(at=f"2026-02-2{n + 3}T14:00", capacity=12, description="Une présentation")
        lab.apply(activity, "open_activity", key=f"open-{n}")
        first, other = date(2026, 3, 3 + n), date(2026, 3, 5 + 7 * n)
        record_absence(lab.engine, "camille", "rene", [(first, first)])
        close(lab.engine, "camille", None, (first, first), NOTE)
        swap_place(lab.engine, "camille", "montpellier", other, other - timedelta(days=1))
    record_orientation(lab.engine, COMMITTEE, "2026-S1", "Aller plus vite")
    seal_review(lab.engine, "camille", "2026-S1")
    lab.clock.forward(days=30)
    sweep(lab.engine)


@pytest.fixture
def lived(places: Any) -> Iterator[Lab]:
    with places.lab(live) as lab:
        yield lab


# --- What is found ---

LEADING = ("entries", "declarations", "alembic_version")  # what all the rest is made from: tried apart


def rounds(forgeries: Sequence[Forgery]) -> Iterator[list[Forgery]]:
    """Forgeries that can be made at the same time, and told apart: of one row, of one history, one at a time."""
    left = list(forgeries)
    while left:
        taken: list[Forgery] = []
        used: set[str] = set()
        for forgery in left:
            if forgery.names.isdisjoint(used):
                taken.append(forgery)
                used |= forgery.names
        left = [forgery for forgery in left if forgery not in taken]
        yield taken


def missed(lab: Lab, forgeries: Sequence[Forgery]) -> tuple[int, list[Forgery]]:
    """How many of these forgeries the database let be done, and those that `db verify` does not name."""
    tried, unseen = 0, []
    for together in rounds(forgeries):
        with unguarded(lab.store) as connection:
            done = [forgery for forgery in together if forge(connection, forgery)]
        told = [problem.where for problem in lab.verify().problems]
        tried += len(done)
        unseen += [one for one in done if not any(where.startswith(tuple(seen(one))) for where in told)]
        with unguarded(lab.store) as connection:
            for forgery in done:
                undo(connection, forgery)
    return tried, unseen


def seen(forgery: Forgery) -> Iterator[str]:
    """How the problem may begin: by the name of the row or, of the last entry of a history, by what counts them."""
    yield from forgery.names
    if forgery.table is s.entries:
        ref = forgery.row["stream"]
        yield from (f"requests {ref}", f"activities {ref}", f"streams {ref}")


@pytest.mark.parametrize("kind", [changes, removals, additions, swaps])
def test_every_forgery_of_a_row_is_found_and_named(lived: Lab, kind: Kind) -> None:
    everything: list[Forgery] = []
    with lived.store.reading() as connection:
        for table in (*s.metadata.tables.values(), VERSIONS):
            rows = rows_of(connection, table)
            assert rows or table is s.ticks, table.name
            # What a column takes is the same everywhere: PostgreSQL, which is slower to ask, has every third one.
            everything += islice(kind(table, rows), 0, None, 1 if lived.store.dialect == "sqlite" else 3)
    apart = [[one for one in everything if one.table.name == name] for name in LEADING]
    beside = [one for one in everything if one.table.name not in LEADING]
    found = [missed(lived, forgeries) for forgeries in (beside, *apart)]
    unseen = {(one.table.name, one.what) for _tried, group in found for one in group}
    assert unseen - out_of_reach() == set(), [one for _tried, group in found for one in islice(group, 3)]
    assert sum(tried for tried, _group in found) > 15
    assert lived.verify().problems == []


def test_a_table_that_is_emptied_is_found(lived: Lab) -> None:
    beside = {table.name for table in s.metadata.tables.values()} - {*LEADING}
    known = {"vault": "2026-0001 #1 title", "entries": "requests 2026-0001", "declarations": "declaration "}
    for emptied in (beside, {"declarations"}, {"entries"}):
        with unguarded(lived.store) as connection:
            kept = {
                name: [dict(row._mapping) for row in connection.execute(text(f'SELECT * FROM "{name}"'))]
                for name in emptied
            }
            for name in emptied:
                connection.execute(text(f'DELETE FROM "{name}"'))
        told = [problem.where for problem in lived.verify().problems]
        unseen = {name for name in emptied if not any(where.startswith(known.get(name, f"{name} ")) for where in told)}
        assert {(name, "vidée") for name in unseen} <= out_of_reach()
        with unguarded(lived.store) as connection:
            for name, rows in kept.items():
                for row in rows:
                    put(connection, s.metadata.tables[name], row)
    assert lived.verify().problems == []


# --- The tables themselves, and the file ---

STRUCTURE: Mapping[str, Sequence[tuple[str, str]]] = {  # what is done, and what is then named
    "sqlite": [
        ("DROP TRIGGER entries_refuse_update", "entries_refuse_update"),
        ("CREATE TRIGGER other AFTER INSERT ON entries BEGIN DELETE FROM vault; END", "other"),
        ("DROP INDEX ix_alerts_ref", "ix_alerts_ref"),
        ("CREATE INDEX other ON entries (actor)", "other"),
        ("DROP INDEX ix_alerts_ref / CREATE INDEX ix_alerts_ref ON alerts (cause)", "ix_alerts_ref"),
        ("CREATE TABLE mine (id INTEGER)", "mine"),
        ("CREATE VIEW mine AS SELECT 1", "mine"),
        ("ALTER TABLE keys ADD COLUMN more TEXT", "keys"),
        ("ALTER TABLE closures DROP COLUMN recorded_at", "closures"),
    ],
    "postgresql": [
        ("ALTER TABLE entries DISABLE TRIGGER entries_refuse_change", "entries_refuse_change"),
        ("DROP TRIGGER entries_refuse_truncate ON entries", "entries_refuse_truncate"),
        (
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "entries_refuse_change entries_refuse_truncate",
        ),
        ("CREATE RULE other AS ON DELETE TO vault DO INSTEAD NOTHING", "vault"),
        ("DROP INDEX ix_alerts_ref", "ix_alerts_ref"),
        ("CREATE UNIQUE INDEX other ON entries (stream, seq)", "other"),
        ("ALTER TABLE keys ADD COLUMN more TEXT DEFAULT 'x'", "keys"),
        ("ALTER TABLE vault ENABLE ROW LEVEL SECURITY", "vault"),
        ("ALTER TABLE closures DROP COLUMN recorded_at", "closures"),
    ],
}


def test_what_is_done_to_the_tables_themselves_is_found(places: Any) -> None:
    with places.lab(live) as lab:
        assert lab.verify().problems == []
        done = STRUCTURE[lab.store.dialect]
    for statements, names in done:
        with places.lab(live) as lab:
            with lab.store.engine.begin() as connection:
                for statement in statements.split(" / "):
                    connection.execute(text(statement))
            assert {problem.where for problem in lab.verify().problems} == {*names.split()}, statements


def test_an_index_that_lies_is_found(sqlite_lab: Lab) -> None:
    """Its table is whole, and so is the history: a list that goes by the index answers wrong."""
    name, path = "ix_requests_state", sqlite_lab.store.path
    sqlite_lab.close()
    with closing(sqlite3.connect(str(path), isolation_level=None)) as file:
        row = file.execute("SELECT * FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        file.execute("PRAGMA writable_schema = ON")
        file.execute("DELETE FROM sqlite_master WHERE name = ?", (name,))
    sqlite_lab.request()
    sqlite_lab.close()
    with closing(sqlite3.connect(str(path), isolation_level=None)) as file:
        file.execute("PRAGMA writable_schema = ON")
        file.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
    assert {problem.where for problem in sqlite_lab.verify().problems} == {"file"}


# --- Heads ---


def cut(lab: Lab, stream: str, seq: int) -> None:
    """The entries of a stream from a number on are taken away, and all that follows from them is made again."""
    with unguarded(lab.store) as connection:
        connection.execute(text("DELETE FROM entries WHERE stream = :s AND seq >= :n"), {"s": stream, "n": seq})
        connection.execute(text("DELETE FROM vault WHERE stream = :s AND seq >= :n"), {"s": stream, "n": seq})
        connection.execute(text("DELETE FROM outbox WHERE ref = :s AND sequence >= :n"), {"s": stream, "n": seq})
    lab.rebuild()


def test_a_history_cut_before_a_seal_contradicts_it(lived: Lab) -> None:
    """Everything was made again from what is left: only the seal knows."""
    cut(lived, "2026-0002", 9)
    with lived.store.reading() as connection:
        seal = text("SELECT seq FROM entries WHERE event = 'review_sealed'")
        assert [problem.where for problem in lived.verify().problems] == [f"lab #{connection.execute(seal).scalar()}"]


def test_a_head_kept_elsewhere_tells_a_cut_from_what_came_since(lab: Lab) -> None:
    """However much was stored in the same second, by however many requests."""
    refs = [lab.request() for _n in range(3)]
    heads = [lab.verify().head]
    for ref in refs:
        lab.apply(ref, "comment", note=NOTE)
        heads.append(lab.verify().head)
    lab.clock.forward(days=1)
    lab.apply(refs[0], "comment", note=NOTE)
    report = verify(lab.store, lab.clock, lambda _done, _total: None, heads)
    assert (report.problems, [*report.known]) == ([], heads[::-1])
    cut(lab, refs[1], 2)
    report = verify(lab.store, lab.clock, lambda _done, _total: None, heads)
    assert [problem.where for problem in report.problems] == [f"head {head[:12]}" for head in heads[2:]]


# --- While others work, and where nobody can write ---


def test_nobody_waits_for_a_verification(lived: Lab) -> None:
    def meanwhile(done: int, total: int) -> None:
        if done == total:
            with lived.elsewhere() as other:
                other.request()

    assert verify(lived.store, lived.clock, meanwhile).problems == []


def test_a_file_that_can_only_be_read_is_verified(sqlite_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = sqlite_lab.request()
    sqlite_lab.close()
    assert sqlite_lab.store.path is not None
    monkeypatch.setattr("workflow.store.database.os.access", lambda _path, mode: mode != os.W_OK)
    archive = Lab(Store(str(sqlite_lab.store.path)), sqlite_lab.clock)
    try:
        assert archive.verify().problems == []
        assert archive.show(ref)["ref"] == ref
        with pytest.raises(StoreUnreachable):
            archive.rebuild()
        with pytest.raises(StoreUnreachable):
            archive.request()
    finally:
        archive.close()


def test_what_is_listed_as_out_of_reach_is_there(lab: Lab) -> None:
    for table, what in out_of_reach():
        assert what in WHOLE_ROW or what in s.metadata.tables[table].c, (table, what)
