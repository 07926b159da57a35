"""A lab copied to another store, of the other kind or not: all of it, or a store that says it is not finished."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from functools import partial
from itertools import count
from typing import Any

import pytest
from every_table import live
from sqlalchemy import text

from states.errors import (
    Conflict,
    CoopError,
    NoStore,
    NotFound,
    Refused,
    StoreBusy,
    StoreDamaged,
    StoreMoved,
    StoreOutdated,
    StoreUnfinished,
    WrongUsage,
)
from workflow import copying
from workflow.copying import TABLES, copy, move
from workflow.lab.opening import open_lab
from workflow.outbox.delivery import claim, settle
from workflow.outbox.holding import ELSEWHERE, held, release, signed
from workflow.outbox.queue import SENT
from workflow.store import marks
from workflow.store.address import shown
from workflow.store.database import Store
from workflow.store.heartbeat import beat, last_tick
from workflow.store.upgrade import alone, check_revision, revision
from workflow.testing import NOTE, Lab, crash, problems, tables
from workflow.testing.crashes import die

ODD = "Œuvre ‘naïve’\t\x07 \U0001f469\u200d\U0001f52c e\u0301"  # what a requester may write


def live_and_send(lab: Lab) -> None:
    """Leaves a row in every table, a message sent, and texts that are not all letters."""
    live(lab)
    ref = lab.request("prequalified", need=ODD)
    lab.apply(ref, "comment", note=ODD, key="clé")
    claimed = claim(lab.engine, signed(lab.store, "here"))
    assert claimed is not None
    settle(lab.engine, claimed, SENT)


@pytest.fixture
def stores(request: pytest.FixtureRequest) -> Iterator[tuple[Lab, Store]]:
    """A lab, and the empty store it is copied to: by default both of SQLite; else as BETWEEN names them."""
    kinds = getattr(request, "param", "sqlite-sqlite").split("-")
    here, there = (request.getfixturevalue(f"{kind}_places") for kind in kinds)
    with here.lab(live_and_send) as lab, closing(Store(there.empty())) as target:
        release(lab.engine, "camille", rehearsal=False)
        beat(lab.store, lab.clock.now)
        yield lab, target
    there.drop(target.url)


@pytest.fixture
def source(stores: tuple[Lab, Store]) -> Lab:
    return stores[0]


@pytest.fixture
def target(stores: tuple[Lab, Store]) -> Store:
    return stores[1]


BETWEEN = ("sqlite-sqlite", "sqlite-postgresql", "postgresql-sqlite")
between_each = pytest.mark.parametrize("stores", BETWEEN, indirect=True)


def content(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    return tables(store, TABLES)


@between_each
def test_a_copy_holds_all_that_the_lab_has(source: Lab, target: Store) -> None:
    assert all(content(source.store).values())
    copied = copy(source.store, target, source.clock)
    assert content(target) == content(source.store)
    assert copied.rows == {name: len(rows) for name, rows in content(source.store).items()}
    there = Lab(target, source.clock)
    report = source.verify()
    assert (copied.head, copied.entries, copied.streams) == (report.head, report.entries, report.streams)
    assert there.verify().head == report.head
    assert last_tick(target) == last_tick(source.store) == source.clock.now
    assert problems(there) == []


@between_each
def test_a_lab_goes_on_where_it_was_copied(source: Lab, target: Store) -> None:
    copy(source.store, target, source.clock)
    there = Lab(target, source.clock)
    again = there.apply("2026-0001", "comment", note=NOTE, key="another").entry.seq
    assert source.apply("2026-0001", "comment", note=NOTE, key="another").entry.seq == again
    assert there.request() == source.request()  # the next number is the same
    with alone(target) as connection, pytest.raises(Exception, match="append-only"):
        connection.execute(text("DELETE FROM entries"))


@pytest.mark.parametrize("stores", ["sqlite-sqlite", "sqlite-postgresql"], indirect=True)
def test_there_and_back(source: Lab, target: Store, sqlite_places: Any) -> None:
    before = content(source.store)
    copy(source.store, target, source.clock)
    with closing(Store(sqlite_places.empty())) as back:
        copy(target, back, source.clock)
        assert content(back) == before
        assert problems(Lab(back, source.clock)) == []


@between_each
def test_a_copy_keeps_its_messages_until_someone_says_that_the_lab_has_moved(source: Lab, target: Store) -> None:
    copy(source.store, target, source.clock)
    there = Lab(target, source.clock)
    assert (held(source.store, rehearsal=False), held(target, rehearsal=False)) == (None, ELSEWHERE)
    release(there.engine, "camille", rehearsal=False)
    assert held(target, rehearsal=False) is None


# --- Not finished ---


def refused(target: Store, *acts: Callable[[Store], object]) -> StoreUnfinished:
    """What whoever uses a store that is not finished is told."""
    for act in (check_revision, revision, *acts):
        with pytest.raises(StoreUnfinished) as caught:
            act(target)
    return caught.value


@pytest.mark.parametrize("stores", ["sqlite-sqlite", "sqlite-postgresql"], indirect=True)
def test_killed_on_the_way_a_copy_says_that_it_is_not_finished(source: Lab, target: Store) -> None:
    """And the same command, typed again, begins again; once it has ended, the lab is whole."""
    whole, urls = content(source.store), (source.store.url, target.url)
    written = str(source.store.path or shown(urls[0]))
    source.close()
    target.close()

    def die_once(tables: int) -> None:
        left = count(tables, -1)
        dying = nullcontext(lambda _done, _total: die(os.getpid()) if not next(left) else None)
        copy(*map(Store, urls), source.clock, lambda _label: dying)

    for filled in (0, 3, len(TABLES) - 1):
        assert crash(partial(die_once, filled)).killed
        with closing(Store(target.url)) as there:
            error = refused(there, lambda store: open_lab(store, source.clock, "camille", None))
            assert error.hint == shlex.join(["coop", "db", "copy", written, shown(urls[1])])
    with closing(Store(urls[0])) as here, closing(Store(urls[1])) as there:
        copy(here, there, source.clock)
        check_revision(there)
        assert content(there) == whole


@pytest.mark.parametrize("step", ["fill", "finish"])
def test_two_who_copy_at_once_never_leave_a_half_lab(
    source: Lab, target: Store, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second begins again before the first has ended: the first is told, and what is there is the second's."""
    whole, go_on = content(source.store), getattr(copying._Copying, step)

    def interrupted(*given: Any) -> Any:
        monkeypatch.undo()
        with closing(Store(target.url)) as second:
            copy(source.store, second, source.clock)
        return go_on(*given)

    monkeypatch.setattr(copying._Copying, step, interrupted)
    with pytest.raises(Conflict):
        copy(source.store, target, source.clock)
    check_revision(target)
    assert content(target) == whole


