"""A mail server that says what a test tells it to, and how a lab sends by it."""

from __future__ import annotations

import socket
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from handlers.mail.settings import MailSettings, mail_settings
from handlers.mail.smtp import Delivered, deliver
from workflow.outbox.delivery import listed
from workflow.outbox.queue import STATUSES
from workflow.testing import Lab

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


def settings(port: int, **more: Any) -> MailSettings:
    found = mail_settings(
        {"host": "127.0.0.1", "port": port, "tls": "none", "sender": SENDER, "timeout": 1, **more}, {}
    )
    assert found is not None
    return found


def send(lab: Lab, server: Server, **more: Any) -> Delivered:
    return deliver(lab.engine, settings(server.port, **more))  # type: ignore[attr-defined]


def statuses(lab: Lab) -> dict[str, tuple[str, str | None]]:
    return {q.recipient: (q.shown, q.last_error) for q in listed(lab.store, STATUSES)}
