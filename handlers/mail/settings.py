"""Where mail is handed over: the `[mail]` table of config.toml, and COOP_MAIL_ variables, which go before it.

Nothing is sent without a host: messages then wait.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any

from attrs import field, frozen

from handlers.mail.letter import SenderProfile
from handlers.secrets import secret_in
from states.errors import WrongUsage, did_you_mean
from states.language import LANGUAGES, _

TLS = ("starttls", "tls", "none")
PORTS = {"starttls": 587, "tls": 465, "none": 25}
KEYS = (
    "host",
    "port",
    "tls",
    "ca_file",
    "user",
    "password_file",
    "sender",
    "reply_to",
    "timeout",
    "languages",
)
HERE = ("localhost", "127.0.0.1", "::1")  # where a password may travel unencrypted


@frozen
class MailSettings:
    """How to reach the server, and who writes."""

    host: str
    port: int
    tls: str
    user: str | None
    password: str | None = field(repr=False)
    timeout: float
    ca_file: str | None
    profile: SenderProfile
    rehearsal: bool = False  # the environment sets the clock: nothing leaves that nobody lets leave

    def context(self) -> ssl.SSLContext:
        """What is asked of the server's certificate: the system's authorities, or those of `ca_file`."""
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except OSError:
            raise _wrong("ca_file", self.ca_file) from None


def mail_settings(table: Mapping[str, Any], environment: Mapping[str, str]) -> MailSettings | None:
    """The settings of mail; None where no host is named. Raises WrongUsage for what cannot be understood."""
    for name in table:
        if name not in KEYS:
            raise WrongUsage(_("“{name}” is not a setting of mail.", name=name) + did_you_mean(name, KEYS))
    said = {name: str(value) for name, value in table.items() if name != "languages"}
    for name in KEYS:
        if found := environment.get(f"COOP_MAIL_{name.upper()}"):
            said[name] = found
    if not said.get("host"):
        return None
    tls = said.get("tls", "starttls")
    if tls not in TLS:
        raise _wrong("tls", tls)
    host, user = said["host"], said.get("user")
    if user and tls == "none" and host not in HERE:
        raise WrongUsage(_("A password does not leave unencrypted: set mail.tls to starttls or tls."))
    return MailSettings(
        host,
        _number(said, "port", PORTS[tls], 1, 65535),
        tls,
        user,
        _password(said, environment) if user else None,
        _number(said, "timeout", 30, 1, 300),
        said.get("ca_file"),
        sender_profile(table, environment),
        rehearses(environment),
    )


def rehearses(environment: Mapping[str, str]) -> bool:
    """Whether the environment sets the clock."""
    return bool(environment.get("COOP_NOW"))


def sender_profile(table: Mapping[str, Any], environment: Mapping[str, str]) -> SenderProfile:
    """Who writes and in which language; a sender that reaches nobody where none is set."""
    sender = environment.get("COOP_MAIL_SENDER") or str(table.get("sender", ""))
    host = environment.get("COOP_MAIL_HOST") or table.get("host")
    if host and not sender:
        raise WrongUsage(_("Mail needs a sender: set mail.sender."))
    languages = _languages(table, environment)
    if not sender:
        return SenderProfile(languages=languages)
    reply_to = environment.get("COOP_MAIL_REPLY_TO") or str(table.get("reply_to", ""))
    name, address = _one_address("sender", sender)
    answer = _one_address("reply_to", reply_to)[1] if reply_to else None
    return SenderProfile(address, name or None, answer, languages)


def _languages(table: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, str]:
    """`[mail.languages]`, or `COOP_MAIL_LANGUAGES=camille=en,requester=fr`."""
    given = table.get("languages", {})
    if told := environment.get("COOP_MAIL_LANGUAGES"):
        given = dict(pair.strip().partition("=")[::2] for pair in told.split(","))
    if not isinstance(given, Mapping) or any(language not in LANGUAGES for language in given.values()):
        raise _wrong("languages", given)
    return {str(id): str(language) for id, language in given.items()}


def _one_address(name: str, text: str) -> tuple[str, str]:
    found, address = parseaddr(text)
    user, at, domain = address.rpartition("@")
    if not (user and at and domain) or any(c.isspace() or not c.isprintable() for c in address):
        raise _wrong(name, text)
    return found, address


def _number(said: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = said.get(name)
    if text is None:
        return default
    if not (text.isdecimal() and len(text) < 6 and least <= int(text) <= most):
        raise _wrong(name, text)
    return int(text)


def _password(said: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """The password: a variable, else the first line of a file. Never in config.toml itself."""
    if found := environment.get("COOP_MAIL_PASSWORD"):
        return found
    path = said.get("password_file")
    if not path:
        raise WrongUsage(_("mail.user needs a password: COOP_MAIL_PASSWORD, or mail.password_file."))
    return secret_in(path)


def _wrong(name: str, given: object) -> WrongUsage:
    return WrongUsage(_("mail.{name} cannot be used: {given}", name=name, given=given))
