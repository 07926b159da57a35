"""Delivery against a server that accepts, refuses, hangs, dies; and a process killed at the worst moment."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from icalendar import Calendar

from handlers.mail.letter import SenderProfile
from handlers.mail.settings import MailSettings, mail_settings
from handlers.mail.smtp import Delivered, deliver, write_files, written
from states.errors import WrongUsage
from states.risks.rules import Risk
from workflow.alerts import Scribe
from workflow.lab.service import keeping
from workflow.lab.staff import change_staff
from workflow.outbox.delivery import decide, listed, queue_digests
from workflow.outbox.holding import release
from workflow.outbox.queue import STATUSES, Queued, queue_alert
from workflow.testing import NOTE, PILOT, Lab

pytestmark = pytest.mark.usefixtures("no_letters")

SENDER = "La Coopérative <labo@example.org>"


class Server:
    """What the server does at each step, and what it took. `said` maps a step, or an address, to its answer."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.to: list[str] = []
        self.said: dict[str, str] = {}
        self.dies: str | None = None  # "before" it takes a message, "after" it took it without a word

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.said.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.said:
            return self.said[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken.append(message_from_bytes(content, policy=default))  # type: ignore[arg-type]
        self.to += envelope.rcpt_tos
        if self.dies:
            server.transport.abort()  # type: ignore[union-attr]
            return "421 gone"
        return self.said.get("DATA", "250 OK")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.fixture
def server() -> Iterator[Server]:
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=True)
    controller.start()
    handler.port = controller.port  # type: ignore[attr-defined]
    yield handler
    controller.stop()


def settings(port: int, **more: Any) -> MailSettings:
    found = mail_settings(
        {"host": "127.0.0.1", "port": port, "tls": "none", "sender": SENDER, "timeout": 1, **more}, {}
    )
    assert found is not None
    return found


@pytest.fixture
def lab(sqlite_lab: Lab) -> Lab:
    """A lab that sends from where it is, though the tests made it by copying another."""
    release(sqlite_lab.engine, "camille", rehearsal=False)
    return sqlite_lab


@pytest.fixture
def planned(lab: Lab) -> str:
    ref = lab.request("prequalified", title="Projet confidentiel", place="montpellier")
    lab.apply(ref, "plan_interview", {"at": "2026-01-20T10:00", "staff": "sacha", "address": "salle 2"})
    return ref


def send(lab: Lab, server: Server, **more: Any) -> Delivered:
    return deliver(lab.engine, settings(server.port, **more))  # type: ignore[attr-defined]


def statuses(lab: Lab) -> dict[str, tuple[str, str | None]]:
    return {q.recipient: (q.shown, q.last_error) for q in listed(lab.store, STATUSES)}


# --- Accepted ---


def test_messages_leave_once(lab: Lab, planned: str, server: Server) -> None:
    assert send(lab, server).sent == 2
    assert sorted(server.to) == ["noa.temoin@example.org", "sacha@example.org"]
    assert send(lab, server) == Delivered()
    assert len(server.taken) == 2
    assert {status for status, _why in statuses(lab).values()} == {"sent"}


def test_what_an_invitation_looks_like(lab: Lab, planned: str, server: Server) -> None:
    send(lab, server)
    message = next(m for m in server.taken if "noa" in m["To"])
    assert message["From"] == "La Coopérative <labo@example.org>"
    assert message["To"] == "Noa Témoin <noa.temoin@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    kinds = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar", "application/ics"]
    text, html, calendar, attached = (part for part in message.walk() if not part.is_multipart())
    assert "Projet confidentiel" in text.get_content()
    assert "salle 2" in html.get_content()
    assert calendar.get_param("method") == "REQUEST"
    (event,) = Calendar.from_ical(attached.get_content()).walk("VEVENT")
    assert event["attendee"] == "mailto:noa.temoin@example.org"
    assert Calendar.from_ical(calendar.get_content()).walk("VEVENT")[0]["uid"] == event["uid"]


def test_nothing_personal_in_a_subject(lab: Lab, planned: str, server: Server) -> None:
    lab.apply(planned, "move_meeting", {"meeting": "interview-1", "at": "2026-01-21T10:00"})
    send(lab, server)
    lab.apply(planned, "cancel_meeting", {"meeting": "interview-1"}, note=NOTE)
    send(lab, server)
    queue_digests(lab.engine)
    send(lab, server)
    subjects = [str(m["Subject"]) for m in server.taken]
    assert len(subjects) >= 4
    for subject in subjects:
        assert not re.search("confidentiel|Noa|Témoin|Sacha|@|salle", subject)


