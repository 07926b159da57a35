"""Delivery against a server that refuses, hangs, dies or is not who it says; a process killed at the worst moment."""

from __future__ import annotations

import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from aiosmtpd.controller import Controller
from mail_server import Server, free_port, send, settings, statuses

from handlers.mail.smtp import deliver
from states.errors import WrongUsage
from workflow.outbox.delivery import decide
from workflow.testing import Lab

# --- Refused ---


@pytest.mark.parametrize(
    ("answer", "status", "why"),
    [
        ("550 5.1.1 <noa.temoin@example.org> unknown", "failed", "550 5.1.1"),
        ("552 5.2.2 mailbox full", "failed", "552 5.2.2"),
        ("452 4.2.2 mailbox full", "waiting", "452 4.2.2"),
        ("450 greylisted", "waiting", "450"),
    ],
)
def test_an_address_refused_stops_nobody_else(
    lab: Lab, planned: str, server: Server, answer: str, status: str, why: str
) -> None:
    server.said["noa.temoin@example.org"] = answer
    assert send(lab, server).sent == 1
    assert statuses(lab) == {"requester": (status, why), "sacha": ("sent", None)}
    if status == "waiting":
        del server.said["noa.temoin@example.org"]
        lab.clock.forward(minutes=1)
        assert send(lab, server).sent == 1


@pytest.mark.parametrize(("answer", "status"), [("554 5.7.1 no", "failed"), ("451 4.3.0 later", "waiting")])
def test_a_message_refused_after_its_content(lab: Lab, planned: str, server: Server, answer: str, status: str) -> None:
    server.said["DATA"] = answer
    send(lab, server)
    assert {found for found, _why in statuses(lab).values()} == {status}


def test_a_sender_refused_costs_no_message(lab: Lab, planned: str, server: Server) -> None:
    server.said["MAIL"] = "550 5.7.1 not you"
    done = send(lab, server)
    assert (done.sent, done.waiting, done.problem) == (0, 1, "550 5.7.1")
    assert {status for status, _why in statuses(lab).values()} == {"waiting"}


def test_what_was_erased_is_not_sent(lab: Lab, planned: str, server: Server) -> None:
    from sqlalchemy import text

    with lab.store.engine.begin() as connection:
        connection.execute(text("DELETE FROM vault WHERE stream = :ref"), {"ref": planned})
    send(lab, server)
    assert statuses(lab) == {"requester": ("failed", "erased"), "sacha": ("sent", None)}


# --- Away, hanging, dying ---


def test_a_server_away_loses_nothing(lab: Lab, planned: str) -> None:
    done = deliver(lab.engine, settings(free_port()))
    assert (done.waiting, done.problem) == (1, "unreachable")
    assert {status for status, _why in statuses(lab).values()} == {"waiting"}
    assert {why for _status, why in statuses(lab).values()} == {"unreachable", None}


