"""`scheduler` and `status` as they are typed; the process that keeps watch ends cleanly in the middle of its work."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from desk import Desk

PATIENCE = 60  # seconds, for a machine at work
# Whoever runs the tests in the background has the interrupt ignored, which a program inherits.
PROGRAM = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from cli.main import main"


def test_a_tick_says_what_it_did(desk: Desk) -> None:
    desk.received()
    first = desk.json("scheduler", "tick")
    assert first == {
        "raised": 0,
        "replaced": 0,
        "resolved": 0,
        "delivered": 0,
        "now": "2026-01-12T09:00:00+01:00",
        "late_minutes": 0,
        "held": None,
        "unreadable": [],
    }
    late = desk.at("2026-01-20T09:00+01:00").json("scheduler", "tick")
    assert (late["raised"], late["replaced"], late["late_minutes"]) == (2, 1, 8 * 24 * 60)
    assert desk.json("scheduler", "tick")["raised"] == 0


def test_a_tick_for_people(desk: Desk) -> None:
    ref = desk.received()
    desk.at("2026-01-15T18:00+01:00")
    assert desk.coop("scheduler", "tick").out.startswith("1 alerte déclenchée, 0 éteinte, 0 message")
    desk.json("prequalify", ref)
    late = desk.at("2026-01-16T09:00+01:00").coop("scheduler", "tick").out
    assert "n’était pas passée depuis le jeudi 15 janvier 2026 à 18\u00a0h" in late


def test_the_stages_passed_at_once_leave_one_alert_and_say_so(desk: Desk) -> None:
    desk.received()
    desk.at("2026-02-10T09:00+01:00")
    assert "3 alertes déclenchées (dont 2 aussitôt remplacées)" in desk.coop("scheduler", "tick").out
    assert len(desk.json("alerts")) == 1


def test_status_says_what_waits_and_when_the_last_tick_was(desk: Desk) -> None:
    desk.received()
    never = desk.json("status")
    assert (never["last_tick"], never["stale"], never["alerts"]) == (None, True, 0)
    assert "jamais" in desk.coop("status").out
    desk.json("scheduler", "tick")
    fresh = desk.json("status")
    assert (fresh["last_tick"], fresh["stale"]) == ("2026-01-12T09:00:00+01:00", False)
    assert set(fresh["messages"]) == {"waiting", "uncertain", "failed"}
    assert "scheduler run" not in desk.at("2026-01-12T10:00+01:00").coop("status").out
    assert "scheduler run" in desk.at("2026-01-12T10:01+01:00").coop("status").out


def test_status_counts_what_is_due_and_not_raised(desk: Desk) -> None:
    desk.received()
    desk.at("2026-01-27T09:00+01:00")
    assert (desk.json("status")["to_raise"], desk.json("status")["critical"]) == (1, 0)
    desk.json("scheduler", "tick")
    assert (desk.json("status")["to_raise"], desk.json("status")["critical"]) == (0, 1)


def test_nightly_copies_of_a_server_are_its_own(desk: Desk, tmp_path: Path) -> None:
    desk.monkeypatch.setattr("workflow.store.database.Store.path", None)
    error = desk.coop("scheduler", "run", "--backups", str(tmp_path))
    assert (error.exit, "pg_dump" in error.err or "outils" in error.err) == (2, True)


class Post:
    """A mail server that takes one message, when it is told to."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(PATIENCE)
        self.port = str(self._socket.getsockname()[1])

    def called(self) -> socket.socket:
        """The connection of whoever wants to send: they are in the middle of it."""
        connection, _address = self._socket.accept()
        connection.settimeout(PATIENCE)
        return connection

    def take(self, connection: socket.socket) -> bytes:
        """Takes one message; what was said."""
        said, content = b"", False
        connection.sendall(b"220 ready\r\n")
        with connection, connection.makefile("rb") as lines:
            for line in lines:
                said += line
                if content and line != b".\r\n":
                    continue
                content = line.upper().startswith(b"DATA")
                answers = {b"DATA": b"354 go\r\n", b"QUIT": b"221 bye\r\n"}
                connection.sendall(answers.get(line[:4].upper(), b"250 ok\r\n"))
                if line[:4].upper() == b"QUIT":
                    break
        return said

    def close(self) -> None:
        self._socket.close()


@pytest.mark.usefixtures("no_letters")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_in_the_middle_of_a_round_it_ends_the_round(
    desk: Desk, tmp_path: Path, number: signal.Signals
) -> None:
    ref = desk.received()
    desk.json("prequalify", ref)
    desk.json("interview", "plan", ref, "--slot", "2026-01-20T10:00", "--staff", "none")
    post = Post()
    mail = {"HOST": "127.0.0.1", "PORT": post.port, "TLS": "none", "SENDER": "lab@example.org"}
    for name, value in mail.items():
        desk.monkeypatch.setenv(f"COOP_MAIL_{name}", value)
    assert desk.json("status")["held"] == "rehearsal"
    assert "coop outbox release" in desk.coop("outbox").out
    assert desk.json("outbox", "release") == {"released": True, "was_held": "rehearsal"}
    environment = dict(os.environ)
    words = ["scheduler", "run", "--every", "3600", "--backups", str(tmp_path / "copies")]
    command = [sys.executable, "-c", f"{PROGRAM}; main({words})"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        connection = post.called()
        process.send_signal(number)
        taken = post.take(connection)
        out, err = process.communicate(timeout=PATIENCE)
    post.close()
    assert (process.returncode, err) == (0, "")
    assert out.rstrip().endswith("Arrêt propre.")
    assert b"alix.modele@example.org" in taken
    assert [m["status"] for m in desk.json("outbox", "--all") if m["recipient"] == "requester"] == ["sent"]
    assert [path.name for path in (tmp_path / "copies").iterdir()] == ["coop-2026-01-12.db"]
    assert desk.json("status")["last_tick"] == "2026-01-12T09:00:00+01:00"
    assert desk.coop("db", "verify").exit == 0