def test_a_message_id_is_always_the_same(lab: Lab, planned: str, server: Server) -> None:
    server.dies = "after"
    assert send(lab, server).uncertain == 1
    (first,) = server.taken
    server.dies = None
    key = next(q.key for q in listed(lab.store) if q.shown == "uncertain")
    decide(lab.engine, "camille", key, "retry")
    send(lab, server)
    again = [m for m in server.taken[1:] if m["To"] == first["To"]]
    assert [m["Message-ID"] for m in again] == [first["Message-ID"]]


def test_a_cancellation_takes_the_event_away(lab: Lab, planned: str, server: Server) -> None:
    send(lab, server)
    invited = server.taken.pop(0)
    server.taken.clear()
    lab.apply(planned, "withdraw", note=NOTE)
    assert send(lab, server).sent == 2
    cancelled = next(m for m in server.taken if m["To"] == invited["To"])
    first, second = (Calendar.from_ical(list(m.walk())[-1].get_content()) for m in (invited, cancelled))
    assert (first["method"], second["method"]) == ("REQUEST", "CANCEL")
    before, after = first.walk("VEVENT")[0], second.walk("VEVENT")[0]
    assert before["uid"] == after["uid"]
    assert after["sequence"] > before["sequence"]
    assert cancelled["References"] == invited["References"]


def test_one_reads_english_the_other_french(lab: Lab, planned: str, server: Server) -> None:
    send(lab, server, languages={"requester": "en"})
    by = {m["To"].addresses[0].username: list(m.walk())[2].get_content() for m in server.taken}  # type: ignore[union-attr]
    assert "Tuesday 20 January 2026" in by["noa.temoin"]
    assert "mardi 20 janvier 2026" in by["sacha"]


def test_an_address_outside_ascii(lab: Lab, server: Server) -> None:
    ref = lab.request("prequalified", requester={"name": "Zoé", "email": "zoé@exemple.fr"})
    lab.apply(ref, "plan_interview", {"at": "2026-01-20T10:00"})
    assert send(lab, server).sent == 1
    assert server.to == ["zoé@exemple.fr"]


@pytest.mark.parametrize(
    "name", ["Eve\r\nBcc: x@example.org", "Eve <x@example.org>,", '"', "\u202eeve\x1b[2J", "é" * 90]
)
def test_a_name_cannot_write_headers(lab: Lab, server: Server, name: str) -> None:
    ref = lab.request("prequalified", requester={"name": name, "email": "eve@example.org"})
    lab.apply(ref, "plan_interview", {"at": "2026-01-20T10:00"})
    assert send(lab, server).sent == 1
    (message,) = server.taken
    assert server.to == ["eve@example.org"]
    assert message["Bcc"] is None
    assert [a.addr_spec for a in message["To"].addresses] == ["eve@example.org"]  # type: ignore[union-attr]


def test_html_is_escaped(lab: Lab, server: Server) -> None:
    ref = lab.request("prequalified", title="<img src=x onerror=alert(1)> & co")
    lab.apply(ref, "plan_interview", {"at": "2026-01-20T10:00"})
    send(lab, server)
    html = list(server.taken[0].walk())[3].get_content()
    assert "<img" not in html
    assert "&lt;img src=x" in html


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


# --- What the lab's own people are told ---


def test_an_escalation_tells_the_pilot_what_settles_it(lab: Lab, planned: str, server: Server) -> None:
    risk = Risk(
        "unstaffed", "critical", "c", planned, "interview-1", due_at="2026-01-20T09:00:00Z", addressed_to="pilot"
    )
    with lab.store.writing() as tx:
        Scribe(tx, lab.engine.in_force(tx), lab.clock.now).raise_(risk)
        queue_alert(tx, lab.engine.in_force(tx), 1, risk, lab.clock.now)
    send(lab, server)
    message = next(m for m in server.taken if PILOT in m["To"])
    assert "coop alerts ack 1" in list(message.walk())[2].get_content()


def test_an_alert_settled_before_it_leaves_is_not_told(lab: Lab, planned: str, server: Server) -> None:
    risk = Risk("unstaffed", "critical", "c", planned, "interview-1", due_at="2026-01-20T09:00:00Z")
    with lab.store.writing() as tx:
        scribe = Scribe(tx, lab.engine.in_force(tx), lab.clock.now)
        scribe.raise_(risk)
        queue_alert(tx, lab.engine.in_force(tx), 1, risk, lab.clock.now)
        scribe.settle(1, "gone")
    change_staff(lab.engine, "camille", "camille", {"email": "camille@example.org"})
    done = send(lab, server)
    assert done.dropped == 1
    assert statuses(lab)["camille"] == ("dropped", "settled")


