"""A copy sends nothing: restored, copied, moved or rehearsed, a store keeps its messages until they are released."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from states.errors import NotFound, Refused
from workflow.outbox.delivery import claim, listed, settle
from workflow.outbox.holding import ELSEWHERE, REHEARSAL, RESTORED, held, release, signed
from workflow.outbox.queue import SENT
from workflow.restoration import restore
from workflow.store.backup import backup
from workflow.store.database import Store
from workflow.testing import Lab, problems


def why(lab: Lab, *, rehearsal: bool = False) -> str | None:
    return held(lab.store, rehearsal=rehearsal)


@pytest.fixture
def sender(lab: Lab) -> Lab:
    """A lab that has sent a message from where it is."""
    ref = lab.request("prequalified")
    lab.apply(ref, "plan_interview", {"at": "2026-01-20T10:00"})
    claimed = claim(lab.engine, signed(lab.store, "here"))
    assert claimed is not None
    settle(lab.engine, claimed, SENT)
    return lab


def test_a_store_sends_from_where_it_last_sent_from(sender: Lab) -> None:
    assert why(sender) is None
    assert why(sender, rehearsal=True) == REHEARSAL
    with sender.elsewhere() as other:
        assert why(other) is None


def test_a_copy_of_a_store_that_never_sent_keeps_its_messages(places: Any) -> None:
    """A file copied, a database made from another: before anything was sent, the place is that of its opening."""
    url = places.empty()
    opened = Lab.open(url)
    ref = opened.request("prequalified")
    opened.apply(ref, "plan_interview", {"at": "2026-01-20T10:00"})
    assert why(opened) is None
    opened.close()
    copy = Lab(Store(places.copy(url)), opened.clock)
    assert {queued.status for queued in listed(copy.store)} == {"waiting"}
    assert why(copy) == ELSEWHERE
    release(copy.engine, "camille", rehearsal=False)
    assert why(copy) is None
    assert problems(copy) == []
    copy.close()
    assert why(opened) is None
    opened.close()
    for each in (copy, opened):
        places.drop(each.store.url)


def test_a_store_whose_opening_does_not_say_where_knows_its_place_once_it_has_sent(
    places: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As those that an older program opened."""
    monkeypatch.setattr("workflow.lab.opening.place_of", lambda _store: None)
    lab = Lab.open(places.empty())
    lab.close()
    copy = Lab(Store(places.copy(lab.store.url)), lab.clock)
    assert why(copy) is None
    copy.close()
    for each in (copy, lab):
        places.drop(each.store.url)


def test_a_rehearsal_sends_once_it_is_released_as_one(sender: Lab) -> None:
    release(sender.engine, "camille", rehearsal=False)
    assert why(sender, rehearsal=True) == REHEARSAL
    release(sender.engine, "camille", rehearsal=True)
    assert why(sender, rehearsal=True) is None


def test_a_mark_of_another_place_keeps_the_messages(sender: Lab) -> None:
    """A file moved or copied, a database made again from a dump: on both, the place is another."""
    with sender.store.engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET claimed_by = 'there/at:0123456789abcdef' WHERE status = 'sent'"))
    assert why(sender) == ELSEWHERE
    release(sender.engine, "camille", rehearsal=False)
    assert why(sender) is None


def test_only_who_keeps_the_registers_releases(sender: Lab) -> None:
    with pytest.raises(Refused):
        release(sender.engine, "sacha", rehearsal=False)
    with pytest.raises(NotFound):
        release(sender.engine, "personne", rehearsal=False)


def test_a_copy_and_a_store_put_back_keep_their_messages(sqlite_lab: Lab, tmp_path: Path) -> None:
    ref = sqlite_lab.request("prequalified")
    sqlite_lab.apply(ref, "plan_interview", {"at": "2026-01-20T10:00"})
    claimed = claim(sqlite_lab.engine, signed(sqlite_lab.store, "here"))
    assert claimed is not None
    settle(sqlite_lab.engine, claimed, SENT)
    backup(sqlite_lab.store, tmp_path / "copie.db")
    copy = Lab(Store(str(tmp_path / "copie.db")), sqlite_lab.clock)
    assert (why(sqlite_lab), why(copy)) == (None, ELSEWHERE)
    release(copy.engine, "camille", rehearsal=False)
    assert (why(sqlite_lab), why(copy)) == (None, None)
    copy.close()
    restore(sqlite_lab.store, tmp_path / "copie.db", sqlite_lab.clock)
    assert why(sqlite_lab) == RESTORED
    release(sqlite_lab.engine, "camille", rehearsal=False)
    assert why(sqlite_lab) is None
    assert problems(sqlite_lab) == []