def spoken(*lines: bytes, hang: bool = False) -> Callable[[], int]:
    """A server that says some lines, one for each it reads, then hangs up or hangs; what gives its port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _address = listening.accept()
        with connection, connection.makefile("rb") as said:
            for n, line in enumerate(lines):
                if n:
                    read = said.readline()
                    if lines[n - 1].startswith(b"354"):
                        while read != b".\r\n":
                            read = said.readline()
                connection.sendall(line + b"\r\n")
            if lines and lines[-1].startswith(b"354"):
                while said.readline() not in (b".\r\n", b""):
                    pass
            elif hang:
                said.read()
        listening.close()

    thread = Thread(target=serve, daemon=True)
    thread.start()
    port: int = listening.getsockname()[1]
    return lambda: port


GREETING = (b"220 hello", b"250 hello")


@pytest.mark.parametrize(
    ("lines", "hang", "status", "why"),
    [
        pytest.param((), False, "waiting", "disconnected", id="hangs up at once"),
        pytest.param((), True, "waiting", "timeout", id="says nothing"),
        pytest.param((b"554 no",), False, "waiting", "554", id="refuses to speak"),
        pytest.param(GREETING, False, "waiting", "disconnected", id="hangs up on the sender"),
        pytest.param((*GREETING, b"250 OK"), True, "waiting", "timeout", id="hangs on the recipient"),
        pytest.param((*GREETING, b"250 OK", b"250 OK"), False, "waiting", "disconnected", id="hangs up on DATA"),
        pytest.param(
            (*GREETING, b"250 OK", b"250 OK", b"354 go on"), False, "uncertain", "no_answer", id="dies with it"
        ),
    ],
)
def test_a_server_that_fails_midway(
    lab: Lab, planned: str, lines: tuple[bytes, ...], hang: bool, status: str, why: str
) -> None:
    lab.apply(planned, "assign_staff", {"meeting": "interview-1", "staff": "none"})
    decide(lab.engine, "camille", f"{planned}/3/interview-1/sacha", "drop")
    deliver(lab.engine, settings(spoken(*lines, hang=hang)()), limit=1)
    assert statuses(lab)["requester"] == (status, why)


def test_what_is_uncertain_is_not_sent_again(lab: Lab, planned: str, server: Server) -> None:
    server.dies = "after"
    assert send(lab, server).uncertain == 1
    server.dies = None
    lab.clock.forward(hours=2)
    send(lab, server)
    assert len(server.taken) == 2  # the other one
    assert sorted(status for status, _why in statuses(lab).values()) == ["sent", "uncertain"]


KILLED = """
import os, signal, sys
from datetime import datetime
import handlers.mail.smtp
from handlers.mail.settings import mail_settings
from workflow.engine import Engine
from workflow.store.database import Store
url, now, port = sys.argv[1:]
handlers.mail.smtp.settle = lambda *given, **named: os.kill(os.getpid(), signal.SIGKILL)
engine = Engine(Store(url), lambda: datetime.fromisoformat(now))
said = {"host": "127.0.0.1", "port": port, "tls": "none", "sender": "labo@example.org"}
handlers.mail.smtp.deliver(engine, mail_settings(said, {}))
"""


def test_killed_between_sending_and_marking_it_is_uncertain(lab: Lab, planned: str, server: Server) -> None:
    words = [sys.executable, "-c", KILLED, lab.store.url, lab.clock().isoformat(), str(server.port)]  # type: ignore[attr-defined]
    done = subprocess.run(words, cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(server.taken) == 1
    assert sorted(status for status, _why in statuses(lab).values()) == ["uncertain", "waiting"]
    assert send(lab, server).sent == 1
    assert len(set(server.to)) == 2


# --- Encrypted ---


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate of 127.0.0.1 and its key, made by openssl."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    paths = str(folder / "certificate.pem"), str(folder / "key.pem")
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=labo -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*made.split(), "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
    return paths


@pytest.fixture(params=["starttls", "tls"])
def encrypted(request: pytest.FixtureRequest, certificate: tuple[str, str]) -> Iterator[Server]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    handler = Server()
    how = (
        {"tls_context": context, "require_starttls": True} if request.param == "starttls" else {"ssl_context": context}
    )
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), **how)
    controller.start()
    handler.port, handler.tls = controller.port, request.param  # type: ignore[attr-defined]
    yield handler
    controller.stop()


def test_encrypted_and_known(lab: Lab, planned: str, encrypted: Server, certificate: tuple[str, str]) -> None:
    assert send(lab, encrypted, tls=encrypted.tls, ca_file=certificate[0]).sent == 2  # type: ignore[attr-defined]


def test_a_certificate_of_nobody(lab: Lab, planned: str, encrypted: Server) -> None:
    done = send(lab, encrypted, tls=encrypted.tls)  # type: ignore[attr-defined]
    assert (done.waiting, done.problem) == (1, "tls")
    assert encrypted.taken == []


def test_a_server_without_encryption_is_given_nothing(lab: Lab, planned: str, server: Server) -> None:
    done = send(lab, server, tls="starttls")
    assert (done.waiting, done.problem) == (1, "unreachable")
    assert {status for status, _why in statuses(lab).values()} == {"waiting"}


def test_an_authority_that_is_not_there_claims_nothing(lab: Lab, planned: str, server: Server) -> None:
    with pytest.raises(WrongUsage):
        send(lab, server, ca_file="/nowhere/at/all.pem")
    assert {status for status, _why in statuses(lab).values()} == {"waiting"}