def test_the_digest_tells_the_day(lab: Lab, planned: str, server: Server) -> None:
    change_staff(lab.engine, "camille", "camille", {"email": "camille@example.org"})
    lab.submit(title="Une nouvelle fiche")
    assert queue_digests(lab.engine) == 1
    send(lab, server)
    message = next(m for m in server.taken if "camille" in m["To"])
    assert "Une nouvelle fiche" in list(message.walk())[2].get_content()


def digest_of(lab: Lab, server: Server, moment: str) -> str:
    """What the coordinator's digest of a moment says; nothing if none leaves."""
    lab.clock.to(moment)
    before = len(server.taken)
    queue_digests(lab.engine)
    send(lab, server)
    found = [m for m in server.taken[before:] if "camille" in m["To"] and "journée" in m["Subject"]]
    return "".join(list(message.walk())[2].get_content() for message in found)


def test_the_digest_calls_for_the_review_until_it_is_sealed(lab: Lab, server: Server) -> None:
    change_staff(lab.engine, "camille", "camille", {"email": "camille@example.org"})
    assert "coop review" not in digest_of(lab, server, "2026-06-16T09:00+02:00")
    assert "coop review 2026-S1" in digest_of(lab, server, "2026-06-17T09:00+02:00")
    assert "coop review 2026-S1" in digest_of(lab, server, "2026-07-02T09:00+02:00")
    with keeping(lab.engine, "camille") as work:
        work.write("review_sealed", {"semester": "2026-S1"})
    assert "coop review" not in digest_of(lab, server, "2026-07-03T09:00+02:00")


def test_a_digest_is_not_sent_another_day(lab: Lab, server: Server) -> None:
    change_staff(lab.engine, "camille", "camille", {"email": "camille@example.org"})
    queue_digests(lab.engine)
    lab.clock.forward(days=1)
    assert send(lab, server).dropped == 1
    assert server.taken == []


# --- Off by default; files ---


def test_without_a_host_nothing_leaves(lab: Lab, planned: str) -> None:
    assert mail_settings({}, {}) is None
    assert deliver(lab.engine, None) == Delivered()
    assert {status for status, _why in statuses(lab).values()} == {"waiting"}


def test_files_are_written_and_nothing_is_marked(lab: Lab, planned: str, tmp_path: Path) -> None:
    files, kept = write_files(lab.engine, tmp_path / "out", SenderProfile())
    assert sorted(path.name for path in files) == [
        "2026-0001_3_interview-1_requester.eml",
        "2026-0001_3_interview-1_sacha.eml",
    ]
    assert kept == {}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files)
    message = message_from_bytes(files[0].read_bytes(), policy=default)
    assert message["X-Unsent"] == "1"
    before = files[0].read_bytes()
    write_files(lab.engine, tmp_path / "out", SenderProfile())
    assert files[0].read_bytes() == before
    assert {status for status, _why in statuses(lab).values()} == {"waiting"}


@pytest.mark.parametrize(
    "table",
    [
        {"host": "h"},
        {"host": "h", "sender": "personne"},
        {"host": "h", "sender": "a@b.fr", "tls": "perhaps"},
        {"host": "h", "sender": "a@b.fr", "port": "0"},
        {"host": "h", "sender": "a@b.fr", "timeout": "soon"},
        {"host": "h", "sender": "a@b.fr", "user": "a"},
        {"host": "h", "sender": "a@b.fr", "user": "a", "password_file": "/nowhere/at/all"},
        {"host": "h", "sender": "a@b.fr", "user": "a", "tls": "none"},
        {"host": "h", "sender": "a@b.fr", "languages": {"requester": "de"}},
        {"host": "h", "sender": "a@b.fr", "password": "in the open"},
    ],
)
def test_settings_that_cannot_be(table: dict[str, Any]) -> None:
    with pytest.raises(WrongUsage):
        mail_settings(table, {})


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("from a file\n", "utf-8")
    table = {"host": "h", "sender": "a@b.fr", "user": "me", "password_file": str(tmp_path / "password")}
    found = mail_settings(table, {})
    assert found is not None
    assert (found.port, found.tls, found.password) == (587, "starttls", "from a file")
    found = mail_settings(table, {"COOP_MAIL_TLS": "tls", "COOP_MAIL_PASSWORD": "secret"})
    assert found is not None
    assert (found.port, found.password) == (465, "secret")
    assert "secret" not in repr(found)


def test_a_queued_message_can_be_read_without_a_server(lab: Lab, planned: str) -> None:
    found: Queued = listed(lab.store)[0]
    assert written(lab.engine, found, SenderProfile())["Message-ID"].endswith("@localhost.invalid>")