# --- Refused ---


def test_a_target_that_holds_a_lab_is_left_as_it_is(source: Lab, places: Any) -> None:
    with places.lab() as other:
        before = content(other.store)
        with pytest.raises(Conflict):
            copy(source.store, other.store, source.clock)
        assert content(other.store) == before


def test_a_copy_that_has_gone_on_is_another_lab(source: Lab, target: Store) -> None:
    first = copy(source.store, target, source.clock)
    assert copy(source.store, target, source.clock) == first
    Lab(target, source.clock).request()
    with pytest.raises(Conflict):
        copy(source.store, target, source.clock)


def test_a_store_is_not_copied_into_itself(source: Lab) -> None:
    other = Store(source.store.url)
    with pytest.raises(WrongUsage):
        copy(source.store, other, source.clock)
    other.close()


def test_a_lab_that_was_tampered_with_makes_no_copy(source: Lab, target: Store) -> None:
    with source.store.engine.begin() as connection:
        connection.execute(text("UPDATE vault SET value = '\"autre\"' WHERE field = 'note'"))
    with pytest.raises(StoreDamaged):
        copy(source.store, target, source.clock)
    refused(target)


def test_a_store_of_another_version_is_no_source(source: Lab, target: Store) -> None:
    with source.store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreOutdated):
        copy(source.store, target, source.clock)


# --- In use ---


@between_each
def test_a_copy_is_of_one_moment_while_others_write(source: Lab, target: Store, monkeypatch: Any) -> None:
    """What is written once the copy has begun is not in it."""
    ref = source.request()
    whole = content(source.store)
    other = Lab(Store(source.store.url), source.clock)

    def while_writing(*given: Any) -> Any:
        other.apply(ref, "comment", note=NOTE)
        return check_mark(*given)

    check_mark = marks.check_mark
    monkeypatch.setattr(marks, "check_mark", while_writing)
    copy(source.store, target, source.clock)
    assert content(target) == whole
    assert len(other.history(ref)) == 3
    other.close()


