"""Handing messages to an SMTP server: each leaves once, or is back in the queue, or is said to be uncertain.

The conversation is ours, step by step, because what a lost connection means depends on the step: until the last byte
has been handed over nothing was sent; after it, only the server's answer tells. Nothing is logged.
"""

from __future__ import annotations

import os
import re
import smtplib
import socket
import ssl
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path

from attrs import Factory, define, field, frozen

from handlers.mail.compose import compose
from handlers.mail.letter import SenderProfile, Unsendable
from handlers.mail.settings import MailSettings
from workflow.clock import now_of
from workflow.engine import Engine
from workflow.files import write_whole
from workflow.outbox.delivery import again, claim, leaving, settle
from workflow.outbox.holding import held, signed
from workflow.outbox.queue import CLAIMED, DROPPED, FAILED, SENT, WAITING, Queued
from workflow.views.reader import Reader

LIMIT = 200  # messages a round


@define
class Delivered:
    """What a round of delivery did. `problem`: why it stopped early, as a code."""

    sent: int = 0
    waiting: int = 0  # put back, to be tried again
    failed: int = 0
    dropped: int = 0
    uncertain: int = 0
    problem: str | None = None
    held: str | None = None  # why the store keeps its messages

    def count(self, status: str) -> None:
        name = {SENT: "sent", WAITING: "waiting", FAILED: "failed", DROPPED: "dropped", CLAIMED: "uncertain"}[status]
        setattr(self, name, getattr(self, name) + 1)

    def document(self) -> dict[str, object]:
        names = ("sent", "waiting", "failed", "dropped", "uncertain", "problem")
        return {name: getattr(self, name) for name in names}


class Rejected(Exception):
    """The server said no: its code, and whether it said so of the sender or the session rather than of the message."""

    def __init__(self, code: int, text: bytes, *, session: bool = False) -> None:
        found = re.match(rb"([245]\.\d{1,3}\.\d{1,3})\b", text.strip())
        self.code, self.session = code, session
        self.reason = f"{code} {found[1].decode('ascii')}" if found else str(code)
        super().__init__(self.reason)


class DeliveryUncertain(Exception):
    """The whole message was handed over and no answer came."""


def deliver(engine: Engine, settings: MailSettings | None, *, limit: int = LIMIT) -> Delivered:
    """Sends what may leave now, at most `limit` messages, one claimed at a time; nothing without settings.

    A store that keeps its messages (see `holding`) sends none. Stops early when the server cannot be used: the other
    messages wait without losing an attempt.
    """
    done = Delivered()
    if settings is None:
        return done
    done.held = held(engine.store, rehearsal=settings.rehearsal)
    if done.held:
        return done
    claimer = signed(engine.store, f"{socket.gethostname()}/{os.getpid()}")
    session = SmtpSession(settings)
    try:
        for _number in range(limit):
            claimed = claim(engine, claimer)
            if claimed is None:
                break
            status = _deliver_one(engine, session, claimed, done)
            done.count(status)
            if done.problem:
                break
    finally:
        session.close()
    return done


def _deliver_one(engine: Engine, session: SmtpSession, claimed: Queued, done: Delivered) -> str:
    """Sends one claimed message and marks it; its new status."""
    try:
        message = written(engine, claimed, session.settings.profile)
    except Unsendable as problem:
        status = FAILED if problem.needed else DROPPED
        settle(engine, claimed, status, problem.reason)
        return status
    except Exception as problem:  # a fault of ours: this message waits, the others go on
        return again(engine, claimed, f"fault {type(problem).__name__}")
    try:
        session.send(message)
    except DeliveryUncertain:  # the others wait, lest a server that never answers makes them all uncertain
        done.problem = "no_answer"
        settle(engine, claimed, CLAIMED, done.problem)
        return CLAIMED
    except smtplib.SMTPNotSupportedError:
        settle(engine, claimed, FAILED, "not_supported")
        return FAILED
    except Rejected as problem:
        if problem.session:
            done.problem = problem.reason
        elif problem.code >= 500:
            settle(engine, claimed, FAILED, problem.reason)
            return FAILED
        return again(engine, claimed, problem.reason, forever=problem.session)
    except (OSError, smtplib.SMTPException) as problem:
        done.problem = _why(problem)
        return again(engine, claimed, done.problem, forever=True)
    except Exception as problem:  # a fault of ours, before anything was handed over
        return again(engine, claimed, f"fault {type(problem).__name__}")
    settle(engine, claimed, SENT)
    return SENT


