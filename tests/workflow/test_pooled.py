"""Behind a pooler that lends a connection for a transaction at a time: nothing is asked that outlasts it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import make_url

from states.errors import StoreBusy
from workflow.lab.opening import open_lab
from workflow.store import turns
from workflow.store.database import Store
from workflow.sweep import sweep
from workflow.testing import NOTE, Lab, SimulatedClock, problems

PATIENCE = 10.0  # seconds
LENT = 3  # connections to the server, for everyone
SETTINGS = """
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listens}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {lent}
client_login_timeout = 5
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def pooler(postgresql_places: Any) -> Iterator[Any]:
    """The address of PgBouncer, in front of the server of the tests."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("no PgBouncer here: apt-get install pgbouncer")
    behind, listens = postgresql_places._url, free_port()
    with tempfile.TemporaryDirectory(prefix="coop-pooler-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        host = str(behind.query.get("host", behind.host))
        # Root may not run it; whoever runs a server of ours may come to its socket.
        user = ("--user", Path(host).owner() if host.startswith("/") else "nobody") if os.geteuid() == 0 else ()
        (folder / "users").write_text(f'"{behind.username}" "{behind.password or ""}"\n')
        (folder / "pooler.ini").write_text(
            SETTINGS.format(host=host, port=behind.port or 5432, listens=listens, lent=LENT, folder=folder)
        )
        words = [program, "--quiet", *user, str(folder / "pooler.ini")]
        with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:
            _await(listens)
            yield behind.set(host="127.0.0.1", port=listens, query={})
            process.terminate()


def _await(port: int) -> None:
    until = monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if monotonic() > until:
                raise
            sleep(0.02)


@pytest.fixture
def pooled(postgresql_places: Any, pooler: Any) -> Iterator[Lab]:
    """A lab that several reach by the pooler, each with a store of their own."""
    url = postgresql_places.empty()
    behind = pooler.set(database=make_url(url).database).render_as_string(hide_password=False)
    store, clock = Store(behind), SimulatedClock()
    open_lab(store, clock, "camille", None)
    lab = Lab(store, clock)
    yield lab
    lab.close()
    postgresql_places.drop(url)


def test_a_statement_asked_often_is_known_whichever_connection_is_lent(pooled: Lab) -> None:
    """Read and written many times, by more people than there are connections: each on those that the others leave."""
    ref = pooled.request()

    def work(other: Lab) -> list[int]:
        numbers = []
        for _time in range(12):
            numbers.append(other.apply(ref, "comment", note=NOTE).entry.seq)
            assert other.now(ref).seq >= numbers[-1]
        return numbers

    found = pooled.race(*[work] * (LENT * 2))
    assert sorted(seq for numbers in found for seq in numbers) == list(range(2, 2 + 24 * LENT))
    assert problems(pooled) == []


def test_a_round_of_the_watch_goes_by_a_pooler(pooled: Lab) -> None:
    pooled.request()
    pooled.clock.to("2026-01-20T09:00+01:00")
    assert sweep(pooled.engine).raised
    assert open_lab(pooled.store, pooled.clock, "camille", None).opened is False


def test_patience_is_of_a_transaction_and_whoever_writes_is_named(pooled: Lab) -> None:
    """One who hardly waits leaves no impatience on the connection that the next one is lent."""
    ref = pooled.request()
    with (
        closing(Store(pooled.store.url, named=lambda: "coop comment --as rene")) as busy,
        closing(Store(pooled.store.url, wait=0.1)) as hasty,
    ):
        with busy.writing() as tx:
            turns.of_lab(tx)
            with pytest.raises(StoreBusy) as caught:
                Lab(hasty, pooled.clock).submit()
        assert "coop comment --as rene" in caught.value.message
        with hasty.reading() as connection:
            assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "0"
            assert connection.exec_driver_sql("SHOW application_name").scalar() == "coop"
    assert pooled.apply(ref, "comment", note=NOTE).entry.seq == 2


def test_who_is_let_in_directly_has_statements_prepared(postgresql_places: Any, pooled: Lab) -> None:
    """A pooler is seen: it costs its own no more than it must, and others nothing."""
    for url, prepared in ((pooled.store.url, False), (postgresql_places._url.render_as_string(False), True)):
        with closing(Store(url)) as store, store.reading() as connection:
            driver: Any = connection.connection.driver_connection
            assert (driver.prepare_threshold is not None) is prepared