# --- A lab that moves ---


@between_each
def test_a_lab_that_moves_goes_on_in_one_place_only(source: Lab, target: Store) -> None:
    """It may send from there at once; where it was, nobody reads or writes, those who were at work included."""
    moved = move(source.store, target, source.clock, "camille")
    there = Lab(target, source.clock)
    assert (moved.head, held(target, rehearsal=False)) == (there.verify().head, None)
    assert problems(there) == []
    before = content(source.store)
    assert before == content(target)
    with pytest.raises(StoreMoved) as caught:
        check_revision(source.store)
    assert shown(target.url) in caught.value.message.replace(str(target.path), shown(target.url))
    for act in (
        lambda: source.apply("2026-0001", "comment", note=NOTE),
        lambda: source.request(),
        lambda: claim(source.engine, "here"),
    ):
        with pytest.raises(StoreMoved):
            act()
    assert content(source.store) == before
    assert there.apply("2026-0001", "comment", note=NOTE).entry.seq
    claimed = claim(there.engine, signed(target, "here"))
    assert claimed is not None


@between_each
def test_a_lab_that_moved_moves_back(source: Lab, target: Store, sqlite_places: Any) -> None:
    move(source.store, target, source.clock, "camille")
    with closing(Store(sqlite_places.empty())) as back:
        move(target, back, source.clock, "camille")
        assert held(back, rehearsal=False) is None
        assert problems(Lab(back, source.clock)) == []
        with pytest.raises(StoreMoved):
            check_revision(target)


def test_a_lab_moves_to_a_copy_that_nobody_has_used(source: Lab, target: Store) -> None:
    copy(source.store, target, source.clock)
    move(source.store, target, source.clock, "camille")
    assert held(target, rehearsal=False) is None
    assert content(target) == content(source.store)


@pytest.mark.parametrize("stores", ["sqlite-sqlite", "postgresql-sqlite"], indirect=True)
def test_killed_as_it_moves_a_lab_is_in_one_place(source: Lab, target: Store) -> None:
    """Open where it was, or closed there; the same command, typed again, ends."""
    urls = source.store.url, target.url
    source.close()
    target.close()

    def act() -> None:
        move(*map(Store, urls), source.clock, "camille")

    ends = set()
    for at in count(1):
        end = crash(act, at=at)
        with closing(Store(urls[0])) as here, closing(Store(urls[1])) as there:
            states = _state(here), _state(there)
        ends.add(states)
        if not end.killed:
            break
    assert end.exit == 0, end.said
    assert states == (StoreMoved, None)
    assert ends <= {(None, NoStore), (None, StoreUnfinished), (StoreMoved, StoreUnfinished), states}
    assert len(ends) >= 3


def _state(store: Store) -> type[CoopError] | None:
    try:
        check_revision(store)
    except CoopError as problem:
        return type(problem)
    return None


def test_only_who_keeps_the_registers_moves_a_lab(source: Lab, target: Store) -> None:
    for actor, error in (("sacha", Refused), ("personne", NotFound)):
        with pytest.raises(error):
            move(source.store, target, source.clock, actor)
    check_revision(source.store)
    with pytest.raises(NoStore):
        check_revision(target)


def test_a_lab_that_has_moved_moves_nowhere_else_but_can_be_copied(
    source: Lab, target: Store, sqlite_places: Any
) -> None:
    move(source.store, target, source.clock, "camille")
    with closing(Store(sqlite_places.empty())) as other:
        with pytest.raises(StoreMoved):
            move(source.store, other, source.clock, "camille")
        assert copy(source.store, other, source.clock).left
        assert held(other, rehearsal=False) == ELSEWHERE


def test_nobody_writes_to_a_lab_as_it_moves(source: Lab, target: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, told = Lab(Store(source.store.url, wait=0.1), source.clock), []
    check_mark = marks.check_mark

    def while_moving(*given: Any) -> None:
        if not told:
            with pytest.raises(StoreBusy) as caught:
                waiting.apply("2026-0001", "comment", note=NOTE)
            told.append(caught.value)
        check_mark(*given)

    monkeypatch.setattr(marks, "check_mark", while_moving)
    move(source.store, target, source.clock, "camille")
    assert told
    waiting.close()