def _why(problem: Exception) -> str:
    """What went wrong with a server, without its words: they may quote an address."""
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"{problem.smtp_code}"
    if isinstance(problem, ssl.SSLError):
        return "tls"
    if isinstance(problem, TimeoutError) or isinstance(problem.__context__, TimeoutError):
        return "timeout"
    return "disconnected" if isinstance(problem, smtplib.SMTPServerDisconnected) else "unreachable"


@define
class SmtpSession:
    """A conversation with the server, begun when there is something to send."""

    settings: MailSettings
    context: ssl.SSLContext = field(init=False)  # made at once: nothing is claimed if it cannot be
    server: smtplib.SMTP | None = field(default=None, init=False)

    @context.default
    def _context(self) -> ssl.SSLContext:
        return self.settings.context()

    def send(self, message: EmailMessage) -> None:
        """Hands one message over. Raises Rejected, DeliveryUncertain, or what the connection raises: none was sent."""
        server = self.server = self.server or self._open()
        to = message["To"].addresses[0].addr_spec
        try:
            _hand_over(server, self.settings.profile.sender, to, message)
        except Rejected as problem:
            if problem.code == 421:
                self.close()
            else:
                self._reset()
            raise
        except smtplib.SMTPNotSupportedError:
            self._reset()
            raise
        except (DeliveryUncertain, OSError, smtplib.SMTPException):
            self.close()
            raise

    def _open(self) -> smtplib.SMTP:
        said = self.settings
        name = said.profile.domain  # of the sender: the machine's own may take a minute to find
        if said.tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                said.host, said.port, name, timeout=said.timeout, context=self.context
            )
        else:
            server = smtplib.SMTP(said.host, said.port, name, timeout=said.timeout)
        try:
            if said.tls == "starttls":
                server.starttls(context=self.context)
            server.ehlo_or_helo_if_needed()
            if said.user:
                server.login(said.user, said.password or "")
        except smtplib.SMTPNotSupportedError:  # neither encryption nor a password: a matter of settings
            server.close()
            raise smtplib.SMTPException from None
        except BaseException:
            server.close()
            raise
        return server

    def _reset(self) -> None:
        try:
            assert self.server is not None
            self.server.rset()
        except (OSError, smtplib.SMTPException):
            self.close()

    def close(self) -> None:
        """Ends the conversation; what was handed over stays so, whatever the server says now."""
        if self.server is not None:
            server, self.server = self.server, None
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()


def _hand_over(server: smtplib.SMTP, sender: str, to: str, message: EmailMessage) -> None:
    plain = sender.isascii() and to.isascii()
    code, text = server.mail(sender, [] if plain else ["SMTPUTF8", "BODY=8BITMIME"])
    if code != 250:
        raise Rejected(code, text, session=True)
    code, text = server.rcpt(to)
    if code not in (250, 251):
        raise Rejected(code, text, session=code == 421)
    code, text = server.docmd("DATA")
    if code != 354:
        raise Rejected(code, text, session=code == 421)
    content = re.sub(rb"(?m)^\.", b"..", message.as_bytes())
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    server.send(content)
    try:
        server.send(b".\r\n")
        code, text = server.getreply()
    except (OSError, smtplib.SMTPException):
        raise DeliveryUncertain from None
    if code != 250:
        raise Rejected(code, text)


# --- Letters ---


def written(engine: Engine, queued: Queued, profile: SenderProfile) -> EmailMessage:
    """The e-mail of a message, as things stand now. Raises Unsendable."""
    with engine.store.looking() as tx:
        return compose(Reader(tx, now_of(engine.clock), actor=queued.recipient), queued, profile)


@frozen
class Drafts:
    """The files written; why each message that should have one could not be written; why each other need not be."""

    files: list[Path] = Factory(list)
    failed: dict[str, str] = Factory(dict)
    aside: dict[str, str] = Factory(dict)


def write_files(engine: Engine, folder: Path, profile: SenderProfile) -> Drafts:
    """Writes what waits as `.eml` files, which a mail program opens as drafts; nothing is marked.

    What delivery would drop is left aside.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted, aside = leaving(engine)
    drafts = Drafts(aside=aside)
    for queued in wanted:
        try:
            message = written(engine, queued, profile)
        except Unsendable as problem:
            (drafts.failed if problem.needed else drafts.aside)[queued.key] = problem.reason
            continue
        message["X-Unsent"] = "1"
        path = folder / (re.sub(r"[^\w.@+-]+", "_", queued.key) + ".eml")
        write_whole(path, message.as_bytes())
        drafts.files.append(path)
    return drafts
