"""Stores kept at each revision of the tables, brought up to date on both databases: nothing of them is lost."""

from __future__ import annotations

import hashlib
import re
from contextlib import closing
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from kept_stores import Kept, keep, kept_files, rows_of

from states.errors import StoreOutdated
from workflow.lab.opening import open_lab
from workflow.store import schema as s
from workflow.store.backup import kept_beside
from workflow.store.database import Store
from workflow.store.upgrade import check_revision, revision, upgrade
from workflow.testing import NOTE, Lab, SimulatedClock, crash, problems

# What a release has put into the world never changes: the digest of each file, by its name.
RELEASED = {
    "0001_first_tables.py": "2f72c5b45de07829cf4398f84e0d1d3b039ec9cd7293bc006f9e92673b14f0ec",
    "0002_meeting_staff.py": "79b648bcf31123165ec7ae4a688ddb88511238321846fd6a4f34cffa35acbe3c",
    "0003_short_documents.py": "5404b31addb47a53aa677cdf2bbe89c6cb3e3a7b8bdf1ad9f47e1c19bf7eb474",
}
VERSIONS = Path(str(files("workflow.store").joinpath("migrations/versions")))
KEPT = {revision: Kept.read(file) for revision, file in kept_files().items()}
OLDER = [revision for revision in KEPT if revision != s.REVISION]


def test_a_migration_that_was_released_never_changes() -> None:
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VERSIONS.glob("[!_]*.py")}
    assert {name: digests.get(name) for name in RELEASED} == RELEASED
    assert all(name > max(RELEASED) for name in digests.keys() - RELEASED.keys())


def test_a_migration_depends_on_nothing_that_may_change() -> None:
    for path in VERSIONS.glob("[!_]*.py"):
        assert not re.search(r"^\s*(from|import) (states|workflow|handlers|cli)\b", path.read_text("utf-8"), re.M), path


def test_a_store_of_each_revision_is_kept() -> None:
    """A new one: PYTHONPATH=tests/support python -m kept_stores."""
    numbers = {path.name.partition("_")[0] for path in VERSIONS.glob("[!_]*.py")}
    assert {*KEPT} == numbers
    assert all(kept.revision == number for number, kept in KEPT.items())


@pytest.fixture(params=[*KEPT])
def kept(request: pytest.FixtureRequest) -> Kept:
    return KEPT[request.param]


@pytest.fixture
def older(kept: Kept, empty_store: Store) -> Store:
    kept.put_in(empty_store)
    return empty_store


def test_each_kept_store_has_a_row_in_every_table(kept: Kept) -> None:
    assert [name for name, rows in kept.tables.items() if not rows and name != "ticks"] == []


def test_a_store_of_each_revision_is_brought_up_to_date(kept: Kept, older: Store) -> None:
    """All that is primary is what it was; what is derived follows from it; and the lab goes on."""
    if kept.revision != s.REVISION:
        with pytest.raises(StoreOutdated) as caught:
            check_revision(older)
        assert (caught.value.exit, caught.value.hint) == (7, "coop init")
    assert upgrade(older) is (kept.revision != s.REVISION)
    assert revision(older) == s.REVISION
    with older.reading() as connection:
        now = rows_of(connection)
    for table in s.PRIMARY:
        known = kept.tables[table.name]
        assert [{name: row[name] for name in known[0]} for row in now[table.name]] == sorted(known, key=repr)
    lab = Lab(older, SimulatedClock(kept.now))
    assert lab.verify().head == kept.head
    assert problems(lab) == []
    ref = lab.request("working", place="hors_les_murs")
    lab.apply("2026-0001", "comment", note=NOTE)
    assert ref > max(row["ref"] for row in kept.tables["requests"])
    assert problems(lab) == []


# --- By `coop init` ---


@pytest.mark.parametrize("kept", OLDER[:1], indirect=True)
def test_killed_while_it_is_brought_up_to_date_a_store_is_of_one_revision_or_the_other(
    kept: Kept, sqlite_places: Any
) -> None:
    """What it was is kept beside it first; the same command, typed again, ends."""
    url, clock, ends = sqlite_places.empty(), SimulatedClock(kept.now), set()
    with closing(Store(url)) as store:
        kept.put_in(store)
    act = partial(_init, url, clock)
    at = 1
    while (end := crash(act, at=at)).killed:
        with closing(Store(url)) as store:
            ends.add(revision(store))
        at += 1
    assert end.exit == 0, end.said
    assert ends == {kept.revision, s.REVISION}
    with closing(Store(url)) as store:
        assert problems(Lab(store, clock)) == []
        former = kept_beside(store.path)
    assert former
    for file in former:
        with closing(Store(str(file))) as old:
            assert revision(old) == kept.revision
            upgrade(old)
            assert Lab(old, clock).verify().head == kept.head
    sqlite_places.drop(url)


def _init(url: str, clock: SimulatedClock) -> None:
    open_lab(Store(url), clock, "camille", None)


def test_a_store_is_kept_once(sqlite_lab: Lab, tmp_path: Path) -> None:
    file = keep(sqlite_lab, s.REVISION, tmp_path)
    again = Kept.read(file)
    with sqlite_lab.store.reading() as connection:
        assert again.tables == rows_of(connection)
    with pytest.raises(FileExistsError):
        keep(sqlite_lab, s.REVISION, tmp_path)
